//! Text into tokens.
//!
//! - A word is letters, digits, `_` and `$`, not starting with a digit.
//! - `[[any text]]` is a word too, and never a keyword; directly behind `-` the
//!   brackets open the edge of a pattern instead.
//! - A string stands in single quotes; `\'` is a quote and `\\` a backslash
//!   (our choice: any other backslash stands for itself).
//! - A number is digits with an optional fraction and exponent; its sign is a
//!   token of its own. `1..3` is two numbers.

use serde_json::Number;
use winnow::Parser;
use winnow::ascii::{digit1, multispace0};
use winnow::combinator::{alt, delimited, opt, preceded, repeat};
use winnow::error::EmptyError;
use winnow::stream::{LocatingSlice, Location, Stream};
use winnow::token::{literal, none_of, one_of, take_until, take_while};

use super::Fault;

/// One token and the bytes it covers.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::digital_twins) struct Token {
    pub(in crate::digital_twins) kind: Kind,
    /// Byte offset of the first character.
    pub(in crate::digital_twins) start: usize,
    /// Byte offset behind the last character.
    pub(in crate::digital_twins) end: usize,
}

/// What a token is.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::digital_twins) enum Kind {
    /// A keyword or a name; `escaped` if it stood in `[[ ]]`.
    Word { text: String, escaped: bool },
    /// A string, its escapes resolved.
    Text(String),
    /// A number without its sign.
    Number(Number),
    /// An operator or a bracket.
    Symbol(&'static str),
    /// The end of the text; always the last token.
    End,
}

/// The symbols, longer ones before those they start with.
const SYMBOLS: [&str; 17] =
    ["!=", "<=", ">=", "..", "<", ">", "=", "(", ")", "[", "]", ",", ".", "*", "-", "|", ":"];

type Input<'s> = LocatingSlice<&'s str>;
type Lexed<T> = winnow::Result<T, EmptyError>;

/// Cuts a text into tokens.
pub(in crate::digital_twins) fn lex(text: &str) -> Result<Vec<Token>, Fault> {
    let mut input = LocatingSlice::new(text);
    let mut tokens: Vec<Token> = Vec::new();
    loop {
        let _: Lexed<_> = multispace0.parse_next(&mut input);
        let start = input.current_token_start();
        if input.eof_offset() == 0 {
            tokens.push(Token { kind: Kind::End, start, end: start });
            return Ok(tokens);
        }
        let opens_edge = tokens.last().is_some_and(|token| matches!(token.kind, Kind::Symbol("-")));
        let lexed: Lexed<Kind> = if opens_edge {
            alt((word, number, string, symbol)).parse_next(&mut input)
        } else {
            alt((escaped_word, word, number, string, symbol)).parse_next(&mut input)
        };
        let kind = lexed.map_err(|EmptyError| unreadable(text, start))?;
        tokens.push(Token { kind, start, end: input.current_token_start() });
    }
}

fn unreadable(text: &str, start: usize) -> Fault {
    let rest = text.get(start..).unwrap_or_default();
    let first = rest.chars().next().unwrap_or_default();
    if first == '\'' {
        Fault::new(start, "string without a closing quote")
    } else if first.is_ascii_digit() {
        Fault::new(start, "number out of range")
    } else {
        Fault::new(start, format!("token recognition error at: '{}'", first.escape_debug()))
    }
}

fn escaped_word(input: &mut Input<'_>) -> Lexed<Kind> {
    delimited("[[", take_until(1.., "]]"), "]]")
        .map(|text: &str| Kind::Word { text: text.to_owned(), escaped: true })
        .parse_next(input)
}

fn word(input: &mut Input<'_>) -> Lexed<Kind> {
    let first = |c: char| c.is_alphabetic() || c == '_' || c == '$';
    let rest = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    (one_of(first), take_while(0.., rest))
        .take()
        .map(|text: &str| Kind::Word { text: text.to_owned(), escaped: false })
        .parse_next(input)
}

fn number(input: &mut Input<'_>) -> Lexed<Kind> {
    (digit1, opt(('.', digit1)), opt((one_of(['e', 'E']), opt(one_of(['+', '-'])), digit1)))
        .take()
        .verify_map(|text: &str| {
            let whole = text.parse::<u64>().ok().map(Number::from);
            whole.or_else(|| text.parse().ok().and_then(Number::from_f64)).map(Kind::Number)
        })
        .parse_next(input)
}

fn string(input: &mut Input<'_>) -> Lexed<Kind> {
    let character = alt((preceded('\\', one_of(['\'', '\\'])), none_of('\'')));
    delimited('\'', repeat(0.., character), '\'').map(Kind::Text).parse_next(input)
}

fn symbol(input: &mut Input<'_>) -> Lexed<Kind> {
    let read = |symbol: &&str| {
        let found: Lexed<&str> = literal(*symbol).parse_next(input);
        found.is_ok()
    };
    SYMBOLS.into_iter().find(read).map(Kind::Symbol).ok_or(EmptyError)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<Kind> {
        let mut kinds: Vec<Kind> = lex(text).unwrap().into_iter().map(|token| token.kind).collect();
        assert_eq!(kinds.pop(), Some(Kind::End));
        kinds
    }

    fn word(text: &str) -> Kind {
        Kind::Word { text: text.to_owned(), escaped: false }
    }

    fn escaped(text: &str) -> Kind {
        Kind::Word { text: text.to_owned(), escaped: true }
    }

    #[test]
    fn words_strings_and_symbols() {
        assert_eq!(
            kinds("T.$dtId>='a\\'b\\\\c\\d'"),
            [
                word("T"),
                Kind::Symbol("."),
                word("$dtId"),
                Kind::Symbol(">="),
                Kind::Text("a'b\\c\\d".to_owned()),
            ]
        );
    }

    #[test]
    fn numbers_keep_their_kind_and_leave_ranges_alone() {
        assert_eq!(
            kinds("12 1.5 2e3 1..3"),
            [
                Kind::Number(12.into()),
                Kind::Number(Number::from_f64(1.5).unwrap()),
                Kind::Number(Number::from_f64(2000.0).unwrap()),
                Kind::Number(1.into()),
                Kind::Symbol(".."),
                Kind::Number(3.into()),
            ]
        );
        assert_eq!(lex("1e999").unwrap_err(), Fault::new(0, "number out of range"));
    }

    #[test]
    fn escaped_words_and_edges_share_their_brackets() {
        assert_eq!(kinds("[[Group]]"), [escaped("Group")]);
        let dash = Kind::Symbol("-");
        assert_eq!(
            kinds("-[[[Group]]]-"),
            [dash.clone(), Kind::Symbol("["), escaped("Group"), Kind::Symbol("]"), dash]
        );
        assert_eq!(kinds("[[a b-c]]"), [escaped("a b-c")]);
    }

    #[test]
    fn what_is_no_token_is_named_with_its_place() {
        assert_eq!(lex("a ; b").unwrap_err(), Fault::new(2, "token recognition error at: ';'"));
        assert_eq!(lex("a 'b").unwrap_err(), Fault::new(2, "string without a closing quote"));
        assert_eq!(lex("\"b\"").unwrap_err().at, 0);
    }
}
