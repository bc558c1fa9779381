//! The client credentials grant: form in, decision out (RFC 6749, section 4.4).

use base64::{Engine as _, engine::general_purpose::STANDARD};
use secrecy::{ExposeSecret, SecretString};

use super::{directory::Application, error::TokenError, token::Authority};

/// A sound request: who asks, and for which audience.
#[derive(Debug)]
pub(crate) struct Grant {
    pub(crate) application: Application,
    pub(crate) audience: String,
}

/// The form of a token request; fields we do not know are let through.
#[derive(Default)]
pub(crate) struct Form {
    fields: Vec<(String, SecretString)>,
}

impl Form {
    pub(crate) fn parse(body: &[u8]) -> Self {
        let fields = url::form_urlencoded::parse(body)
            .map(|(name, value)| (name.into_owned(), SecretString::from(value.into_owned())))
            .collect();
        Self { fields }
    }

    fn get(&self, name: &str) -> Result<Option<&str>, TokenError> {
        let mut values = self.fields.iter().filter(|(field, _)| field == name);
        let first = values.next().map(|(_, value)| value.expose_secret());
        if values.next().is_some() {
            return Err(TokenError::field_repeated(name));
        }
        Ok(first.filter(|value| !value.is_empty()))
    }

    fn require(&self, name: &str) -> Result<&str, TokenError> {
        self.get(name)?.ok_or_else(|| TokenError::field_missing(name))
    }
}

/// Id and secret from an `Authorization: Basic` header: base64 of two
/// form-urlencoded halves (RFC 6749, section 2.3.1).
fn basic(authorization: &str) -> Option<(String, SecretString)> {
    let (scheme, value) = authorization.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(value.trim()).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((form_decode(id)?, SecretString::from(form_decode(secret)?)))
}

fn form_decode(text: &str) -> Option<String> {
    let spaced = text.replace('+', " ");
    let decoded = percent_encoding::percent_decode_str(&spaced).decode_utf8().ok()?;
    Some(decoded.into_owned())
}

/// Judges a token request of `tenant_id`.
pub(crate) fn judge(
    authority: &Authority,
    tenant_id: &str,
    form: &Form,
    authorization: Option<&str>,
) -> Result<Grant, TokenError> {
    let grant = form.require("grant_type")?;
    if grant != "client_credentials" {
        return Err(TokenError::grant_unsupported(grant));
    }
    let (client_id, secret) = match authorization.and_then(basic) {
        Some((id, secret)) => (id, Some(secret)),
        None => (
            form.require("client_id")?.to_owned(),
            form.get("client_secret")?.map(SecretString::from),
        ),
    };
    let application = authority
        .directory
        .application(tenant_id, &client_id)
        .ok_or_else(|| TokenError::application_unknown(&client_id, tenant_id))?;
    let secret = secret.ok_or_else(TokenError::secret_missing)?;
    if !application.is_opened_by(secret.expose_secret()) {
        return Err(TokenError::secret_wrong(&client_id));
    }
    let audience = audience(form)?;
    if !authority.directory.knows_resource(&audience) {
        return Err(TokenError::resource_unknown(&audience, tenant_id));
    }
    Ok(Grant { application, audience })
}

/// The audience: the scope's text before `/.default`, or AD FS's `resource`.
fn audience(form: &Form) -> Result<String, TokenError> {
    if let Some(resource) = form.get("resource")? {
        return Ok(resource.to_owned());
    }
    let scope = form.require("scope")?;
    let mut scopes = scope
        .split(' ')
        .filter(|part| !part.is_empty())
        .filter(|part| !matches!(*part, "openid" | "profile" | "offline_access"));
    let first = scopes.next().ok_or_else(|| TokenError::scope_malformed(scope))?;
    if first.chars().any(char::is_control) {
        return Err(TokenError::scope_malformed(scope));
    }
    let audience =
        first.strip_suffix("/.default").ok_or_else(|| TokenError::scope_not_default(scope))?;
    if scopes.next().is_some() {
        return Err(TokenError::several_resources(scope));
    }
    if audience.is_empty() {
        return Err(TokenError::scope_malformed(scope));
    }
    Ok(audience.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn audience_of(scope: &str) -> Result<String, u32> {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("scope", scope)
            .finish();
        audience(&Form::parse(body.as_bytes())).map_err(|error| error.code)
    }

    #[test]
    fn the_audience_keeps_its_slash() {
        assert_eq!(audience_of("https://x/.default").unwrap(), "https://x");
        assert_eq!(audience_of("https://x//.default").unwrap(), "https://x/");
        assert_eq!(audience_of("openid https://x/.default").unwrap(), "https://x");
        assert_eq!(audience_of("https://x/read"), Err(1_002_012));
        assert_eq!(audience_of("https://x/.default https://y/.default"), Err(28000));
        assert_eq!(audience_of("/.default"), Err(70011));
        assert_eq!(audience_of("openid"), Err(70011));
        assert_eq!(audience_of(""), Err(900_144));
    }

    #[test]
    fn basic_halves_are_form_decoded() {
        let encoded = STANDARD.encode("my%3Aid:a%2Bb+c%25");
        let (id, secret) = basic(&format!("basic {encoded}")).unwrap();
        assert_eq!((id.as_str(), secret.expose_secret()), ("my:id", "a+b c%"));
        assert!(basic("Bearer x").is_none());
        assert!(basic("Basic !!").is_none());
    }

    proptest! {
        #[test]
        fn no_form_makes_the_judgement_panic(body: Vec<u8>, header in ".{0,40}") {
            let form = Form::parse(&body);
            let _ = audience(&form);
            let _ = basic(&header);
        }
    }
}
