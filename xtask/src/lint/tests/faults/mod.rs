//! Small broken documents: each fault is found at its place, with its cure. One file
//! for each kind of fault.

mod extensions;
mod kinds;
mod names;
mod operations;
mod platforms;
mod schemas;
mod structure;

use std::path::Path;

use serde_json::{Value, json};

use super::{check, document, with};

const GET: &str = "/paths/~1things~1{id}/get";
const PUT: &str = "/paths/~1things~1{id}/put";
const PATCH: &str = "/paths/~1things~1{id}/patch";
const SHAPE: &str = "/components/schemas/Shape";
const LIST: &str = "/paths/~1things/get";
const PAGES: &str = "/paths/~1pages/get";
const PICTURE: &str = "/paths/~1pages/put/requestBody/content";
const THING: &str = "/components/schemas/Thing";

/// Where to change the good document, what to put there (nothing: take it
/// away), where the problem is expected, and words of its message and cure.
type Fault = (String, Option<Value>, String, &'static str, &'static str);

fn faults() -> Vec<Fault> {
    [
        structure::faults(),
        operations::faults(),
        schemas::faults(),
        kinds::faults(),
        extensions::faults(),
        names::faults(),
        platforms::faults(),
    ]
    .concat()
}

fn at(base: &str, rest: &str) -> String {
    format!("{base}{rest}")
}

/// A place in an enum of the good document.
fn state(rest: &str) -> String {
    format!("{THING}/properties/state{rest}")
}

fn put(value: Value) -> Option<Value> {
    Some(value)
}

/// A parameter of the query.
fn query(name: &str, schema: Value) -> Option<Value> {
    put(json!({"name": name, "in": "query", "description": "d", "schema": schema}))
}

/// A reference to a component.
fn refs(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

#[test]
fn every_fault_is_found_at_its_place_with_its_cure() {
    let mut wrong = Vec::new();
    for (pointer, value, place, message, cure) in faults() {
        let what = format!("{pointer} = {value:?}");
        let problems = check(&document(&with(&pointer, value)));
        let hit = problems.iter().any(|problem| {
            problem.pointer == place
                && problem.message.contains(message)
                && problem.cure.contains(cure)
                && problem.file == Path::new("small.json")
        });
        if !hit {
            wrong.push(format!("{what}\n  expected at {place}\n  found {problems:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn one_fault_gives_one_problem() {
    // Most faults stand alone; those that pull others with them are few.
    let alone = faults()
        .into_iter()
        .filter(|(pointer, value, ..)| check(&document(&with(pointer, value.clone()))).len() == 1)
        .count();
    assert!(alone * 10 >= faults().len() * 7, "{alone} of {}", faults().len());
}
