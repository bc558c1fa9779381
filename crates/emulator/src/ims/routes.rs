//! The HTTP face of the IMS-shaped service.

use std::sync::Arc;

use axum::{
    Json, Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::{Value, json};

use super::{
    Provider, authorize,
    error::OAuthError,
    grants, management,
    token::{Verifier, user_info},
};
use crate::identity::form::Form;

type Shared = State<Arc<Provider>>;

/// All routes of the listener.
pub(crate) fn router(provider: Arc<Provider>) -> Router {
    Router::new()
        .route("/.well-known/openid-configuration", get(discovery))
        .route("/.well-known/openid-configuration/jwks", get(keys))
        .route("/connect/token", post(token))
        .route("/connect/authorize", get(authorize::show).post(authorize::decide))
        .route("/connect/introspect", post(introspect))
        .route("/connect/revocation", post(revoke))
        .route("/connect/userinfo", get(userinfo))
        .with_state(provider)
}

async fn discovery(State(provider): Shared) -> Json<Value> {
    let base = &provider.base_url;
    let endpoint = |name: &str| format!("{base}/connect/{name}");
    let authentication = ["client_secret_basic", "client_secret_post"];
    Json(json!({
        "issuer": base,
        "jwks_uri": format!("{base}/.well-known/openid-configuration/jwks"),
        "authorization_endpoint": endpoint("authorize"),
        "token_endpoint": endpoint("token"),
        "userinfo_endpoint": endpoint("userinfo"),
        "introspection_endpoint": endpoint("introspect"),
        "revocation_endpoint": endpoint("revocation"),
        "scopes_supported":
            ["openid", "profile", "email", "organization", "offline_access", super::SCOPE],
        "grant_types_supported": ["authorization_code", "client_credentials", "refresh_token"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "token_endpoint_auth_methods_supported": authentication,
        "introspection_endpoint_auth_methods_supported": authentication,
        "code_challenge_methods_supported": ["S256"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "subject_types_supported": ["public"],
        "authorization_response_iss_parameter_supported": true,
    }))
}

async fn keys(State(provider): Shared) -> Response {
    match provider.key.get().await {
        Ok(key) => Json(key.key_set(&provider.base_url)).into_response(),
        Err(_) => OAuthError::server_error().into_response(),
    }
}

async fn token(State(provider): Shared, headers: HeaderMap, body: Bytes) -> Response {
    let form = Form::of_body(&headers, &body);
    let answer = grants::answer(&provider, &form, &headers).await;
    uncached(answer.map(Json).into_response())
}

async fn introspect(State(provider): Shared, headers: HeaderMap, body: Bytes) -> Response {
    let form = Form::of_body(&headers, &body);
    uncached(management::introspect(&provider, &form, &headers).map(Json).into_response())
}

async fn revoke(State(provider): Shared, headers: HeaderMap, body: Bytes) -> Response {
    let form = Form::of_body(&headers, &body);
    management::revoke(&provider, &form, &headers).into_response()
}

async fn userinfo(State(provider): Shared, headers: HeaderMap) -> Response {
    let authorization = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let verifier = Verifier { provider: Arc::clone(&provider) };
    let Some(caller) = verifier.verify(authorization) else {
        let mut response = StatusCode::UNAUTHORIZED.into_response();
        let challenge = HeaderValue::from_static("Bearer error=\"invalid_token\"");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        return response;
    };
    match caller.user_id.and_then(|id| provider.directory.user(&id)) {
        Some(user) if caller.scopes.iter().any(|scope| scope == "openid") => {
            uncached(Json(user_info(&user)).into_response())
        }
        _ => StatusCode::FORBIDDEN.into_response(),
    }
}

fn uncached(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store, no-cache"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    response
}
