//! The provider: address, key, directory, clock, and what lies on its shelves.

use super::directory::Ims;
use crate::{
    clock::Clock,
    identity::{keys::LazyKey, pages::Reply, shelf::Shelf, sign_ins::Family},
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
}

/// A sound request of the authorize endpoint.
#[derive(Debug, Clone)]
pub(super) struct SignInRequest {
    pub(super) client_id: String,
    pub(super) reply: Reply,
    pub(super) scopes: Vec<String>,
    pub(super) challenge: String,
    pub(super) nonce: Option<String>,
}

/// What a user let an application do.
#[derive(Debug, Clone)]
pub(super) struct Grant {
    pub(super) user_id: String,
    pub(super) client_id: String,
    pub(super) scopes: Vec<String>,
    pub(super) nonce: Option<String>,
    pub(super) family: Family,
}

#[derive(Debug, Clone)]
pub(super) struct Code {
    pub(super) grant: Grant,
    pub(super) redirect_uri: String,
    pub(super) challenge: String,
    pub(super) is_used: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Refresh {
    pub(super) grant: Grant,
    pub(super) is_used: bool,
}

impl Provider {
    pub(crate) fn new(base_url: &str, directory: Ims, clock: Clock) -> Self {
        Self {
            base_url: base_url.to_owned(),
            key: LazyKey::default(),
            directory,
            clock,
            pending: Shelf::default(),
            codes: Shelf::default(),
            refresh_tokens: Shelf::default(),
        }
    }

    pub(super) fn now(&self) -> i64 {
        self.clock.unix_seconds()
    }
}
