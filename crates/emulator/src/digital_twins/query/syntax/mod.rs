//! What the query language and the event-route filters share: tokens, the
//! bookkeeping of what was expected where, and places in a text.
//!
//! It knows words, numbers, strings and symbols, and no grammar.

pub(in crate::digital_twins) mod lexer;
pub(in crate::digital_twins) mod stream;

/// A fault at a byte offset of the text, in the words of the message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::digital_twins) struct Fault {
    /// Byte offset into the text.
    pub(in crate::digital_twins) at: usize,
    pub(in crate::digital_twins) message: String,
}

impl Fault {
    pub(in crate::digital_twins) fn new(at: usize, message: impl Into<String>) -> Self {
        Self { at, message: message.into() }
    }

    /// Line and column of the fault, both counted from 1, the column in
    /// characters.
    pub(in crate::digital_twins) fn line_and_column(&self, text: &str) -> (usize, usize) {
        let before = text.get(..self.at).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().map_or(0, |rest| rest.chars().count()) + 1;
        (line, column)
    }
}

#[cfg(test)]
mod tests {
    use super::Fault;

    #[test]
    fn lines_and_columns_count_characters_from_one() {
        let text = "SELECT *\nFROM ä §";
        let at = |needle: &str| Fault::new(text.find(needle).unwrap(), "").line_and_column(text);
        assert_eq!(at("SELECT"), (1, 1));
        assert_eq!(at("FROM"), (2, 1));
        assert_eq!(at("§"), (2, 8));
        assert_eq!(Fault::new(text.len(), "").line_and_column(text), (2, 9));
    }
}
