//! The file that an iModel starts from.
//!
//! Our choices: an iModel that began empty has none; a file that is not there, or
//! has another size than was said, is 422 when the upload is to be completed, which
//! may be tried again; completing it once more does nothing.

use axum::http::StatusCode;
use serde_json::json;
use uuid::Uuid;

use super::{
    draft, files, invalid,
    look::{look, missing},
    show,
    state::{Baseline, IModel, Making, Outcome},
    unready,
};
use crate::itwin::{
    ApiError,
    access::Permission,
    errors::Detail,
    routes::{Answer, Call},
};

pub(super) fn answer(call: &Call, id: &str) -> Result<Answer, ApiError> {
    match call.method() {
        "GET" => get(call, id),
        "POST" => complete(call, id),
        _ => Err(ApiError::no_route()),
    }
}

fn no_file() -> ApiError {
    ApiError::not_found("BaselineFileNotFound", "baseline file")
}

/// Whether the file of an iModel is not there yet.
pub(super) fn is_awaited(imodel: &IModel) -> bool {
    matches!(imodel.making, Making::WaitingForFile)
}

/// Gives an iModel the baseline of another one.
pub(super) fn copy(call: &Call, from: &IModel, to: &mut IModel) {
    let Some(baseline) = &from.baseline else { return };
    files::copy(&call.platform, &from.id, &to.id, files::BASELINE);
    to.baseline = Some(Baseline { id: Uuid::new_v4().to_string(), size: baseline.size });
}

fn get(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let state = call.platform.read();
    let imodel = look(call, &state, id, Permission::IMODELS_READ)?.imodel;
    let baseline = imodel.baseline.as_ref().ok_or_else(no_file)?;
    let now = call.platform.now();
    let shown = match imodel.making {
        Making::WaitingForFile => "waitingForFile",
        Making::Begun { initialized, .. } if now < initialized => "initializationScheduled",
        Making::Begun { outcome: Outcome::Successful, .. } => "initialized",
        Making::Begun { .. } => "initializationFailed",
    };
    let download =
        (!is_awaited(imodel)).then(|| files::download(&call.platform, &imodel.id, files::BASELINE));
    Ok(Answer::ok(json!({"baselineFile": {
        "id": baseline.id,
        "displayName": baseline.id,
        "fileSize": baseline.size,
        "state": shown,
        "_links": {
            "creator": show::user(call, &imodel.id, &imodel.creator_id),
            "download": download,
        },
    }})))
}

fn complete(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let mut state = call.platform.write();
    let seen = look(call, &state, id, Permission::IMODELS_WEBVIEW)?;
    seen.standing.require(Permission::IMODELS_MANAGE)?;
    let imodel = seen.imodel;
    let size = imodel.baseline.as_ref().ok_or_else(no_file)?.size;
    let done = Answer::new(StatusCode::OK, None);
    if !is_awaited(imodel) {
        return Ok(done);
    }
    match files::length(&call.platform, &imodel.id, files::BASELINE) {
        None => return Err(unready("baselineFile", "The file has not been put yet.")),
        Some(length) if length != size => {
            let message = format!("The file has {length} bytes and was to have {size}.");
            return Err(invalid(Detail::invalid_value("baselineFile.size", message)));
        }
        Some(_) => {}
    }
    let (id, outcome) = (imodel.id.clone(), *state.imodels.outcome);
    let making = draft::begun(call, outcome);
    let imodel = state.imodels.imodels.get_mut(&id).ok_or_else(missing)?;
    imodel.making = making;
    if let Making::Begun { initialized, .. } = making {
        imodel.checkpoints.insert(0, initialized);
    }
    Ok(done)
}
