//! What a scripted server does with a connection, and the bytes it sends. It
//! must not know why.

use crate::support::recorder::{Canned, Recorded};

/// How many bytes an answer announces that never comes to its end.
const ENDLESS: usize = 1000;

/// What to do with one request, or with one connection.
#[derive(Debug, Clone)]
pub(super) enum Step {
    /// Reset the connection before anything is read.
    Hangup,
    /// Say something that is no TLS before anything is read.
    Blurt,
    /// Read the request and reset the connection.
    Reset,
    /// Answer and close.
    Answer(Reply),
    /// Answer and wait for another request.
    Keep(Reply),
    /// Announce more than is sent, and close.
    Cut(Reply),
    /// Send the head, and then a byte now and then.
    Drip(Reply),
    /// Read the request and never answer.
    Silence,
}

/// An answer. `[[authorization]]` and `[[body]]` in it stand for what was sent;
/// `[[escaped]]` for the first of them in JSON's other letters.
#[derive(Debug, Clone)]
pub(super) struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Reply {
    pub(super) fn of(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new() }
    }

    pub(super) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(super) fn body(mut self, body: &str) -> Self {
        self.body = body.into();
        self
    }

    pub(super) fn json(self, body: &str) -> Self {
        self.body(body).media_type("application/json")
    }

    /// With this media type in place of any other.
    pub(super) fn media_type(mut self, media_type: &str) -> Self {
        self.headers.retain(|(name, _)| name != "content-type");
        self.header("content-type", media_type)
    }

    /// Head and body. `keep` says whether the connection stays.
    pub(super) fn bytes(&self, request: &Recorded, keep: bool) -> Vec<u8> {
        let body = self.filled(request);
        // These have no body, and must not say how long it is (RFC 9110, 8.6).
        let length = if self.status == 204 { None } else { Some(body.len()) };
        let mut bytes = self.head(length, keep);
        bytes.extend(body);
        bytes
    }

    /// The head of a longer answer, and the body as far as it goes.
    pub(super) fn unfinished(&self, request: &Recorded) -> Vec<u8> {
        let mut bytes = self.head(Some(ENDLESS), false);
        bytes.extend(self.filled(request));
        bytes
    }

    fn head(&self, length: Option<usize>, keep: bool) -> Vec<u8> {
        let mut head = format!("HTTP/1.1 {} Matrix\r\n", self.status);
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if let Some(length) = length {
            head.push_str(&format!("content-length: {length}\r\n"));
        }
        if !keep {
            head.push_str("connection: close\r\n");
        }
        head.push_str("\r\n");
        head.into_bytes()
    }

    fn filled(&self, request: &Recorded) -> Vec<u8> {
        let Ok(text) = std::str::from_utf8(&self.body) else { return self.body.clone() };
        if !text.contains("[[") {
            return self.body.clone();
        }
        let authorization = request.header("authorization").unwrap_or_default();
        let sent = String::from_utf8_lossy(&request.body);
        let escaped: String =
            authorization.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
        text.replace("[[authorization]]", &authorization)
            .replace("[[escaped]]", &escaped)
            .replace("[[body]]", &sent)
            .into_bytes()
    }
}

impl From<&Canned> for Reply {
    fn from(canned: &Canned) -> Self {
        let mut reply = Self { headers: canned.headers.clone(), ..Self::of(canned.status) };
        if let Some((media_type, _)) = &canned.content {
            reply.body = canned.bytes().into();
            reply = reply.media_type(media_type);
        }
        reply
    }
}
