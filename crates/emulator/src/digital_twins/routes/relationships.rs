//! `DigitalTwins_*Relationship*`

use axum::response::Response;
use serde_json::json;

use super::{
    answer,
    call::Call,
    paging::{self, Place},
    path::encode,
};
use crate::digital_twins::{
    errors::ApiError,
    rules::conditions::{IfMatch, IfNoneMatch},
    store::RelationshipRecord,
};

pub(super) fn get(call: &Call, twin: &str, id: &str) -> Result<Response, ApiError> {
    let relationship = call.instance.get_relationship(twin, id)?;
    Ok(answer::with_etag(&relationship.document, &relationship.etag))
}

pub(super) fn put(call: &Call, twin: &str, id: &str) -> Result<Response, ApiError> {
    let condition = IfNoneMatch::parse(call.header("if-none-match"))?;
    let body = call.json()?;
    let relationship = call.instance.put_relationship(twin, id, &body, condition, call.trace())?;
    Ok(answer::with_etag(&relationship.document, &relationship.etag))
}

pub(super) fn update(call: &Call, twin: &str, id: &str) -> Result<Response, ApiError> {
    let condition = IfMatch::parse(call.header("if-match"))?;
    let patch = call.patch()?;
    let etag = call.instance.update_relationship(twin, id, &patch, &condition, call.trace())?;
    Ok(answer::updated(&etag))
}

pub(super) fn delete(call: &Call, twin: &str, id: &str) -> Result<Response, ApiError> {
    let condition = IfMatch::parse(call.header("if-match"))?;
    call.instance.delete_relationship(twin, id, &condition, call.trace())?;
    Ok(answer::no_content())
}

pub(super) fn list(call: &Call, twin: &str) -> Result<Response, ApiError> {
    let list = ["relationships", twin];
    let place = call.place(&list)?;
    let name = match &place {
        Some(place) => place.options.first().cloned(),
        None => call.parameter("relationshipName").filter(|name| !name.is_empty()),
    };
    let after = paging::after(place.as_ref());
    let page = call.instance.list_relationships(twin, name.as_deref(), after)?;
    let path = format!("/digitaltwins/{}/relationships", encode(twin));
    let next = page.next.map(|id| {
        let list = list.map(str::to_owned).to_vec();
        let options = name.into_iter().collect();
        call.next_link(&path, Place { list, options, after: vec![id] })
    });
    Ok(answer::page(page.items, next))
}

pub(super) fn list_incoming(call: &Call, twin: &str) -> Result<Response, ApiError> {
    let list = ["incomingrelationships", twin];
    let place = call.place(&list)?;
    let after = place.and_then(|place| <[String; 3]>::try_from(place.after).ok());
    let after = after.map(|[name, source, id]| (name, source, id));
    let (records, more) = call.instance.list_incoming(twin, after.as_ref())?;
    let next = records.last().filter(|_| more).map(|last| {
        let after = [&last.name, &last.source, &last.id].map(ToString::to_string).to_vec();
        let list = list.map(str::to_owned).to_vec();
        let path = format!("/digitaltwins/{}/incomingrelationships", encode(twin));
        call.next_link(&path, Place { list, options: Vec::new(), after })
    });
    let items = records.iter().map(|record| incoming_json(call, record)).collect();
    Ok(answer::page(items, next))
}

/// A row of the incoming list: no etag, no properties, but an absolute link.
fn incoming_json(call: &Call, record: &RelationshipRecord) -> serde_json::Value {
    let link = format!(
        "{}/digitaltwins/{}/relationships/{}?api-version={}",
        call.origin,
        encode(&record.source),
        encode(&record.id),
        call.version.as_str()
    );
    json!({
        "$relationshipId": &*record.id,
        "$sourceId": &*record.source,
        "$relationshipName": &*record.name,
        "$relationshipLink": link,
    })
}
