//! Tokens into a [`Query`], by the grammar in the module documentation of
//! [`super`]. It checks form only; names and limits come later.

mod condition;
mod pattern;

use winnow::Parser;
use winnow::combinator::{alt, delimited, opt, preceded, repeat, separated};

use super::ast::{Count, Item, Items, Join, Name, Path, Query, Selection, Source};
use super::syntax::Fault;
use super::syntax::lexer::{Kind, lex};
use super::syntax::stream::{
    Expected, Input, MAX_DEPTH, Parsed, Progress, Stop, accept, keyword, offset, parse_all, symbol,
};

/// Words that stand for a name only inside `[[ ]]`.
const RESERVED: [&str; 38] = [
    "ALL",
    "AND",
    "AS",
    "ASC",
    "AVG",
    "BY",
    "COUNT",
    "DESC",
    "DEVICES",
    "DEVICES_JOBS",
    "DEVICES_MODULES",
    "ENDS_WITH",
    "FALSE",
    "FROM",
    "GROUP",
    "IN",
    "IS_BOOL",
    "IS_DEFINED",
    "IS_NULL",
    "IS_NUMBER",
    "IS_OBJECT",
    "IS_OF_MODEL",
    "IS_PRIMITIVE",
    "IS_STRING",
    "MAX",
    "MIN",
    "NOT",
    "NOT_IN",
    "NULL",
    "OR",
    "ORDER",
    "SELECT",
    "STARTS_WITH",
    "SUM",
    "TOP",
    "TRUE",
    "WHERE",
    "NIN",
];

/// Words that begin the next clause where an alias could stand; no alias is
/// called so except inside `[[ ]]`.
const CLAUSES: [&str; 2] = ["JOIN", "MATCH"];

const A_NAME: Expected = Expected::A("a name");

/// A parsed query and where its `AND` and `OR` operators stand.
pub(super) struct Parse {
    pub(super) query: Query,
    pub(super) operators: Vec<usize>,
}

/// Parses a whole query.
pub(super) fn parse(text: &str) -> Result<Parse, Fault> {
    let tokens = lex(text)?;
    let progress = Progress::new();
    let Some(query) = parse_all(&tokens, &progress, query) else {
        return Err(fault(text, &progress.stop(&tokens)));
    };
    // Both words are reserved: as bare words they are nothing but operators.
    let operator = |kind: &Kind| match kind {
        Kind::Word { text, escaped: false } => {
            text.eq_ignore_ascii_case("AND") || text.eq_ignore_ascii_case("OR")
        }
        _ => false,
    };
    let operators =
        tokens.iter().filter(|token| operator(&token.kind)).map(|token| token.start).collect();
    Ok(Parse { query, operators })
}

/// Says why a text could not be read: what stands there and what was expected.
fn fault(text: &str, stop: &Stop<'_>) -> Fault {
    let at = stop.at(text);
    if stop.too_deep {
        return Fault::new(at, format!("conditions nest deeper than {MAX_DEPTH} levels"));
    }
    let expected = match stop.expected.as_slice() {
        [only @ (Expected::Symbol(_) | Expected::Keyword(_))] => {
            if let Some(found) = stop.found(text) {
                return Fault::new(at, format!("missing {only} at '{found}'"));
            }
            only.to_string()
        }
        [only] => only.to_string(),
        many => {
            let names: Vec<String> = many.iter().map(ToString::to_string).collect();
            format!("{{{}}}", names.join(", "))
        }
    };
    let found = stop.found(text).unwrap_or("<EOF>");
    let hint = if stop.expected.contains(&A_NAME) && is_reserved(found) {
        format!(" (a reserved word is one as [[{found}]])")
    } else {
        String::new()
    };
    Fault::new(at, format!("mismatched input '{found}' expecting {expected}{hint}"))
}

fn is_reserved(word: &str) -> bool {
    RESERVED.iter().any(|reserved| word.eq_ignore_ascii_case(reserved))
}

fn query(input: &mut Input<'_>) -> Parsed<Query> {
    let selection = preceded(keyword("SELECT"), selection).parse_next(input)?;
    let source = preceded(keyword("FROM"), source).parse_next(input)?;
    let joins = repeat(0.., preceded(keyword("JOIN"), join)).parse_next(input)?;
    let pattern = opt(pattern::pattern).parse_next(input)?;
    let condition = opt(preceded(keyword("WHERE"), condition::condition)).parse_next(input)?;
    Ok(Query { selection, source, joins, pattern, condition })
}

fn selection(input: &mut Input<'_>) -> Parsed<Selection> {
    let at = offset(input);
    let list = || separated(1.., item, symbol(",")).map(Items::List);
    let top = opt(preceded(keyword("TOP"), parenthesised(count))).parse_next(input)?;
    let items = if top.is_some() {
        opt(list()).parse_next(input)?.unwrap_or(Items::All)
    } else {
        alt((
            symbol("*").value(Items::All),
            (keyword("COUNT"), symbol("("), symbol(")")).value(Items::Count),
            list(),
        ))
        .parse_next(input)?
    };
    Ok(Selection { at, top, items })
}

fn item(input: &mut Input<'_>) -> Parsed<Item> {
    let path = path(input)?;
    let alias = opt(preceded(keyword("AS"), name)).parse_next(input)?;
    Ok(Item { path, alias })
}

fn source(input: &mut Input<'_>) -> Parsed<Source> {
    let at = offset(input);
    let relationships =
        alt((keyword("DIGITALTWINS").value(false), keyword("RELATIONSHIPS").value(true)))
            .parse_next(input)?;
    let alias = opt(alias).parse_next(input)?;
    Ok(Source { at, relationships, alias })
}

fn join(input: &mut Input<'_>) -> Parsed<Join> {
    let twin = name(input)?;
    let from = preceded(keyword("RELATED"), name).parse_next(input)?;
    let relationship = preceded(symbol("."), name).parse_next(input)?;
    let variable = opt(alias).parse_next(input)?;
    Ok(Join { twin, from, relationship, variable })
}

/// A name, reserved words excluded.
fn name(input: &mut Input<'_>) -> Parsed<Name> {
    name_beyond(input, &[])
}

/// A name that is not the start of the next clause either.
fn alias(input: &mut Input<'_>) -> Parsed<Name> {
    name_beyond(input, &CLAUSES)
}

fn name_beyond(input: &mut Input<'_>, excluded: &[&str]) -> Parsed<Name> {
    accept(input, A_NAME, |token| {
        let Kind::Word { text, escaped } = &token.kind else { return None };
        let is_excluded = excluded.iter().any(|word| text.eq_ignore_ascii_case(word));
        if !escaped && (is_reserved(text) || is_excluded) {
            return None;
        }
        Some(Name { text: text.clone(), at: token.start })
    })
}

fn path(input: &mut Input<'_>) -> Parsed<Path> {
    let first = name(input)?;
    let rest = repeat(0.., preceded(symbol("."), name)).parse_next(input)?;
    Ok(Path { first, rest })
}

/// A whole number without a sign.
fn count(input: &mut Input<'_>) -> Parsed<Count> {
    accept(input, Expected::A("a whole number"), |token| {
        let Kind::Number(number) = &token.kind else { return None };
        Some(Count { at: token.start, value: number.as_u64()? })
    })
}

fn parenthesised<'t, T>(
    parser: impl FnMut(&mut Input<'t>) -> Parsed<T>,
) -> impl Parser<Input<'t>, T, winnow::error::EmptyError> {
    delimited(symbol("("), parser, symbol(")"))
}
