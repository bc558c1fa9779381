//! Sign-in of a person at Bentley IMS in a browser on this machine, for native
//! applications: code and PKCE, without a secret. Refresh tokens work once.

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex};

use reqwest::Url;
use twinkit_http::endpoint;

use super::builder::ImsBuilder;
use super::hints;
use super::host::ImsHost;
use crate::oauth::browser::{BrowserSignIn, Open, default_browser};
use crate::oauth::callback::Wishes;
use crate::oauth::{
    ClientAuth, Exchange, Form, OAuthClient, Peer, Place, ResponseMode, Session, TokenAnswer,
    retry, scope_with,
};
use crate::store::{MemoryStore, StoreKey, TokenStore};
use crate::{
    AuthError, AuthErrorKind, BoxFuture, Credential, FetchContext, TokenRequest, UserSession,
};

const NAME: &str = "IMS sign-in";

/// For a refresh token. Scopes beyond those that the application was registered
/// with are refused, so none is added for an ID token.
const SIGN_IN_SCOPES: [&str; 1] = ["offline_access"];

/// The way in of a person at a native application; see
/// [`Credential::ims_native`].
#[derive(Clone)]
pub struct ImsNative {
    redirect_uri: String,
    account: String,
    silent: bool,
    open: Option<Open>,
    store: Option<Arc<dyn TokenStore>>,
}

/// The settings of a person's sign-in at Bentley IMS.
pub type ImsNativeBuilder = ImsBuilder<ImsNative>;

impl Credential {
    /// A person who signs in at Bentley IMS in a browser on this machine, for the
    /// native application `client_id` of the iTwin Platform. When a token is
    /// wanted and no sign-in is kept, the browser opens and callers wait, for at
    /// most five minutes. Ask for the scope `itwin-platform`.
    ///
    /// In the developer portal: My Apps, Register New, Native, with the scopes
    /// `itwin-platform` and `offline_access` and the redirect URI
    /// [`ImsNative::DEFAULT_REDIRECT_URI`], or another that is given to
    /// [`redirect_uri`](ImsBuilder::<ImsNative>::redirect_uri).
    pub fn ims_native(client_id: impl Into<String>) -> ImsNativeBuilder {
        let way = ImsNative {
            redirect_uri: ImsNative::DEFAULT_REDIRECT_URI.to_owned(),
            account: String::new(),
            silent: false,
            open: None,
            store: None,
        };
        ImsBuilder::new(way, client_id.into())
    }
}

impl ImsNative {
    /// Where the browser returns to, unless another address is given.
    pub const DEFAULT_REDIRECT_URI: &'static str = "http://localhost:3301/signin-callback";
}

impl ImsBuilder<ImsNative> {
    /// Returns to this address, which is registered with the application in the
    /// same letters, port included: `http`, this machine, a port and a path.
    pub fn redirect_uri(mut self, uri: impl Into<String>) -> Self {
        self.way.redirect_uri = uri.into();
        self
    }

    /// Keeps the sign-in in `store` instead of in memory, so that a later
    /// process finds it.
    pub fn store(mut self, store: impl TokenStore + 'static) -> Self {
        self.way.store = Some(Arc::new(store));
        self
    }

    /// Tells several sign-ins of one application apart in a store: any text.
    pub fn account(mut self, account: impl Into<String>) -> Self {
        self.way.account = account.into();
        self
    }

    /// Never asks the person while a token is wanted: without a kept sign-in
    /// that works, callers get
    /// [`InteractionRequired`](AuthErrorKind::InteractionRequired).
    pub fn without_interaction(mut self) -> Self {
        self.way.silent = true;
        self
    }

    /// Opens the sign-in page by `open` instead of in the system's browser. It
    /// is called on a thread where it may block.
    pub fn open_with(
        mut self,
        open: impl Fn(&str) -> io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        self.way.open = Some(Arc::new(open));
        self
    }

    /// Checks the settings and makes the credential. Nothing is sent or opened
    /// yet.
    ///
    /// # Errors
    /// [`AuthErrorKind::Config`] names the setting that is wrong.
    pub fn build(self) -> Result<Credential, AuthError> {
        Ok(self.session()?.credential())
    }

    /// [`build`](Self::build) for programs that sign in by a command and sign
    /// out.
    ///
    /// # Errors
    /// As [`build`](Self::build).
    pub fn session(self) -> Result<UserSession, AuthError> {
        let (host, client) = self.client(NAME, ClientAuth::Public)?;
        let Self { way, clock, .. } = self;
        let key = StoreKey::new(&host.to_string(), client.id(), "", &way.account);
        let issuer = Some(host.to_string());
        let peer = Arc::new(ImsApp { client, host });
        let sign_in = BrowserSignIn {
            peer: Arc::clone(&peer) as _,
            place: place(&way.redirect_uri)?,
            mode: ResponseMode::Query,
            wishes: Wishes::default(),
            open: way.open.unwrap_or_else(default_browser),
            issuer,
        };
        let session = Session {
            key,
            peer,
            sign_in: Arc::new(sign_in),
            silent: way.silent,
            store: way.store.unwrap_or_else(|| Arc::new(MemoryStore::new())),
            seed: Mutex::new(None),
            turn: Arc::default(),
        };
        Ok(UserSession::new(session, &clock))
    }
}

impl fmt::Debug for ImsNative {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ImsNative")
            .field("redirect_uri", &self.redirect_uri)
            .field("silent", &self.silent)
            .field("store", &self.store)
            .finish_non_exhaustive()
    }
}

/// Where to listen for the browser's return to `uri`.
fn place(uri: &str) -> Result<Place, AuthError> {
    let uri = uri.trim();
    let parsed = endpoint::parse(uri, false)
        .ok()
        .filter(|url| url.scheme() == "http" && endpoint::is_loopback(url));
    match parsed.as_ref().and_then(|url| Some((url.port()?, url.path()))) {
        Some((port, path)) if port != 0 => {
            Ok(Place { port, path: path.to_owned(), uri: Some(uri.to_owned()) })
        }
        _ => {
            Err(config(format!("the redirect URI is not like {}", ImsNative::DEFAULT_REDIRECT_URI)))
        }
    }
}

fn config(message: String) -> AuthError {
    AuthError::new(AuthErrorKind::Config, NAME, message)
}

/// A native application at IMS.
#[derive(Debug)]
struct ImsApp {
    client: OAuthClient,
    host: ImsHost,
}

impl Peer for ImsApp {
    fn name(&self) -> &'static str {
        NAME
    }

    fn check(&self, request: &TokenRequest) -> Result<(), AuthError> {
        let unknown = [
            ("another tenant", request.tenant().is_some()),
            ("claims challenges", request.claims().is_some()),
            ("a user's assertion", request.user_assertion().is_some()),
        ];
        match unknown.into_iter().find_map(|(what, is_asked)| is_asked.then_some(what)) {
            Some(what) => Err(config(format!("IMS does not know {what}"))),
            None => Ok(()),
        }
    }

    fn scope(&self, request: &TokenRequest) -> String {
        scope_with(request, &SIGN_IN_SCOPES)
    }

    fn refresh_scope(&self, request: &TokenRequest) -> String {
        request.scopes().join(" ")
    }

    fn authorize_url(&self, _request: &TokenRequest) -> Result<Url, AuthError> {
        let mut url = self.host.authorize_url();
        url.query_pairs_mut().append_pair("client_id", self.client.id());
        Ok(url)
    }

    fn exchange<'a>(
        &'a self,
        form: Form,
        policy: &'static retry::Policy,
        _request: &'a TokenRequest,
        context: &'a FetchContext,
    ) -> BoxFuture<'a, Result<TokenAnswer, AuthError>> {
        Box::pin(async move {
            let exchange = Exchange { source: NAME, context };
            let url = self.host.token_url();
            self.client.exchange_with(&url, &form, policy, exchange).await.map_err(hints::explain)
        })
    }

    fn input_version(&self) -> u64 {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_settings_are_named_before_anything_is_opened() {
        let builder = || Credential::ims_native("app");
        assert!(builder().build().is_ok());
        assert!(builder().host(ImsHost::QA).build().is_ok());
        assert!(builder().redirect_uri("http://127.0.0.1:3000/").build().is_ok());
        for (bad, said) in [
            (Credential::ims_native("a b"), "client id"),
            (Credential::ims_native(""), "client id"),
            (builder().host("http://ims.example"), "address of an IMS"),
            (builder().host("https://u:canary@ims.example"), "address of an IMS"),
            (builder().redirect_uri("http://localhost/x"), "redirect URI"),
            (builder().redirect_uri("http://localhost:0/x"), "redirect URI"),
            (builder().redirect_uri("https://localhost:3301/x"), "redirect URI"),
            (builder().redirect_uri("http://app.example:3301/x"), "redirect URI"),
            (builder().redirect_uri("http://localhost:3301/x?y"), "redirect URI"),
        ] {
            assert!(!format!("{bad:?}").contains("canary"));
            let error = bad.build().unwrap_err();
            assert_eq!(error.kind(), AuthErrorKind::Config);
            assert!(error.to_string().contains(said), "{error}");
            assert!(!format!("{error:?}").contains("canary"));
        }
    }

    #[tokio::test]
    async fn what_ims_does_not_know_is_refused() {
        let credential = Credential::ims_native("app").build().unwrap();
        let plain = TokenRequest::new(["itwin-platform"]).unwrap();
        for request in [
            plain.clone().with_tenant("t").unwrap(),
            plain.clone().with_claims("{}").unwrap(),
            plain.with_user_assertion("canary"),
        ] {
            let error = credential.token(&request).await.unwrap_err();
            assert_eq!(error.kind(), AuthErrorKind::Config, "{error}");
        }
    }
}
