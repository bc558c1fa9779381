//! A web API in the middle: its callers send a token for the API, and it calls Azure
//! Digital Twins on behalf of them, so that each sees what they may see. It shows:
//! - one credential for all users (`Credential::on_behalf_of`), and for each call a
//!   client in the name of its caller, on the same connections;
//! - what a refusal means to the caller: 401 when their token will not do, with the
//!   challenge of a service that wants them to sign in again; 403 when they may not;
//!   nothing of the inside in either;
//! - that a token is neither kept, nor logged, nor sent on: what goes to Digital Twins
//!   is another one, made out to it.
//!
//! Without an account, on an emulator of its own, with two people who call:
//!
//! ```sh
//! cargo run --package twinkit-examples --bin middle-tier-api
//! ```
//!
//! On a real instance; the variables describe the API's own registration, with a
//! secret (`Credential::on_behalf_of` tells what to set up in the portal):
//!
//! ```sh
//! export AZURE_DIGITALTWINS_URL=https://NAME.api.REGION.digitaltwins.azure.net
//! export AZURE_TENANT_ID=... AZURE_CLIENT_ID=... AZURE_CLIENT_SECRET=...
//! cargo run --package twinkit-examples --bin middle-tier-api -- --listen 127.0.0.1:8080
//! curl -H "Authorization: Bearer $TOKEN" http://127.0.0.1:8080/rooms
//! ```
//!
//! The callers' tokens are checked by Entra ID when they are exchanged: signature,
//! time, and that they are made out to this API. An API that decides anything by what
//! a token says must check it itself before that.

mod api;
mod demonstration;
mod refusal;

use std::net::SocketAddr;
use std::process::ExitCode;

use clap::Parser;
use tokio::net::TcpListener;
use twinkit::auth::{Credential, SecretString};
use twinkit_examples::{ending, platform};

use api::Api;

/// Serve rooms to those who may see them.
#[derive(Parser)]
struct Args {
    /// Where to listen; port 0 is any free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
}

#[tokio::main]
async fn main() -> ExitCode {
    ending::of(run(Args::parse()).await)
}

async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let listener = TcpListener::bind(args.listen).await?;
    let Some(endpoint) = platform::variable("AZURE_DIGITALTWINS_URL") else {
        platform::tell_emulator("AZURE_DIGITALTWINS_URL");
        return demonstration::run(listener).await;
    };
    let tenant = platform::needed("AZURE_TENANT_ID", "the tenant of the users")?;
    let client = platform::needed("AZURE_CLIENT_ID", "the API's own application")?;
    let secret = SecretString::from(platform::needed("AZURE_CLIENT_SECRET", "its secret")?);
    let mut builder = Credential::on_behalf_of(tenant, client).secret(secret);
    if let Some(authority) = platform::variable("AZURE_AUTHORITY_HOST") {
        builder = builder.authority(authority);
    }
    let api = Api::new(&endpoint, builder.build()?)?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, api.router()).with_graceful_shutdown(stop()).await?;
    Ok(ExitCode::SUCCESS)
}

/// Waits for Ctrl-C. Where that cannot be heard, nothing ends the API from within.
async fn stop() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
