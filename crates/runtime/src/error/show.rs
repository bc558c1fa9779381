//! An error in one line. It must not know how errors are made, and shows nothing
//! of bodies, addresses and credentials.

use std::fmt;
use std::time::Duration;

use super::{Error, ErrorDetail, ErrorKind};

/// A text of a service's in one line is cut after this many characters; the whole
/// is at the accessors, such as [`Error::message`].
const MOST: usize = 500;

/// One line: operation, status and code or kind, message, the first of the details,
/// what of the request it concerns, request id, attempts.
impl<E> fmt::Display for Error<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(operation) = self.operation() {
            write!(f, "{operation}: ")?;
        }
        match (self.status(), self.code()) {
            (Some(status), Some(code)) => write!(f, "{} {}", status.as_u16(), shown(code))?,
            (Some(status), None) => write!(f, "{} {}", status.as_u16(), self.kind())?,
            (None, Some(code)) => write!(f, "{} {}", self.kind(), shown(code))?,
            (None, None) => write!(f, "{}", self.kind())?,
        }
        let message = self.message().map(|message| without_request_id(message, self.request_id()));
        if let Some(message) = message {
            write!(f, ": {}", shown(message))?;
        }
        let fault = first_fault(self.details());
        if let Some(fault) = &fault {
            write!(f, " [{fault}")?;
            if let Some(more @ 1..) = self.details().len().checked_sub(1) {
                write!(f, " and {more} more")?;
            }
            f.write_str("]")?;
        }
        let mut notes = Vec::new();
        if let Some(target) = self.target().filter(|target| !target.is_empty()) {
            let told = [message.unwrap_or_default(), fault.as_deref().unwrap_or_default()];
            if !told.iter().any(|text| names(text, target)) {
                notes.push(format!("target {}", shown(target)));
            }
        }
        if let Some(id) = self.request_id() {
            notes.push(format!("request id {}", shown(id)));
        }
        if self.attempts() > 1 {
            notes.push(format!("{} attempts", self.attempts()));
        }
        // That of an identity service stands in the message.
        if let Some(wait) = self.retry_after().filter(|_| self.kind() != ErrorKind::Auth) {
            notes.push(format!("retry after {} s", seconds(wait)));
        }
        if notes.is_empty() { Ok(()) } else { write!(f, " ({})", notes.join(", ")) }
    }
}

/// In seconds, to the millisecond.
pub(crate) fn seconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e3).round() / 1e3
}

fn shown(text: &str) -> String {
    twinkit_http::redact::text(text, &[], MOST)
}

/// The first of the details, with what it concerns: some services say there alone
/// what is wrong, and with what.
fn first_fault(details: &[ErrorDetail]) -> Option<String> {
    details.iter().find_map(|detail| {
        let message = detail.message.as_deref()?;
        Some(match detail.target.as_deref() {
            Some(target) if !target.is_empty() && !names(message, target) => {
                format!("{}: {}", shown(target), shown(message))
            }
            _ => shown(message),
        })
    })
}

/// Whether a text names something, as words of their own: `id` is not in `invalid`.
fn names(text: &str, name: &str) -> bool {
    let is_inside = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(name).any(|(at, _)| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let after = text.get(at + name.len()..).and_then(|after| after.chars().next());
        !before.is_some_and(is_inside) && !after.is_some_and(is_inside)
    })
}

/// The message without the request's id and time, with which some services end
/// it: the id is told apart from it. A message of nothing else stays.
fn without_request_id<'m>(message: &'m str, id: Option<&str>) -> &'m str {
    const BEGIN: &[u8] = b"request id";
    let begins = |window: &[u8]| window.eq_ignore_ascii_case(BEGIN);
    let at = message.as_bytes().windows(BEGIN.len()).rposition(begins);
    let parts = at.and_then(|at| message.split_at_checked(at));
    match (parts, id) {
        (Some((text, end)), Some(id)) if end.contains(id) && !text.trim().is_empty() => {
            text.trim_end().trim_end_matches(',')
        }
        _ => message,
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use reqwest::StatusCode;
    use reqwest::header::HeaderMap;

    use super::*;

    fn told(body: &'static str) -> String {
        let body = Bytes::from_static(body.as_bytes());
        Error::<()>::from_answer(StatusCode::UNPROCESSABLE_ENTITY, HeaderMap::new(), body)
            .to_string()
    }

    #[test]
    fn what_is_wrong_is_told_with_what_it_concerns() {
        assert_eq!(
            told(
                r#"{"error":{"code":"I","message":"No.","target":"role","details":[
                    {"code":"M","message":"Required property is missing.","target":"name"},{}]}}"#
            ),
            "422 I: No. [name: Required property is missing. and 1 more] (target role)"
        );
        assert_eq!(
            told(r#"{"error":{"code":"R","message":"No.","target":"members[1].roleIds[0]"}}"#),
            "422 R: No. (target members[1].roleIds[0])"
        );
    }

    #[test]
    fn what_a_message_names_is_not_told_again() {
        assert_eq!(
            told(
                r#"{"error":{"code":"I","message":"No 'name'.","target":"name","details":[
                    {"message":"The 'name' is long.","target":"name"}]}}"#
            ),
            "422 I: No 'name'. [The 'name' is long.]"
        );
        assert_eq!(
            told(r#"{"error":{"code":"I","message":"Invalid.","target":"id"}}"#),
            "422 I: Invalid. (target id)"
        );
    }

    #[test]
    fn the_requests_id_is_a_services_text_too() {
        assert_eq!(
            told(r#"{"error":{"code":"C","message":"m","requestId":"r\u001b[31m\n1"}}"#),
            "422 C: m (request id r [31m 1)"
        );
    }

    #[test]
    fn a_code_without_a_status_is_told() {
        let error: Error = Error::operation_failed(Some("fileIsBriefcase".into()), "not taken in");
        assert_eq!(error.to_string(), format!("{} fileIsBriefcase: not taken in", error.kind()));
    }
}
