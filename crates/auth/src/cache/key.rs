//! What tells cached tokens apart.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use crate::TokenRequest;

/// All of a request that may change its token. Authority and client id are
/// fixed by the source that the cache belongs to; claims and assertions stand
/// here as SHA-256, never as text. Made without allocating, as it is made for
/// every read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    scopes: Arc<[String]>,
    tenant: Option<Arc<str>>,
    cae: bool,
    claims: Option<Arc<[u8]>>,
    assertion: Option<Arc<[u8]>>,
}

/// Of what usually differs, and in few steps: it is hashed for every read.
impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let scopes = self.scopes.iter().map(String::len).sum::<usize>();
        let tenant = self.tenant.as_ref().map_or(0, |tenant| tenant.len());
        state.write_usize(scopes ^ tenant.rotate_left(16) ^ usize::from(self.cae).rotate_left(32));
        for digest in [&self.claims, &self.assertion].into_iter().flatten() {
            state.write(digest);
        }
    }
}

impl Key {
    /// The key under which a fetch for this request runs.
    pub(super) fn of(request: &TokenRequest) -> Self {
        Self {
            scopes: request.shared_scopes(),
            tenant: request.shared_tenant(),
            cae: request.cae(),
            claims: request.claims_digest(),
            assertion: request.assertion_digest(),
        }
    }

    /// The key under which its token is kept: a token had by answering a claims
    /// challenge serves plain requests too.
    pub(super) fn base(&self) -> Self {
        Self { claims: None, ..self.clone() }
    }

    pub(super) fn has_claims(&self) -> bool {
        self.claims.is_some()
    }

    /// Whether the token is one user's, had by exchange: it is dropped at its
    /// end, as its key will hardly come again.
    pub(super) fn is_exchanged(&self) -> bool {
        self.assertion.is_some()
    }
}
