//! Making, reading, changing and deleting iTwins.

use serde_json::{Value, json};
use twinkit_emulator::{
    Emulator,
    ims::{ORGANIZATION_ID, USER_ID},
    itwin::Config,
};

use crate::support::{MISSING, Stage};

const INVALID: &str = "InvalidiTwinsRequest";

#[tokio::test]
async fn a_new_itwin_is_given_back_in_full_and_read_in_short() {
    let stage = Stage::new().await;
    let body = json!({
        "class": "Endeavor", "subClass": "Project", "displayName": "White River",
        "number": "001", "type": "Construction", "geographicLocation": "Exton, PA",
        "ianaTimeZone": "America/New_York", "dataCenterLocation": "UK South",
        "latitude": 40.5, "longitude": -75, "status": "Trial",
    });
    let made = stage.ada.post("/itwins", &body).await.expect(201).json();
    let itwin = &made["iTwin"];
    for (name, value) in body.as_object().unwrap() {
        match value.as_f64() {
            Some(number) => assert_eq!(itwin[name].as_f64(), Some(number), "{name}"),
            None => assert_eq!(itwin[name], *value, "{name}"),
        }
    }
    assert_eq!(
        (&itwin["createdBy"], &itwin["iTwinAccountId"]),
        (&json!(USER_ID), &json!(ORGANIZATION_ID))
    );
    assert_eq!((&itwin["parentId"], &itwin["image"]), (&Value::Null, &Value::Null));
    let path = format!("/itwins/{}", itwin["id"].as_str().unwrap());
    let short = stage.ada.get(&path).await.expect(200).json();
    let names: Vec<&String> = short["iTwin"].as_object().unwrap().keys().collect();
    let expected = ["id", "class", "subClass", "type", "number", "displayName", "iTwinAccountId"];
    assert_eq!(names, expected);
    assert_eq!(stage.ada.get_all_of(&path).await.expect(200).json(), made);
}

#[tokio::test]
async fn all_that_is_wrong_with_a_new_one_is_told() {
    let stage = Stage::new().await;
    let body = json!({"subClass": "Road", "displayName": "", "latitude": 91, "parentId": "x"});
    let details = stage.ada.post("/itwins", &body).await.refused(422, INVALID);
    let invalid = |target: &str| ("InvalidValue".to_owned(), target.to_owned());
    assert_eq!(
        details,
        [
            ("MissingRequiredProperty".to_owned(), "class".to_owned()),
            invalid("subClass"),
            invalid("displayName"),
            invalid("parentId"),
            invalid("latitude"),
        ]
    );
    for (class, sub_class, target) in
        [("Thing", "Project", "subClass"), ("Account", "Account", "class")]
    {
        let body = json!({"class": class, "subClass": sub_class, "displayName": "A"});
        stage.ada.post("/itwins", &body).await.refused_for(INVALID, "InvalidValue", target);
    }
    let body =
        json!({"class": "Thing", "subClass": "Asset", "displayName": "A", "parentId": MISSING});
    stage.ada.post("/itwins", &body).await.refused_for(INVALID, "InvalidValue", "parentId");
}

#[tokio::test]
async fn numbers_and_names_are_unique_in_a_sub_class() {
    let stage = Stage::new().await;
    let body = |sub_class: &str, name: &str, number: &str| json!({"class": "Thing", "subClass": sub_class, "displayName": name, "number": number});
    stage.ada.post("/itwins", &body("Asset", "A", "1")).await.expect(201);
    for (name, number, target) in [("B", "1", "number"), ("A", "2", "displayName")] {
        let details = stage
            .ada
            .post("/itwins", &body("Asset", name, number))
            .await
            .refused(409, "iTwinExists");
        assert_eq!(details, [("InvalidValue".to_owned(), target.to_owned())]);
    }
    stage.ada.post("/itwins", &body("Portfolio", "A", "1")).await.expect(201);
    stage.service.post("/itwins", &body("Asset", "A", "1")).await.expect(201);
    let other = stage.ada.post("/itwins", &body("Asset", "B", "2")).await.expect(201).json();
    let path = format!("/itwins/{}", other["iTwin"]["id"].as_str().unwrap());
    stage.ada.patch(&path, &json!({"number": "1"})).await.refused(409, "iTwinExists");
}

#[tokio::test]
async fn a_change_leaves_the_rest_and_null_takes_away() {
    let stage = Stage::new().await;
    let body = json!({
        "class": "Thing", "subClass": "Asset", "displayName": "A", "number": "1", "type": "T",
    });
    let made = stage.ada.post("/itwins", &body).await.expect(201).json();
    assert_eq!(made["iTwin"]["lastModifiedDateTime"], Value::Null);
    let path = format!("/itwins/{}", made["iTwin"]["id"].as_str().unwrap());
    let change = json!({"displayName": "B", "type": null, "status": "Inactive", "latitude": 1});
    let changed = stage.ada.patch(&path, &change).await.expect(200).json();
    let itwin = &changed["iTwin"];
    assert_eq!((&itwin["displayName"], &itwin["type"]), (&json!("B"), &Value::Null));
    assert_eq!((&itwin["number"], &itwin["status"]), (&json!("1"), &json!("Inactive")));
    assert_eq!(itwin["lastModifiedBy"], USER_ID);
    for (change, target) in [
        (json!({"displayName": ""}), "displayName"),
        (json!({"subClass": "Project"}), "subClass"),
        (json!({"dataCenterLocation": "Mars"}), "dataCenterLocation"),
        (json!({"parentId": made["iTwin"]["id"]}), "parentId"),
    ] {
        stage.ada.patch(&path, &change).await.refused_for(INVALID, "InvalidValue", target);
    }
    let missing = stage.ada.patch(&path, &json!({"displayName": null})).await;
    missing.refused_for(INVALID, "MissingRequiredProperty", "displayName");
    assert_eq!(stage.ada.get_all_of(&path).await.json(), changed, "refused changes change nothing");
}

#[tokio::test]
async fn accounts_are_itwins_of_their_own_class() {
    let stage = Stage::new().await;
    let id = stage.ada.new_itwin("A").await;
    let account = stage.ada.get("/itwins/myprimaryaccount").await.expect(200).json();
    assert_eq!(account["iTwin"]["id"], ORGANIZATION_ID);
    assert_eq!(account["iTwin"]["class"], "Account");
    let of_itwin = stage.ada.get(&format!("/itwins/{id}/account")).await.expect(200).json();
    assert_eq!(of_itwin, account);
    let own = stage.service.get("/itwins/myprimaryaccount").await.expect(200).json();
    assert_ne!(own["iTwin"]["id"], ORGANIZATION_ID, "a service has an account of its own");
    let path = format!("/itwins/{ORGANIZATION_ID}");
    stage.ada.delete(&path).await.refused(403, "InsufficientPermissions");
    stage.ada.get(&path).await.expect(200);
}

#[tokio::test]
async fn administrators_delete_and_children_lose_their_parent() {
    let stage = Stage::new().await;
    let id = stage.ada.new_itwin("A").await;
    let body = json!({"class": "Thing", "subClass": "Asset", "displayName": "B", "parentId": id});
    let child = stage.ada.post("/itwins", &body).await.expect(201).json();
    assert_eq!(child["iTwin"]["parentId"], id);
    stage.ada.delete(&format!("/itwins/{id}")).await.expect(204);
    stage.ada.get(&format!("/itwins/{id}")).await.refused(404, "iTwinNotFound");
    stage.ada.delete(&format!("/itwins/{id}")).await.refused(404, "iTwinNotFound");
    let path = format!("/itwins/{}", child["iTwin"]["id"].as_str().unwrap());
    let child = stage.ada.get_all_of(&path).await.expect(200).json();
    assert_eq!(child["iTwin"]["parentId"], Value::Null);
    // An owner who administrates nothing cannot clean up.
    let bob = stage.person("Bob").await;
    let own = bob.new_itwin("Bob's").await;
    bob.delete(&format!("/itwins/{own}")).await.refused(403, "InsufficientPermissions");
    stage.ada.delete(&format!("/itwins/{own}")).await.expect(204);
}

#[tokio::test]
async fn who_may_make_itwins_can_be_narrowed_down() {
    let config =
        Config { everybody_creates: false, services_administrate: false, ..Config::default() };
    let stage = Stage::with(Emulator::builder().itwin(config)).await;
    let body = json!({"class": "Thing", "subClass": "Asset", "displayName": "A"});
    stage.service.post("/itwins", &body).await.refused(403, "InsufficientPermissions");
    let bob = stage.person("Bob").await;
    bob.post("/itwins", &body).await.refused(403, "InsufficientPermissions");
    let parent = stage.ada.new_itwin("Parent").await;
    let role = stage.ada.new_role(&parent, "Makers", &["itwins_create"]).await;
    stage.ada.add_member(&parent, &bob.email, &role).await;
    let body =
        json!({"class": "Thing", "subClass": "Asset", "displayName": "A", "parentId": parent});
    let made = bob.post("/itwins", &body).await.expect(201).json();
    assert_eq!(made["iTwin"]["iTwinAccountId"], ORGANIZATION_ID);
}
