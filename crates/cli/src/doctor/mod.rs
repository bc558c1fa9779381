//! `twinkit doctor`: tries every way to sign in here, in order, and says what it
//! found and what to do next.

mod advice;
mod probe;
mod report;

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::Result;
use jiff::Timestamp;
use twinkit::auth::{AccessToken, AuthError, Credential};

use crate::identity::claims::{Claims, printable};
use crate::identity::sources::{Outcome, Source};
use crate::identity::target::Target;
use crate::output::json;
use advice::advice;
use probe::probe;
use report::{Caller, Finding, Found, Report, print, print_finding};

/// Find out why signing in does not work.
///
/// Tries each source in order, says what it found, and what to do next. With
/// --endpoint it also calls the instance or application; the iTwin Platform it calls
/// in any case. Exit codes: 0 all well, 1 something is to be done, 2 wrong usage.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// What to sign in for: digital-twins, iot-central, itwin or a scope.
    #[arg(long = "for", value_name = "TARGET", default_value = "digital-twins")]
    target: Target,
    /// Call this with what was found: an Azure Digital Twins instance; with --for
    /// iot-central an application, which its name will do for; with --for itwin the
    /// platform, by default that of ITWIN_API_URL or https://api.bentley.com.
    #[arg(long, value_name = "URL")]
    endpoint: Option<String>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(args: Args) -> Result<ExitCode> {
    // There is one platform, which is called whether or not its address is given.
    let endpoint = match args.target {
        Target::Itwin => Some(crate::itwin::endpoint(args.endpoint.as_deref())?),
        _ => args.endpoint.clone(),
    };
    let args = Args { endpoint, ..args };
    // Some sources take seconds to answer: each is shown when it has.
    let show = |finding: &Finding| match args.json {
        true => Ok(()),
        false => print_finding(finding, &mut io::stdout().lock()),
    };
    if !args.json {
        writeln!(io::stdout(), "Signing in for {} (scope {})\n", args.target, args.target.scope())?;
    }
    let report = examine(&args, show).await?;
    let mut out = io::stdout().lock();
    if args.json {
        writeln!(out, "{}", json(&report)?)?;
    } else {
        print(&report, &mut out)?;
    }
    Ok(if report.well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn examine(args: &Args, show: impl Fn(&Finding) -> io::Result<()>) -> Result<Report> {
    let request = args.target.request()?;
    let mut findings = Vec::new();
    let mut used: Option<(Source, AccessToken, Credential)> = None;
    let mut stopped = false;
    for source in Source::for_target(&args.target) {
        let (found, detail, hint) = match source.ask(&args.target, &request).await {
            Outcome::Token(token, credential) => {
                let detail = describe(&token);
                // A source that fails stops the other commands: what comes
                // behind it is looked at, not used.
                if used.is_none() && !stopped {
                    used = Some((*source, token, credential));
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
    let caller = used.as_ref().and_then(|(_, token, _)| Claims::of(token)).map(|claims| Caller {
        name: claims.caller(),
        object_id: claims.object_id().map(printable),
        tenant_id: claims.tenant_id().map(printable),
        is_application: claims.is_application(),
    });
    let probe = match (&args.endpoint, &used) {
        (Some(endpoint), Some((_, _, credential))) => {
            Some(probe(endpoint, credential.clone(), &args.target).await)
        }
        _ => None,
    };
    let well = used.is_some() && probe.as_ref().is_none_or(|probe| probe.ok);
    let source = used.as_ref().map(|(source, _, _)| *source);
    let next = advice(args, &findings, source, caller.as_ref(), probe.as_ref());
    Ok(Report {
        target: args.target.to_string(),
        scope: args.target.scope().to_owned(),
        sources: findings,
        used: used.map(|(source, _, _)| source.name()),
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
