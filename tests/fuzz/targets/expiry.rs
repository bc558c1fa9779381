//! Any text as the end of a token's life. What is understood lies within the
//! years that are believed.
#![no_main]

use std::time::{Duration, SystemTime};

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Some(at) = twinkit_auth::fuzzing::expiry(text) {
        let since = at.duration_since(SystemTime::UNIX_EPOCH).unwrap();
        assert!(since < Duration::from_secs(253_402_300_800 + 86_400 * 366), "{text:?}");
    }
});
