//! Applications without a secret: tokens of other issuers, and of the directory
//! itself, in its place.

use std::sync::Arc;
use std::time::Duration;

use twinkit_auth::{AuthErrorKind, Credential};
use twinkit_emulator::Emulator;
use twinkit_emulator::identity::{
    Application, CLIENT_ID, FEDERATION_AUDIENCE, FederatedCredential, GITHUB_SUBJECT, OBJECT_ID,
    PIPELINES_CONNECTION_ID, SYSTEM_IDENTITY_OBJECT_ID, TENANT_ID,
};
use twinkit_emulator::managed_identity::Host;

use super::support::{at, in_map, reach_twins, refused, requests, twins};

#[tokio::test]
async fn a_job_of_github_actions_has_a_new_id_token_for_each_token() {
    let emulator = Emulator::start().await.unwrap();
    let env = emulator.github_env();
    let job = |token: &str| {
        let builder = Credential::github_actions(TENANT_ID, CLIENT_ID)
            .id_token_request(&env["ACTIONS_ID_TOKEN_REQUEST_URL"], token);
        at(&emulator, builder).build().unwrap()
    };
    let credential = job(&env["ACTIONS_ID_TOKEN_REQUEST_TOKEN"]);
    assert_eq!(reach_twins(&emulator, &credential).await["oid"], OBJECT_ID);
    emulator.clock().advance(Duration::from_secs(2 * 3600));
    credential.token(&twins().with_force_refresh()).await.unwrap();
    assert_eq!(requests(&emulator, "identity", "/github"), 2);

    let error = refused(&job("canary-of-another-job")).await;
    assert!(error.hint().unwrap().contains("id-token: write"), "{error}");
    assert!(!format!("{error}{error:?}").contains("canary"));
}

#[tokio::test]
async fn a_service_connection_of_azure_pipelines_opens_the_data_plane() {
    let emulator = Emulator::start().await.unwrap();
    let env = emulator.pipelines_env();
    let connection = |id: &str| {
        let builder = Credential::azure_pipelines(TENANT_ID, CLIENT_ID, id)
            .request_uri(&env["SYSTEM_OIDCREQUESTURI"])
            .system_access_token(env["SYSTEM_ACCESSTOKEN"].as_str());
        at(&emulator, builder).build().unwrap()
    };
    let credential = connection(PIPELINES_CONNECTION_ID);
    assert_eq!(reach_twins(&emulator, &credential).await["oid"], OBJECT_ID);
    let error = refused(&connection("12345678-1234-1234-1234-123456789012")).await;
    assert!(error.hint().unwrap().contains("service connection's id"), "{error}");
}

#[tokio::test]
async fn a_pods_file_is_read_anew_and_a_stale_one_is_told() {
    let emulator = Emulator::start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    emulator.write_federated_token(&file).await.unwrap();
    let builder =
        Credential::workload_identity().tenant(TENANT_ID).client_id(CLIENT_ID).token_file(&file);
    let credential = at(&emulator, builder).build().unwrap();
    assert_eq!(reach_twins(&emulator, &credential).await["oid"], OBJECT_ID);

    emulator.clock().advance(Duration::from_secs(2 * 3600));
    let again = twins().with_force_refresh();
    let error = credential.token(&again).await.unwrap_err();
    assert_eq!((error.kind(), error.codes()), (AuthErrorKind::Rejected, &[700_024][..]));
    assert!(error.hint().unwrap().contains("somebody renews it"), "{error}");
    emulator.write_federated_token(&file).await.unwrap();
    credential.token(&again).await.unwrap();
    assert_eq!(reach_twins(&emulator, &credential).await["oid"], OBJECT_ID);
}

#[tokio::test]
async fn a_callback_is_asked_for_each_token() {
    let emulator = Arc::new(Emulator::start().await.unwrap());
    let issuer = Arc::clone(&emulator);
    let builder = Credential::client_assertion_with(TENANT_ID, CLIENT_ID, move || {
        let issuer = Arc::clone(&issuer);
        async move { Ok(issuer.federated_token(GITHUB_SUBJECT, FEDERATION_AUDIENCE).await.unwrap()) }
    });
    let credential = at(&emulator, builder).build().unwrap();
    emulator.directory().refuse_repeated_assertions(true);
    assert_eq!(reach_twins(&emulator, &credential).await["oid"], OBJECT_ID);
    credential.token(&twins().with_force_refresh()).await.unwrap();
}

#[tokio::test]
async fn issuer_audience_and_subject_that_do_not_match_have_hints() {
    let emulator = Emulator::start().await.unwrap();
    let other = Emulator::start().await.unwrap();
    for (issuer, subject, audience, code, hint) in [
        (&other, GITHUB_SUBJECT, FEDERATION_AUDIENCE, 700_211, "the issuer character by"),
        (&emulator, GITHUB_SUBJECT, "api://else", 700_212, "api://AzureADTokenExchange"),
        (&emulator, "repo:Twinkit/else", FEDERATION_AUDIENCE, 700_213, "compare the subject"),
    ] {
        let token = issuer.federated_token(subject, audience).await.unwrap();
        let builder = Credential::client_assertion_with(TENANT_ID, CLIENT_ID, move || {
            let token = token.clone();
            async move { Ok(token) }
        });
        let error = refused(&at(&emulator, builder).build().unwrap()).await;
        assert_eq!((error.kind(), error.codes()), (AuthErrorKind::Rejected, &[code][..]));
        assert!(error.hint().unwrap().contains(hint), "{error}");
    }
}

#[tokio::test]
async fn a_managed_identity_takes_the_place_of_a_secret() {
    let emulator = Emulator::start().await.unwrap();
    let issuer = format!("{}/{TENANT_ID}/v2.0", emulator.authority_url());
    let trust = |application: &mut Application| {
        application.federated_credentials.push(FederatedCredential {
            issuer,
            subject: SYSTEM_IDENTITY_OBJECT_ID.to_owned(),
            audience: FEDERATION_AUDIENCE.to_owned(),
        });
    };
    let identity = Credential::managed_identity()
        .environment(in_map(emulator.managed_identity_env(Host::AppService)))
        .build()
        .unwrap();
    let application = |identity: &Credential| {
        let builder = Credential::client_assertion(TENANT_ID, CLIENT_ID, identity.clone());
        at(&emulator, builder).build().unwrap()
    };
    let early = refused(&application(&identity)).await;
    assert_eq!(early.codes(), [700_211], "{early}");
    emulator.directory().update_application(CLIENT_ID, trust).unwrap();
    assert_eq!(reach_twins(&emulator, &application(&identity)).await["oid"], OBJECT_ID);
    assert_eq!(requests(&emulator, "managed-identity", "/msi/token"), 1, "its token is kept");
}
