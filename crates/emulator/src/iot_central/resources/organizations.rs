//! Organizations: a tree below a root that has no id.

use super::collection::{self, Collection, Context, table};
use crate::iot_central::{
    ApiError,
    access::{Area, organizations_of},
    rules::{Body, ids},
    state::{Document, Record, State},
};

pub(super) struct Organizations;

impl Collection for Organizations {
    const KIND: &'static str = "organization";
    const AREA: Area = Area::Organizations;

    table!(organizations);

    fn check_id(id: &str) -> Result<(), ApiError> {
        ids::organization(id)
    }

    /// An organization is reached by those of itself and, when it is made, by
    /// those of its parent.
    fn organizations<'r>(id: &'r str, record: &'r Record) -> Vec<&'r str> {
        std::iter::once(id).chain(record.text("parent")).collect()
    }

    fn check(
        context: &Context<'_>,
        id: &str,
        document: &Document,
        old: Option<&Record>,
    ) -> Result<(), ApiError> {
        let limits = &context.call.application.config.limits;
        let state = context.state;
        let mut body = Body::new(document);
        body.text("displayName");
        let parent = body.optional_text("parent");
        if let Some(parent) = parent {
            if !state.organizations.contains_key(parent) {
                body.fault(format!("parent names no organization: {parent:?}"));
            } else if state.below(id).contains(parent) {
                body.fault("parent would make a circle");
            } else if state.depth(parent) >= limits.organization_depth {
                body.fault(format!(
                    "there may be {} levels of organizations",
                    limits.organization_depth
                ));
            }
        }
        body.verdict()?;
        collection::check_room::<Self>(state, old, limits.organizations)
    }

    /// Members are to be moved or deleted first.
    fn check_delete(context: &Context<'_>, id: &str) -> Result<(), ApiError> {
        let has_children =
            context.state.organizations.values().any(|record| record.text("parent") == Some(id));
        if has_children {
            return Err(ApiError::conflict("There are organizations below this one."));
        }
        let mut devices = context.state.devices.values();
        if devices.any(|device| organizations_of(device).contains(&id)) {
            return Err(ApiError::conflict("There are devices in this organization."));
        }
        Ok(())
    }
}

/// Looks the `organizations` of a resource over: one at the most, and it is there.
pub(super) fn check_one(state: &State, body: &mut Body<'_>) {
    let named = body.optional_texts("organizations").unwrap_or_default();
    if named.len() > 1 {
        body.fault("organizations has more than one item");
    }
    for organization in named {
        if !state.organizations.contains_key(organization) {
            body.fault(format!("organizations names no organization: {organization:?}"));
        }
    }
}

impl State {
    /// How many levels below the root an organization is; those of the first
    /// level are at 1.
    fn depth(&self, id: &str) -> usize {
        let mut depth = 1;
        let mut at = id;
        // A circle cannot be stored; the bound is for who seeds one.
        while let Some(parent) = self.organizations.get(at).and_then(|record| record.text("parent"))
            && depth < self.organizations.len()
        {
            depth += 1;
            at = parent;
        }
        depth
    }
}
