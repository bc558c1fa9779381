//! `twinkit token`: a token from whatever is signed in here, its claims shown
//! and the token itself only on request.

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::Result;
use jiff::Timestamp;
use serde_json::json;
use twinkit::auth::{AccessToken, ExposeSecret};

use crate::identity::claims::Claims;
use crate::identity::sign_in::sign_in;
use crate::identity::sources::Source;
use crate::identity::target::Target;
use crate::output;

/// Get a token and show what it says.
///
/// Sources are tried in order: variables of the environment, `twinkit login`,
/// the Azure CLI, the Azure Developer CLI, Azure PowerShell, managed identity.
/// Exit codes: 0 a token, 1 none, 2 wrong usage.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// What the token is for: digital-twins, iot-central, itwin, or a scope such
    /// as https://RESOURCE/.default.
    #[arg(long = "for", value_name = "TARGET", default_value = "digital-twins")]
    target: Target,
    /// Ask this source only.
    #[arg(long = "with", value_enum, value_name = "SOURCE")]
    source: Option<Source>,
    /// Print the token, and nothing else. Whoever has it can call in your name.
    #[arg(long)]
    show: bool,
    /// Print one JSON object; with --show the token is in it.
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(args: Args) -> Result<ExitCode> {
    let found = sign_in(&args.target, args.source).await?;
    show(&args, found.source, &found.token)?;
    Ok(ExitCode::SUCCESS)
}

fn show(args: &Args, source: Source, token: &AccessToken) -> Result<()> {
    let mut out = io::stdout().lock();
    let claims = Claims::of(token);
    let ends = Timestamp::try_from(token.expires_at()).unwrap_or(Timestamp::MAX);
    let ends = ends.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    if args.json {
        let mut answer = json!({
            "source": source.name(),
            "scope": args.target.scope(),
            "expiresAt": ends,
            "claims": claims.map(|claims| claims.to_json()),
        });
        if let (true, Some(members)) = (args.show, answer.as_object_mut()) {
            members.insert("token".to_owned(), token.secret().expose_secret().into());
        }
        writeln!(out, "{}", output::json(&answer)?)?;
        return Ok(());
    }
    if args.show {
        writeln!(out, "{}", token.secret().expose_secret())?;
        return Ok(());
    }
    writeln!(out, "A token for {} from {}, until {ends}.", args.target.scope(), source.name())?;
    match claims {
        None => writeln!(out, "It is opaque: it has no claims to show.")?,
        Some(claims) => {
            let rows = claims.rows();
            let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
            for (name, value) in rows {
                writeln!(out, "  {name:<width$}  {value}")?;
            }
        }
    }
    Ok(())
}
