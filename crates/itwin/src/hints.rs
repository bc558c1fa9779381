//! What an operator can do about refusals that this platform is known for.
//! Shown by [`Error::hint`](crate::Error::hint); it must not know how errors
//! are made.

use progenitor_client::ErrorFacts;

/// A cure for the failure, if one is known.
pub(crate) fn hint(facts: &ErrorFacts<'_>) -> Option<&'static str> {
    cure(facts.operation.unwrap_or_default(), facts.status?, facts.code.unwrap_or_default())
}

fn cure(operation: &str, status: u16, code: &str) -> Option<&'static str> {
    // Some answer the same cause with another code: the code comes first.
    by_code(operation, code).or(match status {
        422 if matches!(operation, "list_top_level" | "list_recycle_bin") => Some(
            "what a caller may not see looks as if it were not there, and these lists call that an \
             invalid iTwinId: a service application is made a member by its email address (whoami \
             tells it, onboard_credential adds it)",
        ),
        401 => Some(
            "the token was not accepted: it must be of IMS, for the scope itwin-platform, and of \
             an application that the developer portal knows; a share key opens only what its \
             contract names",
        ),
        403 => Some(
            "a permission is missing: the documentation of the operation names it, and an owner \
             of the iTwin grants it by a role",
        ),
        _ => None,
    })
}

fn by_code(operation: &str, code: &str) -> Option<&'static str> {
    match code {
        "iTwinNotFound" | "ItwinNotFound" | "iModelNotFound" | "RealityDataNotFound" => Some(
            "what a caller may not see looks as if it were not there: a service application is \
             made a member by its email address (whoami tells it, onboard_credential adds it)",
        ),
        "ResourceNotFound" => Some(
            "the platform has no such address in this version: check the endpoint, and that \
             nothing on the way drops the Accept header",
        ),
        "TeamMemberNotFound" if operation == "update_group" => {
            Some("a malformed email address is answered like one that is not known")
        }
        "iTwinExists" => {
            Some("number and display name must each be unique among the iTwins of a sub-class")
        }
        "NewerChangesExist" => Some(
            "pull the newer changesets first; the ids of changed elements are in \
             `imodels::Conflict::of(&error)`",
        ),
        "ConflictWithAnotherUser" | "LockOwnedByAnotherBriefcase" => {
            Some("who holds which lock is in `imodels::Conflict::of(&error)`")
        }
        "TooManyRequests" | "RateLimitExceeded" => Some(
            "the limit is per registered application and minute (500 on a trial, else 5,000), and \
             lower for some operations; the ITwinPlatform-RateLimited headers tell which",
        ),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_refusals_have_a_cure_and_others_none() {
        let told = |operation, status, code, part: &str| {
            cure(operation, status, code).is_some_and(|text| text.contains(part))
        };
        assert!(told("get_itwin", 404, "iTwinNotFound", "email address"));
        assert!(told("list_roles", 404, "ItwinNotFound", "whoami"));
        assert!(told("get_itwin", 404, "ResourceNotFound", "Accept"));
        assert!(told("get_me", 401, "", "itwin-platform"));
        assert!(told("update_role", 403, "InsufficientPermissions", "role"));
        assert!(told("update_group", 404, "TeamMemberNotFound", "malformed"));
        assert!(told("create_changeset", 409, "NewerChangesExist", "Conflict"));
        assert!(told("list_top_level", 422, "InvalidStorageRequest", "whoami"));
        assert!(told("list_itwins", 429, "RateLimitExceeded", "minute"));
        for (status, code) in [(404, "RoleNotFound"), (422, ""), (500, "")] {
            assert_eq!(cure("get_role", status, code), None);
        }
    }
}
