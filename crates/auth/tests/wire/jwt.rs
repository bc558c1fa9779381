//! Client assertions as the other side sees them, and a clock to date them by.

use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use twinkit_auth::Clock;

use crate::support::fields;

/// A clock whose wall shows this many seconds after the epoch, always.
#[derive(Debug)]
pub(crate) struct Stopped(pub(crate) u64);

impl Clock for Stopped {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(self.0)
    }
}

/// Header and claims of the client's assertion.
pub(crate) fn assertion(request: &str) -> (serde_json::Value, serde_json::Value) {
    let fields = fields(request);
    let mut parts = fields["client_assertion"].split('.').map(|part| {
        let bytes = URL_SAFE_NO_PAD.decode(part).unwrap();
        serde_json::from_slice(&bytes).unwrap_or_default()
    });
    (parts.next().unwrap(), parts.next().unwrap())
}
