//! The operations over HTTP, one file per group.
//!
//! Path words are matched in any case, ids keep theirs; both rules are beyond
//! axum's router, so [`router`] has a single entry that reads the path itself.
//! The files here translate: headers and parameters into arguments, results
//! into answers. What is right or wrong is for the operations to say.
//!
//! Our choices, where the platform is not known: a missing or unknown
//! `api-version` is 400 `InvalidArgument`; an unknown path 404 `NotFound`, a
//! method that the path does not take 405 with `Allow`; a body of another media
//! type 415, one above a megabyte (models apart) 413; what is not JSON is 400
//! `InvalidArgument`; `x-ms-error-code` is on every error but those of version
//! 2020-10-31.

mod access;
mod answer;
mod call;
mod components;
mod delete_jobs;
mod event_routes;
mod import_jobs;
mod models;
mod paging;
mod path;
mod query;
mod relationships;
mod telemetry;
mod throttle;
mod twins;
mod version;

use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};

pub use access::required_action;
use call::Call;
use path::Resource;
use throttle::Throttle;
use version::ApiVersion;

use super::{Instance, errors::ApiError};
use crate::{reading, sealing::Sealer};

/// What every request needs.
#[derive(Clone)]
struct Service {
    instance: Arc<Instance>,
    sealer: Sealer,
    throttle: Arc<Throttle>,
}

/// The data plane of one instance. Callers are not checked; see
/// [`required_action`] for what they need to be allowed.
pub fn router(instance: Arc<Instance>) -> Router {
    let throttle = Arc::new(Throttle::new(instance.config().rates.clone()));
    let sealer = instance.sealer.clone();
    let service = Service { instance, sealer, throttle };
    Router::new().fallback(serve).with_state(service)
}

async fn serve(State(service): State<Service>, request: Request) -> Response {
    let tls = service.instance.config().tls;
    let traceparent = reading::header(request.headers(), "traceparent").map(str::to_owned);
    let version = reading::parameter(request.uri(), "api-version");
    let version = ApiVersion::read(version.as_deref());
    let mut response = match version {
        Ok(version) => answer(service, request, version)
            .await
            .unwrap_or_else(|error| version.spelled(error).into_response()),
        Err(ref error) => error.clone().into_response(),
    };
    if let Ok(version) = version {
        version.adapt(&mut response).await;
    }
    answer::common_headers(response.headers_mut(), tls, traceparent.as_deref());
    response
}

async fn answer(
    service: Service,
    request: Request,
    version: ApiVersion,
) -> Result<Response, ApiError> {
    let resource = path::read(request.uri().path())?.filter(|resource| version.has(resource));
    let Some(resource) = resource else {
        return Err(ApiError::not_found("NotFound", "There is nothing at this path."));
    };
    if !resource.methods().contains(request.method()) {
        return Ok(method_not_allowed(&resource));
    }
    let second = service.instance.clock.unix_seconds();
    if let Some(refusal) = service.throttle.refusal(&resource, request.method(), second) {
        return Ok(refusal);
    }
    let method = request.method().clone();
    let call = Call::read(service, request, version, &resource).await?;
    match (resource, method) {
        (Resource::Models, Method::POST) => models::add(&call),
        (Resource::Models, _) => models::list(&call),
        (Resource::Model(id), Method::PATCH) => models::update(&call, &id),
        (Resource::Model(id), Method::DELETE) => models::delete(&call, &id),
        (Resource::Model(id), _) => models::get(&call, &id),
        (Resource::Query, _) => query::run(&call),
        (Resource::Twin(id), Method::PUT) => twins::put(&call, &id),
        (Resource::Twin(id), Method::PATCH) => twins::update(&call, &id),
        (Resource::Twin(id), Method::DELETE) => twins::delete(&call, &id),
        (Resource::Twin(id), _) => twins::get(&call, &id),
        (Resource::Relationships(twin), _) => relationships::list(&call, &twin),
        (Resource::IncomingRelationships(twin), _) => relationships::list_incoming(&call, &twin),
        (Resource::Relationship(twin, id), Method::PUT) => relationships::put(&call, &twin, &id),
        (Resource::Relationship(twin, id), Method::PATCH) => {
            relationships::update(&call, &twin, &id)
        }
        (Resource::Relationship(twin, id), Method::DELETE) => {
            relationships::delete(&call, &twin, &id)
        }
        (Resource::Relationship(twin, id), _) => relationships::get(&call, &twin, &id),
        (Resource::Telemetry(twin), _) => telemetry::send(&call, &twin, None),
        (Resource::ComponentTelemetry(twin, component), _) => {
            telemetry::send(&call, &twin, Some(&component))
        }
        (Resource::Component(twin, name), Method::PATCH) => components::update(&call, &twin, &name),
        (Resource::Component(twin, name), _) => components::get(&call, &twin, &name),
        (Resource::EventRoutes, _) => event_routes::list(&call),
        (Resource::EventRoute(id), Method::PUT) => event_routes::put(&call, &id),
        (Resource::EventRoute(id), Method::DELETE) => event_routes::delete(&call, &id),
        (Resource::EventRoute(id), _) => event_routes::get(&call, &id),
        (Resource::ImportJobs, _) => import_jobs::list(&call),
        (Resource::ImportJob(id), Method::PUT) => import_jobs::add(&call, &id),
        (Resource::ImportJob(id), Method::DELETE) => import_jobs::delete(&call, &id),
        (Resource::ImportJob(id), _) => import_jobs::get(&call, &id),
        (Resource::CancelImportJob(id), _) => import_jobs::cancel(&call, &id),
        (Resource::DeleteJobs, Method::POST) => delete_jobs::add(&call),
        (Resource::DeleteJobs, _) => delete_jobs::list(&call),
        (Resource::DeleteJob(id), _) => delete_jobs::get(&call, &id),
    }
}

fn method_not_allowed(resource: &Resource) -> Response {
    let allowed: Vec<&str> = resource.methods().iter().map(Method::as_str).collect();
    let error = ApiError::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "MethodNotAllowed",
        "This path does not take the method.",
    );
    let mut response = error.into_response();
    if let Ok(allowed) = HeaderValue::from_str(&allowed.join(", ")) {
        response.headers_mut().insert(header::ALLOW, allowed);
    }
    response
}
