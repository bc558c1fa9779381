//! The server under load, in a process of its own: tokens that end soon and can
//! be revoked, one twin, a query of any number of rows, and counts of all that.

use std::convert::Infallible;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde::{Deserialize, Serialize};

use super::ROWS_PER_PAGE;
use crate::support::child;

/// How long the token endpoint takes: long enough for every task to wait for it.
const SIGN_IN: Duration = Duration::from_millis(200);

const TWIN: &str = concat!(
    r#"{"$dtId":"room-1","$etag":"W/\"1\"","name":"Room 0.01","temperature":21.5,"#,
    r#""$metadata":{"$model":"dtmi:example:building:Room;1"}}"#
);

/// What the server counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Tokens given out.
    pub tokens: u64,
    /// Requests with a good token.
    pub served: u64,
    /// Requests with a token that has ended or was revoked.
    pub refused: u64,
    /// The most connections at one time.
    pub connections: u64,
}

#[derive(Default)]
struct State {
    counts: Counts,
    open: u64,
    life: Duration,
    /// When each token that was not revoked ends, by its number.
    good: Vec<(u64, Instant)>,
}

type Shared = Arc<Mutex<State>>;

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Serves until the standard input ends; says the address first.
///
/// # Errors
/// There is no port.
pub async fn serve() -> anyhow::Result<()> {
    let (listener, _) = child::listen().await?;
    let state = Shared::default();
    let number = Arc::new(AtomicU64::new(0));
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let (state, number) = (Arc::clone(&state), Arc::clone(&number));
        {
            let mut state = lock(&state);
            state.open += 1;
            state.counts.connections = state.counts.connections.max(state.open);
        }
        tokio::spawn(async move {
            let answer = service_fn(|request| answer(request, &state, &number));
            let connection = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), answer);
            // A connection that breaks is seen by the clients.
            drop(connection.await);
            lock(&state).open -= 1;
        });
    }
}

async fn answer(
    request: Request<Incoming>,
    state: &Mutex<State>,
    number: &AtomicU64,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let path = request.uri().path().to_owned();
    Ok(match path.as_str() {
        "/begin" => {
            let life = request.uri().query().and_then(|life| life.parse().ok()).unwrap_or(3600);
            let mut state = lock(state);
            *state = State {
                open: state.open,
                life: Duration::from_secs(life),
                counts: Counts { connections: state.open, ..Counts::default() },
                good: Vec::new(),
            };
            json(StatusCode::OK, "{}".to_owned())
        }
        "/counts" => {
            let counts = serde_json::to_string(&lock(state).counts).unwrap_or_default();
            json(StatusCode::OK, counts)
        }
        "/revoke" => {
            lock(state).good.clear();
            json(StatusCode::OK, "{}".to_owned())
        }
        path if path.ends_with("/oauth2/v2.0/token") => {
            tokio::time::sleep(SIGN_IN).await;
            let number = number.fetch_add(1, Ordering::Relaxed);
            let mut state = lock(state);
            let life = state.life;
            state.counts.tokens += 1;
            state.good.push((number, Instant::now() + life));
            json(
                StatusCode::OK,
                format!(
                    r#"{{"token_type":"Bearer","expires_in":{},"access_token":"t-{number}"}}"#,
                    life.as_secs()
                ),
            )
        }
        _ if !admit(&request, state) => json(
            StatusCode::UNAUTHORIZED,
            r#"{"error":{"code":"Unauthorized","message":"The token has ended."}}"#.to_owned(),
        ),
        _ if request.method() == Method::GET => json(StatusCode::OK, TWIN.to_owned()),
        _ => {
            let body = request.into_body().collect().await;
            json(StatusCode::OK, page(&body.map(|body| body.to_bytes()).unwrap_or_default()))
        }
    })
}

/// Whether the token is good; counts it either way.
fn admit(request: &Request<Incoming>, state: &Mutex<State>) -> bool {
    let header = request.headers().get("authorization").and_then(|value| value.to_str().ok());
    let number = header.and_then(|value| value.strip_prefix("Bearer t-")?.parse::<u64>().ok());
    let mut state = lock(state);
    let now = Instant::now();
    state.good.retain(|(_, end)| *end > now);
    let good = number.is_some_and(|number| state.good.iter().any(|(known, _)| *known == number));
    if good {
        state.counts.served += 1;
    } else {
        state.counts.refused += 1;
    }
    good
}

fn json(status: StatusCode, body: String) -> Response<Full<Bytes>> {
    let response = Response::builder().status(status).header("content-type", "application/json");
    response.body(Full::new(Bytes::from(body))).unwrap_or_default()
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Ask {
    query: Option<String>,
    continuation_token: Option<String>,
}

/// The page that a query asks for: the token, or else the statement, ends in the
/// number of rows that are left.
fn page(body: &[u8]) -> String {
    let ask: Ask = serde_json::from_slice(body).unwrap_or_default();
    let text = ask.continuation_token.or(ask.query).unwrap_or_default();
    let number = text.rsplit(' ').next().unwrap_or_default();
    let left = number.parse::<usize>().unwrap_or_default();
    let rows: Vec<String> = (0..left.min(ROWS_PER_PAGE)).map(|row| row_of(left - row)).collect();
    let token = match left.saturating_sub(ROWS_PER_PAGE) {
        0 => "null".to_owned(),
        left => format!("\"{left}\""),
    };
    format!(r#"{{"value":[{}],"continuationToken":{token}}}"#, rows.join(","))
}

fn row_of(number: usize) -> String {
    format!(r#"{{"$dtId":"room-{number}","name":"Room {number}","temperature":21.5}}"#)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_count_down() {
        let first = page(br#"{"query":"SELECT * FROM DIGITALTWINS WHERE number <= 2500"}"#);
        assert!(first.contains("room-2500") && first.ends_with(r#""continuationToken":"1500"}"#));
        let last = page(br#"{"continuationToken":"500"}"#);
        assert!(last.contains(r#""room-1""#) && last.ends_with(r#""continuationToken":null}"#));
    }
}
