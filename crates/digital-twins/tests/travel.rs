//! Every future and stream of the client can be moved to another task: users
//! spawn them. Checked by the compiler, so nothing is sent.

#![cfg(test)]

use serde_json::{Map, Value};
use twinkit_auth::{AccessToken, AuthError, BoxFuture, Credential, FetchContext};
use twinkit_auth::{TokenRequest, TokenSource};
use twinkit_digital_twins::types::{DeleteJob, EventRoute, ImportJob};
use twinkit_digital_twins::{Client, JsonPatch, Relationship, Twin, TwinId, TwinPatch};

fn travels<T: Send + 'static>(_: T) {}
fn is_shared<T: Clone + Send + Sync + 'static>(_: &T) {}

#[derive(Debug)]
struct NoTokens;

impl TokenSource for NoTokens {
    fn name(&self) -> &'static str {
        "none"
    }

    fn fetch<'a>(
        &'a self,
        _: &'a TokenRequest,
        _: &'a FetchContext,
    ) -> BoxFuture<'a, Result<AccessToken, AuthError>> {
        Box::pin(std::future::pending())
    }
}

fn client() -> Client {
    let credential = Credential::from_source(NoTokens);
    Client::builder("https://example.digitaltwins.azure.net", credential).build().unwrap()
}

#[test]
fn calls_can_be_spawned() {
    let client = client();
    is_shared(&client);
    let own = client.clone();
    travels(async move { own.get_twin().id("room-1").send().await });
    let own = client.clone();
    travels(async move {
        let twin = Twin::new("dtmi:a;1".parse().unwrap(), Map::new());
        own.put_twin().id("room-1").body(&twin).send().await
    });
    let own = client.clone();
    travels(async move {
        let body = Relationship::new("contains", TwinId::new("room-2").unwrap());
        own.put_relationship().id("room-1").relationship_id("r").body(body).send().await
    });
    let own = client.clone();
    travels(async move {
        own.update_twin().id("room-1").body(TwinPatch::new().set("a", 1)).send().await
    });
    let own = client.clone();
    travels(async move {
        own.update_relationship().id("a").relationship_id("b").body(JsonPatch::new()).send().await
    });
    let own = client.clone();
    travels(async move { own.send_telemetry().id("a").body(serde_json::json!({})).send().await });
    let own = client;
    travels(async move {
        let mut seen = 0;
        let models = vec![serde_json::json!({"@id": "dtmi:a;1"})];
        let report = own
            .upload_models(models)
            .skip_existing()
            .on_progress(|progress| seen = progress.stored)
            .send()
            .await;
        (report, seen)
    });
}

#[test]
fn waits_can_be_spawned() {
    let client = client();
    let own = client.clone();
    travels(async move {
        let mut looks = 0;
        let job = own.wait_for_import_job("nightly").on_look(|_: &ImportJob| looks += 1);
        (job.wait().await, looks)
    });
    travels(async move {
        let job = client.wait_for_delete_job("j").on_look(|_: &DeleteJob| {});
        job.wait().await
    });
}

#[test]
fn lists_can_be_spawned() {
    let client = client();
    travels(client.list_models().items());
    travels(client.list_models().pages());
    travels(client.list_relationships().id("a").items());
    travels(client.list_event_routes().items());
    travels(client.query("SELECT * FROM DIGITALTWINS").rows::<Value>());
    travels(client.query("SELECT * FROM DIGITALTWINS").rows::<Value>().into_vec());
    travels(client.query("SELECT * FROM DIGITALTWINS").pages::<Map<String, Value>>());
    let mut pages = client.query("SELECT * FROM DIGITALTWINS").pages::<Value>();
    travels(
        async move { pages.next_page().await.map(|page| page.map(|page| page.into_inner().rows)) },
    );
    let own = client;
    travels(async move {
        let mut routes = own.list_event_routes().items();
        let first: Option<Result<EventRoute, _>> = routes.next_item().await;
        first
    });
}

#[test]
fn futures_stay_small() {
    let client = client();
    for (size, what) in [
        (size_of_val(&client.get_twin().id("a").send()), "get_twin"),
        (size_of_val(&client.update_twin().id("a").body(JsonPatch::new()).send()), "update_twin"),
        (size_of_val(&client.upload_models(Vec::<Value>::new()).send()), "upload_models"),
        (size_of_val(&client.wait_for_import_job("a").wait()), "wait_for_import_job"),
    ] {
        assert!(size < 2048, "{what}: {size} bytes");
    }
}
