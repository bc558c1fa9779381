//! Which letters ids may have. The platform's patterns are written out by hand:
//! some of them look ahead, which common expression engines refuse.

use crate::iot_central::ApiError;

/// Most characters of a DTMI, as DTDL v2 says.
const MODEL_ID: usize = 2048;

type Allowed = fn(char) -> bool;

/// Letters and digits, `-` and `_`: users, device groups, jobs.
pub(in crate::iot_central) fn word(kind: &str, id: &str, most: usize) -> Result<(), ApiError> {
    let allowed: Allowed = |c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    check(kind, id, most, allowed, "letters, digits, - and _")
}

/// Letters, digits and `-`: devices, enrollment groups.
pub(in crate::iot_central) fn name(kind: &str, id: &str, most: usize) -> Result<(), ApiError> {
    let allowed: Allowed = |c| c.is_ascii_alphanumeric() || c == '-';
    check(kind, id, most, allowed, "letters, digits and -")
}

/// Letters and digits, `:` and `;`: dashboards, deployment manifests.
pub(in crate::iot_central) fn model(kind: &str, id: &str, most: usize) -> Result<(), ApiError> {
    let allowed: Allowed = |c| c.is_ascii_alphanumeric() || matches!(c, ':' | ';' | '_');
    check(kind, id, most, allowed, "letters, digits, :, ; and _")
}

/// A DTMI: `dtmi:` before such letters. The version may be missing, as in ids that
/// the service makes itself.
pub(in crate::iot_central) fn model_of(kind: &str, id: &str) -> Result<(), ApiError> {
    if !id.starts_with("dtmi:") {
        return Err(refused(kind, id, MODEL_ID, "dtmi: in front"));
    }
    model(kind, id, MODEL_ID)
}

/// Anything printable: API tokens, relationships, destinations, exports.
pub(in crate::iot_central) fn any(kind: &str, id: &str, most: usize) -> Result<(), ApiError> {
    check(kind, id, most, |c| !c.is_control(), "printable characters")
}

/// Lower case, digits and `-`, at least two characters, no `-` at either end.
/// The pattern alone would let 49 characters through; the length limit wins.
pub(in crate::iot_central) fn organization(id: &str) -> Result<(), ApiError> {
    let allowed: Allowed = |c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let told = "at least two of lower-case letters, digits and -, none of the last at an end";
    if id.len() < 2 || id.starts_with('-') || id.ends_with('-') {
        return Err(refused("organization", id, 48, told));
    }
    check("organization", id, 48, allowed, told)
}

fn check(kind: &str, id: &str, most: usize, allowed: Allowed, told: &str) -> Result<(), ApiError> {
    if id.is_empty() || id.chars().count() > most || !id.chars().all(allowed) {
        return Err(refused(kind, id, most, told));
    }
    Ok(())
}

fn refused(kind: &str, id: &str, most: usize, told: &str) -> ApiError {
    let shown: String = id.chars().take(100).collect();
    ApiError::bad_request(format!(
        "The {kind} id {shown:?} is not valid: at most {most} characters, {told}."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_follow_their_patterns() {
        let long = "x".repeat(48);
        for good in ["ab", "a-b", "12", &long] {
            assert!(organization(good).is_ok(), "{good}");
        }
        for bad in ["", "a", "-ab", "ab-", "Ab", "a_b", "a b", &"x".repeat(49)] {
            assert!(organization(bad).is_err(), "{bad}");
        }
        assert!(word("user", "A_b-1", 48).is_ok() && word("user", "a.b", 48).is_err());
        assert!(name("device", "A-1", 128).is_ok() && name("device", "a_b", 128).is_err());
        assert!(
            model("dashboard", "dtmi:a;1", 128).is_ok() && model("dashboard", "a-b", 9).is_err()
        );
        let template = |id| model_of("device template", id).is_ok();
        assert!(template("dtmi:a:b;1") && template("dtmi:modelDefinition:a1:b2"));
        assert!(!template("a:b;1") && !template("dtmi:a b;1"));
        assert!(any("API token", "a/b %ü", 256).is_ok() && any("API token", "a\nb", 256).is_err());
    }
}
