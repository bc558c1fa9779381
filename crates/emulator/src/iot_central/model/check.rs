//! Looks a capability model over, as far as the emulator reads it: contents are
//! objects with a type and a name of their own. What else DTDL asks for is not
//! checked.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Content, DEPTH};
use crate::iot_central::state::Document;

/// The faults of a capability model.
pub(in crate::iot_central) fn check(model: &Document) -> Vec<String> {
    let mut faults = Vec::new();
    look(model, "capabilityModel", DEPTH, &mut faults);
    faults
}

fn look(interface: &Document, place: &str, depth: usize, faults: &mut Vec<String>) {
    if depth == 0 {
        faults.push(format!("{place} is nested too deep"));
        return;
    }
    let contents = match interface.get("contents") {
        None => return,
        Some(Value::Array(contents)) => contents,
        Some(_) => {
            faults.push(format!("{place}.contents is no list"));
            return;
        }
    };
    let mut names = BTreeSet::new();
    for (index, content) in contents.iter().enumerate() {
        let here = format!("{place}.contents.{index}");
        let Some(document) = content.as_object() else {
            faults.push(format!("{here} is no object"));
            continue;
        };
        let content = Content { document };
        if !is_text_or_texts(document.get("@type")) {
            faults.push(format!("{here}.@type is neither a text nor a list of texts"));
        }
        match content.name() {
            "" => faults.push(format!("{here}.name is missing")),
            name if !names.insert(name) => {
                faults.push(format!("{here}.name is there twice: {name:?}"));
            }
            _ => {}
        }
        if content.is("Component") || content.is("EdgeModule") {
            for part in content.interface().parts {
                look(part, &here, depth - 1, faults);
            }
        }
    }
}

fn is_text_or_texts(value: Option<&Value>) -> bool {
    match value {
        Some(Value::String(_)) => true,
        Some(Value::Array(values)) => !values.is_empty() && values.iter().all(Value::is_string),
        _ => false,
    }
}
