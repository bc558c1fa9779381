//! Counts, per API, the operations of the specification, those the client has,
//! those whose contract holds, and those that the emulator serves. Every number
//! is found by looking.

mod digital_twins;
mod iot_central;
pub mod itwin;

use std::fmt;
use std::path::{Path, PathBuf};

use progenitor_client::Operation;
use serde::Serialize;

use crate::contract::{self, Subject};
use crate::served::{self, Seen};
use crate::spec::Document;

pub use digital_twins::DigitalTwins;
pub use iot_central::{IotCentral, IotCentralPreview};

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

/// The specification of the IoT Central data plane.
#[must_use]
pub fn iot_central_spec() -> PathBuf {
    root().join("specs/iot-central/data-plane.yaml")
}

/// The specification of the newest preview of the IoT Central data plane.
#[must_use]
pub fn iot_central_preview_spec() -> PathBuf {
    root().join("specs/iot-central/preview.yaml")
}

/// The specification of one API of the iTwin Platform.
#[must_use]
pub fn itwin_spec(api: &str) -> PathBuf {
    root().join("specs/itwin").join(api).with_extension("yaml")
}

/// The specification of an API, by its name.
///
/// # Errors
/// There is no such API.
pub fn spec(api: &str) -> anyhow::Result<PathBuf> {
    let spec = match api {
        "digital-twins" => digital_twins_spec(),
        "iot-central" => iot_central_spec(),
        "iot-central-preview" => iot_central_preview_spec(),
        other => itwin_spec(other.strip_prefix("itwin-").ok_or_else(|| unknown(api))?),
    };
    Ok(spec)
}

/// The names of the APIs, in the order in which they are counted.
pub const APIS: [&str; 10] = [
    "digital-twins",
    "iot-central",
    "iot-central-preview",
    "itwin-users",
    "itwin-itwins",
    "itwin-access-control",
    "itwin-imodels",
    "itwin-storage",
    "itwin-reality-management",
    "itwin-webhooks",
];

/// Counts one API, as its own specification or another document describes it.
///
/// # Errors
/// There is no such API, the document cannot be read, or a server does not
/// start.
pub async fn count(api: &str, spec: Option<&Path>) -> anyhow::Result<Coverage> {
    let read = |own: PathBuf| Document::from_file(spec.unwrap_or(&own));
    match api {
        "digital-twins" => digital_twins(&read(digital_twins_spec())?).await,
        "iot-central" => iot_central(&read(iot_central_spec())?).await,
        "iot-central-preview" => iot_central_preview(&read(iot_central_preview_spec())?).await,
        other => match other.strip_prefix("itwin-") {
            Some(part) => itwin::count(api, part, spec).await,
            None => Err(unknown(api)),
        },
    }
}

fn unknown(api: &str) -> anyhow::Error {
    anyhow::anyhow!("there is no API named `{api}`; known: {}", APIS.join(", "))
}

/// Counts the Digital Twins data plane as `document` describes it.
///
/// # Errors
/// The document cannot be read, or a server does not start.
pub async fn digital_twins(document: &Document) -> anyhow::Result<Coverage> {
    let table = twinkit_digital_twins::OPERATIONS;
    let found = client("digital-twins", document, &DigitalTwins::default(), table).await?;
    Ok(with_served(found, &served::digital_twins(document).await?))
}

/// Counts the IoT Central data plane as `document` describes it.
///
/// # Errors
/// The document cannot be read, or there is no port for a server.
pub async fn iot_central(document: &Document) -> anyhow::Result<Coverage> {
    let table = twinkit_iot_central::OPERATIONS;
    let found = client("iot-central", document, &IotCentral::default(), table).await?;
    Ok(with_served(found, &served::iot_central(document).await?))
}

/// Counts the preview of the IoT Central data plane as `document` describes it.
///
/// # Errors
/// The document cannot be read, or there is no port for a server.
pub async fn iot_central_preview(document: &Document) -> anyhow::Result<Coverage> {
    let table = twinkit_iot_central::preview::OPERATIONS;
    let subject = IotCentralPreview::default();
    let found = client("iot-central-preview", document, &subject, table).await?;
    Ok(with_served(found, &served::iot_central_preview(document).await?))
}

/// With what was seen of the emulator.
fn with_served(mut found: Coverage, seen: &Seen) -> Coverage {
    found.served = seen.values().filter(|seen| seen.holds()).count();
    for (operation, seen) in seen.iter().filter(|(_, seen)| !seen.holds()) {
        let mut lacks = seen.surprises.clone();
        if !seen.success {
            lacks.push("no success".to_owned());
        }
        if seen.failure.is_none() {
            lacks.push("no failure that is described".to_owned());
        }
        found.missing.push(format!("not served: {operation}: {}", lacks.join("; ")));
    }
    found
}

/// Counts what does not need the emulator.
async fn client(
    api: &'static str,
    document: &Document,
    subject: &impl Subject,
    table: &[Operation],
) -> anyhow::Result<Coverage> {
    let operations = document.operations()?;
    let mut missing = Vec::new();

    let mut generated = 0;
    for operation in &operations {
        let in_table = table.iter().any(|row| row.id == operation.id);
        let has_caller = subject.operations().contains(&operation.id.as_str());
        if in_table && has_caller {
            generated += 1;
        } else {
            missing.push(format!("not generated: {}", operation.id));
        }
    }

    let verdicts = contract::check(document, subject).await?;
    let tested = verdicts.iter().filter(|verdict| verdict.holds()).count();
    let failed = verdicts.iter().filter(|verdict| !verdict.holds());
    missing.extend(failed.map(|verdict| format!("contract: {verdict}")));
    let spec = operations.len();
    Ok(Coverage { api, spec, generated, tested, served: 0, missing })
}
