//! Deployment manifests of IoT Edge (previews): kept as they are.

use super::{
    collection::{Collection, Context, table},
    organizations,
};
use crate::iot_central::{
    ApiError,
    access::Area,
    routes::ListOptions,
    rules::{Body, ids},
    state::{Document, Record},
};

pub(super) struct DeploymentManifests;

impl Collection for DeploymentManifests {
    const KIND: &'static str = "deployment manifest";
    const AREA: Area = Area::Manifests;
    const HAS_ETAG: bool = true;
    const OPTIONS: ListOptions = ListOptions::SizeAndFilter;

    table!(deployment_manifests);

    fn check_id(id: &str) -> Result<(), ApiError> {
        ids::model(Self::KIND, id, 255)
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
