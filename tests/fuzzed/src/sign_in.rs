//! What a browser brings back from a sign-in; every page that it shows can send the same.

use percent_encoding::percent_decode;
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use tokio::runtime::{Builder, Runtime};
use twinkit_auth::{ExposeSecret, ResponseMode, fuzzing};
use url::form_urlencoded;

use crate::support::{assert_line, text};

const STATE: &str = "st4te";
const ISSUER: &str = "https://login.example";
const PATH: &str = "/back";
const PORT: u16 = 50123;
const HOSTS: [&str; 3] = ["localhost:50123", "127.0.0.1:50123", "[::1]:50123"];

/// More than the listener answers to anything.
const MAX_ANSWER: usize = 1 << 20;

/// Every `<` of a page of the listener's.
const MARKUP: usize = 10;

type Outcome = Option<Result<String, String>>;

thread_local! {
    /// Its clock goes on at once when nothing else is left to do: requests that do not
    /// end cost no time.
    static RUNTIME: Runtime =
        Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
}

/// The fields of a query or a form. They are taken if and only if they are those of this
/// sign-in, each there once.
pub fn sign_in_answer(data: &[u8]) {
    let Some(fields) = text(data) else { return };
    let answer = fuzzing::sign_in_answer(fields, STATE, Some(ISSUER));
    // The reader is one of addresses, where these count for nothing.
    let bare = fields.replace(['\t', '\n', '\r'], "");
    let pairs: Vec<_> = form_urlencoded::parse(bare.as_bytes()).collect();
    let all = |name: &str| {
        let values = pairs.iter().filter(|(key, _)| key == name).map(|(_, value)| &**value);
        values.collect::<Vec<&str>>()
    };
    let (code, error, issuer) = (all("code"), all("error"), all("iss"));
    let is_ours = all("state") == [STATE];
    let is_missing = |values: &[&str]| matches!(values, [] | [""]);
    let is_whole = is_ours
        && matches!(code.as_slice(), [code] if !code.is_empty())
        && is_missing(&error)
        && (is_missing(&issuer) || issuer == [ISSUER]);
    match answer {
        None => assert!(!is_whole, "{fields:?}"),
        Some(Ok(taken)) => {
            assert!(is_whole, "{fields:?}");
            assert_eq!(code, [taken.expose_secret()]);
        }
        Some(Err(error)) => {
            assert!(is_ours && !is_whole, "{fields:?}");
            assert_line(&error.to_string());
        }
    }
}

/// All that is written to one connection, by whatever on this machine.
pub fn sign_in_redirect(data: &[u8]) {
    let posted = brought(data, ResponseMode::FormPost);
    let queried = brought(data, ResponseMode::Query);
    // A code that was asked for in a body is not taken from an address.
    assert!(posted.is_none() || queried.is_none());
    let Some(outcome) = posted.as_ref().or(queried.as_ref()) else { return };
    let low = String::from_utf8_lossy(data).to_ascii_lowercase();
    assert!(HOSTS.iter().any(|host| low.contains(host)) && low.contains(PATH), "{low}");
    if let Err(line) = outcome {
        assert_line(line);
    }
    // Chunks may cut it into pieces.
    if !low.contains("transfer-encoding") {
        let decoded = percent_decode(data).decode_utf8_lossy().replace(['\t', '\n', '\r'], "");
        assert!(decoded.contains(STATE), "{decoded}");
    }
    if let (Some(outcome), Some(request)) = (queried, text(data)) {
        let target = request.split_ascii_whitespace().nth(1).unwrap();
        let query = target.split('#').next().and_then(|target| target.split_once('?'));
        let read = fuzzing::sign_in_answer(query.unwrap().1, STATE, None).unwrap();
        assert_eq!(read.ok().map(|code| code.expose_secret().to_owned()), outcome.ok());
    }
}

/// What the listener takes. What it says to it: that it is done, if and only if it is.
fn brought(data: &[u8], mode: ResponseMode) -> Outcome {
    let (outcome, page) = RUNTIME.with(|runtime| runtime.block_on(exchange(data, mode)));
    let page = page.strip_prefix("HTTP/1.1 100 Continue\r\n\r\n").unwrap_or(&page);
    let (head, body) = page.split_once("\r\n\r\n").unwrap_or_default();
    let status = head.split(' ').nth(1).unwrap_or_default();
    assert_eq!(outcome.is_some(), status == "200", "{page}");
    assert!(body.is_empty() || body.matches('<').count() == MARKUP, "{page}");
    let is_said = matches!(outcome, Some(Err(_)));
    assert!(is_said || !page.contains("canary"), "{page}");
    outcome
}

async fn exchange(data: &[u8], mode: ResponseMode) -> (Outcome, String) {
    let (mut browser, listener) = duplex(data.len().max(MAX_ANSWER));
    browser.write_all(data).await.unwrap();
    let outcome = fuzzing::sign_in_redirect(listener, mode, STATE, PATH, PORT).await;
    let mut page = Vec::new();
    browser.read_to_end(&mut page).await.unwrap();
    let outcome = outcome.map(|outcome| match outcome {
        Ok(code) => Ok(code.expose_secret().to_owned()),
        Err(error) => Err(error.to_string()),
    });
    (outcome, String::from_utf8(page).unwrap())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Without it, a target that takes nothing would pass as well.
    #[test]
    fn what_is_meant_is_taken_in_its_own_way_only() {
        let form = "code=c&state=st4te";
        let posted = format!(
            "POST /back HTTP/1.1\r\nHost: localhost:50123\r\nContent-Type: \
             application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
            form.len()
        );
        let queried = format!("GET /back?{form} HTTP/1.1\r\nHost: [::1]:50123\r\n\r\n");
        let taken = Some(Ok("c".to_owned()));
        for (request, post, query) in [
            (posted.as_str(), taken.clone(), None),
            (queried.as_str(), None, taken),
            // It waits for the rest until the clock has gone on.
            (posted.strip_suffix('e').unwrap(), None, None),
        ] {
            assert_eq!(brought(request.as_bytes(), ResponseMode::FormPost), post, "{request}");
            assert_eq!(brought(request.as_bytes(), ResponseMode::Query), query, "{request}");
        }
    }
}
