//! The code of a sign-in on another device, as the service gives it (RFC 8628
//! section 3.2).

use std::fmt;
use std::time::{Duration, SystemTime};

use reqwest::Url;
use secrecy::SecretString;
use serde::Deserialize;
use twinkit_http::{endpoint, redact};

use super::response::{Number, json, seconds};
use crate::{AuthError, AuthErrorKind};

/// Where the service says nothing of it (RFC 8628 section 3.2).
const INTERVAL: Duration = Duration::from_secs(5);
/// No person needs longer, whatever the service grants.
const LONGEST_LIFE: Duration = Duration::from_secs(60 * 60);

const MAX_CODE: usize = 64;
const MAX_TEXT: usize = 1024;

/// What to show to the person who signs in. Texts of the service's are free of
/// control characters; still, show them as text and not as markup.
#[derive(Clone)]
#[non_exhaustive]
pub struct DeviceCode {
    /// The code to enter.
    pub user_code: String,
    /// Where to enter it: an `https` address. Show its host, so that the person
    /// sees who asks.
    pub verification_uri: String,
    /// The same with the code in it, to be opened or shown as a QR code, if the
    /// service gives it.
    pub verification_uri_complete: Option<String>,
    /// A ready sentence with address and code.
    pub message: String,
    /// How long the code can be entered.
    pub expires_in: Duration,
}

/// With the code in hand somebody else could sign in: it is for the person
/// alone.
impl fmt::Debug for DeviceCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceCode")
            .field("verification_uri", &self.verification_uri)
            .field("expires_in", &self.expires_in)
            .finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
struct Body {
    device_code: Option<String>,
    user_code: Option<String>,
    verification_uri: Option<String>,
    /// The name in drafts of the standard.
    verification_url: Option<String>,
    verification_uri_complete: Option<String>,
    message: Option<String>,
    #[serde(default, with = "Number")]
    expires_in: Option<f64>,
    #[serde(default, with = "Number")]
    interval: Option<f64>,
}

/// A sign-in that waits for its person.
pub(crate) struct Pending {
    pub(super) device_code: SecretString,
    pub(super) interval: Duration,
    pub(super) shown: DeviceCode,
}

/// Reads the answer of the device authorization endpoint; for
/// `OAuthClient::exchange_for`.
pub(crate) fn read(
    source: &'static str,
    body: &[u8],
    content_type: &str,
    _asked_at: SystemTime,
) -> Result<Pending, AuthError> {
    let lacks = |what: &str| {
        let message = format!("the answer holds no usable {what}");
        AuthError::new(AuthErrorKind::Protocol, source, message)
    };
    let body: Body = json(source, body, content_type)?;
    let text = |text: Option<String>, max: usize| {
        text.map(|text| redact::text(&text, &[], max)).filter(|text| !text.is_empty())
    };
    let device_code = body.device_code.filter(|code| !code.is_empty());
    let device_code = device_code.map(SecretString::from).ok_or_else(|| lacks("device_code"))?;
    let user_code = text(body.user_code, MAX_CODE).ok_or_else(|| lacks("user_code"))?;
    let uri = body.verification_uri.or(body.verification_url);
    let verification_uri = uri
        .filter(|uri| is_safe(uri))
        .and_then(|uri| text(Some(uri), MAX_TEXT))
        .ok_or_else(|| lacks("verification_uri"))?;
    let complete = body.verification_uri_complete.filter(|uri| is_safe(uri));
    let life = body.expires_in.and_then(seconds).ok_or_else(|| lacks("expires_in"))?;
    let message = text(body.message, MAX_TEXT).unwrap_or_else(|| {
        format!("To sign in, open {verification_uri} in a browser and enter the code {user_code}.")
    });
    let interval = body.interval.and_then(seconds).unwrap_or(INTERVAL);
    Ok(Pending {
        device_code,
        interval: interval.max(Duration::from_secs(1)),
        shown: DeviceCode {
            user_code,
            verification_uri,
            verification_uri_complete: text(complete, MAX_TEXT),
            message,
            expires_in: life.min(LONGEST_LIFE),
        },
    })
}

/// Whether the address may be opened: `https`, or this machine.
fn is_safe(uri: &str) -> bool {
    Url::parse(uri).is_ok_and(|mut url| {
        url.set_query(None);
        endpoint::parse(url.as_str(), false).is_ok()
    })
}

impl fmt::Debug for Pending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pending")
            .field("interval", &self.interval)
            .field("shown", &self.shown)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begin(body: &str) -> Result<Pending, AuthError> {
        read("test", body.as_bytes(), "application/json", SystemTime::UNIX_EPOCH)
    }

    #[test]
    fn every_shape_of_the_answer_is_read() {
        let full = begin(
            r#"{"device_code":"canary","user_code":"AB-12\u001b[2J","expires_in":"900",
                "verification_uri":"https://login.example/device","interval":7,
                "verification_uri_complete":"https://login.example/device?c=AB",
                "message":"Go\r\nnow"}"#,
        )
        .unwrap();
        assert_eq!((full.interval.as_secs(), full.shown.expires_in.as_secs()), (7, 900));
        assert_eq!(full.shown.user_code, "AB-12 [2J");
        assert_eq!(full.shown.message, "Go  now");
        assert!(full.shown.verification_uri_complete.is_some());
        let shown = format!("{full:?}");
        assert!(!shown.contains("canary") && !shown.contains("AB-12"));
        let bare = begin(
            r#"{"device_code":"d","user_code":"u","expires_in":9e9,
                "verification_url":"https://old.example",
                "verification_uri_complete":"javascript:alert(1)"}"#,
        );
        assert!(bare.is_err(), "a life of centuries");
        let bare = begin(
            r#"{"device_code":"d","user_code":"u","expires_in":90000,
                "verification_url":"https://old.example",
                "verification_uri_complete":"javascript:alert(1)"}"#,
        )
        .unwrap();
        assert_eq!(bare.interval, INTERVAL);
        assert_eq!(bare.shown.expires_in, LONGEST_LIFE);
        assert_eq!(bare.shown.verification_uri_complete, None);
        assert!(bare.shown.message.contains("https://old.example"));
    }

    #[test]
    fn answers_without_what_is_needed_are_refused() {
        for body in [
            "{}",
            "",
            "<html>canary",
            r#"{"user_code":"u","expires_in":9,"verification_uri":"https://a.example"}"#,
            r#"{"device_code":"canary","expires_in":9,"verification_uri":"https://a.example"}"#,
            r#"{"device_code":"canary","user_code":"u","expires_in":9}"#,
            r#"{"device_code":"canary","user_code":"u","verification_uri":"https://a.example"}"#,
            r#"{"device_code":"canary","user_code":"u","expires_in":9,
                "verification_uri":"http://a.example"}"#,
        ] {
            let error = begin(body).unwrap_err();
            assert_eq!(error.kind(), AuthErrorKind::Protocol, "{body}");
            assert!(!format!("{error:?}").contains("canary"), "{body}");
        }
    }
}
