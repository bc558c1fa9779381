//! From the words of a filter to a condition. `and` binds more than `or`.

use serde_json::Value;

use super::{
    Comparison, Condition, Operand, TextTest,
    lexer::{Fault, Kind, Token, tokens},
};
use crate::itwin::itwins::list::member;

/// Most levels of brackets.
const DEPTH: usize = 50;

pub(super) fn parse(text: &str) -> Result<Condition, Fault> {
    let tokens = tokens(text)?;
    let mut parser = Parser { tokens: &tokens, end: text.len(), depth: 0 };
    let condition = parser.any()?;
    match parser.tokens.first() {
        None => Ok(condition),
        Some(token) => Err(Fault::new(token.position, "nothing is expected here")),
    }
}

struct Parser<'p> {
    tokens: &'p [Token<'p>],
    end: usize,
    depth: usize,
}

impl<'p> Parser<'p> {
    fn position(&self) -> usize {
        self.tokens.first().map_or(self.end, |token| token.position)
    }

    fn fault<T>(&self, what: &str) -> Result<T, Fault> {
        Err(Fault::new(self.position(), what))
    }

    fn next(&mut self) -> Option<&'p Token<'p>> {
        let (first, rest) = self.tokens.split_first()?;
        self.tokens = rest;
        Some(first)
    }

    /// Takes a keyword if it comes next.
    fn takes(&mut self, keyword: &str) -> bool {
        let is_next = matches!(self.tokens.first().map(|token| &token.kind),
            Some(Kind::Word(word)) if word.eq_ignore_ascii_case(keyword));
        if is_next {
            self.next();
        }
        is_next
    }

    fn expects(&mut self, kind: &Kind<'_>, what: &str) -> Result<(), Fault> {
        if self.tokens.first().is_some_and(|token| token.kind == *kind) {
            self.next();
            return Ok(());
        }
        self.fault(what)
    }

    fn any(&mut self) -> Result<Condition, Fault> {
        let first = self.all()?;
        let mut parts = vec![first];
        while self.takes("or") {
            parts.push(self.all()?);
        }
        Ok(Condition::Any(parts))
    }

    fn all(&mut self) -> Result<Condition, Fault> {
        let first = self.one()?;
        let mut parts = vec![first];
        while self.takes("and") {
            parts.push(self.one()?);
        }
        Ok(Condition::All(parts))
    }

    fn one(&mut self) -> Result<Condition, Fault> {
        if self.depth >= DEPTH {
            return self.fault("the filter is too deep");
        }
        self.depth += 1;
        let condition = self.one_at_this_depth();
        self.depth -= 1;
        condition
    }

    fn one_at_this_depth(&mut self) -> Result<Condition, Fault> {
        if self.takes("not") {
            return Ok(Condition::Not(Box::new(self.one()?)));
        }
        if self.tokens.first().is_some_and(|token| token.kind == Kind::Open) {
            self.next();
            let condition = self.any()?;
            self.expects(&Kind::Close, "a closing bracket is missing")?;
            return Ok(condition);
        }
        for (name, test) in [
            ("contains", TextTest::Contains),
            ("startswith", TextTest::StartsWith),
            ("endswith", TextTest::EndsWith),
        ] {
            if self.takes(name) {
                return self.text_test(test);
            }
        }
        self.comparison()
    }

    fn text_test(&mut self, test: TextTest) -> Result<Condition, Fault> {
        self.expects(&Kind::Open, "an opening bracket is missing")?;
        let text = self.operand()?;
        self.expects(&Kind::Comma, "a comma is missing")?;
        let part = self.operand()?;
        self.expects(&Kind::Close, "a closing bracket is missing")?;
        Ok(Condition::Text(test, text, part))
    }

    fn comparison(&mut self) -> Result<Condition, Fault> {
        let left = self.operand()?;
        if self.takes("in") {
            return Ok(Condition::In(left, self.literals()?));
        }
        for (name, comparison) in [
            ("eq", Comparison::Equal),
            ("ne", Comparison::NotEqual),
            ("gt", Comparison::Greater),
            ("ge", Comparison::GreaterOrEqual),
            ("lt", Comparison::Less),
            ("le", Comparison::LessOrEqual),
        ] {
            if self.takes(name) {
                return Ok(Condition::Compare(left, comparison, self.operand()?));
            }
        }
        self.fault("an operator is expected here")
    }

    fn literals(&mut self) -> Result<Vec<Value>, Fault> {
        self.expects(&Kind::Open, "an opening bracket is missing")?;
        let mut values = Vec::new();
        loop {
            match self.operand()? {
                Operand::Literal(value) => values.push(value),
                _ => return self.fault("only values stand in a list"),
            }
            if self.expects(&Kind::Comma, "").is_err() {
                self.expects(&Kind::Close, "a closing bracket is missing")?;
                return Ok(values);
            }
        }
    }

    fn operand(&mut self) -> Result<Operand, Fault> {
        for (name, wrap) in [
            ("tolower", Operand::Lower as fn(Box<Operand>) -> Operand),
            ("toupper", Operand::Upper),
        ] {
            if self.takes(name) {
                if self.depth >= DEPTH {
                    return self.fault("the filter is too deep");
                }
                self.depth += 1;
                self.expects(&Kind::Open, "an opening bracket is missing")?;
                let inner = self.operand()?;
                self.expects(&Kind::Close, "a closing bracket is missing")?;
                self.depth -= 1;
                return Ok(wrap(Box::new(inner)));
            }
        }
        let fault = Fault::new(self.position(), "a member or a value is expected here");
        match self.next().map(|token| &token.kind) {
            Some(Kind::Text(text)) => Ok(Operand::Literal(text.as_str().into())),
            Some(Kind::Word(word)) => word_operand(word).ok_or(fault),
            _ => Err(fault),
        }
    }
}

fn word_operand(word: &str) -> Option<Operand> {
    let literal = |value| Some(Operand::Literal(value));
    match word {
        "null" => return literal(Value::Null),
        "true" => return literal(true.into()),
        "false" => return literal(false.into()),
        _ => {}
    }
    if let Some(member) = member(word) {
        return Some(Operand::Member(member));
    }
    if let Ok(number) = word.parse::<f64>()
        && number.is_finite()
    {
        return literal(number.into());
    }
    let is_moment = word.parse::<jiff::Timestamp>().is_ok();
    let is_value = is_moment || crate::body::is_guid(word);
    if is_value { literal(word.into()) } else { None }
}
