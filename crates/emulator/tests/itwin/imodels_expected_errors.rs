//! The refusals that the tests of the vendor's own client expect of iModels. They
//! state codes and members, no statuses; those are the ones of our specification.

use serde_json::{Value, json};

use crate::{
    imodels_support::{Scene, changeset_id},
    support::MISSING,
};

#[tokio::test]
async fn every_refusal_is_the_expected_one() {
    let scene = Scene::new().await;
    let ada = &scene.stage.ada;
    let (own, other) = (ada.new_briefcase(&scene.path).await, ada.new_briefcase(&scene.path).await);
    let locks = |briefcase: u32, changeset: Option<String>, level: &str, object: &str| {
        json!({
            "briefcaseId": briefcase, "changesetId": changeset,
            "lockedObjects": [{"lockLevel": level, "objectIds": [object]}],
        })
    };
    let at_locks = scene.at("locks");
    ada.patch(&at_locks, &locks(other, None, "shared", "0x5")).await.expect(200);
    ada.patch(&at_locks, &locks(other, None, "exclusive", "0x6")).await.expect(200);
    ada.push(&scene.path, other, 1).await;
    let released = locks(other, Some(changeset_id(1)), "none", "0x6");
    ada.patch(&at_locks, &released).await.expect(200);
    let held = json!([{"objectId": "0x5", "lockLevel": "shared", "briefcaseIds": [other]}]);
    let unknown = Some("a".repeat(40));
    let cases: [(&str, String, Value, u16, &str, Value); 11] = [
        (
            "PATCH",
            at_locks.clone(),
            locks(own, None, "none", "0x1"),
            404,
            "LockNotFound",
            json!({}),
        ),
        (
            "PATCH",
            "/imodels/invalid%20iModel%20id/locks".to_owned(),
            locks(0, None, "shared", "0x2"),
            404,
            "iModelNotFound",
            json!({}),
        ),
        (
            "PATCH",
            at_locks.clone(),
            locks(0, None, "shared", "0x3"),
            404,
            "BriefcaseNotFound",
            json!({}),
        ),
        (
            "PATCH",
            at_locks.clone(),
            locks(own, unknown, "shared", "0x4"),
            404,
            "ChangesetNotFound",
            json!({}),
        ),
        (
            "PATCH",
            at_locks.clone(),
            locks(own, None, "exclusive", "0x5"),
            409,
            "ConflictWithAnotherUser",
            json!({"conflictingLocks": held}),
        ),
        (
            "PATCH",
            at_locks.clone(),
            locks(own, None, "exclusive", "0x6"),
            409,
            "NewerChangesExist",
            json!({"objectIds": ["0x6"]}),
        ),
        (
            "GET",
            format!("/imodels/{MISSING}/changesets/1/checkpoint"),
            Value::Null,
            404,
            "iModelNotFound",
            json!({}),
        ),
        (
            "GET",
            scene.at(&format!("changesets/{}/checkpoint", "a".repeat(40))),
            Value::Null,
            404,
            "ChangesetNotFound",
            json!({}),
        ),
        (
            "GET",
            scene.at(&format!("namedversions/{MISSING}/checkpoint")),
            Value::Null,
            404,
            "NamedVersionNotFound",
            json!({}),
        ),
        (
            "GET",
            scene.at("changesets/1/extendeddata"),
            Value::Null,
            404,
            "ChangesetExtendedDataNotFound",
            json!({}),
        ),
        (
            "GET",
            scene.at(&format!("changesetgroups/{MISSING}")),
            Value::Null,
            404,
            "ChangesetGroupNotFound",
            json!({}),
        ),
    ];
    for (method, path, body, status, code, members) in cases {
        let body = (!body.is_null()).then(|| body.to_string().into_bytes());
        let error = ada.send(method, &path, &[], body).await;
        let told = error.json()["error"].clone();
        error.refused(status, code);
        for (name, value) in members.as_object().unwrap() {
            assert_eq!(told[name], *value, "{path}");
        }
    }
    let body = json!({"iTwinId": scene.itwin, "name": "Other", "description": "d".repeat(256)});
    let answer = ada.post("/imodels", &body).await;
    answer.refused_for("InvalidiModelsRequest", "InvalidValue", "description");
    ada.as_whom("Bearer invalid").post("/imodels", &body).await.refused(401, "Unauthorized");
}
