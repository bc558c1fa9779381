//! Which version of the API answered, where the service says so: a version that
//! was not asked for is not decoded as if it were.

use reqwest::header::HeaderMap;

use crate::Operation;

/// What to look at when another version answered.
pub(super) const CURE: &str =
    "check that nothing on the way to the service changes the Accept header";

/// What was served instead of what the operation is for, in words; `None` if
/// that was served, or nothing is said of it.
pub(super) fn another(row: Option<&Operation>, headers: &HeaderMap) -> Option<String> {
    let served = row?.served?;
    // Looked through: to find it by its name, the name would have to be parsed.
    let (_, value) = headers.iter().find(|(name, _)| name.as_str() == served.header)?;
    let value = value.to_str().ok()?.trim();
    if value.is_empty() || value.eq_ignore_ascii_case(served.value) {
        return None;
    }
    let value = twinkit_http::redact::text(value, &[], 80);
    Some(format!("the service answered as {value}, not as {}", served.value))
}
