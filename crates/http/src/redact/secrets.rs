//! Secrets in what a server says, which repeats what it was sent as it came, or in the
//! spelling of what it says it in. It must not know what they open.

use std::fmt;

use secrecy::{ExposeSecret, SecretSlice};

use super::letters::{self, Letters};

/// What stands in a secret's place.
const REDACTED: &[u8] = b"[redacted]";

/// As much of a long secret is as telling as the whole.
const BEGIN: usize = 16;

/// As much tells that a shortened text ends in a secret.
const END: usize = 6;

/// Texts that nobody may see. They are wiped when dropped.
///
/// They are found in either case and in the spellings of JSON, URLs and HTML, also within
/// one another; of long ones the beginning too. What encodes them as a whole, such as
/// Base64, hides them.
///
/// ```
/// use twinkit_http::redact::Secrets;
///
/// let secrets = Secrets::new([&b"s3+cret"[..]]);
/// let cut = secrets.cut(br#"{"sent":"s3\u002Bcret"}"#);
/// assert_eq!(cut.as_deref(), Some(&br#"{"sent":"[redacted]"}"#[..]));
/// assert_eq!(secrets.cut(b"nothing"), None);
/// ```
pub struct Secrets(Vec<Secret>);

struct Secret {
    /// As it was given.
    text: SecretSlice<u8>,
    /// What its letters mean.
    letters: SecretSlice<u8>,
}

impl Secrets {
    /// The secrets; empty texts are none.
    #[must_use]
    pub fn new<'s>(secrets: impl IntoIterator<Item = &'s [u8]>) -> Self {
        let secrets = secrets.into_iter().filter(|secret| !secret.is_empty());
        Self(secrets.map(Secret::new).collect())
    }

    /// The text without them; `None` if none is in it.
    #[must_use]
    pub fn cut(&self, text: &[u8]) -> Option<Vec<u8>> {
        if self.0.is_empty() {
            return None;
        }
        let mut cut = Vec::new();
        let (mut kept, mut at) = (0, 0);
        while let Some(rest) = text.get(at..) {
            let Some(ahead) = rest.iter().position(|byte| self.may_begin(*byte)) else { break };
            at += ahead;
            let Some(length) = text.get(at..).and_then(|rest| self.begin(rest)) else {
                at += 1;
                continue;
            };
            cut.extend_from_slice(text.get(kept..at).unwrap_or_default());
            cut.extend_from_slice(REDACTED);
            at += length;
            kept = at;
        }
        if cut.is_empty() {
            return None;
        }
        cut.extend_from_slice(text.get(kept..).unwrap_or_default());
        Some(cut)
    }

    /// Whether a spelling of a secret may begin with the byte.
    fn may_begin(&self, byte: u8) -> bool {
        letters::begins_spelling(byte) || self.0.iter().any(|secret| secret.begins(byte))
    }

    /// How long the spelling of a secret is with which the text begins, or of as much of
    /// one as is telling.
    fn begin(&self, text: &[u8]) -> Option<usize> {
        let (first, _) = letters::first(text)?;
        let fits = |secret: &&Secret| secret.begins(first);
        let spelt = || self.0.iter().filter(fits).find_map(|secret| secret.spelt(text));
        self.0.iter().find_map(|secret| secret.stands(text)).or_else(spelt)
    }
}

/// How many there are.
impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Secrets").field(&self.0.len()).finish()
    }
}

impl Secret {
    fn new(text: &[u8]) -> Self {
        // Of the right size at once, so that no part of it is left behind.
        let mut letters = Vec::with_capacity(Letters(text).count());
        letters.extend(Letters(text));
        Self { text: text.to_vec().into(), letters: letters.into() }
    }

    fn begins(&self, letter: u8) -> bool {
        self.letters.expose_secret().first().is_some_and(|first| same(*first, letter))
    }

    /// Its length, if the text begins with it letter by letter: what follows may change
    /// the meaning of its last letters.
    fn stands(&self, text: &[u8]) -> Option<usize> {
        let secret = self.text.expose_secret();
        let begin = text.get(..secret.len())?;
        begin.eq_ignore_ascii_case(secret).then_some(secret.len())
    }

    /// How long its spelling is with which the text begins. A shortened one counts, where
    /// it is telling or where the text ends in it.
    fn spelt(&self, text: &[u8]) -> Option<usize> {
        let secret = self.letters.expose_secret();
        let (mut length, mut met) = (0, 0);
        for expected in secret {
            match text.get(length..).and_then(letters::first) {
                Some((letter, spelling)) if same(letter, *expected) => {
                    length += spelling;
                    met += 1;
                }
                _ => break,
            }
        }
        let rest = text.get(length..).unwrap_or_default();
        if met == secret.len() {
            return Some(length);
        }
        if secret.len() >= 2 * BEGIN && met >= BEGIN {
            // Another of the same issuer, such as the one before it, goes on otherwise.
            let goes_on = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~+/=%".contains(byte);
            return Some(length + rest.iter().take_while(|byte| goes_on(byte)).count());
        }
        let shortened =
            rest.is_empty() || rest.starts_with(b"...") || rest.starts_with("…".as_bytes());
        (shortened && met >= END).then_some(length)
    }
}

/// In either case: names of hosts are written small.
fn same(letter: u8, other: u8) -> bool {
    letter.eq_ignore_ascii_case(&other)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn without(secret: &str, text: &str) -> String {
        let cut = Secrets::new([secret.as_bytes()]).cut(text.as_bytes());
        cut.map_or_else(|| text.to_owned(), |cut| String::from_utf8(cut).unwrap())
    }

    #[test]
    fn a_secret_is_known_in_every_spelling() {
        let secret = "ab%2Bcanary%2Fde%3D";
        for said in [
            "ab%2Bcanary%2Fde%3D",
            "ab%2bcanary%2fde%3d",
            "ab+canary/de=",
            "AB+CANARY/DE=",
            r"ab\u002Bcanary\/de\u003d",
            r"\\u0061b\\u002bcanary/de=",
            "ab%252Bcanary%252Fde%253D",
            "ab&#x2B;canary&#47;de=",
            r"ab\u0026#43;canary/de%3D",
        ] {
            assert_eq!(without(secret, &format!("no {said}!")), "no [redacted]!", "{said}");
        }
        assert_eq!(without("x%4", "a x%41"), "a [redacted]1");
        assert_eq!(without("", "x"), "x");
        assert_eq!(format!("{:?}", Secrets::new([&b"canary"[..], b""])), "Secrets(1)");
    }

    #[test]
    fn the_beginning_of_one_tells_enough() {
        let secret = format!("canary{}.abc", "x".repeat(50));
        let cut = |text: &str| without(&secret, text);
        let begin = format!("canary{}", "x".repeat(20));
        assert_eq!(cut(&format!("you sent {begin}… and more")), "you sent [redacted]… and more");
        assert_eq!(cut(&format!(r#"{{"m":"\"{begin}\", no"}}"#)), r#"{"m":"\"[redacted]\", no"}"#);
        // Those of one issuer begin alike.
        assert_eq!(cut(&format!("not {begin}.other-one!")), "not [redacted]!");
        assert_eq!(cut("a canaryxxxbird"), "a canaryxxxbird");
        // Where the text ends, less does.
        assert_eq!(cut("a canaryxxx"), "a [redacted]");
        assert_eq!(without("canary-token", "a canary-t…"), "a [redacted]…");
        assert_eq!(without("canary-token", "a canary-t..."), "a [redacted]...");
    }

    #[test]
    fn other_bytes_stay_as_they_are() {
        let secrets = Secrets::new([&b"canary-token"[..]]);
        for (text, expected) in [
            (
                &br#"{ "a":1.10,"a":"\u0063anary-token","b":1e400 }"#[..],
                &br#"{ "a":1.10,"a":"[redacted]","b":1e400 }"#[..],
            ),
            (br#"{"cut":"\u0063anary-token"#, br#"{"cut":"[redacted]"#),
            (b"\xff\xfe canary-token \x1f", b"\xff\xfe [redacted] \x1f"),
        ] {
            assert_eq!(secrets.cut(text).unwrap(), expected, "{}", String::from_utf8_lossy(text));
        }
        assert_eq!(secrets.cut(b"\xff canary \\ token"), None);
    }

    /// A service may well repeat it without end: this takes hours if the cost grows with
    /// the square of the text.
    #[test]
    fn a_large_text_may_hold_nothing_else() {
        let secret = format!("canary{}", "aB".repeat(1000));
        let secrets = Secrets::new([secret.as_bytes()]);
        let begin = secret.get(..23).unwrap();
        let texts = [begin, "canary ", "canaryaBaBaBaBa ", "%25", "\\", "&", "\\u0026", "c&#"];
        for text in texts {
            let cut = secrets.cut(text.repeat((1 << 20) / text.len()).as_bytes());
            assert_eq!(cut.is_some(), text == begin, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_spelling_of_a_secret_is_left(
            secret in "[a-zA-Z0-9+/._~-]{6,40}=?",
            spellings in proptest::collection::vec(0_usize..6, 41),
            before in "[ \"%&é{:]{0,8}",
            after in "[ \"}é,]{0,8}",
        ) {
            let spelt: String = secret.bytes().zip(spellings).map(|(byte, how)| match how {
                0 => format!("%{byte:02X}"),
                1 => format!("%25{byte:02x}"),
                2 => format!("\\u{byte:04x}"),
                3 => format!("&#x{byte:x};"),
                _ => char::from(byte).to_string(),
            }).collect();
            let cut = without(&secret, &format!("{before}{spelt}{after}"));
            prop_assert_eq!(cut, format!("{before}[redacted]{after}"));
        }

        #[test]
        fn a_secret_is_found_as_it_was_given(
            secret in "[ -~]{1,40}",
            before in "[ -~]{0,8}",
            after in "[ -~]{0,8}",
        ) {
            let text = format!("{before}{secret}{after}");
            prop_assert!(Secrets::new([secret.as_bytes()]).cut(text.as_bytes()).is_some());
        }
    }
}
