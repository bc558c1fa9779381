//! Takes the credential that was sent out of whatever a service says: services, and
//! proxies before them, repeat what they refuse. It must not know what else is in an
//! error.

use bytes::Bytes;
use reqwest::header::{HeaderMap, HeaderValue};
use serde_json::{Map, Value};

use super::{Error, ErrorDetail};

const REDACTED: &str = "[redacted]";

/// What is shorter is a word that stands in other texts too; no service hands such a
/// credential out.
const SHORTEST: usize = 6;

/// As much of a long credential is as telling as the whole.
const BEGIN: usize = 16;

/// The body of an answer without the credential that was sent.
pub(crate) fn scrubbed(body: Bytes, credential: Option<&HeaderValue>) -> Bytes {
    let cut = credential.and_then(Secrets::of).and_then(|secrets| secrets.cut_body(&body));
    cut.map_or(body, Bytes::from)
}

/// What must not be shown of the value of `Authorization`.
struct Secrets(Vec<String>);

impl Secrets {
    /// The word behind the scheme, and the signature of a shared access signature. The
    /// scheme is no secret: services name it when they say what they want.
    fn of(value: &HeaderValue) -> Option<Self> {
        let whole = value.to_str().ok()?;
        let bare = whole.rsplit(' ').next().unwrap_or(whole);
        let signature = bare.split('&').find_map(|part| part.strip_prefix("sig="));
        let secrets = [Some(bare), signature].into_iter().flatten();
        let telling = secrets.filter(|secret| secret.len() >= SHORTEST);
        Some(Self(telling.map(str::to_owned).collect()))
    }

    fn are_in(&self, text: &str) -> bool {
        self.0.iter().any(|secret| text.contains(secret))
    }

    fn cut(&self, text: &mut String) {
        for secret in &self.0 {
            if text.contains(secret) {
                *text = text.replace(secret, REDACTED);
            }
            // Texts are shortened: what begins like it may be the rest of it.
            let Some(begin) = secret.get(..BEGIN).filter(|_| secret.len() >= 2 * BEGIN) else {
                continue;
            };
            while let Some((before, after)) = text.split_once(begin) {
                let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | ',');
                let rest = after.find(ends).and_then(|at| after.get(at..)).unwrap_or_default();
                *text = format!("{before}{REDACTED}{rest}");
            }
        }
    }

    fn cut_value(&self, value: &mut Value) {
        match value {
            Value::String(text) => self.cut(text),
            Value::Array(values) => values.iter_mut().for_each(|value| self.cut_value(value)),
            Value::Object(members) => self.cut_members(members),
            _ => {}
        }
    }

    fn cut_members(&self, members: &mut Map<String, Value>) {
        members.retain(|name, _| !self.are_in(name));
        members.iter_mut().for_each(|(_, value)| self.cut_value(value));
    }

    fn cut_detail(&self, detail: &mut ErrorDetail) {
        let texts = [&mut detail.code, &mut detail.message, &mut detail.target];
        texts.into_iter().flatten().for_each(|text| self.cut(text));
        detail.details.iter_mut().for_each(|detail| self.cut_detail(detail));
        if let Some(inner) = &mut detail.inner {
            self.cut_detail(inner);
        }
    }

    fn cut_headers(&self, headers: &mut HeaderMap) {
        for value in headers.values_mut() {
            if self.are_in(&String::from_utf8_lossy(value.as_bytes())) {
                *value = HeaderValue::from_static(REDACTED);
            }
        }
    }

    /// JSON may spell it in other letters (`\u0026`), and is then written anew.
    fn cut_body(&self, body: &[u8]) -> Option<Vec<u8>> {
        let as_it_came = String::from_utf8_lossy(body);
        let mut text = as_it_came.clone().into_owned();
        self.cut(&mut text);
        if let Ok(mut json) = serde_json::from_str::<Value>(&text) {
            let as_it_was = json.clone();
            self.cut_value(&mut json);
            if json != as_it_was {
                text = json.to_string();
            }
        }
        (text != as_it_came).then(|| text.into_bytes())
    }
}

impl<E> Error<E> {
    /// Takes `credential` out of everything that a service said.
    pub(crate) fn scrub(&mut self, credential: Option<&HeaderValue>) {
        let Some(secrets) = credential.and_then(Secrets::of) else { return };
        let facts = self.facts_mut();
        let texts = [&mut facts.code, &mut facts.message, &mut facts.target, &mut facts.request_id];
        texts.into_iter().flatten().for_each(|text| secrets.cut(text));
        facts.details.iter_mut().for_each(|detail| secrets.cut_detail(detail));
        if let Some(inner) = &mut facts.inner {
            secrets.cut_detail(inner);
        }
        secrets.cut_members(&mut facts.others);
        secrets.cut_headers(&mut facts.headers);
        if let Some(body) = secrets.cut_body(&facts.body) {
            facts.body = body.into();
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
            assert!(shown.contains(REDACTED), "{shown}");
        }
    }

    #[test]
    fn the_beginning_of_a_long_one_tells_enough() {
        let sas = Secrets::of(&HeaderValue::from_static(SENT)).unwrap();
        let mut named = "send a SharedAccessSignature".to_owned();
        sas.cut(&mut named);
        assert_eq!(named, "send a SharedAccessSignature", "a scheme is no secret");
        let begin = format!("Bearer canary{}", "x".repeat(50));
        let sent = HeaderValue::from_str(&format!("{begin}yz")).unwrap();
        let mut text = format!("you sent {begin}… and more");
        Secrets::of(&sent).unwrap().cut(&mut text);
        assert_eq!(text, "you sent Bearer [redacted] and more");
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
