//! Destinations as a collection.

use serde_json::Value;

use super::{destination, destination_ids, is_enabled};
use crate::iot_central::{
    ApiError,
    access::Area,
    resources::collection::{self, Collection, Context, table},
    rules::{Body, ids},
    state::{Document, Record},
};

pub(super) struct Destinations;

impl Collection for Destinations {
    const KIND: &'static str = "destination";
    const AREA: Area = Area::Exports;
    const READ_ONLY: &'static [&'static str] = &["status", "errors", "lastExportTime"];

    table!(destinations);

    fn check_id(id: &str) -> Result<(), ApiError> {
        ids::any(Self::KIND, id, 256)
    }

    fn organizations<'r>(_id: &'r str, _record: &'r Record) -> Vec<&'r str> {
        Vec::new()
    }

    fn check(
        context: &Context<'_>,
        _id: &str,
        document: &Document,
        old: Option<&Record>,
    ) -> Result<(), ApiError> {
        let mut body = Body::new(document);
        destination::check(&mut body);
        body.verdict()?;
        let most = context.call.application.config.limits.destinations;
        collection::check_room::<Self>(context.state, old, most)
    }

    fn show(context: &Context<'_>, id: &str, record: &Record) -> Value {
        let mut members = collection::shown(id, record, false);
        destination::mask(&mut members);
        let mut exports = context.state.exports.values();
        let is_used =
            exports.any(|export| is_enabled(export) && destination_ids(export).any(|at| at == id));
        let status = if is_used { "healthy" } else { "waiting" };
        members.insert("status".to_owned(), status.into());
        members.into()
    }

    fn check_delete(context: &Context<'_>, id: &str) -> Result<(), ApiError> {
        let mut exports = context.state.exports.values();
        if exports.any(|export| destination_ids(export).any(|at| at == id)) {
            return Err(ApiError::conflict("There are exports to this destination."));
        }
        Ok(())
    }
}
