//! `WHERE` without functions.

use super::{ask, assert_refused, assert_twins};

#[test]
fn comparisons() {
    assert_twins(&[
        ("T.temp = 21", "r1"),
        ("temp = 21", "r1"),
        ("21 = T.temp", "r1"),
        ("T.temp = 21.0", "r1"),
        ("T.temp = 2.1e1", "r1"),
        ("T.temp != 21", "r2"),
        ("T.temp > 20", "r1"),
        ("T.temp < 20", "r2"),
        ("T.temp >= 19.5", "r1 r2"),
        ("T.temp <= 19.5", "r2"),
        ("T.temp > -1", "r1 r2"),
        ("T.temp = T.limit", "r1"),
        ("T.temp < T.limit", "r2"),
        ("T.name = 'Room 1'", "r1"),
        ("T.name = 'room 1'", ""),
        ("T.name > 'Room 1'", "r2 r3"),
        ("T.occupied = true", "r1"),
        ("T.occupied != TRUE", "r2"),
        ("T.occupied = false", "r2"),
        ("T.occupied < true", ""),
        ("1 = 1", "b1 f1 f2 r1 r2 r3 s1"),
        ("1 = 2", ""),
        ("T.thermostat.setPoint = 20", "r1"),
        ("T.address.city = 'Oslo'", "r1"),
        ("T.labels.[[a-b]] = 'c'", "r1"),
        ("T.$metadata.$model = 'dtmi:ex:Floor;1'", "f1 f2"),
        ("T.$metadata.$model = 'dtmi:ex:Floor;1' AND T.$metadata.$model = 'dtmi:ex:Room;1'", ""),
        ("T.$metadata.$model IN ['dtmi:ex:Floor;1', 'dtmi:ex:Sensor;1']", "f1 f2 s1"),
        ("$dtId = 'b1'", "b1"),
        ("'b1' = T.$dtId", "b1"),
        ("T.$dtId > 'r2'", "r3 s1"),
        ("T.$dtId = 5", ""),
        ("T.$dtId = 'none'", ""),
    ]);
}

#[test]
fn what_is_missing_or_of_another_type_holds_neither_way() {
    assert_twins(&[
        ("T.temp = '21'", "s1"),
        ("T.temp != '21'", ""),
        ("NOT T.temp = 21", "r2"),
        ("T.nothing = 1", ""),
        ("T.nothing != 1", ""),
        ("NOT T.nothing = 1", ""),
        ("T.nothing = 1 OR T.temp = 21", "r1"),
        ("NOT (T.nothing = 1 AND T.temp = 0)", "r1 r2"),
        ("T.tags = 'a'", ""),
        ("T.tags.a = 'a'", ""),
        ("T.address = T.address", ""),
        ("T.note = T.note", ""),
    ]);
}

#[test]
fn strings_escape_quotes_and_backslashes() {
    assert_twins(&[
        (r"T.name = 'it\'s'", "r3"),
        (r"T.path = 'C:\\a'", "r3"),
        (r"T.path = 'C:\a'", "r3"),
        ("T.name = ''", ""),
    ]);
    assert_refused(&[
        ("SELECT * FROM DIGITALTWINS T WHERE T.name = 'it''s'", 49, "mismatched input ''s''"),
        ("SELECT * FROM DIGITALTWINS T WHERE T.name = 'it", 45, "closing quote"),
        ("SELECT * FROM DIGITALTWINS T WHERE T.name = \"it\"", 45, "token recognition error"),
    ]);
}

#[test]
fn lists() {
    assert_twins(&[
        ("T.$dtId IN ['r2', 'b1', 'none', 'r2']", "b1 r2"),
        ("T.temp IN [21, 5]", "r1"),
        ("T.temp IN [21.0, '21']", "r1 s1"),
        ("T.occupied IN [true]", "r1"),
        ("T.temp NOT IN [21]", "r2 s1"),
        ("T.temp NIN [21]", "r2 s1"),
        ("NOT T.temp IN [21]", "r2 s1"),
        ("T.nothing NIN [21]", ""),
        ("T.tags IN ['a']", ""),
        ("21 IN [20, 21]", "b1 f1 f2 r1 r2 r3 s1"),
    ]);
    assert_refused(&[
        ("SELECT * FROM DIGITALTWINS T WHERE T.temp IN []", 47, "mismatched input ']'"),
        ("SELECT * FROM DIGITALTWINS T WHERE T.temp IN [1,]", 49, "mismatched input ']'"),
        ("SELECT * FROM DIGITALTWINS T WHERE T.temp IN (1)", 46, "missing '[' at '('"),
        ("SELECT * FROM DIGITALTWINS T WHERE T.temp IN [T.x]", 47, "'T'"),
        ("SELECT * FROM DIGITALTWINS T WHERE T.temp NOT [1]", 47, "missing IN at '['"),
        ("SELECT * FROM DIGITALTWINS T WHERE T.temp NOT_IN [1]", 43, "'NOT_IN'"),
    ]);
}

#[test]
fn not_binds_before_and_before_or() {
    assert_twins(&[
        ("T.temp = 21 AND T.occupied = true", "r1"),
        ("T.temp = 21 AND T.occupied = false", ""),
        ("T.temp = 21 OR T.level = 1", "f1 r1"),
        ("T.level = 1 OR T.temp = 21 AND T.occupied = false", "f1"),
        ("(T.level = 1 OR T.temp = 21) AND T.occupied = true", "r1"),
        ("NOT T.level = 1 AND T.level > 0", "f2"),
        ("NOT (T.level = 1 OR T.level = 2)", ""),
        ("NOT NOT T.level = 1", "f1"),
        ("((T.level = 1))", "f1"),
        ("T.$dtId = 'r1' OR T.$dtId = 'b1'", "b1 r1"),
        ("T.$dtId = 'r1' AND T.$dtId = 'b1'", ""),
        ("T.$dtId IN ['r1', 'r2'] AND T.$dtId IN ['r2', 'r3']", "r2"),
        ("T.$dtId = 'r1' OR T.level = 2", "f2 r1"),
    ]);
}

#[test]
fn relationships_are_asked_by_their_own_members() {
    for (condition, count) in [
        ("$sourceId = 'f1'", 2),
        ("R.$sourceId IN ['f1', 'b1']", 4),
        ("$targetId = 'r1'", 3),
        ("R.$targetId IN ['r1', 'r2']", 5),
        ("$sourceId = 'r3' AND $targetId = 'r1'", 1),
        ("R.$relationshipName = 'adjacent'", 3),
        ("R.$relationshipId = 'c1'", 3),
        ("R.accuracy < 1", 1),
        ("R.accuracy != 0.5", 0),
        ("$sourceId = 'none'", 0),
    ] {
        let text = format!("SELECT * FROM RELATIONSHIPS R WHERE {condition}");
        let rows = super::rows(&text);
        assert_eq!(rows.len(), count, "{text}");
        let scanned = ask(&format!("{text} OR 1 = 2")).unwrap().rows;
        assert!(rows.iter().all(|row| scanned.contains(row)), "{text}");
        assert_eq!(scanned.len(), count, "{text}");
    }
}

#[test]
fn malformed_conditions_are_refused() {
    assert_refused(&[
        ("SELECT * FROM DIGITALTWINS T WHERE T.temp", 42, "expecting"),
        ("SELECT * FROM DIGITALTWINS T WHERE T.temp =", 44, "mismatched input '<EOF>'"),
        ("SELECT * FROM DIGITALTWINS T WHERE T.temp == 1", 44, "mismatched input '='"),
        ("SELECT * FROM DIGITALTWINS T WHERE T.temp <> 1", 44, "mismatched input '>'"),
        ("SELECT * FROM DIGITALTWINS T WHERE T.temp + 1 = 2", 43, "token recognition error"),
        ("SELECT * FROM DIGITALTWINS T WHERE T.temp = null", 45, "mismatched input 'null'"),
        ("SELECT * FROM DIGITALTWINS T WHERE T.temp LIKE 'a'", 43, "mismatched input 'LIKE'"),
        ("SELECT * FROM DIGITALTWINS T WHERE true", 40, "mismatched input '<EOF>'"),
        ("SELECT * FROM DIGITALTWINS T WHERE (T.temp = 1", 47, "mismatched input '<EOF>'"),
        ("SELECT * FROM DIGITALTWINS T WHERE T.temp = 1)", 46, "mismatched input ')'"),
        ("SELECT * FROM DIGITALTWINS T WHERE T.temp = 1 AND", 50, "mismatched input '<EOF>'"),
        ("SELECT * FROM DIGITALTWINS T WHERE OR T.temp = 1", 36, "mismatched input 'OR'"),
        ("SELECT * FROM DIGITALTWINS T WHERE T.a = 1 T.b = 2", 44, "mismatched input 'T'"),
        ("SELECT * FROM DIGITALTWINS T WHERE T.tags[0] = 'a'", 42, "mismatched input '['"),
        ("SELECT * FROM DIGITALTWINS T WHERE T.temp = 1e999", 45, "number out of range"),
    ]);
}

#[test]
fn operators_and_list_items_are_limited() {
    let operators = |count: usize| {
        let more = " AND T.temp = 21".repeat(count);
        format!("SELECT * FROM DIGITALTWINS T WHERE T.temp = 21{more}")
    };
    assert_eq!(ask(&operators(50)).unwrap().rows.len(), 1);
    let error = ask(&operators(51)).unwrap_err();
    assert!(error.message.contains("50 AND and OR"), "{error}");
    assert_eq!(error.column, operators(50).len() + 2);

    let list = |count: usize| {
        let items = vec!["'r1'"; count].join(",");
        format!("SELECT * FROM DIGITALTWINS T WHERE T.$dtId IN [{items}]")
    };
    assert_eq!(ask(&list(50)).unwrap().rows.len(), 1);
    let error = ask(&list(51)).unwrap_err();
    assert!(error.message.contains("50 items"), "{error}");
    assert_eq!(error.column, list(50).len() + 1);
}

#[test]
fn nesting_is_limited() {
    let nested = |depth: usize| {
        let (open, close) = ("(".repeat(depth), ")".repeat(depth));
        format!("SELECT * FROM DIGITALTWINS T WHERE {open}T.temp = 21{close}")
    };
    assert_eq!(ask(&nested(64)).unwrap().rows.len(), 1);
    for depth in [65, 3_900] {
        let error = ask(&nested(depth)).unwrap_err();
        assert!(error.message.contains("deeper than 64 levels"), "{error}");
    }
    let nots = format!("SELECT * FROM DIGITALTWINS T WHERE {} T.temp = 21", "NOT ".repeat(1_900));
    assert!(ask(&nots).unwrap_err().message.contains("deeper than 64 levels"));
}
