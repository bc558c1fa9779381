//! IMS client credentials: a service application that calls the iTwin Platform
//! as itself.

use std::fmt;
use std::sync::Arc;

use secrecy::SecretString;
use tracing::{Span, field};

use super::builder::ImsBuilder;
use super::hints;
use super::host::ImsHost;
use crate::entra::check_secret;
use crate::oauth::{ClientAuth, Exchange, Form, OAuthClient, retry};
use crate::{
    AccessToken, AuthError, AuthErrorKind, BoxFuture, Credential, FetchContext, TokenRequest,
    TokenSource,
};

const NAME: &str = "IMS service application";

/// The scopes of people: IMS's own client refuses them before sending.
const SCOPES_OF_USERS: [&str; 4] = ["openid", "email", "profile", "organization"];

/// The way in of a service application; see [`Credential::ims_service`].
#[derive(Clone)]
pub struct ImsService {
    secret: SecretString,
    basic: bool,
}

/// The settings of a service application's credential.
pub type ImsServiceBuilder = ImsBuilder<ImsService>;

impl Credential {
    /// A service application of the iTwin Platform. Ask for the scope
    /// `itwin-platform`. Finish with [`build`](ImsBuilder::<ImsService>::build).
    ///
    /// On the developer portal: My Apps, Register New, type *Service*; copy
    /// client id and secret. The application is a user of its own, outside your
    /// organization, and sees nothing until it is made a member: add its e-mail
    /// address ([`ims_service_email`]) to an iTwin or to the account, with a
    /// role that holds the permissions it needs.
    pub fn ims_service(
        client_id: impl Into<String>,
        secret: impl Into<SecretString>,
    ) -> ImsServiceBuilder {
        let way = ImsService { secret: secret.into(), basic: false };
        ImsBuilder::new(way, client_id.into())
    }
}

/// The e-mail address under which a service application is a user of the iTwin
/// Platform: what to add as a member of an iTwin.
#[must_use]
pub fn ims_service_email(client_id: &str) -> String {
    format!("{}@apps.imsoidc.bentley.com", client_id.trim())
}

impl ImsBuilder<ImsService> {
    /// Proves the application by the `Authorization: Basic` header instead of
    /// the form. Id and secret are encoded as RFC 6749 section 2.3.1 says, so
    /// any character may stand in them.
    pub fn basic(mut self) -> Self {
        self.way.basic = true;
        self
    }

    /// Checks the settings and makes the credential. Nothing is sent yet.
    ///
    /// # Errors
    /// [`AuthErrorKind::Config`] names the setting that is wrong.
    pub fn build(self) -> Result<Credential, AuthError> {
        let secret = check_secret(NAME, self.way.secret.clone())?;
        let auth = if self.way.basic {
            ClientAuth::SecretBasic(secret)
        } else {
            ClientAuth::SecretPost(secret)
        };
        let (host, client) = self.client(NAME, auth)?;
        Ok(Credential::from_source_with_clock(Source { host, client }, Arc::clone(&self.clock)))
    }
}

impl fmt::Debug for ImsService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ImsService").field("basic", &self.basic).finish_non_exhaustive()
    }
}

#[derive(Debug)]
struct Source {
    host: ImsHost,
    client: OAuthClient,
}

impl Source {
    async fn exchange(
        &self,
        request: &TokenRequest,
        context: &FetchContext,
    ) -> Result<AccessToken, AuthError> {
        check(request)?;
        Span::current().record("authority", field::display(&self.host));
        let form = Form::new("client_credentials").with("scope", request.scopes().join(" "));
        let exchange = Exchange { source: NAME, context };
        let url = self.host.token_url();
        let answer = self.client.exchange_with(&url, &form, &retry::TOKEN_ENDPOINT, exchange).await;
        Ok(answer.map_err(hints::explain)?.token)
    }
}

/// Refuses what IMS could not honour.
fn check(request: &TokenRequest) -> Result<(), AuthError> {
    let config = |message: String| AuthError::new(AuthErrorKind::Config, NAME, message);
    if request.user_assertion().is_some() {
        return Err(config(
            "IMS has no on-behalf-of; a service application acts for itself".into(),
        ));
    }
    if request.tenant().is_some() || request.claims().is_some() {
        return Err(config("IMS knows no tenants and no claims challenges".into()));
    }
    let scopes = request.scopes();
    if let Some(scope) = scopes.iter().find(|scope| SCOPES_OF_USERS.contains(&scope.as_str())) {
        return Err(config(format!("the scope {scope} is for people, not for applications")));
    }
    if let Some(scope) = scopes.iter().find(|scope| scope.ends_with("/.default")) {
        return Err(config(format!("{scope} is a scope of Microsoft Entra ID"))
            .with_hint("the iTwin Platform's scope is itwin-platform"));
    }
    Ok(())
}

impl TokenSource for Source {
    fn name(&self) -> &'static str {
        NAME
    }

    fn fetch<'a>(
        &'a self,
        request: &'a TokenRequest,
        context: &'a FetchContext,
    ) -> BoxFuture<'a, Result<AccessToken, AuthError>> {
        Box::pin(self.exchange(request, context))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_ims_cannot_honour_is_refused_before_sending() {
        let credential = Credential::ims_service("app", "canary").build().unwrap();
        let request = |scope: &str| TokenRequest::new([scope]).unwrap();
        let good = request("itwin-platform");
        for (request, said) in [
            (request("openid"), "for people"),
            (request("https://x/.default"), "Entra"),
            (good.clone().with_tenant("t").unwrap(), "no tenants"),
            (good.clone().with_claims("{}").unwrap(), "no claims"),
            (good.with_user_assertion("canary"), "on-behalf-of"),
        ] {
            let error = credential.token(&request).await.unwrap_err();
            assert_eq!((error.kind(), error.attempts()), (AuthErrorKind::Config, 0));
            assert!(error.to_string().contains(said), "{error}");
        }
    }

    #[test]
    fn wrong_settings_are_named_and_secrets_hidden() {
        for (id, secret) in [("", "canary"), ("a b", "canary"), ("app", " "), ("app", "canary\n")] {
            let error = Credential::ims_service(id, secret).build().unwrap_err();
            assert!(!format!("{error:?}").contains("canary"));
        }
        let builder = Credential::ims_service("app", "canary").basic().host("https://u:canary@x");
        assert!(!format!("{builder:?}").contains("canary"));
        assert!(builder.build().is_err());
        assert_eq!(ims_service_email(" service-1 "), "service-1@apps.imsoidc.bentley.com");
    }
}
