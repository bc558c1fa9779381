//! What a caller may choose for a call. It must not know what is called.

use std::fmt;
use std::time::Duration;

use reqwest::header::{
    ACCEPT_ENCODING, AUTHORIZATION, CONNECTION, CONTENT_LENGTH, EXPECT, HOST, HeaderMap,
    HeaderName, HeaderValue, PROXY_AUTHORIZATION, TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
};

/// Headers that a caller cannot set: the credential is bound to its origin by
/// the authorizer, answers are asked for as they can be read, and the others belong to
/// the connection (RFC 9110 section 7.6.1).
const REFUSED_HEADERS: [HeaderName; 12] = [
    AUTHORIZATION,
    PROXY_AUTHORIZATION,
    ACCEPT_ENCODING,
    HOST,
    CONTENT_LENGTH,
    TRANSFER_ENCODING,
    CONNECTION,
    HeaderName::from_static("keep-alive"),
    UPGRADE,
    TE,
    TRAILER,
    EXPECT,
];

/// Options of calls: `client.with_options(CallOptions::new().no_retry())`. What is not
/// set is as the client has it.
///
/// ```
/// use std::time::Duration;
/// use twinkit_runtime::CallOptions;
///
/// let options = CallOptions::new()
///     .timeout(Duration::from_secs(300))
///     .attempt_timeout(Duration::from_secs(120))
///     .header("x-ms-client-request-id", "import-7");
/// # let _ = options;
/// ```
#[derive(Clone, Default)]
pub struct CallOptions {
    pub(crate) timeout: Option<Duration>,
    pub(crate) attempt_timeout: Option<Duration>,
    pub(crate) max_retries: Option<u32>,
    pub(crate) idempotent: Option<bool>,
    pub(crate) headers: HeaderMap,
    pub(crate) fault: Option<String>,
}

impl CallOptions {
    /// Everything as the client has it.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How long a call may take in all, waits and repeats included; also a transfer to
    /// or from a signed address, which has no such limit otherwise.
    #[must_use]
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = Some(limit);
        self
    }

    /// How long one attempt may take, from sending to the last byte of the
    /// answer.
    #[must_use]
    pub fn attempt_timeout(mut self, limit: Duration) -> Self {
        self.attempt_timeout = Some(limit);
        self
    }

    /// [`attempt_timeout`](Self::attempt_timeout), unless one is set already:
    /// for client crates that know how long an answer may take.
    #[must_use]
    pub fn or_attempt_timeout(mut self, limit: Duration) -> Self {
        self.attempt_timeout.get_or_insert(limit);
        self
    }

    /// Sends once, whatever happens.
    #[must_use]
    pub fn no_retry(self) -> Self {
        self.max_retries(0)
    }

    /// Repeats at most this often.
    #[must_use]
    pub fn max_retries(mut self, retries: u32) -> Self {
        self.max_retries = Some(retries);
        self
    }

    /// Says whether sending twice has the effect of sending once, where the
    /// caller knows better than the operation table.
    #[must_use]
    pub fn idempotent(mut self, idempotent: bool) -> Self {
        self.idempotent = Some(idempotent);
        self
    }

    /// Sends a header with the call, in place of one of the same name. A
    /// header that cannot be sent, or that callers cannot set
    /// (`Authorization`, `Host` and those of the connection), makes the call
    /// fail before anything is sent.
    #[must_use]
    pub fn header<N, V>(mut self, name: N, value: V) -> Self
    where
        N: TryInto<HeaderName>,
        V: TryInto<HeaderValue>,
    {
        match sendable(name, value) {
            Ok((name, value)) => {
                self.headers.insert(name, value);
            }
            Err(fault) => self.fault = Some(fault),
        }
        self
    }

    /// These, and where they leave something unset `others`. Headers are joined; of two
    /// of one name these have theirs.
    #[must_use]
    pub(crate) fn over(mut self, others: &Self) -> Self {
        let mut headers = others.headers.clone();
        headers.extend(self.headers.drain());
        Self {
            timeout: self.timeout.or(others.timeout),
            attempt_timeout: self.attempt_timeout.or(others.attempt_timeout),
            max_retries: self.max_retries.or(others.max_retries),
            idempotent: self.idempotent.or(others.idempotent),
            headers,
            fault: self.fault.or_else(|| others.fault.clone()),
        }
    }
}

/// A header that a caller sends.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn sendable<N, V>(name: N, value: V) -> Result<(HeaderName, HeaderValue), String>
where
    N: TryInto<HeaderName>,
    V: TryInto<HeaderValue>,
{
    match (name.try_into(), value.try_into()) {
        (Ok(name), Ok(_)) if REFUSED_HEADERS.contains(&name) => {
            Err(format!("the header {name} cannot be set by callers"))
        }
        (Ok(name), Ok(value)) => Ok((name, value)),
        (Ok(name), Err(_)) => Err(format!("the value for the header {name} cannot be sent")),
        (Err(_), _) => Err("a header's name cannot be sent".to_owned()),
    }
}

/// Of headers, only the names: a caller may send secrets in them.
impl fmt::Debug for CallOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallOptions")
            .field("timeout", &self.timeout)
            .field("attempt_timeout", &self.attempt_timeout)
            .field("max_retries", &self.max_retries)
            .field("idempotent", &self.idempotent)
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_values_are_not_shown() {
        let options = CallOptions::new().header("x-key", "canary");
        assert_eq!(options.headers["x-key"], "canary");
        let shown = format!("{options:?}");
        assert!(shown.contains("x-key") && !shown.contains("canary"), "{shown}");
    }

    #[test]
    fn what_is_left_unset_is_taken_from_others() {
        let second = Duration::from_secs(1);
        let under = CallOptions::new().timeout(second).max_retries(7).idempotent(true);
        let under = under.header("x-a", "under").header("x-b", "under");
        let over = CallOptions::new().no_retry().attempt_timeout(second).header("x-b", "over");
        let both = over.header("x-c", "over").over(&under);
        assert_eq!((both.timeout, both.attempt_timeout), (Some(second), Some(second)));
        assert_eq!((both.max_retries, both.idempotent), (Some(0), Some(true)));
        let values: Vec<_> = ["x-a", "x-b", "x-c"].map(|name| both.headers[name].clone()).into();
        assert_eq!(values, ["under", "over", "over"]);
        assert_eq!(both.headers.len(), 3);
        let faulty = CallOptions::new().over(&CallOptions::new().header("host", "h"));
        assert!(faulty.fault.is_some());
    }

    #[test]
    fn unfit_headers_are_remembered_as_faults() {
        for (name, value) in [
            ("authorization", "x"),
            ("Proxy-Authorization", "x"),
            ("accept-encoding", "gzip"),
            ("keep-alive", "x"),
            ("a b", "x"),
            ("x-a", "a\nb"),
            ("host", "h"),
        ] {
            let options = CallOptions::new().header(name, value);
            assert!(options.fault.is_some() && options.headers.is_empty(), "{name}");
        }
    }
}
