//! Compares what was sent with what the specification describes.

use percent_encoding::percent_decode_str;
use serde_json::Value;
use url::form_urlencoded;

use super::given::{Given, TOKEN, plain};
use crate::support::recorder::Recorded;

/// Headers that HTTP itself or the connection needs; no specification lists
/// them.
const TRANSPORT: [&str; 6] =
    ["host", "user-agent", "content-length", "accept-encoding", "connection", "transfer-encoding"];

/// The differences between what was sent and what should have been.
pub(super) fn sent(given: &Given<'_>, recorded: &[Recorded]) -> Vec<String> {
    let [request] = recorded else {
        return vec![format!("{} requests were sent instead of one", recorded.len())];
    };
    let mut differences = Vec::new();
    let operation = given.operation;
    if request.method != operation.method {
        differences.push(format!("method {} instead of {}", request.method, operation.method));
    }
    let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
    differences.extend(compare_path(given, path));
    differences.extend(compare_query(given, query));
    differences.extend(compare_headers(given, request));
    differences.extend(compare_body(given, request));
    differences
}

/// Whether a request carries some value for a header parameter, or for the
/// body, that was left out.
pub(super) fn carries(request: &Recorded, given: &Given<'_>, name: &str) -> bool {
    if name == "body" {
        return !request.body.is_empty();
    }
    let is_header = given
        .parameters
        .iter()
        .any(|set| set.parameter.name == name && set.parameter.place == "header");
    is_header && request.header(name).is_some_and(|value| !value.is_empty())
}

/// Segment by segment, so that a value with a slash cannot become two.
fn compare_path(given: &Given<'_>, path: &str) -> Vec<String> {
    let template: Vec<&str> = given.operation.path.split('/').collect();
    let segments: Vec<&str> = path.split('/').collect();
    if template.len() != segments.len() {
        return vec![format!("path {path} does not have the segments of {}", template.join("/"))];
    }
    let mut differences = Vec::new();
    for (expected, segment) in template.iter().zip(segments) {
        let name = expected.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        let Some(name) = name else {
            if *expected != segment {
                differences.push(format!("path word {segment} instead of {expected}"));
            }
            continue;
        };
        let value = given
            .parameters
            .iter()
            .find(|set| set.parameter.place == "path" && set.parameter.name == name)
            .map(|set| plain(&set.value));
        let Some(value) = value else {
            differences.push(format!("the specification describes no path parameter {name}"));
            continue;
        };
        let decoded = percent_decode_str(segment).decode_utf8_lossy();
        if decoded != value {
            differences.push(format!("path parameter {name} is {decoded:?}, not {value:?}"));
        }
        if segment.bytes().any(|byte| !byte.is_ascii_graphic() || b"\"<>\\^`{|}".contains(&byte)) {
            differences.push(format!("path parameter {name} is not fully encoded: {segment}"));
        }
    }
    differences
}

/// As a multiset of decoded pairs: their order is free.
fn compare_query(given: &Given<'_>, query: &str) -> Vec<String> {
    let mut expected: Vec<(String, String)> = Vec::new();
    for set in given.parameters.iter().filter(|set| set.parameter.place == "query") {
        let values = match &set.value {
            Value::Array(values) => values.as_slice(),
            one => std::slice::from_ref(one),
        };
        expected.extend(values.iter().map(|value| (set.parameter.name.clone(), plain(value))));
    }
    let mut actual: Vec<(String, String)> =
        form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    expected.sort();
    actual.sort();
    if expected == actual {
        Vec::new()
    } else {
        vec![format!("query {actual:?} instead of {expected:?}")]
    }
}

fn compare_headers(given: &Given<'_>, request: &Recorded) -> Vec<String> {
    let operation = given.operation;
    let mut expected: Vec<(String, String)> = Vec::new();
    for set in given.parameters.iter().filter(|set| set.parameter.place == "header") {
        expected.push((set.parameter.name.to_lowercase(), plain(&set.value)));
    }
    if operation.secured {
        expected.push(("authorization".to_owned(), format!("Bearer {TOKEN}")));
    }
    if let (Some(body), Some(_)) = (&operation.body, &given.body) {
        expected.push(("content-type".to_owned(), body.media_type.clone()));
    }
    let mut differences = Vec::new();
    for (name, value) in &expected {
        match request.header(name) {
            Some(actual) if actual == *value => {}
            actual => differences.push(format!("header {name} is {actual:?}, not {value:?}")),
        }
    }
    let known =
        |name: &str| TRANSPORT.contains(&name) || expected.iter().any(|(known, _)| known == name);
    for (name, value) in &request.headers {
        if name == "accept" {
            differences.extend(compare_accept(given, value));
        } else if !known(name) {
            differences.push(format!("header {name} is not described: {value:?}"));
        }
    }
    let answers = || operation.successes().any(|response| response.content.is_some());
    if request.header("accept").is_none() && (operation.accept.is_some() || answers()) {
        differences.push("there is no Accept".to_owned());
    }
    differences
}

/// Exactly the media types of the successes; where these have no body, those
/// of the failures or anything.
fn compare_accept(given: &Given<'_>, value: &str) -> Option<String> {
    let media_types = |success: bool| -> Vec<&str> {
        let responses = given.operation.responses.iter().filter(|r| r.is_success() == success);
        responses.filter_map(|r| Some(r.content.as_ref()?.0.as_str())).collect()
    };
    if let Some(accept) = &given.operation.accept {
        return (value != accept).then(|| format!("Accept is {value:?}, not {accept:?}"));
    }
    let accepted: Vec<&str> = value.split(',').map(str::trim).collect();
    let wanted = media_types(true);
    let fits = if wanted.is_empty() {
        accepted.iter().all(|one| *one == "*/*" || media_types(false).contains(one))
    } else {
        accepted.iter().all(|one| wanted.contains(one))
            && wanted.iter().all(|one| accepted.contains(one))
    };
    (!fits).then(|| format!("Accept is {value:?}, not {wanted:?}"))
}

fn compare_body(given: &Given<'_>, request: &Recorded) -> Option<String> {
    match &given.body {
        None if request.body.is_empty() => None,
        None => Some(format!("a body of {} bytes was sent; none is described", request.body.len())),
        Some(Value::String(bytes)) if given.sends_bytes() => (request.body != bytes.as_bytes())
            .then(|| format!("the body is not {bytes:?} but {} bytes", request.body.len())),
        Some(expected) => match serde_json::from_slice::<Value>(&request.body) {
            Ok(actual) if actual == *expected => None,
            Ok(actual) => Some(format!("body {actual} instead of {expected}")),
            Err(error) => Some(format!("the body is not JSON: {error}")),
        },
    }
}
