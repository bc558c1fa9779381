//! Client credentials with a token of another issuer that Entra ID was told to
//! trust (workload identity federation): the application holds no secret. Where
//! the tokens come from is not known here.

use std::fmt;
use std::sync::Arc;

use secrecy::SecretString;

use super::builder::EntraBuilder;
use super::client_credentials;
use crate::oauth::checked_jwt;
use crate::{AssertionRequest, AssertionSource, AuthError, BoxFuture, Credential, TokenRequest};

const NAME: &str = "client assertion";

/// The audience that federated credentials have unless they are told another.
/// Clouds other than the public one have another.
pub(super) const AUDIENCE: &str = "api://AzureADTokenExchange";

/// The way in by assertions; see [`Credential::client_assertion`].
#[derive(Debug, Clone)]
pub struct ClientAssertion(Arc<dyn AssertionSource>);

/// The settings of a credential by assertions.
pub type ClientAssertionBuilder = EntraBuilder<ClientAssertion>;

impl Credential {
    /// An application of Entra ID that proves who it is by JWTs of another
    /// issuer, or by JWTs signed elsewhere, such as in a key vault. Finish with
    /// [`build`](EntraBuilder::<ClientAssertion>::build).
    ///
    /// `source` is asked for each request. It may be another [`Credential`],
    /// such as a managed identity, which then takes the place of a secret, in
    /// its own tenant or another: its token for
    /// `api://AzureADTokenExchange/.default` becomes the assertion. In clouds
    /// other than the public one that audience is another one: ask for it in a
    /// callback ([`client_assertion_with`](Self::client_assertion_with)).
    ///
    /// In the portal: App registrations, the application, Certificates &
    /// secrets, Federated credentials, Add credential; give issuer, subject and
    /// audience exactly as the tokens have them (for a managed identity, its
    /// tenant's issuer and its object id). By command: `az ad app
    /// federated-credential create --id APP --parameters credential.json`. The
    /// application's service principal still needs a role on the resource.
    pub fn client_assertion(
        tenant: impl Into<String>,
        client_id: impl Into<String>,
        source: impl AssertionSource + 'static,
    ) -> ClientAssertionBuilder {
        let way = ClientAssertion(Arc::new(source));
        EntraBuilder::new(way, tenant.into(), client_id.into())
    }

    /// As [`client_assertion`](Self::client_assertion), with a callback that
    /// gives a JWT. It is called for each request and must not give the same one
    /// for ever.
    ///
    /// ```no_run
    /// # fn example(identity: twinkit_auth::Credential) -> Result<(), twinkit_auth::AuthError> {
    /// use twinkit_auth::{Credential, TokenRequest};
    ///
    /// let exchange = TokenRequest::new(["api://AzureADTokenExchangeUSGov/.default"])?;
    /// let credential = Credential::client_assertion_with("contoso.com", "client-id", move || {
    ///     let (identity, exchange) = (identity.clone(), exchange.clone());
    ///     async move { Ok(identity.token(&exchange).await?.secret().clone()) }
    /// })
    /// .build()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn client_assertion_with<F, A>(
        tenant: impl Into<String>,
        client_id: impl Into<String>,
        callback: F,
    ) -> ClientAssertionBuilder
    where
        F: Fn() -> A + Send + Sync + 'static,
        A: Future<Output = Result<SecretString, AuthError>> + Send + 'static,
    {
        Self::client_assertion(tenant, client_id, Callback(callback))
    }
}

impl EntraBuilder<ClientAssertion> {
    /// Checks the settings and makes the credential. Nothing is sent yet, and
    /// no assertion is asked for.
    ///
    /// # Errors
    /// [`AuthErrorKind::Config`](crate::AuthErrorKind::Config) names the setting
    /// that is wrong.
    pub fn build(self) -> Result<Credential, AuthError> {
        let assertion = Checked { name: NAME, source: self.way.0 };
        client_credentials::credential(NAME, &self.settings, assertion)
    }
}

/// A source of the user's, whose assertions are looked at before they are sent.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) name: &'static str,
    pub(super) source: Arc<dyn AssertionSource>,
}

impl AssertionSource for Checked {
    fn assertion<'a>(
        &'a self,
        wanted: AssertionRequest<'a>,
    ) -> BoxFuture<'a, Result<SecretString, AuthError>> {
        Box::pin(async move {
            let assertion = self.source.assertion(wanted).await?;
            checked_jwt(self.name, "the assertion", assertion)
        })
    }

    fn input_version(&self) -> u64 {
        self.source.input_version()
    }
}

struct Callback<F>(F);

impl<F, A> AssertionSource for Callback<F>
where
    F: Fn() -> A + Send + Sync,
    A: Future<Output = Result<SecretString, AuthError>> + Send + 'static,
{
    fn assertion<'a>(
        &'a self,
        _wanted: AssertionRequest<'a>,
    ) -> BoxFuture<'a, Result<SecretString, AuthError>> {
        Box::pin((self.0)())
    }
}

impl<F> fmt::Debug for Callback<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Callback")
    }
}

/// The credential's token for `api://AzureADTokenExchange` is the assertion.
impl AssertionSource for Credential {
    fn assertion<'a>(
        &'a self,
        _wanted: AssertionRequest<'a>,
    ) -> BoxFuture<'a, Result<SecretString, AuthError>> {
        Box::pin(async move {
            let request = TokenRequest::new([format!("{AUDIENCE}/.default")])?;
            Ok(self.token(&request).await?.secret().clone())
        })
    }

    fn input_version(&self) -> u64 {
        self.source_version()
    }
}
