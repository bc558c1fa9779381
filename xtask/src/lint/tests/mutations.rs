//! Documents changed at every place: no pass may panic on any of them.

use serde_json::{Value, json};

use super::{check, document, good};
use crate::document::Document;
use crate::{catalogue, generator, normalise, table};

/// Pointers of all nodes of a document.
fn nodes(value: &Value, pointer: String, all: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            for (key, member) in object {
                nodes(member, crate::document::join(&pointer, key), all);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                nodes(item, format!("{pointer}/{index}"), all);
            }
        }
        _ => {}
    }
    all.push(pointer);
}

/// The document without a node, and with other things in its place.
fn mutants(root: &Value, pointer: &str) -> Vec<Value> {
    let mut mutants = Vec::new();
    for other in [json!(null), json!(7), json!("x"), json!([]), json!({}), json!([{"a": {}}])] {
        let mut mutant = root.clone();
        if let Some(node) = mutant.pointer_mut(pointer) {
            *node = other;
            mutants.push(mutant);
        }
    }
    if let Some((parent, key)) = pointer.rsplit_once('/') {
        let mut mutant = root.clone();
        let key = key.replace("~1", "/").replace("~0", "~");
        match mutant.pointer_mut(parent) {
            Some(Value::Object(object)) => {
                object.shift_remove(&key);
            }
            Some(Value::Array(items)) => {
                items.remove(key.parse().unwrap());
            }
            _ => {}
        }
        mutants.push(mutant);
    }
    mutants
}

/// Lint; and the passes after it, on what it lets through and on what not.
fn run_all(root: &Value, generated: &mut usize) {
    if !root.is_object() {
        return;
    }
    let document = document(root);
    let problems = check(&document);
    assert!(problems.iter().all(|problem| !problem.cure.is_empty()));
    let _ = table::build(root);
    let (lowering, _) = normalise::normalise(root, "crate::generated");
    if problems.is_empty() {
        *generated += 1;
        let _ = generator::generate(&document, &lowering);
    }
}

#[test]
fn no_change_to_a_small_document_makes_anything_panic() {
    let root = good();
    let mut all = Vec::new();
    nodes(&root, String::new(), &mut all);
    let mut generated = 0;
    for pointer in all {
        for mutant in mutants(&root, &pointer) {
            run_all(&mutant, &mut generated);
        }
    }
    assert!(generated > 100, "only {generated} changed documents were let through");
}

#[test]
fn no_change_to_the_real_document_makes_anything_panic() {
    let api = catalogue::find("digital-twins").unwrap();
    let root = Document::load(&catalogue::root().join(api.spec)).unwrap().value;
    let mut all = Vec::new();
    nodes(&root, String::new(), &mut all);
    let mut generated = 0;
    // Every node would take minutes: one in many, always the same.
    for (index, pointer) in all.iter().enumerate().filter(|(index, _)| index % 97 == 0) {
        let mutants = mutants(&root, pointer);
        if let Some(mutant) = mutants.get(index % mutants.len().max(1)) {
            run_all(mutant, &mut generated);
        }
    }
}
