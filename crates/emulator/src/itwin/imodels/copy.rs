//! Clones, which leave the history behind, and forks, which go on with it.
//!
//! Our choices: `preserveHistory` is false unless given; without it a fork begins
//! without changesets, like a clone.

use axum::http::{HeaderName, header};
use uuid::Uuid;

use super::{
    INVALID, NO_ITWIN, TEXT, baseline, create,
    draft::{self, Draft},
    files, invalid,
    look::{look, require_initialized},
    show,
    state::{Copied, IModel},
};
use crate::itwin::{
    ApiError,
    access::Permission,
    errors::Detail,
    routes::{Answer, Call},
    rules::Body,
    state::State,
};

/// Header that tells where to ask how far the copy is.
const OPERATION: HeaderName = HeaderName::from_static("create-imodel-operation");

/// What a copy is asked for.
struct Order {
    itwin_id: String,
    name: Option<String>,
    description: Option<String>,
    changeset_id: Option<String>,
    changeset_index: Option<usize>,
    containers_enabled: Option<i64>,
    preserves_history: bool,
    is_fork: bool,
}

pub(super) fn clone(call: &Call, id: &str) -> Result<Answer, ApiError> {
    copy(call, id, &order(call, false)?)
}

pub(super) fn fork(call: &Call, id: &str) -> Result<Answer, ApiError> {
    copy(call, id, &order(call, true)?)
}

fn order(call: &Call, is_fork: bool) -> Result<Order, ApiError> {
    let document = call.object(INVALID)?;
    let mut body = Body::new(&document);
    let index = body.optional_integer("changesetIndex", 0..=i64::MAX);
    let order = Order {
        itwin_id: body.guid("iTwinId").unwrap_or_default().to_owned(),
        name: body.optional_text("name", TEXT).map(str::to_owned),
        description: draft::description(&mut body),
        changeset_id: body.optional_any_text("changesetId", TEXT).map(str::to_owned),
        changeset_index: index.and_then(|index| usize::try_from(index).ok()),
        containers_enabled: draft::containers(&mut body),
        preserves_history: is_fork && body.optional_bool("preserveHistory").unwrap_or(false),
        is_fork,
    };
    if order.changeset_id.is_some() && order.changeset_index.is_some() {
        let message = "changesetId and changesetIndex do not go together.";
        let detail = Detail::new("MutuallyExclusivePropertiesProvided", message);
        body.fault(detail.at("changesetId"));
    }
    body.verdict(INVALID)?;
    Ok(order)
}

fn copy(call: &Call, id: &str, order: &Order) -> Result<Answer, ApiError> {
    let mut state = call.platform.write();
    let imodel = made(call, &state, id, order)?;
    let address = show::address(call, &imodel.id);
    create::add(call, &mut state, imodel)?;
    let operation = format!("{address}/operations/create");
    Ok(Answer::accepted(None).with(header::LOCATION, address).with(OPERATION, operation))
}

fn made(call: &Call, state: &State, id: &str, order: &Order) -> Result<IModel, ApiError> {
    let seen = look(call, state, id, Permission::IMODELS_WEBVIEW)?;
    seen.standing.require(Permission::IMODELS_MANAGE)?;
    let source = seen.imodel;
    let (itwin, standing) = state.visible(&call.caller, &order.itwin_id, NO_ITWIN)?;
    standing.require(Permission::IMODELS_MANAGE)?;
    require_initialized(call, source)?;
    draft::check_data_center(source, itwin, "iTwinId")?;
    let index = place(source, order)?;
    let draft = Draft {
        name: order.name.clone().unwrap_or_else(|| source.name.clone()),
        description: order.description.clone().or_else(|| source.description.clone()),
        extent: source.extent,
        containers_enabled: order.containers_enabled.unwrap_or(source.containers_enabled),
    };
    draft::check_name(state, &itwin.id, &draft.name, None)?;
    let making = draft::begun(call, *state.imodels.outcome);
    let mut imodel = draft::imodel(call, itwin, draft, making);
    baseline::copy(call, source, &mut imodel);
    imodel.copied = Some(Copied {
        imodel_id: source.id.clone(),
        changeset_id: source.id_at(index).to_owned(),
        relationship_id: order.is_fork.then(|| Uuid::new_v4().to_string()),
    });
    if order.preserves_history {
        imodel.changesets.extend(source.changesets.iter().take(index).cloned());
        for changeset in &mut imodel.changesets {
            // The groups stay behind.
            changeset.group_id = None;
            let file = files::changeset(&changeset.id);
            files::copy(&call.platform, &source.id, &imodel.id, &file);
        }
    }
    Ok(imodel)
}

/// The index of the changeset that is copied.
fn place(source: &IModel, order: &Order) -> Result<usize, ApiError> {
    let latest = source.changesets.len();
    match (order.changeset_index, order.changeset_id.as_deref()) {
        (Some(index), _) if index <= latest => Ok(index),
        (Some(_), _) => {
            let message = "There is no changeset of this index.";
            Err(invalid(Detail::invalid_value("changesetIndex", message)))
        }
        (None, None) => Ok(latest),
        (None, id) => source.index_of(id).ok_or_else(|| {
            invalid(Detail::invalid_value("changesetId", "There is no such changeset."))
        }),
    }
}
