//! From the text of a filter to words.

/// A word and where it begins, in bytes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token<'t> {
    pub(super) kind: Kind<'t>,
    pub(super) position: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind<'t> {
    Open,
    Close,
    Comma,
    /// A text in quotes, with doubled quotes made single.
    Text(String),
    /// Anything else: names, keywords, numbers, moments.
    Word(&'t str),
}

/// Why a text is no filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) position: usize,
    pub(super) what: String,
}

impl Fault {
    pub(super) fn new(position: usize, what: impl Into<String>) -> Self {
        Self { position, what: what.into() }
    }
}

/// Splits a filter up.
pub(super) fn tokens(text: &str) -> Result<Vec<Token<'_>>, Fault> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let position = text.len() - rest.len();
        let (kind, length) = match first {
            '(' => (Kind::Open, 1),
            ')' => (Kind::Close, 1),
            ',' => (Kind::Comma, 1),
            '\'' => {
                quoted(rest).ok_or_else(|| Fault::new(position, "the text has no closing quote"))?
            }
            c if is_of_word(c) => {
                let length = rest.find(|c| !is_of_word(c)).unwrap_or(rest.len());
                (Kind::Word(rest.get(..length).unwrap_or_default()), length)
            }
            _ => return Err(Fault::new(position, "there is a character that has no meaning here")),
        };
        tokens.push(Token { kind, position });
        rest = rest.get(length..).unwrap_or_default().trim_start();
    }
    Ok(tokens)
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '+' | '.' | ':' | '/')
}

/// A text in quotes at the beginning, and how long it is with them.
fn quoted<'t>(text: &str) -> Option<(Kind<'t>, usize)> {
    let mut content = String::new();
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((index, c)) = chars.next() {
        if c != '\'' {
            content.push(c);
        } else if chars.next_if(|(_, next)| *next == '\'').is_some() {
            content.push('\'');
        } else {
            return Some((Kind::Text(content), index + 1));
        }
    }
    None
}
