//! The `MATCH` clause.

use winnow::Parser;
use winnow::combinator::{alt, delimited, opt, preceded, repeat, separated, terminated};

use super::super::ast::{Direction, Edge, Hops, Match, Node};
use super::super::syntax::stream::{Input, Parsed, keyword, offset, symbol};
use super::{count, name};

/// `MATCH (node) edge (node) ...`
pub(super) fn pattern(input: &mut Input<'_>) -> Parsed<Match> {
    let at = offset(input);
    let first = preceded(keyword("MATCH"), node).parse_next(input)?;
    let steps = repeat(0.., (edge, node)).parse_next(input)?;
    Ok(Match { at, first, steps })
}

fn node(input: &mut Input<'_>) -> Parsed<Node> {
    let at = offset(input);
    let name = delimited(symbol("("), opt(name), symbol(")")).parse_next(input)?;
    Ok(Node { at, name })
}

fn edge(input: &mut Input<'_>) -> Parsed<Edge> {
    alt((
        preceded(symbol("<"), dashed).map(|edge| Edge { direction: Direction::Left, ..edge }),
        (dashed, opt(symbol(">"))).map(|(edge, arrow)| match arrow {
            Some(()) => Edge { direction: Direction::Right, ..edge },
            None => edge,
        }),
    ))
    .parse_next(input)
}

/// `-[variable:names*hops]-`
fn dashed(input: &mut Input<'_>) -> Parsed<Edge> {
    let at = offset(input);
    let _ = (symbol("-"), symbol("[")).parse_next(input)?;
    let variable = opt(name).parse_next(input)?;
    let alternatives = separated(1.., name.map(|name| name.text), symbol("|"));
    let names: Option<Vec<String>> = opt(preceded(symbol(":"), alternatives)).parse_next(input)?;
    let hops = opt(preceded(symbol("*"), hops)).parse_next(input)?;
    let _ = (symbol("]"), symbol("-")).parse_next(input)?;
    let names = names.unwrap_or_default();
    Ok(Edge { at, variable, names, hops, direction: Direction::Either })
}

fn hops(input: &mut Input<'_>) -> Parsed<Hops> {
    alt((
        preceded(symbol(".."), count).map(Hops::UpTo),
        (terminated(count, symbol("..")), count).map(|(from, to)| Hops::Between(from, to)),
        count.map(Hops::Exactly),
    ))
    .parse_next(input)
}
