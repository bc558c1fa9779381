//! The last requests that an emulator served, for tests to look at.
//!
//! Secrets are taken out when a request is noted: authorization headers, the
//! secrets of managed identity endpoints, and signatures in query strings.
//! Bodies are not kept.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};

use axum::http::{HeaderMap, HeaderName, Request, header};
use serde::Serialize;

use crate::faults::FaultId;

/// Requests kept unless another number is asked for; older ones make room.
const KEPT: usize = 1000;
/// Fields of a query string that open something.
const SECRET_FIELDS: [&str; 2] = ["sig", "id_token_hint"];
const HIDDEN: &str = "[redacted]";
/// Headers whose values are not kept.
const SECRET_HEADERS: [HeaderName; 5] = [
    header::AUTHORIZATION,
    header::PROXY_AUTHORIZATION,
    header::COOKIE,
    HeaderName::from_static("x-identity-header"),
    HeaderName::from_static("secret"),
];

/// One request as it arrived, and how it ended.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Recorded {
    /// Running number within the emulator, from 1.
    pub number: u64,
    /// When it arrived, in milliseconds since 1970 by the machine's clock, which
    /// nobody moves.
    pub received_millis: u64,
    /// The service's name, such as `digital-twins`.
    pub service: String,
    /// The method.
    pub method: String,
    /// The path as sent, percent-encoding kept.
    pub path: String,
    /// The query string as sent, without the values of `sig` and `id_token_hint`.
    pub query: String,
    /// Headers by name in lower case, repeated ones joined by `, `.
    pub headers: BTreeMap<String, String>,
    /// The status answered; `None` while in progress or if the connection was
    /// dropped.
    pub status: Option<u16>,
    /// The fault that was applied.
    pub fault: Option<FaultId>,
}

/// The ring of recorded requests; clones share it.
#[derive(Clone, Debug, Default)]
pub struct RequestLog {
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    last: u64,
    kept: usize,
    requests: VecDeque<Recorded>,
}

impl Default for State {
    fn default() -> Self {
        Self { last: 0, kept: KEPT, requests: VecDeque::new() }
    }
}

impl RequestLog {
    /// The recorded requests, oldest first.
    #[must_use]
    pub fn list(&self) -> Vec<Recorded> {
        self.lock().requests.iter().cloned().collect()
    }

    /// Forgets the recorded requests; the numbers go on.
    pub fn clear(&self) {
        self.lock().requests.clear();
    }

    /// Keeps the last `kept` requests from now on: 1,000 by default.
    pub fn keep(&self, kept: usize) {
        let mut state = self.lock();
        state.kept = kept;
        let surplus = state.requests.len().saturating_sub(kept);
        state.requests.drain(..surplus);
    }

    pub(crate) fn note<B>(&self, service: &str, request: &Request<B>) -> u64 {
        let mut state = self.lock();
        state.last += 1;
        let number = state.last;
        if state.kept == 0 {
            return number;
        }
        if state.requests.len() >= state.kept {
            state.requests.pop_front();
        }
        state.requests.push_back(Recorded {
            number,
            received_millis: now_millis(),
            service: service.to_owned(),
            method: request.method().as_str().to_owned(),
            path: request.uri().path().to_owned(),
            query: safe_query(request.uri().query().unwrap_or_default()),
            headers: safe_headers(request.headers()),
            status: None,
            fault: None,
        });
        number
    }

    pub(crate) fn finish(&self, number: u64, status: Option<u16>, fault: Option<FaultId>) {
        let mut state = self.lock();
        // The newest requests are the likely ones.
        let entry = state.requests.iter_mut().rev().find(|entry| entry.number == number);
        if let Some(entry) = entry {
            entry.status = status;
            entry.fault = fault;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn now_millis() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

fn safe_query(query: &str) -> String {
    let parts: Vec<String> = query
        .split('&')
        .map(|part| match part.split_once('=') {
            Some((name, _))
                if SECRET_FIELDS.iter().any(|secret| name.eq_ignore_ascii_case(secret)) =>
            {
                format!("{name}={HIDDEN}")
            }
            _ => part.to_owned(),
        })
        .collect();
    parts.join("&")
}

fn safe_headers(headers: &HeaderMap) -> BTreeMap<String, String> {
    let mut safe = BTreeMap::new();
    for name in headers.keys() {
        let value = if SECRET_HEADERS.contains(name) {
            HIDDEN.to_owned()
        } else {
            let values: Vec<_> = headers
                .get_all(name)
                .iter()
                .map(|value| String::from_utf8_lossy(value.as_bytes()))
                .collect();
            values.join(", ")
        };
        safe.insert(name.as_str().to_owned(), value);
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_taken_out() {
        let log = RequestLog::default();
        let request = Request::get("/a%2Fb?se=1&sig=canary%3D&x")
            .header("Authorization", "Bearer canary")
            .header("X-IDENTITY-HEADER", "canary")
            .header("Secret", "canary")
            .header("X-Two", "1")
            .header("X-Two", "2")
            .body(())
            .unwrap();
        let number = log.note("storage", &request);
        log.finish(number, Some(200), Some(7));
        let noted = log.list();
        assert!(!format!("{noted:?}").contains("canary"));
        assert_eq!(noted[0].path, "/a%2Fb");
        assert_eq!(noted[0].query, "se=1&sig=[redacted]&x");
        assert_eq!(noted[0].headers["x-two"], "1, 2");
        assert_eq!((noted[0].status, noted[0].fault), (Some(200), Some(7)));
    }

    #[test]
    fn the_ring_is_bounded() {
        let log = RequestLog::default();
        for _ in 0..KEPT + 5 {
            log.note("x", &Request::get("/").body(()).unwrap());
        }
        let noted = log.list();
        assert_eq!((noted.len(), noted[0].number), (KEPT, 6));
        log.clear();
        assert!(log.list().is_empty());
    }

    #[test]
    fn more_or_fewer_are_kept_on_demand() {
        let log = RequestLog::default();
        let numbers = |log: &RequestLog| -> Vec<u64> {
            log.list().iter().map(|request| request.number).collect()
        };
        let ask = || log.note("x", &Request::get("/").body(()).unwrap());
        log.keep(KEPT + 2);
        for _ in 0..KEPT + 2 {
            ask();
        }
        assert_eq!(log.list().len(), KEPT + 2);
        assert!(log.list()[0].received_millis > 1_700_000_000_000);
        log.keep(2);
        assert_eq!(numbers(&log), [1001, 1002]);
        ask();
        assert_eq!(numbers(&log), [1002, 1003]);
        log.keep(0);
        ask();
        assert!(log.list().is_empty());
    }
}
