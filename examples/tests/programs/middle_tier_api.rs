//! The API in the middle, and who calls it.

use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use twinkit::auth::{ExposeSecret as _, SecretString};
use twinkit::digital_twins::Json;
use twinkit_emulator::Emulator;
use twinkit_emulator::identity::{API_CLIENT_ID, API_CLIENT_SECRET, GUEST_NAME, USER_NAME};
use twinkit_examples::{person, platform};

use crate::process::{Program, Serving};

async fn instance() -> Emulator {
    let emulator = Emulator::start().await.unwrap();
    let owner = platform::digital_twins_of(&emulator).unwrap();
    let models: Vec<Value> = serde_json::from_str(include_str!("../../data/models.json")).unwrap();
    owner.upload_models(models).send().await.unwrap();
    for number in 1..=3 {
        let room = json!({"$metadata": {"$model": "dtmi:com:example:Room;1"},
            "name": format!("Room {number}"), "temperature": 20.5});
        let room = Json::from_serialize(&room).unwrap();
        owner.put_twin().id(format!("room-{number}")).body(room).send().await.unwrap();
    }
    emulator
}

fn api(emulator: &Emulator) -> Serving {
    let mut command = Program::MiddleTierApi.command();
    command.envs(emulator.env());
    command.env("AZURE_CLIENT_ID", API_CLIENT_ID).env("AZURE_CLIENT_SECRET", API_CLIENT_SECRET);
    Serving::start(command)
}

async fn call(api: &Serving, path: &str, token: Option<&SecretString>) -> Response {
    let caller = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut call = caller.get(format!("{}{path}", api.url));
    if let Some(token) = token {
        call = call.bearer_auth(token.expose_secret());
    }
    call.send().await.unwrap()
}

fn challenge(answer: &Response) -> &str {
    answer.headers()["www-authenticate"].to_str().unwrap()
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn each_caller_sees_what_they_may_see() {
    let emulator = instance().await;
    let api = api(&emulator);
    let ada = person::token_for_api(&emulator, USER_NAME).await.unwrap();
    let guest = person::token_for_api(&emulator, GUEST_NAME).await.unwrap();

    let answer = call(&api, "/rooms/room-1", Some(&ada)).await;
    let room: Value = answer.json().await.unwrap();
    assert_eq!(room, json!({"id": "room-1", "name": "Room 1", "temperature": 20.5}));
    let rooms: Value = call(&api, "/rooms", Some(&ada)).await.json().await.unwrap();
    assert_eq!(rooms.as_array().unwrap().len(), 3);
    let answer = call(&api, "/rooms/room-9", Some(&ada)).await;
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);

    let answer = call(&api, "/rooms/room-1", Some(&guest)).await;
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
    let told: Value = answer.json().await.unwrap();
    assert_eq!(told, json!({"error": "you have no role that permits this"}));

    let (_, errors) = api.stop();
    assert!(errors.contains("403: get_twin"), "{errors}");
    for secret in [ada.expose_secret(), guest.expose_secret(), API_CLIENT_SECRET] {
        assert!(!errors.contains(secret), "{errors}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_will_not_do_is_401_with_the_reason() {
    let emulator = instance().await;
    let api = api(&emulator);
    let answer = call(&api, "/rooms", None).await;
    assert_eq!((answer.status(), challenge(&answer)), (StatusCode::UNAUTHORIZED, "Bearer"));
    let forged = SecretString::from("e30.e30.e30");
    let answer = call(&api, "/rooms", Some(&forged)).await;
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(challenge(&answer), "Bearer error=\"invalid_token\"");

    // The service behind wants more of a sign-in than this one.
    let ada = person::token_for_api(&emulator, USER_NAME).await.unwrap();
    let twins = "https://digitaltwins.azure.net";
    emulator.directory().require_interaction(twins, true).unwrap();
    let answer = call(&api, "/rooms", Some(&ada)).await;
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    assert!(challenge(&answer).contains("insufficient_claims"), "{}", challenge(&answer));
}

#[tokio::test(flavor = "multi_thread")]
async fn trouble_of_the_api_itself_is_no_matter_of_the_caller() {
    let emulator = instance().await;
    let mut command = Program::MiddleTierApi.command();
    command.envs(emulator.env());
    command.env("AZURE_CLIENT_ID", API_CLIENT_ID).env("AZURE_CLIENT_SECRET", "wrong canary");
    let api = Serving::start(command);
    let ada = person::token_for_api(&emulator, USER_NAME).await.unwrap();
    let answer = call(&api, "/rooms", Some(&ada)).await;
    assert_eq!(answer.status(), StatusCode::BAD_GATEWAY);
    let told: Value = answer.json().await.unwrap();
    assert_eq!(told, json!({"error": "this API cannot sign in; try later"}));
}
