//! The gate in front of a data plane: no token, no answer.
//!
//! It answers in the gateway's shapes, as recordings show them: 401 without the
//! service's envelope, 403 without a body.

use axum::{
    Json, Router,
    extract::{Request, State},
    http::{Method, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::verifier::{Refusal, Verifier};

/// The data action that a request needs; `None` if any principal may send it.
pub(crate) type RequiredAction = fn(&Method, &str) -> Option<&'static str>;

#[derive(Clone)]
struct Guard {
    verifier: Verifier,
    instance: String,
    required: RequiredAction,
}

/// Puts the gate in front of the router of `instance`.
pub(crate) fn protect(
    router: Router,
    verifier: Verifier,
    instance: &str,
    required: RequiredAction,
) -> Router {
    let guard = Guard { verifier, instance: instance.to_owned(), required };
    router.layer(middleware::from_fn_with_state(guard, check))
}

async fn check(State(guard): State<Guard>, mut request: Request, next: Next) -> Response {
    let authorization = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let caller = match guard.verifier.verify(authorization) {
        Ok(caller) => caller,
        Err(refusal) => return refuse(&refusal),
    };
    let required = (guard.required)(request.method(), request.uri().path());
    let directory = &guard.verifier.authority.directory;
    let roles = directory.roles(&guard.instance, &caller.object_id);
    let allowed = match required {
        Some(action) => roles.iter().any(|role| role.allows(action)),
        None => !roles.is_empty(),
    };
    if !allowed {
        return StatusCode::FORBIDDEN.into_response();
    }
    request.extensions_mut().insert(caller);
    next.run(request).await
}

fn refuse(refusal: &Refusal) -> Response {
    let (status, message) = match refusal {
        Refusal::Unauthorized => (StatusCode::UNAUTHORIZED, "Unauthorized"),
        Refusal::WrongTenant => (StatusCode::NOT_FOUND, "Sub-Domain not found"),
    };
    let body = Json(json!({"statusCode": status.as_u16(), "message": message}));
    (status, body).into_response()
}
