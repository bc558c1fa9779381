//! Refresh tokens.

use std::time::Duration;

use twinkit_emulator::{
    Emulator,
    faults::Fault,
    identity::{
        Application, CLIENT_ID, CLIENT_SECRET, NATIVE_CLIENT_ID, USER_NAME, USER_OBJECT_ID,
    },
};

use crate::support::{
    REDIRECT, TWINS, ask, changed, claims, code, expected, redeem_fields, refusal, refused, sign_in,
};

fn fields(token: &str) -> Vec<(&str, &str)> {
    vec![("grant_type", "refresh_token"), ("client_id", NATIVE_CLIENT_ID), ("refresh_token", token)]
}

async fn first(emulator: &Emulator) -> String {
    sign_in(emulator, &[]).await["refresh_token"].as_str().unwrap().to_owned()
}

async fn next(emulator: &Emulator, token: &str) -> String {
    let (status, body) = ask(emulator, &fields(token)).await;
    assert_eq!(status, 200, "{body}");
    body["refresh_token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn each_use_gives_a_new_one_and_old_ones_stay_good() {
    let emulator = Emulator::start().await.unwrap();
    let one = first(&emulator).await;
    let two = next(&emulator, &one).await;
    let three = next(&emulator, &one).await;
    assert!(one != two && two != three);
    emulator.directory().shorten_next_tokens(1, Duration::from_secs(7));
    let (_, body) = ask(&emulator, &fields(&three)).await;
    assert_eq!(body["expires_in"], 7);
    assert_eq!(claims(&body["access_token"])["oid"], USER_OBJECT_ID);
}

#[tokio::test]
async fn any_resource_may_be_asked_for() {
    let emulator = Emulator::start().await.unwrap();
    let token = first(&emulator).await;
    let fields = fields(&token);
    let scope = "https://apps.azureiotcentral.com/.default";
    let (_, body) = ask(&emulator, &changed(&fields, &[("scope", scope)])).await;
    let access = claims(&body["access_token"]);
    assert_eq!(access["aud"], "https://apps.azureiotcentral.com");
    assert_eq!(access["scp"], "user_impersonation");
    let unknown = changed(&fields, &[("scope", "https://unknown.example/.default")]);
    assert_eq!(refusal(&emulator, &unknown).await, expected(400, "invalid_resource", 500_011));
}

#[tokio::test]
async fn used_once_where_the_directory_says_so_a_second_use_ends_the_sign_in() {
    let emulator = Emulator::start().await.unwrap();
    emulator.directory().use_refresh_tokens_once(true);
    let one = first(&emulator).await;
    let two = next(&emulator, &one).await;
    let revoked = expected(400, "invalid_grant", 50173);
    assert_eq!(refusal(&emulator, &fields(&one)).await, revoked);
    assert_eq!(refusal(&emulator, &fields(&two)).await, revoked, "all of the family");
    next(&emulator, &first(&emulator).await).await;
}

#[tokio::test]
async fn every_end_of_a_refresh_token_has_its_code() {
    let emulator = Emulator::start().await.unwrap();
    let token = first(&emulator).await;
    let unknown = expected(400, "invalid_grant", 9_002_313);
    assert_eq!(refusal(&emulator, &fields("x")).await, unknown);
    let sound = fields(&token);
    let other = changed(&sound, &[("client_id", CLIENT_ID), ("client_secret", CLIENT_SECRET)]);
    assert_eq!(refusal(&emulator, &other).await, unknown);

    emulator.directory().revoke_sign_ins(USER_NAME).unwrap();
    let (status, body) = ask(&emulator, &sound).await;
    assert_eq!(refused(status, &body), expected(400, "invalid_grant", 50173));
    assert_eq!(body["suberror"], "bad_token");

    let late = first(&emulator).await;
    emulator.clock().advance(Duration::from_secs(90 * 24 * 3600));
    let expired = expected(400, "invalid_grant", 700_082);
    assert_eq!(refusal(&emulator, &fields(&late)).await, expired);
}

#[tokio::test]
async fn policies_and_consent_reach_it() {
    let emulator = Emulator::start().await.unwrap();
    let token = first(&emulator).await;
    emulator.directory().require_interaction(TWINS, true).unwrap();
    let (status, body) = ask(&emulator, &fields(&token)).await;
    assert_eq!(refused(status, &body), expected(400, "interaction_required", 50076));
    let claims = body["claims"].as_str().unwrap().to_owned();
    // At the page the user gives the second factor, and the sign-in keeps it.
    let again = sign_in(&emulator, &[("claims", &claims)]).await;
    next(&emulator, again["refresh_token"].as_str().unwrap()).await;

    let asking = Application { requires_consent: true, ..Application::public(&[REDIRECT]) };
    emulator.directory().add_application(asking.clone()).unwrap();
    let id = asking.client_id.as_str();
    let code = code(&emulator, &[("client_id", id)]).await;
    let redeem = redeem_fields(&code);
    let (_, body) = ask(&emulator, &changed(&redeem, &[("client_id", id)])).await;
    let token = body["refresh_token"].as_str().unwrap();
    let iot = "https://apps.azureiotcentral.com";
    let scope = format!("{iot}/user_impersonation");
    let sound = fields(token);
    let asked = changed(&sound, &[("client_id", id), ("scope", &scope)]);
    let (status, body) = ask(&emulator, &asked).await;
    assert_eq!(refused(status, &body), expected(400, "invalid_grant", 65001));
    assert_eq!(body["suberror"], "consent_required");
    emulator.directory().consent(USER_NAME, id, iot, &["user_impersonation"]).unwrap();
    assert_eq!(ask(&emulator, &asked).await.0, 200);
}

#[tokio::test]
async fn a_fault_does_not_use_a_token_up() {
    let emulator = Emulator::start().await.unwrap();
    emulator.directory().use_refresh_tokens_once(true);
    let token = first(&emulator).await;
    emulator.faults().next(Fault::status(503).on("identity"));
    assert_eq!(ask(&emulator, &fields(&token)).await.0, 503);
    next(&emulator, &token).await;
}

#[tokio::test]
async fn a_refusal_does_not_use_a_one_time_token_up() {
    let emulator = Emulator::start().await.unwrap();
    emulator.directory().use_refresh_tokens_once(true);
    let token = first(&emulator).await;
    let fields = fields(&token);
    let step_up = r#"{"access_token":{"acrs":{"essential":true,"value":"c7"}}}"#;
    let asking = [&fields[..], &[("claims", step_up)]].concat();
    let (status, refused) = ask(&emulator, &asking).await;
    assert_eq!((status, &refused["error"]), (400, &"interaction_required".into()));
    assert_eq!(refused["claims"], step_up, "what the next sign-in has to answer");
    assert_eq!(ask(&emulator, &fields).await.0, 200);
}
