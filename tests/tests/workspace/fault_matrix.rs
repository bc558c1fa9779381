//! The whole fault matrix; and that it notices clients which do otherwise.

use twinkit_digital_twins::CallOptions;
use twinkit_tests::faults::{self, Settings};

#[test]
fn every_operation_fails_as_it_is_documented() {
    let matrix = faults::play(&Settings::default()).unwrap();
    assert!(matrix.failed().next().is_none(), "{}", matrix.differences());
    assert_eq!(matrix.operations(), 302 + 120);
    let faults = faults::Fault::all().len();
    assert!(faults >= 36 && matrix.cells().count() >= matrix.operations() * faults);
}

/// What a client is seen to do wrong that calls with these options.
fn caught(options: CallOptions) -> Vec<faults::Cell> {
    let apis = vec!["itwin-webhooks"];
    let matrix = faults::play(&Settings { apis, options, operation: None }).unwrap();
    matrix.failed().cloned().collect()
}

#[test]
fn a_client_that_repeats_what_it_must_not_is_noticed() {
    let caught = caught(CallOptions::new().idempotent(true));
    let under = |fault| caught.iter().filter(move |cell| cell.fault == fault);
    for fault in ["reset after the request", "502", "no answer"] {
        let operations: Vec<_> = under(fault).map(|cell| cell.operation.as_str()).collect();
        assert_eq!(operations, ["create_webhook", "update_webhook"], "{fault}");
    }
    assert_eq!(under("429").count(), 0, "that one is always repeated");
}

#[test]
fn a_client_that_gives_up_early_is_noticed() {
    let caught = caught(CallOptions::new().no_retry());
    for fault in ["connection refused", "429", "503 with Retry-After"] {
        assert_eq!(caught.iter().filter(|cell| cell.fault == fault).count(), 5, "{fault}");
    }
}
