//! Users: who the caller is, and who else is in the organization.

use serde_json::{Value, json};
use twinkit_emulator::ims::{ORGANIZATION_NAME, SERVICE_CLIENT_ID, USER_EMAIL, USER_ID};

use crate::support::{MISSING, Stage, each};

const INVALID: &str = "InvalidUsersRequest";

#[tokio::test]
async fn me_is_a_person_or_an_application() {
    let stage = Stage::new().await;
    let me = stage.ada.get("/users/me").await.expect(200).json();
    assert_eq!(me["user"]["id"], USER_ID);
    assert_eq!(
        (&me["user"]["givenName"], &me["user"]["surname"]),
        (&json!("Ada"), &json!("Owner"))
    );
    assert_eq!(me["user"]["organizationName"], ORGANIZATION_NAME);
    assert!(me["user"]["createdDateTime"].as_str().unwrap().ends_with('Z'));
    let me = stage.service.get("/users/me").await.expect(200).json();
    let email = format!("{SERVICE_CLIENT_ID}@apps.imsoidc.bentley.com");
    assert_eq!((&me["user"]["email"], &me["user"]["displayName"]), (&json!(email), &json!(email)));
    let again = Stage::new().await;
    assert_eq!(stage.service.id, again.service.id, "the same in every emulator");
}

#[tokio::test]
async fn only_the_own_organization_is_known() {
    let stage = Stage::new().await;
    let bob = stage.person("Bob Builder").await;
    let user = stage.ada.get(&format!("/users/{}", bob.id)).await.expect(200).json();
    assert_eq!(user["user"]["email"], bob.email);
    assert_eq!(user["user"].as_object().unwrap().len(), 5);
    for id in [stage.service.id.as_str(), MISSING, "x"] {
        stage.ada.get(&format!("/users/{id}")).await.refused(404, "UserNotFound");
    }
    stage.service.get(&format!("/users/{USER_ID}")).await.refused(404, "UserNotFound");

    for (text, found) in [
        ("OWNER", vec![USER_EMAIL]),
        ("bob%20b", vec![bob.email.as_str()]),
        ("twinkit.example", vec![USER_EMAIL, bob.email.as_str()]),
        ("apps.imsoidc", vec![]),
    ] {
        let users = stage.ada.get(&format!("/users?$SEARCH={text}")).await.expect(200).json();
        assert_eq!(each(&users["users"], "email"), found, "{text}");
    }
    let search = "$search";
    stage.ada.get("/users/").await.refused_for(INVALID, "MissingRequiredParameter", search);
    stage.ada.get("/users?$search=ab").await.refused_for(INVALID, "InvalidValue", search);
    let long = format!("/users?$search={}", "x".repeat(201));
    stage.ada.get(&long).await.refused_for(INVALID, "InvalidValue", search);
}

#[tokio::test]
async fn users_are_found_by_their_ids() {
    let stage = Stage::new().await;
    let ids = json!([USER_ID.to_uppercase(), MISSING, stage.service.id]);
    let users = stage.ada.post("/users/getbyidlist", &ids).await.expect(200).json();
    assert_eq!(each(&users["users"], "id"), [USER_ID]);
    let none = stage.ada.post("/users/getByIdList", &json!([MISSING])).await.expect(200).json();
    assert_eq!(none["users"], json!([]));
    let bad = stage.ada.post("/users/getbyidlist", &json!([USER_ID, "x"])).await;
    bad.refused_for(INVALID, "InvalidValue", "[1]");
    let many: Vec<Value> = (0..1001).map(|_| MISSING.into()).collect();
    let many = stage.ada.post("/users/getbyidlist", &many.into()).await;
    many.refused_for(INVALID, "InvalidRequestBody", "");
    let object = stage.ada.post("/users/getbyidlist", &json!({"ids": []})).await;
    object.refused_for(INVALID, "InvalidRequestBody", "");
}

#[tokio::test]
async fn groups_of_the_identity_service_are_found_by_name() {
    let stage = Stage::new().await;
    stage.emulator.itwin().set_ims_group("Bridge Engineers", &[USER_EMAIL.to_owned()]);
    let groups = stage.ada.get("/users/groups?$search=engin").await.expect(200).json();
    assert_eq!(each(&groups["groups"], "name"), ["Bridge Engineers"]);
    let groups = stage.service.get("/users/groups?$search=engin").await.expect(200).json();
    assert_eq!(groups["groups"], json!([]));
    let short = stage.ada.get("/users/groups?$search=en").await;
    short.refused_for(INVALID, "InvalidValue", "$search");
}
