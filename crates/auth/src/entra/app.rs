//! [`EntraApp`]: a registered application at its authority, as every grant uses
//! it. It must not know any grant.

use std::fmt;

use reqwest::Url;
use tracing::{Span, field};

use super::authority::AuthorityHost;
use super::builder::TenantRule;
use super::hints;
use crate::oauth::{Exchange, Form, OAuthClient, TokenAnswer, requested_claims, retry};
use crate::{AuthError, AuthErrorKind, FetchContext, TokenRequest};

/// An application that asks for tokens; made by `Settings::app`.
#[derive(Clone)]
pub(super) struct EntraApp {
    /// The way in, for errors.
    pub(super) name: &'static str,
    pub(super) tenant: String,
    pub(super) rule: TenantRule,
    pub(super) authority: AuthorityHost,
    pub(super) client: OAuthClient,
}

impl EntraApp {
    /// Exchanges `form` for a token, as `request` asks: in its tenant, with its
    /// claims. The grant has put the scopes into the form.
    pub(super) async fn exchange(
        &self,
        form: Form,
        request: &TokenRequest,
        context: &FetchContext,
    ) -> Result<TokenAnswer, AuthError> {
        self.exchange_with(form, &retry::TOKEN_ENDPOINT, request, context).await
    }

    /// [`exchange`](Self::exchange) with another patience.
    pub(super) async fn exchange_with(
        &self,
        form: Form,
        policy: &retry::Policy,
        request: &TokenRequest,
        context: &FetchContext,
    ) -> Result<TokenAnswer, AuthError> {
        let tenant = self.tenant_for(request)?;
        self.note(tenant);
        let form = match requested_claims(request) {
            Some(claims) => form.with("claims", claims),
            None => form,
        };
        let url = self.authority.token_url(tenant);
        let exchange = Exchange { source: self.name, context };
        let answer = self.client.exchange_with(&url, &form, policy, exchange).await;
        answer.map_err(hints::explain)
    }

    /// The tenant that `request` is for.
    pub(super) fn tenant_for<'a>(
        &'a self,
        request: &'a TokenRequest,
    ) -> Result<&'a str, AuthError> {
        match request.tenant() {
            Some(tenant) => self.rule.check(self.name, tenant),
            None => Ok(&self.tenant),
        }
    }

    /// Refuses a request that carries a user's token, for grants that act for
    /// the application.
    pub(super) fn refuse_user_assertion(&self, request: &TokenRequest) -> Result<(), AuthError> {
        if request.user_assertion().is_none() {
            return Ok(());
        }
        Err(self
            .config("this credential does not act on behalf of the user whose token was given")
            .with_hint("use Credential::on_behalf_of for that"))
    }

    /// Puts authority and tenant on the current span.
    pub(super) fn note(&self, tenant: &str) {
        let span = Span::current();
        span.record("authority", field::display(&self.authority));
        span.record("tenant", tenant);
    }

    pub(super) fn authorize_url(&self, tenant: &str) -> Url {
        self.authority.authorize_url(tenant)
    }

    pub(super) fn device_code_url(&self, tenant: &str) -> Url {
        self.authority.device_code_url(tenant)
    }

    pub(super) fn config(&self, message: impl Into<String>) -> AuthError {
        AuthError::new(AuthErrorKind::Config, self.name, message)
    }
}

impl fmt::Debug for EntraApp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EntraApp")
            .field("tenant", &self.tenant)
            .field("client_id", &self.client.id())
            .field("auth", self.client.auth())
            .field("authority", &self.authority)
            .finish_non_exhaustive()
    }
}
