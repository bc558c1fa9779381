//! Sign-in of a person in a browser on this machine.

use std::fmt;
use std::io;
use std::sync::Arc;

use super::builder::{EntraBuilder, Settings};
use super::user::UserSettings;
use super::user::way::{Start, Way};
use crate::oauth::browser::{BrowserSignIn, Open, default_browser};
use crate::oauth::callback::Wishes;
use crate::oauth::{ClientAuth, Place, Prompt, ResponseMode};
use crate::{AuthError, Credential};

const NAME: &str = "interactive sign-in";

/// The way in by a browser on this machine; see [`Credential::interactive`].
#[derive(Clone)]
pub struct Interactive {
    port: u16,
    mode: ResponseMode,
    wishes: Wishes,
    open: Option<Open>,
    user: UserSettings,
}

/// The settings of a credential by interactive sign-in.
pub type InteractiveBuilder = EntraBuilder<Interactive>;

impl Credential {
    /// A person who signs in in a browser on this machine. When a token is
    /// wanted and no sign-in is kept, the browser opens and callers wait, for at
    /// most five minutes. Once somebody has signed in, tokens are had without
    /// them; a claims challenge may bring the browser back. Finish with
    /// [`build`](EntraBuilder::build), or with
    /// [`session`](EntraBuilder::session) to sign in and out by command.
    ///
    /// `tenant` may be `organizations`. In the portal: App registrations, New
    /// registration; Authentication, Add a platform, Mobile and desktop
    /// applications, with the redirect URI `http://localhost`, which allows every
    /// port; then API permissions, Add, the platform's delegated permission. No
    /// secret is needed, and none would be one in a program that is handed out.
    pub fn interactive(
        tenant: impl Into<String>,
        client_id: impl Into<String>,
    ) -> InteractiveBuilder {
        let way = Interactive {
            port: 0,
            mode: ResponseMode::default(),
            wishes: Wishes::default(),
            open: None,
            user: UserSettings::default(),
        };
        EntraBuilder::new(way, tenant.into(), client_id.into())
    }
}

impl EntraBuilder<Interactive> {
    /// Returns to this port of `http://localhost` instead of one that is free:
    /// for authorities that let it not vary.
    pub fn redirect_port(mut self, port: u16) -> Self {
        self.way.port = port;
        self
    }

    /// How the browser brings the code back: [`ResponseMode::FormPost`] unless
    /// another is set.
    pub fn response_mode(mut self, mode: ResponseMode) -> Self {
        self.way.mode = mode;
        self
    }

    /// What the page asks of the person.
    pub fn prompt(mut self, prompt: Prompt) -> Self {
        self.way.wishes.prompt = Some(prompt);
        self
    }

    /// The user name to begin with.
    pub fn login_hint(mut self, hint: impl Into<String>) -> Self {
        self.way.wishes.login_hint = Some(hint.into());
        self
    }

    /// The domain whose sign-in page is shown at once.
    pub fn domain_hint(mut self, hint: impl Into<String>) -> Self {
        self.way.wishes.domain_hint = Some(hint.into());
        self
    }

    /// Opens the sign-in page by `open` instead of in the system's browser: for
    /// instance to show the address on a machine whose browser is another's, with
    /// the port forwarded. It is called on a thread where it may block.
    pub fn open_with(
        mut self,
        open: impl Fn(&str) -> io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        self.way.open = Some(Arc::new(open));
        self
    }
}

impl Way for Interactive {
    fn user(&mut self) -> &mut UserSettings {
        &mut self.user
    }

    fn start(self, settings: &Settings) -> Result<Start, AuthError> {
        let app = settings.user_app(NAME, ClientAuth::Public)?;
        let sign_in = BrowserSignIn {
            peer: Arc::new(app.clone()),
            place: Place { port: self.port, path: "/".to_owned(), uri: None },
            mode: self.mode,
            wishes: self.wishes,
            open: self.open.unwrap_or_else(default_browser),
            // Depends on the account's tenant, which may be known only then.
            issuer: None,
        };
        Ok(Start { app, sign_in: Arc::new(sign_in), seed: None })
    }
}

impl fmt::Debug for Interactive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Interactive")
            .field("port", &self.port)
            .field("mode", &self.mode)
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}
