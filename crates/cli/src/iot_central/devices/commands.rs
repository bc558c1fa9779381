//! Which commands a device has, by its template: told to whoever named another.
//! What the template says only elsewhere is left out. It must not run any.

use serde_json::Value;
use twinkit::iot_central::Client;

use super::Part;
use crate::usage::once;

/// The names of the commands of this part of a device; `None` if they are not at
/// hand, as those of modules, which have templates of their own.
pub(super) async fn of(client: &Client, device: &str, part: &Part) -> Option<Vec<String>> {
    if part.module.is_some() {
        return None;
    }
    let device = client.get_device().device_id(device).send().await.ok()?;
    let template = device.template.as_deref()?;
    let template = client.get_device_template().device_template_id(template).send().await.ok()?;
    let template: Value = template.parse().ok()?;
    let model = template.get("capabilityModel")?;
    let part = match &part.component {
        None => model,
        Some(name) => {
            let called = |content: &&Value| text(content, "name") == Some(name);
            contents(model).find(called)?.get("schema")?
        }
    };
    Some(names(part))
}

/// The commands of an interface and of those that it extends, each once.
fn names(interface: &Value) -> Vec<String> {
    let is_command = |content: &&Value| match content.get("@type") {
        Some(Value::Array(types)) => types.iter().any(|of| of == "Command"),
        of => of.is_some_and(|of| of == "Command"),
    };
    let own = contents(interface).filter(is_command);
    let own = own.filter_map(|content| text(content, "name").map(str::to_owned));
    let bases = listed(interface.get("extends"));
    once(own.chain(bases.flat_map(names)).collect())
}

fn contents(interface: &Value) -> impl Iterator<Item = &Value> {
    listed(interface.get("contents"))
}

/// DTDL writes one item without a list.
fn listed(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value
        .map_or(&[][..], |value| match value {
            Value::Array(items) => items,
            one => std::slice::from_ref(one),
        })
        .iter()
}

fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name)?.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn commands_are_found_among_other_contents_and_in_bases() {
        let base = json!({"@id": "dtmi:base;1", "contents": {"@type": "Command", "name": "stop"}});
        let interface = json!({"extends": [base, "dtmi:elsewhere;1"], "contents": [
            {"@type": ["Command", "Own"], "name": "start"}, {"@type": "Property", "name": "speed"},
            {"@type": "Command", "name": "stop"}, {"@type": "Command"}, 7]});
        assert_eq!(names(&interface), ["start", "stop"]);
        assert!(names(&json!(null)).is_empty());
    }
}
