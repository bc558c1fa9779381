//! The authorization request that a browser carries to an identity service,
//! and reading what it carries back (RFC 6749 section 4.1, RFC 9207).

use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use super::{failure, pkce, same};
use crate::{AuthError, AuthErrorKind};

/// How the browser brings the answer back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum ResponseMode {
    /// In the body of a POST: the code stays out of histories, logs and
    /// referrers.
    #[default]
    FormPost,
    /// In the address, for services that know nothing else.
    Query,
}

/// What the sign-in page is to ask of the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Prompt {
    /// Nothing: fail if the person would have to do something.
    None,
    /// To sign in, even if they have done so in this browser.
    Login,
    /// To choose among accounts.
    SelectAccount,
    /// To consent.
    Consent,
}

/// What may be said to the sign-in page about the person.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wishes {
    pub(crate) prompt: Option<Prompt>,
    pub(crate) login_hint: Option<String>,
    pub(crate) domain_hint: Option<String>,
}

/// The texts that tie a sign-in's parts together.
#[derive(Debug, Clone)]
pub(crate) struct Ties {
    pub(crate) state: SecretString,
    pub(crate) nonce: SecretString,
    pub(crate) verifier: SecretString,
}

impl ResponseMode {
    fn as_str(self) -> &'static str {
        match self {
            Self::FormPost => "form_post",
            Self::Query => "query",
        }
    }
}

impl Prompt {
    fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Login => "login",
            Self::SelectAccount => "select_account",
            Self::Consent => "consent",
        }
    }
}

impl Ties {
    pub(crate) fn new(source: &'static str) -> Result<Self, AuthError> {
        let fresh = || pkce::unguessable(source);
        Ok(Self { state: fresh()?, nonce: fresh()?, verifier: fresh()? })
    }
}

/// Everything of an authorization request but its address.
#[derive(Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) redirect_uri: &'a str,
    pub(crate) scope: &'a str,
    pub(crate) mode: ResponseMode,
    pub(crate) claims: Option<&'a str>,
    pub(crate) wishes: &'a Wishes,
    pub(crate) ties: &'a Ties,
}

/// The address to send the browser to. `base` names the client already.
pub(crate) fn authorization_url(mut base: Url, asked: &Asked<'_>) -> Url {
    let Asked { wishes, ties, .. } = asked;
    let challenge = pkce::challenge(&ties.verifier);
    // It comes back in an ID token; strict servers refuse it where none is asked for.
    let wants_id_token = asked.scope.split(' ').any(|scope| scope == "openid");
    let nonce = wants_id_token.then(|| ("nonce", ties.nonce.expose_secret()));
    let optional = [
        ("prompt", wishes.prompt.map(Prompt::as_str)),
        ("login_hint", wishes.login_hint.as_deref()),
        ("domain_hint", wishes.domain_hint.as_deref()),
        ("claims", asked.claims),
    ];
    base.query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair("redirect_uri", asked.redirect_uri)
        .append_pair("scope", asked.scope)
        .append_pair("response_mode", asked.mode.as_str())
        .append_pair("state", ties.state.expose_secret())
        .extend_pairs(nonce)
        .append_pair("code_challenge", &challenge)
        .append_pair("code_challenge_method", "S256")
        .extend_pairs(optional.into_iter().filter_map(|(name, value)| Some((name, value?))));
    base
}

/// Why fields that came back are no answer at all, so that one may still come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoAnswer {
    /// No `state`, another sign-in's, or several.
    State,
    /// A field is there twice, or there is neither a code nor an error.
    Malformed,
}

/// Reads the fields that a browser brought back: the code, or the error that
/// the identity service sent in its place. `issuer` is compared with `iss` if
/// both are there.
pub(crate) fn read(
    source: &'static str,
    fields: &str,
    state: &SecretString,
    issuer: Option<&str>,
) -> Result<Result<SecretString, AuthError>, NoAnswer> {
    let pairs = form_pairs(fields);
    let one = |name: &str, fault: NoAnswer| {
        let mut found = pairs.iter().filter(|(key, _)| key == name).map(|(_, value)| value);
        match (found.next(), found.next()) {
            (value, None) => Ok(value.filter(|value| !value.is_empty())),
            _ => Err(fault),
        }
    };
    let said = one("state", NoAnswer::State)?;
    if !said.is_some_and(|said| same(said, state)) {
        return Err(NoAnswer::State);
    }
    let field = |name: &str| one(name, NoAnswer::Malformed);
    let (code, error) = (field("code")?, field("error")?);
    if let (Some(expected), Some(said)) = (issuer, field("iss")?)
        && said != expected
    {
        let message = "the answer came from another identity service than was asked (iss)";
        return Ok(Err(AuthError::new(AuthErrorKind::Protocol, source, message)));
    }
    match (code, error) {
        (Some(code), None) => Ok(Ok(SecretString::from(code.as_str()))),
        (None, Some(error)) => {
            let text = |name: &str| Ok(field(name)?.cloned());
            let fields = [
                ("error", Some(error.clone())),
                ("error_description", text("error_description")?),
                ("suberror", text("error_subcode")?),
                ("error_uri", text("error_uri")?),
                ("claims", text("claims")?),
            ];
            let answer = fields
                .into_iter()
                .filter_map(|(name, text)| text.map(|text| (name.to_owned(), Value::String(text))));
            Ok(Err(failure::from_redirect(source, Value::Object(answer.collect()))))
        }
        _ => Err(NoAnswer::Malformed),
    }
}

/// The parser is the one of URLs: bodies of forms have the same encoding as
/// queries.
fn form_pairs(fields: &str) -> Vec<(String, String)> {
    let Ok(mut url) = Url::parse("http://localhost/") else { return Vec::new() };
    url.set_query(Some(fields));
    url.query_pairs().into_owned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn answer(fields: &str) -> Result<Result<SecretString, AuthError>, NoAnswer> {
        read("t", fields, &"st-1".into(), Some("https://login.example"))
    }

    #[test]
    fn a_code_with_the_right_state_is_taken() {
        for fields in [
            "code=a%2Bb+c&state=st-1",
            "state=st-1&session_state=x&code=a%2bb%20c&iss=https%3A%2F%2Flogin.example",
        ] {
            assert_eq!(answer(fields).unwrap().unwrap().expose_secret(), "a+b c", "{fields}");
        }
    }

    #[test]
    fn foreign_and_doubled_fields_are_no_answer() {
        for (fields, fault) in [
            ("", NoAnswer::State),
            ("code=c", NoAnswer::State),
            ("code=c&state=", NoAnswer::State),
            ("code=c&state=st-2", NoAnswer::State),
            ("code=c&state=st-1&state=st-2", NoAnswer::State),
            ("code=c&code=d&state=st-1", NoAnswer::Malformed),
            ("code=c&error=e&state=st-1", NoAnswer::Malformed),
            ("state=st-1", NoAnswer::Malformed),
            ("code=&state=st-1", NoAnswer::Malformed),
        ] {
            assert_eq!(answer(fields).unwrap_err(), fault, "{fields}");
        }
    }

    #[test]
    fn errors_are_typed_and_scrubbed() {
        use AuthErrorKind::{Denied, InteractionRequired, Protocol, Rejected, Transient};
        for (fields, kind) in [
            ("error=access_denied&error_subcode=cancel", Denied),
            ("error=other&error_subcode=cancel", Denied),
            ("error=interaction_required", InteractionRequired),
            ("error=temporarily_unavailable", Transient),
            ("error=invalid_request&error_description=AADSTS900144%3A%0d%0a%1b%5b31m", Rejected),
            ("code=c&iss=https%3A%2F%2Fevil.example", Protocol),
        ] {
            let error = answer(&format!("{fields}&state=st-1")).unwrap().unwrap_err();
            assert_eq!(error.kind(), kind, "{fields}");
            assert!(!error.to_string().contains(char::is_control));
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(fields in ".{0,200}") {
            let _ = read("t", &fields, &"s".into(), None);
        }
    }
}
