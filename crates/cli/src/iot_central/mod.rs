//! `twinkit iot-central`: the users, API tokens and devices of an application,
//! and the application as a whole. Each command has its file; what they share is
//! which application and caller (`application`).

mod application;
mod devices;
mod export;
mod offboard;
mod onboard;
mod principal;
mod restore;
mod roles;
mod token_log;
mod tokens;
mod users;

use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;
use twinkit::iot_central::archive::ArchiveError;
use twinkit::iot_central::{BuiltInRole, Client, Error, types::RoleAssignment};

use application::ApplicationArgs;
pub(crate) use application::endpoint;
pub(crate) use principal::own_credential;

use crate::output::Output;
use crate::stop::unless_stopped;

/// How the library's advice on a refusal starts that is about nothing special.
const GENERAL_CURE: &str = "the caller must be a user of the application";
/// What a plan warns of that leaves nobody to let others in.
const LAST_ADMINISTRATOR: &str = "BEWARE: no other user is an administrator of the application";

/// Work on an Azure IoT Central application.
///
/// The application is named by --app or AZURE_IOTCENTRAL_URL. The caller is
/// found as `twinkit token --for iot-central` finds it, or is an API token in a
/// file (--token-file) or in AZURE_IOTCENTRAL_TOKEN.
///
/// What changes something shows a plan first and asks; --yes does it without
/// asking, --dry-run only shows the plan. Plans, questions and progress go to
/// stderr, results to stdout: tables, or with --json one document per line.
///
/// Exit codes: 0 done; 1 failed, or not agreed to; 2 wrong usage, or nobody could
/// be asked; 3 done, but something could not be carried (export, restore); 4, 5
/// and 6 of `devices command`: the device failed, is not connected, did not
/// answer in time; 130 interrupted.
#[derive(clap::Args)]
#[command(arg_required_else_help = true)]
pub(crate) struct Args {
    #[command(flatten)]
    application: ApplicationArgs,
    #[command(flatten)]
    output: Output,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Onboard(onboard::Args),
    Offboard(offboard::Args),
    #[command(subcommand)]
    Tokens(tokens::Command),
    #[command(subcommand)]
    Users(users::Command),
    #[command(subcommand)]
    Devices(devices::Command),
    Export(export::Args),
    Restore(restore::Args),
}

pub(crate) async fn run(args: Args) -> Result<ExitCode> {
    let Args { application, output, command } = args;
    let done = unless_stopped(carry_out(command, &application, output)).await;
    done.map_err(|error| with_cure(error, &application))
}

async fn carry_out(
    command: Command,
    application: &ApplicationArgs,
    output: Output,
) -> Result<ExitCode> {
    match command {
        Command::Onboard(args) => onboard::run(args, application, output).await,
        Command::Offboard(args) => offboard::run(args, application, output).await,
        Command::Tokens(command) => tokens::run(command, application, output).await,
        Command::Users(command) => users::run(command, application, output).await,
        Command::Devices(command) => devices::run(command, application, output).await,
        Command::Export(args) => export::run(args, application, output).await,
        Command::Restore(args) => restore::run(args, application, output).await,
    }
}

/// The error with what cures a refusal here; what helps depends on how it was
/// called.
fn with_cure(mut error: anyhow::Error, application: &ApplicationArgs) -> anyhow::Error {
    let refused = match error.downcast_mut::<ArchiveError>() {
        Some(ArchiveError::Service { source, .. } | ArchiveError::Stopped { source, .. }) => {
            Some(source)
        }
        _ => error.downcast_mut::<Error>(),
    };
    if let Some(refused) = refused
        && refused.status().is_some_and(|status| status.as_u16() == 403)
        && refused.hint().is_some_and(|hint| hint.starts_with(GENERAL_CURE))
    {
        let bare = std::mem::replace(refused, Error::InvalidRequest(String::new()));
        let role = bare.operation().and_then(BuiltInRole::for_operation);
        *refused = bare.with_hint(application.cure_of_refusal(role));
    }
    error
}

/// Refuses organizations that the application does not have, so that a plan with
/// them is not even shown.
async fn check_organizations<'a>(
    client: &Client,
    ids: impl IntoIterator<Item = &'a str>,
) -> Result<()> {
    for id in ids {
        match client.get_organization().organization_id(id).send().await {
            Ok(_) => {}
            Err(error) if error.is_not_found() => {
                anyhow::bail!("the application has no organization {id:?}");
            }
            // Whoever may not look may still be allowed to name one.
            Err(error) if error.is_denied() => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// The failure of one of several changes, with those that were made before it.
fn after(done: &[String], error: Error) -> anyhow::Error {
    let error = anyhow::Error::new(error);
    if done.is_empty() { error } else { error.context(format!("done before: {}", done.join("; "))) }
}

/// The organizations in which roles are given.
fn organizations(roles: &[RoleAssignment]) -> impl Iterator<Item = &str> {
    roles.iter().filter_map(|role| role.organization.as_deref())
}
