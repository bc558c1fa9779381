//! The query language of Azure Digital Twins and that of its event routes: what
//! our client writes, read by the emulator, and any text at all.

use std::sync::{Arc, LazyLock};

use progenitor_client::Origin;
use serde_json::{Value, json};
use twinkit_auth::StaticAuthorizer;
use twinkit_digital_twins::{Client, ClientBuilder, Query, QueryValue};
use twinkit_emulator::clock::Clock;
use twinkit_emulator::digital_twins::{
    CloudEvent, Config, IfNoneMatch, Instance, NoBlobs, filters, fuzzing,
};

use crate::support::{text, texts};

const MODEL: &str = "dtmi:fuzzed:Thing;1";
/// The longest query that is taken, in characters.
const LONGEST: usize = 8_000;
/// Answers with more rows, or for which more was looked at, are not asked for again
/// row by row: each page of a walk starts anew.
const PAGES: usize = 100;
const VISITED: usize = 5_000;

static CLIENT: LazyLock<Client> = LazyLock::new(|| {
    const ENDPOINT: &str = "https://h.example";
    let authorizer = StaticAuthorizer::new("Bearer x", Origin::parse(ENDPOINT).unwrap()).unwrap();
    ClientBuilder::new(ENDPOINT, Arc::new(authorizer)).build().unwrap()
});

/// An instance with one model.
fn instance() -> Arc<Instance> {
    let instance = Instance::new(Config::default(), Clock::new(), Arc::new(NoBlobs));
    let property =
        |name: &str, schema: &str| json!({"@type": "Property", "name": name, "schema": schema});
    let model = json!({
        "@id": MODEL, "@type": "Interface", "@context": "dtmi:dtdl:context;2",
        "contents": [
            property("name", "string"), property("level", "double"), property("total", "long"),
            property("on", "boolean"),
            {"@type": "Relationship", "name": "has"},
        ],
    });
    instance.create_models(&[model]).unwrap();
    instance
}

fn put(instance: &Instance, id: &str, name: &str, value: Value) -> bool {
    let twin = json!({"$metadata": {"$model": MODEL}, name: value});
    instance.put_twin(id, &twin, IfNoneMatch::Absent, None).is_ok()
}

/// A value that is bound into queries. The emulator reads back the same: the twin
/// that has it is found, and another is not, whatever the value looks like. The
/// first byte chooses its kind.
pub fn query_literal(data: &[u8]) {
    static THINGS: LazyLock<Arc<Instance>> = LazyLock::new(instance);
    let Some((kind, rest)) = data.split_first() else { return };
    let number = rest.first_chunk().copied().unwrap_or_default();
    let (name, value, bound): (_, Value, QueryValue) = match kind % 4 {
        0 => {
            let Some(text) = text(rest) else { return };
            ("name", text.into(), text.into())
        }
        1 => {
            let number = f64::from_le_bytes(number);
            // A query cannot say them, and the client does not try to.
            if !number.is_finite() {
                let query = CLIENT.query("SELECT * FROM DIGITALTWINS WHERE a = $v");
                assert!(query.bind("v", number).to_text().is_err());
                return;
            }
            ("level", number.into(), number.into())
        }
        2 => ("total", i64::from_le_bytes(number).into(), i64::from_le_bytes(number).into()),
        _ => ("on", rest.is_empty().into(), rest.is_empty().into()),
    };
    assert!(put(&THINGS, "other", "name", "something else \\' ".into()));
    if !put(&THINGS, "it", name, value) {
        return;
    }
    let count = |condition: &str, found: usize| {
        let text = format!("SELECT T.$dtId FROM DIGITALTWINS T WHERE {condition}");
        let query = CLIENT.query(text.replace("NAME", name)).bind("v", bound.clone());
        let text = query.to_text().unwrap();
        if text.chars().count() > LONGEST {
            return;
        }
        let page =
            THINGS.query(&text, None, None).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(page.rows.len(), found, "{text}");
    };
    let is_other = rest == b"something else \\' ";
    count("T.NAME = $v", 1 + usize::from(is_other && name == "name"));
    count("T.NAME = $v AND $v = T.NAME AND T.$dtId = 'it'", 1);
    count("T.NAME != $v AND T.$dtId = 'it'", 0);
    count("T.$dtId = 'it' AND T.NAME IN [$v, $v]", 1);
    if let QueryValue::String(_) = bound {
        count("STARTSWITH(T.NAME, $v) AND ENDSWITH(T.NAME, $v) AND T.$dtId = 'it'", 1);
        if !matches!(rest, b"it" | b"other") {
            count("T.$dtId = $v", 0);
        }
    }
}

/// A query's text and a value for its `$v`, NUL between them. Wherever the value
/// is put in, it is one literal: it changes no other token of the text.
pub fn query_bind(data: &[u8]) {
    const USUAL: &str = "placeholder";
    let Some([text, value]) = texts(data) else { return };
    if text.contains(USUAL) {
        return;
    }
    let query = |value: &str| -> Query { CLIENT.query(text).bind("v", value) };
    let Ok(usual) = query(USUAL).to_text() else {
        assert!(query(value).to_text().is_err(), "{text}");
        return;
    };
    let bound = query(value).to_text().unwrap();
    let is_usual = |token: &Option<String>| token.as_deref() == Some(USUAL);
    let Some(mut tokens) = fuzzing::query_tokens(&usual) else { return };
    // In a text that the language reads otherwise (an edge's brackets before a
    // quote, say) the value stands within something else, which is the text's fault.
    let places = usual.matches(&format!("'{USUAL}'")).count();
    if tokens.iter().filter(|token| is_usual(token)).count() != places {
        return;
    }
    for token in tokens.iter_mut().filter(|token| is_usual(token)) {
        *token = Some(value.to_owned());
    }
    assert_eq!(fuzzing::query_tokens(&bound), Some(tokens), "{bound}");
}

/// Any text as a query. It ends, and answers the same whatever the size of its
/// pages.
pub fn query_text(data: &[u8]) {
    static BUILDING: LazyLock<Arc<Instance>> = LazyLock::new(building);
    let Some(text) = text(data) else { return };
    let page = match BUILDING.query(text, None, Some(1000)) {
        Ok(page) => page,
        Err(error) => {
            let known = ["SqlQueryError", "TimeoutError"];
            assert!(known.contains(&error.code()), "{error}");
            return;
        }
    };
    assert!(page.charge.is_finite() && page.rows.len() <= 1000);
    if page.continuation.is_some() || page.rows.len() > PAGES || page.visited > VISITED {
        return;
    }
    let mut rows = Vec::new();
    let mut token = None;
    for _ in 0..=page.rows.len() {
        // With a token the text is ignored.
        let next = BUILDING.query(text, token.as_deref(), Some(1));
        let next = next.unwrap_or_else(|error| panic!("{text}: {error}"));
        assert!(next.rows.len() <= 1, "{text}");
        rows.extend(next.rows);
        token = next.continuation;
        if token.is_none() {
            break;
        }
    }
    assert_eq!(token, None, "{text}: pages without end");
    assert_eq!(rows, page.rows, "{text}");
}

/// Six twins, and relationships among them, a circle included.
fn building() -> Arc<Instance> {
    let building = instance();
    let twins =
        [("a", "name", json!("it's \\")), ("b", "level", json!(1.5)), ("c", "total", json!(7))];
    for (id, name, value) in twins.into_iter().chain([
        ("d", "on", json!(true)),
        ("e", "level", json!(-2)),
        ("f", "name", json!("")),
    ]) {
        assert!(put(&building, id, name, value));
    }
    for (number, way) in ["ab", "ac", "bd", "cd", "de", "ea", "ba"].into_iter().enumerate() {
        let (source, target) = way.split_at(1);
        let body = json!({"$targetId": target, "$relationshipName": "has"});
        let id = format!("r{number}");
        building.put_relationship(source, &id, &body, IfNoneMatch::Absent, None).unwrap();
    }
    building
}

/// Any text as the filter of an event route. Its negation holds where it does
/// not, brackets change nothing, and a fault has a place in the text.
pub fn route_filter(data: &[u8]) {
    let Some(text) = text(data) else { return };
    let filter = match filters::parse(text) {
        Ok(filter) => filter,
        Err(error) => {
            let line = text.split('\n').nth(error.line - 1).unwrap();
            assert!(error.column >= 1 && error.column <= line.chars().count() + 1, "{error}");
            return;
        }
    };
    let again = |text: String| filters::parse(&text).ok();
    for event in [update(), telemetry()] {
        let holds = filter.matches(&event);
        if let Some(same) = again(format!("({text}) OR ({text})")) {
            assert_eq!(same.matches(&event), holds, "{text}");
        }
        if let Some(not) = again(format!("NOT ({text})")) {
            assert!(!(holds && not.matches(&event)), "{text}");
        }
    }
}

fn update() -> CloudEvent {
    CloudEvent {
        id: "1".into(),
        source: "h.example".into(),
        kind: "Microsoft.DigitalTwins.Twin.Update",
        subject: "room-1".into(),
        time: "2024-01-01T00:00:00.0000000Z".into(),
        data_schema: None,
        traceparent: None,
        data: json!({"modelId": MODEL, "patch": [{"op": "add", "path": "/level", "value": 1}]}),
    }
}

fn telemetry() -> CloudEvent {
    CloudEvent {
        kind: "microsoft.iot.telemetry",
        data_schema: Some(MODEL.into()),
        data: json!({"level": 1.5, "deep": {"er": "it's"}}),
        ..update()
    }
}
