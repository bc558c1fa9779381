#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| twinkit_fuzzed::sign_in_answer(data));
