//! The shape of ids that Microsoft Entra gives: tenants, objects, roles. Whether
//! one exists only the service says.

use progenitor_client::Error;

/// Eight, four, four, four and twelve hexadecimal digits between hyphens.
pub(crate) fn is_guid(text: &str) -> bool {
    let lengths = [8, 4, 4, 4, 12];
    let mut parts = text.split('-');
    let fits = |part: &str, length| {
        part.len() == length && part.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    lengths.iter().all(|length| parts.next().is_some_and(|part| fits(part, *length)))
        && parts.next().is_none()
}

/// The text without blanks around it, if it is a GUID. `what` names it in the
/// error, `cure` says where the right one is found.
pub(crate) fn checked(what: &str, text: &str, cure: &'static str) -> Result<String, Error> {
    let text = text.trim();
    if is_guid(text) {
        return Ok(text.to_owned());
    }
    let message = format!("{text:?} is no {what}: that is a GUID");
    Err(Error::InvalidRequest(message).with_hint(cure))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_one_shape_is_taken() {
        let good = " CA310b8d-2f4a-44e0-a36e-957c202cd8d4\n";
        assert_eq!(checked("role id", good, "").unwrap(), good.trim());
        for bad in [
            "",
            "contoso.com",
            "ca310b8d2f4a44e0a36e957c202cd8d4",
            "{ca310b8d-2f4a-44e0-a36e-957c202cd8d4}",
            "ca310b8d-2f4a-44e0-a36e-957c202cd8dx",
            "ca310b8d-2f4a-44e0-a36e-957c202cd8d4-",
            "ca310b8d-2f4a-44e0-a36e",
        ] {
            let error = checked("role id", bad, "look there").unwrap_err();
            assert!(error.to_string().contains("role id"), "{error}");
            assert_eq!(error.hint(), Some("look there"));
        }
    }
}
