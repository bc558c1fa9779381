//! What a valid set of models is.

use serde_json::{Value, json};

use crate::support::{Api, models};

/// An interface of version 3 with these further members.
fn v3(name: &str, members: Value) -> Value {
    interface(name, "dtmi:dtdl:context;3", members)
}

fn v2(name: &str, members: Value) -> Value {
    interface(name, "dtmi:dtdl:context;2", members)
}

fn interface(name: &str, context: &str, members: Value) -> Value {
    let mut interface =
        json!({"@id": format!("dtmi:t:{name};1"), "@type": "Interface", "@context": context});
    interface.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    interface
}

fn property(schema: Value) -> Value {
    json!({"contents": [{"@type": "Property", "name": "p", "schema": schema}]})
}

/// Code and message of the refusal.
fn refusal(documents: &[Value]) -> (&'static str, String) {
    let error = Api::with_models().instance.create_models(documents).unwrap_err();
    (error.code(), error.message().to_owned())
}

#[track_caller]
fn accepted(documents: &[Value]) {
    if let Err(error) = Api::with_models().instance.create_models(documents) {
        panic!("{error}");
    }
}

#[track_caller]
fn faulty(documents: &[Value], expected: &str) {
    let (code, message) = refusal(documents);
    assert_eq!(code, "DTDLParserError", "{message}");
    assert!(message.contains(expected), "{expected:?} is not in {message:?}");
}

#[test]
fn json_ld_lets_much_be_written_in_several_ways() {
    accepted(&[
        v3(
            "A",
            json!({
                "@context": ["dtmi:dtdl:context;3", "dtmi:dtdl:extension:quantitativeTypes;1"],
                "extends": "dtmi:t:B;1",
                "contents": {"@type": ["Property", "Temperature"], "name": "t",
                             "schema": "double", "unit": "kelvin"},
                "displayName": {"en": "A"},
                "comment": "c",
            }),
        ),
        v3("B", json!({"extends": [{"@id": "dtmi:t:C;1"}]})),
        v2(
            "C",
            json!({
                "@context": ["dtmi:dtdl:context;2", "http://example.com/other"],
                "contents": [
                    {"@type": "Relationship", "name": "r", "target": "dtmi:not:stored;1",
                     "minMultiplicity": 0, "maxMultiplicity": 5, "writable": true,
                     "properties": {"@type": "Property", "name": "p", "schema": "string"}},
                    {"@type": "Command", "name": "c", "request": {"name": "x", "schema": "time"}},
                    {"@type": "Telemetry", "name": "array",
                     "schema": {"@type": "Array", "elementSchema": "string"}},
                    {"@type": "Property", "name": "geo", "schema": "point"},
                    {"@type": "Property", "name": "full", "schema": "dtmi:dtdl:instance:Schema:long;2"},
                ],
            }),
        ),
    ]);
}

#[test]
fn schemas_with_an_id_are_found_here_and_above() {
    let object = json!({"@id": "dtmi:t:hours;1", "@type": "Object", "fields": [
        {"name": "from", "schema": "time"}, {"name": "days", "schema": "dtmi:t:day;1"}]});
    let day = json!({"@id": "dtmi:t:day;1", "@type": "Enum", "valueSchema": "integer",
        "enumValues": [{"name": "mon", "enumValue": 1}]});
    accepted(&[
        v2(
            "A",
            json!({"schemas": [object, day],
            "contents": [{"@type": "Property", "name": "p", "schema": "dtmi:t:hours;1"}]}),
        ),
        v2(
            "B",
            json!({"extends": "dtmi:t:A;1",
            "contents": [{"@type": "Property", "name": "q", "schema": "dtmi:t:day;1"}]}),
        ),
    ]);
    faulty(
        &[v2("A", property(json!("dtmi:t:none;1")))],
        "dtmi:t:A;1 at contents/p: schema dtmi:t:none;1 is not defined",
    );
    let circle = json!({"@id": "dtmi:t:c;1", "@type": "Object",
        "fields": [{"name": "c", "schema": "dtmi:t:c;1"}]});
    faulty(&[v2("A", property(circle))], "schema dtmi:t:c;1 contains itself");
}

#[test]
fn documents_must_be_interfaces_with_id_and_context() {
    assert_eq!(refusal(&[json!("x")]).0, "InvalidArgument");
    faulty(&[json!({"@type": "Interface"})], "model 0: @id is missing");
    faulty(&[v3("A", json!({"@type": "Property"}))], "@type must name one of Interface");
    faulty(&[v3("A", json!({"@context": "dtmi:example:context;1"}))], "dtmi:dtdl:context;2");
    faulty(
        &[v3("A", json!({"@context": ["dtmi:dtdl:context;3", "dtmi:dtdl:extension:none;1"]}))],
        "extension dtmi:dtdl:extension:none;1 is not supported",
    );
    faulty(&[v3("A", json!({})), v3("A", json!({}))], "used by two models of this call");
    faulty(&[v3("A", json!({"conents": []}))], "dtmi:t:A;1: conents is not known here");
    faulty(&[v3("A", json!({"displayName": 5}))], "displayName");
    assert_eq!(refusal(&[v2("A", json!({"@id": "dtmi:t:NoVersion"}))]).0, "InvalidArgument");
    assert_eq!(refusal(&[v3("A", json!({"@id": 7}))]).0, "InvalidArgument");
    accepted(&[
        v3("A", json!({"@id": "dtmi:t:NoVersion"})),
        v3("B", json!({"@id": "dtmi:t:B;1.2"})),
    ]);
    for context in ["dtmi:dtdl:context;4", "dtmi:dtdl:context;1"] {
        let code = refusal(&[v3("A", json!({"@context": context}))]).0;
        assert_eq!(code, "ModelVersionNotSupported");
    }
}

#[test]
fn contents_are_checked_by_kind() {
    let content = |content: Value| [v3("A", json!({"contents": [content]}))];
    let cases = [
        (json!({"@type": "Property", "schema": "string"}), "contents: name is missing"),
        (
            json!({"@type": "Property", "name": "1a", "schema": "string"}),
            "must begin with a letter",
        ),
        (
            json!({"@type": "Property", "name": "a_", "schema": "string"}),
            "not end in an underscore",
        ),
        (json!({"name": "a", "schema": "string"}), "contents/a: @type is missing"),
        (json!({"@type": "Thing", "name": "a"}), "contents/a: @type must name one of Property"),
        (json!({"@type": ["Property", "Telemetry"], "name": "a"}), "@type must name one of"),
        (json!({"@type": "Property", "name": "a"}), "contents/a: schema is missing"),
        (
            json!({"@type": "Property", "name": "a", "schema": "text"}),
            "neither a schema nor a DTMI",
        ),
        (json!({"@type": "Property", "name": "a", "schema": 1}), "contents/a/schema: must be"),
        (json!({"@type": "Property", "name": "a", "schema": "string", "writable": 1}), "writable"),
        (json!({"@type": "Property", "name": "a", "schema": "string", "zz": 1}), "zz is not known"),
        (json!({"@type": "Component", "name": "a"}), "contents/a: schema is missing"),
        (json!({"@type": "Component", "name": "a", "schema": "x"}), "is not a DTMI"),
        (
            json!({"@type": "Component", "name": "a", "schema": {"@type": "Interface"}}),
            "a definition in place is not supported",
        ),
        (
            json!({"@type": "Component", "name": "a", "schema": "dtmi:t:none;1"}),
            "contents/a/schema: dtmi:t:none;1 is neither in this call nor stored",
        ),
        (json!({"@type": "Relationship", "name": "a", "target": "x"}), "contents/a/target"),
        (json!({"@type": "Relationship", "name": "a", "maxMultiplicity": -1}), "whole number"),
        (
            json!({"@type": "Relationship", "name": "a", "properties": [
            {"@type": "Property", "name": "p", "schema": "string"},
            {"@type": "Property", "name": "p", "schema": "string"}]}),
            "properties/p: is defined twice",
        ),
    ];
    for (case, expected) in cases {
        faulty(&content(case), expected);
    }
    let twice = json!({"@type": "Telemetry", "name": "a", "schema": "string"});
    faulty(&[v3("A", json!({"contents": [twice, twice]}))], "contents/a: is defined twice");
}

#[test]
fn complex_schemas_are_checked() {
    let cases = [
        (json!({"@type": "Map"}), "mapKey is missing"),
        (
            json!({"@type": "Map", "mapKey": {"name": "k", "schema": "integer"},
                "mapValue": {"name": "v", "schema": "string"}}),
            "keys of a map are strings",
        ),
        (json!({"@type": "Object", "fields": [{"name": "f"}]}), "fields/f: schema is missing"),
        (
            json!({"@type": "Object", "fields": [{"name": "f", "schema": "string"},
                {"name": "f", "schema": "string"}]}),
            "fields/f: is defined twice",
        ),
        (json!({"@type": "Enum", "enumValues": []}), "valueSchema is missing"),
        (json!({"@type": "Enum", "valueSchema": "double", "enumValues": []}), "integer or string"),
        (
            json!({"@type": "Enum", "valueSchema": "integer",
                "enumValues": [{"name": "a", "enumValue": "1"}]}),
            "is not of the valueSchema",
        ),
        (
            json!({"@type": "Enum", "valueSchema": "integer",
                "enumValues": [{"name": "a", "enumValue": 1}, {"name": "b", "enumValue": 1}]}),
            "enumValue 1 is used twice",
        ),
        (
            json!({"@type": "Enum", "valueSchema": "string", "enumValues": [{"name": "a"}]}),
            "enumValue is missing",
        ),
        (json!({"@type": "Array"}), "elementSchema is missing"),
        (json!({"@type": "Set"}), "@type must name one of Enum, Map, Object, Array"),
    ];
    for (case, expected) in cases {
        faulty(&[v3("A", property(case))], expected);
    }
    let mut deep = json!("string");
    for _ in 0..10 {
        deep = json!({"@type": "Array", "elementSchema": deep});
    }
    faulty(&[v3("A", property(deep))], "nested too deep");
    let array = json!({"@type": "Object", "fields": [
        {"name": "f", "schema": {"@type": "Array", "elementSchema": "string"}}]});
    faulty(&[v2("A", property(array.clone()))], "an array in a property needs version 3");
    accepted(&[v3("A", property(array))]);
}

#[test]
fn inheritance_is_checked() {
    let extends = |name: &str, parents: Value| v3(name, json!({"extends": parents}));
    faulty(&[extends("A", json!("dtmi:t:B;1"))], "extends: dtmi:t:B;1 is neither in this call");
    faulty(&[extends("A", json!("dtmi:t:A;1"))], "extends this model in turn");
    faulty(
        &[extends("A", json!("dtmi:t:B;1")), extends("B", json!("dtmi:t:A;1"))],
        "extends this model in turn",
    );
    faulty(&[extends("A", json!(["dtmi:t:B;1", "dtmi:t:B;1"])), v3("B", json!({}))], "twice");
    faulty(&[extends("A", json!({"@type": "Interface"}))], "must name interfaces");
    let parents = json!(["dtmi:t:B;1", "dtmi:t:C;1", "dtmi:t:D;1"]);
    let rest = || ["B", "C", "D"].map(|name| v2(name, json!({})));
    let of_two = |parent: Value| {
        let mut all = vec![parent];
        all.extend(rest());
        all
    };
    faulty(&of_two(v2("A", json!({"extends": parents}))), "names 3 interfaces, at most 2");
    accepted(&of_two(v3("A", json!({"extends": parents}))));
    faulty(
        &[v2("A", json!({"extends": "dtmi:test:Room;1"}))],
        "dtmi:test:Room;1 is of a later version",
    );
    let chain = |length: usize| -> Vec<Value> {
        (0..=length)
            .map(|n| match n {
                0 => v3("L0", json!({})),
                n => v3(&format!("L{n}"), json!({"extends": format!("dtmi:t:L{};1", n - 1)})),
            })
            .rev()
            .collect()
    };
    accepted(&chain(10));
    faulty(&chain(11), "is deeper than 10 levels");
    faulty(&chain(200), "is deeper than 10 levels");
}

#[test]
fn inherited_contents_cannot_be_declared_again() {
    let with_p = |name: &str, parents: Value| {
        let mut model = v3(name, property(json!("string")));
        model["extends"] = parents;
        model
    };
    faulty(
        &[with_p("A", json!("dtmi:t:B;1")), v3("B", property(json!("string")))],
        "dtmi:t:A;1 at contents/p: is already declared by dtmi:t:B;1",
    );
    faulty(
        &[
            v3("A", json!({"extends": ["dtmi:t:B;1", "dtmi:t:C;1"]})),
            v3("B", property(json!("string"))),
            v3("C", property(json!("string"))),
        ],
        "p is declared by both",
    );
    // The same declaration by two ways is one.
    accepted(&[
        v3("A", json!({"extends": ["dtmi:t:B;1", "dtmi:t:C;1"]})),
        v3("B", json!({"extends": "dtmi:t:D;1"})),
        v3("C", json!({"extends": "dtmi:t:D;1"})),
        v3("D", property(json!("string"))),
    ]);
}

#[test]
fn components_have_no_components() {
    let with = |name: &str, schema: &str| {
        v3(name, json!({"contents": [{"@type": "Component", "name": "c", "schema": schema}]}))
    };
    faulty(&[with("A", "dtmi:test:Room;1")], "has components; only one level");
    faulty(&[with("A", "dtmi:t:A;1")], "has components; only one level");
    faulty(
        &[with("A", "dtmi:t:B;1"), v3("B", json!({"extends": "dtmi:test:Room;1"}))],
        "has components",
    );
    let mut old = with("A", "dtmi:test:Thermostat;1");
    old["@context"] = "dtmi:dtdl:context;2".into();
    faulty(&[old], "is of a later version");
}

#[test]
fn every_fault_of_a_call_is_told() {
    let (_, message) = refusal(&[
        v3("A", json!({"extends": "dtmi:t:X;1"})),
        v3("B", property(json!("text"))),
        json!({}),
    ]);
    for part in ["dtmi:t:A;1 at extends", "dtmi:t:B;1 at contents/p/schema", "model 2: @id"] {
        assert!(message.contains(part), "{part} is not in {message}");
    }
    assert_eq!(models().len(), 4);
}

#[test]
fn version_3_has_semantic_types_and_units_by_extension_only() {
    let typed = json!({"@type": ["Property", "Temperature"], "name": "t", "schema": "double"});
    let unit = json!({"@type": "Telemetry", "name": "t", "schema": "double", "unit": "kelvin"});
    faulty(&[v3("A", json!({"contents": [typed]}))], "contents/t/@type: names a semantic type");
    faulty(&[v3("A", json!({"contents": [unit]}))], "contents/t: unit is not known here");
    accepted(&[v2("B", json!({"contents": [typed]})), v2("C", json!({"contents": [unit]}))]);
}

#[test]
fn texts_for_people_have_an_end() {
    let text = |length| "é".repeat(length);
    faulty(&[v2("A", json!({"displayName": text(65)}))], "displayName: must be at most 64");
    faulty(&[v2("A", json!({"description": {"de": text(513)}}))], "description: must be at most");
    faulty(&[v3("A", json!({"comment": text(513)}))], "comment: must be at most 512");
    accepted(&[
        v2("A", json!({"displayName": text(64), "description": text(512)})),
        v3("B", json!({"displayName": {"en": text(512)}, "comment": text(512)})),
    ]);
}

#[test]
fn commands_and_multiplicities_have_no_effect_but_are_checked() {
    let v2 = |content: Value| [v2("A", json!({"contents": [content]}))];
    let command =
        |side: &str, payload: Value| v2(json!({"@type": "Command", "name": "c", side: payload}));
    faulty(&command("request", json!(5)), "contents/c/request: must be an object");
    faulty(&command("response", json!({"name": "r"})), "contents/c/response: schema is missing");
    faulty(&command("request", json!({"schema": "time"})), "contents/c/request: name is missing");
    let relationship =
        |key: &str, count: i64| v2(json!({"@type": "Relationship", "name": "r", key: count}));
    faulty(&relationship("minMultiplicity", 1), "contents/r/minMultiplicity: must be");
    faulty(&relationship("maxMultiplicity", 0), "contents/r/maxMultiplicity: must be");
    faulty(&relationship("maxMultiplicity", 501), "from 1 to 500");
    accepted(&relationship("maxMultiplicity", 500));
}
