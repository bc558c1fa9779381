//! Event routes: list, get, put, delete.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Page, object};
use crate::digital_twins::{
    Instance,
    errors::ApiError,
    filters,
    rules::ids,
    store::{Change, EventRouteRecord},
};

impl Instance {
    /// `EventRoutes_List`: those after `after`, ordered by id.
    #[must_use]
    pub fn list_event_routes(&self, after: Option<&str>, size: usize) -> Page {
        let state = self.state();
        let listed = state.tables().event_routes(after);
        Page::take(listed.map(|route| (route.id.clone(), route_json(route))), size)
    }

    /// `EventRoutes_GetById`
    pub fn get_event_route(&self, id: &str) -> Result<Value, ApiError> {
        let state = self.state();
        state.tables().event_route(id).map(|route| route_json(route)).ok_or_else(|| missing(id))
    }

    /// `EventRoutes_Add`: creates or replaces.
    pub fn put_event_route(&self, id: &str, body: &Value) -> Result<(), ApiError> {
        ids::check_event_route(id, self.config.limits.id_chars)?;
        let body = object(body, "event route")?;
        let text = |name: &str| body.get(name).and_then(Value::as_str).filter(|t| !t.is_empty());
        let endpoint = text("endpointName")
            .ok_or_else(|| endpoint_invalid("endpointName is missing or not a string"))?;
        let filter_text =
            text("filter").ok_or_else(|| filter_invalid("filter is missing or not a string"))?;
        let filter = filters::parse(filter_text)
            .map_err(|error| ApiError::bad_request("EventRouteFilterInvalid", &error))?;
        let state = &mut *self.state_mut();
        if !state.tables().endpoints().contains(endpoint) {
            return Err(endpoint_invalid(format!(
                "the endpoint {endpoint} does not exist or is not active"
            )));
        }
        let most = self.config.limits.event_routes;
        let tables = state.tables();
        if tables.event_route(id).is_none() && tables.event_routes(None).count() >= most {
            return Err(ApiError::bad_request(
                "LimitExceeded",
                format!("The instance has {most} event routes, the most allowed."),
            ));
        }
        let record = EventRouteRecord {
            id: id.to_owned(),
            endpoint: endpoint.to_owned(),
            filter_text: filter_text.to_owned(),
            filter: Arc::new(filter),
        };
        self.apply(state, &[Change::PutEventRoute(Arc::new(record))])
    }

    /// `EventRoutes_Delete`
    pub fn delete_event_route(&self, id: &str) -> Result<(), ApiError> {
        let state = &mut *self.state_mut();
        state.tables().event_route(id).ok_or_else(|| missing(id))?;
        self.apply(state, &[Change::DeleteEventRoute(id.to_owned())])
    }
}

fn route_json(route: &EventRouteRecord) -> Value {
    json!({"id": route.id, "endpointName": route.endpoint, "filter": route.filter_text})
}

fn missing(id: &str) -> ApiError {
    ApiError::not_found("EventRouteNotFound", format!("There is no event route {id}."))
}

fn endpoint_invalid(fault: impl std::fmt::Display) -> ApiError {
    ApiError::bad_request("EventRouteEndpointInvalid", format!("The event route: {fault}."))
}

fn filter_invalid(fault: impl std::fmt::Display) -> ApiError {
    ApiError::bad_request("EventRouteFilterInvalid", format!("The event route: {fault}."))
}
