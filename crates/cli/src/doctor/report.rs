//! What the doctor found, for programs and for people. It must not know how it
//! was found.

use std::io::{self, Write};

use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Report {
    pub(super) target: String,
    pub(super) scope: String,
    pub(super) sources: Vec<Finding>,
    /// The source that the commands use.
    pub(super) used: Option<&'static str>,
    pub(super) caller: Option<Caller>,
    pub(super) probe: Option<Probe>,
    pub(super) next: Vec<String>,
    pub(super) well: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Finding {
    pub(super) source: &'static str,
    pub(super) found: Found,
    pub(super) detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) hint: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Found {
    Token,
    NotHere,
    Failed,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Caller {
    pub(super) name: String,
    pub(super) object_id: Option<String>,
    pub(super) tenant_id: Option<String>,
    pub(super) is_application: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Probe {
    pub(super) endpoint: String,
    pub(super) ok: bool,
    pub(super) status: Option<u16>,
    pub(super) detail: String,
    /// What is to be done although the call went well.
    #[serde(skip)]
    pub(super) advice: Option<String>,
}

pub(super) fn print_finding(finding: &Finding, out: &mut impl Write) -> io::Result<()> {
    let mark = match finding.found {
        Found::Token => "found   ",
        Found::NotHere => "not here",
        Found::Failed => "FAILED  ",
    };
    writeln!(out, "  {mark}  {:<20} {}", finding.source, finding.detail)?;
    match &finding.hint {
        Some(hint) => writeln!(out, "  {:<8}  {:<20} {hint}", "", ""),
        None => Ok(()),
    }
}

pub(super) fn print(report: &Report, out: &mut impl Write) -> io::Result<()> {
    writeln!(out)?;
    match (&report.used, &report.caller) {
        (Some(used), Some(caller)) => {
            writeln!(out, "Used: {used}, as {}", caller.name)?;
            for (name, id) in [("object id", &caller.object_id), ("tenant id", &caller.tenant_id)] {
                if let Some(id) = id {
                    writeln!(out, "  {name}  {id}")?;
                }
            }
        }
        (Some(used), None) => writeln!(out, "Used: {used}")?,
        (None, _) => writeln!(out, "Nothing here can sign in.")?,
    }
    if let Some(probe) = &report.probe {
        let mark = if probe.ok { "ok" } else { "FAILED" };
        writeln!(out, "\n{mark}: {}: {}", probe.endpoint, probe.detail)?;
    }
    if !report.next.is_empty() {
        writeln!(out, "\nWhat to do next:")?;
        for step in &report.next {
            writeln!(out, "  - {step}")?;
        }
    }
    Ok(())
}
