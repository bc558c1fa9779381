//! The client credentials grant (RFC 6749 section 4.4), whatever the
//! application's proof: `client_secret`, `client_certificate` and the federated
//! tokens all end here.

use std::sync::Arc;

use super::app::EntraApp;
use super::builder::{Settings, TenantRule};
use crate::oauth::{ClientAuth, Form};
use crate::{
    AccessToken, AssertionSource, AuthError, BoxFuture, Credential, FetchContext, TokenRequest,
    TokenSource,
};

/// An application that acts for itself.
#[derive(Debug)]
pub(super) struct ClientCredentials {
    app: EntraApp,
}

impl ClientCredentials {
    pub(super) fn new(app: EntraApp) -> Self {
        Self { app }
    }

    async fn exchange(
        &self,
        request: &TokenRequest,
        context: &FetchContext,
    ) -> Result<AccessToken, AuthError> {
        self.app.refuse_user_assertion(request)?;
        let form = Form::new("client_credentials").with("scope", request.scopes().join(" "));
        Ok(self.app.exchange(form, request, context).await?.token)
    }
}

impl TokenSource for ClientCredentials {
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

/// An application that acts for itself and proves who it is by assertions.
/// `name` is the way's, for errors.
pub(super) fn credential(
    name: &'static str,
    settings: &Settings,
    assertion: impl AssertionSource + 'static,
) -> Result<Credential, AuthError> {
    let auth = ClientAuth::Assertion(Arc::new(assertion));
    let app = settings.app(name, TenantRule::OfApplication, auth)?;
    let source = ClientCredentials::new(app);
    Ok(Credential::from_source_with_clock(source, Arc::clone(&settings.clock)))
}
