//! `DigitalTwinModels_*`

use axum::{http::StatusCode, response::Response};
use serde_json::Value;

use super::{
    answer,
    call::Call,
    paging::{self, Place},
};
use crate::digital_twins::{ModelListing, errors::ApiError};

/// Path of the list in links, in the case that the platform uses.
const LIST: &str = "/Models";

pub(super) fn add(call: &Call) -> Result<Response, ApiError> {
    let body = call.json()?;
    let documents = body
        .as_array()
        .ok_or_else(|| ApiError::invalid_argument("The body must be an array of models."))?;
    let models = call.instance.create_models(documents)?;
    Ok(answer::json(StatusCode::CREATED, &Value::Array(models)))
}

pub(super) fn list(call: &Call) -> Result<Response, ApiError> {
    let size = call.page_size_within(call.instance.config().pages.models)?;
    let place = call.place(&["models"])?;
    let listing = match &place {
        Some(place) => from_options(&place.options),
        None => ModelListing {
            dependencies_for: dependencies_for(call),
            include_definition: include_definition(call)?,
        },
    };
    let page = call.instance.list_models(&listing, paging::after(place.as_ref()), size)?;
    let next = page.next.map(|id| {
        let list = vec!["models".to_owned()];
        call.next_link(LIST, Place { list, options: to_options(listing), after: vec![id] })
    });
    Ok(answer::page(page.items, next))
}

pub(super) fn get(call: &Call, id: &str) -> Result<Response, ApiError> {
    let model = call.instance.get_model(id, include_definition(call)?)?;
    Ok(answer::json(StatusCode::OK, &model))
}

pub(super) fn update(call: &Call, id: &str) -> Result<Response, ApiError> {
    call.instance.update_model(id, &call.patch()?)?;
    Ok(answer::no_content())
}

pub(super) fn delete(call: &Call, id: &str) -> Result<Response, ApiError> {
    call.instance.delete_model(id)?;
    Ok(answer::no_content())
}

/// The ids asked for. The API's description has the parameter repeated, and so does the
/// vendor's client for Python; the one for Node divides it by commas, which no model id
/// holds; az sends it empty when there are none.
fn dependencies_for(call: &Call) -> Vec<String> {
    let given = call.parameters("dependenciesFor");
    let ids = given.iter().flat_map(|given| given.split(','));
    ids.filter(|id| !id.is_empty()).map(str::to_owned).collect()
}

fn include_definition(call: &Call) -> Result<bool, ApiError> {
    match call.parameter("includeModelDefinition") {
        None => Ok(false),
        Some(text) if text.is_empty() || text.eq_ignore_ascii_case("false") => Ok(false),
        Some(text) if text.eq_ignore_ascii_case("true") => Ok(true),
        Some(_) => Err(ApiError::invalid_argument("includeModelDefinition must be true or false.")),
    }
}

/// The options of a list, for its tokens: the flag, then the ids.
fn to_options(listing: ModelListing) -> Vec<String> {
    let flag = listing.include_definition.to_string();
    std::iter::once(flag).chain(listing.dependencies_for).collect()
}

fn from_options(options: &[String]) -> ModelListing {
    let (flag, ids) = options.split_first().map_or((None, &[][..]), |(f, ids)| (Some(f), ids));
    ModelListing {
        dependencies_for: ids.to_vec(),
        include_definition: flag.is_some_and(|flag| flag == "true"),
    }
}
