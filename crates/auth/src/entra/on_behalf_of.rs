//! On-behalf-of: a web API exchanges the access token that its caller sent for
//! one with which it calls a further API as that user (RFC 7523 section 2.1,
//! with Entra ID's `requested_token_use`).

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretString};

use super::app::EntraApp;
use super::builder::{EntraBuilder, TenantRule};
#[cfg(feature = "certificates")]
use super::certificate::{CertificateAssertion, ClientCertificate};
use super::client_secret::check_secret;
use super::federated::Checked;
use crate::oauth::{ClientAuth, Form};
use crate::{
    AccessToken, AssertionSource, AuthError, AuthErrorKind, BoxFuture, Credential, FetchContext,
    TokenRequest, TokenSource,
};

const NAME: &str = "on behalf of";

const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// The way in on behalf of users; see [`Credential::on_behalf_of`].
#[derive(Clone, Default)]
pub struct OnBehalfOf {
    proof: Option<Proof>,
}

/// By what the web API shows who it is itself.
#[derive(Clone)]
enum Proof {
    Secret(SecretString),
    #[cfg(feature = "certificates")]
    Certificate(ClientCertificate),
    Assertion(Arc<dyn AssertionSource>),
}

/// The settings of a credential on behalf of users.
pub type OnBehalfOfBuilder = EntraBuilder<OnBehalfOf>;

impl Credential {
    /// A web API that calls others as the users who call it. `tenant` is the id
    /// of the users' tenant, `client_id` the web API's own application. It
    /// proves who it is by one of [`secret`](EntraBuilder::<OnBehalfOf>::secret),
    /// `certificate` and [`assertion`](EntraBuilder::<OnBehalfOf>::assertion); the
    /// last one set counts. Finish with
    /// [`build`](EntraBuilder::<OnBehalfOf>::build).
    ///
    /// One credential serves all users: [`for_user`](Self::for_user) makes the
    /// handle for one of them, and tokens are kept apart by the SHA-256 of the
    /// user's token.
    ///
    /// ```no_run
    /// # async fn example(incoming: &str) -> Result<(), twinkit_auth::AuthError> {
    /// use twinkit_auth::{Credential, TokenRequest};
    ///
    /// let api = Credential::on_behalf_of("tenant-id", "client-id").secret("...").build()?;
    /// // For each call that comes in, with the token of its Authorization header
    /// // and after that was checked:
    /// let user = api.for_user(incoming);
    /// let request = TokenRequest::new(["https://digitaltwins.azure.net/.default"])?;
    /// let token = user.token(&request).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// In the portal, on the web API's page in App registrations: Expose an API,
    /// with a scope that callers ask for, so that their tokens are made out to
    /// this application; API permissions, Add a permission, the delegated ones of
    /// the API to be called (Azure Digital Twins: `Read.Write`); then Grant admin
    /// consent, or let callers consent for both by adding their application under
    /// Expose an API, Authorized client applications. Users need a role on the
    /// resource themselves. Tokens of applications, without a user, cannot be
    /// exchanged.
    pub fn on_behalf_of(
        tenant: impl Into<String>,
        client_id: impl Into<String>,
    ) -> OnBehalfOfBuilder {
        EntraBuilder::new(OnBehalfOf::default(), tenant.into(), client_id.into())
    }
}

impl EntraBuilder<OnBehalfOf> {
    /// The web API proves who it is by a client secret.
    pub fn secret(mut self, secret: impl Into<SecretString>) -> Self {
        self.way.proof = Some(Proof::Secret(secret.into()));
        self
    }

    /// The web API proves who it is by a certificate.
    #[cfg(feature = "certificates")]
    pub fn certificate(mut self, certificate: ClientCertificate) -> Self {
        self.way.proof = Some(Proof::Certificate(certificate));
        self
    }

    /// The web API proves who it is by JWTs of another issuer, for instance of
    /// its managed identity; see
    /// [`Credential::client_assertion`](Credential::client_assertion).
    pub fn assertion(mut self, source: impl AssertionSource + 'static) -> Self {
        self.way.proof = Some(Proof::Assertion(Arc::new(source)));
        self
    }

    /// Checks the settings and makes the credential. Nothing is sent yet.
    ///
    /// # Errors
    /// [`AuthErrorKind::Config`] names the setting that is wrong or missing.
    pub fn build(self) -> Result<Credential, AuthError> {
        let auth = match self.way.proof {
            Some(Proof::Secret(secret)) => ClientAuth::SecretPost(check_secret(NAME, secret)?),
            #[cfg(feature = "certificates")]
            Some(Proof::Certificate(certificate)) => {
                ClientAuth::Assertion(Arc::new(CertificateAssertion::new(NAME, certificate)?))
            }
            Some(Proof::Assertion(source)) => {
                ClientAuth::Assertion(Arc::new(Checked { name: NAME, source }))
            }
            None => {
                let message = "nothing is set by which the web API proves who it is itself";
                return Err(AuthError::new(AuthErrorKind::Config, NAME, message)
                    .with_hint("set a secret, a certificate or an assertion on the builder"));
            }
        };
        let app = self.settings.app(NAME, TenantRule::Exchanged, auth)?;
        let source = Exchanging { app };
        Ok(Credential::from_source_with_clock(source, Arc::clone(&self.settings.clock)))
    }
}

/// Exchanges users' tokens.
#[derive(Debug)]
struct Exchanging {
    app: EntraApp,
}

impl Exchanging {
    async fn exchange(
        &self,
        request: &TokenRequest,
        context: &FetchContext,
    ) -> Result<AccessToken, AuthError> {
        let Some(assertion) = request.user_assertion() else {
            return Err(self
                .app
                .config("the request carries no user's token to exchange")
                .with_hint("ask Credential::for_user(TOKEN), TOKEN being the one that came in"));
        };
        if let Some(fault) = fault(assertion.expose_secret()) {
            return Err(self.app.config(fault));
        }
        let form = Form::new(GRANT)
            .with_secret("assertion", assertion.clone())
            .with("requested_token_use", "on_behalf_of")
            .with("scope", request.scopes().join(" "));
        Ok(self.app.exchange(form, request, context).await?.token)
    }
}

/// What is wrong with a user's token at first sight.
fn fault(assertion: &str) -> Option<&'static str> {
    if assertion.trim().is_empty() {
        Some("the user's token is empty")
    } else if assertion.get(..7).is_some_and(|word| word.eq_ignore_ascii_case("bearer ")) {
        Some("the user's token begins with the word Bearer; give what follows it")
    } else if !assertion.bytes().all(|byte| byte.is_ascii_graphic()) {
        Some("the user's token holds blanks or other characters that tokens do not hold")
    } else {
        None
    }
}

impl TokenSource for Exchanging {
    fn name(&self) -> &'static str {
        self.app.name
    }

    fn fetch<'a>(
        &'a self,
        request: &'a TokenRequest,
        context: &'a FetchContext,
    ) -> BoxFuture<'a, Result<AccessToken, AuthError>> {
        Box::pin(self.exchange(request, context))
    }

    fn input_version(&self) -> u64 {
        self.app.client.auth().input_version()
    }
}

impl AuthError {
    /// The `WWW-Authenticate` value by which a web API hands a claims challenge
    /// on to its own caller, with status 401: the caller then signs its user in
    /// again, with those claims. `None` if this error carries no
    /// [`claims`](Self::claims).
    #[must_use]
    pub fn challenge(&self) -> Option<String> {
        let claims = STANDARD.encode(self.claims()?);
        Some(format!("Bearer realm=\"\", error=\"insufficient_claims\", claims=\"{claims}\""))
    }
}

impl fmt::Debug for OnBehalfOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let proof = match &self.proof {
            Some(Proof::Secret(_)) => "secret",
            #[cfg(feature = "certificates")]
            Some(Proof::Certificate(_)) => "certificate",
            Some(Proof::Assertion(_)) => "assertion",
            None => "none",
        };
        f.debug_struct("OnBehalfOf").field("proof", &proof).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn api() -> OnBehalfOfBuilder {
        Credential::on_behalf_of("contoso.com", "app").secret("canary")
    }

    #[test]
    fn wrong_settings_are_named_before_anything_is_sent() {
        assert!(api().build().is_ok());
        for (builder, said) in [
            (Credential::on_behalf_of("contoso.com", "app"), "proves who it is"),
            (Credential::on_behalf_of("common", "app").secret("canary"), "(tid)"),
            (Credential::on_behalf_of("organizations", "app").secret("canary"), "(tid)"),
            (Credential::on_behalf_of("", "app").secret("canary"), "tenant"),
            (api().secret(" "), "secret is empty"),
        ] {
            assert!(!format!("{builder:?}").contains("canary"));
            let error = builder.build().unwrap_err();
            assert_eq!(error.kind(), AuthErrorKind::Config);
            assert!(error.to_string().contains(said), "{error}");
            assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
        }
    }

    #[tokio::test]
    async fn a_user_is_needed_and_the_token_must_be_one() {
        let request = TokenRequest::new(["a"]).unwrap();
        let api = api().build().unwrap();
        let error = api.token(&request).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (AuthErrorKind::Config, 0));
        assert!(error.hint().unwrap().contains("for_user"));
        for (token, said) in [
            (" ", "empty"),
            ("Bearer canary", "word Bearer"),
            ("bearer canary", "word Bearer"),
            ("canary canary", "blanks"),
            ("canary\r\n", "blanks"),
            ("canär", "blanks"),
        ] {
            let error = api.for_user(token).token(&request).await.unwrap_err();
            assert_eq!((error.kind(), error.attempts()), (AuthErrorKind::Config, 0), "{token}");
            assert!(error.to_string().contains(said), "{error}");
            assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
        }
        let common = request.with_tenant("common").unwrap();
        let error = api.for_user("a.b.c").token(&common).await.unwrap_err();
        assert!(error.to_string().contains("(tid)"), "{error}");
    }

    #[test]
    fn only_an_error_with_claims_makes_a_challenge() {
        let error = AuthError::new(AuthErrorKind::InteractionRequired, "t", "m");
        assert_eq!(error.challenge(), None);
    }
}
