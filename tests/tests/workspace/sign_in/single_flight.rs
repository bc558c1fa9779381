//! The token cache under load, over a real server.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use secrecy::ExposeSecret as _;
use tokio::sync::Barrier;
use twinkit_auth::{Clock, Credential, TokenRequest};
use twinkit_emulator::Emulator;
use twinkit_emulator::faults::Fault;

use super::support::{at, client, list_models, token_requests, twins};

const TASKS: usize = 10_000;

/// The machine's clock, which can be set ahead.
#[derive(Debug, Default)]
struct Movable(AtomicU64);

impl Clock for Movable {
    fn now(&self) -> SystemTime {
        SystemTime::now() + Duration::from_secs(self.0.load(Ordering::Relaxed))
    }
}

fn credential(emulator: &Emulator, clock: &Arc<Movable>) -> Credential {
    let (tenant, id) = (emulator.tenant_id(), emulator.client_id());
    let builder = Credential::client_secret(tenant, id, emulator.client_secret());
    at(emulator, builder).clock(Arc::clone(clock) as Arc<dyn Clock>).build().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ten_thousand_tasks_with_one_expired_token_cause_one_request() {
    let emulator = Emulator::start().await.unwrap();
    let clock = Arc::new(Movable::default());
    let credential = credential(&emulator, &clock);
    let old = credential.token(&twins()).await.unwrap();
    clock.0.store(2 * 3600, Ordering::Relaxed);
    emulator.clock().advance(Duration::from_secs(2 * 3600));
    emulator.requests().clear();
    let start = Arc::new(Barrier::new(TASKS));
    let tasks: Vec<_> = (0..TASKS)
        .map(|_| {
            let (credential, start) = (credential.clone(), Arc::clone(&start));
            tokio::spawn(async move {
                start.wait().await;
                credential.token(&twins()).await.unwrap()
            })
        })
        .collect();
    let mut tokens = Vec::with_capacity(TASKS);
    for task in tasks {
        tokens.push(task.await.unwrap());
    }
    assert_eq!(token_requests(&emulator), 1);
    let first = tokens[0].secret().expose_secret();
    assert_ne!(first, old.secret().expose_secret());
    assert!(tokens.iter().all(|token| token.secret().expose_secret() == first));
    list_models(&client(&emulator, credential)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_slow_request_for_one_scope_holds_up_no_other() {
    let emulator = Emulator::start().await.unwrap();
    let credential = credential(&emulator, &Arc::new(Movable::default()));
    credential.token(&twins()).await.unwrap();
    let scope = |name: &str| TokenRequest::new([format!("https://{name}/.default")]).unwrap();
    let slow = emulator.faults().next(Fault::delay(Duration::from_secs(600)).on("identity"));
    let waiting = tokio::spawn({
        let (credential, wanted) = (credential.clone(), scope("apps.azureiotcentral.com"));
        async move { credential.token(&wanted).await }
    });
    while emulator.faults().served(slow) == 0 {
        tokio::task::yield_now().await;
    }
    for _ in 0..10_000 {
        credential.token(&twins()).await.unwrap();
    }
    assert_eq!(token_requests(&emulator), 2, "readers of a kept token ask nobody");
    credential.token(&scope("storage.azure.com")).await.unwrap();
    list_models(&client(&emulator, credential.clone())).await.unwrap();
    assert!(!waiting.is_finished());
    waiting.abort();
}
