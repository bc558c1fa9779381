//! Receives events of the iTwin Platform. It shows:
//! - that a delivery is checked by its signature over the body as it came, before
//!   anything of it is read;
//! - that an event that is delivered again is acted upon once, and that one that could
//!   not be taken is let come again;
//! - that the answer is given at once and the work is done behind it: the platform takes
//!   an answer after five seconds for a failure.
//!
//! Without an account, on an emulator of its own that delivers an event:
//!
//! ```sh
//! cargo run --package twinkit-examples --bin webhook-receiver
//! ```
//!
//! For the real platform, behind something that speaks https under the webhook's
//! callback address; `twinkit itwin webhooks create` gives the secret:
//!
//! ```sh
//! export ITWIN_WEBHOOK_SECRET=...
//! cargo run --package twinkit-examples --bin webhook-receiver -- --listen 127.0.0.1:8080
//! ```
//!
//! What waits to be worked on is lost when the process ends, as is the memory of what
//! came. A service that must not lose an event puts it into a database, under
//! `message_id` as the key, before it answers.

mod demonstration;
mod receiver;

use std::net::SocketAddr;
use std::process::ExitCode;

use clap::Parser;
use tokio::net::TcpListener;
use twinkit::itwin::Secret;
use twinkit::itwin::webhooks::EventVerifier;
use twinkit_examples::{ending, platform};

/// Receive events of the iTwin Platform.
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
    let Some(secret) = platform::variable("ITWIN_WEBHOOK_SECRET") else {
        platform::tell_emulator("ITWIN_WEBHOOK_SECRET");
        return demonstration::run(listener).await;
    };
    let verifier = EventVerifier::new(&Secret::from(secret))?;
    let (router, work) = receiver::new(verifier);
    println!("listening on http://{}/events", listener.local_addr()?);
    let serving = axum::serve(listener, router).with_graceful_shutdown(stop());
    // The work ends when the last of what was taken is done.
    let (served, ()) = tokio::join!(serving.into_future(), work.run(receiver::show));
    served?;
    Ok(ExitCode::SUCCESS)
}

/// Waits for Ctrl-C. Where that cannot be heard, nothing ends the receiver from within.
async fn stop() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
