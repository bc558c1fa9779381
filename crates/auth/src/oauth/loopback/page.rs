//! The pages that the person sees in the browser at the end of a sign-in, and
//! the headers that keep what stands in the address to this page.

use bytes::Bytes;
use http_body_util::Full;
use hyper::Response;
use hyper::StatusCode;
use hyper::header::{HeaderName, HeaderValue};

use crate::{AuthError, AuthErrorKind};

/// Nothing is loaded, sent on, kept, guessed or framed.
const HEADERS: [(&str, &str); 6] = [
    ("content-type", "text/html; charset=utf-8"),
    ("cache-control", "no-store"),
    ("referrer-policy", "no-referrer"),
    (
        "content-security-policy",
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("connection", "close"),
];

pub(super) type Page = Response<Full<Bytes>>;

/// The end of a sign-in.
pub(super) fn of_outcome<T>(outcome: &Result<T, AuthError>) -> Page {
    let error = match outcome {
        Ok(_) => {
            let text = "You are signed in. You can close this window.";
            return page(StatusCode::OK, "Signed in", text);
        }
        Err(error) => error,
    };
    let title = match error.kind() {
        AuthErrorKind::Denied => "Sign-in was cancelled",
        _ => "Sign-in failed",
    };
    let said = [error.error(), error.description()];
    let said: Vec<&str> = said.into_iter().flatten().collect();
    page(StatusCode::OK, title, &format!("{}. {}", error.message(), said.join(": ")))
}

/// What a request gets that is no sign-in's end.
pub(super) fn refusal(status: StatusCode) -> Page {
    page(status, status.canonical_reason().unwrap_or("Error"), "")
}

fn page(status: StatusCode, title: &str, text: &str) -> Page {
    let (title, text) = (escaped(title), escaped(text));
    let html = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{title}</title>\
         <body style=\"font-family: sans-serif; margin: 4em\"><h1>{title}</h1><p>{text}</p>\n"
    );
    let mut page = Response::new(Full::new(Bytes::from(html)));
    *page.status_mut() = status;
    for (name, value) in HEADERS {
        let value = HeaderValue::from_static(value);
        page.headers_mut().insert(HeaderName::from_static(name), value);
    }
    page
}

/// Text as HTML text.
fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            other => html.push(other),
        }
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_text() {
        assert_eq!(escaped("<a b='\"&\">ä"), "&lt;a b=&#39;&quot;&amp;&quot;&gt;ä");
    }
}
