//! Names that are different on the wire and the same in Rust.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Found;
use super::references::components;
use crate::document::join;
use crate::names::{is_identifier, pascal, snake};
use crate::normalise::{is_document, is_fixed, mapping, merged, variants};
use crate::openapi::{members, operations, text, walk_schemas};

/// Methods that every client has.
const CLIENT: [&str; 10] = [
    "new",
    "builder",
    "with_options",
    "baseurl",
    "client",
    "inner",
    "request",
    "pre",
    "post",
    "preview",
];

/// Methods and fields that every builder has.
const BUILDER: [&str; 8] =
    ["new", "send", "client", "pages", "pages_from", "items", "representation", "answer"];

pub(super) fn check(found: &mut Found<'_>) {
    let root = found.root;
    let mut methods = Names::new("operation", "give one of them another operation id");
    for operation in operations(root) {
        let place = join(&operation.pointer, "operationId");
        methods.reserve(found, &place, operation.id(), &CLIENT);
        methods.add(found, &place, operation.id(), snake(operation.id()));
        let mut setters = Names::new("parameter", "no rule renames parameters yet: write one");
        for (pointer, parameter) in operation.parameters(root) {
            if is_fixed(parameter) {
                continue;
            }
            let name = text(parameter, "name");
            setters.reserve(found, &pointer, name, &BUILDER);
            setters.add(found, &pointer, name, snake(name));
        }
        if operation.body(root).is_some() {
            let place = join(&operation.pointer, "requestBody");
            setters.add(found, &place, "the request body", "body".to_owned());
        }
    }
    let mut types = Names::new("schema", "rename one of them, or inline it");
    for (pointer, schema) in components(root, "schemas") {
        let name = pointer.rsplit('/').next().unwrap_or_default();
        types.reserve(found, &pointer, &pascal(name).to_lowercase(), &["builder"]);
        if !is_document(schema) {
            types.add(found, &pointer, name, pascal(name));
        }
    }
    let mut enums: BTreeMap<&str, Vec<(String, String)>> = BTreeMap::new();
    walk_schemas(root, &mut |pointer, schema| {
        let mut fields = Names::new("property", "no rule renames properties yet: write one");
        let mut kinds = Names::new("kind", "no rule renames kinds yet: write one");
        for (value, _) in mapping(schema) {
            let pointer = join(&join(pointer, "discriminator"), "mapping");
            kinds.reserve(found, &pointer, &pascal(value), &["Unknown"]);
            kinds.add(found, &pointer, value, pascal(value));
        }
        if !is_document(schema) {
            let whole = merged(root, schema);
            for (name, _) in members(&whole, "properties") {
                let pointer = join(&join(pointer, "properties"), name);
                fields.add(found, &pointer, name, snake(name));
            }
        }
        check_enum(found, pointer, schema, &mut enums);
    });
}

fn check_enum<'a>(
    found: &mut Found<'_>,
    pointer: &str,
    schema: &'a Value,
    enums: &mut BTreeMap<&'a str, Vec<(String, String)>>,
) {
    let name = text(schema, "x-enum-name");
    if name.is_empty() {
        return;
    }
    if !is_identifier(name) || pascal(name) != name {
        found.add(
            &join(pointer, "x-enum-name"),
            format!("`{name}` is not a type name"),
            "write it in upper camel case",
        );
    }
    let values = variants(schema);
    let known = enums.entry(name).or_insert_with(|| values.clone());
    if *known != values {
        found.add(
            pointer,
            format!("the enum `{name}` has other values elsewhere"),
            "make them the same, or name one of them differently",
        );
    }
    // The wildcard of a condition becomes a type of the runtime.
    if values.iter().all(|(value, _)| value == "*") {
        return;
    }
    let mut names = Names::new("value", "name the variant under `x-enum-names`");
    for (value, variant) in &values {
        let place = join(pointer, "enum");
        names.reserve(found, &place, variant, &["Unknown"]);
        names.add(found, &place, value, variant.clone());
    }
}

/// Names of one scope, and what to do when two of them are the same.
struct Names {
    what: &'static str,
    cure: &'static str,
    /// By Rust name: the name on the wire and where it stands.
    seen: BTreeMap<String, (String, String)>,
}

impl Names {
    fn new(what: &'static str, cure: &'static str) -> Self {
        Self { what, cure, seen: BTreeMap::new() }
    }

    fn reserve(&self, found: &mut Found<'_>, pointer: &str, wire: &str, reserved: &[&str]) {
        if reserved.contains(&wire) || reserved.contains(&snake(wire).as_str()) {
            let what = self.what;
            found.add(
                pointer,
                format!("the {what} `{wire}` has the name of something that is always there"),
                self.cure,
            );
        }
    }

    fn add(&mut self, found: &mut Found<'_>, pointer: &str, wire: &str, rust: String) {
        let what = self.what;
        if !is_identifier(&rust) {
            found.add(
                pointer,
                format!("the {what} `{wire}` would be called `{rust}`, which is no name in Rust"),
                self.cure,
            );
        } else if let Some((other, place)) = self.seen.get(&rust) {
            found.add(
                pointer,
                format!(
                    "the {what} `{wire}` and `{other}` at {place} would both be called `{rust}`"
                ),
                self.cure,
            );
        } else {
            self.seen.insert(rust, (wire.to_owned(), pointer.to_owned()));
        }
    }
}
