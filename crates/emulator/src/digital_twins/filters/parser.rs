//! Tokens into a condition: `OR` binds least, then `AND`, then `NOT`.

use serde_json::Value;
use winnow::Parser;
use winnow::combinator::{alt, opt, preceded, repeat, separated, terminated};

use super::ast::{Attribute, Condition, Operand};
use crate::digital_twins::query::syntax::Fault;
use crate::digital_twins::query::syntax::lexer::{Kind, lex};
use crate::digital_twins::query::syntax::stream::{
    Expected, Input, MAX_DEPTH, Parsed, Progress, Stop, accept, boolean, keyword, literal, nested,
    parse_all, symbol,
};
use crate::digital_twins::query::values::{Comparison, TextTest};

/// Words that are no names.
const RESERVED: [&str; 5] = ["AND", "OR", "NOT", "TRUE", "FALSE"];

/// The name under which paths into the event's payload start.
const BODY: &str = "$body";

/// Reads a whole filter: its form first, then the names in it.
pub(super) fn parse(text: &str) -> Result<Condition, Fault> {
    let tokens = lex(text)?;
    let progress = Progress::new();
    let condition = parse_all(&tokens, &progress, condition)
        .ok_or_else(|| fault(text, &progress.stop(&tokens)))?;
    condition.try_map(&resolve)
}

fn fault(text: &str, stop: &Stop<'_>) -> Fault {
    let at = stop.at(text);
    match stop.found(text) {
        _ if stop.too_deep => {
            Fault::new(at, format!("Conditions nest deeper than {MAX_DEPTH} levels"))
        }
        Some(found) => Fault::new(at, format!("Unexpected input '{found}'")),
        None => Fault::new(at, "Unexpected end of input"),
    }
}

/// One side of a comparison as written.
enum Named {
    Literal(Value),
    Path { at: usize, first: String, rest: Vec<String> },
}

fn resolve(operand: Named) -> Result<Operand, Fault> {
    match operand {
        Named::Literal(value) => Ok(Operand::Literal(value)),
        Named::Path { first, rest, .. } if first == BODY && !rest.is_empty() => {
            Ok(Operand::Body(rest))
        }
        Named::Path { at, first, rest } => match Attribute::named(&first) {
            Some(attribute) if rest.is_empty() => Ok(Operand::Attribute(attribute)),
            _ => Err(Fault::new(at, format!("Unknown attribute '{first}'"))),
        },
    }
}

fn condition(input: &mut Input<'_>) -> Parsed<Condition<Named>> {
    separated(1.., conjunction, keyword("OR"))
        .map(|members| joined(members, Condition::Or))
        .parse_next(input)
}

fn conjunction(input: &mut Input<'_>) -> Parsed<Condition<Named>> {
    separated(1.., negation, keyword("AND"))
        .map(|members| joined(members, Condition::And))
        .parse_next(input)
}

/// A single member stands for itself.
fn joined(
    mut members: Vec<Condition<Named>>,
    many: fn(Vec<Condition<Named>>) -> Condition<Named>,
) -> Condition<Named> {
    match members.pop() {
        Some(only) if members.is_empty() => only,
        last => {
            members.extend(last);
            many(members)
        }
    }
}

fn negation(input: &mut Input<'_>) -> Parsed<Condition<Named>> {
    if opt(keyword("NOT")).parse_next(input)?.is_some() {
        return Ok(Condition::Not(Box::new(nested(input, negation)?)));
    }
    alt((group, text_test, comparison, boolean.map(Condition::Constant))).parse_next(input)
}

fn group(input: &mut Input<'_>) -> Parsed<Condition<Named>> {
    symbol("(").parse_next(input)?;
    let inner = nested(input, condition)?;
    symbol(")").parse_next(input)?;
    Ok(inner)
}

fn text_test(input: &mut Input<'_>) -> Parsed<Condition<Named>> {
    let function = |word, test| keyword(word).value(test);
    let test = alt((
        function("STARTS_WITH", TextTest::StartsWith),
        function("ENDS_WITH", TextTest::EndsWith),
        function("CONTAINS", TextTest::Contains),
    ))
    .parse_next(input)?;
    let text = preceded(symbol("("), terminated(operand, symbol(","))).parse_next(input)?;
    let part = terminated(operand, symbol(")")).parse_next(input)?;
    Ok(Condition::Text { test, text, part })
}

fn comparison(input: &mut Input<'_>) -> Parsed<Condition<Named>> {
    let left = operand(input)?;
    let comparison = alt((
        symbol("=").value(Comparison::Equal),
        symbol("!=").value(Comparison::NotEqual),
        symbol("<=").value(Comparison::LessOrEqual),
        symbol(">=").value(Comparison::GreaterOrEqual),
        symbol("<").value(Comparison::Less),
        symbol(">").value(Comparison::Greater),
    ))
    .parse_next(input)?;
    let right = operand(input)?;
    Ok(Condition::Compare { left, comparison, right })
}

fn operand(input: &mut Input<'_>) -> Parsed<Named> {
    alt((path, literal.map(Named::Literal))).parse_next(input)
}

fn path(input: &mut Input<'_>) -> Parsed<Named> {
    let (at, first) = name(input)?;
    let rest = repeat(0.., preceded(symbol("."), name).map(|(_, name)| name)).parse_next(input)?;
    Ok(Named::Path { at, first, rest })
}

fn name(input: &mut Input<'_>) -> Parsed<(usize, String)> {
    accept(input, Expected::A("a name"), |token| {
        let Kind::Word { text, escaped } = &token.kind else { return None };
        let reserved = RESERVED.iter().any(|word| text.eq_ignore_ascii_case(word));
        (*escaped || !reserved).then(|| (token.start, text.clone()))
    })
}
