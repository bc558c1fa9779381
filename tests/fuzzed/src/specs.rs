//! OpenAPI documents, as `cargo xtask` reads them.

use crate::support::{assert_line, text};

/// A document as one of our specs: lint and all passes behind it. What is wrong
/// with it is told with its cure; what is right becomes files, the same each time.
pub fn spec(data: &[u8]) {
    let Some(text) = text(data) else { return };
    match xtask::fuzzing::generated(text) {
        Ok(files) => {
            assert!(!files.is_empty());
            assert_eq!(xtask::fuzzing::generated(text), Ok(files));
        }
        Err(problems) => told(&problems),
    }
}

/// A document as a vendor's, in either dialect.
pub fn vendor_spec(data: &[u8]) {
    let Some(text) = text(data) else { return };
    if let Err(problems) = xtask::fuzzing::vendor(text) {
        told(&problems);
    }
}

fn told(problems: &[String]) {
    assert!(!problems.is_empty());
    for line in problems.iter().flat_map(|problem| problem.lines()) {
        assert_line(line);
    }
}
