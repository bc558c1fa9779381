//! Conditions over one event.

use std::borrow::Cow;

use serde_json::Value;

use super::ast::{Attribute, Condition, Operand};
use crate::digital_twins::events::CloudEvent;
use crate::digital_twins::query::values::{all, any, not};

/// `specversion` of every event.
const SPEC_VERSION: &str = "1.0";

/// `datacontenttype` of every event.
const DATA_CONTENT_TYPE: &str = "application/json";

/// The classes of notification that older filters compare `$eventType` with,
/// and the start of the event types that belong to them.
const CLASSES: [(&str, &[&str]); 4] = [
    ("DigitalTwinTelemetryMessages", &["microsoft.iot.telemetry"]),
    ("DigitalTwinChangeNotification", &["Microsoft.DigitalTwins.Twin.Update"]),
    (
        "DigitalTwinLifecycleNotification",
        &["Microsoft.DigitalTwins.Twin.Create", "Microsoft.DigitalTwins.Twin.Delete"],
    ),
    ("DigitalTwinRelationshipNotification", &["Microsoft.DigitalTwins.Relationship."]),
];

/// Whether a condition holds; `None` if it cannot be told.
pub(super) fn truth(condition: &Condition, event: &CloudEvent) -> Option<bool> {
    match condition {
        Condition::And(members) => all(members.iter().map(|member| truth(member, event))),
        Condition::Or(members) => any(members.iter().map(|member| truth(member, event))),
        Condition::Not(inner) => not(truth(inner, event)),
        Condition::Constant(value) => Some(*value),
        Condition::Compare { left, comparison, right } => {
            let (left, right) = (side(left, right, event)?, side(right, left, event)?);
            comparison.holds(&left, &right)
        }
        Condition::Text { test, text, part } => {
            test.holds(&*value(text, event)?, &*value(part, event)?)
        }
    }
}

/// One side of a comparison. Against a class of notification, `$eventType` is
/// the class of the event.
fn side<'v>(
    operand: &'v Operand,
    other: &Operand,
    event: &'v CloudEvent,
) -> Option<Cow<'v, Value>> {
    if let (Operand::Attribute(Attribute::EventType), Operand::Literal(Value::String(class))) =
        (operand, other)
        && let Some((class, types)) = CLASSES.iter().find(|(name, _)| name == class)
        && types.iter().any(|start| event.kind.starts_with(start))
    {
        return Some(Cow::Owned(Value::from(*class)));
    }
    value(operand, event)
}

fn value<'v>(operand: &'v Operand, event: &'v CloudEvent) -> Option<Cow<'v, Value>> {
    let text = match operand {
        Operand::Literal(value) => return Some(Cow::Borrowed(value)),
        Operand::Body(path) => {
            let found = path
                .iter()
                .try_fold(&event.data, |value, member| value.as_object()?.get(member))?;
            return Some(Cow::Borrowed(found));
        }
        Operand::Attribute(attribute) => match attribute {
            Attribute::Type | Attribute::EventType => event.kind,
            Attribute::Source => &event.source,
            Attribute::Subject => &event.subject,
            Attribute::DataSchema => event.data_schema.as_deref()?,
            Attribute::DataContentType => DATA_CONTENT_TYPE,
            Attribute::SpecVersion => SPEC_VERSION,
        },
    };
    Some(Cow::Owned(Value::from(text)))
}
