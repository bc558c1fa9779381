//! Events as they are delivered. Kinds that are not known here, and contents of
//! another form than documented, are kept as they came. It must not know whether
//! a delivery is genuine.

use progenitor_client::Json;
use serde::{Deserialize, Deserializer, Serialize};

/// Something that happened on the platform.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Event {
    /// What sort of event it is, such as `iModels.namedVersionCreated.v1`.
    pub event_type: String,
    /// What happened.
    pub content: EventContent,
    /// The iTwin that it happened in, if the platform says so.
    pub itwin_id: Option<String>,
    /// Id of the event; a delivery that is repeated has the same.
    pub message_id: String,
    /// The webhook that it is delivered for.
    pub webhook_id: String,
    /// When it was put into line, as the platform wrote it: in the American style
    /// and without a zone, such as `1/31/2026 3:04:05 PM`.
    pub enqueued: Option<String>,
}

/// What happened. Of the kinds without a type here, and of those whose content
/// has another form than documented, the content is kept as it came.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum EventContent {
    /// `iModels.namedVersionCreated.v1`: an iModel has a new named version.
    NamedVersionCreated(NamedVersionCreated),
    /// `accessControl.memberAdded.v1`: an iTwin has a new member.
    MemberAdded(MemberAdded),
    /// `iTwins.iTwinCreated.v1`: there is a new iTwin.
    ITwinCreated(ITwinCreated),
    /// Another kind, by its `event_type`.
    Other(Json),
}

/// A named version was made. The platform promises no member.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct NamedVersionCreated {
    /// The iModel.
    #[serde(rename = "imodelId", alias = "iModelId")]
    pub imodel_id: Option<String>,
    /// The named version.
    pub version_id: Option<String>,
    /// The id of its changeset.
    pub changeset_id: Option<String>,
    /// The index of its changeset, which travels as a text.
    #[serde(deserialize_with = "number_or_text")]
    pub changeset_index: Option<u64>,
    /// Who made it.
    pub user_id: Option<String>,
}

/// A member was added. The platform promises no member of this.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct MemberAdded {
    /// Who was added.
    pub member_id: Option<String>,
    /// What sort of member it is.
    pub member_type: Option<String>,
    /// The role that was given.
    pub role_id: Option<String>,
    /// Its name.
    pub role_name: Option<String>,
    /// Who did it.
    pub event_created_by: Option<String>,
}

/// An iTwin was made. Members beside these exist and are not documented.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct ITwinCreated {
    /// Who did it.
    pub event_created_by: Option<String>,
    /// The iTwin above it.
    pub parent_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Delivery {
    event_type: String,
    content: Json,
    #[serde(rename = "iTwinId", default)]
    itwin_id: Option<String>,
    message_id: String,
    webhook_id: String,
    #[serde(default)]
    enqueued_date_time: Option<String>,
}

impl Event {
    pub(super) fn read(body: &[u8]) -> Result<Self, serde_json::Error> {
        let delivery: Delivery = serde_json::from_slice(body)?;
        Ok(Self {
            content: EventContent::of(&delivery.event_type, delivery.content),
            event_type: delivery.event_type,
            itwin_id: delivery.itwin_id,
            message_id: delivery.message_id,
            webhook_id: delivery.webhook_id,
            enqueued: delivery.enqueued_date_time,
        })
    }
}

impl EventContent {
    /// The kinds that have a type here, as `event_types` of a webhook names them.
    pub const KNOWN: &'static [&'static str] = &[
        "iModels.namedVersionCreated.v1",
        "accessControl.memberAdded.v1",
        "iTwins.iTwinCreated.v1",
    ];

    fn of(kind: &str, content: Json) -> Self {
        let known = match kind {
            "iModels.namedVersionCreated.v1" => content.parse().map(Self::NamedVersionCreated),
            "accessControl.memberAdded.v1" => content.parse().map(Self::MemberAdded),
            "iTwins.iTwinCreated.v1" => content.parse().map(Self::ITwinCreated),
            _ => return Self::Other(content),
        };
        known.unwrap_or(Self::Other(content))
    }
}

fn number_or_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        Number(u64),
        Text(String),
    }
    Ok(match Option::<Either>::deserialize(deserializer)? {
        Some(Either::Number(number)) => Some(number),
        Some(Either::Text(text)) => {
            Some(text.trim().parse().map_err(|_| serde::de::Error::custom("no index"))?)
        }
        None => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(kind: &str, content: &str) -> Event {
        let body = format!(
            r#"{{"eventType":"{kind}","content":{content},"iTwinId":"i","messageId":"m",
                "webhookId":"w","enqueuedDateTime":"1/31/2026 3:04:05 PM","more":[]}}"#
        );
        Event::read(body.as_bytes()).unwrap()
    }

    #[test]
    fn documented_kinds_have_types() {
        let content = r#"{"imodelId":"a","versionId":"b","changesetIndex":"17","new":1}"#;
        let event_ = event("iModels.namedVersionCreated.v1", content);
        let EventContent::NamedVersionCreated(version) = &event_.content else { panic!() };
        assert_eq!((version.imodel_id.as_deref(), version.changeset_index), (Some("a"), Some(17)));
        assert_eq!(event_.enqueued.as_deref(), Some("1/31/2026 3:04:05 PM"));
        let member = event("accessControl.memberAdded.v1", r#"{"memberId":"m","roleName":"R"}"#);
        assert!(matches!(member.content, EventContent::MemberAdded(_)));
        let itwin = event("iTwins.iTwinCreated.v1", r#"{"parentId":"p"}"#);
        assert!(matches!(itwin.content, EventContent::ITwinCreated(_)));
    }

    #[test]
    fn other_kinds_and_other_forms_are_kept_as_they_came() {
        for (kind, content) in [
            ("iModels.namedVersionCreated.v2", r#"{"a":1.0}"#),
            ("forms.new", "[1.50]"),
            ("iModels.namedVersionCreated.v1", r#"{"changesetIndex":"many"}"#),
            ("accessControl.memberAdded.v1", "\"text\""),
        ] {
            let event = event(kind, content);
            let EventContent::Other(kept) = &event.content else { panic!("{kind}") };
            assert_eq!(serde_json::to_string(kept).unwrap(), content);
            assert_eq!(event.event_type, kind);
        }
    }

    #[test]
    fn what_is_no_event_is_told() {
        for body in ["", "[]", "{}", r#"{"eventType":1}"#] {
            assert!(Event::read(body.as_bytes()).is_err(), "{body}");
        }
    }
}
