//! What targets have in common: data as texts, and what a line must be.

/// The data as one text, if they are one.
pub(crate) fn text(data: &[u8]) -> Option<&str> {
    std::str::from_utf8(data).ok()
}

/// The data as texts with NUL between them. What is missing is empty; the last
/// one takes what is left.
pub(crate) fn texts<const N: usize>(data: &[u8]) -> Option<[&str; N]> {
    let mut parts = text(data)?.splitn(N, '\0');
    Some(std::array::from_fn(|_| parts.next().unwrap_or_default()))
}

/// Asserts that a text may stand in a terminal: one line that cannot move the
/// cursor, change colours or turn the order of what is written.
#[track_caller]
pub(crate) fn assert_line(line: &str) {
    let turns = |c: char| {
        matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}')
            || ('\u{2028}'..='\u{202e}').contains(&c)
            || ('\u{2066}'..='\u{2069}').contains(&c)
    };
    assert!(!line.contains(|c: char| c.is_control() || turns(c)), "not fit for a line: {line:?}");
}

/// Bytes that decide, one after another; zeros when they have run out.
pub(crate) struct Choices<'d>(pub(crate) &'d [u8]);

impl Choices<'_> {
    pub(crate) fn next(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::from(self.next()) % end
    }
}
