//! What an operator can do about refusals that this platform is known for.
//! Shown by [`Error::hint`](crate::Error::hint); it must not know how errors
//! are made.

use progenitor_client::ErrorFacts;

use crate::BuiltInRole;

/// The cure of a refusal for want of a role, with the built-in ones that will do.
macro_rules! needs {
    ($roles:literal) => {
        concat!(
            "the caller must be a user of the application, with a role that permits this (",
            $roles,
            "), or its API token needs such a role: an administrator adds a service principal by \
             its enterprise application's object id (onboard_service_principal), which is neither \
             the client id nor the app registration's object id, and makes an API token with \
             other roles (make_api_token)"
        )
    };
}

/// A cure for the failure, if one is known.
pub(crate) fn hint(facts: &ErrorFacts<'_>) -> Option<&'static str> {
    cure(facts.operation.unwrap_or_default(), facts.status)
}

fn cure(operation: &str, status: Option<u16>) -> Option<&'static str> {
    let runs_command = operation.starts_with("run_") && operation.ends_with("_command");
    match status? {
        400 | 422 if matches!(operation, "create_user" | "update_user") => Some(
            "roles are given by id; one of the application (Administrator, Builder, Operator) goes \
             without organization, one of organizations only with it; the user id holds at most \
             48 letters, digits, - and _; a principal is given by tenant id and object id, both \
             GUIDs, and is of the application's own tenant",
        ),
        400 | 422 if operation == "create_api_token" => Some(
            "roles are given by id; one of the application (Administrator, Builder, Operator) goes \
             without organization, one of organizations only with it; expiry lies ahead",
        ),
        400 if operation == "create_device" => Some(
            "the device id holds at most 128 letters, digits and hyphens; template, if one is \
             given, must be the id of a published device template (list_device_templates), not \
             that of its capability model",
        ),
        400 if operation == "update_device" => Some(
            "template, if one is given, must be the id of a published device template \
             (list_device_templates), not that of its capability model",
        ),
        401 => Some(
            "the token was not accepted: a bearer token must be for \
             https://apps.azureiotcentral.com, an API token must be of this application, not at \
             its end, and is sent without Bearer",
        ),
        403 => Some(match BuiltInRole::for_operation(operation) {
            Some(BuiltInRole::Administrator) => needs!("of the built-in ones Administrator"),
            Some(BuiltInRole::Builder) => {
                needs!("of the built-in ones Builder or Administrator")
            }
            Some(BuiltInRole::Operator) => {
                needs!("of the built-in ones Operator, Builder or Administrator")
            }
            _ => needs!("any of the built-in ones"),
        }),
        404 if runs_command => Some(
            "the device does not exist or is not connected; connectionTimeout (at most 30 \
             seconds) gives it time to come",
        ),
        408 if runs_command => Some(
            "the device did not answer in time: raise responseTimeout (at most 30 seconds), and \
             check that the payload stands under request",
        ),
        412 => Some(
            "it changed since its etag was read: read it again and repeat the change, or leave \
             the etag out",
        ),
        422 if operation == "create_device_template" => Some(
            "the body is IoT Central's own dialect: @type as a list and a capabilityModel; a \
             plain DTDL interface is none",
        ),
        429 => Some(
            "an application takes 20 requests per second, and one query; \
             pacing(documented_pace()) on the client's builder keeps to it",
        ),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_refusals_have_a_cure_and_others_none() {
        let told = |operation, status, part: &str| {
            cure(operation, Some(status)).is_some_and(|text| text.contains(part))
        };
        assert!(told("create_device", 400, "capability model"));
        assert!(told("create_device", 400, "letters, digits and hyphens"));
        assert!(told("update_device", 400, "if one is given"));
        assert!(told("create_user", 422, "organization") && told("create_user", 422, "user id"));
        assert!(told("create_api_token", 400, "expiry"));
        assert!(told("get_device", 403, "API token needs"));
        assert!(told("list_users", 403, "ones Administrator)"));
        assert!(told("create_device_template", 403, "ones Builder or Administrator)"));
        assert!(told("delete_device", 403, "Operator, Builder or"));
        assert!(told("get_device", 429, "documented_pace"));
        assert!(told("get_device", 403, "object id"));
        assert!(told("run_module_component_command", 404, "not connected"));
        assert!(told("run_device_command", 408, "request"));
        assert!(told("create_device_template", 422, "dialect"));
        for (operation, status) in [("get_device", 404), ("get_device", 400), ("get_device", 500)] {
            assert_eq!(cure(operation, Some(status)), None);
        }
        assert_eq!(cure("get_device", None), None);
    }
}
