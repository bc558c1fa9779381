//! The list of iTwins as a file that the platform makes.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, anyhow};
use clap::ValueEnum;
use serde_json::json;
use twinkit::itwin::itwins::enums::{ExportOutputFormat, ExportQueryScope};
use twinkit::itwin::itwins::types::ExportRequest;

use crate::consent::{Consent, Decision};
use crate::exit::INTERRUPTED;
use crate::identity::claims::printable;
use crate::itwin::platform::PlatformArgs;
use crate::itwin::transfer::{Place, fetch};
use crate::output::Output;

/// Have the platform write the list of iTwins, and fetch it.
///
/// For lists that are long: it has no ceiling. The platform makes one at a time for
/// a caller, and three an hour.
#[derive(clap::Args)]
pub(in crate::itwin) struct Args {
    /// The file to write.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Its form.
    #[arg(long, value_enum, default_value = "csv")]
    format: Format,
    /// Inactive ones, too.
    #[arg(long)]
    inactive: bool,
    /// All of the organization, for its administrators.
    #[arg(long)]
    all: bool,
    /// Replace the file if it is there.
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    consent: Consent,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Csv,
    CsvGzip,
    JsonGzip,
    JsonZip,
}

impl Format {
    fn of_platform(self) -> ExportOutputFormat {
        match self {
            Self::Csv => ExportOutputFormat::Csv,
            Self::CsvGzip => ExportOutputFormat::CsvGZip,
            Self::JsonGzip => ExportOutputFormat::JsonGZip,
            Self::JsonZip => ExportOutputFormat::JsonZipArchive,
        }
    }
}

pub(super) async fn run(args: Args, platform: &PlatformArgs, output: Output) -> Result<ExitCode> {
    let Args { file, format, inactive, all, force, consent } = args;
    consent.check()?;
    let place = Place::prepare(file, force)?;
    let client = platform.connect().await?;
    let format = format.of_platform();
    let plan = json!({"change": "export", "outputFormat": format.as_str(), "applied": false});
    let step = format!("have the platform export the iTwins as {format}, into {}", place.shown());
    if let Decision::Stop(code) = consent.decide(output, &[step], &plan, false).await? {
        return Ok(code);
    }
    let scope = all.then_some(ExportQueryScope::OrganizationAdmin);
    let request = ExportRequest {
        filter: None,
        include_inactive: Some(inactive),
        output_format: format,
        query_scope: scope,
        select: None,
        sub_class: None,
        extra: Default::default(),
    };
    let begun = client.itwins().create_export().body(request).send().await?.into_inner().export;
    let mut last = String::new();
    let wait = client.itwins().wait_for_export(begun.id.as_str()).on_look(move |export| {
        let state = export.status.to_string();
        if state != last {
            tell!("{}", printable(&format!("The export is {state}.")));
            last = state;
        }
    });
    let export = wait.wait().await?;
    let address =
        export.output_url.ok_or_else(|| anyhow!("the export is done, but has no address"))?;
    let Some(bytes) = fetch(client.transfers().download_from(&address), &place, None).await? else {
        return Ok(ExitCode::from(INTERRUPTED));
    };
    let document = json!({"id": export.id, "file": place.path(), "bytes": bytes});
    output.done(&document, &format!("{} has {bytes} bytes", place.shown()))
}
