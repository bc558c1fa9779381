//! Both languages, against one device.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{parse_group, parse_list};

const FIELDS: [&str; 5] = ["id", "displayName", "enabled", "scopes", "template"];

fn device(name: &str) -> Value {
    let device = json!({
        "id": "a-1", "$id": "a-1",
        "displayName": "Ada's pump", "$displayName": "Ada's pump",
        "enabled": true, "$provisioned": true,
        "scopes": ["north", "oslo"],
        "level": 3.5, "engine.speed": 7,
    });
    device.get(name).cloned().unwrap_or_default()
}

#[test]
fn filters_of_lists() {
    for (text, holds) in [
        ("id eq 'a-1'", true),
        ("id EQ 'A-1'", false),
        ("displayName eq 'Ada''s pump'", true),
        ("enabled eq true and id ne 'a-1'", false),
        ("enabled eq false or id ge 'a-1' and id le 'a-1'", true),
        ("(enabled eq false or id lt 'b') and id gt 'a'", true),
        ("contains(displayName, 'pump')", true),
        ("contains(template, 'x') or contains(enabled, 'true')", false),
        ("indexof(displayName,'pump') eq 6", true),
        ("indexof(displayName,'x') gt -1", false),
        ("indexof(displayName,'s')", true),
        ("scopes eq 'oslo' and scopes ne 'south'", true),
        ("template ne 'x' and template eq null", true),
        ("template lt 'x' or enabled gt false", false),
    ] {
        let filter = parse_list(text, &FIELDS).unwrap_or_else(|fault| panic!("{text}: {fault}"));
        assert_eq!(filter.holds(&device), holds, "{text}");
    }
}

#[test]
fn faults_in_filters_of_lists_have_a_place() {
    for (text, place, what) in [
        ("", 1, "a field is expected, not the end"),
        ("id", 3, "one of eq"),
        ("id = 'x'", 4, "not \"=\""),
        ("id eq x", 7, "a value is expected"),
        ("id eq 'x' and", 14, "not the end"),
        ("id eq 'x' id", 11, "the end is expected"),
        ("(id eq 'x'", 11, ")"),
        ("colour eq 'x'", 1, "none of the fields id, displayName"),
        ("contains(id 'x')", 13, ","),
        ("id eq 'x", 7, "closing quote"),
    ] {
        let fault = parse_list(text, &FIELDS).unwrap_err();
        assert!(fault.place == place && fault.what.contains(what), "{text}: {fault}");
    }
    let deep = format!("{}id eq 'x'", "(".repeat(1000));
    assert!(parse_list(&deep, &FIELDS).unwrap_err().what.contains("deeper"));
}

#[test]
fn filters_of_groups() {
    for (rest, holds) in [
        ("", true),
        (" WHERE $id = \"a-1\" AND $provisioned = true", true),
        (" where $provisioned != TRUE", false),
        (" WHERE level > 3 AND engine.speed <= 7", true),
        (" WHERE $template = \"dtmi:a;1\" OR CONTAINS($displayName, \"pump\")", true),
        (" WHERE $displayName CONTAINS \"s\" AND ($id <> \"a-1\" OR level = 3.5)", true),
        (" WHERE missing = 1", false),
    ] {
        let text = format!("SELECT * FROM devices{rest}");
        let filter = parse_group(&text).unwrap_or_else(|fault| panic!("{text}: {fault}"));
        assert_eq!(filter.is_none_or(|filter| filter.holds(&device)), holds, "{text}");
    }
}

#[test]
fn faults_in_filters_of_groups() {
    for (text, place, what) in [
        ("SELECT id FROM devices", 8, "*"),
        ("SELECT * FROM twins", 15, "devices"),
        ("SELECT * FROM devices WHERE", 28, "a name"),
        ("SELECT * FROM devices WHERE $colour = 1", 29, "none of $id"),
        ("SELECT * FROM devices WHERE $id \"x\"", 33, "a comparison"),
        ("SELECT * FROM devices WHERE $id = x", 35, "a value"),
    ] {
        let fault = parse_group(text).unwrap_err();
        assert!(fault.place == place && fault.what.contains(what), "{text}: {fault}");
    }
}

proptest! {
    #[test]
    fn no_text_brings_the_readers_down(text in ".*") {
        let _ = parse_list(&text, &FIELDS);
        let _ = parse_group(&format!("SELECT * FROM devices WHERE {text}"));
    }
}
