//! A state that outlives its emulator.

mod blobs;
mod folder;
mod furniture;
mod jobs;
mod state;

use std::time::Duration;

use reqwest::Method;
use serde_json::Value;
use tempfile::TempDir;
use twinkit_emulator::{Emulator, EmulatorBuilder, ims::SCOPE};

use crate::support::{client, token};

const HOUR: Duration = Duration::from_secs(3600);

/// A place for one emulator after the other.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn builder(&self) -> EmulatorBuilder {
        Emulator::builder().data(self.path())
    }

    async fn start(&self) -> Emulator {
        self.builder().start().await.unwrap()
    }

    fn path(&self) -> std::path::PathBuf {
        self.0.path().join("state")
    }

    fn file(&self, part: &str) -> std::path::PathBuf {
        self.path().join(part)
    }
}

async fn send(method: Method, url: &str, token: &str, body: Option<Value>) -> (u16, Value) {
    let media = if method == Method::PATCH && url.contains("api-version=2023-10-31") {
        "application/json-patch+json"
    } else {
        "application/json"
    };
    let mut request = client().request(method, url).bearer_auth(token);
    if ["/imodels", "/accesscontrol"].iter().any(|api| url.contains(api)) {
        request = request.header("accept", "application/vnd.bentley.itwin-platform.v2+json");
    }
    if let Some(body) = body {
        request = request.header("content-type", media).body(body.to_string());
    }
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    (status, serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or_default())
}

async fn get(url: &str, token: &str) -> Value {
    let (status, body) = send(Method::GET, url, token, None).await;
    assert_eq!(status, 200, "{url}: {body}");
    body
}

async fn done(method: Method, url: &str, token: &str, body: Option<Value>) -> Value {
    let (status, answer) = send(method, url, token, body).await;
    assert!((200..300).contains(&status), "{url}: {status} {answer}");
    answer
}

/// Tokens for the three platforms.
struct Tokens {
    twins: String,
    central: String,
    itwin: String,
}

impl Tokens {
    async fn new(emulator: &Emulator) -> Self {
        let central = [("scope", "https://apps.azureiotcentral.com/.default")];
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", twinkit_emulator::ims::SERVICE_CLIENT_ID),
            ("client_secret", twinkit_emulator::ims::SERVICE_CLIENT_SECRET),
            ("scope", SCOPE),
        ];
        let itwin = client().post(format!("{}/connect/token", emulator.ims_url())).form(&form);
        let itwin: Value = itwin.send().await.unwrap().json().await.unwrap();
        Self {
            twins: token(emulator, &[]).await,
            central: token(emulator, &central).await,
            itwin: itwin["access_token"].as_str().unwrap().to_owned(),
        }
    }
}

fn twins_url(emulator: &Emulator, path: &str) -> String {
    let separator = if path.contains('?') { '&' } else { '?' };
    format!("{}{path}{separator}api-version=2023-10-31", emulator.digital_twins_url())
}

fn central_url(emulator: &Emulator, path: &str) -> String {
    format!("{}/api{path}?api-version=2022-07-31", emulator.iot_central_url())
}
