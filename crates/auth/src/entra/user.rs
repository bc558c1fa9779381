//! What all ways in by a person share at Entra ID: the scopes that bring a
//! refresh token, the store that keeps it, and whether the person may be asked.

use std::fmt;
use std::sync::{Arc, Mutex};

use reqwest::Url;
use secrecy::SecretString;

use super::app::EntraApp;
use super::builder::{EntraBuilder, Settings, TenantRule};
use super::hints;
use crate::oauth::device::DevicePeer;
use crate::oauth::device_code::{self, Pending};
use crate::oauth::{
    ClientAuth, Exchange, Form, Peer, Session, SignIn, TokenAnswer, requested_claims, retry,
    scope_with,
};
use crate::session::UserSession;
use crate::store::{MemoryStore, StoreKey, TokenStore};
use crate::{AuthError, BoxFuture, Credential, FetchContext, TokenRequest};

/// For the ID token, which says who signed in, and for a refresh token.
pub(super) const SIGN_IN_SCOPES: [&str; 3] = ["openid", "profile", "offline_access"];

/// A way in by a person. Sealed: its methods are this crate's own.
pub trait UserWay: way::Way {}

impl<W: way::Way> UserWay for W {}

/// The settings of every way in by a person.
#[derive(Clone, Default)]
pub struct UserSettings {
    store: Option<Arc<dyn TokenStore>>,
    account: String,
    silent: bool,
}

pub(super) mod way {
    use super::*;

    /// What a way adds to a session.
    pub struct Start {
        pub(in crate::entra) app: EntraApp,
        pub(in crate::entra) sign_in: Arc<dyn SignIn>,
        pub(in crate::entra) seed: Option<SecretString>,
    }

    pub trait Way: Sized {
        fn user(&mut self) -> &mut UserSettings;

        /// Checks the way's own settings.
        fn start(self, settings: &Settings) -> Result<Start, AuthError>;
    }
}

impl<W: UserWay> EntraBuilder<W> {
    /// Keeps the sign-in in `store` instead of in memory, so that a later
    /// process finds it.
    pub fn store(mut self, store: impl TokenStore + 'static) -> Self {
        self.way.user().store = Some(Arc::new(store));
        self
    }

    /// Tells several sign-ins of one application apart in a store: any text,
    /// such as the user name. Without it the application has one.
    pub fn account(mut self, account: impl Into<String>) -> Self {
        self.way.user().account = account.into();
        self
    }

    /// Never asks the person while a token is wanted: without a kept sign-in
    /// that works, callers get
    /// [`InteractionRequired`](crate::AuthErrorKind::InteractionRequired). For
    /// servers, and for programs that sign in by a command of their own
    /// ([`UserSession::sign_in`]).
    pub fn without_interaction(mut self) -> Self {
        self.way.user().silent = true;
        self
    }

    /// Checks the settings and makes the credential. Nothing is sent or opened
    /// yet.
    ///
    /// # Errors
    /// [`AuthErrorKind::Config`](crate::AuthErrorKind::Config) names the setting
    /// that is wrong.
    pub fn build(self) -> Result<Credential, AuthError> {
        Ok(self.session()?.credential())
    }

    /// [`build`](Self::build) for programs that show who is signed in, sign in
    /// by a command and sign out.
    ///
    /// # Errors
    /// As [`build`](Self::build).
    pub fn session(mut self) -> Result<UserSession, AuthError> {
        let UserSettings { store, account, silent } = std::mem::take(self.way.user());
        let way::Start { app, sign_in, seed } = self.way.start(&self.settings)?;
        let authority = app.authority.to_string();
        let session = Session {
            key: StoreKey::new(&authority, app.client.id(), &app.tenant, &account),
            peer: Arc::new(app),
            sign_in,
            silent,
            store: store.unwrap_or_else(|| Arc::new(MemoryStore::new())),
            seed: Mutex::new(seed),
            turn: Arc::default(),
        };
        Ok(UserSession::new(session, &self.settings.clock))
    }
}

impl Settings {
    /// The application as people sign in to it.
    pub(super) fn user_app(
        &self,
        name: &'static str,
        auth: ClientAuth,
    ) -> Result<EntraApp, AuthError> {
        self.app(name, TenantRule::OfUser, auth)
    }
}

impl Peer for EntraApp {
    fn name(&self) -> &'static str {
        self.name
    }

    fn check(&self, request: &TokenRequest) -> Result<(), AuthError> {
        self.refuse_user_assertion(request)?;
        self.tenant_for(request).map(drop)
    }

    fn scope(&self, request: &TokenRequest) -> String {
        scope_with(request, &SIGN_IN_SCOPES)
    }

    fn authorize_url(&self, request: &TokenRequest) -> Result<Url, AuthError> {
        let mut url = EntraApp::authorize_url(self, self.tenant_for(request)?);
        url.query_pairs_mut().append_pair("client_id", self.client.id());
        Ok(url)
    }

    fn exchange<'a>(
        &'a self,
        form: Form,
        policy: &'static retry::Policy,
        request: &'a TokenRequest,
        context: &'a FetchContext,
    ) -> BoxFuture<'a, Result<TokenAnswer, AuthError>> {
        Box::pin(self.exchange_with(form, policy, request, context))
    }

    #[cfg(feature = "interactive")]
    fn explain(&self, error: AuthError) -> AuthError {
        hints::explain(error)
    }

    fn input_version(&self) -> u64 {
        self.client.auth().input_version()
    }
}

impl DevicePeer for EntraApp {
    fn begin<'a>(
        &'a self,
        request: &'a TokenRequest,
        context: &'a FetchContext,
    ) -> BoxFuture<'a, Result<Pending, AuthError>> {
        Box::pin(async {
            let tenant = self.tenant_for(request)?;
            self.note(tenant);
            let form = Form::default().with("scope", self.scope(request));
            let form = match requested_claims(request) {
                Some(claims) => form.with("claims", claims),
                None => form,
            };
            let exchange = Exchange { source: self.name, context };
            let (url, policy) = (self.device_code_url(tenant), &retry::TOKEN_ENDPOINT);
            self.client
                .exchange_for(&url, &form, policy, exchange, device_code::read)
                .await
                .map_err(hints::explain)
        })
    }
}

impl fmt::Debug for UserSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserSettings")
            .field("store", &self.store)
            .field("silent", &self.silent)
            .finish_non_exhaustive()
    }
}
