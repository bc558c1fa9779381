//! `twinkit login` and `twinkit logout`: a person's sign-in, kept for the other
//! commands and for later runs.

use std::process::ExitCode;

use anyhow::Result;
use twinkit::auth::{Account, AuthError};

use crate::identity::claims::printable;
use crate::identity::profile::{self, Profile, Service, Store, Way};
use crate::identity::target::Target;
use crate::output::Output;
use crate::usage::wrong;

/// Sign in as a person, in the browser or by a code on another device.
///
/// The sign-in is kept and the other commands use it. It needs a registered
/// application that people can sign in to:
///
/// - entra: in the portal, App registrations, New registration; Authentication,
///   Add a platform, Mobile and desktop applications, http://localhost. For
///   --device also Allow public client flows. Then API permissions, Add, Azure
///   Digital Twins. Without one of your own, `az login` serves as well.
///
/// - ims: on the iTwin developer portal, Register New, Native, scopes
///   itwin-platform and offline_access, redirect URI
///   http://localhost:3301/signin-callback.
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct LoginArgs {
    /// The identity service.
    #[arg(value_enum, default_value = "entra")]
    service: Service,
    /// Show a code to enter on another device, instead of opening a browser.
    #[arg(long)]
    device: bool,
    /// The application's client id; as last time if left out.
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,
    /// The tenant, for entra: an id or a domain. AZURE_TENANT_ID, or any
    /// organization, if left out.
    #[arg(long, value_name = "TENANT")]
    tenant: Option<String>,
    /// The authority or IMS. AZURE_AUTHORITY_HOST or ITWIN_IMS_AUTHORITY, or the
    /// public one, if left out.
    #[arg(long, value_name = "URL")]
    authority: Option<String>,
    /// Where the browser returns to, for ims, as registered.
    #[arg(long, value_name = "URL")]
    redirect_uri: Option<String>,
    /// What to sign in for: digital-twins, iot-central, itwin or a scope.
    #[arg(long = "for", value_name = "TARGET")]
    target: Option<Target>,
    /// Where to keep the sign-in.
    #[arg(long, value_enum, default_value = "keyring")]
    store: Store,
}

/// Forget the sign-in that `twinkit login` made.
#[derive(clap::Args)]
pub(crate) struct LogoutArgs {
    /// The identity service.
    #[arg(value_enum, default_value = "entra")]
    service: Service,
}

pub(crate) async fn login(args: LoginArgs) -> Result<ExitCode> {
    let service = args.service;
    let target = match args.target {
        Some(target) => target,
        None if service == Service::Ims => Target::Itwin,
        None => Target::DigitalTwins,
    };
    if target.service() != service {
        return Err(wrong(format!("{target} is not signed in for at this identity service")));
    }
    if args.device && service == Service::Ims {
        return Err(wrong("Bentley IMS has no sign-in by device code; leave --device out"));
    }
    let last = service.profile()?;
    let kept_id = last.as_ref().map(|profile| profile.client_id.clone());
    let client_id = args.client_id.or(kept_id).ok_or_else(|| {
        wrong(
            "name the application that you sign in to by --client-id; `twinkit login --help` \
             tells how to register one",
        )
    })?;
    let profile = Profile {
        authority: profile::authority(service, args.authority),
        tenant: match service {
            Service::Entra => Some(args.tenant.unwrap_or_else(tenant)),
            Service::Ims => None,
        },
        client_id,
        redirect_uri: args.redirect_uri,
        store: args.store,
    };
    let way = if args.device { Way::Device } else { Way::Browser };
    let session = service.session(&profile, way)?;
    // A store that does not work is told before the person has signed in.
    session.is_signed_in().await.map_err(advise)?;
    let account = session.sign_in(&target.request()?).await.map_err(advise)?;
    service.keep(Some(&profile))?;
    if let Some(last) = last.filter(|last| *last != profile) {
        forget(service, &last).await;
    }
    Output::text(&format!("Signed in{}.", as_whom(account.as_ref())))?;
    Ok(ExitCode::SUCCESS)
}

/// Deletes the refresh token of a sign-in that another takes the place of: no
/// command could find it any more.
async fn forget(service: Service, last: &Profile) {
    let signed_out = match service.session(last, Way::Silent) {
        Ok(session) => session.sign_out().await.map_err(anyhow::Error::new),
        Err(error) => Err(error),
    };
    if let Err(error) = signed_out {
        tell!("warning: the sign-in before this one could not be deleted: {error}");
    }
}

pub(crate) async fn logout(args: LogoutArgs) -> Result<ExitCode> {
    let service = args.service;
    let Some(profile) = service.profile()? else {
        Output::text("Nobody was signed in.")?;
        return Ok(ExitCode::SUCCESS);
    };
    let session = service.session(&profile, Way::Silent)?;
    let account = session.account().await.ok().flatten();
    let signed_out = session.sign_out().await;
    // Forgotten also where the store cannot be reached any more, as the error says.
    service.keep(None)?;
    signed_out?;
    Output::text(&format!("Signed out{}.", as_whom(account.as_ref())))?;
    Ok(ExitCode::SUCCESS)
}

fn tenant() -> String {
    let said = std::env::var("AZURE_TENANT_ID").ok().filter(|text| !text.trim().is_empty());
    said.unwrap_or_else(|| "organizations".to_owned())
}

fn as_whom(account: Option<&Account>) -> String {
    let Some(account) = account else { return String::new() };
    let name = account.username.as_ref().or(account.id.as_ref());
    let name = name.map(|name| format!(" as {}", printable(name))).unwrap_or_default();
    let tenant = account.tenant.as_ref().map(|tenant| format!(", tenant {}", printable(tenant)));
    name + &tenant.unwrap_or_default()
}

/// What helps where the library cannot know of it.
fn advise(error: AuthError) -> anyhow::Error {
    let about_keyring = error.source_name().contains("keyring");
    let error = anyhow::Error::new(error);
    if about_keyring {
        error.context("no keyring can be used here; keep the sign-in in a file by --store file")
    } else {
        error
    }
}
