//! Device groups: a filter by another name. Which devices belong to one is worked
//! out when it is asked for.
//!
//! Our choices: a filter that cannot be read is 422, with the place; whoever may
//! see a group sees those of its devices that they may see anyway.

use super::{
    collection::{self, Collection, Context, table},
    devices::Devices,
    organizations,
};
use crate::iot_central::{
    ApiError,
    access::{Access, Area, organizations_of},
    filters,
    routes::{Answer, Call, ListOptions},
    rules::{Body, ids},
    state::{Document, Record},
};

pub(super) struct DeviceGroups;

pub(super) fn answer(call: &Call, path: &[&str]) -> Result<Answer, ApiError> {
    match (call.method(), path) {
        ("GET", [group, "devices"]) => devices(call, group),
        _ => DeviceGroups::answer(call, path),
    }
}

fn devices(call: &Call, group: &str) -> Result<Answer, ApiError> {
    call.caller.require(Area::DeviceGroups, Access::Read)?;
    call.caller.require(Area::Devices, Access::Read)?;
    let page = call.page(ListOptions::Size)?;
    let state = call.application.read();
    let group = collection::visible::<DeviceGroups>(call, &state, group)?;
    let context = Context { call, state: &state };
    let now = call.application.now();
    let is_left = |id: &String| page.after.as_ref().is_none_or(|after| id > after);
    let items = state
        .members(group, &call.application.config, now)
        .filter(|(id, _)| is_left(id))
        .filter(|(_, device)| {
            call.caller.reaches(Area::Devices, Access::Read, &organizations_of(device))
        })
        .map(|(id, device)| (id.clone(), Devices::show(&context, id, device)));
    Ok(call.answer_page(&page, items))
}

impl Collection for DeviceGroups {
    const KIND: &'static str = "device group";
    const AREA: Area = Area::DeviceGroups;
    const HAS_ETAG: bool = true;
    const OPTIONS: ListOptions = ListOptions::All;

    table!(device_groups);

    fn check_id(id: &str) -> Result<(), ApiError> {
        ids::word(Self::KIND, id, 255)
    }

    fn check(
        context: &Context<'_>,
        _id: &str,
        document: &Document,
        old: Option<&Record>,
    ) -> Result<(), ApiError> {
        let limits = &context.call.application.config.limits;
        let mut body = Body::new(document);
        body.text("displayName");
        body.optional_text("description");
        match body.text("filter").map(filters::parse_group) {
            Some(Err(fault)) => body.fault(format!("filter cannot be read {fault}")),
            Some(Ok(Some(condition))) if condition.tests() > limits.device_group_filters => {
                let most = limits.device_group_filters;
                body.fault(format!("filter has more than {most} conditions"));
            }
            _ => {}
        }
        organizations::check_one(context.state, &mut body);
        body.verdict()?;
        collection::check_room::<Self>(context.state, old, limits.device_groups)
    }
}
