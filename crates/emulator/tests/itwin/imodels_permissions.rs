//! Permissions: those of the iTwin, and those of the iModel itself, which replace
//! them.

use serde_json::{Value, json};

use crate::{imodels_support::Scene, support::MISSING};

const INVALID: &str = "InvalidiModelsRequest";

#[tokio::test]
async fn members_may_do_what_their_roles_permit() {
    let scene = Scene::new().await;
    let path = scene.at("permissions");
    let all = json!([
        "imodels_webview",
        "imodels_read",
        "imodels_write",
        "imodels_manage",
        "imodels_delete",
    ]);
    assert_eq!(scene.stage.ada.get(&path).await.expect(200).json()["permissions"], all);
    let will = scene.writer("Will").await;
    let own = will.get(&path).await.expect(200).json();
    assert_eq!(own["permissions"], json!(["imodels_write"]));
    // Who may write may read, and no more.
    will.get(&scene.path).await.expect(200);
    will.patch(&scene.path, &json!({"name": "x"})).await.refused(403, "InsufficientPermissions");
    will.delete(&scene.path).await.refused(403, "InsufficientPermissions");
    let body = json!({"iTwinId": scene.itwin, "name": "x"});
    will.post("/imodels", &body).await.refused(403, "InsufficientPermissions");
    let eve = scene.stage.member(&scene.itwin, "Eve", &["imodels_delete"]).await;
    eve.get(&scene.path).await.refused(403, "InsufficientPermissions");
    let bob = scene.stage.person("Bob").await;
    bob.get(&path).await.refused(404, "iModelNotFound");
}

#[tokio::test]
async fn grants_to_roles_replace_those_of_the_itwin() {
    let scene = Scene::new().await;
    let (ada, will, vera) =
        (&scene.stage.ada, scene.writer("Will").await, scene.viewer("Vera").await);
    let roles = ada.get(&format!("/accesscontrol/itwins/{}/roles", scene.itwin)).await.json();
    let role = roles["roles"].as_array().unwrap().iter().find(|role| role["displayName"] == "Vera");
    let role = role.unwrap()["id"].clone();
    let path = scene.at("rolepermissions");
    let body = json!({"roleId": role, "permissions": ["imodels_manage"]});
    will.patch(&path, &body).await.refused(403, "InsufficientPermissions");
    let granted = ada.patch(&path, &body).await.expect(200).json();
    assert_eq!(granted, json!({"rolePermissions": [body]}));
    assert_eq!(vera.get(&path).await.expect(200).json(), granted);
    vera.patch(&scene.path, &json!({"description": "by Vera"})).await.expect(200);
    will.get(&scene.path).await.refused(403, "InsufficientPermissions");
    let list = format!("/imodels?iTwinId={}", scene.itwin);
    assert_eq!(will.get(&list).await.expect(200).json()["iModels"], json!([]));
    ada.get(&scene.path).await.expect(200);
    // One kind at a time.
    let other = json!({"userId": will.id, "permissions": ["imodels_read"]});
    let answer = ada.patch(&scene.at("userpermissions"), &other).await;
    answer.refused_for(INVALID, "MutuallyExclusivePropertiesProvided", "userPermissions");
    let gone = json!({"roleId": role, "permissions": []});
    assert_eq!(ada.patch(&path, &gone).await.expect(200).json(), json!({"rolePermissions": []}));
    will.get(&scene.path).await.expect(200);
}

#[tokio::test]
async fn grants_to_users_replace_those_of_the_itwin() {
    let scene = Scene::new().await;
    let (ada, will, vera) =
        (&scene.stage.ada, scene.writer("Will").await, scene.viewer("Vera").await);
    let path = scene.at("userpermissions");
    let body = json!({"userId": vera.id, "permissions": ["imodels_webview", "imodels_read"]});
    let granted = ada.patch(&path, &body).await.expect(200).json();
    assert_eq!(granted, json!({"userPermissions": [body]}));
    let own = vera.get(&scene.at("permissions")).await.expect(200).json();
    assert_eq!(own["permissions"], body["permissions"]);
    will.get(&scene.path).await.refused(403, "InsufficientPermissions");
    assert_eq!(ada.get(&path).await.expect(200).json(), granted);
}

#[tokio::test]
async fn grants_are_looked_over() {
    let scene = Scene::new().await;
    let ada = &scene.stage.ada;
    let patch = async |rest: &str, body: Value| ada.patch(&scene.at(rest), &body).await;
    let some = json!(["imodels_read"]);
    patch("rolepermissions", json!({"roleId": MISSING, "permissions": some})).await.refused_for(
        INVALID,
        "InvalidValue",
        "roleId",
    );
    patch("userpermissions", json!({"userId": MISSING, "permissions": some})).await.refused_for(
        INVALID,
        "InvalidValue",
        "userId",
    );
    patch("rolepermissions", json!({"permissions": some})).await.refused_for(
        INVALID,
        "MissingRequiredProperty",
        "roleId",
    );
    patch("userpermissions", json!({"userId": ada.id})).await.refused_for(
        INVALID,
        "MissingRequiredProperty",
        "permissions",
    );
    patch("userpermissions", json!({"userId": ada.id, "permissions": ["itwins_modify"]}))
        .await
        .refused_for(INVALID, "InvalidValue", "permissions");
}
