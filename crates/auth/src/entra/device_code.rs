//! Sign-in of a person on another device, by a code (RFC 8628).

use std::fmt;
use std::sync::Arc;

use super::builder::{EntraBuilder, Settings};
use super::user::UserSettings;
use super::user::way::{Start, Way};
use crate::oauth::device::{DeviceSignIn, Show};
use crate::oauth::{ClientAuth, DeviceCode};
use crate::{AuthError, Credential};

const NAME: &str = "device code";

/// The way in by a code entered on another device; see
/// [`Credential::device_code`].
#[derive(Clone)]
pub struct DeviceCodeFlow {
    show: Show,
    user: UserSettings,
}

/// The settings of a credential by device code.
pub type DeviceCodeBuilder = EntraBuilder<DeviceCodeFlow>;

impl Credential {
    /// A person who signs in on another device, for machines without a browser.
    /// When a token is wanted and no sign-in is kept, `show` is called with the
    /// code and where to enter it, and callers wait until that is done; `show`
    /// must not block. Finish
    /// with [`build`](EntraBuilder::build) or
    /// [`session`](EntraBuilder::session).
    ///
    /// `tenant` may be `organizations`. In the portal: App registrations, the
    /// application, Authentication, Allow public client flows: yes.
    ///
    /// Codes invite phishing: whoever gets a person to enter a code that somebody
    /// else asked for signs in as that person. Many tenants block the flow for
    /// that reason (`AADSTS53003`). Prefer
    #[cfg_attr(feature = "interactive", doc = "[`Credential::interactive`]")]
    #[cfg_attr(not(feature = "interactive"), doc = "`Credential::interactive`")]
    /// where there is a browser, show the code only to the person who started
    /// the program, and show them the host where they are to enter it.
    pub fn device_code(
        tenant: impl Into<String>,
        client_id: impl Into<String>,
        show: impl Fn(&DeviceCode) + Send + Sync + 'static,
    ) -> DeviceCodeBuilder {
        let way = DeviceCodeFlow { show: Arc::new(show), user: UserSettings::default() };
        EntraBuilder::new(way, tenant.into(), client_id.into())
    }
}

impl Way for DeviceCodeFlow {
    fn user(&mut self) -> &mut UserSettings {
        &mut self.user
    }

    fn start(self, settings: &Settings) -> Result<Start, AuthError> {
        let app = settings.user_app(NAME, ClientAuth::Public)?;
        let sign_in = DeviceSignIn { peer: Arc::new(app.clone()), show: self.show };
        Ok(Start { app, sign_in: Arc::new(sign_in), seed: None })
    }
}

impl fmt::Debug for DeviceCodeFlow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceCodeFlow").field("user", &self.user).finish_non_exhaustive()
    }
}
