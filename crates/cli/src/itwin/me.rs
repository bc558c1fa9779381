//! `twinkit itwin me`: who calls, and why lists are empty.

use std::io::{self, Write as _};
use std::process::ExitCode;

use anyhow::Result;
use serde_json::{Value, json};
use twinkit::itwin::{ErrorKind, ITwin, ITwinId, WhoAmI};

use super::list::cell;
use super::platform::PlatformArgs;
use crate::hints::spoken;
use crate::identity::claims::printable;
use crate::output::Output;
use crate::table::pairs;
use crate::usage::id;

/// Say who calls, and why lists are empty.
///
/// A service application is a user of its own, in an account of its own: until an
/// owner makes it a member of an iTwin, its lists are empty and everything looks as
/// if it were not there. Exit codes: 0 it is told who calls; 1 it could not be, or
/// the caller may do nothing in the iTwin of --itwin.
#[derive(clap::Args)]
pub(super) struct Args {
    /// Tell also what the caller may do in this iTwin.
    #[arg(long, value_name = "ID", value_parser = id::<ITwinId>)]
    itwin: Option<String>,
}

pub(super) async fn run(args: Args, platform: &PlatformArgs, output: Output) -> Result<ExitCode> {
    let client = platform.connect().await?;
    let me = client.whoami().await?;
    let there = match args.itwin {
        Some(itwin) => Some(look(&client, itwin).await?),
        None => None,
    };
    if output.json {
        Output::document(&document(&me, there.as_ref()))?;
    } else {
        show(&me, there.as_ref(), &platform.endpoint()?)?;
    }
    let is_shut_out = there.is_some_and(|there| there.permissions.is_empty());
    Ok(if is_shut_out { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// What the caller may do in an iTwin.
struct There {
    itwin: String,
    permissions: Vec<String>,
}

async fn look(client: &ITwin, itwin: String) -> Result<There> {
    let asked = client.access_control().get_my_permissions().id(itwin.as_str()).send().await;
    let permissions = match asked {
        Ok(answer) => answer.into_inner().permissions,
        // Whoever is no member is told that there is no such iTwin, or nothing.
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::Denied) => Vec::new(),
        Err(error) => return Err(error.into()),
    };
    Ok(There { itwin, permissions })
}

fn advice_on(me: &WhoAmI, there: &There) -> String {
    let (itwin, email) = (&there.itwin, &me.user.email);
    format!(
        "there is no iTwin {itwin}, or the caller may do nothing in it: an owner runs `twinkit \
         itwin onboard {itwin} --email {email} --role ROLE`"
    )
}

fn document(me: &WhoAmI, there: Option<&There>) -> Value {
    let there = there.map(|there| {
        let shut_out = there.permissions.is_empty();
        json!({
            "id": there.itwin,
            "permissions": there.permissions,
            "advice": shut_out.then(|| advice_on(me, there)),
        })
    });
    json!({
        "user": me.user,
        "isServiceApplication": me.is_service_application(),
        "seesITwins": me.sees_itwins,
        "advice": me.advice().map(|advice| spoken(&advice).into_owned()),
        "iTwin": there,
    })
}

fn show(me: &WhoAmI, there: Option<&There>, endpoint: &str) -> Result<()> {
    let user = &me.user;
    let kind = if me.is_service_application() { "service application" } else { "person" };
    let sees = if me.sees_itwins { "yes" } else { "no" };
    let name = [user.given_name.as_deref(), user.surname.as_deref()];
    let name = name.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let mut rows = vec![
        ("kind", kind.to_owned()),
        ("email", user.email.clone()),
        ("id", user.id.clone()),
        ("name", user.display_name.clone().unwrap_or(name)),
        ("organization", cell(user.organization_name.as_ref())),
        ("platform", endpoint.to_owned()),
        ("sees iTwins", sees.to_owned()),
    ];
    if let Some(there) = there {
        let permissions = match there.permissions.as_slice() {
            [] => "none".to_owned(),
            some => some.join(", "),
        };
        rows.push(("in the iTwin", permissions));
    }
    let mut out = io::stdout().lock();
    pairs(&rows, &mut out)?;
    let shut_out = there.filter(|there| there.permissions.is_empty());
    let advice = shut_out.map(|there| advice_on(me, there)).or_else(|| me.advice());
    if let Some(advice) = advice {
        writeln!(out, "\n{}", printable(&spoken(&advice)))?;
    }
    Ok(())
}
