//! The provider: address, key, directory, clock, and what lies on its shelves.

use super::directory::Ims;
use serde::{Deserialize, Serialize};

use crate::{
    clock::Clock,
    data::{Data, DataError},
    identity::{
        keys::LazyKey,
        pages::Reply,
        shelf::Shelf,
        sign_ins::{Family, Revoked},
    },
};

/// One IMS-shaped service.
pub(crate) struct Provider {
    /// `scheme://host:port` of the listener, the issuer of all tokens.
    pub(super) base_url: String,
    pub(super) key: LazyKey,
    pub(super) directory: Ims,
    pub(super) clock: Clock,
    pub(super) pending: Shelf<SignInRequest>,
    pub(super) codes: Shelf<Code>,
    pub(super) refresh_tokens: Shelf<Refresh>,
    pub(super) revoked: Revoked,
}

/// A sound request of the authorize endpoint.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct SignInRequest {
    pub(super) client_id: String,
    pub(super) reply: Reply,
    pub(super) scopes: Vec<String>,
    pub(super) challenge: String,
    pub(super) nonce: Option<String>,
}

/// What a user let an application do.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Grant {
    pub(super) user_id: String,
    pub(super) client_id: String,
    pub(super) scopes: Vec<String>,
    pub(super) nonce: Option<String>,
    pub(super) family: Family,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Code {
    pub(super) grant: Grant,
    pub(super) redirect_uri: String,
    pub(super) challenge: String,
    pub(super) is_used: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Refresh {
    pub(super) grant: Grant,
    pub(super) is_used: bool,
}

impl Provider {
    pub(crate) fn new(base_url: &str, directory: Ims, clock: Clock, key: LazyKey) -> Self {
        Self {
            base_url: base_url.to_owned(),
            key,
            directory,
            clock,
            pending: Shelf::default(),
            codes: Shelf::default(),
            refresh_tokens: Shelf::default(),
            revoked: Revoked::default(),
        }
    }

    /// Keeps everything but the directory in a folder from now on, after taking up what
    /// is there.
    pub(crate) fn attach(&self, data: &Data) -> Result<(), DataError> {
        self.pending.attach(data, "ims pages")?;
        self.codes.attach(data, "ims codes")?;
        self.refresh_tokens.attach(data, "ims refresh tokens")?;
        self.revoked.attach(data, "ims revoked")
    }

    pub(super) fn now(&self) -> i64 {
        self.clock.unix_seconds()
    }
}
