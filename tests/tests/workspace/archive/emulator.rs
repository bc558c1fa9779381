//! A restore into an application of the emulator, which judges what it is sent.
//! The archive holds what the emulator serves.

use serde_json::{Value, json};
use tempfile::TempDir;
use twinkit_emulator::Emulator;
use twinkit_iot_central::archive::{Existing, Export, Outcome, Restore};
use twinkit_iot_central::{Client, kinds};
use twinkit_tests::support::application::Application;
use twinkit_tests::support::stage::credential;

use super::client;
use super::seed::{self, ADMINISTRATOR, DEVICES};

const ORG_VIEWER: &str = "84cc62c1-dabe-49d3-b16e-8b291232b285";

async fn archive() -> TempDir {
    let (application, folder) = (Application::start().await.unwrap(), TempDir::new().unwrap());
    let hall = |index: usize| {
        json!({"id": format!("hall-{index:02}"), "displayName": format!("Hall {index}"),
            "parent": "works"})
    };
    let works = json!({"id": "works", "displayName": "Works"});
    let own = json!({"id": "hall", "displayName": "Hall", "parent": "works"});
    application.list("organizations", (0..30).map(hall).chain([own, works]));
    let user = |index: usize| {
        json!({"id": format!("user-{index}"), "type": "email",
            "email": format!("u{index}@x.example"),
            "roles": [{"role": ORG_VIEWER, "organization": format!("hall-{index:02}")}]})
    };
    application.list("users", (0..30).map(user));
    let roles = json!([{"role": ADMINISTRATOR}]);
    let expiry = "2090-01-01T00:00:00.000Z";
    application.list("apiTokens", [json!({"id": "ops", "roles": roles, "expiry": expiry})]);
    application.list("deviceTemplates", [seed::template()]);
    application.list("devices", (0..DEVICES).map(seed::device));
    for index in 0..DEVICES {
        application.single(&format!("devices/pump-{index}/properties"), seed::properties(index));
    }
    let feeds = json!({"id": "feeds", "source": "pump-0", "target": "pump-1"});
    application.list("devices/pump-0/relationships", [feeds]);
    Export::new(&client(&application), folder.path()).run().await.unwrap();
    folder
}

#[tokio::test]
async fn everything_is_restored_and_left_alone_the_second_time() {
    let (folder, emulator) = (archive().await, Emulator::start().await.unwrap());
    let url = emulator.iot_central_url();
    let client = Client::builder(url, credential(&emulator).unwrap()).build().unwrap();
    let plan = Restore::new(&client, folder.path()).recreate_api_tokens().plan().await.unwrap();
    let report = plan.apply().await.unwrap();
    // Every tenth device has no template, and so no properties.
    let with_properties = DEVICES - DEVICES / 10;
    assert_eq!(report.items.len(), 32 + 30 + 1 + 1 + DEVICES + with_properties + 1);
    for item in &report.items {
        assert_eq!(item.outcome, Outcome::Created, "{item:?}");
    }
    let properties = client.get_device_properties().device_id("pump-7").send().await.unwrap();
    let properties: Value = properties.parse().unwrap();
    assert_eq!(properties["$metadata"]["target"]["desiredValue"], 21.5);
    assert_eq!(properties["owner"], "owner 7");
    let hall = client.get_organization().organization_id("hall-07").send().await.unwrap();
    assert_eq!(hall.parent.as_deref(), Some("works"));

    // The new token opens the application, and finds what was restored.
    let [token] = report.tokens.as_slice() else { panic!("{report:?}") };
    let by_token = Client::with_api_token(url, token.token.expose()).unwrap().build().unwrap();
    let user = by_token.get_user().user_id("user-7").send().await.unwrap().into_inner();
    let kinds::User::Email(user) = user else { panic!("{user:?}") };
    assert_eq!(user.email, "u7@x.example");

    for existing in [Existing::Fail, Existing::Replace] {
        let again = Restore::new(&client, folder.path()).existing(existing).plan().await.unwrap();
        assert!(again.is_empty(), "{again}");
    }
}
