//! The gate in front of a data plane: no token, no answer.
//!
//! It answers in the gateway's shapes, as recordings show them: 401 without the
//! service's envelope, 403 without a body. Ours is that a revoked token of a
//! client that handles claims challenges gets one: no document says whether the
//! data plane does.

use axum::{
    Json, Router,
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;

use super::{
    token::Authority,
    verifier::{Refusal, Verifier},
};

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
        Err(refusal) => return refuse(&guard.verifier.authority, &refusal),
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

fn refuse(authority: &Authority, refusal: &Refusal) -> Response {
    let (status, message) = match refusal {
        Refusal::Unauthorized | Refusal::Challenged => (StatusCode::UNAUTHORIZED, "Unauthorized"),
        Refusal::WrongTenant => (StatusCode::NOT_FOUND, "Sub-Domain not found"),
    };
    let body = Json(json!({"statusCode": status.as_u16(), "message": message}));
    let mut response = (status, body).into_response();
    if *refusal == Refusal::Challenged
        && let Ok(challenge) = HeaderValue::from_str(&claims_challenge(authority))
    {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    }
    response
}

/// Asks for a token made from now on.
fn claims_challenge(authority: &Authority) -> String {
    let now = authority.clock.unix_seconds().to_string();
    let claims = json!({"access_token": {"nbf": {"essential": true, "value": now}}});
    let claims = STANDARD.encode(claims.to_string());
    format!(
        "Bearer realm=\"\", authorization_uri=\"{}/common/oauth2/v2.0/authorize\", \
         error=\"insufficient_claims\", claims=\"{claims}\"",
        authority.base_url,
    )
}
