//! Deployment manifests of IoT Edge (previews): kept as they are.

use super::{
    collection::{Collection, Context},
    organizations,
};
use crate::iot_central::{
    ApiError,
    access::{Area, organizations_of},
    routes::ListOptions,
    rules::{Body, ids},
    state::{Document, Record, State, Table},
};

pub(super) struct DeploymentManifests;

impl Collection for DeploymentManifests {
    const KIND: &'static str = "deployment manifest";
    const AREA: Area = Area::Manifests;
    const HAS_ETAG: bool = true;
    const OPTIONS: ListOptions = ListOptions::SizeAndFilter;

    fn table(state: &State) -> &Table {
        &state.deployment_manifests
    }

    fn table_mut(state: &mut State) -> &mut Table {
        &mut state.deployment_manifests
    }

    fn check_id(id: &str) -> Result<(), ApiError> {
        ids::model(Self::KIND, id, 255)
    }

    fn organizations<'r>(_id: &'r str, record: &'r Record) -> Vec<&'r str> {
        organizations_of(record)
    }

    fn check(
        context: &Context<'_>,
        _id: &str,
        document: &Document,
        _old: Option<&Record>,
    ) -> Result<(), ApiError> {
        let mut body = Body::new(document);
        if body.optional_text("displayName") == Some("") {
            body.fault("displayName is empty");
        }
        body.object("data");
        organizations::check_one(context.state, &mut body);
        body.verdict()
    }
}
