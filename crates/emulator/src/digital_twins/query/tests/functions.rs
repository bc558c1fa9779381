//! The functions of `WHERE`.

use super::{assert_refused, assert_twins, rows};

#[test]
fn texts() {
    assert_twins(&[
        ("STARTSWITH(T.name, 'Room')", "r1 r2"),
        ("STARTSWITH(T.name, 'room')", ""),
        ("ENDSWITH(T.name, '2')", "r2"),
        ("CONTAINS(T.name, 'oom')", "r1 r2"),
        ("contains(name, 'HQ')", "b1"),
        ("CONTAINS('Room 1, Room 3', T.name)", "r1"),
        ("NOT CONTAINS(T.name, 'oom')", "b1 r3"),
        ("CONTAINS(T.temp, '1')", "s1"),
        ("CONTAINS(T.name, T.temp)", ""),
        ("STARTSWITH(T.$dtId, 'r') AND T.temp > 20", "r1"),
    ]);
    assert_refused(&[
        ("SELECT * FROM DIGITALTWINS T WHERE STARTSWITH(T.name)", 53, "')'"),
        ("SELECT * FROM DIGITALTWINS T WHERE STARTSWITH(T.name, 5)", 55, "mismatched input '5'"),
        ("SELECT * FROM DIGITALTWINS T WHERE STARTS_WITH(T.name, 'a')", 36, "'STARTS_WITH'"),
        ("SELECT * FROM DIGITALTWINS T WHERE CONTAINS T.name", 45, "mismatched input 'T'"),
        ("SELECT * FROM DIGITALTWINS T WHERE ENDSWITH(T.name, 'a'", 56, "'<EOF>'"),
        ("SELECT * FROM DIGITALTWINS T WHERE LENGTH(T.name) = 1", 42, "mismatched input '('"),
    ]);
}

#[test]
fn types() {
    assert_twins(&[
        ("IS_DEFINED(T.temp)", "r1 r2 s1"),
        ("NOT IS_DEFINED(T.temp)", "b1 f1 f2 r3"),
        ("IS_DEFINED(T.note)", "r1"),
        ("IS_DEFINED(T.thermostat)", "r1"),
        ("IS_NULL(T.note)", "r1"),
        ("IS_NULL(T.nothing)", ""),
        ("IS_BOOL(T.occupied)", "r1 r2"),
        ("IS_BOOL(T.temp)", ""),
        ("IS_NUMBER(T.temp)", "r1 r2"),
        ("IS_STRING(T.temp)", "s1"),
        ("IS_OBJECT(T.address)", "r1"),
        ("IS_OBJECT(T.temp)", ""),
        ("IS_OBJECT(T)", "b1 f1 f2 r1 r2 r3 s1"),
        ("IS_PRIMITIVE(T.temp)", "r1 r2 s1"),
        ("IS_PRIMITIVE(T.note)", "r1"),
        ("IS_PRIMITIVE(T.address)", ""),
        ("IS_PRIMITIVE(T.tags)", ""),
        ("is_defined(temp)", "r1 r2 s1"),
    ]);
    assert_refused(&[
        (
            "SELECT * FROM DIGITALTWINS T WHERE IS_DEFINED()",
            47,
            "mismatched input ')' expecting a name",
        ),
        ("SELECT * FROM DIGITALTWINS T WHERE IS_DEFINED T.temp", 47, "missing '(' at 'T'"),
        ("SELECT * FROM DIGITALTWINS T WHERE IS_NUMBER(5)", 46, "'5'"),
        ("SELECT * FROM DIGITALTWINS T WHERE IS_NULL(T.a, T.b)", 47, "','"),
        ("SELECT * FROM DIGITALTWINS T WHERE IS_ARRAY(T.a)", 44, "mismatched input '('"),
    ]);
}

#[test]
fn arrays() {
    assert_twins(&[
        ("ARRAY_CONTAINS(T.tags, 'a')", "r1"),
        ("ARRAY_CONTAINS(T.tags, 'A')", ""),
        ("ARRAY_CONTAINS(T.sizes, 2.0)", "r1"),
        ("ARRAY_CONTAINS(T.sizes, '2')", ""),
        ("NOT ARRAY_CONTAINS(T.tags, 'z')", "r1"),
        ("ARRAY_CONTAINS(T.name, 'Room 1')", ""),
        ("ARRAY_CONTAINS(T.nothing, 1)", ""),
    ]);
    assert_refused(&[
        ("SELECT * FROM DIGITALTWINS T WHERE ARRAY_CONTAINS(T.tags)", 57, "')'"),
        ("SELECT * FROM DIGITALTWINS T WHERE ARRAY_CONTAINS('a', 'a')", 51, "expecting a name"),
        (
            "SELECT * FROM RELATIONSHIPS R WHERE ARRAY_CONTAINS(R.tags, 'a')",
            52,
            "does not work on relationship",
        ),
    ]);
}

#[test]
fn models() {
    assert_twins(&[
        ("IS_OF_MODEL('dtmi:ex:Room;1')", "r1 r2 r3"),
        ("IS_OF_MODEL(T, 'dtmi:ex:Room;1')", "r1 r2 r3"),
        ("IS_OF_MODEL('dtmi:ex:Space;1')", "b1 f1 f2 r1 r2 r3"),
        ("IS_OF_MODEL('dtmi:ex:Space;1', exact)", "b1"),
        ("is_of_model(T, 'dtmi:ex:Space;1', EXACT)", "b1"),
        ("NOT IS_OF_MODEL('dtmi:ex:Space;1')", "s1"),
        ("IS_OF_MODEL('dtmi:ex:Room;1') OR IS_OF_MODEL('dtmi:ex:Floor;1')", "f1 f2 r1 r2 r3"),
        ("IS_OF_MODEL('dtmi:ex:Space;1') AND IS_OF_MODEL('dtmi:ex:Floor;1')", "f1 f2"),
        ("IS_OF_MODEL('dtmi:ex:Room;1') AND T.temp > 20", "r1"),
        ("IS_OF_MODEL('dtmi:ex:None;1')", ""),
    ]);
    assert_refused(&[
        ("SELECT * FROM DIGITALTWINS T WHERE IS_OF_MODEL()", 48, "')'"),
        ("SELECT * FROM DIGITALTWINS T WHERE IS_OF_MODEL(T)", 49, "missing ',' at ')'"),
        ("SELECT * FROM DIGITALTWINS T WHERE IS_OF_MODEL(X, 'dtmi:a;1')", 48, "'X'"),
        ("SELECT * FROM DIGITALTWINS T WHERE IS_OF_MODEL('dtmi:a;1', loose)", 60, "EXACT"),
        ("SELECT * FROM RELATIONSHIPS WHERE IS_OF_MODEL('dtmi:a;1')", 35, "twins"),
        ("SELECT * FROM RELATIONSHIPS R WHERE IS_OF_MODEL(R, 'dtmi:a;1')", 49, "a relationship"),
        (
            "SELECT A FROM DIGITALTWINS A JOIN B RELATED A.x \
             WHERE A.$dtId = 'a' AND IS_OF_MODEL('dtmi:a;1')",
            73,
            "several collections",
        ),
    ]);
}

#[test]
fn a_function_may_be_compared_with_a_boolean() {
    assert_twins(&[
        ("IS_DEFINED(T.temp) = true", "r1 r2 s1"),
        ("IS_DEFINED(T.temp) = false", "b1 f1 f2 r3"),
        ("IS_DEFINED(T.temp) != true", "b1 f1 f2 r3"),
        ("IS_DEFINED(T.temp) != FALSE AND T.temp = 21", "r1"),
    ]);
    assert_refused(&[(
        "SELECT * FROM DIGITALTWINS T WHERE IS_DEFINED(T.temp) = 1",
        57,
        "{TRUE, FALSE}",
    )]);
}

#[test]
fn the_words_of_functions_without_underscore_are_names_too() {
    let query = "SELECT T.contains FROM DIGITALTWINS T WHERE NOT IS_DEFINED(T.contains) \
                 AND NOT IS_DEFINED(startswith)";
    assert_eq!(rows(query).len(), 7);
}
