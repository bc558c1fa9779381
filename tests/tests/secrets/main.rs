//! Canaries: a secret and every token made of it go through all kinds of
//! failure, with all logs on. Nothing that a program could show or write may
//! hold them.
//!
//! Alone in its binary, because the log is that of the whole process.

#![cfg(test)]

mod peers;
mod sign_ins;

use std::error::Error as StdError;
use std::fmt::Write as _;
use std::io;
use std::sync::{Arc, Mutex};

use futures_util::StreamExt as _;
use serde_json::json;
use tracing::Level;
use twinkit_auth::{Credential, ExposeSecret as _, SecretString, TokenRequest};
use twinkit_digital_twins::{CallOptions, Client, Json, TOKEN_SCOPE, types};
use twinkit_emulator::faults::Fault;
use twinkit_emulator::identity::{Application, Role};
use twinkit_tests::support::recorder::Recorder;
use twinkit_tests::support::stage::Stage;

const SECRET: &str = "CANARY~secret.7Q8w";
const HEADER: &str = "CANARY-header-value";
/// Every JWT starts so: it is `{"` in base64url.
const TOKEN_BEGIN: &str = "eyJ";

/// What was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Everything that a program could show of an error.
fn shown(error: &(dyn StdError + 'static)) -> String {
    let mut text = String::new();
    let mut next = Some(error);
    while let Some(error) = next {
        writeln!(text, "{error}\n{error:?}\n{error:#?}").unwrap();
        next = error.source();
    }
    text
}

#[tokio::test]
async fn no_failure_shows_a_secret() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(Level::TRACE)
        .with_span_events(tracing_subscriber::fmt::format::FmtSpan::FULL)
        .with_writer(move || writer.clone())
        .finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let (mut text, signature) = play().await;
    let (shown, mut secrets) = sign_ins::play().await;
    text.push_str(&shown);
    secrets.extend([SECRET, HEADER, TOKEN_BEGIN, &signature].map(str::to_owned));
    let logged = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(logged.contains("twinkit.call"), "the log is on");
    for way in sign_ins::WAYS {
        assert!(logged.contains(&format!("source=\"{way}\"")), "{way} is in the log");
    }
    assert!(text.contains("attempts"), "errors are shown");
    text.push_str(&logged);
    for canary in &secrets {
        assert!(!canary.is_empty());
        let found = text.split_once(canary.as_str()).map(|(before, _)| {
            let from = before.chars().count().saturating_sub(200);
            before.chars().skip(from).collect::<String>()
        });
        assert!(found.is_none(), "{canary:?} is shown behind {}", found.unwrap());
    }
}

/// Fails in every way; gives what can be seen of it, and the signature of a
/// signed URL that was used.
async fn play() -> (String, String) {
    let stage = Stage::seeded().await.unwrap();
    let emulator = &stage.emulator;
    let application = Application::new(SecretString::from(SECRET));
    let (id, object) = (application.client_id.clone(), application.object_id.clone());
    emulator.directory().add_application(application).unwrap();
    emulator.directory().assign("digital-twins", &object, Role::DataOwner);
    let signed_in = |secret: &str, authority: &str| {
        Credential::client_secret(emulator.tenant_id(), id.as_str(), secret)
            .authority(authority)
            .build()
            .unwrap()
    };
    let credential = signed_in(SECRET, emulator.authority_url());
    let options = CallOptions::new().max_retries(1).header("x-api-key", HEADER);
    let builder =
        Client::builder(emulator.digital_twins_url(), credential.clone()).options(options.clone());
    let mut text = format!("{builder:?} {options:?} {credential:?}");
    let client = builder.build().unwrap();
    let request = TokenRequest::new([TOKEN_SCOPE]).unwrap();
    let token = credential.token(&request).await.unwrap();
    assert!(token.secret().expose_secret().starts_with(TOKEN_BEGIN));
    writeln!(text, "{client:?} {:?} {request:?} {token:?}", client.get_twin().id("a")).unwrap();

    // The service and what stands before it.
    for fault in [
        // A server that sends back what it got.
        Fault::answer(400, "application/json", &echo(&token)),
        Fault::answer(500, "text/plain", token.secret().expose_secret()),
        // From here on with another token.
        Fault::gateway_unauthorized().times(2),
        Fault::empty_forbidden(),
        Fault::gateway_throttle().retry_after_secs(0).times(2),
        Fault::html_bad_gateway().times(2),
        Fault::status(500),
        Fault::reset().times(2),
        Fault::truncate(10),
        Fault::huge_body(100 * 1024 * 1024),
        Fault::content_type("text/html"),
    ] {
        emulator.faults().clear();
        emulator.faults().next(fault.on("digital-twins"));
        if let Err(error) = client.get_twin().id("room-1").send().await {
            text.push_str(&shown(&error));
        }
    }
    emulator.faults().clear();
    let stranger = Recorder::start().await.unwrap();
    emulator.faults().next(Fault::next_link(&format!("{}/?sig=CANARY", stranger.url())));
    let models: Vec<_> = client.list_models().items().collect().await;
    text.push_str(&shown(models.last().unwrap().as_ref().unwrap_err()));
    assert!(stranger.take().is_empty());

    // The identity service.
    emulator.faults().clear();
    for fault in [
        Fault::status(500),
        Fault::html_bad_gateway(),
        Fault::reset(),
        Fault::answer(400, "application/json", &json!({
            "error": "invalid_client", "error_description": format!("the secret {SECRET} is wrong")
        }).to_string()),
        Fault::answer(200, "application/json", "{\"access_token\": \"eyJbroken"),
    ] {
        emulator.faults().clear();
        emulator.faults().next(fault.on("identity").always());
        let fresh = signed_in(SECRET, emulator.authority_url());
        text.push_str(&shown(&fresh.token(&request).await.unwrap_err()));
        let fresh = Client::builder(emulator.digital_twins_url(), fresh).build().unwrap();
        text.push_str(&shown(&fresh.get_twin().id("room-1").send().await.unwrap_err()));
    }
    emulator.faults().clear();
    let wrong = signed_in("CANARY~secret.7Q8wrong", emulator.authority_url());
    text.push_str(&shown(&wrong.token(&request).await.unwrap_err()));

    // A signed URL in a job.
    let signed = emulator.storage().signed_url(
        "jobs",
        "input",
        twinkit_emulator::storage::Permissions::from_letters("r"),
        std::time::Duration::from_secs(60),
    );
    let signature = signed.split("sig=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    let job = types::ImportJob::builder().input_blob_uri(&signed).output_blob_uri(&signed);
    if let Err(error) = client.create_import_job().id("j").body(job).send().await {
        text.push_str(&shown(&error));
    }
    let wait = client.wait_for_import_job("j");
    if let Err(error) = wait.deadline(std::time::Duration::from_secs(5)).wait().await {
        text.push_str(&shown(&error));
    }
    let rows: Vec<_> = client.query("SELECT FROM").rows::<Json>().collect().await;
    text.push_str(&shown(rows[0].as_ref().unwrap_err()));
    (text, signature)
}

fn echo(token: &twinkit_auth::AccessToken) -> String {
    let header = format!("Bearer {}", token.secret().expose_secret());
    json!({"error": {"code": "Echo", "message": format!("you sent Authorization: {header}")}})
        .to_string()
}
