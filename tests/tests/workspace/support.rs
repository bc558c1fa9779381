//! Shorthands for tests.

use std::time::Duration;

use twinkit_digital_twins::Client;
use twinkit_tests::support::stage::Stage;

use progenitor_client::RetryPolicy;

/// A client that repeats without noticeable waits, so that tests need no
/// paused clock to be quick.
pub(crate) fn hasty(stage: &Stage) -> Client {
    let (first, longest) = (Duration::from_millis(1), Duration::from_millis(4));
    let policy = RetryPolicy::new().waits(first, longest);
    stage.builder().unwrap().retry(policy).build().unwrap()
}

/// How many requests the Digital Twins service got since the log was cleared.
pub(crate) fn requests(stage: &Stage) -> usize {
    let log = stage.emulator.requests().list();
    log.iter().filter(|request| request.service == "digital-twins").count()
}
