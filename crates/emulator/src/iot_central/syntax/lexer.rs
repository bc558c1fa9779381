//! Text into tokens.
//!
//! - A word is letters, digits, `_` and `$`, not starting with a digit; it may go
//!   on with `.`, `:`, `;` and `-` where a letter or digit follows, so that paths
//!   and ids of models are words.
//! - A string stands in single or double quotes; the quote twice is the quote.
//! - A number is digits with an optional sign, fraction and exponent.

use serde_json::Number;
use winnow::{
    Parser,
    ascii::{digit1, multispace0},
    combinator::{alt, delimited, opt, repeat},
    error::EmptyError,
    stream::{LocatingSlice, Location, Stream},
    token::{literal, none_of, one_of, take_while},
};

use super::Fault;

/// One token and the byte it begins at.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::iot_central) struct Token {
    pub(in crate::iot_central) kind: Kind,
    pub(in crate::iot_central) start: usize,
    pub(in crate::iot_central) end: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub(in crate::iot_central) enum Kind {
    /// A keyword or a name.
    Word(String),
    /// A string, its escapes resolved.
    Text(String),
    Number(Number),
    Symbol(&'static str),
    /// The end of the text; always the last token.
    End,
}

/// The symbols, longer ones before those they start with.
const SYMBOLS: [&str; 12] = ["!=", "<>", "<=", ">=", "<", ">", "=", "(", ")", ",", "[", "]"];

type Input<'s> = LocatingSlice<&'s str>;
type Lexed<T> = winnow::Result<T, EmptyError>;

/// Cuts a text into tokens; `*` is one where it stands alone.
pub(in crate::iot_central) fn lex(text: &str) -> Result<Vec<Token>, Fault> {
    let mut input = LocatingSlice::new(text);
    let mut tokens = Vec::new();
    loop {
        let _: Lexed<_> = multispace0.parse_next(&mut input);
        let start = input.current_token_start();
        if input.eof_offset() == 0 {
            tokens.push(Token { kind: Kind::End, start, end: start });
            return Ok(tokens);
        }
        let lexed: Lexed<Kind> = alt((word, number, string, symbol)).parse_next(&mut input);
        let kind = lexed.map_err(|EmptyError| unreadable(text, start))?;
        tokens.push(Token { kind, start, end: input.current_token_start() });
    }
}

fn unreadable(text: &str, start: usize) -> Fault {
    let first = text.get(start..).and_then(|rest| rest.chars().next()).unwrap_or_default();
    let what = match first {
        '\'' | '"' => "a string has no closing quote".to_owned(),
        digit if digit.is_ascii_digit() => "a number is out of range".to_owned(),
        other => format!("{:?} is not expected", other.to_string()),
    };
    Fault::new(text, start, what)
}

fn word(input: &mut Input<'_>) -> Lexed<Kind> {
    let first = |c: char| c.is_alphabetic() || matches!(c, '_' | '$');
    let more = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$');
    let joint = |c: char| matches!(c, '.' | ':' | ';' | '-');
    let joined = (take_while(1.., joint), take_while(1.., more)).void();
    (one_of(first), take_while(0.., more), repeat::<_, _, (), _, _>(0.., joined))
        .take()
        .map(|text: &str| Kind::Word(text.to_owned()))
        .parse_next(input)
}

fn number(input: &mut Input<'_>) -> Lexed<Kind> {
    let exponent = (one_of(['e', 'E']), opt(one_of(['+', '-'])), digit1);
    (opt('-'), digit1, opt(('.', digit1)), opt(exponent))
        .take()
        .verify_map(|text: &str| {
            let whole = text.parse::<i64>().ok().map(Number::from);
            whole.or_else(|| text.parse().ok().and_then(Number::from_f64)).map(Kind::Number)
        })
        .parse_next(input)
}

fn string(input: &mut Input<'_>) -> Lexed<Kind> {
    alt((quoted('\'', "''"), quoted('"', "\"\""))).map(Kind::Text).parse_next(input)
}

fn quoted<'s>(quote: char, twice: &'static str) -> impl Parser<Input<'s>, String, EmptyError> {
    let character = alt((literal(twice).value(quote), none_of(quote)));
    delimited(quote, repeat(0.., character), quote)
}

fn symbol(input: &mut Input<'_>) -> Lexed<Kind> {
    let read = |symbol: &&str| {
        let found: Lexed<&str> = literal(*symbol).parse_next(input);
        found.is_ok()
    };
    let found = SYMBOLS.into_iter().chain(["*"]).find(read);
    found.map(Kind::Symbol).ok_or(EmptyError)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<Kind> {
        lex(text).unwrap().into_iter().map(|token| token.kind).collect()
    }

    fn word(text: &str) -> Kind {
        Kind::Word(text.to_owned())
    }

    fn text(text: &str) -> Kind {
        Kind::Text(text.to_owned())
    }

    #[test]
    fn words_take_in_paths_and_ids_of_models() {
        assert_eq!(
            kinds("$template=a.b dtmi:x:y_1;2, *"),
            [
                word("$template"),
                Kind::Symbol("="),
                word("a.b"),
                word("dtmi:x:y_1;2"),
                Kind::Symbol(","),
                Kind::Symbol("*"),
                Kind::End,
            ]
        );
    }

    #[test]
    fn quotes_are_escaped_by_a_second_one() {
        assert_eq!(kinds("'it''s'\"a \"\"b\"\"\""), [text("it's"), text("a \"b\""), Kind::End]);
        assert_eq!(kinds("'\"'''"), [text("\"'"), Kind::End]);
    }

    #[test]
    fn numbers_keep_their_kind() {
        let half = Number::from_f64(-0.5).unwrap();
        assert_eq!(kinds("12 -0.5"), [Kind::Number(12.into()), Kind::Number(half), Kind::End]);
    }

    #[test]
    fn what_is_no_token_is_named_with_its_place() {
        for (text, place, what) in
            [("ä ~", 3, "not expected"), ("a 'b", 3, "closing quote"), ("1e999", 1, "out of range")]
        {
            let fault = lex(text).unwrap_err();
            assert!(fault.place == place && fault.what.contains(what), "{fault}");
        }
    }
}
