//! What the platform holds from the start.

use std::sync::Arc;

use super::{Config, Platform};
use crate::{
    clock::Clock,
    ims::{Ims, SERVICE_CLIENT_ID, USER_EMAIL},
    storage::Storage,
};

/// A platform whose organization the seeded person administrates, and with the
/// account of the seeded service application.
pub(crate) fn seeded(config: Config, clock: Clock, storage: Storage, ims: Ims) -> Arc<Platform> {
    let platform = Platform::new(config, clock, storage, ims);
    platform.set_administrator(USER_EMAIL, true);
    let email = format!("{SERVICE_CLIENT_ID}@apps.imsoidc.bentley.com");
    if let Some(service) = platform.user_named(&email) {
        platform.open_account(&service);
    }
    platform
}
