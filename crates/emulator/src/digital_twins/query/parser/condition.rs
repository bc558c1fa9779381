//! The `WHERE` clause: `OR` binds least, then `AND`, then `NOT`.

use winnow::Parser;
use winnow::combinator::{alt, delimited, opt, preceded, separated, terminated};

use super::super::ast::{Condition, Literal, Operand, TypeTest};
use super::super::syntax::stream::{
    Expected, Input, Parsed, accept, boolean, is_keyword, keyword, literal, nested, offset, symbol,
    text,
};
use super::super::values::{Comparison, TextTest};
use super::{name, path};

/// A whole condition.
pub(super) fn condition(input: &mut Input<'_>) -> Parsed<Condition> {
    let members: Vec<Condition> = separated(1.., conjunction, keyword("OR")).parse_next(input)?;
    Ok(join(members, Condition::Or))
}

fn conjunction(input: &mut Input<'_>) -> Parsed<Condition> {
    let members: Vec<Condition> = separated(1.., negation, keyword("AND")).parse_next(input)?;
    Ok(join(members, Condition::And))
}

/// A single member stands for itself.
fn join(mut members: Vec<Condition>, many: fn(Vec<Condition>) -> Condition) -> Condition {
    match members.pop() {
        Some(only) if members.is_empty() => only,
        last => {
            members.extend(last);
            many(members)
        }
    }
}

fn negation(input: &mut Input<'_>) -> Parsed<Condition> {
    if opt(keyword("NOT")).parse_next(input)?.is_some() {
        return Ok(not(nested(input, negation)?));
    }
    alt((group, function, comparison)).parse_next(input)
}

fn not(condition: Condition) -> Condition {
    Condition::Not(Box::new(condition))
}

fn group(input: &mut Input<'_>) -> Parsed<Condition> {
    symbol("(").parse_next(input)?;
    let inner = nested(input, condition)?;
    symbol(")").parse_next(input)?;
    Ok(inner)
}

fn comparison(input: &mut Input<'_>) -> Parsed<Condition> {
    let left = operand(input)?;
    let negated_in = alt(((keyword("NOT"), keyword("IN")).void(), keyword("NIN")));
    if opt(keyword("IN")).parse_next(input)?.is_some() {
        return Ok(Condition::In { operand: left, list: list(input)? });
    }
    if opt(negated_in).parse_next(input)?.is_some() {
        return Ok(not(Condition::In { operand: left, list: list(input)? }));
    }
    let comparison = comparator(input)?;
    let right = operand(input)?;
    Ok(Condition::Compare { left, comparison, right })
}

fn comparator(input: &mut Input<'_>) -> Parsed<Comparison> {
    alt((
        symbol("=").value(Comparison::Equal),
        symbol("!=").value(Comparison::NotEqual),
        symbol("<=").value(Comparison::LessOrEqual),
        symbol(">=").value(Comparison::GreaterOrEqual),
        symbol("<").value(Comparison::Less),
        symbol(">").value(Comparison::Greater),
    ))
    .parse_next(input)
}

fn operand(input: &mut Input<'_>) -> Parsed<Operand> {
    alt((path.map(Operand::Path), literal.map(Operand::Literal))).parse_next(input)
}

fn text_operand(input: &mut Input<'_>) -> Parsed<Operand> {
    alt((path.map(Operand::Path), text.map(|text| Operand::Literal(text.into())))).parse_next(input)
}

fn list(input: &mut Input<'_>) -> Parsed<Vec<Literal>> {
    delimited(symbol("["), separated(1.., item, symbol(",")), symbol("]")).parse_next(input)
}

fn item(input: &mut Input<'_>) -> Parsed<Literal> {
    Ok(Literal { at: offset(input), value: literal(input)? })
}

/// A function is a condition by itself; `= true` or `= false` may follow it.
fn function(input: &mut Input<'_>) -> Parsed<Condition> {
    let called = call(input)?;
    let equality = alt((symbol("=").value(true), symbol("!=").value(false)));
    Ok(match opt((equality, boolean)).parse_next(input)? {
        Some((equal, wanted)) if equal != wanted => not(called),
        _ => called,
    })
}

fn call(input: &mut Input<'_>) -> Parsed<Condition> {
    alt((type_test, text_test, array_contains, of_model)).parse_next(input)
}

fn type_test(input: &mut Input<'_>) -> Parsed<Condition> {
    let of = |word, test| arguments(word, path).map(move |path| Condition::Is { test, path });
    alt((
        of("IS_DEFINED", TypeTest::Defined),
        of("IS_NULL", TypeTest::Null),
        of("IS_BOOL", TypeTest::Boolean),
        of("IS_NUMBER", TypeTest::Number),
        of("IS_STRING", TypeTest::String),
        of("IS_OBJECT", TypeTest::Object),
        of("IS_PRIMITIVE", TypeTest::Primitive),
    ))
    .parse_next(input)
}

fn text_test(input: &mut Input<'_>) -> Parsed<Condition> {
    let of = |word, test| {
        arguments(word, (terminated(text_operand, symbol(",")), text_operand))
            .map(move |(text, part)| Condition::Text { test, text, part })
    };
    alt((
        of("CONTAINS", TextTest::Contains),
        of("STARTSWITH", TextTest::StartsWith),
        of("ENDSWITH", TextTest::EndsWith),
    ))
    .parse_next(input)
}

fn array_contains(input: &mut Input<'_>) -> Parsed<Condition> {
    arguments("ARRAY_CONTAINS", (terminated(path, symbol(",")), operand))
        .map(|(array, item)| Condition::ArrayContains { array, item })
        .parse_next(input)
}

fn of_model(input: &mut Input<'_>) -> Parsed<Condition> {
    let at = offset(input);
    let (collection, model, exact) = arguments(
        "IS_OF_MODEL",
        (
            opt(terminated(name, symbol(","))),
            text,
            opt(preceded(symbol(","), keyword("EXACT"))).map(|exact| exact.is_some()),
        ),
    )
    .parse_next(input)?;
    Ok(Condition::OfModel { at, collection, model, exact })
}

/// `word(inner)`. The word alone may be a property's name, so that it counts
/// as a function only with its parenthesis.
fn arguments<'t, T>(
    word: &'static str,
    inner: impl Parser<Input<'t>, T, winnow::error::EmptyError>,
) -> impl Parser<Input<'t>, T, winnow::error::EmptyError> {
    let name = move |input: &mut Input<'t>| {
        accept(input, Expected::A("a function"), |token| is_keyword(token, word).then_some(()))
    };
    delimited((name, symbol("(")), inner, symbol(")"))
}
