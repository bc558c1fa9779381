//! Who is let through to the data plane.

use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use twinkit_emulator::{
    Emulator,
    identity::{Application, Role},
    server::DIGITAL_TWINS,
};

use crate::support::{client, models, models_url, token};

async fn assert_unauthorized(response: reqwest::Response) {
    assert_eq!(response.status(), 401);
    let body: Value = response.json().await.unwrap();
    assert_eq!(body, json!({"statusCode": 401, "message": "Unauthorized"}));
}

fn add(emulator: &Emulator, change: impl FnOnce(&mut Application)) -> Application {
    let mut application = Application::new(SecretString::from("a secret"));
    change(&mut application);
    emulator.directory().add_application(application.clone()).unwrap();
    application
}

async fn token_of(emulator: &Emulator, application: &Application) -> String {
    let secret = application.secrets[0].expose_secret();
    token(emulator, &[("client_id", &application.client_id), ("client_secret", secret)]).await
}

#[tokio::test]
async fn the_owner_is_let_through_until_the_token_expires() {
    let emulator = Emulator::start().await.unwrap();
    let token = token(&emulator, &[]).await;
    assert_eq!(models(&emulator, &token).await.status(), 200);
    emulator.clock().advance(Duration::from_secs(3600));
    assert_unauthorized(models(&emulator, &token).await).await;
}

#[tokio::test]
async fn no_token_a_broken_one_or_one_for_another_audience_is_refused() {
    let emulator = Emulator::start().await.unwrap();
    assert_unauthorized(client().get(models_url(&emulator)).send().await.unwrap()).await;
    let sound = token(&emulator, &[]).await;
    let (head, signature) = sound.rsplit_once('.').unwrap();
    assert_unauthorized(models(&emulator, &format!("{head}.{}", &signature[4..])).await).await;
    let foreign = token(&emulator, &[("scope", "https://storage.azure.com/.default")]).await;
    assert_unauthorized(models(&emulator, &foreign).await).await;
    let by_id =
        token(&emulator, &[("scope", "0b07f429-9f4b-4714-9392-cc5e8e80c8b0/.default")]).await;
    assert_eq!(models(&emulator, &by_id).await.status(), 200);
}

#[tokio::test]
async fn a_token_of_another_emulator_is_refused() {
    let (here, there) = (Emulator::start().await.unwrap(), Emulator::start().await.unwrap());
    let foreign = token(&there, &[]).await;
    assert_unauthorized(models(&here, &foreign).await).await;
}

#[tokio::test]
async fn a_principal_of_another_tenant_does_not_find_the_instance() {
    let emulator = Emulator::start().await.unwrap();
    let tenant = "66666666-6666-6666-6666-666666666666";
    let stranger = add(&emulator, |application| application.tenant_id = tenant.to_owned());
    emulator.directory().assign(DIGITAL_TWINS, &stranger.object_id, Role::DataOwner);
    let response = client()
        .post(format!("{}/{tenant}/oauth2/v2.0/token", emulator.authority_url()))
        .form(&crate::support::form(
            &emulator,
            &[("client_id", &stranger.client_id), ("client_secret", "a secret")],
        ))
        .send()
        .await
        .unwrap();
    let body: Value = response.json().await.unwrap();
    let response = models(&emulator, body["access_token"].as_str().unwrap()).await;
    assert_eq!(response.status(), 404);
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["statusCode"], 404);
}

#[tokio::test]
async fn roles_decide_and_a_refusal_has_no_body() {
    let emulator = Emulator::start().await.unwrap();
    let principal = add(&emulator, |_| {});
    let token = token_of(&emulator, &principal).await;
    let refused = models(&emulator, &token).await;
    assert_eq!(refused.status(), 403);
    assert_eq!(refused.headers().get("content-type"), None);
    assert!(refused.bytes().await.unwrap().is_empty());

    emulator.directory().assign(DIGITAL_TWINS, &principal.object_id, Role::DataReader);
    assert_eq!(models(&emulator, &token).await.status(), 200);
    let write = client()
        .post(models_url(&emulator))
        .bearer_auth(&token)
        .json(&json!([]))
        .send()
        .await
        .unwrap();
    assert_eq!(write.status(), 403);
    emulator.directory().unassign(DIGITAL_TWINS, &principal.object_id);
    assert_eq!(models(&emulator, &token).await.status(), 403);
}

#[tokio::test]
async fn tokens_can_be_short_lived_and_revoked() {
    let emulator = Emulator::start().await.unwrap();
    emulator.directory().shorten_next_tokens(1, Duration::from_secs(10));
    let short = token(&emulator, &[]).await;
    let long = token(&emulator, &[]).await;
    emulator.clock().advance(Duration::from_secs(11));
    assert_unauthorized(models(&emulator, &short).await).await;
    assert_eq!(models(&emulator, &long).await.status(), 200);
    emulator.directory().revoke_tokens();
    assert_unauthorized(models(&emulator, &long).await).await;
    let fresh = token(&emulator, &[]).await;
    assert_eq!(models(&emulator, &fresh).await.status(), 200);

    let brief = add(&emulator, |application| {
        application.token_lifetime = Some(Duration::from_secs(60));
    });
    emulator.directory().assign(DIGITAL_TWINS, &brief.object_id, Role::DataReader);
    let token = token_of(&emulator, &brief).await;
    assert_eq!(models(&emulator, &token).await.status(), 200);
    emulator.clock().advance(Duration::from_secs(61));
    assert_unauthorized(models(&emulator, &token).await).await;
}

#[tokio::test]
async fn an_instance_of_its_own_has_roles_of_its_own() {
    let emulator = Emulator::builder().instance("second").start().await.unwrap();
    let reader = add(&emulator, |_| {});
    emulator.directory().assign("second", &reader.object_id, Role::DataReader);
    let token = token_of(&emulator, &reader).await;
    assert_eq!(models(&emulator, &token).await.status(), 403);
    let url =
        models_url(&emulator).replace(emulator.digital_twins_url(), &emulator.services()["second"]);
    let response = client().get(url).bearer_auth(&token).send().await.unwrap();
    assert_eq!(response.status(), 200);
}
