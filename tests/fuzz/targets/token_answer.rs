//! Any bytes as the body of a token endpoint's 200. What is taken for a token
//! can be sent.
#![no_main]

use libfuzzer_sys::fuzz_target;
use twinkit_auth::ExposeSecret;

fuzz_target!(|data: &[u8]| {
    if let Ok(token) = twinkit_auth::fuzzing::token_answer(data) {
        let text = token.secret().expose_secret();
        assert!(!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic()));
    }
});
