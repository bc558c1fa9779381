//! The events of the platform, in CloudEvents 1.0.

use serde_json::{Map, Value, json};

/// One event, before any route is asked.
#[derive(Debug, Clone, PartialEq)]
pub struct CloudEvent {
    /// `id`: for telemetry the message id of the sender.
    pub id: String,
    /// `source`: the instance's host; for telemetry `{host}/digitaltwins/{twin}`.
    pub source: String,
    /// `type`, as `Microsoft.DigitalTwins.Twin.Update`.
    pub kind: &'static str,
    /// `subject`: `{twin}`, `{twin}/relationships/{relationship}`, or the component.
    pub subject: String,
    /// `time`, seven fractional digits.
    pub time: String,
    /// `dataschema`: the model id; telemetry has it.
    pub data_schema: Option<String>,
    /// `traceparent` of the request that caused the event.
    pub traceparent: Option<String>,
    /// `data`
    pub data: Value,
}

/// `specversion` of every event.
pub(crate) const SPEC_VERSION: &str = "1.0";
/// `datacontenttype` of every event.
pub(crate) const DATA_CONTENT_TYPE: &str = "application/json";

impl CloudEvent {
    /// The event as JSON, `data` last.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut event = Map::new();
        let mut put = |name: &str, text: &str| event.insert(name.into(), text.into());
        put("specversion", SPEC_VERSION);
        put("id", &self.id);
        put("type", self.kind);
        put("source", &self.source);
        put("subject", &self.subject);
        put("time", &self.time);
        put("datacontenttype", DATA_CONTENT_TYPE);
        if let Some(schema) = &self.data_schema {
            put("dataschema", schema);
        }
        if let Some(trace) = &self.traceparent {
            put("traceparent", trace);
        }
        event.insert("data".into(), self.data.clone());
        Value::Object(event)
    }
}

/// Something that happened, from which an event is made.
#[derive(Debug)]
pub(crate) enum Happening<'a> {
    TwinCreated {
        twin: &'a str,
        document: &'a Value,
    },
    TwinUpdated {
        twin: &'a str,
        model: &'a str,
        patch: Vec<Value>,
    },
    TwinDeleted {
        twin: &'a str,
        document: &'a Value,
    },
    RelationshipCreated {
        twin: &'a str,
        id: &'a str,
        document: &'a Value,
    },
    RelationshipUpdated {
        twin: &'a str,
        id: &'a str,
        model: &'a str,
        patch: Vec<Value>,
    },
    RelationshipDeleted {
        twin: &'a str,
        id: &'a str,
        document: &'a Value,
    },
    Telemetry {
        twin: &'a str,
        component: &'a str,
        model: &'a str,
        message_id: &'a str,
        time: Option<&'a str>,
        payload: &'a Value,
    },
}

impl Happening<'_> {
    /// The event of an instance called `host` at `now`.
    pub(crate) fn event(self, host: &str, now: String, traceparent: Option<&str>) -> CloudEvent {
        let mut event = CloudEvent {
            id: String::new(),
            source: host.to_owned(),
            kind: "",
            subject: String::new(),
            time: now,
            data_schema: None,
            traceparent: traceparent.map(str::to_owned),
            data: Value::Null,
        };
        let updated = |model: &str, patch: Vec<Value>| json!({"modelId": model, "patch": patch});
        (event.kind, event.subject, event.data) = match self {
            Self::TwinCreated { twin, document } => {
                ("Microsoft.DigitalTwins.Twin.Create", twin.to_owned(), document.clone())
            }
            Self::TwinUpdated { twin, model, patch } => {
                ("Microsoft.DigitalTwins.Twin.Update", twin.to_owned(), updated(model, patch))
            }
            Self::TwinDeleted { twin, document } => {
                ("Microsoft.DigitalTwins.Twin.Delete", twin.to_owned(), document.clone())
            }
            Self::RelationshipCreated { twin, id, document } => (
                "Microsoft.DigitalTwins.Relationship.Create",
                relationship(twin, id),
                document.clone(),
            ),
            Self::RelationshipUpdated { twin, id, model, patch } => (
                "Microsoft.DigitalTwins.Relationship.Update",
                relationship(twin, id),
                updated(model, patch),
            ),
            Self::RelationshipDeleted { twin, id, document } => (
                "Microsoft.DigitalTwins.Relationship.Delete",
                relationship(twin, id),
                document.clone(),
            ),
            Self::Telemetry { twin, component, model, message_id, time, payload } => {
                message_id.clone_into(&mut event.id);
                event.source = format!("{host}/digitaltwins/{twin}");
                event.data_schema = Some(model.to_owned());
                if let Some(time) = time {
                    time.clone_into(&mut event.time);
                }
                ("microsoft.iot.telemetry", component.to_owned(), payload.clone())
            }
        };
        if event.id.is_empty() {
            event.id = uuid::Uuid::new_v4().to_string();
        }
        event
    }
}

fn relationship(twin: &str, id: &str) -> String {
    format!("{twin}/relationships/{id}")
}
