//! Share keys of the iTwin Platform: they open one iTwin or iModel to readers
//! without an account, for some days.

use secrecy::{ExposeSecret, SecretString};
use twinkit_http::OriginSet;

use super::StaticAuthorizer;
use crate::{AuthError, AuthErrorKind};

const NAME: &str = "share key";

impl StaticAuthorizer {
    /// Sends a share key as `Authorization: Basic KEY`. The key goes in as it
    /// is: it is no pair of user name and password, and is not encoded again.
    ///
    /// # Errors
    /// [`AuthErrorKind::Config`] if the key is empty, begins with a scheme word
    /// such as `Basic`, or holds anything but visible ASCII.
    pub fn share_key(
        key: impl Into<SecretString>,
        origins: impl Into<OriginSet>,
    ) -> Result<Self, AuthError> {
        let key = key.into();
        let text = key.expose_secret().trim();
        let fault = if text.is_empty() {
            "the share key is empty"
        } else if text.contains(' ') {
            "the share key holds a blank; give the key alone, without the word Basic"
        } else if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            "the share key holds control or non-ASCII characters"
        } else {
            let mut value = String::with_capacity(6 + text.len());
            value.push_str("Basic ");
            value.push_str(text);
            return Self::named(NAME, value.into(), origins);
        };
        Err(AuthError::new(AuthErrorKind::Config, NAME, fault))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Authorizer, Origin};
    use reqwest::{Method, Request};

    #[tokio::test]
    async fn the_key_follows_the_word_basic_as_it_is() {
        let origin = Origin::parse("https://api.example").unwrap();
        let authorizer = StaticAuthorizer::share_key(" k+/=ey\n", origin.clone()).unwrap();
        let mut request = Request::new(Method::GET, "https://api.example/x".parse().unwrap());
        authorizer.authorize(&mut request).await.unwrap();
        assert_eq!(request.headers()["authorization"], "Basic k+/=ey");
        for bad in ["", " ", "Basic canary", "canary\u{e4}", "canary\0"] {
            let error = StaticAuthorizer::share_key(bad, origin.clone()).unwrap_err();
            assert_eq!(error.kind(), AuthErrorKind::Config, "{bad:?}");
            assert!(!format!("{error:?}").contains("canary"));
        }
    }
}
