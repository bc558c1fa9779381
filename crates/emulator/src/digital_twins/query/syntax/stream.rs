//! Tokens as a parser's input, and the memory of what failed where.
//!
//! Parsers may try alternatives freely: each token that is refused is noted
//! with what would have been taken instead, and the message speaks of the
//! place furthest into the text.

use std::cell::{Cell, RefCell};
use std::fmt;

use serde_json::{Number, Value};
use winnow::Parser;
use winnow::combinator::{alt, opt};
use winnow::error::EmptyError;
use winnow::stream::{Stateful, Stream, TokenSlice};

use super::lexer::{Kind, Token};

/// How deep parentheses and `NOT` may nest, so that no text can exhaust the
/// stack. Our choice; the service's own limit is not known.
pub(in crate::digital_twins) const MAX_DEPTH: usize = 64;

/// What the parsers read.
pub(in crate::digital_twins) type Input<'t> = Stateful<TokenSlice<'t, Token>, &'t Progress>;

/// What the parsers answer; why they failed is in [`Progress`].
pub(in crate::digital_twins) type Parsed<T> = winnow::Result<T, EmptyError>;

/// Something a parser would have accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::digital_twins) enum Expected {
    /// A symbol, shown in quotes.
    Symbol(&'static str),
    /// A keyword.
    Keyword(&'static str),
    /// A kind of thing, in words.
    A(&'static str),
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Symbol(symbol) => write!(f, "'{symbol}'"),
            Self::Keyword(word) | Self::A(word) => f.write_str(word),
        }
    }
}

/// How far the parsers came and what stopped them there.
#[derive(Debug)]
pub(in crate::digital_twins) struct Progress {
    /// Tokens left at the furthest failure.
    left: Cell<usize>,
    expected: RefCell<Vec<Expected>>,
    depth: Cell<usize>,
    too_deep: Cell<bool>,
}

impl Progress {
    pub(in crate::digital_twins) fn new() -> Self {
        Self {
            left: Cell::new(usize::MAX),
            expected: RefCell::default(),
            depth: Cell::new(0),
            too_deep: Cell::new(false),
        }
    }

    fn refused(&self, left: usize, expected: Expected) {
        if left < self.left.get() {
            self.left.set(left);
            self.expected.borrow_mut().clear();
        }
        let mut all = self.expected.borrow_mut();
        if left == self.left.get() && !all.contains(&expected) {
            all.push(expected);
        }
    }

    /// The offending token and what stood against it.
    pub(in crate::digital_twins) fn stop<'t>(&self, tokens: &'t [Token]) -> Stop<'t> {
        let index = tokens.len().saturating_sub(self.left.get()).min(tokens.len() - 1);
        Stop {
            token: tokens.get(index),
            expected: self.expected.borrow().clone(),
            too_deep: self.too_deep.get(),
        }
    }
}

/// Where and why parsing stopped.
#[derive(Debug)]
pub(in crate::digital_twins) struct Stop<'t> {
    token: Option<&'t Token>,
    /// What would have been accepted, in the order it was tried.
    pub(in crate::digital_twins) expected: Vec<Expected>,
    /// Whether the text nests deeper than [`MAX_DEPTH`].
    pub(in crate::digital_twins) too_deep: bool,
}

impl Stop<'_> {
    /// Byte offset of the offending token.
    pub(in crate::digital_twins) fn at(&self, text: &str) -> usize {
        self.token.map_or(text.len(), |token| token.start)
    }

    /// The offending token as written; nothing at the end of the text.
    pub(in crate::digital_twins) fn found<'s>(&self, text: &'s str) -> Option<&'s str> {
        let token = self.token?;
        text.get(token.start..token.end).filter(|found| !found.is_empty())
    }
}

/// Runs a parser over all tokens.
pub(in crate::digital_twins) fn parse_all<'t, T>(
    tokens: &'t [Token],
    progress: &'t Progress,
    parser: impl FnOnce(&mut Input<'t>) -> Parsed<T>,
) -> Option<T> {
    let mut input = Stateful { input: TokenSlice::new(tokens), state: progress };
    let parsed = parser(&mut input).ok()?;
    end(&mut input).ok()?;
    Some(parsed)
}

fn end(input: &mut Input<'_>) -> Parsed<()> {
    accept(input, Expected::A("<EOF>"), |token| matches!(token.kind, Kind::End).then_some(()))
}

/// Takes the next token if `wanted` makes something of it.
pub(in crate::digital_twins) fn accept<'t, T>(
    input: &mut Input<'t>,
    expected: Expected,
    wanted: impl FnOnce(&'t Token) -> Option<T>,
) -> Parsed<T> {
    let start = input.checkpoint();
    if let Some(taken) = input.next_token().and_then(wanted) {
        return Ok(taken);
    }
    input.reset(&start);
    input.state.refused(input.eof_offset(), expected);
    Err(EmptyError)
}

/// Byte offset of the next token.
pub(in crate::digital_twins) fn offset(input: &Input<'_>) -> usize {
    input.first().map_or(0, |token| token.start)
}

/// A symbol.
pub(in crate::digital_twins) fn symbol<'t>(
    symbol: &'static str,
) -> impl Parser<Input<'t>, (), EmptyError> {
    move |input: &mut Input<'t>| {
        accept(input, Expected::Symbol(symbol), |token| {
            matches!(token.kind, Kind::Symbol(found) if found == symbol).then_some(())
        })
    }
}

/// A keyword, in any case.
pub(in crate::digital_twins) fn keyword<'t>(
    keyword: &'static str,
) -> impl Parser<Input<'t>, (), EmptyError> {
    move |input: &mut Input<'t>| {
        accept(input, Expected::Keyword(keyword), |token| is_keyword(token, keyword).then_some(()))
    }
}

/// Whether a token is this keyword.
pub(in crate::digital_twins) fn is_keyword(token: &Token, keyword: &str) -> bool {
    matches!(&token.kind, Kind::Word { text, escaped: false } if text.eq_ignore_ascii_case(keyword))
}

/// A string.
pub(in crate::digital_twins) fn text(input: &mut Input<'_>) -> Parsed<String> {
    accept(input, Expected::A("a string"), |token| match &token.kind {
        Kind::Text(text) => Some(text.clone()),
        _ => None,
    })
}

/// A number with its sign.
pub(in crate::digital_twins) fn number(input: &mut Input<'_>) -> Parsed<Number> {
    let negative = opt(symbol("-")).parse_next(input)?.is_some();
    accept(input, Expected::A("a number"), |token| match &token.kind {
        Kind::Number(number) if negative => negate(number),
        Kind::Number(number) => Some(number.clone()),
        _ => None,
    })
}

fn negate(number: &Number) -> Option<Number> {
    let whole = number.as_i64().map(|whole| Number::from(-whole));
    whole.or_else(|| number.as_f64().and_then(|float| Number::from_f64(-float)))
}

/// `TRUE` or `FALSE`.
pub(in crate::digital_twins) fn boolean(input: &mut Input<'_>) -> Parsed<bool> {
    alt((keyword("TRUE").value(true), keyword("FALSE").value(false))).parse_next(input)
}

/// A string, number or boolean.
pub(in crate::digital_twins) fn literal(input: &mut Input<'_>) -> Parsed<Value> {
    alt((text.map(Value::from), number.map(Value::from), boolean.map(Value::from)))
        .parse_next(input)
}

/// Runs a parser one level deeper, unless that is too deep.
pub(in crate::digital_twins) fn nested<'t, T>(
    input: &mut Input<'t>,
    parser: impl FnOnce(&mut Input<'t>) -> Parsed<T>,
) -> Parsed<T> {
    let progress = input.state;
    if progress.depth.get() >= MAX_DEPTH {
        progress.too_deep.set(true);
        return Err(EmptyError);
    }
    progress.depth.set(progress.depth.get() + 1);
    let parsed = parser(input);
    progress.depth.set(progress.depth.get() - 1);
    parsed
}
