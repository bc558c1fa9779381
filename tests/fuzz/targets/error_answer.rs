//! Any bytes as the body of a refusal. Its error is one line without the secret
//! that was sent.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let line = twinkit_auth::fuzzing::error_answer(data, "s3cret").to_string();
    assert!(!line.contains("s3cret") && !line.contains(|c: char| c.is_control()), "{line:?}");
});
