//! The foreign issuer of workload identity: the part that GitHub, Azure
//! Pipelines or a Kubernetes cluster plays. It has a key of its own and signs
//! whatever subject it is asked for; which of them open an application is the
//! directory's matter.
//!
//! The vendors' are the two request shapes. Ours are the paths, one issuer for
//! all three hosts, and constant request tokens.

use axum::{
    Json, Router,
    extract::{Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    directory::{FEDERATION_AUDIENCE, GITHUB_SUBJECT, PIPELINES_SUBJECT},
    jwt::{self, Jwt},
    keys::{KeyError, LazyKey},
};
use crate::clock::Clock;

/// Bearer token by which a GitHub Actions job asks for its id token.
pub const GITHUB_REQUEST_TOKEN: &str = "emulated-github-request-token";
/// Bearer token by which an Azure Pipelines job asks for its id token.
pub const PIPELINES_ACCESS_TOKEN: &str = "emulated-pipelines-access-token";
/// Id of the one service connection that Azure Pipelines knows.
pub const PIPELINES_CONNECTION_ID: &str = "77777777-7777-7777-7777-777777777701";

/// Lifetime of a foreign token: an hour, as Kubernetes has it.
const LIFETIME_SECONDS: i64 = 3600;

/// The foreign issuer of one emulator.
pub(crate) struct ForeignIssuer {
    issuer: String,
    key: LazyKey,
    clock: Clock,
}

impl ForeignIssuer {
    pub(crate) fn new(identity_url: &str, clock: Clock, key: LazyKey) -> Self {
        Self { issuer: Self::address(identity_url), key, clock }
    }

    /// The issuer's address below that of the identity service.
    pub(crate) fn address(identity_url: &str) -> String {
        format!("{identity_url}/federation")
    }

    pub(crate) fn issuer(&self) -> &str {
        &self.issuer
    }

    pub(crate) async fn token(
        &self,
        subject: &str,
        audience: &str,
    ) -> Result<SecretString, KeyError> {
        let key = self.key.get().await?;
        let now = self.clock.unix_seconds();
        let claims = json!({
            "iss": self.issuer,
            "sub": subject,
            "aud": audience,
            "iat": now,
            "nbf": now,
            "exp": now.saturating_add(LIFETIME_SECONDS),
            "jti": uuid::Uuid::new_v4().to_string(),
        });
        jwt::sign(key, "JWT", &claims).map(SecretString::from)
    }

    /// Whether this issuer signed the token.
    pub(crate) fn signed(&self, jwt: &Jwt<'_>) -> bool {
        self.key.made().is_some_and(|key| jwt.is_signed_by(key))
    }
}

/// The routes of the foreign issuer, below the identity listener.
pub(crate) fn router(issuer: std::sync::Arc<super::Authority>) -> Router {
    Router::new()
        .route("/federation/.well-known/openid-configuration", get(discovery))
        .route("/federation/keys", get(keys))
        .route("/federation/github", get(github))
        .route("/federation/pipelines", post(pipelines))
        .with_state(issuer)
}

type Shared = State<std::sync::Arc<super::Authority>>;

async fn discovery(State(authority): Shared) -> Json<Value> {
    let issuer = authority.foreign.issuer();
    Json(json!({
        "issuer": issuer,
        "jwks_uri": format!("{issuer}/keys"),
        "response_types_supported": ["id_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
    }))
}

async fn keys(State(authority): Shared) -> Response {
    match authority.foreign.key.get().await {
        Ok(key) => Json(key.key_set(authority.foreign.issuer())).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

#[derive(Deserialize)]
struct GithubQuery {
    audience: Option<String>,
}

async fn github(
    State(authority): Shared,
    Query(query): Query<GithubQuery>,
    headers: HeaderMap,
) -> Response {
    if !bears(&headers, GITHUB_REQUEST_TOKEN) {
        return refuse(StatusCode::UNAUTHORIZED, "The request token is not the job's.");
    }
    // Without an audience GitHub takes the address of the repository's owner.
    let audience = query.audience.unwrap_or_else(|| "https://github.com/twinkit".to_owned());
    respond(&authority.foreign, GITHUB_SUBJECT, &audience, "value").await
}

#[derive(Deserialize)]
struct PipelinesQuery {
    #[serde(rename = "api-version")]
    api_version: Option<String>,
    #[serde(rename = "serviceConnectionId")]
    connection: Option<String>,
}

async fn pipelines(
    State(authority): Shared,
    Query(query): Query<PipelinesQuery>,
    headers: HeaderMap,
) -> Response {
    if !bears(&headers, PIPELINES_ACCESS_TOKEN) {
        return refuse(StatusCode::UNAUTHORIZED, "The access token is not the job's.");
    }
    if query.api_version.is_none() {
        return refuse(StatusCode::BAD_REQUEST, "The query has no api-version.");
    }
    let is_known = query
        .connection
        .is_some_and(|connection| connection.eq_ignore_ascii_case(PIPELINES_CONNECTION_ID));
    if !is_known {
        return refuse(StatusCode::NOT_FOUND, "There is no such service connection.");
    }
    respond(&authority.foreign, PIPELINES_SUBJECT, FEDERATION_AUDIENCE, "oidcToken").await
}

async fn respond(
    issuer: &ForeignIssuer,
    subject: &str,
    audience: &str,
    member: &'static str,
) -> Response {
    use secrecy::ExposeSecret as _;
    match issuer.token(subject, audience).await {
        Ok(token) => Json(json!({ member: token.expose_secret() })).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn bears(headers: &HeaderMap, token: &str) -> bool {
    headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .is_some_and(|(scheme, value)| scheme.eq_ignore_ascii_case("bearer") && value == token)
}

fn refuse(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({ "message": message }))).into_response()
}
