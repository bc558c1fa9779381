//! Dashboards (previews): up to a hundred tiles of known kinds.
//!
//! Our choices: tiles get ids of the service's own, and keep them when they are
//! sent back; no dashboard is a personal one, as those are made in the portal.

mod tiles;

use serde_json::Value;
use uuid::Uuid;

use super::{
    collection::{self, Collection, Context, table},
    organizations,
};
use crate::iot_central::{
    ApiError,
    access::Area,
    routes::ListOptions,
    rules::{Body, ids},
    state::{Document, Record},
};

pub(super) struct Dashboards;

impl Collection for Dashboards {
    const KIND: &'static str = "dashboard";
    const AREA: Area = Area::Dashboards;
    const HAS_ETAG: bool = true;
    const READ_ONLY: &'static [&'static str] = &["personal"];
    const OPTIONS: ListOptions = ListOptions::All;

    table!(dashboards);

    fn check_id(id: &str) -> Result<(), ApiError> {
        ids::model(Self::KIND, id, 128)
    }

    fn check(
        context: &Context<'_>,
        _id: &str,
        document: &Document,
        _old: Option<&Record>,
    ) -> Result<(), ApiError> {
        let mut body = Body::new(document);
        body.text("displayName");
        body.optional_bool("favorite");
        tiles::check(&mut body);
        organizations::check_one(context.state, &mut body);
        body.verdict()
    }

    fn settle(_: &Context<'_>, _: &str, document: &mut Document, old: Option<&Record>) {
        document.entry("favorite").or_insert(false.into());
        let before = old.map(tile_ids).unwrap_or_default();
        let tiles = document.get_mut("tiles").and_then(Value::as_array_mut);
        for tile in tiles.into_iter().flatten().filter_map(Value::as_object_mut) {
            let sent = tile.get("id").and_then(Value::as_str).map(str::to_owned);
            let id = sent.filter(|id| before.contains(&id.as_str()));
            let id = id.unwrap_or_else(|| Uuid::new_v4().to_string());
            tile.insert("id".to_owned(), id.into());
        }
    }

    fn show(_: &Context<'_>, id: &str, record: &Record) -> Value {
        let mut members = collection::shown(id, record, true);
        members.insert("personal".to_owned(), false.into());
        members.into()
    }
}

fn tile_ids(record: &Record) -> Vec<&str> {
    let tiles = record.document.get("tiles").and_then(Value::as_array);
    tiles.into_iter().flatten().filter_map(|tile| tile.get("id")?.as_str()).collect()
}
