//! String enums become open enums of our own.
//!
//! progenitor makes closed ones: one value that the service added later makes
//! the whole response undecodable. Ours keep an unknown value as it came. An
//! enum without a name is left alone: `lint` asks for `x-enum-name`.

use serde_json::Value;

use super::{Lowering, Rule};
use crate::names::pascal;
use crate::openapi::{text, texts};

pub const RULE: Rule = Rule { name: "open enums", apply };

/// An enum to emit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenEnum {
    /// The type's name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// The known values, in the order of the document, each with the name of
    /// its variant.
    pub variants: Vec<(String, String)>,
}

fn apply(lowering: &mut Lowering) -> usize {
    let module = format!("{}::enums", lowering.module);
    let mut found: Vec<OpenEnum> = Vec::new();
    let mut types = Vec::new();
    let count = lowering.each_schema(&mut |schema| {
        let name = text(schema, "x-enum-name").to_owned();
        let variants = variants(schema);
        if name.is_empty() || variants.is_empty() {
            return false;
        }
        let path = format!("{module}::{name}");
        if !found.iter().any(|known| known.name == name) {
            let description = text(schema, "description").to_owned();
            found.push(OpenEnum { name, description, variants });
        }
        super::replace(schema, &path);
        types.push(path);
        true
    });
    lowering.types.extend(types);
    lowering.enums = found;
    count
}

/// The values of an enum and the names of their variants: as `x-enum-names`
/// says, or made from the value.
pub fn variants(schema: &Value) -> Vec<(String, String)> {
    let given = schema.get("x-enum-names").unwrap_or(&Value::Null);
    texts(schema, "enum")
        .into_iter()
        .map(|value| {
            let name = text(given, value);
            let name = if name.is_empty() { pascal(value) } else { name.to_owned() };
            (value.to_owned(), name)
        })
        .collect()
}

/// Forgets the enums that nothing uses once unused schemas are gone.
pub(super) fn retain_used(lowering: &mut Lowering) {
    let mut used = std::collections::BTreeSet::new();
    crate::openapi::walk_schemas(&lowering.root, &mut |_, schema: &Value| {
        used.insert(text(schema, "format").to_owned());
    });
    for (_, member) in lowering.patches.iter().flat_map(|patch| &patch.members) {
        crate::openapi::walk_schema("", member, &mut |_, schema| {
            used.insert(text(schema, "format").to_owned());
        });
    }
    let module = lowering.module.clone();
    lowering.enums.retain(|known| used.contains(&format!("{module}::enums::{}", known.name)));
    lowering.types.retain(|path| used.contains(path));
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn named_enums_are_collected_once() {
        let state = json!({"type": "string", "enum": ["on", "turnedoff"], "x-enum-name": "State",
                           "x-enum-names": {"turnedoff": "TurnedOff"},
                           "description": "Whether it runs."});
        let mut lowering = Lowering::new(
            json!({"components": {"schemas": {"A": {"properties": {
                "a": state, "b": state, "c": {"type": "string", "enum": ["x"]},
            }}}}}),
            "crate::generated",
        );
        assert_eq!(apply(&mut lowering), 2);
        assert_eq!(
            lowering.enums,
            [OpenEnum {
                name: "State".into(),
                description: "Whether it runs.".into(),
                variants: vec![
                    ("on".into(), "On".into()),
                    ("turnedoff".into(), "TurnedOff".into()),
                ],
            }],
        );
        let properties = &lowering.root["components"]["schemas"]["A"]["properties"];
        assert_eq!(properties["a"]["format"], "crate::generated::enums::State");
        assert_eq!(properties["c"]["enum"], json!(["x"]));
    }
}
