//! `twinkit demo`: the main job from end to end, against the embedded emulator
//! or real services.

mod central;
mod derive;
mod itwin;
mod scene;
mod stage;
mod transcript;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use serde_json::Value;
use twinkit::auth::Credential;
use twinkit::digital_twins::Client;
use twinkit::itwin::ENDPOINT;
use twinkit_emulator::Emulator;

use crate::input::Input;
use crate::stop::Stop;
use crate::usage::wrong;
use central::Central;
use itwin::Platform;
use scene::Scene;
use stage::Stage;
use transcript::Transcript;

/// Sign in, upload models, create twins and relationships, patch, send
/// telemetry and query; then let a program into an IoT Central application, work
/// as that program, and make, use and revoke an API token; then make an iTwin with a
/// role, a member, a file that the member fetches, and an iModel with a named
/// version: the main jobs, shown step by step.
///
/// Without --endpoint and --itwin it runs against an emulator of its own and needs
/// no account. With them, only those platforms are worked on, and everything that was
/// created is removed again.
///
/// --endpoint takes its credential from AZURE_TENANT_ID, AZURE_CLIENT_ID and one of
/// AZURE_CLIENT_SECRET, AZURE_CLIENT_CERTIFICATE_PATH and AZURE_FEDERATED_TOKEN_FILE.
/// The IoT Central part goes with it if --iot-central names an application of which
/// that credential's owner is an administrator. The program that is let in is the one
/// of ONBOARD_CLIENT_ID, ONBOARD_CLIENT_SECRET and ONBOARD_TENANT_ID (or
/// AZURE_TENANT_ID); a user that it was already stays.
///
/// --itwin takes the service application of ITWIN_CLIENT_ID and ITWIN_CLIENT_SECRET,
/// which makes the iTwin in the account of its own, and lets the one of
/// ONBOARD_ITWIN_CLIENT_ID and ONBOARD_ITWIN_CLIENT_SECRET in.
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
    /// Work on this iTwin Platform; https://api.bentley.com if no address is given.
    #[arg(long, value_name = "URL", num_args = 0..=1, default_missing_value = ENDPOINT)]
    itwin: Option<String>,
    /// Print one JSON object per step and line.
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(args: Args) -> Result<ExitCode> {
    let models = models(args.models.as_deref()).await?;
    let prefix = format!("demo-{}", run_number());
    let scene = match args.models {
        Some(_) => derive::scene(&models, &prefix)?,
        None => scene::building(&prefix),
    };
    let mut transcript = Transcript::new(args.json);
    let is_elsewhere = args.endpoint.is_some() || args.itwin.is_some();
    let emulator = if is_elsewhere { None } else { Some(Emulator::start().await?) };
    let mut acts = match &emulator {
        Some(emulator) => Acts::on(emulator, models, scene, &prefix)?,
        None => Acts::elsewhere(args, models, scene, &prefix)?,
    };
    let mut stop = Stop::listen()?;
    let mut interrupted = tokio::select! {
        () = acts.play(&mut transcript) => false,
        () = stop.asked_to_clear_up() => true,
    };
    let given_up = {
        let mut clearing = std::pin::pin!(acts.clear(&mut transcript));
        loop {
            tokio::select! {
                () = &mut clearing => break false,
                // What was created is removed all the same, unless asked twice.
                () = stop.asked_to_clear_up() => {
                    if interrupted {
                        break true;
                    }
                    interrupted = true;
                }
            }
        }
    };
    if given_up {
        tell!("stopped while clearing up: what begins with {prefix} may be left");
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
    twins: Option<Twins>,
    central: Option<Central>,
    itwin: Option<Platform>,
}

/// A scene and the stage for it.
struct Twins {
    stage: Stage,
    credential: Credential,
    models: Vec<Value>,
    scene: Scene,
}

impl Acts {
    /// All of them, in an emulator.
    fn on(emulator: &Emulator, models: Vec<Value>, scene: Scene, prefix: &str) -> Result<Self> {
        let credential = Credential::client_secret(
            emulator.tenant_id(),
            emulator.client_id(),
            emulator.client_secret(),
        )
        .authority(emulator.authority_url())
        .build()?;
        let central = Central::on(emulator, credential.clone(), prefix)?;
        let endpoint = emulator.digital_twins_url();
        Ok(Self {
            twins: Some(Twins::new(endpoint, credential, models, scene)?),
            central: Some(central),
            itwin: Some(Platform::on(emulator, prefix)?),
        })
    }

    /// Those that were asked for, on platforms of the user's.
    fn elsewhere(args: Args, models: Vec<Value>, scene: Scene, prefix: &str) -> Result<Self> {
        let (mut twins, mut central, mut itwin) = (None, None, None);
        if let Some(endpoint) = args.endpoint {
            let credential = Credential::from_env()?;
            if let Some(app) = args.iot_central {
                let endpoint = crate::iot_central::endpoint(&app)?;
                let program = crate::iot_central::own_credential()?;
                central = Some(Central::new(endpoint, credential.clone(), program, prefix)?);
            }
            twins = Some(Twins::new(&endpoint, credential, models, scene)?);
        }
        if let Some(url) = args.itwin {
            let endpoint = crate::itwin::endpoint(Some(&url))?;
            let program = crate::itwin::own_credential()?;
            itwin = Some(Platform::new(endpoint, Credential::ims_from_env()?, program, prefix)?);
        }
        Ok(Self { twins, central, itwin })
    }

    async fn play(&mut self, transcript: &mut Transcript) {
        if let Some(Twins { stage, credential, models, scene }) = &mut self.twins {
            stage.play(transcript, credential, std::mem::take(models), scene).await;
        }
        if let Some(central) = self.central.as_mut().filter(|_| !transcript.failed()) {
            central.play(transcript).await;
        }
        if let Some(itwin) = self.itwin.as_mut().filter(|_| !transcript.failed()) {
            itwin.play(transcript).await;
        }
    }

    async fn clear(&mut self, transcript: &mut Transcript) {
        if let Some(itwin) = &mut self.itwin {
            itwin.clear(transcript).await;
        }
        if let Some(central) = &mut self.central {
            central.clear(transcript).await;
        }
        if let Some(twins) = &mut self.twins {
            twins.stage.clear(transcript).await;
        }
    }
}

impl Twins {
    fn new(
        endpoint: &str,
        credential: Credential,
        models: Vec<Value>,
        scene: Scene,
    ) -> Result<Self> {
        let client = Client::builder(endpoint, credential.clone()).build()?;
        Ok(Self { stage: Stage::new(client), credential, models, scene })
    }
}

async fn models(path: Option<&Path>) -> Result<Vec<Value>> {
    let Some(path) = path else {
        return serde_json::from_str(scene::BUILDING_MODELS).context("the demo's own ontology");
    };
    let text = Input::file("model file", path).text().await?;
    let shown = path.display();
    let models: Vec<Value> = serde_json::from_str(&text).map_err(|error| {
        wrong(format!("{shown} is not a JSON array of DTDL interfaces: {error}"))
    })?;
    if models.is_empty() {
        return Err(wrong(format!("{shown} holds no models")));
    }
    Ok(models)
}

/// Tells runs apart on a shared instance: the milliseconds of the clock.
fn run_number() -> u128 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.unwrap_or_default().as_millis() % 1_000_000_000
}
