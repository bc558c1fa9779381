//! Reality data one by one.

use std::time::Duration;

use serde_json::{Value, json};

use super::{INVALID, LIST, made, new_data};
use crate::support::{MISSING, Stage};

#[tokio::test]
async fn data_are_made_read_changed_and_deleted() {
    let stage = Stage::new().await;
    let body = json!({
        "class": "Thing", "subClass": "Asset", "displayName": "North",
        "dataCenterLocation": "North Europe",
    });
    let itwin = stage.ada.post("/itwins", &body).await.expect(201).json();
    let itwin = itwin["iTwin"]["id"].as_str().unwrap();
    let given = json!({
        "iTwinId": itwin, "dataset": "Scans", "group": "2024", "description": "From the air",
        "rootDocument": "tiles/tileset.json", "classification": "Model", "tags": ["air", "spring"],
        "acquisition": {"startDateTime": "2024-05-01T08:00:00Z", "acquirer": "Ada"},
        "extent": {
            "southWest": {"latitude": 60.1, "longitude": 24.9},
            "northEast": {"latitude": 60.2, "longitude": 25.0},
        },
        "authoring": true, "attribution": "Ada", "termsOfUse": "None",
        "crs": {"id": "EPSG:4326", "verticalId": "EPSG:5773"},
    });
    let data = made(&stage.ada, &given).await;
    for (name, value) in given.as_object().unwrap() {
        if name != "iTwinId" {
            assert_eq!(data[name], *value, "{name}");
        }
    }
    assert_eq!(data.get("iTwinId"), None);
    assert_eq!((&data["dataCenterLocation"], &data["size"]), (&json!("North Europe"), &json!(0)));
    assert_eq!((&data["ownerId"], &data["authoring"]), (&json!(stage.ada.id), &json!(true)));
    assert_eq!(data["modifiedDateTime"], data["createdDateTime"]);
    let path = format!("{LIST}/{}", data["id"].as_str().unwrap());
    for query in [String::new(), format!("?iTwinId={itwin}")] {
        let read = stage.ada.get(&format!("{path}{query}")).await.expect(200).json();
        assert_eq!(read["realityData"], data);
    }

    stage.emulator.clock().advance(Duration::from_secs(60));
    let change = json!({
        "iTwinId": itwin, "authoring": false, "displayName": "Old bridge", "crs": null,
        "tags": [],
    });
    let changed = stage.ada.patch(&path, &change).await.expect(200).json()["realityData"].clone();
    assert_eq!(
        (&changed["displayName"], &changed["authoring"]),
        (&json!("Old bridge"), &json!(false))
    );
    assert_eq!((changed.get("crs"), &changed["tags"]), (None, &json!([])));
    assert_eq!(changed["dataset"], "Scans");
    assert_ne!(changed["modifiedDateTime"], data["modifiedDateTime"]);

    stage.ada.delete(&path).await.expect(204);
    stage.ada.get(&path).await.refused(404, "RealityDataNotFound");
    stage.ada.delete(&path).await.refused(404, "RealityDataNotFound");
}

#[tokio::test]
async fn what_is_wrong_with_a_body_is_told() {
    let stage = Stage::new().await;
    let answer = stage.ada.post(LIST, &json!({})).await.refused(422, INVALID);
    let missing = |name: &str| ("MissingRequiredProperty".to_owned(), name.to_owned());
    assert_eq!(answer, [missing("displayName"), missing("type")]);
    for (member, value, target) in [
        ("displayName", json!(""), "displayName"),
        ("classification", json!("Cloud"), "classification"),
        ("tags", json!([1]), "tags"),
        ("iTwinId", json!("x"), "iTwinId"),
        ("iTwinId", json!(MISSING), "iTwinId"),
        ("ownerId", json!(MISSING), "ownerId"),
        ("authoring", json!("yes"), "authoring"),
        ("acquisition", json!({"endDateTime": "May"}), "acquisition.endDateTime"),
        (
            "extent",
            json!({"southWest": {"latitude": 1, "longitude": 2}, "northEast": {"latitude": 91, "longitude": 3}}),
            "extent.northEast.latitude",
        ),
        (
            "extent",
            json!({"southWest": {"latitude": 1}, "northEast": {"latitude": 2, "longitude": 3}}),
            "extent.southWest.longitude",
        ),
    ] {
        let mut body = json!({"displayName": "A", "type": "Other"});
        body[member] = value;
        stage.ada.post(LIST, &body).await.refused_for(INVALID, "InvalidValue", target);
    }
    let crs = json!({"displayName": "A", "type": "Other", "crs": {}});
    stage.ada.post(LIST, &crs).await.refused_for(INVALID, "MissingRequiredProperty", "crs.id");
    let extent = json!({"displayName": "A", "type": "Other", "extent": {"southWest": {"latitude": 1, "longitude": 2}}});
    let answer = stage.ada.post(LIST, &extent).await;
    answer.refused_for(INVALID, "MissingRequiredProperty", "extent.northEast");
}

#[tokio::test]
async fn an_empty_itwin_is_none() {
    let stage = Stage::new().await;
    let data = made(&stage.ada, &json!({"displayName": "A", "type": "Other", "iTwinId": ""})).await;
    let path = format!("{LIST}/{}", data["id"].as_str().unwrap());
    let change = json!({"displayName": "B", "iTwinId": ""});
    let changed = stage.ada.patch(&path, &change).await.expect(200).json();
    assert_eq!(changed["realityData"]["displayName"], "B");
    let itwins = stage.ada.get(&format!("{path}/itwins")).await.expect(200).json();
    assert_eq!(itwins["iTwins"], json!([]));
    stage.person("Eve").await.get(&path).await.refused(404, "RealityDataNotFound");
}

#[tokio::test]
async fn an_itwin_says_by_which_permissions_a_call_is_judged() {
    let stage = Stage::new().await;
    let itwin = stage.ada.new_itwin("A").await;
    let path = new_data(&stage.ada, &itwin).await;
    let by = |itwin: &str| format!("{path}?iTwinId={itwin}");
    let user = stage.member(&itwin, "Use", &["realitydata_use"]).await;
    user.get(&path).await.refused(403, "InsufficientPermissions");
    user.get(&by(&itwin.to_uppercase())).await.expect(200);
    let change = json!({"iTwinId": itwin, "description": "B"});
    user.patch(&path, &change).await.refused(403, "InsufficientPermissions");
    user.delete(&path).await.refused(403, "InsufficientPermissions");
    user.post(LIST, &json!({"displayName": "A", "type": "Other", "iTwinId": itwin}))
        .await
        .refused(403, "InsufficientPermissions");
    let manager = stage.member(&itwin, "Man", &["realitydata_manage"]).await;
    manager.patch(&path, &change).await.expect(200);
    manager
        .patch(&path, &json!({"description": "C"}))
        .await
        .refused(403, "InsufficientPermissions");

    let other = stage.ada.new_itwin("B").await;
    stage.ada.get(&by(&other)).await.refused(404, "RealityDataNotFound");
    stage.ada.get(&by("x")).await.refused_for(INVALID, "InvalidValue", "iTwinId");
    let stranger = stage.person("Eve").await;
    for path in [path.clone(), by(&itwin)] {
        stranger.get(&path).await.refused(404, "RealityDataNotFound");
    }
    manager.delete(&path).await.expect(204);
}

#[tokio::test]
async fn data_without_an_itwin_are_their_owners() {
    let stage = Stage::new().await;
    let bob = stage.person("Bob").await;
    let data = made(&bob, &json!({})).await;
    assert_eq!(data["dataCenterLocation"], "East US");
    let path = format!("{LIST}/{}", data["id"].as_str().unwrap());
    bob.get(&path).await.expect(200);
    stage.ada.get(&path).await.refused(404, "RealityDataNotFound");
    // An owner may give them away.
    let gift = json!({"ownerId": stage.ada.id.to_uppercase()});
    let given = bob.patch(&path, &gift).await.expect(200).json();
    assert_eq!(given["realityData"]["ownerId"], *stage.ada.id);
    bob.get(&path).await.refused(404, "RealityDataNotFound");
    stage.ada.delete(&path).await.expect(204);
    let missing = format!("{LIST}/{MISSING}");
    stage.ada.get(&missing).await.refused(404, "RealityDataNotFound");
    stage.ada.patch(&missing, &json!({})).await.refused(404, "RealityDataNotFound");
    stage.ada.version(2).get(LIST).await.refused(404, "ResourceNotFound");
    let odd: Value = stage.ada.get("/reality-management/other").await.expect(404).json();
    assert_eq!(odd["error"]["code"], "ResourceNotFound");
}
