//! Users: who is one, what the roles let them do.

use serde_json::json;
use twinkit_emulator::{
    identity::{GUEST_NAME, GUEST_OBJECT_ID, OBJECT_ID},
    iot_central::{ADA_USER_ID, OWNER_USER_ID},
};

use crate::support::{
    ADMINISTRATOR, BUILDER, OPERATOR, ORG_ADMINISTRATOR, ORG_VIEWER, Stage, service_principal,
};

#[tokio::test]
async fn a_service_principal_becomes_a_user_by_tenant_and_object_id() {
    let stage = Stage::new().await;
    let (caller, object_id) = stage.stranger().await;
    let roles = json!([{"role": ADMINISTRATOR}]);
    let body = service_principal(stage.emulator.tenant_id(), &object_id, roles);
    let made = stage.owner.put("/users/robot", &body).await.expect(200).json();
    let mut whole = body.clone();
    whole["id"] = "robot".into();
    assert_eq!(made, whole);
    caller.get("/users/robot").await.expect(200);
    // By the client id, or by any other, it is nobody.
    let (other, _) = stage.stranger().await;
    other.get("/users").await.refused(403, "Forbidden");
    stage.owner.delete("/users/robot").await.expect(204);
    caller.get("/users").await.refused(403, "Forbidden");
}

#[tokio::test]
async fn people_come_by_address_and_by_group_and_principals_not_by_group() {
    let stage = Stage::new().await;
    let roles = json!([{"role": OPERATOR}]);
    let person = json!({"type": "email", "email": GUEST_NAME, "roles": roles});
    let made = stage.owner.put("/users/guest", &person).await.expect(200).json();
    assert_eq!(made["email"], GUEST_NAME);
    let group = json!({
        "type": "adGroup",
        "tenantId": stage.emulator.tenant_id(),
        "objectId": GUEST_OBJECT_ID,
        "roles": roles,
    });
    stage.owner.put("/users/group", &group).await.expect(200);
    let changed = stage.owner.patch("/users/guest", &json!({"roles": [{"role": BUILDER}]})).await;
    assert_eq!(changed.expect(200).json()["roles"], json!([{"role": BUILDER}]));
}

#[tokio::test]
async fn bad_users_are_refused_with_all_their_faults() {
    let stage = Stage::new().await;
    let tenant = stage.emulator.tenant_id();
    let cases = [
        (json!({}), vec!["type", "roles"]),
        (json!({"type": "robot", "roles": []}), vec!["type", "roles"]),
        (json!({"type": "email", "roles": [{"role": "x"}]}), vec!["email", "\"x\""]),
        (service_principal("x", "y", json!([{"role": OPERATOR}])), vec!["tenantId", "objectId"]),
        (
            service_principal(tenant, OBJECT_ID, json!([{"role": ORG_VIEWER}])),
            vec!["Org Viewer", "organization"],
        ),
        (
            service_principal(
                "99999999-9999-9999-9999-999999999999",
                OBJECT_ID,
                json!([{"role": OPERATOR, "organization": "north"}]),
            ),
            vec!["tenant of this application", "no organization \"north\"", "goes with the root"],
        ),
    ];
    for (body, told) in cases {
        let message = stage.owner.put("/users/u", &body).await.refused(422, "InvalidBody");
        for part in told {
            assert!(message.contains(part), "{part}: {message}");
        }
    }
    let person = json!({"type": "email", "email": "a@b.example", "roles": [{"role": OPERATOR}]});
    stage.owner.put("/users/a.b", &person).await.refused(400, "BadRequest");
    stage
        .owner
        .put(&format!("/users/{}", "x".repeat(49)), &person)
        .await
        .refused(400, "BadRequest");
    stage.owner.put("/users/a", &person).await.expect(200);
    stage.owner.put("/users/b", &person).await.refused(409, "Conflict");
    let other = service_principal(tenant, OBJECT_ID, json!([{"role": OPERATOR}]));
    stage.owner.put("/users/a", &other).await.refused(422, "InvalidBody");
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let stage = Stage::new().await;
    stage.owner.delete(&format!("/users/{ADA_USER_ID}")).await.expect(204);
    let owner = format!("/users/{OWNER_USER_ID}");
    stage.owner.delete(&owner).await.refused(422, "InvalidBody");
    let lower = json!({"roles": [{"role": OPERATOR}]});
    stage.owner.patch(&owner, &lower).await.refused(422, "InvalidBody");
}

#[tokio::test]
async fn roles_decide_who_may_change_users() {
    let stage = Stage::new().await;
    let body = json!({"type": "email", "email": "a@b.example", "roles": [{"role": OPERATOR}]});
    for role in [BUILDER, OPERATOR] {
        let member = stage.member(json!([{"role": role}])).await;
        member.get("/roles").await.expect(200);
        member.get("/users").await.refused(403, "Forbidden");
        member.put("/users/a", &body).await.refused(403, "Forbidden");
    }
}

#[tokio::test]
async fn administrators_of_an_organization_reach_what_is_below_it() {
    let stage = Stage::new().await;
    for (id, parent) in [("north", None), ("oslo", Some("north")), ("south", None)] {
        let body = json!({"displayName": id, "parent": parent});
        stage.owner.put(&format!("/organizations/{id}"), &body).await.expect(200);
    }
    let roles = json!([{"role": ORG_ADMINISTRATOR, "organization": "north"}]);
    let admin = stage.member(roles).await;
    let (seen, _) = admin.all("/organizations").await;
    let seen: Vec<&str> = seen.iter().map(|item| item["id"].as_str().unwrap()).collect();
    assert_eq!(seen, ["north", "oslo"]);
    let person = |organization: &str, role: &str| {
        json!({
            "type": "email",
            "email": format!("{organization}@b.example"),
            "roles": [{"role": role, "organization": organization}],
        })
    };
    admin.put("/users/oslo", &person("oslo", ORG_VIEWER)).await.expect(200);
    admin.put("/users/south", &person("south", ORG_VIEWER)).await.refused(403, "Forbidden");
    let root = json!({"type": "email", "email": "r@b.example", "roles": [{"role": OPERATOR}]});
    admin.put("/users/root", &root).await.refused(403, "Forbidden");
    stage.owner.put("/users/south", &person("south", ORG_VIEWER)).await.expect(200);
    admin.get("/users/south").await.refused(404, "NotFound");
    assert_eq!(admin.all("/users").await.0.len(), 2);
}

#[tokio::test]
async fn an_organization_before_the_role_is_taken_apart() {
    let stage = Stage::new().await;
    stage.owner.put("/organizations/north", &json!({"displayName": "North"})).await.expect(200);
    let roles = json!([{"role": "north\\viewer"}]);
    let body = json!({"type": "email", "email": "a@b.example", "roles": roles});
    let made = stage.owner.put("/users/a", &body).await.expect(200).json();
    assert_eq!(made["roles"], json!([{"role": ORG_VIEWER, "organization": "north"}]));
}
