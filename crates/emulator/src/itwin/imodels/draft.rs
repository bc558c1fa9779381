//! From a body to an iModel: what is told of every new one.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use uuid::Uuid;

use super::{
    TEXT, invalid,
    state::{Extent, IModel, Locks, Making, Outcome, Point, Program},
};
use crate::itwin::{
    ApiError,
    errors::Detail,
    routes::Call,
    rules::Body,
    state::{Document, ITwin, State},
};

/// The number of the first briefcase: those before it are not given out.
const FIRST_BRIEFCASE: u32 = 2;

/// What an iModel gets from a body.
pub(super) struct Draft {
    pub(super) name: String,
    pub(super) description: Option<String>,
    pub(super) extent: Option<Extent>,
    pub(super) containers_enabled: i64,
}

/// The member `containersEnabled`: bit flags.
pub(super) fn containers(body: &mut Body<'_>) -> Option<i64> {
    body.optional_integer("containersEnabled", 0..=7)
}

/// The member `description`, which may be empty.
pub(super) fn description(body: &mut Body<'_>) -> Option<String> {
    body.optional_any_text("description", TEXT).map(str::to_owned)
}

/// The member `extent`.
pub(super) fn extent(body: &mut Body<'_>) -> Option<Extent> {
    let given = body.optional_object("extent")?;
    let mut extent = None;
    body.part("extent", given, |part| {
        let (south_west, north_east) = (corner(part, "southWest"), corner(part, "northEast"));
        let (Some(south_west), Some(north_east)) = (south_west, north_east) else { return };
        if south_west.latitude > north_east.latitude {
            part.invalid("northEast", "It must not be south of southWest.");
        }
        extent = Some(Extent { south_west, north_east });
    });
    extent
}

fn corner<'d>(body: &mut Body<'d>, member: &str) -> Option<Point> {
    let given: &'d Document = body.object(member)?;
    let mut point = None;
    body.part(member, given, |part| {
        let latitude = part.number("latitude", -90.0..=90.0);
        let longitude = part.number("longitude", -180.0..=180.0);
        point = latitude.zip(longitude).map(|(latitude, longitude)| Point { latitude, longitude });
    });
    point
}

/// The program that calls. The platform knows its name; ours is its id.
pub(super) fn program(call: &Call) -> Program {
    let id = call.caller.client_id.clone();
    Program { name: id.clone(), id }
}

/// 409 if another iModel of the iTwin has the name.
pub(super) fn check_name(
    state: &State,
    itwin_id: &str,
    name: &str,
    own_id: Option<&str>,
) -> Result<(), ApiError> {
    let is_taken = state.imodels.imodels.values().any(|other| {
        other.itwin_id == itwin_id && other.name == name && own_id != Some(other.id.as_str())
    });
    if is_taken {
        let detail = Detail::invalid_value("name", "Another iModel of this iTwin has it.");
        let message = "There is an iModel of this name already.";
        return Err(ApiError::conflict("iModelExists", message).with_detail(detail));
    }
    Ok(())
}

/// When something ends that begins now and takes its steps; empty iModels take none.
pub(super) fn begun(call: &Call, outcome: Outcome) -> Making {
    let now = call.platform.now();
    let after = |steps: u32| {
        let time = call.platform.config.imodel_step.saturating_mul(steps);
        now.saturating_add(time).unwrap_or(jiff::Timestamp::MAX)
    };
    Making::Begun { initialized: after(1), done: after(2), outcome }
}

/// An iModel in an iTwin, with nothing in it.
pub(super) fn imodel(call: &Call, itwin: &ITwin, draft: Draft, making: Making) -> IModel {
    let mut checkpoints = BTreeMap::new();
    if let Making::Begun { initialized, .. } = making {
        checkpoints.insert(0, initialized);
    }
    IModel {
        id: Uuid::new_v4().to_string(),
        itwin_id: itwin.id.clone(),
        name: draft.name,
        description: draft.description,
        extent: draft.extent,
        containers_enabled: draft.containers_enabled,
        data_center: itwin.data_center.clone(),
        created: call.platform.now(),
        creator_id: call.caller.user.id.clone(),
        making,
        copied: None,
        baseline: None,
        has_thumbnail: false,
        briefcases: BTreeMap::new(),
        last_briefcase: FIRST_BRIEFCASE - 1,
        changesets: Vec::new(),
        pushed: None,
        groups: IndexMap::new(),
        named_versions: IndexMap::new(),
        checkpoints,
        locks: Locks::default(),
        role_permissions: IndexMap::new(),
        user_permissions: IndexMap::new(),
        shares: IndexMap::new(),
    }
}

/// 422 unless both are in the same data center.
pub(super) fn check_data_center(
    source: &IModel,
    itwin: &ITwin,
    target: &str,
) -> Result<(), ApiError> {
    if source.data_center == itwin.data_center {
        return Ok(());
    }
    Err(invalid(Detail::invalid_value(target, "It is in another data center.")))
}
