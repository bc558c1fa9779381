#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| twinkit_fuzzed::signed_token(data));
