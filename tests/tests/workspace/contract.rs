//! The contract holds; and it is the specification that it is held to: every
//! change of one that concerns what is sent is noticed.

use serde_json::{Value, json};
use twinkit_tests::contract;
use twinkit_tests::coverage::{
    DigitalTwins, IotCentral, IotCentralPreview, digital_twins_spec, iot_central_preview_spec,
    iot_central_spec, itwin, itwin_spec,
};
use twinkit_tests::spec::Document;
use twinkit_tests::support::recorder::Recorder;

const MERGE_PATCH: &str = "application/merge-patch+json";

fn document() -> Document {
    Document::from_file(&digital_twins_spec()).unwrap()
}

#[tokio::test]
async fn every_operation_is_sent_as_the_specification_says() {
    let twins = contract::check(&document(), &DigitalTwins::default()).await.unwrap();
    let central = Document::from_file(&iot_central_spec()).unwrap();
    let central = contract::check(&central, &IotCentral::default()).await.unwrap();
    let preview = Document::from_file(&iot_central_preview_spec()).unwrap();
    let preview = contract::check(&preview, &IotCentralPreview::default()).await.unwrap();
    assert_eq!((twins.len(), central.len(), preview.len()), (32, 96, 120));
    let verdicts = twins.iter().chain(&central).chain(&preview);
    let failed: Vec<String> =
        verdicts.filter(|verdict| !verdict.holds()).map(ToString::to_string).collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[tokio::test]
async fn every_change_of_a_specification_is_noticed() {
    let tried = all_changes_are_noticed(&document(), &DigitalTwins::default()).await;
    assert!(tried > 1000, "only {tried} changes were tried");
}

#[tokio::test]
async fn every_change_of_a_specification_with_kinds_and_patches_is_noticed() {
    let document = Document::from_file(&iot_central_spec()).unwrap();
    let tried = all_changes_are_noticed(&document, &IotCentral::default()).await;
    assert!(tried > 2500, "only {tried} changes were tried");
}

#[tokio::test]
async fn every_change_of_specifications_with_choices_pictures_and_redirects_is_noticed() {
    let read = |api: &str| Document::from_file(&itwin_spec(api)).unwrap();
    let itwins = all_changes_are_noticed(&read("itwins"), &itwin::ITwins::default()).await;
    let storage = all_changes_are_noticed(&read("storage"), &itwin::Storage::default()).await;
    assert!(itwins > 700 && storage > 500, "only {itwins} and {storage} changes were tried");
}

/// Gives how many there were.
async fn all_changes_are_noticed(document: &Document, subject: &impl contract::Subject) -> usize {
    let recorder = Recorder::start().await.unwrap();
    let mut unnoticed = Vec::new();
    let mut tried = 0;
    for alone in operations_alone(document.root()) {
        for (what, changed) in changes(&alone) {
            tried += 1;
            let changed = Document::from_value(changed);
            let verdicts = contract::check_with(&recorder, &changed, subject).await.unwrap();
            if verdicts.iter().all(contract::Verdict::holds) {
                unnoticed.push(format!("{} {}: {what}", alone.method, alone.path));
            }
        }
    }
    assert!(unnoticed.is_empty(), "{} of {tried}: {unnoticed:#?}", unnoticed.len());
    tried
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
    let mut bare = root.clone();
    bare["paths"] = json!({});
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
                root: bare.clone(),
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
        ("what is asked for".to_owned(), {
            let mut root = alone.with(&alone.path, &alone.method, alone.operation.clone());
            root["x-accept"] = json!("application/vnd.other+json");
            root
        }),
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
    let (media_type, content) = body["content"].as_object().unwrap().iter().next().unwrap();
    let mut with = |what: &str, change: &dyn Fn(&mut Value)| {
        changes.push((what.to_owned(), alone.changed(change)));
    };
    let patches = media_type == MERGE_PATCH;
    let other = if patches { "application/json" } else { MERGE_PATCH };
    let other = json!({other: content});
    with("media type of the body", &|it| it["requestBody"]["content"] = other.clone());
    with("required body", &|it| it["requestBody"]["required"] = json!(false));
    with("no body", &|it| {
        it.as_object_mut().unwrap().remove("requestBody");
    });
    // Patches of what the client keeps as it comes are the caller's own JSON.
    let place = ["requestBody", "content", media_type, "schema"];
    let schema = resolved(&alone.root, &content["schema"]);
    if !patches || schema["x-document"] != true {
        members(alone, &place, changes);
    }
}

/// Which success came is not looked at: versions of the service differ in it, and
/// the client takes any.
fn answers(alone: &Alone, changes: &mut Vec<(String, Value)>) {
    let responses = alone.operation["responses"].as_object().unwrap();
    for (status, response) in responses.iter().filter(|(status, _)| status.starts_with('2')) {
        let response = resolved(&alone.root, response);
        let Some((media_type, content)) =
            response["content"].as_object().and_then(|it| it.iter().next())
        else {
            continue;
        };
        // Where all of an API is asked for by one media type, that is what is sent.
        if alone.root.get("x-accept").is_none() {
            let copy = alone.changed(|operation| {
                operation["responses"][status]["content"] = json!({"text/xml": content});
            });
            changes.push((format!("media type of {status}"), copy));
        }
        members(alone, &["responses", status, "content", media_type, "schema"], changes);
    }
}

/// Gives another name, then another type, to each member that the schema at a
/// place of the operation declares, and each of the schemas that it leads to.
/// They are changed in copies, so that no other place sees it.
fn members(alone: &Alone, place: &[&str], changes: &mut Vec<(String, Value)>) {
    let schema = place.iter().fold(&alone.operation, |it, step| &it[*step]);
    let mut copies = Copies { root: &alone.root, sent: place[0] == "requestBody", all: json!({}) };
    let top = copies.moved(schema);
    copies.all["top"] = top;
    let copies = copies.all;
    let mut found = Vec::new();
    for (name, copy) in copies.as_object().unwrap() {
        declared(copy, &format!("/{name}"), &mut found);
    }
    let mut with = |what: String, changed_copies: Value| {
        let mut changed = alone.changed(|operation| {
            let schema = place.iter().fold(operation, |it, step| &mut it[*step]);
            *schema = json!({"$ref": "#/components/copies/top"});
        });
        changed["components"]["copies"] = changed_copies;
        changes.push((format!("{}{what}", place[0]), changed));
    };
    for (pointer, member) in found {
        let property = format!("{pointer}/properties/{member}");
        let schema = copies.pointer(&property).unwrap();
        // Documents in lists are the caller's to decode.
        let in_document = copies.pointer(&pointer).unwrap()["x-document"] == true;
        let reference = format!("#/components/copies{pointer}");
        if in_document && pointer != "/top" && copies["top"]["$ref"] != reference {
            continue;
        }
        // What names the kind has the value of the kind, whatever its schema says.
        if copies.pointer(&pointer).unwrap()["discriminator"]["propertyName"] == member {
            continue;
        }
        let mut renamed = copies.clone();
        rename(renamed.pointer_mut(&pointer).unwrap(), &member);
        with(format!("{property}: name"), renamed);
        // Any value fits where nothing is said of the type, and where the client
        // keeps an object as it comes.
        let is_raw = schema["additionalProperties"] == true && !in_document;
        if schema.get("type").is_some() && !is_raw {
            let mut retyped = copies.clone();
            let other = if schema["type"] == "boolean" { "string" } else { "boolean" };
            *retyped.pointer_mut(&property).unwrap() = json!({"type": other});
            with(format!("{property}: type"), retyped);
        }
    }
}

/// Copies of components, made as they are led to.
struct Copies<'a> {
    root: &'a Value,
    /// Whether they are for a request: what only the service sets is not sent.
    sent: bool,
    all: Value,
}

impl Copies<'_> {
    /// A schema that leads to copies in place of components.
    fn moved(&mut self, schema: &Value) -> Value {
        match schema {
            Value::Object(members) => {
                let reference = members.get("$ref").and_then(Value::as_str);
                if let Some(name) = reference.and_then(|it| it.rsplit('/').next()) {
                    return json!({"$ref": self.copy(name)});
                }
                let mut all = serde_json::Map::new();
                for (name, member) in members {
                    if self.sent && member["readOnly"] == true {
                        continue;
                    }
                    let moved = match (name.as_str(), member) {
                        ("mapping", Value::Object(kinds)) => self.kinds(kinds),
                        _ => self.moved(member),
                    };
                    all.insert(name.clone(), moved);
                }
                Value::Object(all)
            }
            Value::Array(elements) => elements.iter().map(|it| self.moved(it)).collect(),
            other => other.clone(),
        }
    }

    fn kinds(&mut self, mapping: &serde_json::Map<String, Value>) -> Value {
        let mut all = serde_json::Map::new();
        for (value, target) in mapping {
            let name = target.as_str().and_then(|it| it.rsplit('/').next()).unwrap();
            all.insert(value.clone(), json!(self.copy(name)));
        }
        Value::Object(all)
    }

    /// Where the copy of a component stands.
    fn copy(&mut self, name: &str) -> String {
        if self.all.get(name).is_none() {
            // Marks it as being made: schemas may hold themselves.
            self.all[name] = Value::Null;
            let copy = self.moved(&self.root["components"]["schemas"][name]);
            self.all[name] = copy;
        }
        format!("#/components/copies/{name}")
    }
}

/// Pointers to the schemas that declare members, with these.
fn declared(schema: &Value, pointer: &str, found: &mut Vec<(String, String)>) {
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        found.push((pointer.to_owned(), name.clone()));
        declared(property, &format!("{pointer}/properties/{name}"), found);
    }
    for inner in ["items", "additionalProperties"] {
        if let Some(schema) = schema.get(inner) {
            declared(schema, &format!("{pointer}/{inner}"), found);
        }
    }
}

fn rename(schema: &mut Value, member: &str) {
    let properties = schema["properties"].as_object_mut().unwrap();
    let property = properties.remove(member).unwrap();
    properties.insert(format!("{member}x"), property);
    for name in schema.get_mut("required").and_then(Value::as_array_mut).into_iter().flatten() {
        if name == member {
            *name = json!(format!("{member}x"));
        }
    }
}
