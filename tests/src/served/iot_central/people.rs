//! Organizations, roles, users and API tokens.

use serde_json::json;
use twinkit_emulator::identity::GUEST_OBJECT_ID;

use super::with_body;
use crate::contract::Subject;
use crate::generated::Values;
use crate::served::{Callable, Play};

const OPERATOR: &str = "ae2c9854-393b-4f97-8c42-479d70ce626e";
const ORG_VIEWER: &str = "84cc62c1-dabe-49d3-b16e-8b291232b285";
const NOBODY: &str = "nobody";

pub(super) async fn play<C: Callable, S: Subject>(play: &mut Play<C, S>) {
    organizations(play).await;
    roles(play).await;
    users(play).await;
    api_tokens(play).await;
}

async fn organizations<C: Callable, S: Subject>(play: &mut Play<C, S>) {
    let id = |id: &str| Values::new().with("organizationId", id);
    let named = |id: &str, body| with_body("organizationId", id, body);
    play.succeeds("create_organization", named("north", json!({"displayName": "North"}))).await;
    let below = json!({"displayName": "Oslo", "parent": "north"});
    play.succeeds("create_organization", named("oslo", below)).await;
    let nowhere = json!({"displayName": "x", "parent": NOBODY});
    play.refused("create_organization", named("south", nowhere.clone())).await;
    play.succeeds("get_organization", id("oslo")).await;
    play.refused("get_organization", id(NOBODY)).await;
    play.succeeds("update_organization", named("oslo", json!({"displayName": "Bergen"}))).await;
    play.refused("update_organization", named(NOBODY, json!({}))).await;
    play.refused("update_organization", named("oslo", nowhere)).await;
    play.succeeds("list_organizations", Values::new()).await;
    play.denied("list_organizations", Values::new()).await;
    play.succeeds("delete_organization", id("oslo")).await;
    play.refused("delete_organization", id("oslo")).await;
}

async fn roles<C: Callable, S: Subject>(play: &mut Play<C, S>) {
    play.succeeds("list_roles", Values::new()).await;
    play.denied("list_roles", Values::new()).await;
    play.succeeds("get_role", Values::new().with("roleId", OPERATOR)).await;
    play.refused("get_role", Values::new().with("roleId", NOBODY)).await;
}

async fn users<C: Callable, S: Subject>(play: &mut Play<C, S>) {
    let id = |id: &str| Values::new().with("userId", id);
    let named = |id: &str, body| with_body("userId", id, body);
    let roles = json!([{"role": OPERATOR}, {"role": ORG_VIEWER, "organization": "north"}]);
    let tenant = twinkit_emulator::identity::TENANT_ID;
    for (user, body) in [
        ("ann", json!({"type": "email", "email": "ann@b.example", "roles": roles})),
        (
            "robot",
            json!({"type": "servicePrincipal", "tenantId": tenant, "objectId": GUEST_OBJECT_ID,
                "roles": roles}),
        ),
        (
            "team",
            json!({"type": "adGroup", "tenantId": tenant,
                "objectId": "99999999-9999-9999-9999-999999999901", "roles": roles}),
        ),
    ] {
        play.succeeds("create_user", named(user, body)).await;
        play.succeeds("get_user", id(user)).await;
    }
    let mismatch = json!([{"role": ORG_VIEWER}]);
    let body = json!({"type": "email", "email": "b@b.example", "roles": mismatch});
    play.refused("create_user", named("bob", body)).await;
    play.refused("get_user", id(NOBODY)).await;
    let fewer = json!({"roles": [{"role": OPERATOR}]});
    play.succeeds("update_user", named("ann", fewer.clone())).await;
    play.refused("update_user", named("ann", json!({"roles": mismatch}))).await;
    play.refused("update_user", named(NOBODY, fewer)).await;
    play.succeeds("list_users", Values::new()).await;
    play.denied("list_users", Values::new()).await;
    play.succeeds("delete_user", id("team")).await;
    play.refused("delete_user", id("team")).await;
}

async fn api_tokens<C: Callable, S: Subject>(play: &mut Play<C, S>) {
    let id = |id: &str| Values::new().with("tokenId", id);
    let named = |id: &str, body| with_body("tokenId", id, body);
    play.succeeds("create_api_token", named("ops", json!({"roles": [{"role": OPERATOR}]}))).await;
    play.refused("create_api_token", named("bad", json!({"roles": [{"role": NOBODY}]}))).await;
    play.succeeds("get_api_token", id("ops")).await;
    play.refused("get_api_token", id(NOBODY)).await;
    play.succeeds("list_api_tokens", Values::new()).await;
    play.denied("list_api_tokens", Values::new()).await;
    play.succeeds("delete_api_token", id("ops")).await;
    play.refused("delete_api_token", id("ops")).await;
}
