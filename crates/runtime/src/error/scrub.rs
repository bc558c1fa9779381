//! Takes the credential that was sent out of whatever a service says: services, and
//! proxies before them, repeat what they refuse. It must not know what else is in an
//! error.

use bytes::Bytes;
use reqwest::Url;
use reqwest::header::{HeaderMap, HeaderValue};
use serde_json::{Map, Value};

use super::{Error, ErrorDetail, letters};

const REDACTED: &str = "[redacted]";

/// What is shorter is a word that stands in other texts too; no service hands such a
/// credential out.
const SHORTEST: usize = 6;

/// As much of a long credential is as telling as the whole.
const BEGIN: usize = 16;

/// The body of an answer without the credential that was sent.
pub(crate) fn scrubbed(body: Bytes, credential: Option<&HeaderValue>) -> Bytes {
    let cut = credential.and_then(|credential| Secrets::of(credential).cut(&body));
    cut.map_or(body, Bytes::from)
}

/// What must not be shown of the value of `Authorization`: what its letters mean,
/// however they are spelt.
struct Secrets(Vec<Vec<u8>>);

impl Secrets {
    /// Each word behind the scheme. The scheme is no secret: services name it when they
    /// say what they want.
    fn of(value: &HeaderValue) -> Self {
        let mut words: Vec<_> = value.as_bytes().split(|byte| *byte == b' ').collect();
        if words.len() > 1 {
            words.remove(0);
        }
        let several = words.len() > 1;
        let secrets = words.into_iter().flat_map(|word| secrets_in(word, several)).flatten();
        let secrets = secrets.map(letters::meant);
        Self(secrets.filter(|secret| secret.len() >= SHORTEST).collect())
    }

    /// The values of a query that may be signatures or keys: they are long.
    fn of_query(url: &Url) -> Self {
        let values = url.query_pairs().map(|(_, value)| letters::meant(value.as_bytes()));
        Self(values.filter(|value| value.len() >= 2 * BEGIN).collect())
    }

    /// How long the spelling of a secret is with which the text begins, or of as much of
    /// one as is telling.
    fn begin(&self, text: &[u8]) -> Option<usize> {
        let (first, _) = letters::first(text)?;
        let fits = |secret: &&Vec<u8>| secret.first().is_some_and(|it| same(*it, first));
        self.0.iter().filter(fits).find_map(|secret| spelt(secret, text))
    }

    /// Whether a spelling of a secret may begin with the byte.
    fn may_begin(&self, byte: u8) -> bool {
        letters::begins_spelling(byte)
            || self.0.iter().any(|secret| secret.first().is_some_and(|it| same(*it, byte)))
    }

    /// The text without the secrets, if there are any in it.
    fn cut(&self, text: &[u8]) -> Option<Vec<u8>> {
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
            cut.extend_from_slice(REDACTED.as_bytes());
            at += length;
            kept = at;
        }
        if cut.is_empty() {
            return None;
        }
        cut.extend_from_slice(text.get(kept..).unwrap_or_default());
        Some(cut)
    }

    fn cut_text(&self, text: &mut String) {
        if let Some(cut) = self.cut(text.as_bytes()) {
            *text = String::from_utf8_lossy(&cut).into_owned();
        }
    }

    fn cut_value(&self, value: &mut Value) {
        match value {
            Value::String(text) => self.cut_text(text),
            Value::Array(values) => values.iter_mut().for_each(|value| self.cut_value(value)),
            Value::Object(members) => self.cut_members(members),
            _ => {}
        }
    }

    fn cut_members(&self, members: &mut Map<String, Value>) {
        members.retain(|name, _| self.cut(name.as_bytes()).is_none());
        members.iter_mut().for_each(|(_, value)| self.cut_value(value));
    }

    fn cut_detail(&self, detail: &mut ErrorDetail) {
        let texts = [&mut detail.code, &mut detail.message, &mut detail.target];
        texts.into_iter().flatten().for_each(|text| self.cut_text(text));
        detail.details.iter_mut().for_each(|detail| self.cut_detail(detail));
        if let Some(inner) = &mut detail.inner {
            self.cut_detail(inner);
        }
    }

    fn cut_headers(&self, headers: &mut HeaderMap) {
        for value in headers.values_mut() {
            if let Some(cut) = self.cut(value.as_bytes()) {
                let redacted = |_| HeaderValue::from_static(REDACTED);
                *value = HeaderValue::from_maybe_shared(Bytes::from(cut)).unwrap_or_else(redacted);
            }
        }
    }
}

/// What is secret of a word: of a shared access signature the signature, since the rest
/// tells which token it is; of one of several parameters its value too.
fn secrets_in(word: &[u8], several: bool) -> [Option<&[u8]>; 2] {
    let mut parts = word.split(|byte| *byte == b'&').filter_map(|part| part.strip_prefix(b"sig="));
    if let Some(signature) = parts.find(|part| part.len() >= SHORTEST) {
        return [Some(signature), None];
    }
    let word = word.strip_suffix(b",").unwrap_or(word);
    let value = word.splitn(2, |byte| *byte == b'=').nth(1).filter(|_| several);
    let value = value.map(|value| {
        let value = value.strip_prefix(b"\"").unwrap_or(value);
        value.strip_suffix(b"\"").unwrap_or(value)
    });
    [Some(word), value]
}

/// How long the spelling of the secret is with which the text begins. A shortened one
/// counts, where it is telling or where the text ends in it.
fn spelt(secret: &[u8], text: &[u8]) -> Option<usize> {
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
    let shortened = rest.is_empty() || rest.starts_with(b"...") || rest.starts_with("…".as_bytes());
    (shortened && met >= SHORTEST).then_some(length)
}

/// In either case: names of hosts are written small.
fn same(letter: u8, other: u8) -> bool {
    letter.eq_ignore_ascii_case(&other)
}

impl<E> Error<E> {
    /// Takes `credential` out of everything that a service said.
    pub(crate) fn scrub(&mut self, credential: Option<&HeaderValue>) {
        if let Some(credential) = credential {
            self.cut(&Secrets::of(credential));
        }
    }

    /// Takes the signature of an address out of everything that a service said.
    pub(crate) fn scrub_address(&mut self, address: &Url) {
        self.cut(&Secrets::of_query(address));
    }

    fn cut(&mut self, secrets: &Secrets) {
        let facts = self.facts_mut();
        let texts = [&mut facts.code, &mut facts.message, &mut facts.target, &mut facts.request_id];
        texts.into_iter().flatten().for_each(|text| secrets.cut_text(text));
        facts.details.iter_mut().for_each(|detail| secrets.cut_detail(detail));
        if let Some(inner) = &mut facts.inner {
            secrets.cut_detail(inner);
        }
        secrets.cut_members(&mut facts.others);
        secrets.cut_headers(&mut facts.headers);
        if let Some(body) = secrets.cut(&facts.body) {
            facts.body = body.into();
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use reqwest::StatusCode;

    use super::*;

    const SENT: &str = "SharedAccessSignature sr=app&sig=canary%3D&skn=t&se=1";

    /// Everything that can be had of an error.
    fn all(error: &Error) -> String {
        let details = error.details();
        let headers = error.headers();
        format!(
            "{error} {error:?} {:?} {details:?} {headers:?} {:?}",
            error.body(),
            error.member("x")
        )
    }

    #[test]
    fn a_credential_is_cut_out_wherever_it_is_repeated() {
        for said in [
            r#"bad header: SharedAccessSignature sr=app&sig=canary%3D&skn=t&se=1"#,
            r#"{"error":{"code":"X","message":"no sr=app\u0026sig=canary%3D\u0026skn=t\u0026se=1"}}"#,
            r#"{"error":{"code":"c\u0061nary%3D","message":"no"}}"#,
            r#"{"error":{"code":"X","message":"no","target":"canary%3D","x":["c\u0061nary%3D"]}}"#,
            r#"{"error":{"message":"no","details":[{"message":"canary%3D"}],"x":{"canary%3D":1}}}"#,
            r#"{"error":{"message":"no","innererror":{"code":"c\u0061nary%3D"}}}"#,
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("x-ms-request-id", HeaderValue::from_static("of canary%3D"));
            headers.insert("x-ms-error-code", HeaderValue::from_static("canary%3D"));
            let body = Bytes::from_static(said.as_bytes());
            let mut error: Error = Error::from_answer(StatusCode::FORBIDDEN, headers, body);
            error.scrub(Some(&HeaderValue::from_static(SENT)));
            let shown = all(&error);
            assert!(!shown.contains("canary") && !shown.contains("c\\u0061nary"), "{shown}");
            assert!(shown.contains(REDACTED), "{shown}");
        }
    }

    fn without(sent: &str, text: &str) -> String {
        let secrets = Secrets::of(&HeaderValue::from_str(sent).unwrap());
        let mut text = text.to_owned();
        secrets.cut_text(&mut text);
        text
    }

    #[test]
    fn a_credential_is_known_in_every_spelling() {
        let sent = "SharedAccessSignature sr=app&sig=ab%2Bcanary%2Fde%3D&skn=t&se=1";
        for said in [
            "sr=app&sig=ab%2Bcanary%2Fde%3D&skn=t&se=1",
            "ab%2bcanary%2fde%3d",
            "ab+canary/de=",
            "AB+CANARY/DE=",
            r"ab\u002Bcanary\/de\u003d",
            r"\\u0061b\\u002bcanary/de=",
            "sig%3Dab%252Bcanary%252Fde%253D",
            "sr=app&amp;sig=ab&#x2B;canary&#47;de=",
            r"ab\u0026#43;canary/de%3D",
        ] {
            let shown = without(sent, said).to_ascii_lowercase();
            assert!(!shown.contains("canary") && shown.contains(REDACTED), "{said}: {shown}");
        }
    }

    #[test]
    fn what_is_no_secret_stays() {
        let stays = |sent, text: &str| assert_eq!(without(sent, text), text);
        stays(SENT, "send a SharedAccessSignature, not Bearer; sr=app has ended, as skn=t&se=1");
        stays("Bearer canary-token", "no Bearer; a canary; a token");
        assert_eq!(
            without(SENT, "no sr=app&sig=canary%3D&skn=t"),
            "no sr=app&sig=[redacted]&skn=t"
        );
        let custom = r#"Custom id=7, key="canary-key", other=canary-two"#;
        assert_eq!(without(custom, "id=7: canary-two, canary-key"), "id=7: [redacted], [redacted]");
        assert_eq!(without("canary-bare", "Custom canary-bare"), "Custom [redacted]");
    }

    #[test]
    fn the_beginning_of_one_tells_enough() {
        let sent = format!("Bearer canary{}.abc", "x".repeat(50));
        let cut = |text: &str| without(&sent, text);
        let begin = format!("canary{}", "x".repeat(20));
        assert_eq!(cut(&format!("you sent {begin}… and more")), "you sent [redacted]… and more");
        assert_eq!(cut(&format!(r#"{{"m":"\"{begin}\", no"}}"#)), r#"{"m":"\"[redacted]\", no"}"#);
        // Those of one issuer begin alike.
        assert_eq!(cut(&format!("not {begin}.other-one!")), "not [redacted]!");
        assert_eq!(cut("a canaryxxxbird"), "a canaryxxxbird");
        // Where the text ends, less does.
        assert_eq!(cut("a canaryxxx"), "a [redacted]");
        assert_eq!(without("Bearer canary-token", "a canary-t…"), "a [redacted]…");
        assert_eq!(without("Bearer canary-token", "a canary-t..."), "a [redacted]...");
    }

    #[test]
    fn a_body_keeps_its_other_bytes() {
        let sent = HeaderValue::from_static("Bearer canary-token");
        for (body, expected) in [
            (
                &br#"{ "a":1.10,"a":"\u0063anary-token","b":1e400 }"#[..],
                &br#"{ "a":1.10,"a":"[redacted]","b":1e400 }"#[..],
            ),
            (br#"{"cut":"\u0063anary-token"#, br#"{"cut":"[redacted]"#),
            (b"\xff\xfe canary-token \x1f", b"\xff\xfe [redacted] \x1f"),
        ] {
            let cut = scrubbed(Bytes::from_static(body), Some(&sent));
            assert_eq!(cut, expected, "{}", String::from_utf8_lossy(&cut));
        }
    }

    #[test]
    fn headers_lose_no_more_than_the_credential() {
        let token = format!("canary{}", "x".repeat(50));
        let mut headers = HeaderMap::new();
        let value = format!("Bearer error=\"invalid_token\", sent=\"{}\"", &token);
        headers.insert("www-authenticate", value.parse().unwrap());
        headers.insert("x-request-id", token.get(..20).unwrap().parse().unwrap());
        let mut error: Error = Error::from_answer(StatusCode::FORBIDDEN, headers, Bytes::new());
        error.scrub(Some(&format!("Bearer {token}").parse().unwrap()));
        assert_eq!(
            error.headers()["www-authenticate"],
            "Bearer error=\"invalid_token\", sent=\"[redacted]\""
        );
        assert_eq!(error.request_id(), Some(REDACTED));
    }

    #[test]
    fn the_signature_of_an_address_is_cut_out_too() {
        let signature = format!("canary{}/+==", "x".repeat(30));
        let query = format!("X-Date=20260101&X-Sig={}", signature.replace('+', "%2B"));
        let address = Url::parse(&format!("https://h.example/a?{query}")).unwrap();
        let body = Bytes::from(format!("<Given>{signature}</Given><Address>{address}</Address>"));
        let mut error: Error = Error::from_answer(StatusCode::FORBIDDEN, HeaderMap::new(), body);
        error.scrub_address(&address);
        let shown = all(&error);
        assert!(!shown.contains("canary"), "{shown}");
        let expected = "<Given>[redacted]</Given><Address>https://h.example/a\
            ?X-Date=20260101&X-Sig=[redacted]</Address>";
        assert_eq!(error.body(), expected);
    }

    /// A service may well repeat it without end.
    #[test]
    fn bodies_that_hold_nothing_else_are_cut_in_a_moment() {
        let sent = format!("Bearer canary{}", "aB".repeat(1000));
        let value = HeaderValue::from_str(&sent).unwrap();
        let begin = sent.get(7..30).unwrap();
        let texts = [begin, "canary ", "canaryaBaBaBaBa ", "%25", "\\", "&", "\\u0026", "c&#"];
        let started = std::time::Instant::now();
        for text in texts {
            let body = Bytes::from(text.repeat((1 << 20) / text.len()));
            let cut = scrubbed(body.clone(), Some(&value));
            assert_eq!(cut == body, !text.starts_with(begin), "{text}");
        }
        assert!(started.elapsed().as_secs() < 30, "{:?}", started.elapsed());
    }

    proptest! {
        #[test]
        fn no_spelling_of_a_credential_is_left(
            secret in "[a-zA-Z0-9+/._~-]{6,40}=?",
            spellings in proptest::collection::vec(0_usize..6, 41),
            before in "[ \"%&é{:]{0,8}",
            after in "[ \"}é,]{0,8}",
        ) {
            let spelt: String = secret.bytes().zip(spellings).map(|(byte, how)| {
                let letter = char::from(byte);
                match how {
                    0 => format!("%{byte:02X}"),
                    1 => format!("%25{byte:02x}"),
                    2 => format!("\\u{byte:04x}"),
                    3 => format!("&#x{byte:x};"),
                    _ => letter.to_string(),
                }
            }).collect();
            let said = format!("{before}{spelt}{after}");
            let cut = without(&format!("Bearer {secret}"), &said);
            prop_assert_eq!(cut, format!("{before}{REDACTED}{after}"));
        }
    }

    #[test]
    fn what_repeats_nothing_stays_as_it_came() {
        let document = &br#"{ "error": {"code":"X", "message":"1.0"} }"#[..];
        for credential in [None, Some("Bearer canary"), Some("Bearer e")] {
            let credential = credential.map(HeaderValue::from_static);
            for (body, code) in [(document, Some("X")), (&b"\x1f\x8b\xff"[..], None)] {
                let came = Bytes::from_static(body);
                assert_eq!(scrubbed(came.clone(), credential.as_ref()), came);
                let mut error: Error =
                    Error::from_answer(StatusCode::FORBIDDEN, HeaderMap::new(), came.clone());
                error.scrub(credential.as_ref());
                assert_eq!((error.body(), error.code()), (&came, code));
            }
        }
    }
}
