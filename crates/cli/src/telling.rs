//! What commands say beside their output, on standard error. Nobody may be reading it
//! any more, which ends no work: `eprintln!` would panic. Names of files and whatever
//! else the texts are made of may hold characters that a terminal obeys.

use std::io::{self, Write as _};

use crate::identity::claims::is_unprintable;

macro_rules! tell {
    ($($text:tt)*) => {{
        $crate::telling::tell(::std::format!($($text)*));
    }};
}

/// Writes the text and the end of its line, fit for a terminal.
pub(crate) fn tell(text: String) {
    let _ = io::stderr().lock().write_all(fit(&text).as_bytes());
}

fn fit(text: &str) -> String {
    let fit = |c: char| if c != '\n' && is_unprintable(c) { ' ' } else { c };
    text.chars().chain(['\n']).map(fit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_stay_and_no_terminal_obeys_them() {
        assert_eq!(fit("a\n  \u{1b}[2Jb\u{7}\r"), "a\n   [2Jb  \n");
    }
}
