//! A place among tokens: what stands there, taking it, and saying what was
//! expected instead.

use serde_json::Value;

use super::{
    Fault,
    lexer::{Kind, Token, lex},
};

/// How deep parentheses may nest, so that no text can exhaust the stack. Our
/// choice.
pub(in crate::iot_central) const MAX_DEPTH: usize = 64;

/// A text as tokens, read from left to right.
#[derive(Debug)]
pub(in crate::iot_central) struct Cursor<'t> {
    text: &'t str,
    tokens: Vec<Token>,
    at: usize,
}

impl<'t> Cursor<'t> {
    pub(in crate::iot_central) fn new(text: &'t str) -> Result<Self, Fault> {
        Ok(Self { text, tokens: lex(text)?, at: 0 })
    }

    /// The token at this place; behind the last one it is the end.
    pub(in crate::iot_central) fn kind(&self) -> &Kind {
        self.tokens.get(self.at).map_or(&Kind::End, |token| &token.kind)
    }

    /// The byte at which it begins.
    pub(in crate::iot_central) fn byte(&self) -> usize {
        self.tokens.get(self.at).map_or(self.text.len(), |token| token.start)
    }

    pub(in crate::iot_central) fn step(&mut self) {
        self.at += 1;
    }

    /// Takes a keyword, in any case.
    pub(in crate::iot_central) fn keyword(&mut self, keyword: &str) -> bool {
        let found = matches!(self.kind(), Kind::Word(word) if word.eq_ignore_ascii_case(keyword));
        self.at += usize::from(found);
        found
    }

    /// Takes a symbol.
    pub(in crate::iot_central) fn symbol(&mut self, symbol: &str) -> bool {
        let found = matches!(self.kind(), Kind::Symbol(found) if *found == symbol);
        self.at += usize::from(found);
        found
    }

    /// Takes a word and an opening parenthesis behind it: the start of a function.
    pub(in crate::iot_central) fn function(&mut self, name: &str) -> bool {
        let behind = self.tokens.get(self.at + 1).map(|token| &token.kind);
        if behind != Some(&Kind::Symbol("(")) || !self.keyword(name) {
            return false;
        }
        self.step();
        true
    }

    pub(in crate::iot_central) fn expect_keyword(&mut self, keyword: &str) -> Result<(), Fault> {
        if self.keyword(keyword) { Ok(()) } else { Err(self.unexpected(keyword)) }
    }

    pub(in crate::iot_central) fn expect_symbol(&mut self, symbol: &str) -> Result<(), Fault> {
        if self.symbol(symbol) { Ok(()) } else { Err(self.unexpected(symbol)) }
    }

    /// Takes a word.
    pub(in crate::iot_central) fn word(&mut self, what: &str) -> Result<String, Fault> {
        let Kind::Word(word) = self.kind() else { return Err(self.unexpected(what)) };
        let word = word.clone();
        self.step();
        Ok(word)
    }

    /// Takes a string.
    pub(in crate::iot_central) fn string(&mut self) -> Result<String, Fault> {
        let Kind::Text(text) = self.kind() else { return Err(self.unexpected("a string")) };
        let text = text.clone();
        self.step();
        Ok(text)
    }

    /// Takes a string, a number, `true`, `false` or `null`.
    pub(in crate::iot_central) fn value(&mut self) -> Result<Value, Fault> {
        let value = match self.kind() {
            Kind::Text(text) => Value::from(text.clone()),
            Kind::Number(number) => Value::from(number.clone()),
            Kind::Word(word) if word.eq_ignore_ascii_case("true") => Value::Bool(true),
            Kind::Word(word) if word.eq_ignore_ascii_case("false") => Value::Bool(false),
            Kind::Word(word) if word.eq_ignore_ascii_case("null") => Value::Null,
            _ => return Err(self.unexpected("a value")),
        };
        self.step();
        Ok(value)
    }

    /// Makes sure that nothing is left.
    pub(in crate::iot_central) fn end(&self) -> Result<(), Fault> {
        if self.kind() == &Kind::End { Ok(()) } else { Err(self.unexpected("the end")) }
    }

    /// A fault at this place.
    pub(in crate::iot_central) fn fault(&self, what: impl Into<String>) -> Fault {
        Fault::new(self.text, self.byte(), what)
    }

    /// A fault at an earlier byte.
    pub(in crate::iot_central) fn fault_at(&self, byte: usize, what: impl Into<String>) -> Fault {
        Fault::new(self.text, byte, what)
    }

    /// The fault that something else stands here than `expected`.
    pub(in crate::iot_central) fn unexpected(&self, expected: &str) -> Fault {
        let token = self.tokens.get(self.at);
        let found = token.and_then(|token| self.text.get(token.start..token.end));
        match found.filter(|found| !found.is_empty()) {
            Some(found) => {
                let shown: String = found.chars().take(60).collect();
                self.fault(format!("{expected} is expected, not {shown:?}"))
            }
            None => self.fault(format!("{expected} is expected, not the end")),
        }
    }
}
