//! Discovery: the provider's metadata, its keys, and which hosts are one.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, State},
    http::HeaderMap,
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::{Value, json};

use super::{
    directory::TENANT_ID,
    error::TokenError,
    routes::{Shared, respond},
    tenant::SHARED_TENANTS,
    token::Authority,
};

/// The routes of discovery.
pub(super) fn router(authority: Arc<Authority>) -> Router {
    Router::new()
        .route("/{tenant}/v2.0/.well-known/openid-configuration", get(discovery))
        .route("/{tenant}/.well-known/openid-configuration", get(plain_discovery))
        .route("/{tenant}/discovery/v2.0/keys", get(keys))
        .route("/adfs/discovery/keys", get(adfs_keys))
        .route("/common/discovery/instance", get(instance_discovery))
        .with_state(authority)
}

async fn discovery(
    State(authority): Shared,
    Path(tenant): Path<String>,
    headers: HeaderMap,
) -> Response {
    let (name, issuer_tenant) = match authority.directory.tenant(&tenant) {
        Some(id) => (id.clone(), id),
        None if SHARED_TENANTS.contains(&tenant.as_str()) => (tenant, "{tenantid}".to_owned()),
        None => return respond(&authority, &headers, Err(TokenError::tenant_not_found(&tenant))),
    };
    let base = &authority.base_url;
    let root = format!("{base}/{name}");
    let endpoints = format!("{root}/oauth2/v2.0");
    let mut document = configuration(
        base,
        &authority.issuer(&issuer_tenant),
        &endpoints,
        &format!("{root}/discovery/v2.0/keys"),
    );
    if let Some(members) = document.as_object_mut() {
        let more =
            [("device_authorization_endpoint", "devicecode"), ("end_session_endpoint", "logout")];
        for (member, path) in more {
            members.insert(member.to_owned(), format!("{endpoints}/{path}").into());
        }
        members.insert("http_logout_supported".to_owned(), true.into());
        members.insert("frontchannel_logout_supported".to_owned(), false.into());
    }
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
        "token_endpoint_auth_methods_supported":
            ["client_secret_post", "private_key_jwt", "client_secret_basic"],
        "token_endpoint_auth_signing_alg_values_supported": ["PS256", "RS256"],
        "jwks_uri": keys,
        "response_modes_supported": ["query", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code"],
        "code_challenge_methods_supported": ["S256"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "issuer": issuer,
        "request_uri_parameter_supported": false,
        "authorization_endpoint": format!("{endpoints}/authorize"),
        "claims_supported": [
            "sub", "iss", "aud", "exp", "iat", "nbf", "nonce", "name", "preferred_username",
            "tid", "oid", "ver",
        ],
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
        None => respond(&authority, &headers, Err(TokenError::tenant_not_found(&tenant))),
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
