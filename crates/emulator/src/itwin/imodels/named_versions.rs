//! Named versions: changesets with a name, or the baseline with one.

use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    INVALID, TEXT, changesets, checkpoints, draft,
    listing::{Listing, is_wanted},
    look::{change, look, require_initialized},
    one, show,
    state::{IModel, NamedVersion},
};
use crate::itwin::{
    ApiError,
    access::Permission,
    errors::Detail,
    routes::{Answer, Call},
    rules::Body,
    time,
};

const VISIBLE: &str = "visible";
const HIDDEN: &str = "hidden";

pub(super) fn answer(call: &Call, id: &str, path: &[&str]) -> Result<Answer, ApiError> {
    match (call.method(), path) {
        ("GET", []) => list(call, id),
        ("POST", []) => create(call, id),
        ("GET", [version]) => get(call, id, &version.to_ascii_lowercase()),
        ("PATCH", [version]) => update(call, id, &version.to_ascii_lowercase()),
        (_, [version, "checkpoint"]) => {
            checkpoints::of_version(call, id, &version.to_ascii_lowercase())
        }
        _ => Err(ApiError::no_route()),
    }
}

pub(super) fn missing() -> ApiError {
    ApiError::not_found("NamedVersionNotFound", "named version")
}

/// The id of the version's changeset; null for the baseline.
fn changeset_id<'m>(imodel: &'m IModel, version: &NamedVersion) -> Option<&'m str> {
    Some(imodel.id_at(version.index)).filter(|id| !id.is_empty())
}

fn minimal(imodel: &IModel, id: &str, version: &NamedVersion) -> Value {
    json!({
        "id": id,
        "displayName": version.name,
        "changesetId": changeset_id(imodel, version),
        "changesetIndex": version.index,
    })
}

fn full(call: &Call, imodel: &IModel, id: &str, version: &NamedVersion) -> Value {
    let changeset = changeset_id(imodel, version)
        .map(|id| show::link(call, &imodel.id, &format!("changesets/{id}")));
    json!({
        "id": id,
        "displayName": version.name,
        "changesetId": changeset_id(imodel, version),
        "changesetIndex": version.index,
        "name": version.name,
        "description": version.description,
        "createdDateTime": time::shown(version.created),
        "state": if version.is_hidden { HIDDEN } else { VISIBLE },
        "application": version.program,
        "_links": {
            "creator": show::user(call, &imodel.id, &version.creator_id),
            "changeset": changeset,
        },
    })
}

fn list(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let mut listing = Listing::new(call);
    let wanted = listing.one_of("state", &[VISIBLE, HIDDEN]);
    let order = listing.order(&["changesetIndex", "createdDateTime"]);
    let paging = listing.verdict()?;
    let state = call.platform.read();
    let imodel = look(call, &state, id, Permission::IMODELS_WEBVIEW)?.imodel;
    let mut found: Vec<(&String, &NamedVersion)> = imodel
        .named_versions
        .iter()
        .filter(|(_, version)| {
            wanted.is_none_or(|wanted| (wanted == HIDDEN) == version.is_hidden)
                && is_wanted(call, &version.name)
        })
        .collect();
    if let Some(order) = order {
        order.sort(&mut found, |member, (_, one), (_, other)| match member {
            "changesetIndex" => one.index.cmp(&other.index),
            _ => one.created.cmp(&other.created),
        });
    }
    let everything = call.wants_representation();
    Ok(paging.answer("namedVersions", found, |(id, version)| {
        if everything { full(call, imodel, id, version) } else { minimal(imodel, id, version) }
    }))
}

fn get(call: &Call, id: &str, version_id: &str) -> Result<Answer, ApiError> {
    let state = call.platform.read();
    let imodel = look(call, &state, id, Permission::IMODELS_WEBVIEW)?.imodel;
    let version = imodel.named_versions.get(version_id).ok_or_else(missing)?;
    Ok(Answer::ok(json!({"namedVersion": full(call, imodel, version_id, version)})))
}

/// 409 if another version of the iModel has the name.
fn check_name(imodel: &IModel, name: &str, own_id: &str) -> Result<(), ApiError> {
    let is_other = |(id, version): (&String, &NamedVersion)| id != own_id && version.name == name;
    if imodel.named_versions.iter().any(is_other) {
        let detail = Detail::invalid_value("name", "Another named version of this iModel has it.");
        let message = "There is a named version of this name already.";
        return Err(ApiError::conflict("NamedVersionExists", message).with_detail(detail));
    }
    Ok(())
}

fn create(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let mut state = call.platform.write();
    let seen = look(call, &state, id, Permission::IMODELS_WRITE)?;
    let imodel = seen.imodel;
    let document = call.object(INVALID)?;
    let mut body = Body::new(&document);
    let name = body.text("name", TEXT).unwrap_or_default().to_owned();
    let description = draft::description(&mut body);
    let changeset_id = body.optional_any_text("changesetId", TEXT);
    body.verdict(INVALID)?;
    require_initialized(call, imodel)?;
    let index = imodel.index_of(changeset_id).ok_or_else(changesets::missing)?;
    let version_id = Uuid::new_v4().to_string();
    check_name(imodel, &name, &version_id)?;
    if imodel.named_versions.values().any(|version| version.index == index) {
        let message = "The changeset has a named version already.";
        let error = ApiError::conflict("NamedVersionOnChangesetExists", message);
        return Err(error.at("changesetId"));
    }
    let version = NamedVersion {
        name,
        description,
        index,
        is_hidden: false,
        creator_id: call.caller.user.id.clone(),
        created: call.platform.now(),
        program: draft::program(call),
    };
    let answer = json!({"namedVersion": full(call, imodel, &version_id, &version)});
    let content = json!({
        "imodelId": imodel.id,
        "versionId": version_id,
        "versionName": version.name,
        "changesetId": imodel.id_at(index),
        "changesetIndex": index.to_string(),
        "userId": version.creator_id,
    });
    call.platform.tell("iModels.namedVersionCreated.v1", seen.itwin, content);
    let ready: Timestamp = checkpoints::ready_from_now(call);
    let id = imodel.id.clone();
    let imodel = state.imodels.get_mut(&id)?;
    imodel.named_versions.insert(version_id, version);
    imodel.checkpoints.entry(index).or_insert(ready);
    Ok(Answer::created(answer))
}

fn update(call: &Call, id: &str, version_id: &str) -> Result<Answer, ApiError> {
    let mut state = call.platform.write();
    let imodel = change(call, &mut state, id, Permission::IMODELS_WRITE)?;
    let mut changed = imodel.named_versions.get(version_id).ok_or_else(missing)?.clone();
    let document = call.object(INVALID)?;
    one::require_any(&document, &["name", "description", "state"])?;
    let mut body = Body::new(&document);
    if body.names("name") {
        changed.name = body.text("name", TEXT).unwrap_or_default().to_owned();
    }
    if body.names("description") {
        changed.description = draft::description(&mut body);
    }
    if let Some(state) = body.optional_one_of("state", &[VISIBLE, HIDDEN]) {
        changed.is_hidden = state == HIDDEN;
    }
    body.verdict(INVALID)?;
    check_name(imodel, &changed.name, version_id)?;
    let answer = json!({"namedVersion": full(call, imodel, version_id, &changed)});
    imodel.named_versions.insert(version_id.to_owned(), changed);
    Ok(Answer::ok(answer))
}
