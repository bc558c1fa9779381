//! Azure Resource Manager, as far as tools ask it for what they then use: the
//! Azure CLI to sign in, its Digital Twins commands to find an instance by name.
//!
//! | request | answer |
//! |---|---|
//! | `GET /metadata/endpoints` | where to sign in; without a token |
//! | `GET /tenants`, `/subscriptions[/{id}]` | the one of each |
//! | `GET .../resourceGroups[/{name}]` | the one there is |
//! | `GET .../Microsoft.DigitalTwins/digitalTwinsInstances[/{name}]` | every instance of this emulator |
//! | `GET .../Microsoft.Storage/storageAccounts[/{name}]`, `POST .../listKeys` | the [`storage`](crate::storage) service |
//! | `GET .../Microsoft.IoTCentral/iotApps[/{name}]` | every IoT Central application of this emulator |
//!
//! `...` is `/subscriptions/{id}/providers` or
//! `/subscriptions/{id}/resourceGroups/{name}/providers`; single resources are in
//! their group. Everything is in [`SUBSCRIPTION_ID`] and [`RESOURCE_GROUP`].
//!
//! # What is the vendor's behaviour and what is our choice
//!
//! The vendor's: paths in any case; `api-version` being needed; bearer tokens for
//! `https://management.core.windows.net/` or `https://management.azure.com/`; the
//! envelope `{"error":{"code","message"}}` with the codes of 400, 401, 404 and
//! 405; the challenge of a 401; the shapes of the metadata by version.
//!
//! Ours: any `api-version` is taken (but for the metadata, whose shape goes by
//! it); every principal of the tenant may see everything; one region; both keys
//! of the storage account being the same; that nothing can be created, changed or
//! removed; what else a resource tells about itself is left out.
//!
//! A `hostName` here has a port, which the Azure CLI takes as it is.
//!
//! This module must not know what the resources do.

mod error;
mod metadata;
mod resources;
mod route;

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Request, State},
    http::{HeaderMap, Method, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use url::form_urlencoded;

use self::{
    error::ArmError,
    resources::Resource,
    route::{Route, Scope},
};
use crate::{
    identity::{TENANT_DOMAIN, TENANT_ID, Verifier},
    iot_central::Applications,
    storage::Storage,
};

/// Subscription of everything that there is.
pub const SUBSCRIPTION_ID: &str = "eeeeeeee-eeee-eeee-eeee-eeeeeeeeeeee";
/// Resource group of everything that there is.
pub const RESOURCE_GROUP: &str = "twinkit";
/// Region of everything that there is.
pub const LOCATION: &str = "westeurope";

/// Audiences that it takes.
pub(crate) const AUDIENCES: [&str; 2] =
    ["https://management.core.windows.net", "https://management.azure.com"];

/// What it tells about.
pub(crate) struct Manager {
    /// Its own address.
    pub(crate) base_url: String,
    pub(crate) verifier: Verifier,
    /// Digital Twins instances: name, host and port.
    pub(crate) instances: Vec<(String, String)>,
    pub(crate) applications: Applications,
    pub(crate) storage_url: String,
    pub(crate) storage: Storage,
}

/// All routes of the listener.
pub(crate) fn router(manager: Manager) -> Router {
    Router::new().fallback(answer).with_state(Arc::new(manager))
}

async fn answer(State(manager): State<Arc<Manager>>, request: Request) -> Response {
    manager.answer(&request).unwrap_or_else(IntoResponse::into_response)
}

impl Manager {
    fn answer(&self, request: &Request) -> Result<Response, ArmError> {
        let path = request.uri().path();
        let route = Route::read(path).ok_or_else(|| ArmError::path_unknown(path));
        if !matches!(route, Ok(Route::Metadata)) {
            self.check_caller(request.headers())?;
        }
        let route = route?;
        let wanted = if route.is_action() { Method::POST } else { Method::GET };
        if *request.method() != wanted {
            return Err(ArmError::method_not_allowed(request.method()));
        }
        let version = version(request.uri().query().unwrap_or_default())?;
        let document = match &route {
            Route::Metadata => self.metadata(&version)?,
            Route::Tenants => list(vec![tenant()]),
            Route::Subscriptions => list(vec![subscription()]),
            Route::Subscription(scope) => scope.check().map(|()| subscription())?,
            Route::Groups(scope) => scope.check().map(|()| list(vec![group()]))?,
            Route::Group(scope) => scope.check().map(|()| group())?,
            Route::Resources(scope, kind) => {
                scope.check()?;
                let all = self.resources(*kind);
                list(all.iter().map(Resource::document).collect())
            }
            Route::Resource(scope, kind, name) => self.find(scope, *kind, name)?.document(),
            Route::Keys(scope, kind, name) => {
                self.find(scope, *kind, name)?;
                self.keys()
            }
        };
        Ok(Json(document).into_response())
    }

    fn check_caller(&self, headers: &HeaderMap) -> Result<(), ArmError> {
        let authority = &self.verifier.authority.base_url;
        let Some(authorization) = headers.get(header::AUTHORIZATION) else {
            return Err(ArmError::token_missing(authority));
        };
        let authorization = authorization.to_str().unwrap_or_default();
        match self.verifier.verify(authorization) {
            Ok(_) => Ok(()),
            Err(refusal) => Err(ArmError::token_refused(&refusal, authority)),
        }
    }

    fn find(&self, scope: &Scope, kind: resources::Kind, name: &str) -> Result<Resource, ArmError> {
        scope.check()?;
        self.resources(kind)
            .into_iter()
            .find(|resource| resource.name.eq_ignore_ascii_case(name))
            .ok_or_else(|| ArmError::resource_unknown(kind.type_name(), name))
    }
}

/// The `api-version`, which ARM asks of every request.
fn version(query: &str) -> Result<String, ArmError> {
    form_urlencoded::parse(query.as_bytes())
        .find(|(name, value)| name.eq_ignore_ascii_case("api-version") && !value.is_empty())
        .map(|(_, value)| value.into_owned())
        .ok_or_else(ArmError::version_missing)
}

fn list(values: Vec<Value>) -> Value {
    json!({ "value": values })
}

fn tenant() -> Value {
    json!({
        "id": format!("/tenants/{TENANT_ID}"),
        "tenantId": TENANT_ID,
        "displayName": "twinkit",
        "defaultDomain": TENANT_DOMAIN,
        "domains": [TENANT_DOMAIN],
        "tenantCategory": "Home",
        "tenantType": "AAD",
    })
}

fn subscription() -> Value {
    json!({
        "id": format!("/subscriptions/{SUBSCRIPTION_ID}"),
        "subscriptionId": SUBSCRIPTION_ID,
        "tenantId": TENANT_ID,
        "displayName": "twinkit emulator",
        "state": "Enabled",
        "authorizationSource": "RoleBased",
        "managedByTenants": [],
    })
}

fn group() -> Value {
    json!({
        "id": format!("/subscriptions/{SUBSCRIPTION_ID}/resourceGroups/{RESOURCE_GROUP}"),
        "name": RESOURCE_GROUP,
        "type": "Microsoft.Resources/resourceGroups",
        "location": LOCATION,
        "properties": {"provisioningState": "Succeeded"},
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::USER_IDENTITY_RESOURCE_ID;

    #[test]
    fn the_managed_identity_is_in_the_same_group() {
        let id = group()["id"].as_str().unwrap().to_owned();
        assert!(USER_IDENTITY_RESOURCE_ID.starts_with(&format!("{id}/providers/")));
    }
}
