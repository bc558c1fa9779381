//! The operations of the data plane on an [`Instance`](super::Instance), one
//! file per group, as methods that know nothing of HTTP.
//!
//! Each checks first and changes last, under one lock, so a refused operation
//! leaves everything as it was.

mod components;
mod event_routes;
mod models;
mod query;
mod relationships;
mod telemetry;
mod twins;

pub use models::ModelListing;
pub use query::QueryPage;

use serde_json::{Map, Value};

use super::errors::ApiError;

/// Part of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// The items.
    pub items: Vec<Value>,
    /// Where the next page begins; none at the end.
    pub next: Option<String>,
}

impl Page {
    /// The first `size` of `items`, each with the place that comes with it.
    pub(super) fn take(items: impl Iterator<Item = (String, Value)>, size: usize) -> Self {
        let mut items = items.peekable();
        let mut page = Self { items: Vec::new(), next: None };
        while page.items.len() < size
            && let Some((place, item)) = items.next()
        {
            page.items.push(item);
            page.next = Some(place);
        }
        if items.peek().is_none() {
            page.next = None;
        }
        page
    }
}

/// The body of a request that must be a JSON object.
fn object<'b>(body: &'b Value, what: &str) -> Result<&'b Map<String, Value>, ApiError> {
    body.as_object()
        .ok_or_else(|| ApiError::invalid_argument(format!("The {what} must be a JSON object.")))
}
