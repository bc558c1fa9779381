//! What the services hold.

use std::time::Duration;

use reqwest::Method;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use twinkit_emulator::{
    Emulator,
    digital_twins::IfMatch,
    identity::{Application, User},
    ims::ImsClient,
    managed_identity::Host,
    seed::Seed,
    storage::Permissions,
};

use super::{
    HOUR, Place, Tokens,
    furniture::{furnish, picture},
    get, send, twins_url,
};
use crate::support::{client, token};

#[tokio::test]
async fn an_emulator_goes_on_where_the_last_one_ended() {
    let place = Place::new();
    let emulator = place.builder().iot_central_application("second").start().await.unwrap();
    let tokens = Tokens::new(&emulator).await;
    furnish(&emulator, &tokens).await;
    let mut other = Application::new("another secret".into());
    other.client_id = "c0ffee00-0000-4000-8000-000000000000".to_owned();
    emulator.directory().add_application(other).unwrap();
    emulator.directory().add_user(User::new("eve@twinkit.onmicrosoft.com")).unwrap();
    emulator.ims().add_client(ImsClient::service("service-other", "its secret".into())).unwrap();
    emulator.clock().advance(Duration::from_secs(60));
    let before = picture(&emulator, &tokens).await;
    let key = emulator.storage().account_key();
    let blob = emulator.storage().signed_url("box", "a/b", Permissions::read(), HOUR);
    let second = emulator.iot_central("second").unwrap().id().to_owned();
    let host = emulator.managed_identity_env(Host::AppService);
    let time = emulator.clock().now();
    emulator.shutdown().await;

    let emulator = place.builder().iot_central_application("second").start().await.unwrap();
    let after = picture(&emulator, &tokens).await;
    assert_eq!(after.keys().collect::<Vec<_>>(), before.keys().collect::<Vec<_>>());
    for (url, seen) in &before {
        assert_eq!(after[url].to_string(), seen.to_string(), "{url}");
    }
    assert_eq!(emulator.storage().account_key().expose_secret(), key.expose_secret());
    assert_eq!(client().get(&blob).send().await.unwrap().text().await.unwrap(), "text");
    assert_eq!(emulator.iot_central("second").unwrap().id(), second);
    assert_eq!(emulator.managed_identity_env(Host::AppService), host);
    assert!(emulator.clock().now() > time, "time does not go back");
    let changes = [
        ("client_id", "c0ffee00-0000-4000-8000-000000000000"),
        ("client_secret", "another secret"),
    ];
    token(&emulator, &changes).await;
    assert!(emulator.directory().add_user(User::new("eve@twinkit.onmicrosoft.com")).is_err());
    let again = ImsClient::service("service-other", "its secret".into());
    assert!(emulator.ims().add_client(again).is_err());
    // Serial numbers go on: a token from before is told from one given out since.
    let fresh = token(&emulator, &[]).await;
    emulator.directory().revoke_tokens();
    for old in [&tokens.twins, &fresh] {
        let models = twins_url(&emulator, "/models");
        assert_eq!(send(Method::GET, &models, old, None).await.0, 401);
    }
    get(&twins_url(&emulator, "/models"), &token(&emulator, &[]).await).await;
}

#[tokio::test]
async fn sign_ins_go_on_after_a_restart() {
    let place = Place::new();
    let emulator = place.start().await;
    let tenant = format!("{}/{}/oauth2/v2.0", emulator.authority_url(), emulator.tenant_id());
    let native = twinkit_emulator::identity::NATIVE_CLIENT_ID;
    let ask = async |path: &str, form: &[(&str, &str)]| -> Value {
        let request = client().post(format!("{tenant}/{path}")).form(form);
        request.send().await.unwrap().json().await.unwrap()
    };
    let scope = "https://digitaltwins.azure.net/.default offline_access";
    let codes = ask("devicecode", &[("client_id", native), ("scope", scope)]).await;
    emulator.shutdown().await;

    // The user approves what was shown before the restart.
    let emulator = place.start().await;
    let user = twinkit_emulator::identity::USER_NAME;
    assert!(emulator.approve_device(codes["user_code"].as_str().unwrap(), user));
    emulator.directory().use_refresh_tokens_once(true);
    emulator.shutdown().await;

    let emulator = place.start().await;
    let device = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ("client_id", native),
        ("device_code", codes["device_code"].as_str().unwrap()),
    ];
    let first = ask("token", &device).await;
    assert!(first["refresh_token"].is_string(), "{first}");
    emulator.shutdown().await;

    let _emulator = place.start().await;
    let refresh = async |tokens: &Value| {
        let text = tokens["refresh_token"].as_str().unwrap();
        let form =
            [("grant_type", "refresh_token"), ("client_id", native), ("refresh_token", text)];
        ask("token", &form).await
    };
    let second = refresh(&first).await;
    assert!(second["refresh_token"].is_string(), "{second}");
    drop(_emulator);

    let _emulator = restarted(&place).await;
    assert_eq!(refresh(&first).await["error"], "invalid_grant", "used before the restart");
    assert_eq!(refresh(&second).await["error"], "invalid_grant", "and its family ended by that");
}

/// Starts one as soon as what was dropped has let go of the folder and the ports.
async fn restarted(place: &Place) -> Emulator {
    for _ in 0..200 {
        match place.builder().start().await {
            Ok(emulator) => return emulator,
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
    place.start().await
}

fn seed() -> Seed {
    let model =
        json!({"@id": "dtmi:x:Room;1", "@type": "Interface", "@context": "dtmi:dtdl:context;3"});
    let twin = json!({"$dtId": "a", "$metadata": {"$model": "dtmi:x:Room;1"}});
    Seed {
        models: vec![model],
        twins: vec![twin],
        endpoints: vec!["hub".to_owned()],
        ..Seed::default()
    }
}

#[tokio::test]
async fn a_seed_goes_into_a_new_folder_only() {
    let place = Place::new();
    let emulator = place.builder().seed(seed()).start().await.unwrap();
    let instance = emulator.instance("digital-twins").unwrap();
    instance.delete_twin("a", &IfMatch::Any, None).unwrap();
    emulator.shutdown().await;
    let emulator = place.builder().seed(seed()).start().await.unwrap();
    let instance = emulator.instance("digital-twins").unwrap();
    assert_eq!(instance.counts(), (1, 0, 0), "what was deleted stays so");
    assert!(instance.endpoints().contains(&"hub".to_owned()));
    emulator.shutdown().await;
    let emulator = place.builder().instance("more").start().await.unwrap();
    let names = emulator.instance("digital-twins").unwrap().endpoints();
    assert_eq!(names, ["events", "hub"]);
    assert_eq!(emulator.instance("more").unwrap().counts(), (0, 0, 0));
}

#[tokio::test]
async fn certificates_stay_and_other_ports_move_the_own_issuer() {
    let place = Place::new();
    let emulator = place.builder().tls(true).start().await.unwrap();
    let (ca, url) = (emulator.ca_pem().unwrap().to_owned(), emulator.itwin_url().to_owned());
    emulator.shutdown().await;
    let emulator = place.builder().tls(true).start().await.unwrap();
    assert_eq!((emulator.ca_pem().unwrap(), emulator.itwin_url()), (&*ca, &*url));
    emulator.shutdown().await;
    // Without TLS the addresses are others: tokens of the foreign issuer go on to open
    // the seeded application.
    let emulator = place.start().await;
    let subject = twinkit_emulator::identity::GITHUB_SUBJECT;
    let audience = twinkit_emulator::identity::FEDERATION_AUDIENCE;
    let assertion = emulator.federated_token(subject, audience).await.unwrap();
    let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    let changes = [
        ("client_secret", ""),
        ("client_assertion_type", kind),
        ("client_assertion", assertion.expose_secret()),
    ];
    token(&emulator, &changes).await;
}
