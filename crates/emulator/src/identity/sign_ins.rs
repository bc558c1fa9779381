//! What is going on with users: sign-ins in progress, codes, device codes and
//! refresh tokens. All of it lies on shelves until its time comes.

use serde::{Deserialize, Serialize};

use super::{scope::Scopes, shelf::Shelf};
use crate::data::{Data, DataError};

/// What a user agreed to; every token of a user comes of one.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SignIn {
    pub(crate) user_id: String,
    /// The application that the user signed in to.
    pub(crate) client_id: String,
    pub(crate) scopes: Scopes,
    /// The authentication contexts that the user satisfied.
    pub(crate) contexts: Vec<String>,
    pub(crate) nonce: Option<String>,
}

/// An authorization code that was given out.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Code {
    pub(crate) sign_in: SignIn,
    pub(crate) redirect_uri: String,
    pub(crate) challenge: Option<String>,
    pub(crate) is_used: bool,
    /// Shared by what comes of the code, which its second use ends.
    pub(crate) family: Family,
}

/// A refresh token that was given out.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Refresh {
    pub(crate) sign_in: SignIn,
    pub(crate) serial: u64,
    pub(crate) is_used: bool,
    pub(crate) family: Family,
}

/// All refresh tokens that came of one sign-in: they are revoked together.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Family(String);

impl Default for Family {
    /// A new one.
    fn default() -> Self {
        Self(super::new_id())
    }
}

/// The families that are revoked.
#[derive(Default)]
pub(crate) struct Revoked(Shelf<()>);

impl Revoked {
    pub(crate) fn add(&self, family: &Family) {
        self.0.put_under(family.0.clone(), (), i64::MAX);
    }

    pub(crate) fn contains(&self, family: &Family) -> bool {
        self.0.contains(&family.0)
    }

    /// Keeps them in a folder from now on, after taking up what is there.
    pub(crate) fn attach(&self, data: &Data, part: &str) -> Result<(), DataError> {
        self.0.attach(data, part)
    }
}

/// A device that waits for its user.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Device {
    pub(crate) user_code: String,
    /// The tenant it was asked for in; `None` for any.
    pub(crate) tenant_id: Option<String>,
    pub(crate) client_id: String,
    pub(crate) scopes: Scopes,
    pub(crate) contexts: Vec<String>,
    /// Seconds that the device has to wait between two questions.
    pub(crate) interval: i64,
    /// When it asked last, in milliseconds since the epoch.
    pub(crate) asked_at: Option<i64>,
    pub(crate) answer: DeviceAnswer,
}

/// What the user said to a device's code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum DeviceAnswer {
    None,
    Declined,
    /// By the user with this object id.
    Approved(String),
    /// Approved, and the tokens were fetched.
    Redeemed,
}

/// A page that was shown and not answered yet.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Pending {
    pub(crate) request: super::pages::AuthorizeRequest,
}

/// All shelves.
#[derive(Default)]
pub(crate) struct SignIns {
    pub(crate) pending: Shelf<Pending>,
    pub(crate) codes: Shelf<Code>,
    pub(crate) devices: Shelf<Device>,
    pub(crate) refresh_tokens: Shelf<Refresh>,
    /// Object ids of signed-in users, by the value of their browser's cookie.
    pub(crate) browsers: Shelf<String>,
    /// Client assertions that were used, by client id and `jti`.
    pub(crate) assertions: Shelf<()>,
    pub(crate) revoked: Revoked,
}

impl SignIns {
    /// Keeps everything in a folder from now on, after taking up what is there.
    pub(crate) fn attach(&self, data: &Data) -> Result<(), DataError> {
        self.pending.attach(data, "identity pages")?;
        self.codes.attach(data, "identity codes")?;
        self.devices.attach(data, "identity devices")?;
        self.refresh_tokens.attach(data, "identity refresh tokens")?;
        self.browsers.attach(data, "identity browsers")?;
        self.assertions.attach(data, "identity assertions")?;
        self.revoked.attach(data, "identity revoked")
    }
}
