//! Reading `WWW-Authenticate` (RFC 9110 section 11.6.1) for the one thing in it
//! that is acted on: the claims challenge of continuous access evaluation.
//!
//! Servers differ in every detail, so the reader takes what it can and never
//! fails. Realms, authorities and resources named there are not looked at: a
//! server could send our tokens elsewhere by them.

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use reqwest::header::{HeaderMap, WWW_AUTHENTICATE};
use serde_json::{Map, Value};

/// Challenges are a few hundred bytes; what is larger is none.
const MAX_HEADER: usize = 16 * 1024;

/// Vendors' clients decode with either alphabet, padded or not.
const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const ALPHABETS: [GeneralPurpose; 2] =
    [GeneralPurpose::new(&STANDARD, LENIENT), GeneralPurpose::new(&URL_SAFE, LENIENT)];

/// The claims that a service asks for in the headers of a 401, as the JSON text
/// that [`TokenRequest::with_claims`](crate::TokenRequest::with_claims) takes:
/// the `claims` of a `Bearer` challenge with `error="insufficient_claims"`.
///
/// `None` if there is no such challenge, or it is larger than 16 KiB or does not
/// hold a JSON object in base64 (either alphabet).
#[must_use]
pub fn claims_challenge(headers: &HeaderMap) -> Option<String> {
    headers.get_all(WWW_AUTHENTICATE).iter().find_map(|value| {
        let text = value.to_str().ok().filter(|text| text.len() <= MAX_HEADER)?;
        claims_in(text)
    })
}

fn claims_in(header: &str) -> Option<String> {
    let mut challenge = Challenge::default();
    for part in Parts(header) {
        match part {
            Part::Scheme(scheme) => {
                if let Some(claims) = challenge.claims() {
                    return Some(claims);
                }
                challenge = Challenge {
                    is_bearer: scheme.eq_ignore_ascii_case("bearer"),
                    ..Challenge::default()
                };
            }
            Part::Parameter(name, value) if name.eq_ignore_ascii_case("error") => {
                challenge.asks = value.eq_ignore_ascii_case("insufficient_claims");
            }
            Part::Parameter(name, value) if name.eq_ignore_ascii_case("claims") => {
                challenge.claims = Some(value);
            }
            Part::Parameter(..) => {}
        }
    }
    challenge.claims()
}

#[derive(Default)]
struct Challenge {
    is_bearer: bool,
    asks: bool,
    claims: Option<String>,
}

impl Challenge {
    fn claims(&self) -> Option<String> {
        let encoded = self.claims.as_deref().filter(|_| self.is_bearer && self.asks)?;
        ALPHABETS.iter().find_map(|alphabet| {
            let text = String::from_utf8(alphabet.decode(encoded.trim()).ok()?).ok()?;
            serde_json::from_str::<Map<String, Value>>(&text).ok().map(|_| text)
        })
    }
}

/// One word of a header: schemes and parameters come in a row, and the next
/// challenge begins without a mark of its own.
enum Part {
    Scheme(String),
    Parameter(String, String),
}

/// Cuts a header into its parts, skipping what is neither.
struct Parts<'a>(&'a str);

impl Iterator for Parts<'_> {
    type Item = Part;

    fn next(&mut self) -> Option<Part> {
        let separators = |character: char| character == ',' || character.is_ascii_whitespace();
        let rest = self.0.trim_start_matches(separators);
        let end = rest.find(|c: char| c == '=' || separators(c)).unwrap_or(rest.len());
        let (name, rest) = rest.split_at_checked(end)?;
        if name.is_empty() && rest.is_empty() {
            return None;
        }
        let after = rest.trim_start();
        let Some(value) = after.strip_prefix('=') else {
            self.0 = rest;
            return Some(Part::Scheme(name.to_owned()));
        };
        let (value, rest) = value_of(value.trim_start());
        self.0 = rest;
        Some(Part::Parameter(name.to_owned(), value))
    }
}

/// A quoted or bare value, and what follows it.
fn value_of(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(|c: char| c == ',' || c.is_ascii_whitespace()).unwrap_or(text.len());
        let (value, rest) = text.split_at_checked(end).unwrap_or((text, ""));
        return (value.to_owned(), rest);
    };
    let mut value = String::new();
    let mut characters = quoted.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => break,
            '\\' => value.extend(characters.next()),
            other => value.push(other),
        }
    }
    (value, characters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const CLAIMS: &str = r#"{"access_token":{"nbf":{"essential":true,"value":"1600000000"}}}"#;

    fn read(lines: &[&str]) -> Option<String> {
        let headers = lines.iter().map(|line| (WWW_AUTHENTICATE, line.parse().unwrap())).collect();
        claims_challenge(&headers)
    }

    fn encoded(alphabet: &GeneralPurpose) -> String {
        alphabet.encode(CLAIMS)
    }

    #[test]
    fn every_form_of_a_claims_challenge_is_read() {
        let [standard, url] = ALPHABETS.map(|alphabet| encoded(&alphabet));
        let bare = standard.trim_end_matches('=');
        for line in [
            format!(
                r#"Bearer realm="", authorization_uri="https://x/authorize", error="insufficient_claims", claims="{standard}""#
            ),
            format!(r#"bearer ERROR=insufficient_claims,claims={bare}"#),
            format!(r#"Bearer error = "insufficient_claims" , Claims = "{url}""#),
            format!(r#"Negotiate abc==, Bearer claims="{standard}", error="insufficient_claims""#),
            format!(r#"Bearer claims="{standard}", error="insufficient_claims", Basic realm="x""#),
            format!(
                r#"Bearer realm="a, error=\"x\", claims=", error="insufficient_claims", claims="{bare}""#
            ),
        ] {
            assert_eq!(read(&[&line]).as_deref(), Some(CLAIMS), "{line}");
        }
        let line = format!(r#"Bearer error="insufficient_claims", claims="{standard}""#);
        assert_eq!(read(&["Basic realm=x", "Bearer", &line]).as_deref(), Some(CLAIMS));
    }

    #[test]
    fn alphabets_differ_and_both_are_read() {
        let text = r#"{"a":"?>?>~~~"}"#;
        for alphabet in &ALPHABETS {
            let claims = alphabet.encode(text);
            let line = format!(r#"Bearer error="insufficient_claims", claims="{claims}""#);
            assert_eq!(read(&[&line]).as_deref(), Some(text));
        }
        assert_ne!(ALPHABETS[0].encode(text), ALPHABETS[1].encode(text));
    }

    #[test]
    fn what_is_no_claims_challenge_is_none() {
        let claims = encoded(&ALPHABETS[0]);
        let long = "A".repeat(MAX_HEADER);
        for line in [
            String::new(),
            "Bearer".into(),
            r#"Bearer authorization="https://login.example/t", resource="https://v""#.into(),
            format!(r#"Bearer error="invalid_token", claims="{claims}""#),
            format!(r#"Basic error="insufficient_claims", claims="{claims}""#),
            format!(r#"Bearer error="insufficient_claims", Basic claims="{claims}""#),
            r#"Bearer error="insufficient_claims", claims="!!!""#.into(),
            r#"Bearer error="insufficient_claims", claims="W10=""#.into(),
            format!(r#"Bearer error="insufficient_claims", claims="{long}""#),
        ] {
            assert_eq!(read(&[&line]), None, "{line}");
        }
    }

    proptest! {
        #[test]
        fn no_header_panics_or_hangs(text in "[ -~]{0,80}") {
            let _ = read(&[&text]);
        }

        #[test]
        fn no_mix_of_the_right_words_panics_or_hangs(
            words in proptest::collection::vec(
                prop_oneof!["Bearer", "claims", "error", "=", "\"", "\\\\", ",", " ", "e30"],
                0..30,
            )
        ) {
            let _ = read(&[&words.concat()]);
        }
    }
}
