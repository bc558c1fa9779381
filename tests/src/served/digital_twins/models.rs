//! Models and queries.

use serde_json::{Value, json};

use super::Play;
use crate::generated::Values;

const LAMP: &str = "dtmi:test:Lamp;1";
const MISSING: &str = "dtmi:test:Missing;1";

pub(super) async fn play(play: &mut Play) {
    let none = Values::new;
    let lamp = json!([{"@id": LAMP, "@type": "Interface", "@context": "dtmi:dtdl:context;3"}]);
    play.succeeds("create_models", none().with("body", lamp.clone())).await;
    play.refused("create_models", none().with("body", lamp)).await;
    play.refused("create_models", none().with("body", json!([{"@id": "no dtmi"}]))).await;

    let whole = || none().with("includeModelDefinition", true);
    play.succeeds("list_models", whole().with("max-items-per-page", 2)).await;
    play.succeeds("list_models", whole().with("dependenciesFor", json!([LAMP]))).await;
    play.refused("list_models", none().with("dependenciesFor", json!([MISSING]))).await;

    play.succeeds("get_model", whole().with("id", LAMP)).await;
    play.refused("get_model", none().with("id", MISSING)).await;

    let decommission = decommissioned(true);
    let patch = |id: &str, body: &Value| none().with("id", id).with("body", body.clone());
    play.succeeds("update_model", patch(LAMP, &decommission)).await;
    play.refused("update_model", patch(MISSING, &decommission)).await;
    play.refused("update_model", patch("dtmi:test:Space;1", &decommission)).await;
    let other = json!([{"op": "replace", "path": "/displayName", "value": "x"}]);
    play.refused("update_model", patch(LAMP, &other)).await;

    play.succeeds("delete_model", none().with("id", LAMP)).await;
    play.refused("delete_model", none().with("id", LAMP)).await;
    play.refused("delete_model", none().with("id", "dtmi:test:Space;1")).await;

    let query = |text: &str| none().with("body", json!({"query": text}));
    let all = query("SELECT * FROM DIGITALTWINS").with("max-items-per-page", 1);
    let page = play.succeeds("query_twins", all).await;
    if let Some(token) = page.as_ref().and_then(|page| page.value.get("continuationToken")) {
        let next = none().with("body", json!({"continuationToken": token}));
        play.succeeds("query_twins", next).await;
    }
    play.refused("query_twins", query("SELECT FROM")).await;
    let stale = none().with("body", json!({"continuationToken": "no token"}));
    play.refused("query_twins", stale).await;
}

fn decommissioned(value: bool) -> Value {
    json!([{"op": "replace", "path": "/decommissioned", "value": value}])
}
