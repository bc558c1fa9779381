//! Counts, per API, the operations of the specification, those the client has,
//! those whose contract holds, and those that the emulator serves. Every number
//! is found by looking.

mod digital_twins;

use std::fmt;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::contract::{self, Subject};
use crate::served;
use crate::spec::Document;

pub use digital_twins::DigitalTwins;

/// The counts of one API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// Name of the API.
    pub api: &'static str,
    /// Operations in the specification.
    pub spec: usize,
    /// Of these, those that the client and its callers have.
    pub generated: usize,
    /// Of these, those whose contract test holds.
    pub tested: usize,
    /// Of these, those that the emulator serves.
    pub served: usize,
    /// What is missing, one line each.
    #[serde(skip)]
    pub missing: Vec<String>,
}

impl Coverage {
    /// Whether nothing is missing.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        [self.generated, self.tested, self.served].iter().all(|count| *count == self.spec)
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { api, spec, generated, tested, served, missing } = self;
        write!(f, "{api}: {spec} operations, {generated} generated, {tested} tested, ")?;
        write!(f, "{served} served")?;
        missing.iter().try_for_each(|line| write!(f, "\n  {line}"))
    }
}

/// The root of the workspace.
#[must_use]
pub fn root() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package).to_owned()
}

/// The specification of the Digital Twins data plane.
#[must_use]
pub fn digital_twins_spec() -> PathBuf {
    root().join("specs/digital-twins/data-plane.yaml")
}

/// Counts the Digital Twins data plane as `document` describes it.
///
/// # Errors
/// The document cannot be read, or a server does not start.
pub async fn digital_twins(document: &Document) -> anyhow::Result<Coverage> {
    let subject = DigitalTwins::default();
    let operations = document.operations()?;
    let mut missing = Vec::new();

    let mut generated = 0;
    for operation in &operations {
        let in_table = twinkit_digital_twins::OPERATIONS.iter().any(|row| row.id == operation.id);
        let has_caller = subject.operations().contains(&operation.id.as_str());
        if in_table && has_caller {
            generated += 1;
        } else {
            missing.push(format!("not generated: {}", operation.id));
        }
    }

    let verdicts = contract::check(document, &subject).await?;
    let tested = verdicts.iter().filter(|verdict| verdict.holds()).count();
    let failed = verdicts.iter().filter(|verdict| !verdict.holds());
    missing.extend(failed.map(|verdict| format!("contract: {verdict}")));

    let seen = served::digital_twins(document).await?;
    let served = seen.values().filter(|seen| seen.holds()).count();
    for (operation, seen) in seen.iter().filter(|(_, seen)| !seen.holds()) {
        let mut lacks = seen.surprises.clone();
        if !seen.success {
            lacks.push("no success".to_owned());
        }
        if seen.failure.is_none() {
            lacks.push("no failure that is described".to_owned());
        }
        missing.push(format!("not served: {operation}: {}", lacks.join("; ")));
    }
    let spec = operations.len();
    Ok(Coverage { api: "digital-twins", spec, generated, tested, served, missing })
}
