//! Reality data, where their files lie, and the iTwins that they belong to.

use serde_json::{Value, json};
use twinkit_itwin::reality_management::Client;

use super::{MISSING, Stand, one, text, whole};
use crate::coverage::itwin::RealityManagement;
use crate::generated::Values;
use crate::served;

type Play = served::Play<Client, RealityManagement>;

pub(super) async fn play(play: &mut Play, stand: &Stand) -> anyhow::Result<()> {
    let itwin_id = stand.itwin("North Bridge").await?;
    let other_id = stand.itwin("South Bridge").await?;
    let id = one_datum(play, &itwin_id).await;
    access(play, &itwin_id, &id).await;
    itwins(play, &id, &other_id).await;
    play.succeeds("move_reality_data", one("id", &id).with("body", json!({"iTwinId": other_id})))
        .await;
    play.refused(
        "move_reality_data",
        one("id", MISSING).with("body", json!({"iTwinId": itwin_id})),
    )
    .await;
    play.succeeds("delete_reality_data", one("id", &id)).await;
    play.refused("delete_reality_data", one("id", &id)).await;
    Ok(())
}

/// Gives the id of a reality datum.
async fn one_datum(play: &mut Play, itwin_id: &str) -> String {
    let body = |body: Value| Values::new().with("body", body);
    let corner =
        |latitude: f64, longitude: f64| json!({"latitude": latitude, "longitude": longitude});
    let scan = json!({"iTwinId": itwin_id, "displayName": "Scan", "type": "PNTS",
        "dataset": "Spring", "group": "Pillars", "description": "From below.",
        "rootDocument": "tiles/tileset.json", "classification": "Model", "tags": ["wet"],
        "acquisition": {"startDateTime": "2024-05-01T08:00:00Z",
            "endDateTime": "2024-05-01T09:00:00Z", "acquirer": "Ada"},
        "extent": {"southWest": corner(40.0, -75.7), "northEast": corner(40.1, -75.6)},
        "authoring": false, "attribution": "Ada", "termsOfUse": "None.",
        "crs": {"id": "EPSG:4326"}});
    let made = play.succeeds("create_reality_data", body(scan)).await;
    let nameless = json!({"iTwinId": itwin_id, "displayName": "", "type": "PNTS"});
    play.refused("create_reality_data", body(nameless)).await;
    let id = text(made.as_ref(), "/realityData/id");
    let of_itwin = || one("iTwinId", itwin_id);
    play.succeeds("list_reality_data", of_itwin()).await;
    play.succeeds("list_reality_data", whole(of_itwin())).await;
    play.refused("list_reality_data", of_itwin().with("extent", "everywhere")).await;
    play.succeeds("get_reality_data", of_itwin().with("id", id.as_str())).await;
    play.refused("get_reality_data", of_itwin().with("id", MISSING)).await;
    let change = json!({"description": "From above."});
    play.succeeds("update_reality_data", one("id", &id).with("body", change.clone())).await;
    play.refused("update_reality_data", one("id", MISSING).with("body", change)).await;
    id
}

async fn access(play: &mut Play, itwin_id: &str, id: &str) {
    for operation in ["get_read_access", "get_write_access"] {
        play.succeeds(operation, one("id", id).with("iTwinId", itwin_id)).await;
        play.refused(operation, one("id", MISSING).with("iTwinId", itwin_id)).await;
    }
}

async fn itwins(play: &mut Play, id: &str, other_id: &str) {
    let both = |itwin_id: &str| one("id", id).with("iTwinId", itwin_id);
    play.succeeds("associate_itwin", both(other_id)).await;
    play.refused("associate_itwin", both(MISSING)).await;
    play.succeeds("list_associated_itwins", one("id", id)).await;
    play.refused("list_associated_itwins", one("id", MISSING)).await;
    play.succeeds("dissociate_itwin", both(other_id)).await;
    play.refused("dissociate_itwin", both(other_id)).await;
}
