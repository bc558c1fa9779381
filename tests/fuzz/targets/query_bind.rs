#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| twinkit_fuzzed::query_bind(data));
