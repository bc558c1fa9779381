//! A program that is let in, and let in again.

use std::process::Output;

use serde_json::json;
use twinkit::itwin::itwins::types::ITwinCreate;
use twinkit_emulator::Emulator;
use twinkit_emulator::identity::Application;
use twinkit_emulator::ims::ImsClient;
use twinkit_examples::platform;

use crate::process::{Program, succeeded};

/// Calls of the platforms that may change something.
fn writes(emulator: &Emulator) -> usize {
    let log = emulator.requests().list();
    let on_platforms = log.iter().filter(|it| it.service == "iot-central" || it.service == "itwin");
    on_platforms.filter(|it| it.method != "GET").count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_is_let_in_once() {
    let emulator = Emulator::start().await.unwrap();
    let registration = Application::new("canary".into());
    let client_id = registration.client_id.clone();
    emulator.directory().add_application(registration).unwrap();
    emulator.ims().add_client(ImsClient::service("new-one", "canary".into())).unwrap();
    let new: ITwinCreate = serde_json::from_value(
        json!({"class": "Thing", "subClass": "Asset", "displayName": "Tower"}),
    )
    .unwrap();
    let client = platform::itwin_of(&emulator).unwrap();
    let made = client.itwins().create_itwin().body(new).send().await.unwrap();
    let itwin = made.into_inner().itwin.id;
    let run = |arguments: &[&str]| -> Output {
        emulator.requests().clear();
        let mut command = Program::Onboarding.command();
        command.args(arguments).envs(emulator.env()).env("ITWIN_ID", &itwin);
        command.env("ONBOARD_CLIENT_ID", &client_id).env("ONBOARD_CLIENT_SECRET", "canary");
        command.env("ONBOARD_ITWIN_CLIENT_ID", "new-one");
        command.env("ONBOARD_ITWIN_CLIENT_SECRET", "canary");
        command.output().unwrap()
    };

    let text = succeeded(&run(&[]));
    assert!(text.contains("IoT Central: ") && text.contains(&itwin), "{text}");
    assert!(text.contains("Nothing was changed") && writes(&emulator) == 0, "{text}");

    let text = succeeded(&run(&["--yes"]));
    assert_eq!(text.matches("proven: ").count(), 2, "{text}");
    assert!(text.contains("storage_write") && !text.contains("canary"), "{text}");
    assert!(writes(&emulator) > 0);

    let text = succeeded(&run(&["--yes"]));
    assert!(text.contains("Nothing to do.") && writes(&emulator) == 0, "{text}");
}
