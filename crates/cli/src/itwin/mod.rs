//! `twinkit itwin`: the iTwins of the Bentley iTwin Platform, who may use them, and
//! what lies in them. Each command has its file or folder; what they share is which
//! platform and caller (`platform`), who is let in or out (`who`), how lists are
//! shown (`list`), the same done to several things (`each`), and contents that travel
//! and can be gone on with (`transfer`, `kept`).

mod each;
mod files;
mod imodels;
mod itwins;
mod kept;
mod list;
mod me;
mod members;
mod offboard;
mod onboard;
mod platform;
mod transfer;
mod webhooks;
mod who;

use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;
use twinkit::itwin::Error;

pub(crate) use platform::endpoint;
pub(crate) use who::own_credential;

use platform::PlatformArgs;

use crate::output::Output;
use crate::stop::unless_stopped;

/// How the library's advice starts where a permission is missing, and where the
/// caller may be one who was never let in.
const NOT_PERMITTED: &str = "a permission is missing";
const HIDDEN: &str = "what a caller may not see";

/// Work on the Bentley iTwin Platform.
///
/// The platform is at --endpoint or ITWIN_API_URL, else at https://api.bentley.com.
/// The caller is found as `twinkit token --for itwin` finds it: the service
/// application of ITWIN_CLIENT_ID and ITWIN_CLIENT_SECRET, or the person of `twinkit
/// login ims`; or it is a share key in a file (--share-key-file) or in
/// ITWIN_SHARE_KEY. Lists are empty? `twinkit itwin me` says why.
///
/// What changes something shows a plan first and asks; --yes does it without
/// asking, --dry-run only shows the plan. Plans, questions and progress go to
/// stderr, results to stdout: tables, or with --json one document, of lists one per
/// line.
///
/// Exit codes: 0 done; 1 failed, or not agreed to; 2 wrong usage, or nobody could
/// be asked; 3 done for some and not for others; 130 interrupted.
#[derive(clap::Args)]
#[command(arg_required_else_help = true)]
pub(crate) struct Args {
    #[command(flatten)]
    platform: PlatformArgs,
    #[command(flatten)]
    output: Output,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Me(me::Args),
    Onboard(onboard::Args),
    Offboard(offboard::Args),
    #[command(subcommand)]
    Itwins(itwins::Command),
    #[command(subcommand)]
    Members(members::Command),
    #[command(subcommand)]
    Imodels(imodels::Command),
    #[command(subcommand)]
    Files(files::Command),
    #[command(subcommand)]
    Webhooks(webhooks::Command),
}

pub(crate) async fn run(args: Args) -> Result<ExitCode> {
    let Args { platform, output, command } = args;
    let done = unless_stopped(carry_out(command, &platform, output)).await;
    done.map_err(|error| with_cure(error, &platform))
}

async fn carry_out(command: Command, platform: &PlatformArgs, output: Output) -> Result<ExitCode> {
    match command {
        Command::Me(args) => me::run(args, platform, output).await,
        Command::Onboard(args) => onboard::run(args, platform, output).await,
        Command::Offboard(args) => offboard::run(args, platform, output).await,
        Command::Itwins(command) => itwins::run(command, platform, output).await,
        Command::Members(command) => members::run(command, platform, output).await,
        Command::Imodels(command) => imodels::run(command, platform, output).await,
        Command::Files(command) => files::run(command, platform, output).await,
        Command::Webhooks(command) => webhooks::run(command, platform, output).await,
    }
}

/// The error with what cures it here, if the caller may be one who was never let
/// in; what helps depends on how the platform was called.
fn with_cure(mut error: anyhow::Error, platform: &PlatformArgs) -> anyhow::Error {
    let Some(refused) = error.downcast_mut::<Error>() else { return error };
    let advice = refused.hint().unwrap_or_default();
    let is_hidden = advice.starts_with(HIDDEN);
    if is_hidden || advice.starts_with(NOT_PERMITTED) {
        let bare = std::mem::replace(refused, Error::InvalidRequest(String::new()));
        *refused = bare.with_hint(platform.cure_of_refusal(is_hidden));
    }
    error
}
