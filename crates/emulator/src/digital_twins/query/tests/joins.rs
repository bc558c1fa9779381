//! `JOIN`.

use serde_json::{Value, json};

use super::{ask, assert_refused, rows};

fn cells(query: &str, columns: &[&str]) -> Vec<String> {
    let cell = |row: &Value, column: &&str| row[*column]["$dtId"].as_str().unwrap().to_owned();
    rows(query)
        .iter()
        .map(|row| columns.iter().map(|column| cell(row, column)).collect::<Vec<_>>().join("-"))
        .collect()
}

#[test]
fn from_the_source_and_from_the_target() {
    assert_eq!(
        cells(
            "SELECT F, R FROM DIGITALTWINS F JOIN R RELATED F.contains WHERE F.$dtId = 'f1'",
            &["F", "R"]
        ),
        ["f1-r1", "f1-r2"]
    );
    assert_eq!(
        cells(
            "SELECT F, R FROM DIGITALTWINS F JOIN R RELATED F.contains WHERE R.$dtId = 'r3'",
            &["F", "R"]
        ),
        ["f2-r3"]
    );
    assert_eq!(
        cells(
            "SELECT R FROM DIGITALTWINS F JOIN R RELATED F.contains \
             WHERE F.$dtId IN ['f2', 'f1', 'none'] AND R.occupied = true",
            &["R"]
        ),
        ["r1"]
    );
    assert_eq!(
        cells(
            "SELECT R FROM DIGITALTWINS F JOIN R RELATED F.contains \
             WHERE F.$dtId = 'f2' OR F.$dtId = 'f1'",
            &["R"]
        ),
        ["r1", "r2", "r3"]
    );
}

#[test]
fn several_joins() {
    let query = "SELECT B, F, R FROM DIGITALTWINS B JOIN F RELATED B.contains \
                 JOIN R RELATED F.contains WHERE ";
    let all = ["b1-f1-r1", "b1-f1-r2", "b1-f2-r3"];
    let columns = ["B", "F", "R"];
    assert_eq!(cells(&format!("{query} B.$dtId = 'b1'"), &columns), all);
    assert_eq!(cells(&format!("{query} R.$dtId IN ['r2', 'r3']"), &columns), all[1..]);
    assert_eq!(cells(&format!("{query} F.$dtId = 'f1'"), &columns), all[..2]);
    assert_eq!(cells(&format!("{query} B.$dtId = 'b1' AND F.level = 2"), &columns), all[2..]);
    assert_eq!(
        cells(
            &format!(
                "{query} B.$dtId = 'b1' AND IS_OF_MODEL(R, 'dtmi:ex:Room;1') AND R.temp < F.level"
            ),
            &columns
        ),
        Vec::<String>::new()
    );
}

#[test]
fn siblings_may_be_the_same_twin() {
    assert_eq!(
        cells(
            "SELECT A, B FROM DIGITALTWINS F JOIN A RELATED F.contains \
             JOIN B RELATED F.contains WHERE F.$dtId = 'f1'",
            &["A", "B"]
        ),
        ["r1-r1", "r1-r2", "r2-r1", "r2-r2"]
    );
}

#[test]
fn the_relationship_has_a_name_and_members() {
    let relationship = json!({
        "accuracy": 0.5, "since": "2024", "$relationshipId": "m1", "$sourceId": "s1",
        "$relationshipName": "measures", "$targetId": "r1"
    });
    let query = "FROM DIGITALTWINS S JOIN R RELATED S.measures M WHERE R.$dtId = 'r1'";
    assert_eq!(rows(&format!("SELECT M {query}")), [json!({"M": relationship})]);
    assert_eq!(
        rows(&format!("SELECT S.$dtId AS sensor, M.accuracy, R.temp {query} AND M.accuracy > 0.1")),
        [json!({"sensor": "s1", "accuracy": 0.5, "temp": 21})]
    );
    assert!(rows(&format!("SELECT M {query} AND M.accuracy > 1")).is_empty());
    assert!(rows(&format!("SELECT M {query} AND M.$targetId = 'r2'")).is_empty());
}

#[test]
fn malformed_joins_are_refused() {
    assert_refused(&[
        ("SELECT A FROM DIGITALTWINS A JOIN", 34, "mismatched input '<EOF>'"),
        ("SELECT A FROM DIGITALTWINS A JOIN B", 36, "expecting RELATED"),
        ("SELECT A FROM DIGITALTWINS A JOIN B RELATED A", 46, "expecting '.'"),
        ("SELECT A FROM DIGITALTWINS A JOIN B RELATED A.", 47, "expecting a name"),
        ("SELECT A FROM DIGITALTWINS A JOIN B ON A.x", 37, "missing RELATED at 'ON'"),
        ("SELECT A FROM DIGITALTWINS A LEFT JOIN B RELATED A.x", 30, "mismatched input 'LEFT'"),
        (
            "SELECT A FROM DIGITALTWINS A JOIN B RELATED X.x WHERE A.$dtId = 'a'",
            45,
            "'X' is not a collection",
        ),
        (
            "SELECT A FROM DIGITALTWINS A JOIN A RELATED A.x WHERE A.$dtId = 'a'",
            35,
            "'A' is declared twice",
        ),
        (
            "SELECT A FROM DIGITALTWINS A JOIN B RELATED A.x R JOIN C RELATED R.x WHERE A.$dtId = 'a'",
            66,
            "'R' is a relationship",
        ),
        (
            "SELECT B FROM DIGITALTWINS JOIN B RELATED A.x WHERE B.$dtId = 'a'",
            43,
            "'A' is not a collection",
        ),
        (
            "SELECT A FROM RELATIONSHIPS A JOIN B RELATED A.x WHERE B.$dtId = 'a'",
            15,
            "DIGITALTWINS only",
        ),
        (
            "SELECT * FROM DIGITALTWINS A JOIN B RELATED A.x WHERE A.$dtId = 'a'",
            8,
            "* is not allowed",
        ),
        (
            "SELECT TOP(1) FROM DIGITALTWINS A JOIN B RELATED A.x WHERE A.$dtId = 'a'",
            8,
            "* is not allowed",
        ),
        (
            "SELECT A FROM DIGITALTWINS A JOIN B RELATED A.x WHERE A.$dtId = 'a' AND temp = 1",
            73,
            "'temp' is not a collection",
        ),
    ]);
}

#[test]
fn a_filter_on_an_id_is_mandatory() {
    let query = |condition: &str| {
        format!("SELECT B FROM DIGITALTWINS A JOIN B RELATED A.contains E{condition}")
    };
    for condition in [
        "",
        " WHERE A.temp = 1",
        " WHERE A.$dtId != 'a'",
        " WHERE A.$dtId > 'a'",
        " WHERE NOT A.$dtId = 'a'",
        " WHERE A.$dtId NIN ['a']",
        " WHERE A.$dtId = 'a' OR A.temp = 1",
        " WHERE A.$dtId = 'a' OR B.$dtId = 'b'",
        " WHERE A.$dtId = B.$dtId",
        " WHERE STARTSWITH(A.$dtId, 'a')",
        " WHERE E.$sourceId = 'a'",
    ] {
        let error = ask(&query(condition)).expect_err(condition);
        assert!(error.message.contains("$dtId of one of their twins"), "{condition}: {error}");
        assert_eq!((error.code, error.column), ("SqlQueryError", 35), "{condition}");
    }
    for condition in [
        " WHERE A.$dtId = 'a'",
        " WHERE 'b' = B.$dtId",
        " WHERE (A.$dtId IN ['a', 'b'] AND A.temp = 1) OR A.$dtId = 'c'",
    ] {
        assert!(ask(&query(condition)).is_ok(), "{condition}");
    }
}

#[test]
fn there_are_five_joins_at_most() {
    let query = |count: usize| {
        let joins: String = (1..=count)
            .map(|number| format!(" JOIN T{number} RELATED T{}.adjacent", number - 1))
            .collect();
        format!("SELECT T{count} FROM DIGITALTWINS T0{joins} WHERE T0.$dtId = 'r1'")
    };
    assert_eq!(cells(&query(5), &["T5"]), ["r3"]);
    let error = ask(&query(6)).unwrap_err();
    assert!(error.message.contains("5 JOINs"), "{error}");
    assert_eq!(error.column, query(6).find("T6 RELATED").unwrap() + 1);
}
