#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| twinkit_fuzzed::stored_sign_in(data));
