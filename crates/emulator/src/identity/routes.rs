//! The HTTP face of the identity service.
//!
//! `{tenant}` is a tenant id or domain name; `adfs` selects the AD FS layout.

use std::sync::Arc;

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::{Value, json};

use super::{
    directory::TENANT_ID,
    error::TokenError,
    grant::{self, Form},
    token::Authority,
};

type Shared = State<Arc<Authority>>;

/// Words that stand for several tenants; discovery knows them, tokens do not.
const SHARED_TENANTS: [&str; 3] = ["common", "organizations", "consumers"];

/// All routes of the identity listener.
pub(crate) fn router(authority: Arc<Authority>) -> Router {
    Router::new()
        .route("/{tenant}/oauth2/v2.0/token", get(token_by_get).post(token))
        .route("/adfs/oauth2/token", get(token_by_get).post(adfs_token))
        .route("/{tenant}/v2.0/.well-known/openid-configuration", get(discovery))
        .route("/{tenant}/.well-known/openid-configuration", get(plain_discovery))
        .route("/{tenant}/discovery/v2.0/keys", get(keys))
        .route("/adfs/discovery/keys", get(adfs_keys))
        .route("/common/discovery/instance", get(instance_discovery))
        .with_state(authority)
}

async fn token(
    State(authority): Shared,
    Path(tenant): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let tenant_id = match token_tenant(&authority, &tenant) {
        Ok(tenant_id) => tenant_id,
        Err(error) => return refuse(&authority, &headers, &error),
    };
    let issuer = authority.issuer(&tenant_id);
    answer(&authority, &tenant_id, issuer, &headers, &body)
}

async fn adfs_token(State(authority): Shared, headers: HeaderMap, body: Bytes) -> Response {
    let issuer = authority.adfs_issuer();
    answer(&authority, TENANT_ID, issuer, &headers, &body)
}

async fn token_by_get(State(authority): Shared, headers: HeaderMap) -> Response {
    refuse(&authority, &headers, &TokenError::post_only())
}

fn token_tenant(authority: &Authority, name: &str) -> Result<String, TokenError> {
    if SHARED_TENANTS.contains(&name) {
        return Err(TokenError::tenant_missing());
    }
    authority.directory.tenant(name).ok_or_else(|| {
        let well_formed = uuid::Uuid::try_parse(name).is_ok() || name.contains('.');
        if well_formed {
            TokenError::tenant_not_found(name)
        } else {
            TokenError::tenant_malformed(name)
        }
    })
}

fn answer(
    authority: &Authority,
    tenant_id: &str,
    issuer: String,
    headers: &HeaderMap,
    body: &[u8],
) -> Response {
    let form = if is_form(headers) { Form::parse(body) } else { Form::default() };
    let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let grant = match grant::judge(authority, tenant_id, &form, authorization) {
        Ok(grant) => grant,
        Err(error) => return refuse(authority, headers, &error),
    };
    let Ok(issued) = authority.issue(&grant.application, &grant.audience, issuer) else {
        return refuse(authority, headers, &TokenError::signing_failed());
    };
    // No `client_info`, asked for or not: it tells of a user, and libraries file
    // the token under that user, where they do not look for an application's.
    let body = json!({
        "token_type": "Bearer",
        "expires_in": issued.lifetime_seconds,
        "ext_expires_in": issued.lifetime_seconds,
        "access_token": issued.token,
    });
    let correlation_id = correlation_id(headers);
    finish(Json(body).into_response(), headers, &new_id(), &correlation_id)
}

fn refuse(authority: &Authority, headers: &HeaderMap, error: &TokenError) -> Response {
    let trace_id = new_id();
    let correlation_id = correlation_id(headers);
    let now = authority.clock.now();
    let response = error.answer(now, &trace_id, &correlation_id, &authority.base_url);
    finish(response, headers, &trace_id, &correlation_id)
}

/// The headers that Entra puts on each answer of its token endpoint.
fn finish(
    mut response: Response,
    request: &HeaderMap,
    trace_id: &str,
    correlation_id: &str,
) -> Response {
    let headers = response.headers_mut();
    let json = HeaderValue::from_static("application/json; charset=utf-8");
    headers.insert(header::CONTENT_TYPE, json);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store, no-cache"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    headers.insert(header::EXPIRES, HeaderValue::from_static("-1"));
    if let Ok(value) = HeaderValue::from_str(trace_id) {
        headers.insert(HeaderName::from_static("x-ms-request-id"), value);
    }
    let wanted = request.get("return-client-request-id");
    if wanted.is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"true"))
        && let Ok(value) = HeaderValue::from_str(correlation_id)
    {
        headers.insert(HeaderName::from_static("client-request-id"), value);
    }
    response
}

fn correlation_id(headers: &HeaderMap) -> String {
    headers
        .get("client-request-id")
        .and_then(|value| value.to_str().ok())
        .map_or_else(new_id, str::to_owned)
}

fn is_form(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|media| media.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"))
}

async fn discovery(
    State(authority): Shared,
    Path(tenant): Path<String>,
    headers: HeaderMap,
) -> Response {
    let (name, issuer_tenant) = match authority.directory.tenant(&tenant) {
        Some(id) => (id.clone(), id),
        None if SHARED_TENANTS.contains(&tenant.as_str()) => (tenant, "{tenantid}".to_owned()),
        None => return refuse(&authority, &headers, &TokenError::tenant_not_found(&tenant)),
    };
    let base = &authority.base_url;
    let root = format!("{base}/{name}");
    let document = configuration(
        base,
        &authority.issuer(&issuer_tenant),
        &format!("{root}/oauth2/v2.0"),
        &format!("{root}/discovery/v2.0/keys"),
    );
    Json(document).into_response()
}

async fn plain_discovery(
    State(authority): Shared,
    Path(tenant): Path<String>,
    headers: HeaderMap,
) -> Response {
    if tenant != "adfs" {
        return discovery(State(authority), Path(tenant), headers).await;
    }
    let root = authority.adfs_issuer();
    let document = configuration(
        &authority.base_url,
        &root,
        &format!("{root}/oauth2"),
        &format!("{root}/discovery/keys"),
    );
    Json(document).into_response()
}

fn configuration(base: &str, issuer: &str, endpoints: &str, keys: &str) -> Value {
    let host = base.split_once("://").map_or(base, |(_, host)| host);
    json!({
        "token_endpoint": format!("{endpoints}/token"),
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "jwks_uri": keys,
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "issuer": issuer,
        "request_uri_parameter_supported": false,
        "authorization_endpoint": format!("{endpoints}/authorize"),
        "claims_supported": ["sub", "iss", "aud", "exp", "iat", "nbf", "tid", "oid", "ver"],
        "tenant_region_scope": null,
        "cloud_instance_name": host,
        "msgraph_host": host,
    })
}

async fn keys(
    State(authority): Shared,
    Path(tenant): Path<String>,
    headers: HeaderMap,
) -> Response {
    match authority.directory.tenant(&tenant) {
        Some(id) => Json(authority.key.key_set(&authority.issuer(&id))).into_response(),
        None if SHARED_TENANTS.contains(&tenant.as_str()) => {
            Json(authority.key.key_set(&authority.issuer("{tenantid}"))).into_response()
        }
        None => refuse(&authority, &headers, &TokenError::tenant_not_found(&tenant)),
    }
}

async fn adfs_keys(State(authority): Shared) -> Json<Value> {
    Json(authority.key.key_set(&authority.adfs_issuer()))
}

async fn instance_discovery(State(authority): Shared) -> Json<Value> {
    let base = &authority.base_url;
    let host = base.split_once("://").map_or(base.as_str(), |(_, host)| host);
    Json(json!({
        "tenant_discovery_endpoint":
            format!("{base}/{TENANT_ID}/v2.0/.well-known/openid-configuration"),
        "api-version": "1.1",
        "metadata": [{
            "preferred_network": host,
            "preferred_cache": host,
            "aliases": [host],
        }],
    }))
}

fn new_id() -> String {
    uuid::Uuid::new_v4().to_string()
}
