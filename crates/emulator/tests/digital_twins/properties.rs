//! Properties that hold for any input.

use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value, json};
use twinkit_emulator::{
    clock::Clock,
    digital_twins::{Config, IfMatch, IfNoneMatch, Instance, NoBlobs},
};

use crate::support::{models, room};

fn instance() -> Arc<Instance> {
    let instance = Instance::new(Config::default(), Clock::new(), Arc::new(NoBlobs));
    instance.create_models(&models()).unwrap();
    let twin = room(json!({"temp": 1, "size": {"width": 1}, "labels": {"a": "b"}}));
    instance.put_twin("r", &twin, IfNoneMatch::Absent, None).unwrap();
    instance
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[a-z]{0,6}".prop_map(Value::from),
        Just(json!({"width": 2})),
        Just(json!({"$metadata": {}, "setPoint": 1})),
        Just(json!(["x"])),
        Just(json!("dtmi:test:Floor;1")),
    ]
}

fn path() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "/temp",
        "/seats",
        "/name",
        "/size",
        "/size/width",
        "/size/depth",
        "/labels/a",
        "/labels/b",
        "/tags",
        "/use",
        "/thermostat",
        "/thermostat/setPoint",
        "/thermostat/mode",
        "/$metadata",
        "/$metadata/$model",
        "/$metadata/temp/sourceTime",
        "/thermostat/$metadata/mode/sourceTime",
        "/$dtId",
        "/unknown",
        "/unknown/x",
    ]);
    prop_oneof![8 => known.prop_map(str::to_owned), 1 => "[/~a-z0-9$]{0,8}"]
}

fn operation() -> impl Strategy<Value = Value> {
    let op = prop::sample::select(vec!["add", "add", "replace", "remove", "move", "test"]);
    (op, path(), value())
        .prop_map(|(op, path, value)| json!({"op": op, "path": path, "value": value}))
}

/// A document of any form.
fn document() -> impl Strategy<Value = Value> {
    let leaf = value();
    leaf.prop_recursive(3, 24, 4, |inner| {
        let name = prop::sample::select(vec![
            "$dtId",
            "$metadata",
            "$model",
            "temp",
            "size",
            "thermostat",
            "name",
            "labels",
            "@id",
            "@type",
            "@context",
            "contents",
            "schema",
            "extends",
            "fields",
            "enumValues",
        ]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::vec((name, inner), 0..5).prop_map(|members| {
                members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
            }),
        ]
    })
}

/// One of the writes that move things between indexes.
#[derive(Debug, Clone)]
enum Write {
    Twin(&'static str, &'static str),
    DeleteTwin(&'static str),
    Relationship(&'static str, &'static str, &'static str, &'static str),
    DeleteRelationship(&'static str, &'static str),
    DeleteModel(&'static str),
    RestoreModels,
}

fn write() -> impl Strategy<Value = Write> {
    let twin = || prop::sample::select(vec!["a", "b", "c"]);
    let id = || prop::sample::select(vec!["1", "2"]);
    let model = || prop::sample::select(vec!["Space", "Floor", "Room"]);
    let name = prop::sample::select(vec!["near", "contains"]);
    prop_oneof![
        4 => (twin(), model()).prop_map(|(twin, model)| Write::Twin(twin, model)),
        1 => twin().prop_map(Write::DeleteTwin),
        4 => (twin(), id(), name, twin()).prop_map(|(a, id, name, b)| Write::Relationship(a, id, name, b)),
        2 => (twin(), id()).prop_map(|(twin, id)| Write::DeleteRelationship(twin, id)),
        1 => model().prop_map(Write::DeleteModel),
        1 => Just(Write::RestoreModels),
    ]
}

/// Carries out a write, or finds that it is refused.
fn carry_out(instance: &Instance, write: &Write) {
    match write {
        Write::Twin(id, model) => {
            let mut body = if *model == "Room" { room(json!({})) } else { json!({}) };
            body["$metadata"] = json!({"$model": format!("dtmi:test:{model};1")});
            let _ = instance.put_twin(id, &body, IfNoneMatch::Absent, None);
        }
        Write::DeleteTwin(id) => {
            let _ = instance.delete_twin(id, &IfMatch::Any, None);
        }
        Write::Relationship(source, id, name, target) => {
            let body = json!({"$targetId": target, "$relationshipName": name});
            let _ = instance.put_relationship(source, id, &body, IfNoneMatch::Absent, None);
        }
        Write::DeleteRelationship(source, id) => {
            let _ = instance.delete_relationship(source, id, &IfMatch::Any, None);
        }
        Write::DeleteModel(name) => {
            let _ = instance.delete_model(&format!("dtmi:test:{name};1"));
        }
        Write::RestoreModels => {
            for model in models() {
                let _ = instance.create_models(&[model]);
            }
            let _ = instance.create_models(&models());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// A patch takes effect whole, with a new etag, or not at all; and what is
    /// stored afterwards can be written back.
    #[test]
    fn patches_are_all_or_nothing(patch in prop::collection::vec(operation(), 0..6)) {
        let instance = instance();
        let before = instance.get_twin("r").unwrap();
        let outcome = instance.update_twin("r", &Value::from(patch), &IfMatch::Any, None);
        let after = instance.get_twin("r").unwrap();
        match outcome {
            Err(error) => {
                prop_assert_eq!(error.status().as_u16(), 400);
                prop_assert_eq!(&before.document, &after.document);
            }
            Ok(etag) => {
                prop_assert_ne!(&before.etag, &etag);
                prop_assert_eq!(&after.document["$etag"], &json!(etag));
                let again = instance.put_twin("r", &after.document, IfNoneMatch::Absent, None);
                prop_assert!(again.is_ok(), "{:?}", again);
            }
        }
    }

    /// Whatever is written in whatever order, the indexes agree with the data.
    #[test]
    fn indexes_agree_with_the_data(writes in prop::collection::vec(write(), 0..40)) {
        let instance = instance();
        for write in &writes {
            carry_out(&instance, write);
        }
        let rows = |query: &str| instance.query(query, None, Some(1000)).unwrap().rows;
        let twins = rows("SELECT * FROM DIGITALTWINS");
        for model in ["Space", "Floor", "Room"] {
            let id = format!("dtmi:test:{model};1");
            for exact in [true, false] {
                let suffix = if exact { ", exact" } else { "" };
                let of_model = format!("IS_OF_MODEL('{id}'{suffix})");
                let count = rows(&format!("SELECT COUNT() FROM DIGITALTWINS WHERE {of_model}"));
                let expected = twins.iter().filter(|twin| {
                    let own = twin["$metadata"]["$model"].as_str().unwrap();
                    let known = instance.get_model(own, false).is_ok();
                    own == id || (!exact && model == "Space" && known)
                });
                prop_assert_eq!(&count, &[json!({"COUNT": expected.count()})], "{}", of_model);
            }
        }
        let all = rows("SELECT * FROM RELATIONSHIPS");
        prop_assert_eq!(instance.counts().2, all.len());
        for twin in &twins {
            let id = twin["$dtId"].as_str().unwrap();
            let at = |end: &str| all.iter().filter(|row| row[end] == id).count();
            let (incoming, more) = instance.list_incoming(id, None).unwrap();
            prop_assert!(!more);
            prop_assert_eq!(incoming.len(), at("$targetId"));
            let outgoing = instance.list_relationships(id, None, None).unwrap();
            prop_assert_eq!(outgoing.items.len(), at("$sourceId"));
        }
    }

    /// Documents of any form are taken or refused, never a panic.
    #[test]
    fn any_document_is_judged(document in document()) {
        let instance = instance();
        let twin = instance.put_twin("x", &document, IfNoneMatch::Absent, None);
        prop_assert_eq!(twin.is_ok(), instance.get_twin("x").is_ok());
        if let Err(error) = instance.put_relationship("r", "1", &document, IfNoneMatch::Absent, None) {
            prop_assert_eq!(error.status().as_u16(), 400);
        }
        if let Err(error) = instance.create_models(&[document]) {
            prop_assert!(matches!(error.status().as_u16(), 400 | 409), "{}", error);
        }
    }
}
