//! Any bytes as `WWW-Authenticate`. What is found is a JSON object and fits the
//! request that answers it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use reqwest::header::{HeaderMap, HeaderValue, WWW_AUTHENTICATE};
use twinkit_auth::{TokenRequest, claims_challenge};

fuzz_target!(|data: &[u8]| {
    let values = data.split(|byte| *byte == 0).filter_map(|part| HeaderValue::from_bytes(part).ok());
    let headers: HeaderMap = values.map(|value| (WWW_AUTHENTICATE, value)).collect();
    if let Some(claims) = claims_challenge(&headers) {
        let request = TokenRequest::new(["scope"]).unwrap();
        assert!(request.with_claims(&claims).is_ok());
    }
});
