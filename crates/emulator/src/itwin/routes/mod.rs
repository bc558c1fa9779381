//! The operations over HTTP: which API, which version, who calls, which
//! operation; and the headers that every answer has.

mod answer;
mod api;
mod call;
mod dispatch;
mod former;
mod paging;
pub(super) mod throttle;
mod version;

use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};
use uuid::Uuid;

pub(super) use answer::Answer;
pub(super) use api::Api;
pub(super) use call::{Call, spelled, too_large};
pub(super) use paging::{Ending, Page};

use super::{ApiError, Platform, access};
use crate::{ims::Verifier, reading};

/// Longest correlation id that is sent back.
const CORRELATION_ID: usize = 128;

/// What every request needs.
#[derive(Clone)]
struct Service {
    platform: Arc<Platform>,
    verifier: Verifier,
    tls: bool,
    /// Names the gateway in `Request-Context`.
    gateway: Uuid,
}

/// All APIs of the platform. Callers are checked.
pub(crate) fn router(platform: Arc<Platform>, verifier: Verifier, tls: bool) -> Router {
    let service = Service { platform, verifier, tls, gateway: Uuid::new_v4() };
    Router::new().fallback(serve).with_state(service)
}

async fn serve(State(service): State<Service>, request: Request) -> Response {
    let version = version::asked(reading::header(request.headers(), header::ACCEPT.as_str()));
    let correlation_id = reading::header(request.headers(), "x-correlation-id")
        .filter(|id| !id.is_empty() && id.len() <= CORRELATION_ID)
        .map_or_else(|| Uuid::new_v4().to_string(), str::to_owned);
    let mut limited = Limited::default();
    let mut response = match answer(&service, request, version, &mut limited).await {
        Ok(answer) => answer.into_response(),
        Err(error) => Answer::new(error.status(), Some(error.to_json())).into_response(),
    };
    let headers = response.headers_mut();
    let config = &service.platform.config;
    set(headers, "x-correlation-id", &correlation_id);
    set(headers, "x-itwinplatform-media-type", &format!("bentley.itwin-platform.v{version}"));
    set(headers, "x-itwinplatform-region", &config.region);
    set(headers, "tier", &config.tier);
    set(headers, "request-context", &format!("appId=cid-v1:{}", service.gateway));
    set(headers, "strict-transport-security", "max-age=31536000; includeSubDomains");
    limited.tell(headers, &config.tier);
    response
}

/// What a 429 says in its headers.
#[derive(Debug, Default)]
struct Limited {
    retry_after: Option<u64>,
    api: &'static str,
    operation: String,
    application: String,
}

impl Limited {
    fn tell(&self, headers: &mut HeaderMap, tier: &str) {
        let Some(seconds) = self.retry_after else { return };
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        set(headers, "itwinplatform-ratelimited-tier", tier);
        set(headers, "itwinplatform-ratelimited-api", self.api);
        set(headers, "itwinplatform-ratelimited-operation", &self.operation);
        set(headers, "itwinplatform-ratelimited-application", &self.application);
    }
}

async fn answer(
    service: &Service,
    request: Request,
    version: u32,
    limited: &mut Limited,
) -> Result<Answer, ApiError> {
    let words = call::words(request.uri().path()).ok_or_else(ApiError::no_route)?;
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let [first, words @ ..] = words.as_slice() else { return Err(ApiError::no_route()) };
    let method = request.method().as_str().to_owned();
    let api = Api::of_word(first).ok_or_else(ApiError::no_route)?;
    let is_former = api.version() != version;
    if is_former && !former::is_known(api, version, &method, words) {
        return Err(ApiError::no_route());
    }
    let platform = &service.platform;
    let caller = {
        let authorization = reading::header(request.headers(), header::AUTHORIZATION.as_str());
        access::identify(platform, &service.verifier, authorization, api, &method, words)?
    };
    let second = platform.clock.unix_seconds();
    let apart = throttle::Apart::of(api, &method, words);
    if let Some(seconds) = platform.throttle.count(&caller.client_id, apart, second) {
        let path = apart.map_or_else(|| format!("/{}", api.word()), |it| it.path().to_owned());
        *limited = Limited {
            retry_after: Some(seconds),
            api: api.word(),
            operation: format!("{method} {path}"),
            application: caller.client_id,
        };
        return Err(ApiError::new(
            StatusCode::TOO_MANY_REQUESTS,
            "TooManyRequests",
            "The application has sent as many requests as its tier permits.",
        ));
    }
    let host = reading::header(request.headers(), header::HOST.as_str())
        .or_else(|| request.uri().authority().map(|authority| authority.as_str()))
        .unwrap_or("localhost");
    let base = format!("{}://{host}", if service.tls { "https" } else { "http" });
    let call = Call::read(Arc::clone(platform), caller, base, request).await?;
    if is_former {
        return Err(former::refusal(&call));
    }
    dispatch::answer(&call, api, words).await
}

/// Sets a header; a value that is none is left out.
fn set(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}
