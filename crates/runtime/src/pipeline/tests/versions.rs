//! Which version of the API answered, where its table row asks.

use super::*;
use crate::{CallOptions, ErrorKind};

async fn served(status: u16, headers: &[&str]) -> Result<Response<serde_json::Value>, Error> {
    let server = Server::start([Step::with(status, headers, "[1]")]).await;
    let once = context(&server).with_options(CallOptions::new().no_retry());
    call(&once, "get_version").await
}

#[tokio::test]
async fn the_version_that_was_asked_for_is_taken_and_so_is_silence() {
    for headers in
        [&["X-Version: platform.v2"][..], &["x-version: Platform.V2 "], &["x-version: "], &[]]
    {
        assert!(served(200, headers).await.is_ok(), "{headers:?}");
    }
}

#[tokio::test]
async fn another_version_is_not_decoded_as_if_it_were_the_right_one() {
    let error = served(200, &["x-version: platform.v1"]).await.unwrap_err();
    assert_eq!((error.kind(), error.status().unwrap().as_u16()), (ErrorKind::Decode, 200));
    assert!(!error.is_retryable());
    let told = error.to_string();
    assert!(told.contains("platform.v1") && told.contains("platform.v2"), "{told}");
    assert!(error.hint().unwrap().contains("Accept"));
}

#[tokio::test]
async fn an_error_of_another_version_keeps_its_words_and_names_the_cause() {
    let error = served(404, &["x-version: platform.v1"]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.hint().unwrap().contains("platform.v1"), "{:?}", error.hint());
    let other = served(404, &["x-version: platform.v2"]).await.unwrap_err();
    assert_eq!(other.hint(), None);
}
