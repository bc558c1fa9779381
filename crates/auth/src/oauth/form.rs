//! The form of a token request (`application/x-www-form-urlencoded`) and the
//! secrets in it, which must be cut out of whatever the service answers.

use secrecy::{ExposeSecret, SecretString};

use super::shown::SHORTEST;

/// The fields of one token request, in the order they are sent.
#[derive(Debug, Clone, Default)]
pub(crate) struct Form {
    fields: Vec<(&'static str, Value)>,
}

#[derive(Debug, Clone)]
enum Value {
    Plain(String),
    Secret(SecretString),
}

impl Form {
    pub(crate) fn new(grant_type: &'static str) -> Self {
        Self::default().with("grant_type", grant_type)
    }

    /// Adds a field that may be shown.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.fields.push((name, Value::Plain(value.into())));
        self
    }

    /// Adds a field that must not be shown.
    pub(crate) fn with_secret(mut self, name: &'static str, value: SecretString) -> Self {
        self.fields.push((name, Value::Secret(value)));
        self
    }

    /// The request's body.
    pub(crate) fn encode(&self) -> String {
        // Roomy enough not to grow: each growth would leave a copy of a secret.
        let longest = |(name, value): &(&str, Value)| 2 + name.len() + 3 * value.text().len();
        let mut body = String::with_capacity(self.fields.iter().map(longest).sum());
        for (name, value) in &self.fields {
            if !body.is_empty() {
                body.push('&');
            }
            push_encoded(&mut body, name);
            body.push('=');
            push_encoded(&mut body, value.text());
        }
        body
    }

    /// The texts that must not appear in an error: each secret as it is and as
    /// it was sent.
    pub(crate) fn secrets(&self) -> Vec<SecretString> {
        let secrets = self.fields.iter().filter_map(|(_, value)| match value {
            Value::Secret(secret) => Some(secret),
            Value::Plain(_) => None,
        });
        secrets.flat_map(spellings).collect()
    }
}

impl Value {
    fn text(&self) -> &str {
        match self {
            Self::Plain(text) => text,
            Self::Secret(secret) => secret.expose_secret(),
        }
    }
}

/// A secret as it is and as it is sent in a form. Of one that is too short to be cut out
/// none, since its encoding is longer.
pub(super) fn spellings(secret: &SecretString) -> impl Iterator<Item = SecretString> + use<> {
    let secret = Some(secret).filter(|secret| secret.expose_secret().len() >= SHORTEST).cloned();
    let encoded = secret.as_ref().map(|secret| form_encoded(secret.expose_secret()).into());
    secret.into_iter().chain(encoded)
}

/// `text` in the form's encoding, with room for its longest form from the start.
pub(super) fn form_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(3 * text.len());
    push_encoded(&mut encoded, text);
    encoded
}

/// Appends `text` in the form's encoding (WHATWG URL, section 5): letters,
/// digits and `*-._` stay, a blank becomes `+`, every other byte `%XX`.
fn push_encoded(body: &mut String, text: &str) {
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'*' | b'-' | b'.' | b'_' => {
                body.push(char::from(byte));
            }
            b' ' => body.push('+'),
            _ => body.push_str(&format!("%{byte:02X}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use reqwest::Url;

    #[test]
    fn fields_keep_their_order_and_odd_characters() {
        let form = Form::new("client_credentials")
            .with("scope", "https://a/.default")
            .with_secret("client_secret", "p:/+ =~ä&".into());
        assert_eq!(
            form.encode(),
            "grant_type=client_credentials&scope=https%3A%2F%2Fa%2F.default\
             &client_secret=p%3A%2F%2B+%3D%7E%C3%A4%26"
        );
        let secrets = form.secrets();
        let shown: Vec<&str> = secrets.iter().map(ExposeSecret::expose_secret).collect();
        assert_eq!(shown, ["p:/+ =~ä&", "p%3A%2F%2B+%3D%7E%C3%A4%26"]);
        assert!(!format!("{form:?}").contains("%3D") && !format!("{form:?}").contains("p:/"));
        // A hole in every `é` would tell it.
        assert!(Form::default().with_secret("client_secret", "éé".into()).secrets().is_empty());
    }

    proptest! {
        #[test]
        fn every_text_survives_a_form_decoder(text in ".*") {
            let body = Form::default().with("a", text.clone()).encode();
            let url = Url::parse(&format!("http://x/?{body}")).unwrap();
            prop_assert_eq!(url.query_pairs().next().unwrap().1, text);
        }
    }
}
