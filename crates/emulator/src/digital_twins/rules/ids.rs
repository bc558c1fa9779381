//! Ids that clients choose.

use crate::digital_twins::{dtdl, errors::ApiError};

/// Checks a twin, relationship, component or job id. Which characters the
/// platform refuses is not documented; our choice is control characters only.
pub(crate) fn check(kind: &str, id: &str, longest: usize) -> Result<(), ApiError> {
    match fault(id, longest) {
        None => Ok(()),
        Some(fault) => Err(ApiError::invalid_argument(format!("The {kind} id {fault}."))),
    }
}

/// Checks an event route id, which has a code of its own.
pub(crate) fn check_event_route(id: &str, longest: usize) -> Result<(), ApiError> {
    match fault(id, longest) {
        None => Ok(()),
        Some(fault) => Err(ApiError::bad_request(
            "EventRouteIdInvalid",
            format!("The event route id {fault}."),
        )),
    }
}

/// Checks a model id in a path or parameter.
pub(crate) fn check_model(id: &str) -> Result<(), ApiError> {
    if id.is_empty() {
        return Err(ApiError::bad_request("MissingArgument", "The model id is missing."));
    }
    if dtdl::is_dtmi(id) {
        return Ok(());
    }
    Err(ApiError::invalid_argument(format!("{} is not a model id.", shown(id))))
}

fn fault(id: &str, longest: usize) -> Option<String> {
    if id.is_empty() {
        return Some("is empty".into());
    }
    if id.chars().any(char::is_control) {
        return Some("has control characters".into());
    }
    let chars = id.chars().count();
    (chars > longest).then(|| format!("has {chars} characters, at most {longest} are allowed"))
}

/// An id for a message, cut to a length that keeps the message readable.
fn shown(id: &str) -> String {
    format!("{:?}", id.chars().take(200).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_take_any_printable_text_up_to_the_limit() {
        for id in ["a", "room/1?x#y%", "Küche 1", "..x", &"a".repeat(128)] {
            assert_eq!(check("twin", id, 128), Ok(()), "{id}");
        }
        for id in ["", "a\nb", &"a".repeat(129)] {
            assert_eq!(check("twin", id, 128).unwrap_err().code(), "InvalidArgument");
            assert_eq!(check_event_route(id, 128).unwrap_err().code(), "EventRouteIdInvalid");
        }
    }

    #[test]
    fn a_missing_model_id_has_its_own_code() {
        assert_eq!(check_model("").unwrap_err().code(), "MissingArgument");
        assert_eq!(check_model("room").unwrap_err().code(), "InvalidArgument");
        assert_eq!(check_model("dtmi:ex:Room;1"), Ok(()));
    }
}
