//! The ids of the data plane, each a type of its own, checked when it is made.
//!
//! What the service cannot be asked about is refused here, before anything is
//! sent: the empty text, `.` and `..` (URL rules make them another path),
//! control characters and texts longer than the service stores. Everything
//! else arrives as written, `/ ? # %`, spaces and non-ASCII included. Whether
//! an id *exists* or is well-formed DTDL only the service says.

use progenitor_client::id_type;

id_type!(
    /// Id of a twin (`$dtId`): chosen by the client, case-sensitive.
    TwinId,
    "twin id",
    128
);
id_type!(
    /// Id of a relationship (`$relationshipId`): unique within its source
    /// twin, case-sensitive.
    RelationshipId,
    "relationship id",
    128
);
id_type!(
    /// Id of a model: a DTMI such as `dtmi:com:example:Room;1`. 2,048
    /// characters is DTDL's own limit for interface ids.
    ModelId,
    "model id",
    2048
);
id_type!(
    /// Name of a component as the twin's model declares it. 512 characters is
    /// DTDL v3's limit for names.
    ComponentName,
    "component name",
    512
);
id_type!(
    /// Id of an event route. The service's limit is not documented; ours only
    /// keeps out what cannot be meant.
    EventRouteId,
    "event route id",
    256
);
id_type!(
    /// Id of an import or delete job. The service's limit is not documented;
    /// ours only keeps out what cannot be meant.
    JobId,
    "job id",
    256
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_but_possible_ids_are_kept_as_written() {
        for text in ["a/b", "a?b#c%2F", "a\\b", "dtmi:x:y;1", "ä ö", "...", "a..b", " "] {
            assert_eq!(TwinId::new(text).unwrap().as_str(), text);
        }
        assert!(TwinId::new("ü".repeat(128)).is_ok());
    }

    #[test]
    fn impossible_ids_are_refused_with_their_kind() {
        for text in ["", ".", "..", "a\nb", "a\u{0}", "a\u{85}b"] {
            let error = ModelId::new(text).unwrap_err();
            assert!(error.to_string().contains("model id"), "{error}");
        }
        assert!(TwinId::new("x".repeat(129)).is_err());
    }

    #[test]
    fn serde_checks_too() {
        assert_eq!(serde_json::from_str::<TwinId>("\"a\"").unwrap().as_str(), "a");
        assert!(serde_json::from_str::<TwinId>("\"..\"").is_err());
        assert_eq!(serde_json::to_string(&TwinId::new("a").unwrap()).unwrap(), "\"a\"");
    }
}
