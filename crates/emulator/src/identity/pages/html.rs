//! HTML: escaping, the frame of a page, and the headers that keep it safe.

use aws_lc_rs::digest;
use axum::{
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use url::Url;

/// The only script: sends the form of its page.
const SEND: &str = "document.forms[0].submit()";

/// Text as it may stand in HTML, in attributes too.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// A page whose `body` is HTML already. Its forms may go to this server and to
/// `target`, an address to which the answer redirects.
pub(crate) fn page(status: StatusCode, title: &str, body: &str, target: Option<&str>) -> Response {
    frame(status, title, body, "", target)
}

/// A page that says one thing.
pub(crate) fn notice(status: StatusCode, title: &str, text: &str) -> Response {
    page(status, title, &format!("<p>{}</p>", escape(text)), None)
}

/// A page that sends a form on by itself, or by a button without scripts.
pub(crate) fn send_on(action: &str, fields: &[(&str, String)]) -> Response {
    let inputs: String = fields.iter().map(|(name, value)| hidden(name, value)).collect();
    let body = format!(
        "<form method=\"post\" action=\"{}\">{inputs}<noscript><button>Go on</button></noscript>\
         </form><script>{SEND}</script>",
        escape(action),
    );
    let hash = STANDARD.encode(digest::digest(&digest::SHA256, SEND.as_bytes()).as_ref());
    let script = format!("; script-src 'sha256-{hash}'");
    frame(StatusCode::OK, "One moment", &body, &script, Some(action))
}

pub(crate) fn hidden(name: &str, value: &str) -> String {
    format!("<input type=\"hidden\" name=\"{}\" value=\"{}\">", escape(name), escape(value))
}

/// A page on which a user is chosen, who then accepts or cancels.
pub(crate) struct Choice<'a> {
    /// What accepting means, in one sentence.
    pub(crate) question: String,
    /// Name and value of the hidden field that holds the page's state.
    pub(crate) state: (&'a str, &'a str),
    /// Value and label of each user; the first is chosen.
    pub(crate) users: Vec<(String, String)>,
    /// What the user agrees to by accepting.
    pub(crate) scopes: Vec<String>,
    /// Where the answer redirects to.
    pub(crate) target: Option<&'a str>,
}

impl Choice<'_> {
    pub(crate) fn show(&self) -> Response {
        let users: String = self
            .users
            .iter()
            .enumerate()
            .map(|(index, (value, label))| {
                let checked = if index == 0 { " checked" } else { "" };
                format!(
                    "<p><label><input type=\"radio\" name=\"user\" value=\"{}\"{checked}> {}\
                     </label></p>",
                    escape(value),
                    escape(label),
                )
            })
            .collect();
        let scopes: String =
            self.scopes.iter().map(|scope| format!("<li>{}</li>", escape(scope))).collect();
        let consent = if scopes.is_empty() {
            String::new()
        } else {
            format!("<p>By accepting you agree to:</p><ul>{scopes}</ul>")
        };
        let body = format!(
            "<p>{}</p><form method=\"post\">{}{users}{consent}\
             <p><button name=\"decision\" value=\"accept\">Accept</button> \
             <button name=\"decision\" value=\"cancel\">Cancel</button></p></form>",
            escape(&self.question),
            hidden(self.state.0, self.state.1),
        );
        page(StatusCode::OK, "Sign in", &body, self.target)
    }
}

fn frame(
    status: StatusCode,
    title: &str,
    body: &str,
    script: &str,
    target: Option<&str>,
) -> Response {
    let title = escape(title);
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\
         <style>body{{font:1rem sans-serif;max-width:32rem;margin:3rem auto}}</style></head>\
         <body><h1>{title}</h1>{body}<p><small>This is an emulator.</small></p></body></html>"
    );
    let target = target.and_then(source).map(|source| format!(" {source}")).unwrap_or_default();
    let policy = format!(
        "default-src 'none'; style-src 'unsafe-inline'{script}; form-action 'self'{target}; \
         base-uri 'none'; frame-ancestors 'none'"
    );
    let mut response = (status, html).into_response();
    let headers = response.headers_mut();
    let fixed = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(HeaderName::from_static("content-security-policy"), policy);
    }
    response
}

/// An address as a policy names it: browsers hold redirects of a form's answer
/// to `form-action` too.
fn source(address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    let origin = url.origin();
    Some(if origin.is_tuple() {
        origin.ascii_serialization()
    } else {
        format!("{}:", url.scheme())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_html_reads_is_escaped() {
        assert_eq!(escape("<a href='x\"'>&"), "&lt;a href=&#39;x&quot;&#39;&gt;&amp;");
    }

    #[test]
    fn a_form_may_go_where_its_answer_redirects() {
        let policy = |target| {
            let response = page(StatusCode::OK, "x", "", target);
            response.headers()["content-security-policy"].to_str().unwrap().to_owned()
        };
        assert!(policy(Some("http://localhost:5/a?b")).contains("'self' http://localhost:5; "));
        assert!(policy(Some("app://x/; script-src *")).contains("'self' app:; "));
        assert!(policy(None).contains("form-action 'self'; "));
    }
}
