//! What an operator can do about refusals that this platform is known for.
//! Shown by [`Error::hint`](crate::Error::hint); it must not know how errors
//! are made.

use progenitor_client::ErrorFacts;

/// A cure for the failure, if one is known.
pub(crate) fn hint(facts: &ErrorFacts<'_>) -> Option<&'static str> {
    cure(facts.operation.unwrap_or_default(), facts.status, facts.code)
}

fn cure(operation: &str, status: Option<u16>, code: Option<&str>) -> Option<&'static str> {
    match (status, code) {
        (Some(401), _) => Some(
            "the token was not accepted: check that it is for https://digitaltwins.azure.net and \
             that its tenant is the instance's own",
        ),
        (Some(403), _) => Some(
            "the caller needs the role Azure Digital Twins Data Owner (or Data Reader, to read) \
             on the instance; a new assignment takes some minutes to show: az dt \
             role-assignment create -n NAME --assignee OBJECT_ID --role \"Azure Digital Twins Data Owner\"",
        ),
        (_, Some("JsonPatchInvalid")) => {
            Some("replace and remove need a property that is set; add sets it in either case")
        }
        (_, Some("RelationshipsNotDeleted")) => {
            Some("delete the twin's incoming and outgoing relationships first")
        }
        (_, Some("ModelReferencesNotDeleted")) => {
            Some("delete the models that extend or contain this one first")
        }
        (_, Some("ModelAlreadyExists")) => Some(
            "models are immutable: give a changed model a new version in its id, or upload with \
             upload_models(...).skip_existing()",
        ),
        (_, Some("ModelReferencesNotDecommissioned")) => {
            Some("decommission the models that extend or contain this one first")
        }
        (_, Some("JobLimitReached")) => {
            Some("one bulk job runs at a time, import and delete together; wait for the other")
        }
        (_, Some("EventRouteEndpointInvalid")) => {
            Some("the endpoint must exist on the instance first: az dt endpoint create")
        }
        (Some(412), _) if operation.starts_with("put_") => Some(
            "it exists already, and If-None-Match forbids to replace it; leave the condition out, \
             or patch it",
        ),
        (Some(412), _) => {
            Some("the entity changed since its ETag was read: read it again and repeat the change")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_refusals_have_a_cure_and_others_none() {
        let cure = |operation, status, code| cure(operation, Some(status), code);
        assert!(cure("get_twin", 403, None).is_some_and(|text| text.contains("Data Owner")));
        assert!(cure("update_twin", 400, Some("JsonPatchInvalid")).is_some());
        assert_eq!(cure("get_twin", 404, Some("DigitalTwinNotFound")), None);
        assert_ne!(cure("put_twin", 412, None), cure("update_twin", 412, None));
    }
}
