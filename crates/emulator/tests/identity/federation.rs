//! The foreign issuer, its hosts' request shapes, and the applications that
//! its tokens open.

use std::time::Duration;

use secrecy::ExposeSecret as _;
use serde_json::json;
use twinkit_emulator::{
    Emulator,
    identity::{
        CLIENT_ID, FEDERATION_AUDIENCE, FederatedCredential, GITHUB_SUBJECT, KUBERNETES_SUBJECT,
        OBJECT_ID, PIPELINES_CONNECTION_ID, PIPELINES_SUBJECT,
    },
};

use crate::support::{ask, claims, client, expected, read, refusal};

const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

fn form(assertion: &str) -> Vec<(&str, &str)> {
    vec![
        ("grant_type", "client_credentials"),
        ("client_id", CLIENT_ID),
        ("client_assertion_type", TYPE),
        ("client_assertion", assertion),
        ("scope", "https://digitaltwins.azure.net/.default"),
    ]
}

async fn foreign(emulator: &Emulator, subject: &str, audience: &str) -> String {
    emulator.federated_token(subject, audience).await.unwrap().expose_secret().to_owned()
}

#[tokio::test]
async fn tokens_of_all_three_hosts_open_the_seeded_application() {
    let emulator = Emulator::start().await.unwrap();
    for subject in [GITHUB_SUBJECT, PIPELINES_SUBJECT, KUBERNETES_SUBJECT] {
        let token = foreign(&emulator, subject, FEDERATION_AUDIENCE).await;
        let (status, body) = ask(&emulator, &form(&token)).await;
        assert_eq!(status, 200, "{subject}: {body}");
        assert_eq!(claims(&body["access_token"])["oid"], OBJECT_ID);
    }
}

#[tokio::test]
async fn issuer_subject_and_audience_must_match() {
    let emulator = Emulator::start().await.unwrap();
    let other = Emulator::start().await.unwrap();
    let cases = [
        (foreign(&other, GITHUB_SUBJECT, FEDERATION_AUDIENCE).await, 700_211),
        (foreign(&emulator, GITHUB_SUBJECT, "api://else").await, 700_212),
        (foreign(&emulator, "repo:else", FEDERATION_AUDIENCE).await, 700_213),
    ];
    for (token, code) in &cases {
        let got = refusal(&emulator, &form(token)).await;
        assert_eq!(got, expected(401, "invalid_client", *code));
    }
}

#[tokio::test]
async fn a_forged_or_stale_token_is_refused() {
    let emulator = Emulator::start().await.unwrap();
    let sound = foreign(&emulator, GITHUB_SUBJECT, FEDERATION_AUDIENCE).await;
    let other = foreign(&emulator, KUBERNETES_SUBJECT, FEDERATION_AUDIENCE).await;
    let (head, _) = sound.rsplit_once('.').unwrap();
    let (_, signature) = other.rsplit_once('.').unwrap();
    let forged = refusal(&emulator, &form(&format!("{head}.{signature}"))).await;
    assert_eq!(forged, expected(401, "invalid_client", 700_027));
    emulator.clock().advance(Duration::from_secs(3600));
    let stale = refusal(&emulator, &form(&sound)).await;
    assert_eq!(stale, expected(401, "invalid_client", 700_024));
    let fresh = foreign(&emulator, GITHUB_SUBJECT, FEDERATION_AUDIENCE).await;
    assert_eq!(ask(&emulator, &form(&fresh)).await.0, 200);
}

#[tokio::test]
async fn a_token_of_this_directory_opens_an_application_that_trusts_it() {
    let emulator = Emulator::start().await.unwrap();
    let issuer = format!("{}/{}/v2.0", emulator.authority_url(), emulator.tenant_id());
    let trust = |application: &mut twinkit_emulator::identity::Application| {
        application.federated_credentials.push(FederatedCredential {
            issuer,
            subject: OBJECT_ID.to_owned(),
            audience: FEDERATION_AUDIENCE.to_owned(),
        });
    };
    emulator.directory().update_application(CLIENT_ID, trust).unwrap();
    let scope = format!("{FEDERATION_AUDIENCE}/.default");
    let by_secret = [
        ("grant_type", "client_credentials"),
        ("client_id", CLIENT_ID),
        ("client_secret", emulator.client_secret()),
        ("scope", &scope),
    ];
    let (_, body) = ask(&emulator, &by_secret).await;
    let token = body["access_token"].as_str().unwrap();
    let (status, body) = ask(&emulator, &form(token)).await;
    assert_eq!(status, 200, "{body}");
}

#[tokio::test]
async fn github_and_pipelines_hand_out_tokens_as_their_clients_ask() {
    let emulator = Emulator::start().await.unwrap();
    let env = emulator.github_env();
    let url = format!(
        "{}&audience={}",
        env["ACTIONS_ID_TOKEN_REQUEST_URL"], "api%3A%2F%2FAzureADTokenExchange"
    );
    let token = &env["ACTIONS_ID_TOKEN_REQUEST_TOKEN"];
    let (status, body) = read(client().get(&url).bearer_auth(token).send().await.unwrap()).await;
    assert_eq!(status, 200);
    let token = body["value"].as_str().unwrap();
    assert_eq!(claims(&body["value"])["sub"], GITHUB_SUBJECT);
    assert_eq!(ask(&emulator, &form(token)).await.0, 200);
    assert_eq!(client().get(&url).send().await.unwrap().status(), 401);

    let env = emulator.pipelines_env();
    let url = |connection: &str| {
        let base = &env["SYSTEM_OIDCREQUESTURI"];
        format!("{base}?api-version=7.1&serviceConnectionId={connection}")
    };
    assert_eq!(env["AZURESUBSCRIPTION_SERVICE_CONNECTION_ID"], PIPELINES_CONNECTION_ID);
    let ask_for = |url: String| {
        client().post(url).bearer_auth(&env["SYSTEM_ACCESSTOKEN"]).header("Content-Length", 0)
    };
    let response = ask_for(url(PIPELINES_CONNECTION_ID)).send().await.unwrap();
    let (status, body) = read(response).await;
    assert_eq!(status, 200);
    let token = body["oidcToken"].as_str().unwrap();
    assert_eq!(ask(&emulator, &form(token)).await.0, 200);
    assert_eq!(ask_for(url("else")).send().await.unwrap().status(), 404);
    let unversioned = url(PIPELINES_CONNECTION_ID).replace("api-version=7.1&", "");
    assert_eq!(ask_for(unversioned).send().await.unwrap().status(), 400);
    let unknown = client().post(url(PIPELINES_CONNECTION_ID)).bearer_auth("x");
    assert_eq!(unknown.send().await.unwrap().status(), 401);
}

#[tokio::test]
async fn the_kubernetes_file_and_the_key_set_are_there() {
    let emulator = Emulator::start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    emulator.write_federated_token(&path).await.unwrap();
    let env = emulator.kubernetes_env(&path);
    assert_eq!(env["AZURE_FEDERATED_TOKEN_FILE"], path.to_str().unwrap());
    assert_eq!(env["AZURE_AUTHORITY_HOST"], emulator.authority_url());
    let token = std::fs::read_to_string(&path).unwrap();
    assert_eq!(ask(&emulator, &form(&token)).await.0, 200);

    let issuer = emulator.foreign_issuer();
    assert_eq!(claims(&json!(token))["iss"], issuer);
    let url = format!("{issuer}/.well-known/openid-configuration");
    let (_, document) = read(client().get(url).send().await.unwrap()).await;
    assert_eq!(document["issuer"], issuer);
    let url = document["jwks_uri"].as_str().unwrap();
    let (_, keys) = read(client().get(url).send().await.unwrap()).await;
    assert_eq!(keys["keys"].as_array().unwrap().len(), 1);
}
