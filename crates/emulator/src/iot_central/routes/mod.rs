//! The operations over HTTP: which application, which version, who calls, which
//! operation. The first words of the path pick the file in `resources` that
//! answers; words are matched as they are, ids are percent-decoded.

mod answer;
mod call;
mod paging;
pub(super) mod throttle;
mod version;

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use uuid::Uuid;

pub(super) use answer::Answer;
pub(super) use call::Call;
pub(super) use paging::ListOptions;
pub(super) use version::ApiVersion;

use super::{ApiError, Applications, access, applications::Destination, resources};
use crate::{clock::Clock, identity::Verifier, reading};

/// What every request needs.
#[derive(Clone)]
struct Service {
    applications: Applications,
    verifier: Verifier,
    clock: Clock,
    tls: bool,
}

/// The data planes of all applications. Callers are checked.
pub(crate) fn router(
    applications: Applications,
    verifier: Verifier,
    clock: Clock,
    tls: bool,
) -> Router {
    let service = Service { applications, verifier, clock, tls };
    Router::new().fallback(serve).with_state(service)
}

async fn serve(State(service): State<Service>, request: Request) -> Response {
    let clock = service.clock.clone();
    let mut retry_after = None;
    let outcome = answer(service, request, &mut retry_after).await;
    let mut response = match outcome {
        Ok(answer) => answer.into_response(),
        Err(error) => refusal(&error, &clock),
    };
    if let Some(seconds) = retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

async fn answer(
    service: Service,
    request: Request,
    retry_after: &mut Option<u64>,
) -> Result<Answer, ApiError> {
    let host = reading::header(request.headers(), header::HOST.as_str())
        .or_else(|| request.uri().authority().map(|authority| authority.as_str()))
        .unwrap_or("localhost")
        .to_owned();
    let path = request.uri().path().to_owned();
    let Some(Destination { application, prefix, path }) = service.applications.find(&host, &path)
    else {
        return Err(ApiError::not_found("There is no such application."));
    };
    let words = reading::words(path)
        .ok_or_else(|| ApiError::bad_request("The path is not UTF-8 when percent-decoded."))?;
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let ["", "api", words @ ..] = words.as_slice() else { return Err(nothing_here()) };
    let version = ApiVersion::read(reading::parameter(request.uri(), "api-version").as_deref())?;
    let caller = {
        let authorization = reading::header(request.headers(), header::AUTHORIZATION.as_str());
        access::identify(&application, &service.verifier, authorization)?
    };
    let second = application.clock.unix_seconds();
    if application.throttle.is_one_too_many(words == ["query"], second) {
        *retry_after = application.config.retry_after;
        return Err(ApiError::new(
            StatusCode::TOO_MANY_REQUESTS,
            "TooManyRequests",
            "The application has had as many requests as it takes in a second.",
        ));
    }
    let scheme = if service.tls { "https" } else { "http" };
    let base = format!("{scheme}://{host}{prefix}");
    let call = Call::read(application, caller, version, base, path.to_owned(), request).await?;
    call.application.catch_up();
    resources::answer(&call, words).await
}

/// 404 for a path, or a method, that nothing is served at.
pub(super) fn nothing_here() -> ApiError {
    ApiError::not_found("There is nothing at this path for this method and version.")
}

fn refusal(error: &ApiError, clock: &Clock) -> Response {
    let now = std::time::SystemTime::from(clock.now()).max(std::time::SystemTime::UNIX_EPOCH);
    let id: String = Uuid::new_v4().simple().to_string().chars().take(8).collect();
    let body = error.to_json(&id, &httpdate::fmt_http_date(now));
    let mut response = Answer::new(error.status(), body).into_response();
    response.headers_mut().insert("x-ms-error-code", HeaderValue::from_static(error.code()));
    response
}

impl Answer {
    fn into_response(self) -> Response {
        let mut response = match self.body() {
            None => Response::new(Body::empty()),
            Some(body) => {
                let mut response = Response::new(Body::from(body.to_string()));
                let media = HeaderValue::from_static("application/json; charset=utf-8");
                response.headers_mut().insert(header::CONTENT_TYPE, media);
                response
            }
        };
        *response.status_mut() = self.status();
        response
    }
}
