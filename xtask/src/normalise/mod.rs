//! Lowering: from the honest document to what progenitor can carry.
//!
//! Each rule has a file of its own that says which construct it takes away
//! and why, and counts what it did. A rule is a pure function over the
//! [`Lowering`]; the order stands in [`RULES`]. What a rule takes away is
//! still known to the operation table, which is read before.

mod anything;
mod components;
mod documentation;
mod documents;
mod enums;
mod error_responses;
mod extras;
mod fixed_parameters;
mod headers;
mod ids;
mod images;
mod inherit;
mod inline;
pub mod json_patch;
mod kinds;
mod limits;
mod lone;
mod media_types;
pub mod merge_patch;
mod nullable;
mod representations;
mod secrets;
mod success;
mod times;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

pub use components::{closure, mentioned, named};
pub use documentation::{escape, unverified};
pub use documents::is_document;
pub use enums::{OpenEnum, variants};
pub use fixed_parameters::is_fixed;
pub use headers::MESSAGE_ID;
pub use images::{TYPE as IMAGE, is_image};
pub use inherit::{bases, merged};
pub use kinds::{Kind, Kinds, mapping};
pub use media_types::is_json;
pub use merge_patch::Patch;
pub use representations::{HEADER as PREFER, representation};

/// A document on its way down, and what the rules found out on the way.
#[derive(Debug, Clone)]
pub struct Lowering {
    /// The document.
    pub root: Value,
    /// The Rust path of the generated module, for types that we emit there.
    pub module: String,
    /// Rust types that stand in for schemas (see [`replace`]).
    pub types: BTreeSet<String>,
    /// Enums to emit.
    pub enums: Vec<OpenEnum>,
    /// Enums of kinds to emit.
    pub kinds: Vec<Kinds>,
    /// Patches to emit.
    pub patches: Vec<Patch>,
    /// By Rust type that we emit: the components that it holds.
    pub behind: BTreeMap<String, Vec<String>>,
    /// The components whose types keep members that are not declared.
    pub keeping: BTreeSet<String>,
    /// By operation id: the component that is answered on demand.
    pub representations: BTreeMap<String, String>,
}

/// One step of the lowering.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// The name in the report.
    pub name: &'static str,
    /// Does the work; tells how often it had to.
    pub apply: fn(&mut Lowering) -> usize,
}

/// The rules, in the order in which they are applied.
pub const RULES: &[Rule] = &[
    documentation::RULE,
    inline::RULE,
    fixed_parameters::RULE,
    error_responses::RULE,
    success::RULE,
    json_patch::RULE,
    inherit::RULE,
    merge_patch::RULE,
    images::RULE,
    media_types::RULE,
    representations::RULE,
    headers::RULE,
    ids::RULE,
    times::RULE,
    secrets::RULE,
    enums::RULE,
    documents::RULE,
    anything::RULE,
    kinds::RULE,
    lone::RULE,
    limits::RULE,
    nullable::RULE,
    merge_patch::COLLECT,
    extras::RULE,
    components::RULE,
];

/// How often each rule had something to do.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Report(pub Vec<(&'static str, usize)>);

/// Applies all rules to a document.
pub fn normalise(root: &Value, module: &str) -> (Lowering, Report) {
    let mut lowering = Lowering::new(root.clone(), module);
    let counts = RULES.iter().map(|rule| (rule.name, (rule.apply)(&mut lowering))).collect();
    (lowering, Report(counts))
}

impl Lowering {
    /// Starts with a document.
    pub fn new(root: Value, module: &str) -> Self {
        Self {
            root,
            module: module.to_owned(),
            types: BTreeSet::new(),
            enums: Vec::new(),
            kinds: Vec::new(),
            patches: Vec::new(),
            behind: BTreeMap::new(),
            keeping: BTreeSet::new(),
            representations: BTreeMap::new(),
        }
    }

    /// Calls `change` with every operation object.
    pub fn each_operation(&mut self, change: &mut dyn FnMut(&mut Value)) {
        for item in object_values(self.root.get_mut("paths")) {
            for (method, operation) in item.as_object_mut().into_iter().flatten() {
                if crate::openapi::METHODS.contains(&method.as_str()) {
                    change(operation);
                }
            }
        }
    }

    /// Calls `change` with every parameter of every operation.
    pub fn each_parameter(&mut self, change: &mut dyn FnMut(&mut Value)) {
        self.each_operation(&mut |operation| {
            for parameter in list_values(operation.get_mut("parameters")) {
                change(parameter);
            }
        });
    }

    /// Calls `change` with every schema, the inner ones first, so that a
    /// changed schema is not looked into again. It tells whether it changed it.
    pub fn each_schema(&mut self, change: &mut dyn FnMut(&mut Value) -> bool) -> usize {
        let mut count = 0;
        let mut visit = |schema: &mut Value| count += usize::from(change(schema));
        for schema in object_values(self.root.pointer_mut("/components/schemas")) {
            each_inner(schema, &mut visit);
        }
        self.each_operation(&mut |operation| {
            for parameter in list_values(operation.get_mut("parameters")) {
                if let Some(schema) = parameter.get_mut("schema") {
                    each_inner(schema, &mut visit);
                }
            }
            let mut holders = Vec::new();
            let Some(operation) = operation.as_object_mut() else { return };
            for (key, value) in operation {
                match key.as_str() {
                    "requestBody" => holders.push(value),
                    "responses" => holders.extend(object_values(Some(value))),
                    _ => {}
                }
            }
            for holder in holders {
                for content in object_values(holder.get_mut("content")) {
                    if let Some(schema) = content.get_mut("schema") {
                        each_inner(schema, &mut visit);
                    }
                }
            }
        });
        count
    }

    /// Makes every schema that `is` knows stand for the Rust type `path`; tells how
    /// many there were.
    pub fn replace_each(&mut self, path: &str, is: &dyn Fn(&Value) -> bool) -> usize {
        let count = self.each_schema(&mut |schema| {
            let found = is(schema);
            if found {
                replace(schema, path);
            }
            found
        });
        if count > 0 {
            self.types.insert(path.to_owned());
        }
        count
    }
}

fn each_inner(schema: &mut Value, visit: &mut dyn FnMut(&mut Value)) {
    for property in object_values(schema.get_mut("properties")) {
        each_inner(property, visit);
    }
    for key in ["items", "additionalProperties"] {
        if let Some(inner) = schema.get_mut(key).filter(|inner| inner.is_object()) {
            each_inner(inner, visit);
        }
    }
    for inner in list_values(schema.get_mut("allOf")) {
        each_inner(inner, visit);
    }
    visit(schema);
}

/// The values of an object, to be changed; none if it is something else.
fn object_values(value: Option<&mut Value>) -> impl Iterator<Item = &mut Value> {
    value.and_then(Value::as_object_mut).into_iter().flat_map(|object| object.values_mut())
}

/// The values of a list, to be changed; none if it is something else.
fn list_values(value: Option<&mut Value>) -> impl Iterator<Item = &mut Value> {
    value.and_then(Value::as_array_mut).into_iter().flatten()
}

/// Makes a schema stand for the Rust type `path`; its description stays, and
/// whether it may be null.
///
/// The type's name travels as a string format: typify swaps any schema that is
/// equal to one it was told of, and looks at all of it but the description.
fn replace(schema: &mut Value, path: &str) {
    let kept = ["description", "nullable"].map(|key| (key, schema.get(key).cloned()));
    *schema = json!({"type": "string", "format": path});
    for (key, value) in kept {
        if let Some(value) = value {
            put(schema, key, value);
        }
    }
}

/// Removes a member; tells whether it was there.
fn take(value: &mut Value, key: &str) -> bool {
    value.as_object_mut().is_some_and(|object| object.shift_remove(key).is_some())
}

/// Puts a member.
fn put(value: &mut Value, key: &str, member: Value) {
    if let Some(object) = value.as_object_mut() {
        object.insert(key.to_owned(), member);
    }
}

#[cfg(test)]
mod tests;
