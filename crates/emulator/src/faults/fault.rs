//! One fault: its effect and the requests it is for. Plain data.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// A fault to be scheduled. Without further words it is for the next request
/// of any service, once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Fault {
    /// What happens.
    pub effect: Effect,
    /// The service's name, such as `digital-twins`; `None` for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// The request's method, without regard to case; `None` for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Text that the path holds, without regard to case; `None` for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path_contains: Option<String>,
    /// How often; `None` until it is cleared.
    #[serde(default = "once")]
    pub times: Option<u64>,
    /// Fitting requests to let through first.
    #[serde(default)]
    pub after: u64,
    /// Milliseconds to wait before anything else.
    #[serde(default)]
    pub delay_millis: u64,
}

fn once() -> Option<u64> {
    Some(1)
}

/// What a fault does to a request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "kind")]
#[non_exhaustive]
pub enum Effect {
    /// Nothing but the delay.
    Pass,
    /// The service is not asked; this status is the answer.
    Status {
        /// Status code, 100 to 999.
        status: u16,
        /// Shape of the body.
        #[serde(default)]
        shape: Shape,
        /// A hint when to come again.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after: Option<RetryAfter>,
    },
    /// The service is not asked; this is the answer.
    Answer {
        /// Status code, 100 to 999.
        status: u16,
        /// Value of `Content-Type`.
        content_type: String,
        /// The body.
        body: String,
    },
    /// The connection is reset before the service is asked.
    Reset,
    /// The service is asked and acts; then the connection is reset.
    LoseAnswer,
    /// The answer's head promises the whole body; the connection ends after
    /// the first `keep` bytes of it.
    Truncate {
        /// Bytes of the body that are sent.
        keep: usize,
    },
    /// The service is asked; its body comes in pieces of so many bytes with a pause
    /// before each.
    Drip {
        /// Bytes of a piece, at least one.
        bytes: usize,
        /// Milliseconds of a pause.
        pause_millis: u64,
    },
    /// The service is asked; its body is replaced by a JSON text of so many
    /// bytes, sent without a length.
    HugeBody {
        /// Size of the body in bytes.
        bytes: u64,
    },
    /// The service is asked; its answer gets another media type.
    ContentType {
        /// Value of `Content-Type`.
        value: String,
    },
    /// The service is asked; these members replace those of its JSON object.
    SetMembers {
        /// The members at the top level.
        members: Map<String, Value>,
    },
}

/// Shape of a fault's body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Shape {
    /// `{"error":{"code","message"}}`, as the service itself answers.
    #[default]
    Envelope,
    /// `{"statusCode":401,"message":"Unauthorized"}`, as the gateway answers.
    Gateway,
    /// `{"error":{"statusCode":429,"message"}}`, as the gateway throttles.
    GatewayThrottle,
    /// No body at all.
    Empty,
    /// A page of HTML, as proxies answer.
    Html,
    /// A JSON text that stops half-way, with a correct length.
    BrokenJson,
}

/// How a fault says when to come again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum RetryAfter {
    /// `Retry-After` in seconds.
    Seconds(u64),
    /// `Retry-After` as a date so many seconds from now.
    DateIn(u64),
    /// `retry-after-ms` and `x-ms-retry-after-ms` in milliseconds.
    Millis(u64),
}

impl Fault {
    /// A fault with this effect on the next request, once.
    #[must_use]
    pub fn new(effect: Effect) -> Self {
        Self {
            effect,
            service: None,
            method: None,
            path_contains: None,
            times: once(),
            after: 0,
            delay_millis: 0,
        }
    }

    /// Answers with a status and the service's error envelope.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self::new(Effect::Status { status, shape: Shape::default(), retry_after: None })
    }

    /// The gateway's 401.
    #[must_use]
    pub fn gateway_unauthorized() -> Self {
        Self::status(401).shape(Shape::Gateway)
    }

    /// The gateway's 429, without `Retry-After` unless asked for.
    #[must_use]
    pub fn gateway_throttle() -> Self {
        Self::status(429).shape(Shape::GatewayThrottle)
    }

    /// A 403 without a body.
    #[must_use]
    pub fn empty_forbidden() -> Self {
        Self::status(403).shape(Shape::Empty)
    }

    /// A proxy's 502 in HTML.
    #[must_use]
    pub fn html_bad_gateway() -> Self {
        Self::status(502).shape(Shape::Html)
    }

    /// A given answer in place of the service's.
    #[must_use]
    pub fn answer(status: u16, content_type: &str, body: &str) -> Self {
        Self::new(Effect::Answer {
            status,
            content_type: content_type.to_owned(),
            body: body.to_owned(),
        })
    }

    /// Nothing but a delay.
    #[must_use]
    pub fn delay(by: Duration) -> Self {
        Self::new(Effect::Pass).delayed(by)
    }

    /// Resets the connection; the service never sees the request.
    #[must_use]
    pub fn reset() -> Self {
        Self::new(Effect::Reset)
    }

    /// Lets the service act and resets the connection in place of its answer.
    #[must_use]
    pub fn lose_answer() -> Self {
        Self::new(Effect::LoseAnswer)
    }

    /// Ends the connection after `keep` bytes of the body.
    #[must_use]
    pub fn truncate(keep: usize) -> Self {
        Self::new(Effect::Truncate { keep })
    }

    /// Lets the body drip: so many bytes, a pause in whole milliseconds, and so on.
    #[must_use]
    pub fn drip(bytes: usize, pause: Duration) -> Self {
        let pause_millis = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX);
        Self::new(Effect::Drip { bytes, pause_millis })
    }

    /// A body of so many bytes.
    #[must_use]
    pub fn huge_body(bytes: u64) -> Self {
        Self::new(Effect::HugeBody { bytes })
    }

    /// The right body under a wrong media type.
    #[must_use]
    pub fn content_type(value: &str) -> Self {
        Self::new(Effect::ContentType { value: value.to_owned() })
    }

    /// Replaces members at the top level of the service's JSON answer.
    #[must_use]
    pub fn set_members(members: Map<String, Value>) -> Self {
        Self::new(Effect::SetMembers { members })
    }

    /// Query pages without rows whose continuation token never changes, until
    /// cleared.
    #[must_use]
    pub fn endless_query_page() -> Self {
        let page = json!({"value": [], "continuationToken": "again"}).to_string();
        Self::answer(200, "application/json; charset=utf-8", &page)
            .method("POST")
            .path_contains("/query")
            .always()
    }

    /// A list page whose next link leads to `link`, another host for example.
    #[must_use]
    pub fn next_link(link: &str) -> Self {
        let mut members = Map::new();
        members.insert("nextLink".to_owned(), link.into());
        Self::set_members(members).method("GET")
    }

    /// Another shape for the body of a [`Fault::status`].
    #[must_use]
    pub fn shape(mut self, new: Shape) -> Self {
        if let Effect::Status { shape, .. } = &mut self.effect {
            *shape = new;
        }
        self
    }

    /// Adds `Retry-After` in seconds to a [`Fault::status`].
    #[must_use]
    pub fn retry_after_secs(self, seconds: u64) -> Self {
        self.retry_after(RetryAfter::Seconds(seconds))
    }

    /// Says when to come again, in a [`Fault::status`].
    #[must_use]
    pub fn retry_after(mut self, hint: RetryAfter) -> Self {
        if let Effect::Status { retry_after, .. } = &mut self.effect {
            *retry_after = Some(hint);
        }
        self
    }

    /// Only for this service.
    #[must_use]
    pub fn on(mut self, service: &str) -> Self {
        self.service = Some(service.to_owned());
        self
    }

    /// Only for this method.
    #[must_use]
    pub fn method(mut self, method: &str) -> Self {
        self.method = Some(method.to_owned());
        self
    }

    /// Only where the path holds this text, without regard to case.
    #[must_use]
    pub fn path_contains(mut self, text: &str) -> Self {
        self.path_contains = Some(text.to_owned());
        self
    }

    /// So many times.
    #[must_use]
    pub fn times(mut self, times: u64) -> Self {
        self.times = Some(times);
        self
    }

    /// Until it is cleared.
    #[must_use]
    pub fn always(mut self) -> Self {
        self.times = None;
        self
    }

    /// Lets so many fitting requests through first.
    #[must_use]
    pub fn after(mut self, requests: u64) -> Self {
        self.after = requests;
        self
    }

    /// Waits before anything else; whole milliseconds.
    #[must_use]
    pub fn delayed(mut self, by: Duration) -> Self {
        self.delay_millis = u64::try_from(by.as_millis()).unwrap_or(u64::MAX);
        self
    }

    pub(super) fn fits(&self, service: &str, method: &str, path: &str) -> bool {
        self.service.as_deref().is_none_or(|wanted| wanted == service)
            && self.method.as_deref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
            && self
                .path_contains
                .as_deref()
                .is_none_or(|text| path.to_ascii_lowercase().contains(&text.to_ascii_lowercase()))
    }
}
