//! The contract holds; and it is the specification that it is held to: every
//! change of one that concerns what is sent is noticed.

use serde_json::{Value, json};
use twinkit_tests::contract;
use twinkit_tests::coverage::{DigitalTwins, digital_twins_spec};
use twinkit_tests::spec::Document;

fn document() -> Document {
    Document::from_file(&digital_twins_spec()).unwrap()
}

#[tokio::test]
async fn every_operation_is_sent_as_the_specification_says() {
    let verdicts = contract::check(&document(), &DigitalTwins).await.unwrap();
    let failed: Vec<String> =
        verdicts.iter().filter(|verdict| !verdict.holds()).map(ToString::to_string).collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    assert!(!verdicts.is_empty());
}

#[tokio::test]
async fn every_change_of_a_specification_is_noticed() {
    let document = document();
    let mut unnoticed = Vec::new();
    let mut tried = 0;
    for alone in operations_alone(document.root()) {
        for (what, changed) in changes(&alone) {
            tried += 1;
            let changed = Document::from_value(changed);
            let verdicts = contract::check(&changed, &DigitalTwins).await.unwrap();
            if verdicts.iter().all(contract::Verdict::holds) {
                unnoticed.push(format!("{}: {what}", alone.path));
            }
        }
    }
    assert!(unnoticed.is_empty(), "{} of {tried}: {unnoticed:#?}", unnoticed.len());
    assert!(tried > 300, "only {tried} changes were tried");
}

/// An operation with its parameters, body and answers in place of references,
/// in a document of its own.
struct Alone {
    root: Value,
    path: String,
    method: String,
    operation: Value,
}

impl Alone {
    /// The document with another operation at another place.
    fn with(&self, path: &str, method: &str, operation: Value) -> Value {
        let mut root = self.root.clone();
        root["paths"] = json!({path: {method: operation}});
        root
    }

    fn changed(&self, change: impl FnOnce(&mut Value)) -> Value {
        let mut operation = self.operation.clone();
        change(&mut operation);
        self.with(&self.path, &self.method, operation)
    }
}

fn operations_alone(root: &Value) -> Vec<Alone> {
    let mut all = Vec::new();
    for (path, item) in root["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let mut operation = operation.clone();
            for parameter in operation["parameters"].as_array_mut().unwrap() {
                *parameter = resolved(root, parameter);
            }
            if operation.get("requestBody").is_some() {
                operation["requestBody"] = resolved(root, &operation["requestBody"]);
            }
            all.push(Alone {
                root: root.clone(),
                path: path.clone(),
                method: method.clone(),
                operation,
            });
        }
    }
    all
}

fn resolved(root: &Value, value: &Value) -> Value {
    match value.get("$ref").and_then(Value::as_str) {
        Some(reference) => root.pointer(reference.strip_prefix('#').unwrap()).unwrap().clone(),
        None => value.clone(),
    }
}

/// Changed copies, each with what was changed.
fn changes(alone: &Alone) -> Vec<(String, Value)> {
    let mut changes = vec![
        ("method".to_owned(), alone.with(&alone.path, "options", alone.operation.clone())),
        (
            "path".to_owned(),
            alone.with(&format!("/x{}", alone.path), &alone.method, alone.operation.clone()),
        ),
        ("one segment more".to_owned(), {
            alone.with(&format!("{}/x", alone.path), &alone.method, alone.operation.clone())
        }),
    ];
    parameters(alone, &mut changes);
    bodies(alone, &mut changes);
    answers(alone, &mut changes);
    changes
}

fn parameters(alone: &Alone, changes: &mut Vec<(String, Value)>) {
    for (index, parameter) in alone.operation["parameters"].as_array().unwrap().iter().enumerate() {
        let name = parameter["name"].as_str().unwrap();
        // Trace headers are set by the caller of any operation, described or not.
        if !name.starts_with("trace") {
            let copy = alone.changed(|operation| {
                operation["parameters"].as_array_mut().unwrap().remove(index);
            });
            changes.push((format!("{name}: taken away"), copy));
        }
        let mut with = |what: &str, change: &dyn Fn(&mut Value)| {
            let copy = alone.changed(|operation| change(&mut operation["parameters"][index]));
            changes.push((format!("{name}: {what}"), copy));
        };
        with("name", &|it| it["name"] = json!(format!("{name}x")));
        if parameter.get("x-const").is_some() {
            with("value", &|it| it["x-const"] = json!("1999-01-01"));
            continue;
        }
        let place = if parameter["in"] == "header" { "query" } else { "header" };
        with("place", &|it| it["in"] = json!(place));
        let required = parameter["required"].as_bool().unwrap_or_default();
        // A path has no room for what is left out.
        if parameter["in"] != "path" {
            with("required", &|it| it["required"] = json!(!required));
        }
    }
    let copy = alone.changed(|operation| {
        let another = json!({"name": "another", "in": "query", "schema": {"type": "string"}});
        operation["parameters"].as_array_mut().unwrap().push(another);
    });
    changes.push(("another parameter".to_owned(), copy));
}

fn bodies(alone: &Alone, changes: &mut Vec<(String, Value)>) {
    let Some(body) = alone.operation.get("requestBody") else {
        let body = json!({"content": {"application/json": {"schema": {"type": "object"}}}});
        let copy = alone.changed(|operation| operation["requestBody"] = body);
        changes.push(("a body".to_owned(), copy));
        return;
    };
    let (_, content) = body["content"].as_object().unwrap().iter().next().unwrap();
    let mut with = |what: &str, change: &dyn Fn(&mut Value)| {
        changes.push((what.to_owned(), alone.changed(change)));
    };
    let other = json!({"application/merge-patch+json": content});
    with("media type of the body", &|it| it["requestBody"]["content"] = other.clone());
    with("required body", &|it| it["requestBody"]["required"] = json!(false));
    with("no body", &|it| {
        it.as_object_mut().unwrap().remove("requestBody");
    });
}

/// Which success came is not looked at: versions of the service differ in it, and
/// the client takes any.
fn answers(alone: &Alone, changes: &mut Vec<(String, Value)>) {
    let responses = alone.operation["responses"].as_object().unwrap();
    for (status, response) in responses.iter().filter(|(status, _)| status.starts_with('2')) {
        let Some((_, content)) = response["content"].as_object().and_then(|it| it.iter().next())
        else {
            continue;
        };
        let copy = alone.changed(|operation| {
            operation["responses"][status]["content"] = json!({"text/xml": content});
        });
        changes.push((format!("media type of {status}"), copy));
    }
}
