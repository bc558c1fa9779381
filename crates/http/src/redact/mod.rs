//! What of a URL or of a server's text may be shown in errors and traces.
//! Allow-lists, not deny-lists: what is not known to be harmless stays out.

mod letters;
mod secrets;

use std::borrow::Cow;

use reqwest::Url;

pub use secrets::Secrets;

/// Scheme, host, port and path of a URL: user name, password, query and
/// fragment may hold secrets (signatures, codes) and stay out.
#[must_use]
pub fn url(url: &Url) -> String {
    let mut shown = url.clone();
    shown.set_query(None);
    shown.set_fragment(None);
    // Fails only for URLs that cannot have a user name, which then have none.
    let _ = shown.set_username("");
    let _ = shown.set_password(None);
    shown.to_string()
}

/// Whether a character could break a line or turn the order of what is shown:
/// control characters, line and paragraph separators, and the marks of writing
/// direction (Unicode Standard Annex 9).
#[must_use]
pub fn is_unsafe(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{61c}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2066}'..='\u{2069}'
        )
}

/// A server's text fit for one line of an error message: characters that
/// [are unsafe](is_unsafe) become blanks, [`Secrets`] are cut out wherever they appear, and at
/// most `max_chars` characters stay.
#[must_use]
pub fn text(text: &str, secrets: &[&str], max_chars: usize) -> String {
    let secrets = Secrets::new(secrets.iter().map(|secret| secret.as_bytes()));
    let cut = secrets.cut(text.as_bytes());
    let shown = cut.as_deref().map_or(Cow::Borrowed(text), String::from_utf8_lossy);
    let mut line = String::with_capacity(shown.len().min(max_chars));
    for character in shown.chars().take(max_chars) {
        line.push(if is_unsafe(character) { ' ' } else { character });
    }
    if shown.chars().nth(max_chars).is_some() {
        line.push('…');
    }
    line.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_harmless_parts_of_a_url_are_shown() {
        let signed = Url::parse("https://u:pw@h.example:8/a%20b?sig=canary#canary").unwrap();
        assert_eq!(url(&signed), "https://h.example:8/a%20b");
        assert_eq!(url(&Url::parse("mailto:a@b?x").unwrap()), "mailto:a@b");
    }

    #[test]
    fn texts_are_cut_flattened_and_scrubbed() {
        assert_eq!(
            text("bad key s3cr3t\r\nTrace: 1", &["s3cr3t"], 99),
            "bad key [redacted]  Trace: 1"
        );
        assert_eq!(
            text("sent client_secret=s3%2bcr%2Ft", &["s3+cr/t"], 99),
            "sent client_secret=[redacted]"
        );
        assert_eq!(text("äöü-long", &[""], 3), "äöü…");
        assert_eq!(text("same", &[], 4), "same");
        assert_eq!(text("a\u{202e}b\u{2028}c\u{2066}d\u{61c}e", &[], 99), "a b c d e");
    }
}
