//! Credentials that the environment describes, and chains. The environment is
//! that of a child process: this test binary, started once more.

use std::collections::BTreeMap;
use std::process::Stdio;

use tokio::process::Command;
use twinkit_auth::{AuthErrorKind, Credential};
use twinkit_digital_twins::Client;
use twinkit_emulator::Emulator;
use twinkit_emulator::identity::{
    OBJECT_ID, PIPELINES_CONNECTION_ID, SYSTEM_IDENTITY_OBJECT_ID, TENANT_ID,
};
use twinkit_emulator::managed_identity::Host;

use super::support::{claims, list_models, twins};

const TWINS: &str = "TWINKIT_TEST_TWINS";
const WAY: &str = "TWINKIT_TEST_WAY";
const THIS: &str = "sign_in::chain::whoever_the_environment_describes_reaches_the_data_plane";

type Env = BTreeMap<String, String>;

fn credential(way: &str) -> Credential {
    match way {
        "environment" => Credential::from_env(),
        "chain" => Credential::chain()
            .then(Credential::from_env())
            .then(Credential::managed_identity().build())
            .build(),
        "pod" => Credential::workload_identity().build(),
        "github" => {
            at_authority(Credential::github_actions(TENANT_ID, var("AZURE_CLIENT_ID"))).build()
        }
        "pipelines" => at_authority(Credential::azure_pipelines(
            TENANT_ID,
            var("AZURESUBSCRIPTION_CLIENT_ID"),
            PIPELINES_CONNECTION_ID,
        ))
        .build(),
        other => panic!("no such way: {other}"),
    }
    .unwrap()
}

fn at_authority<W>(builder: twinkit_auth::EntraBuilder<W>) -> twinkit_auth::EntraBuilder<W> {
    builder.authority(var("AZURE_AUTHORITY_HOST"))
}

fn var(name: &str) -> String {
    std::env::var(name).unwrap()
}

/// Runs this test in a process that sees these variables only.
async fn child(emulator: &Emulator, way: &str, env: Env) -> String {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", THIS, "--nocapture"])
        .env_clear()
        .envs(env)
        .env(TWINS, emulator.digital_twins_url())
        .env(WAY, way)
        .stdin(Stdio::null())
        .output()
        .await
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let wrong = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{way}: {said}{wrong}");
    let (_, rest) = said.split_once("signed in as ").unwrap();
    rest.lines().next().unwrap().to_owned()
}

#[tokio::test]
async fn whoever_the_environment_describes_reaches_the_data_plane() {
    if let Ok(way) = std::env::var(WAY) {
        let credential = credential(&way);
        let client = Client::builder(var(TWINS), credential.clone()).build().unwrap();
        list_models(&client).await.unwrap();
        let token = credential.token(&twins()).await.unwrap();
        println!("\nsigned in as {}", claims(&token)["oid"].as_str().unwrap());
        return;
    }
    let emulator = Emulator::start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    emulator.write_federated_token(&file).await.unwrap();
    let application = |extra: &[(&str, &str)]| -> Env {
        let all = [
            ("AZURE_TENANT_ID", emulator.tenant_id()),
            ("AZURE_CLIENT_ID", emulator.client_id()),
            ("AZURE_AUTHORITY_HOST", emulator.authority_url()),
        ];
        let all = all.iter().chain(extra);
        all.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    };
    let with_secret = application(&[("AZURE_CLIENT_SECRET", emulator.client_secret())]);
    let machine = emulator.managed_identity_env(Host::Imds);
    let both = with_secret.clone().into_iter().chain(machine.clone()).collect();
    let (pod, certificate) = (emulator.kubernetes_env(&file), register_certificate(&emulator));
    let with_certificate = application(&[
        ("AZURE_CLIENT_CERTIFICATE_PATH", &certificate),
        ("AZURE_CLIENT_CERTIFICATE_PASSWORD", "canary-pass"),
    ]);
    for (way, env, expected) in [
        ("environment", with_secret, OBJECT_ID),
        ("environment", with_certificate, OBJECT_ID),
        ("environment", pod.clone(), OBJECT_ID),
        ("environment", emulator.env(), OBJECT_ID),
        ("chain", both, OBJECT_ID),
        ("chain", machine, SYSTEM_IDENTITY_OBJECT_ID),
        ("chain", emulator.managed_identity_env(Host::AppService), SYSTEM_IDENTITY_OBJECT_ID),
        ("pod", pod, OBJECT_ID),
        ("github", emulator.github_env(), OBJECT_ID),
        ("pipelines", emulator.pipelines_env(), OBJECT_ID),
    ] {
        assert_eq!(child(&emulator, way, env).await, expected, "{way}");
    }
}

/// Has the emulator's application be opened by a certificate; gives its file.
fn register_certificate(emulator: &Emulator) -> String {
    super::certificates::register(emulator, "leaf.pem");
    super::certificates::fixture("modern.pfx").to_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_link_that_refuses_ends_the_chain() {
    let emulator = Emulator::start().await.unwrap();
    let wrong = Credential::client_secret(TENANT_ID, emulator.client_id(), "wrong")
        .authority(emulator.authority_url())
        .build();
    let machine = Credential::managed_identity()
        .environment(super::support::in_map(emulator.managed_identity_env(Host::Imds)));
    let unassigned = machine.clone().client_id("12345678-1234-1234-1234-123456789012").build();
    let chain =
        Credential::chain().then(unassigned).then(wrong).then(machine.build()).build().unwrap();
    let error = super::support::refused(&chain).await;
    assert_eq!((error.kind(), error.codes()), (AuthErrorKind::Rejected, &[7_000_215][..]));
    assert_eq!(error.outcomes().len(), 1, "the identity that is not there was passed over");
}
