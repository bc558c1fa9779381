//! `twinkit demo`: the main job from end to end, against the embedded emulator
//! or real services.

mod central;
mod derive;
mod scene;
mod stage;
mod transcript;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use serde_json::Value;
use twinkit::auth::Credential;
use twinkit::digital_twins::Client;
use twinkit_emulator::Emulator;

use crate::stop::Stop;
use central::Central;
use scene::Scene;
use stage::Stage;
use transcript::Transcript;

/// Sign in, upload models, create twins and relationships, patch, send
/// telemetry and query; then let a program into an IoT Central application, work
/// as that program, and make, use and revoke an API token: the main jobs, shown
/// step by step.
///
/// Without --endpoint it runs against an emulator of its own and needs no
/// account. With it, the credential comes from AZURE_TENANT_ID, AZURE_CLIENT_ID
/// and one of AZURE_CLIENT_SECRET, AZURE_CLIENT_CERTIFICATE_PATH and
/// AZURE_FEDERATED_TOKEN_FILE, and everything that was created is removed again.
/// The IoT Central part is then left out unless --iot-central names an
/// application of which that credential's owner is an administrator. The program
/// that is let in is the one of ONBOARD_CLIENT_ID, ONBOARD_CLIENT_SECRET and
/// ONBOARD_TENANT_ID (or AZURE_TENANT_ID); a user that it was already stays.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Upload this JSON array of DTDL interfaces instead of the demo's own
    /// building ontology, and create twins of its models.
    #[arg(long, value_name = "FILE")]
    models: Option<PathBuf>,
    /// Work on this Azure Digital Twins instance, as
    /// https://NAME.api.REGION.digitaltwins.azure.net.
    #[arg(long, value_name = "URL")]
    endpoint: Option<String>,
    /// Work on this IoT Central application, too: its name, host or URL.
    #[arg(long, value_name = "APP", requires = "endpoint")]
    iot_central: Option<String>,
    /// Print one JSON object per step and line.
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(args: Args) -> Result<ExitCode> {
    let models = models(args.models.as_deref())?;
    let prefix = format!("demo-{}", run_number());
    let scene = match args.models {
        Some(_) => derive::scene(&models, &prefix)?,
        None => scene::building(&prefix),
    };
    let mut transcript = Transcript::new(args.json);
    let (emulator, endpoint, credential, central) = match args.endpoint {
        Some(endpoint) => {
            let credential = Credential::from_env()?;
            let central = match args.iot_central {
                Some(app) => Some(elsewhere(&app, &credential, &prefix)?),
                None => None,
            };
            (None, endpoint, credential, central)
        }
        None => {
            let emulator = Emulator::start().await?;
            let credential = Credential::client_secret(
                emulator.tenant_id(),
                emulator.client_id(),
                emulator.client_secret(),
            )
            .authority(emulator.authority_url())
            .build()?;
            let endpoint = emulator.digital_twins_url().to_owned();
            let central = Central::on(&emulator, credential.clone(), &prefix)?;
            (Some(emulator), endpoint, credential, Some(central))
        }
    };
    let client = Client::builder(&endpoint, credential.clone()).build()?;
    let mut stop = Stop::listen()?;
    let mut acts = Acts { twins: Stage::new(client), central };
    let mut interrupted = tokio::select! {
        () = acts.play(&mut transcript, &credential, models, &scene) => false,
        () = stop.asked() => true,
    };
    let given_up = {
        let mut clearing = std::pin::pin!(acts.clear(&mut transcript));
        loop {
            tokio::select! {
                () = &mut clearing => break false,
                // What was created is removed all the same, unless asked twice.
                () = stop.asked() => {
                    if interrupted {
                        break true;
                    }
                    interrupted = true;
                }
            }
        }
    };
    if given_up {
        eprintln!("stopped while clearing up: what begins with {prefix} may be left");
    }
    if let Some(emulator) = emulator {
        emulator.shutdown().await;
    }
    Ok(match (interrupted, transcript.failed()) {
        (true, _) => ExitCode::from(130),
        (false, true) => ExitCode::FAILURE,
        (false, false) => ExitCode::SUCCESS,
    })
}

/// What is played, one platform after the other.
struct Acts {
    twins: Stage,
    central: Option<Central>,
}

impl Acts {
    async fn play(
        &mut self,
        transcript: &mut Transcript,
        credential: &Credential,
        models: Vec<Value>,
        scene: &Scene,
    ) {
        self.twins.play(transcript, credential, models, scene).await;
        if let Some(central) = self.central.as_mut().filter(|_| !transcript.failed()) {
            central.play(transcript).await;
        }
    }

    async fn clear(&mut self, transcript: &mut Transcript) {
        if let Some(central) = &mut self.central {
            central.clear(transcript).await;
        }
        self.twins.clear(transcript).await;
    }
}

/// The IoT Central part in an application of the user's.
fn elsewhere(app: &str, credential: &Credential, prefix: &str) -> Result<Central> {
    let endpoint = crate::iot_central::endpoint(app)?;
    let program = crate::iot_central::own_credential()?;
    Central::new(endpoint, credential.clone(), program, prefix)
}

fn models(path: Option<&Path>) -> Result<Vec<Value>> {
    let Some(path) = path else {
        return serde_json::from_str(scene::BUILDING_MODELS).context("the demo's own ontology");
    };
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("the model file {} cannot be read", path.display()))?;
    // Some editors start files with a byte-order mark, which JSON forbids.
    let models: Vec<Value> = serde_json::from_str(text.trim_start_matches('\u{feff}'))
        .with_context(|| format!("{} is not a JSON array of DTDL interfaces", path.display()))?;
    if models.is_empty() {
        bail!("{} holds no models", path.display());
    }
    Ok(models)
}

/// Tells runs apart on a shared instance: the milliseconds of the clock.
fn run_number() -> u128 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.unwrap_or_default().as_millis() % 1_000_000_000
}
