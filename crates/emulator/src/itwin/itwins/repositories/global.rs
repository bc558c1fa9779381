//! Repositories that are the same for everybody: one, with one resource, so that
//! every operation has something to answer.

use serde_json::json;

use super::{
    REPOSITORY_NOT_FOUND,
    classes::members,
    filtered, path,
    resources::{self, missing},
};
use crate::itwin::{
    ApiError,
    routes::{Answer, Call},
    state::Document,
};

const CESIUM: &str = "cesium";
const TERRAIN: &str = "terrain";
/// Where the resource is looked at.
const RESOURCES: &str = "/itwins/repositories/cesium/resources";

/// The paths below `/itwins/repositories`.
pub(in crate::itwin::itwins) fn answer(call: &Call, words: &[&str]) -> Result<Answer, ApiError> {
    let path = path(words.get(1..).unwrap_or_default());
    match (call.method(), path.as_slice()) {
        ("GET", []) => filtered(call, [repository(call)]),
        ("GET", [id]) => {
            check(id)?;
            Ok(Answer::ok(json!({"repository": repository(call)})))
        }
        ("GET", [id, "resources"]) => {
            check(id)?;
            resources::page(call, RESOURCES, [&terrain()])
        }
        ("GET", [id, "resources", resource]) => {
            check(id)?;
            if *resource != TERRAIN {
                return Err(missing());
            }
            Ok(Answer::ok(json!({"resource": resources::shown(call, RESOURCES, &terrain())})))
        }
        ("GET", [id, "resources", resource, "graphics"]) => {
            let is_there = *id == CESIUM && *resource == TERRAIN;
            let uri = format!("{}/curated-content/cesium/{TERRAIN}", call.base);
            let graphics = json!({"type": "Terrain", "uri": uri});
            let found: Vec<_> = is_there.then_some(graphics).into_iter().collect();
            Ok(Answer::ok(json!({"graphics": found})))
        }
        _ => Err(ApiError::no_route()),
    }
}

fn check(id: &str) -> Result<(), ApiError> {
    if id == CESIUM {
        return Ok(());
    }
    Err(ApiError::not_found(REPOSITORY_NOT_FOUND, "repository"))
}

fn repository(call: &Call) -> Document {
    let base = &call.base;
    members(json!({
        "id": CESIUM,
        "class": "Cesium",
        "displayName": "Cesium Curated Content",
        "uri": format!("{base}/curated-content/cesium"),
        "capabilities": {"resources": {"uri": format!("{base}{RESOURCES}")}},
    }))
}

fn terrain() -> Document {
    members(json!({"id": TERRAIN, "class": "Cesium", "displayName": "Terrain"}))
}
