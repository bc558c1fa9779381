//! Lets one program into two platforms: its service principal into an IoT Central
//! application, its IMS service application into an iTwin. It shows:
//! - plans first: both are printed, and nothing is changed without `--yes`;
//! - that ids are read from the program's own credentials, so that none can be mixed up
//!   (the object id that IoT Central wants is not the client id that people copy);
//! - that it can be run any number of times: what is done already is left alone;
//! - proofs: calls in the program's own name.
//!
//! Without an account, on an emulator of its own:
//!
//! ```sh
//! cargo run --package twinkit-examples --bin onboarding -- --yes
//! ```
//!
//! On real platforms, in the name of an administrator of the application and an owner of
//! the iTwin:
//!
//! ```sh
//! export AZURE_IOTCENTRAL_URL=https://NAME.azureiotcentral.com
//! export AZURE_TENANT_ID=... AZURE_CLIENT_ID=... AZURE_CLIENT_SECRET=...
//! export ITWIN_CLIENT_ID=... ITWIN_CLIENT_SECRET=... ITWIN_ID=...
//! # The program that is let in:
//! export ONBOARD_CLIENT_ID=... ONBOARD_CLIENT_SECRET=...
//! export ONBOARD_ITWIN_CLIENT_ID=... ONBOARD_ITWIN_CLIENT_SECRET=...
//! cargo run --package twinkit-examples --bin onboarding -- --yes
//! ```

use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser;
use serde_json::json;
use twinkit::auth::{Credential, SecretString};
use twinkit::iot_central::{self, BuiltInRole};
use twinkit::itwin::itwins::types::ITwinCreate;
use twinkit::itwin::{ITwin, RoleGrant};
use twinkit_emulator::Emulator;
use twinkit_emulator::identity::Application;
use twinkit_emulator::ims::ImsClient;
use twinkit_examples::ending::{self, printable};
use twinkit_examples::platform::{self, needed, variable};

/// What the program may do in the iTwin, by a role of this name.
const ROLE: &str = "Synchronizer";
const PERMISSIONS: [&str; 3] = ["storage_read", "storage_write", "imodels_read"];

/// Let a program into an IoT Central application and an iTwin.
#[derive(Parser)]
struct Args {
    /// Do what the plans say; without it they are only shown.
    #[arg(long)]
    yes: bool,
}

/// Who lets whom in where.
struct Parties {
    application: iot_central::Client,
    principal: Credential,
    platform: ITwin,
    itwin: String,
    service: Credential,
}

#[tokio::main]
async fn main() -> ExitCode {
    ending::of(run(Args::parse()).await)
}

async fn run(args: Args) -> anyhow::Result<ExitCode> {
    if variable("AZURE_IOTCENTRAL_URL").is_some() {
        return let_in(&Parties::from_env()?, args.yes).await;
    }
    platform::tell_emulator("AZURE_IOTCENTRAL_URL and ITWIN_ID");
    let emulator = Emulator::start().await?;
    let code = let_in(&Parties::of(&emulator).await?, args.yes).await;
    emulator.shutdown().await;
    code
}

async fn let_in(parties: &Parties, agreed: bool) -> anyhow::Result<ExitCode> {
    let Parties { application, principal, platform, itwin, service } = parties;
    // Both plans come before the first change: what is wrong with one keeps the other
    // from being carried out.
    let in_application = application.onboard_credential(principal).role(BuiltInRole::Operator);
    let in_application = in_application.plan().await.context("IoT Central")?;
    println!("IoT Central: {}", printable(&in_application.to_string()));
    let role = RoleGrant::made(ROLE, "What the synchronizer needs", PERMISSIONS);
    let in_itwin = platform.onboard_credential(itwin.as_str(), service).role(role);
    let in_itwin = in_itwin.plan().await.context("iTwin Platform")?;
    println!("iTwin {itwin}: {}", printable(&in_itwin.to_string()));
    if in_application.is_done() && in_itwin.is_done() {
        println!("Nothing to do.");
        return Ok(ExitCode::SUCCESS);
    }
    if !agreed {
        println!("Nothing was changed; --yes does it.");
        return Ok(ExitCode::SUCCESS);
    }

    let report = in_application.apply().await.context("IoT Central")?;
    println!("IoT Central: {}", printable(&report.to_string()));
    let proven = application.prove_access(principal).of(&report).run().await;
    let proven = proven.context("the program was let in, and cannot call IoT Central")?;
    println!("  proven: it sees {} devices on the first page", proven.devices);

    let report = in_itwin.apply().await.context("iTwin Platform")?;
    println!("iTwin {itwin}: {}", printable(&report.to_string()));
    let proven = platform.prove_access(service).of(&report).run().await;
    let proven = proven.context("the program was let in, and cannot call the iTwin Platform")?;
    println!("  proven: it may do {}", printable(&proven.permissions.join(", ")));
    Ok(ExitCode::SUCCESS)
}

impl Parties {
    fn from_env() -> anyhow::Result<Self> {
        let endpoint = needed("AZURE_IOTCENTRAL_URL", "the application's address")?;
        let application =
            iot_central::Client::builder(endpoint, Credential::from_env()?).build()?;
        let tenant = variable("ONBOARD_TENANT_ID").or_else(|| variable("AZURE_TENANT_ID"));
        let tenant = tenant.context("set ONBOARD_TENANT_ID: the program's tenant")?;
        let id = needed("ONBOARD_CLIENT_ID", "the program's client id at Entra ID")?;
        let secret = SecretString::from(needed("ONBOARD_CLIENT_SECRET", "its secret")?);
        let mut principal = Credential::client_secret(tenant, id, secret);
        if let Some(authority) = variable("AZURE_AUTHORITY_HOST") {
            principal = principal.authority(authority);
        }
        let platform = platform::itwin()?.context("set ITWIN_CLIENT_ID: an owner of the iTwin")?;
        let id = needed("ONBOARD_ITWIN_CLIENT_ID", "the program's client id at Bentley IMS")?;
        let secret = SecretString::from(needed("ONBOARD_ITWIN_CLIENT_SECRET", "its secret")?);
        let mut service = Credential::ims_service(id, secret);
        if let Some(host) = variable("ITWIN_IMS_AUTHORITY") {
            service = service.host(host);
        }
        Ok(Self {
            application,
            principal: principal.build()?,
            platform,
            itwin: needed("ITWIN_ID", "the iTwin that the program is let into")?,
            service: service.build()?,
        })
    }

    /// Parties of an emulator, with a program that is new to it.
    async fn of(emulator: &Emulator) -> anyhow::Result<Self> {
        const SECRET: &str = "opens nothing but this emulator";
        let (tenant, owner) = (emulator.tenant_id(), emulator.client_id());
        let administrator = Credential::client_secret(tenant, owner, emulator.client_secret())
            .authority(emulator.authority_url())
            .build()?;
        let registration = Application::new(SECRET.into());
        let principal = Credential::client_secret(tenant, registration.client_id.clone(), SECRET)
            .authority(emulator.authority_url())
            .build()?;
        emulator.directory().add_application(registration)?;
        emulator.ims().add_client(ImsClient::service("synchronizer", SECRET.into()))?;
        let service = Credential::ims_service("synchronizer", SECRET).host(emulator.ims_url());
        let platform = platform::itwin_of(emulator)?;
        let new: ITwinCreate = serde_json::from_value(
            json!({"class": "Thing", "subClass": "Asset", "displayName": "Tower"}),
        )?;
        let itwin = platform.itwins().create_itwin().body(new).send().await?.into_inner().itwin.id;
        let endpoint = emulator.iot_central_url();
        Ok(Self {
            application: iot_central::Client::builder(endpoint, administrator).build()?,
            principal,
            platform,
            itwin,
            service: service.build()?,
        })
    }
}
