//! A twin against its model.

use serde_json::Value;

use super::{
    Models,
    draft::{Block, Draft, Slot},
    values,
};
use crate::digital_twins::{
    config::Limits,
    dtdl::{Content, Model},
};

/// Everything in the draft that its model does not allow. An unknown model is
/// the only fault then, since nothing else can be judged.
pub(crate) fn faults(draft: &Draft, models: &Models<'_>, limits: &Limits) -> Vec<String> {
    let Some(model) = models(&draft.model) else {
        return vec![format!("the model {} is not known", draft.model)];
    };
    let mut faults = Vec::new();
    for (name, slot) in &draft.root.members {
        check_member(name, slot, &model, models, limits, &mut faults);
    }
    for (name, schema) in model.components() {
        if !draft.root.members.contains_key(name) {
            faults.push(format!("the component {name} of model {schema} is missing"));
        }
    }
    faults
}

fn check_member(
    name: &str,
    slot: &Slot,
    model: &Model,
    models: &Models<'_>,
    limits: &Limits,
    faults: &mut Vec<String>,
) {
    match (model.content(name), slot) {
        (Some(Content::Property(schema)), Slot::Value(value)) => {
            values::check(value, schema, name, limits, faults);
        }
        (Some(Content::Property(_)), Slot::Component(_)) => {
            faults.push(format!("{name} is a property, not a component: it takes no $metadata"));
        }
        (Some(Content::Component(schema)), Slot::Component(component)) => {
            let Some(part) = models(schema) else {
                faults.push(format!("{name}: the model {schema} is not known"));
                return;
            };
            check_component(name, component, &part, limits, faults);
        }
        (Some(Content::Component(_)), Slot::Value(_)) => {
            faults.push(format!("the component {name} must be an object with $metadata"));
        }
        _ => faults.push(unknown(name, name, model)),
    }
}

fn check_component(
    name: &str,
    component: &Block<Value>,
    model: &Model,
    limits: &Limits,
    faults: &mut Vec<String>,
) {
    for (member, value) in &component.members {
        let path = format!("{name}/{member}");
        match model.property(member) {
            Some(schema) => values::check(value, schema, &path, limits, faults),
            None => faults.push(unknown(&path, member, model)),
        }
    }
}

/// Why `path`, which leads to `name`, is no property of the model. What is
/// declared as something else is called by its name, as the platform does
/// (azure-sdk-for-python #23445).
fn unknown(path: &str, name: &str, model: &Model) -> String {
    let shown: String = path.chars().take(200).collect();
    let declared = match model.content(name) {
        Some(Content::Relationship(_)) => ": it is a Relationship",
        Some(Content::Telemetry(_)) => ": it is a Telemetry",
        Some(Content::Command) => ": it is a Command",
        Some(Content::Component(_)) => ": it is a Component",
        Some(Content::Property(_)) | None => "",
    };
    format!("{shown} is not a property of the model {}{declared}", model.id())
}
