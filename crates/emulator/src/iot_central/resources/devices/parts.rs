//! The components and modules of a device: `{name, displayName, @type, @id?}`
//! each, with `@type` as a list. They come in the order of their names; all of
//! them on one page would do, but the lists are paged like any other.

use serde_json::{Value, json};

use super::device;
use crate::iot_central::{
    ApiError,
    access::Access,
    model::Content,
    routes::{Answer, Call, ListOptions, nothing_here},
    state::Document,
    twin::Place,
};

pub(super) fn components(call: &Call, id: &str, place: &Place) -> Result<Answer, ApiError> {
    only_get(call)?;
    let state = call.application.read();
    device(call, &state, id, Access::Read)?;
    let interface = state.interface(id, place)?;
    page(call, interface.of_type("Component").map(shown).collect())
}

pub(super) fn modules(call: &Call, id: &str) -> Result<Answer, ApiError> {
    only_get(call)?;
    let state = call.application.read();
    device(call, &state, id, Access::Read)?;
    let (modelled, others) = state.modules(id);
    let others = others.into_iter().map(|name| {
        let module = json!({
            "@type": ["Relationship", "EdgeModule"], "name": name, "displayName": name,
        });
        (name.to_owned(), module)
    });
    page(call, modelled.into_iter().map(shown).chain(others).collect())
}

fn only_get(call: &Call) -> Result<(), ApiError> {
    if call.method() == "GET" { Ok(()) } else { Err(nothing_here()) }
}

fn shown(content: Content<'_>) -> (String, Value) {
    let name = content.name();
    let mut members = Document::new();
    if let Some(id) = content.text("@id") {
        members.insert("@id".to_owned(), id.into());
    }
    members.insert("@type".to_owned(), content.types());
    members.insert("name".to_owned(), name.into());
    members.insert("displayName".to_owned(), content.text("displayName").unwrap_or(name).into());
    (name.to_owned(), members.into())
}

fn page(call: &Call, mut items: Vec<(String, Value)>) -> Result<Answer, ApiError> {
    let page = call.page(ListOptions::None)?;
    items.sort_by(|left, right| left.0.cmp(&right.0));
    let after = page.after.clone();
    let rest =
        items.into_iter().filter(|(name, _)| after.as_ref().is_none_or(|after| name > after));
    Ok(call.answer_page(&page, rest))
}
