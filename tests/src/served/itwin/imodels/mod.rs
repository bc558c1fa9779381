//! iModels and what is in them.

mod briefcases;
mod changesets;
mod copies;
mod people;
mod versions;

use std::time::Duration;

use serde_json::{Value, json};
use twinkit_itwin::Image;
use twinkit_itwin::imodels::Client;

use super::{MISSING, Stand, one, put, text, whole};
use crate::coverage::itwin::IModels;
use crate::generated::{Answer, Values};
use crate::served;

type Play = served::Play<Client, IModels>;

/// What an iModel begins with. Nobody looks into it.
const BASELINE: &str = "a baseline";

pub(super) async fn play(play: &mut Play, stand: &Stand) -> anyhow::Result<()> {
    let itwin_id = stand.itwin("North Bridge").await?;
    let id = made(play, stand, &itwin_id).await?;
    lists(play, &itwin_id, &id).await;
    marks(play, &itwin_id, &id).await;
    thumbnail(play, &id).await;
    let number = briefcases::play(play, &id).await;
    let changeset_id = changesets::play(play, &id, number).await?;
    briefcases::locks(play, &id, number, &changeset_id).await;
    versions::play(play, stand, &id, &changeset_id).await;
    people::play(play, stand, &itwin_id, &id).await?;
    copies::play(play, stand, &itwin_id, &id).await;
    let briefcase = one("id", &id).with("briefcaseId", number.to_string());
    play.succeeds("release_briefcase", briefcase.clone()).await;
    play.refused("release_briefcase", briefcase).await;
    play.succeeds("delete_imodel", one("id", &id)).await;
    play.refused("delete_imodel", one("id", &id)).await;
    Ok(())
}

/// Values for an iModel and a body.
fn with_body(id: &str, body: Value) -> Values {
    one("id", id).with("body", body)
}

/// Moves the time on until what was begun is done.
fn settle(stand: &Stand) {
    stand.emulator.clock().advance(Duration::from_secs(300));
}

/// Makes iModels in two ways; gives the id of one that has a baseline.
async fn made(play: &mut Play, stand: &Stand, itwin_id: &str) -> anyhow::Result<String> {
    let body = |body: Value| Values::new().with("body", body);
    let corner =
        |latitude: f64, longitude: f64| json!({"latitude": latitude, "longitude": longitude});
    let empty = json!({"iTwinId": itwin_id, "name": "Empty", "description": "Nothing.",
        "extent": {"southWest": corner(40.0, -75.7), "northEast": corner(40.1, -75.6)},
        "containersEnabled": 1, "creationMode": "empty",
        "geographicCoordinateSystem": {"horizontalCRSId": "EPSG:4326"}});
    play.succeeds("create_imodel", body(empty.clone())).await;
    play.refused("create_imodel", body(empty)).await;
    play.refused("create_imodel", body(json!({"iTwinId": MISSING, "name": "x"}))).await;

    let file = json!({"iTwinId": itwin_id, "name": "Bridge", "creationMode": "fromBaseline",
        "baselineFile": {"size": BASELINE.len()}});
    let awaited = play.succeeds("create_imodel", body(file)).await;
    let id = text(awaited.as_ref(), "/iModel/id");
    play.succeeds("get_create_operation", one("id", &id)).await;
    play.refused("get_create_operation", one("id", MISSING)).await;
    play.succeeds("get_baseline_file", one("id", &id)).await;
    play.refused("complete_baseline_upload", one("id", &id)).await;
    put(&text(awaited.as_ref(), "/iModel/_links/upload/href"), BASELINE).await?;
    play.succeeds("complete_baseline_upload", one("id", &id)).await;
    settle(stand);
    play.succeeds("get_create_operation", one("id", &id)).await;
    play.succeeds("get_baseline_file", one("id", &id)).await;
    play.refused("get_baseline_file", one("id", MISSING)).await;
    Ok(id)
}

async fn lists(play: &mut Play, itwin_id: &str, id: &str) {
    let of_itwin = || one("iTwinId", itwin_id);
    play.succeeds("list_imodels", of_itwin()).await;
    play.succeeds("list_imodels", whole(of_itwin().with("$top", 1))).await;
    play.refused("list_imodels", one("iTwinId", MISSING)).await;
    play.refused("list_imodels", of_itwin().with("$orderBy", "colour asc")).await;
    play.succeeds("get_imodel", one("id", id)).await;
    play.refused("get_imodel", one("id", MISSING)).await;
    let change = json!({"description": "Over the river."});
    play.succeeds("update_imodel", with_body(id, change.clone())).await;
    play.refused("update_imodel", with_body(MISSING, change)).await;
    play.refused("update_imodel", with_body(id, json!({"name": "Empty"}))).await;
}

async fn marks(play: &mut Play, itwin_id: &str, id: &str) {
    for (add, list, remove) in [
        ("add_favorite_imodel", "list_favorite_imodels", "remove_favorite_imodel"),
        ("add_recent_imodel", "list_recent_imodels", "remove_recent_imodel"),
    ] {
        play.succeeds(add, one("id", id)).await;
        play.refused(add, one("id", MISSING)).await;
        play.succeeds(list, one("iTwinId", itwin_id)).await;
        play.succeeds(list, whole(one("iTwinId", itwin_id))).await;
        play.refused(list, one("iTwinId", itwin_id).with("$top", 0)).await;
        play.succeeds(remove, one("id", id)).await;
        play.refused(remove, one("id", MISSING)).await;
    }
}

async fn thumbnail(play: &mut Play, id: &str) {
    play.refused("get_thumbnail", one("id", id)).await;
    play.refused("upload_thumbnail", with_body(id, json!("no picture"))).await;
    // A caller's body is text, which a picture is not.
    let upload = play.client.upload_thumbnail().id(id).body(Image::png(super::PICTURE));
    let outcome = upload.send().await.map_err(Into::into).and_then(Answer::new);
    play.succeeded("upload_thumbnail", outcome);
    play.succeeds("get_thumbnail", one("id", id).with("size", "large")).await;
}
