//! Webhooks, which are for service applications.

use serde_json::{Value, json};
use twinkit_itwin::webhooks::Client;

use super::{MISSING, Stand, made_itwin, one, text};
use crate::coverage::itwin::Webhooks;
use crate::generated::Values;
use crate::served::Play;

pub(super) async fn play(play: &mut Play<Client, Webhooks>, stand: &Stand) -> anyhow::Result<()> {
    let itwin_id = made_itwin(&stand.service, "North Bridge").await?;
    let new = |url: &str, scope: Value| {
        let mut body = json!({"callbackUrl": url, "eventTypes": ["iTwins.iTwinDeleted.v1"]});
        if let (Some(members), Value::Object(scope)) = (body.as_object_mut(), scope) {
            members.extend(scope);
        }
        Values::new().with("body", body)
    };
    let of_itwin = || json!({"scope": "iTwin", "scopeId": itwin_id});
    let made = play.succeeds("create_webhook", new("https://hooks.example/a", of_itwin())).await;
    let account = new("https://hooks.example/b", json!({"scope": "Account"}));
    play.succeeds("create_webhook", account).await;
    play.refused("create_webhook", new("nowhere", of_itwin())).await;
    play.succeeds("list_webhooks", Values::new()).await;
    play.denied("list_webhooks", Values::new()).await;
    let id = text(made.as_ref(), "/id");
    let webhook = |id: &str| one("webhookId", id);
    play.succeeds("get_webhook", webhook(&id)).await;
    play.refused("get_webhook", webhook(MISSING)).await;
    let change = json!({"active": true});
    play.succeeds("update_webhook", webhook(&id).with("body", change.clone())).await;
    play.refused("update_webhook", webhook(MISSING).with("body", change)).await;
    play.succeeds("delete_webhook", webhook(&id)).await;
    play.refused("delete_webhook", webhook(&id)).await;
    Ok(())
}
