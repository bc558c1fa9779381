//! All capabilities of a template, by where they are.

use std::collections::BTreeSet;

use super::{DEPTH, Interface};
use crate::iot_central::state::Document;

/// The kinds of contents that count as capabilities.
const KINDS: [&str; 3] = ["Telemetry", "Property", "Command"];

/// Kind and path of each capability, as in `Command component.restart`.
pub(in crate::iot_central) fn capabilities(template: &Document) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    collect(&Interface::of_template(template), "", DEPTH, &mut found);
    found
}

fn collect(interface: &Interface<'_>, place: &str, depth: usize, found: &mut BTreeSet<String>) {
    if depth == 0 {
        return;
    }
    for content in interface.contents() {
        let name = content.name();
        for kind in KINDS.into_iter().filter(|kind| content.is(kind)) {
            found.insert(format!("{kind} {place}{name}"));
        }
        if content.is("Component") || content.is("EdgeModule") {
            collect(&content.interface(), &format!("{place}{name}."), depth - 1, found);
        }
    }
}

/// The capabilities of the old template that the new one has not.
pub(in crate::iot_central) fn lost(old: &Document, new: &Document) -> Vec<String> {
    let new = capabilities(new);
    capabilities(old).into_iter().filter(|capability| !new.contains(capability)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn they_are_found_at_every_level() {
        let Value::Object(template) = json!({"capabilityModel": {
            "extends": [{"contents": [{"@type": "Telemetry", "name": "inherited"}]}],
            "contents": [
                {"@type": ["Property", "Cloud"], "name": "site"},
                {"@type": "Component", "name": "probe", "schema": {"contents": [
                    {"@type": "Command", "name": "restart"},
                ]}},
                {"@type": ["Relationship", "EdgeModule"], "name": "filter", "target": [
                    {"contents": [{"@type": "Telemetry", "name": "rate"}]},
                ]},
                {"@type": "Component", "name": "named", "schema": "dtmi:a:b;1"},
            ],
        }}) else {
            panic!("an object")
        };
        let found: Vec<String> = capabilities(&template).into_iter().collect();
        assert_eq!(
            found,
            [
                "Command probe.restart",
                "Property site",
                "Telemetry filter.rate",
                "Telemetry inherited"
            ]
        );
        assert_eq!(lost(&template, &Document::new()).len(), 4);
        assert!(lost(&Document::new(), &template).is_empty());
    }
}
