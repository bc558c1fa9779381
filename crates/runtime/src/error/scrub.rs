//! Takes the credential that was sent out of whatever a service says: services, and
//! proxies before them, repeat what they refuse. It must not know what else is in an
//! error.

use bytes::Bytes;
use reqwest::Url;
use reqwest::header::{HeaderMap, HeaderValue};
use serde_json::{Map, Value};
use twinkit_http::redact;

use super::{Error, ErrorDetail};

/// What is shorter is a word that stands in other texts too; no service hands such a
/// credential out.
const SHORTEST: usize = 6;

/// Signatures and keys in addresses are not shorter.
const SHORTEST_SIGNATURE: usize = 32;

/// The body of an answer without the credential that was sent.
pub(crate) fn scrubbed(body: Bytes, credential: Option<&HeaderValue>) -> Bytes {
    let cut = credential.and_then(|credential| Secrets::of(credential).0.cut(&body));
    cut.map_or(body, Bytes::from)
}

/// What must not be shown of what was sent.
struct Secrets(redact::Secrets);

impl Secrets {
    /// Each word behind the scheme of a value of `Authorization`. The scheme is no secret:
    /// services name it when they say what they want.
    fn of(value: &HeaderValue) -> Self {
        let mut words: Vec<_> = value.as_bytes().split(|byte| *byte == b' ').collect();
        if words.len() > 1 {
            words.remove(0);
        }
        let several = words.len() > 1;
        let secrets = words.into_iter().flat_map(|word| secrets_in(word, several)).flatten();
        Self(redact::Secrets::new(secrets.filter(|secret| secret.len() >= SHORTEST)))
    }

    /// The values of a query that may be signatures or keys.
    fn of_query(url: &Url) -> Self {
        let values: Vec<_> = url.query_pairs().map(|(_, value)| value).collect();
        let values = values.iter().map(|value| value.as_bytes());
        Self(redact::Secrets::new(values.filter(|value| value.len() >= SHORTEST_SIGNATURE)))
    }

    fn cut_text(&self, text: &mut String) {
        if let Some(cut) = self.0.cut(text.as_bytes()) {
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
        members.retain(|name, _| self.0.cut(name.as_bytes()).is_none());
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
            if let Some(cut) = self.0.cut(value.as_bytes()) {
                let cut = HeaderValue::from_maybe_shared(Bytes::from(cut));
                *value = cut.unwrap_or_else(|_| HeaderValue::from_static("[redacted]"));
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
        if let Some(body) = secrets.0.cut(&facts.body) {
            facts.body = body.into();
        }
        // Of another's error nothing can be cut.
        let holds = |source: &_| secrets.0.cut(format!("{source:?}").as_bytes()).is_some();
        if facts.source.as_ref().is_some_and(holds) {
            facts.source = None;
        }
    }
}

#[cfg(test)]
mod tests {
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
            assert!(shown.contains("[redacted]"), "{shown}");
        }
    }

    fn without(sent: &str, text: &str) -> String {
        let secrets = Secrets::of(&HeaderValue::from_str(sent).unwrap());
        let mut text = text.to_owned();
        secrets.cut_text(&mut text);
        text
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
        assert_eq!(error.request_id(), Some("[redacted]"));
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
