//! iTwins and what hangs on them: marks, exports, pictures, repositories.

use std::time::Duration;

use serde_json::{Value, json};
use twinkit_itwin::Image;
use twinkit_itwin::itwins::Client;

use super::{MISSING, PICTURE, Stand, one, text, whole};
use crate::coverage::itwin::ITwins;
use crate::generated::{Answer, Values};
use crate::served;

type Play = served::Play<Client, ITwins>;

pub(super) async fn play(play: &mut Play, stand: &Stand) -> anyhow::Result<()> {
    let id = itwins(play).await;
    accounts(play, &id).await;
    favorites(play, &id).await;
    recents(play, &id).await;
    exports(play, stand).await;
    image(play, &id).await?;
    let repository_id = repositories(play, &id).await;
    resources(play, &id, &repository_id).await;
    global(play).await;
    play.succeeds("delete_repository", repository(&id, &repository_id)).await;
    play.refused("delete_repository", repository(&id, &repository_id)).await;
    play.succeeds("delete_itwin", one("id", &id)).await;
    play.refused("delete_itwin", one("id", &id)).await;
    Ok(())
}

fn body(body: Value) -> Values {
    Values::new().with("body", body)
}

fn below(id: &str) -> Values {
    one("iTwinId", id)
}

fn repository(id: &str, repository_id: &str) -> Values {
    below(id).with("repositoryId", repository_id)
}

/// Gives the id of an iTwin.
async fn itwins(play: &mut Play) -> String {
    let bridge = json!({"class": "Thing", "subClass": "Asset", "type": "Bridge",
        "displayName": "North Bridge", "number": "B-7", "status": "Active",
        "dataCenterLocation": "East US", "ianaTimeZone": "America/New_York",
        "geographicLocation": "Exton, PA", "latitude": 40.028, "longitude": -75.621});
    let made = play.succeeds("create_itwin", body(bridge.clone())).await;
    play.refused("create_itwin", body(bridge)).await;
    let mismatch = json!({"class": "Thing", "subClass": "Project", "displayName": "x"});
    play.refused("create_itwin", body(mismatch)).await;
    let id = text(made.as_ref(), "/iTwin/id");
    let work = json!({"class": "Endeavor", "subClass": "Project", "displayName": "Painting",
        "parentId": id});
    play.succeeds("create_itwin", body(work)).await;

    play.succeeds("list_itwins", Values::new()).await;
    play.succeeds("list_itwins", whole(Values::new().with("$top", 1))).await;
    let scope = one("X-iTwin-Query-Scope", "all").with("X-Max-Return", 10);
    play.succeeds("list_itwins", scope).await;
    play.refused("list_itwins", one("$filter", "colour eq 'red'")).await;
    play.succeeds("get_itwin", one("id", &id)).await;
    play.succeeds("get_itwin", whole(one("id", &id))).await;
    play.refused("get_itwin", one("id", MISSING)).await;
    let change = |id: &str, change: Value| one("id", id).with("body", change);
    play.succeeds("update_itwin", change(&id, json!({"number": null}))).await;
    play.refused("update_itwin", change(MISSING, json!({"number": null}))).await;
    play.refused("update_itwin", change(&id, json!({"parentId": id}))).await;
    id
}

async fn accounts(play: &mut Play, id: &str) {
    play.succeeds("get_itwin_account", one("id", id)).await;
    play.succeeds("get_itwin_account", whole(one("id", id))).await;
    play.refused("get_itwin_account", one("id", MISSING)).await;
    play.succeeds("get_my_primary_account", Values::new()).await;
    play.denied("get_my_primary_account", Values::new()).await;
}

async fn favorites(play: &mut Play, id: &str) {
    play.succeeds("add_favorite", one("id", id)).await;
    play.refused("add_favorite", one("id", MISSING)).await;
    play.succeeds("list_favorites", Values::new()).await;
    play.succeeds("list_favorites", whole(Values::new())).await;
    play.refused("list_favorites", one("status", "Lost")).await;
    play.succeeds("remove_favorite", one("id", id)).await;
    play.refused("remove_favorite", one("id", MISSING)).await;
}

async fn recents(play: &mut Play, id: &str) {
    play.succeeds("add_recent", one("id", id)).await;
    play.refused("add_recent", one("id", MISSING)).await;
    play.succeeds("list_recents", Values::new()).await;
    play.succeeds("list_recents", whole(Values::new())).await;
    play.refused("list_recents", one("status", "Lost")).await;
}

async fn exports(play: &mut Play, stand: &Stand) {
    let wrong = json!({"outputFormat": "Csv", "filter": "colour eq 'red'"});
    play.refused("create_export", body(wrong)).await;
    let order = json!({"outputFormat": "JsonGZip", "queryScope": "MemberOfiTwin",
        "subClass": "Asset", "select": "id,displayName", "includeInactive": true});
    let made = play.succeeds("create_export", body(order)).await;
    let id = text(made.as_ref(), "/export/id");
    play.succeeds("get_export", one("id", &id)).await;
    stand.emulator.clock().advance(Duration::from_secs(60));
    play.succeeds("get_export", one("id", &id)).await;
    play.refused("get_export", one("id", MISSING)).await;
    play.succeeds("list_exports", Values::new()).await;
    play.denied("list_exports", Values::new()).await;
}

async fn image(play: &mut Play, id: &str) -> anyhow::Result<()> {
    play.refused("get_image", below(id)).await;
    play.refused("upload_image", below(id).with("body", "no picture")).await;
    // A caller's body is text, which a picture is not.
    let upload = play.client.upload_image().itwin_id(id).body(Image::png(PICTURE));
    let outcome = upload.send().await.map_err(Into::into).and_then(Answer::new);
    play.succeeded("upload_image", outcome);
    play.succeeds("get_image", below(id)).await;
    play.succeeds("get_itwin", whole(one("id", id))).await;
    play.succeeds("delete_image", below(id)).await;
    play.refused("delete_image", below(id)).await;
    Ok(())
}

/// Gives the id of a repository that takes resources.
async fn repositories(play: &mut Play, id: &str) -> String {
    let map = json!({"class": "GeographicInformationSystem", "subClass": "WebMapService",
        "displayName": "Rivers", "uri": "https://maps.example/wms",
        "authentication": {"type": "Header", "key": "x-key", "value": "canary"},
        "options": {"queryParameters": {"layer": "rivers"}, "minimumLevel": 3}});
    let made = play.succeeds("create_repository", below(id).with("body", map.clone())).await;
    play.refused("create_repository", below(id).with("body", map)).await;
    play.refused(
        "create_repository",
        below(MISSING).with("body", json!({"class": "x", "uri": "x"})),
    )
    .await;
    let repository_id = text(made.as_ref(), "/repository/id");
    play.succeeds("list_repositories", below(id)).await;
    play.refused("list_repositories", below(id).with("class", "Nothing")).await;
    play.succeeds("get_repository", repository(id, &repository_id)).await;
    play.refused("get_repository", repository(id, MISSING)).await;
    let change = json!({"displayName": "Lakes", "authentication":
        {"type": "Basic", "username": "ada", "password": "canary"}});
    let changed = repository(id, &repository_id).with("body", change.clone());
    play.succeeds("update_repository", changed).await;
    play.refused("update_repository", repository(id, MISSING).with("body", change)).await;
    repository_id
}

async fn resources(play: &mut Play, id: &str, repository_id: &str) {
    let here = || repository(id, repository_id);
    let resource = |resource_id: &str| here().with("resourceId", resource_id);
    let new = json!({"id": "layer/1", "displayName": "Layer 1"});
    play.succeeds("create_resource", here().with("body", new.clone())).await;
    play.refused("create_resource", here().with("body", new)).await;
    play.succeeds("list_resources", here()).await;
    play.succeeds("list_resources", whole(here())).await;
    play.refused("list_resources", repository(id, MISSING)).await;
    play.succeeds("get_resource", resource("layer/1")).await;
    play.succeeds("get_resource", whole(resource("layer/1"))).await;
    play.refused("get_resource", resource("layer/2")).await;
    play.succeeds("get_resource_graphics", resource("layer/1")).await;
    let elsewhere = repository(MISSING, repository_id).with("resourceId", "layer/1");
    play.refused("get_resource_graphics", elsewhere).await;
    play.succeeds("delete_resource", resource("layer/1")).await;
    play.refused("delete_resource", resource("layer/1")).await;
}

async fn global(play: &mut Play) {
    let repository = |id: &str| one("repositoryId", id);
    let resource = |id: &str| repository("cesium").with("resourceId", id);
    play.succeeds("list_global_repositories", Values::new()).await;
    play.refused("list_global_repositories", one("class", "Nothing")).await;
    play.succeeds("get_global_repository", repository("cesium")).await;
    play.refused("get_global_repository", repository("nothing")).await;
    let listed = play.succeeds("list_global_resources", repository("cesium")).await;
    play.succeeds("list_global_resources", whole(repository("cesium"))).await;
    play.refused("list_global_resources", repository("nothing")).await;
    let id = text(listed.as_ref(), "/resources/0/id");
    play.succeeds("get_global_resource", resource(&id)).await;
    play.succeeds("get_global_resource", whole(resource(&id))).await;
    play.refused("get_global_resource", resource("nothing")).await;
    play.succeeds("get_global_resource_graphics", resource(&id)).await;
    play.denied("get_global_resource_graphics", resource(&id)).await;
}
