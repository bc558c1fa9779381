//! `twinkit doctor`: tries every way to sign in here, in order, and says what it
//! found and what to do next.

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::Result;
use futures_util::StreamExt;
use jiff::Timestamp;
use serde::Serialize;
use twinkit::auth::{AccessToken, AuthError, ims_service_email};
use twinkit::digital_twins::{Client, Error};

use crate::identity::claims::{Claims, printable};
use crate::identity::sources::{Outcome, Source};
use crate::identity::target::Target;
use crate::usage::wrong;

/// Find out why signing in does not work.
///
/// Tries each source in order, says what it found, and what to do next. With
/// --endpoint it also calls the instance. Exit codes: 0 all well, 1 something is
/// to be done, 2 wrong usage.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// What to sign in for: digital-twins, iot-central, itwin or a scope.
    #[arg(long = "for", value_name = "TARGET", default_value = "digital-twins")]
    target: Target,
    /// Call this Azure Digital Twins instance with what was found.
    #[arg(long, value_name = "URL")]
    endpoint: Option<String>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    target: String,
    scope: String,
    sources: Vec<Finding>,
    /// The source that the commands use.
    used: Option<&'static str>,
    caller: Option<Caller>,
    probe: Option<Probe>,
    next: Vec<String>,
    well: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Finding {
    source: &'static str,
    found: Found,
    detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
enum Found {
    Token,
    NotHere,
    Failed,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Caller {
    name: String,
    object_id: Option<String>,
    tenant_id: Option<String>,
    is_application: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Probe {
    endpoint: String,
    ok: bool,
    status: Option<u16>,
    detail: String,
}

pub(crate) async fn run(args: Args) -> Result<ExitCode> {
    let is_for_twins = matches!(args.target, Target::DigitalTwins | Target::Scope(_));
    if args.endpoint.is_some() && !is_for_twins {
        return Err(wrong(format!(
            "--endpoint is an Azure Digital Twins instance, which takes no token for {}",
            args.target
        )));
    }
    // Some sources take seconds to answer: each is shown when it has.
    let show = |finding: &Finding| match args.json {
        true => Ok(()),
        false => print_finding(finding, &mut io::stdout().lock()),
    };
    if !args.json {
        println!("Signing in for {} (scope {})\n", args.target, args.target.scope());
    }
    let report = examine(&args, show).await?;
    let mut out = io::stdout().lock();
    if args.json {
        writeln!(out, "{}", serde_json::to_string(&report)?)?;
    } else {
        print(&report, &mut out)?;
    }
    Ok(if report.well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn examine(args: &Args, show: impl Fn(&Finding) -> io::Result<()>) -> Result<Report> {
    let request = args.target.request()?;
    let mut findings = Vec::new();
    let mut used: Option<(Source, AccessToken)> = None;
    let mut stopped = false;
    for source in Source::for_target(&args.target) {
        let (found, detail, hint) = match source.ask(&args.target, &request).await {
            Outcome::Token(token) => {
                let detail = describe(&token);
                // A source that fails stops the other commands: what comes
                // behind it is looked at, not used.
                if used.is_none() && !stopped {
                    used = Some((*source, token));
                }
                (Found::Token, detail, None)
            }
            Outcome::NotHere(error) => {
                let hint = error.hint().map(str::to_owned);
                (Found::NotHere, without_name(&error), hint)
            }
            Outcome::Failed(error) => {
                stopped |= used.is_none();
                let hint = error.hint().map(str::to_owned);
                (Found::Failed, without_name(&error), hint)
            }
        };
        let finding = Finding { source: source.name(), found, detail, hint };
        show(&finding)?;
        findings.push(finding);
    }
    let caller = used.as_ref().and_then(|(_, token)| Claims::of(token)).map(|claims| Caller {
        name: claims.caller(),
        object_id: claims.object_id().map(printable),
        tenant_id: claims.tenant_id().map(printable),
        is_application: claims.is_application(),
    });
    let probe = match (&args.endpoint, &used) {
        (Some(endpoint), Some((source, _))) => Some(call(endpoint, *source, &args.target).await),
        _ => None,
    };
    let well = used.is_some() && probe.as_ref().is_none_or(|probe| probe.ok);
    let source = used.as_ref().map(|(source, _)| *source);
    let next = advice(args, &findings, source, caller.as_ref(), probe.as_ref());
    Ok(Report {
        target: args.target.to_string(),
        scope: args.target.scope().to_owned(),
        sources: findings,
        used: used.map(|(source, _)| source.name()),
        caller,
        probe,
        next,
        well,
    })
}

/// The error without its hint and its source's name, which stand beside it.
fn without_name(error: &AuthError) -> String {
    let text = error.clone().without_hint().to_string();
    let name = format!("{}: ", error.source_name());
    text.strip_prefix(&name).map(str::to_owned).unwrap_or(text)
}

fn describe(token: &AccessToken) -> String {
    let ends = Timestamp::try_from(token.expires_at()).unwrap_or(Timestamp::MAX);
    let ends = ends.strftime("%Y-%m-%d %H:%M:%SZ");
    match Claims::of(token) {
        Some(claims) => format!("a token of {}, until {ends}", claims.caller()),
        None => format!("an opaque token, until {ends}"),
    }
}

/// One cheap call that every reader may make.
async fn call(endpoint: &str, source: Source, target: &Target) -> Probe {
    let called = async {
        let credential = source.credential(target).map_err(|e| (None, e.to_string()))?;
        let client = Client::builder(endpoint, credential);
        let client = client.scope(target.scope()).build().map_err(told)?;
        let mut models = Box::pin(client.list_models().items());
        match models.next().await {
            Some(Err(error)) => Err(told(error)),
            _ => Ok(()),
        }
    };
    match called.await {
        Ok(()) => Probe {
            endpoint: endpoint.to_owned(),
            ok: true,
            status: Some(200),
            detail: "the instance answers and lets this caller in".to_owned(),
        },
        Err((status, detail)) => Probe { endpoint: endpoint.to_owned(), ok: false, status, detail },
    }
}

fn told(error: Error) -> (Option<u16>, String) {
    let hint = error.hint().map(|hint| format!("; hint: {hint}")).unwrap_or_default();
    (error.status().map(|status| status.as_u16()), format!("{error}{hint}"))
}

fn advice(
    args: &Args,
    findings: &[Finding],
    used: Option<Source>,
    caller: Option<&Caller>,
    probe: Option<&Probe>,
) -> Vec<String> {
    let Some(used) = used else { return to_sign_in(args, findings) };
    let mut next = Vec::new();
    match &args.target {
        Target::DigitalTwins => {
            if probe.is_none_or(|probe| probe.status == Some(403)) {
                next.extend(caller.and_then(role_assignment));
            }
            if probe.is_none() {
                next.push("call an instance: `twinkit doctor --endpoint https://...`".to_owned());
            }
        }
        Target::IotCentral => next.extend(caller.map(iot_central)),
        // What the environment describes is an application, and a user of its own.
        Target::Itwin if used == Source::Environment => next.push(itwin()),
        Target::Itwin | Target::Scope(_) => {}
    }
    next
}

fn to_sign_in(args: &Args, findings: &[Finding]) -> Vec<String> {
    let failed = findings.iter().filter(|finding| finding.found == Found::Failed);
    let mend: Vec<String> = failed
        .map(|finding| {
            let hint = finding.hint.as_deref().unwrap_or("see its message above");
            format!("mend {}: {} ({hint})", finding.source, finding.detail)
        })
        .collect();
    if !mend.is_empty() {
        return mend;
    }
    if args.target.is_ims() {
        return vec![
            "as an application: set ITWIN_CLIENT_ID and ITWIN_CLIENT_SECRET".to_owned(),
            "as a person: `twinkit login ims --client-id ID`".to_owned(),
        ];
    }
    vec![
        "as a person: `az login`, or `twinkit login entra --client-id ID`".to_owned(),
        "as an application: set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET"
            .to_owned(),
        "without any account: `twinkit emulate` in another terminal, and the variables that it \
         prints"
            .to_owned(),
    ]
}

/// The command that lets this caller in, with its own object id.
fn role_assignment(caller: &Caller) -> Option<String> {
    let object_id = caller.object_id.as_ref()?;
    let kind = if caller.is_application { "ServicePrincipal" } else { "User" };
    Some(format!(
        "if calls are refused with 403, give this caller a role on the instance; it works after \
         some minutes:\n      az role assignment create --role \"Azure Digital Twins Data Owner\" \
         --assignee-object-id {object_id} --assignee-principal-type {kind} --scope \"$(az dt show \
         --dt-name NAME --query id --output tsv)\""
    ))
}

fn iot_central(caller: &Caller) -> String {
    let object_id = caller.object_id.as_deref().unwrap_or("OBJECT_ID");
    let tenant_id = caller.tenant_id.as_deref().unwrap_or("TENANT_ID");
    if caller.is_application {
        format!(
            "an administrator of the application makes this service principal a user of it:\n      \
             az iot central user create --app-id APP --user-id {object_id} --tenant-id {tenant_id} \
             --object-id {object_id} --role builder\n      (this object id is the enterprise \
             application's, read from the token; the app registration's own object id and the \
             client id do not work)"
        )
    } else {
        "an administrator of the application adds this person on its page Permissions, Users"
            .to_owned()
    }
}

fn itwin() -> String {
    let client_id = std::env::var("ITWIN_CLIENT_ID").unwrap_or_else(|_| "CLIENT_ID".to_owned());
    format!(
        "if lists are empty or calls refused, add the application's own user to the iTwin, with a \
         role: {}",
        ims_service_email(&client_id)
    )
}

fn print_finding(finding: &Finding, out: &mut impl Write) -> io::Result<()> {
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

fn print(report: &Report, out: &mut impl Write) -> io::Result<()> {
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
