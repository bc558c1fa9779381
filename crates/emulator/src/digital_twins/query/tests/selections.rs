//! `SELECT` and `FROM`: the shapes of rows.

use serde_json::{Value, json};

use super::{ask, assert_refused, building, rows};
use crate::digital_twins::query::Graph;

fn twin(id: &str) -> Value {
    building().twin(id).unwrap().document.clone()
}

#[test]
fn everything_of_a_collection() {
    let ids: Vec<Value> =
        rows("SELECT * FROM DIGITALTWINS").iter().map(|row| row["$dtId"].clone()).collect();
    assert_eq!(ids, ["b1", "f1", "f2", "r1", "r2", "r3", "s1"]);
    assert_eq!(rows("SELECT * FROM DIGITALTWINS WHERE $dtId = 'r1'"), [twin("r1")]);
    let relationships = rows("SELECT * FROM RELATIONSHIPS");
    assert_eq!(relationships.len(), 9);
    assert_eq!(
        relationships[0],
        json!({
            "$relationshipId": "c1", "$sourceId": "b1", "$relationshipName": "contains",
            "$targetId": "f1"
        })
    );
}

#[test]
fn an_alias_wraps_its_document() {
    assert_eq!(
        rows("SELECT T FROM DIGITALTWINS T WHERE T.$dtId = 'r2'"),
        [json!({"T": twin("r2")})]
    );
    assert_eq!(
        rows("SELECT T AS room FROM DIGITALTWINS T WHERE T.$dtId = 'r2'"),
        [json!({"room": twin("r2")})]
    );
    assert_eq!(
        rows("SELECT R.$targetId FROM RELATIONSHIPS R WHERE R.$sourceId = 'b1'"),
        [json!({"$targetId": "f1"}), json!({"$targetId": "f2"})]
    );
}

#[test]
fn projections_are_flat_and_leave_out_what_is_not_set() {
    assert_eq!(
        rows("SELECT T.$dtId AS id, T.temp FROM DIGITALTWINS T WHERE T.$dtId IN ['r1', 'r3']"),
        [json!({"id": "r1", "temp": 21}), json!({"id": "r3"})]
    );
    assert_eq!(
        rows(
            "SELECT T.thermostat.setPoint, T.address, T.thermostat AS c, T.$metadata.$model, \
             T.labels.[[a-b]], T.tags FROM DIGITALTWINS T WHERE T.$dtId = 'r1'"
        ),
        [json!({
            "setPoint": 20, "address": {"city": "Oslo"}, "c": {"setPoint": 20, "$metadata": {}},
            "$model": "dtmi:ex:Room;1", "a-b": "c", "tags": ["a", "b"]
        })]
    );
    assert_eq!(rows("SELECT T.nothing FROM DIGITALTWINS T WHERE T.$dtId = 'r1'"), [json!({})]);
}

#[test]
fn items_come_in_the_order_asked_for() {
    let row = rows("SELECT T.temp, T.name, T.$dtId FROM DIGITALTWINS T WHERE T.$dtId = 'r1'");
    assert_eq!(row[0].to_string(), r#"{"temp":21,"name":"Room 1","$dtId":"r1"}"#);
}

#[test]
fn properties_of_a_collection_without_an_alias() {
    assert_eq!(
        rows("SELECT $dtId, temp AS t FROM DIGITALTWINS WHERE temp > 20"),
        [json!({"$dtId": "r1", "t": 21})]
    );
}

#[test]
fn counts() {
    for (query, count) in [
        ("SELECT COUNT() FROM DIGITALTWINS", 7),
        ("SELECT COUNT() FROM RELATIONSHIPS", 9),
        ("SELECT COUNT() FROM DIGITALTWINS WHERE IS_OF_MODEL('dtmi:ex:Space;1')", 6),
        ("SELECT COUNT() FROM DIGITALTWINS WHERE IS_OF_MODEL('dtmi:ex:Space;1', exact)", 1),
        ("SELECT COUNT() FROM DIGITALTWINS WHERE NOT IS_OF_MODEL('dtmi:ex:Space;1')", 1),
        ("SELECT COUNT() FROM DIGITALTWINS T WHERE T.temp > 100", 0),
        ("SELECT COUNT() FROM RELATIONSHIPS R WHERE R.$relationshipName = 'contains'", 5),
        ("SELECT COUNT() FROM DIGITALTWINS A JOIN B RELATED A.contains WHERE A.$dtId = 'b1'", 2),
    ] {
        assert_eq!(rows(query), [json!({"COUNT": count})], "{query}");
    }
}

#[test]
fn top_limits_all_pages_together() {
    let ids = |query: &str| -> Vec<Value> {
        rows(query).iter().map(|row| row["$dtId"].clone()).collect()
    };
    assert_eq!(ids("SELECT TOP(3) FROM DIGITALTWINS"), ["b1", "f1", "f2"]);
    assert_eq!(
        ids("SELECT TOP (2) T.$dtId FROM DIGITALTWINS T WHERE IS_OF_MODEL('dtmi:ex:Room;1')"),
        ["r1", "r2"]
    );
    assert_eq!(ids("SELECT TOP(100) FROM DIGITALTWINS").len(), 7);
    assert_eq!(
        rows("SELECT TOP(1) B FROM DIGITALTWINS A JOIN B RELATED A.contains WHERE A.$dtId = 'b1'"),
        [json!({"B": twin("f1")})]
    );
}

#[test]
fn case_of_keywords_is_free_and_case_of_names_is_not() {
    let all = rows("SELECT T.temp FROM DIGITALTWINS T WHERE T.temp = 21");
    assert_eq!(rows("select T.temp from digitaltwins T where T.temp = 21"), all);
    assert_eq!(rows("Select T.temp From DigitalTwins T wHERE T.temp = 21"), all);
    assert!(rows("SELECT * FROM DIGITALTWINS T WHERE T.Temp = 21").is_empty());
    assert_refused(&[("SELECT t FROM DIGITALTWINS T", 8, "'t' is not a collection")]);
}

#[test]
fn reserved_words_are_names_in_brackets() {
    assert_eq!(
        rows("SELECT T.[[Group]] FROM DIGITALTWINS T WHERE T.[[Group]] = 'x'"),
        [json!({"Group": "x"})]
    );
    assert_eq!(
        rows("SELECT [[Order]].$dtId FROM DIGITALTWINS [[Order]] WHERE [[Order]].$dtId = 'b1'"),
        [json!({"$dtId": "b1"})]
    );
    assert_eq!(
        rows("SELECT T.[[temp]] FROM DIGITALTWINS T WHERE T.$dtId = 'r1'"),
        [json!({"temp": 21})]
    );
    assert_refused(&[
        (
            "SELECT T.Group FROM DIGITALTWINS T",
            10,
            "expecting a name (a reserved word is one as [[Group]])",
        ),
        ("SELECT * FROM DIGITALTWINS order", 28, "mismatched input 'order'"),
        ("SELECT T.temp AS count FROM DIGITALTWINS T", 18, "count"),
    ]);
}

#[test]
fn blanks_and_lines_are_free() {
    assert_eq!(
        rows("\n SELECT\tT . temp\r\nFROM DIGITALTWINS T WHERE T.temp=21 "),
        [json!({"temp": 21})]
    );
    let error = ask("SELECT *\nFROM DIGITALTWINS\n  WHERE é = ;").unwrap_err();
    assert_eq!((error.line, error.column), (3, 13));
    assert!(error.message.contains("line 3, column 13: "), "{error}");
}

#[test]
fn malformed_selections_are_refused() {
    assert_refused(&[
        ("", 1, "mismatched input '<EOF>' expecting SELECT"),
        ("foo", 1, "missing SELECT at 'foo'"),
        ("SELECT", 7, "mismatched input '<EOF>' expecting {TOP, '*', COUNT, a name}"),
        ("SELECT FROM DIGITALTWINS", 8, "mismatched input 'FROM'"),
        ("SELECT * DIGITALTWINS", 10, "missing FROM at 'DIGITALTWINS'"),
        ("SELECT * FROM devices", 15, "expecting {DIGITALTWINS, RELATIONSHIPS}"),
        ("SELECT * FROM", 14, "mismatched input '<EOF>'"),
        ("SELECT *, T FROM DIGITALTWINS T", 9, "missing FROM at ','"),
        ("SELECT T, FROM DIGITALTWINS T", 11, "'FROM'"),
        ("SELECT T. FROM DIGITALTWINS T", 11, "'FROM'"),
        ("SELECT T x FROM DIGITALTWINS T", 10, "mismatched input 'x'"),
        ("SELECT COUNT FROM DIGITALTWINS", 14, "missing '(' at 'FROM'"),
        ("SELECT COUNT(*) FROM DIGITALTWINS", 14, "missing ')' at '*'"),
        ("SELECT SUM(T.temp) FROM DIGITALTWINS T", 8, "'SUM'"),
        ("SELECT DISTINCT T FROM DIGITALTWINS T", 17, "mismatched input 'T'"),
        ("SELECT TOP 5 FROM DIGITALTWINS", 12, "missing '(' at '5'"),
        ("SELECT TOP(0) FROM DIGITALTWINS", 12, "at least 1"),
        ("SELECT TOP(-1) FROM DIGITALTWINS", 12, "'-'"),
        ("SELECT TOP(1.5) FROM DIGITALTWINS", 12, "a whole number"),
        ("SELECT TOP(5) * FROM DIGITALTWINS", 15, "mismatched input '*'"),
        ("SELECT TOP(5) COUNT() FROM DIGITALTWINS", 15, "mismatched input 'COUNT'"),
        ("SELECT X.temp FROM DIGITALTWINS T", 8, "'X' is not a collection"),
        ("SELECT * FROM DIGITALTWINS T U", 30, "mismatched input 'U'"),
        ("SELECT * FROM DIGITALTWINS AS T", 28, "mismatched input 'AS'"),
        ("SELECT * FROM DIGITALTWINS ORDER BY T.temp", 28, "mismatched input 'ORDER'"),
        ("SELECT * FROM DIGITALTWINS;", 27, "token recognition error at: ';'"),
        ("SELECT * FROM DIGITALTWINS WHERE", 33, "mismatched input '<EOF>'"),
    ]);
}

#[test]
fn a_refusal_says_where_and_why() {
    assert_eq!(
        ask("foo").unwrap_err().to_string(),
        "The query cannot be read, line 1, column 1: missing SELECT at 'foo'."
    );
}

#[test]
fn the_length_is_limited() {
    let padded = |length: usize| format!("{:<length$}", "SELECT * FROM DIGITALTWINS");
    assert!(ask(&padded(8_000)).is_ok());
    let error = ask(&padded(8_001)).unwrap_err();
    assert!(error.message.contains("8000 characters"), "{error}");
    assert_eq!((error.line, error.column), (1, 8_001));
}
