//! `MATCH`.

use super::{ask, assert_refused, rows};

/// The ids of the twins called `B`, and the names `R` of relationships.
fn ends(pattern: &str, condition: &str) -> String {
    let query = format!("SELECT B.$dtId FROM DIGITALTWINS MATCH {pattern} WHERE {condition}");
    let rows = rows(&query);
    rows.iter().map(|row| row["$dtId"].as_str().unwrap()).collect::<Vec<_>>().join(" ")
}

#[test]
fn directions() {
    for (pattern, expected) in [
        ("(A)-[]->(B)", "r2"),
        ("(A)<-[]-(B)", "r3 f1 s1"),
        ("(A)-[]-(B)", "r2 r3 f1 s1"),
        ("(B)<-[]-(A)", "r2"),
        ("(B)-[]->(A)", "r3 f1 s1"),
        ("(A) - [ ] -> (B)", "r2"),
    ] {
        assert_eq!(ends(pattern, "A.$dtId = 'r1'"), expected, "{pattern}");
    }
}

#[test]
fn names_of_relationships() {
    for (pattern, expected) in [
        ("(A)<-[:contains]-(B)", "f1"),
        ("(A)<-[:adjacent|measures]-(B)", "r3 s1"),
        ("(A)<-[:measures|contains|measures]-(B)", "f1 s1"),
        ("(A)-[:adjacent]-(B)", "r2 r3"),
        ("(A)-[:none]-(B)", ""),
        ("(A)-[:Adjacent]-(B)", ""),
        ("(A)-[:[[Order]]]-(B)", ""),
        ("(A)<-[[[Group]]:contains]-(B)", "f1"),
        ("(A)<-[R:contains|measures]-(B)", "f1 s1"),
        ("(A)<-[R]-(B)", "r3 f1 s1"),
    ] {
        assert_eq!(ends(pattern, "A.$dtId = 'r1'"), expected, "{pattern}");
    }
    assert_eq!(
        ends("(A)<-[R]-(B)", "A.$dtId = 'r1' AND R.$relationshipName != 'contains'"),
        "r3 s1"
    );
    assert_eq!(ends("(A)<-[R]-(B)", "A.$dtId = 'r1' AND R.accuracy > 0.1"), "s1");
}

#[test]
fn numbers_of_hops() {
    for (pattern, expected) in [
        ("(A)-[*1]->(B)", "f1 f2"),
        ("(A)-[*2]->(B)", "r1 r2 r3"),
        ("(A)-[:contains*2]->(B)", "r1 r2 r3"),
        ("(A)-[:contains*..1]->(B)", "f1 f2"),
        ("(A)-[:contains*..2]->(B)", "f1 r1 r2 f2 r3"),
        ("(A)-[:contains*1..2]->(B)", "r1 r2 r3"),
        ("(A)-[:contains*0..2]->(B)", "f1 r1 r2 f2 r3"),
        ("(A)-[:contains*..10]->(B)", "f1 r1 r2 f2 r3"),
        ("(A)-[:contains*3]->(B)", ""),
        ("(A)-[:contains*9..10]->(B)", ""),
        ("(A)-[R*1]->(B)", "f1 f2"),
    ] {
        assert_eq!(ends(pattern, "A.$dtId = 'b1'"), expected, "{pattern}");
    }
}

#[test]
fn cycles_are_walked_once() {
    assert_eq!(ends("(A)-[:adjacent*..10]->(B)", "A.$dtId = 'r1'"), "r2 r3 r1");
    assert_eq!(ends("(A)-[:adjacent*3]->(B)", "A.$dtId = 'r1'"), "r1");
    assert_eq!(ends("(A)-[:adjacent*4]->(B)", "A.$dtId = 'r1'"), "");
    assert_eq!(ends("(A)<-[:adjacent*..10]-(B)", "A.$dtId = 'r1'"), "r3 r2 r1");
    assert_eq!(ends("(A)-[:adjacent*..2]-(B)", "A.$dtId = 'r1'"), "r2 r3 r3 r2");
    // There and back again would use one relationship twice.
    assert_eq!(ends("(A)-[:contains]->()<-[:contains]-(B)", "A.$dtId = 'b1'"), "");
}

#[test]
fn chains_and_anonymous_nodes() {
    assert_eq!(ends("(A)-[:contains]->(F)-[:contains]->(B)", "A.$dtId = 'b1'"), "r1 r2 r3");
    assert_eq!(ends("(A)-[]->()-[]->(B)", "A.$dtId = 'b1'"), "r1 r2 r3");
    assert_eq!(
        ends("(A)-[:contains]->(F)-[:contains]->(B)", "A.$dtId = 'b1' AND F.level = 2"),
        "r3"
    );
    assert_eq!(ends("(S)-[:measures]->()<-[:contains*..2]-(B)", "S.$dtId = 's1'"), "f1 b1");
    assert_eq!(ends("(A)-[:contains]->(F)-[:contains]->(B)", "F.$dtId = 'f1'"), "r1 r2");
    assert_eq!(ends("(A)-[:contains*..2]->(B)", "B.$dtId = 'r1'"), "r1 r1");
    assert_eq!(ends("(B)", "B.$dtId IN ['r1', 'b1', 'none']"), "b1 r1");
}

#[test]
fn the_same_rows_from_either_end() {
    let everyone = "IN ['b1', 'f1', 'f2', 'r1', 'r2', 'r3', 's1']";
    for pattern in [
        "(A)-[R]->(B)",
        "(A)<-[R:contains|adjacent]-(B)",
        "(A)-[*..3]-(B)",
        "(A)-[:contains*..2]->()-[:adjacent]-(B)",
        "(A)-[:adjacent*1..3]->(C)<-[:contains]-(F)<-[*..2]-(B)",
        "(A)-[]-(C)-[]-(D)-[]-(B)-[]-(A)",
    ] {
        let mut total = 0;
        for first in ["b1", "f1", "r1", "s1"] {
            let found = |condition: String| {
                let query = format!(
                    "SELECT A.$dtId AS a, B.$dtId AS b FROM DIGITALTWINS MATCH {pattern} \
                     WHERE {condition}"
                );
                let mut rows: Vec<String> = rows(&query).iter().map(|r| r.to_string()).collect();
                rows.sort_unstable();
                rows
            };
            let from_first = found(format!("A.$dtId = '{first}'"));
            let from_last = found(format!("B.$dtId {everyone} AND (A.$dtId = '{first}' OR 1 = 2)"));
            assert_eq!(from_first, from_last, "{pattern} at {first}");
            total += from_first.len();
        }
        assert!(total > 0, "{pattern} finds nothing");
    }
}

#[test]
fn a_node_named_twice_is_one_twin() {
    let query = "SELECT A.$dtId, B.$dtId AS b FROM DIGITALTWINS \
                 MATCH (A)-[:adjacent]->(B)-[:adjacent*..2]->(A) WHERE A.$dtId = 'r1'";
    assert_eq!(rows(query), [serde_json::json!({"$dtId": "r1", "b": "r2"})]);
}

#[test]
fn whole_twins_and_relationships_are_rows() {
    let rows =
        rows("SELECT A, R, B FROM DIGITALTWINS MATCH (A)-[R:contains]->(B) WHERE A.$dtId = 'f2'");
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0]["A"]["$dtId"], "f2");
    assert_eq!(rows[0]["R"]["$relationshipId"], "c1");
    assert_eq!(rows[0]["B"]["$dtId"], "r3");
}

#[test]
fn joins_and_matches_meet_in_a_twin() {
    let query = "SELECT B.$dtId FROM DIGITALTWINS A JOIN F RELATED A.contains \
                 MATCH (F)-[:contains]->(B) WHERE A.$dtId = 'b1'";
    assert_eq!(rows(query).len(), 3);
    let query =
        "SELECT B.$dtId FROM DIGITALTWINS A MATCH (A)-[:contains]->(B) WHERE A.$dtId = 'b1'";
    assert_eq!(rows(query).len(), 2);
}

#[test]
fn malformed_patterns_are_refused() {
    let place = "SELECT B FROM DIGITALTWINS MATCH ".len();
    for (pattern, column, words) in [
        ("", 1, "'('"),
        ("A", 1, "missing '(' at 'A'"),
        ("(A", 3, "')'"),
        ("(A)(B)", 4, "mismatched input '('"),
        ("(A)->(B)", 5, "missing '[' at '>'"),
        ("(A)-[->(B)", 6, "mismatched input '-'"),
        ("(A)-[]>(B)", 7, "missing '-' at '>'"),
        ("(A)-[]->", 9, "'<EOF>'"),
        ("(A)<-[]->(B)", 9, "missing '(' at '>'"),
        ("(A)-[:]->(B)", 7, "expecting a name"),
        ("(A)-[:x|]->(B)", 9, "expecting a name"),
        ("(A)-[x|y]->(B)", 7, "mismatched input '|'"),
        ("(A)-[*]->(B)", 7, "mismatched input ']'"),
        ("(A)-[*1..]->(B)", 10, "a whole number"),
        ("(A)-[*-1]->(B)", 7, "'-'"),
        ("(A)-[*1.5]->(B)", 7, "'1.5'"),
        ("(A:Room)-[]->(B)", 3, "missing ')' at ':'"),
    ] {
        let query = format!("SELECT B FROM DIGITALTWINS MATCH {pattern}");
        let error = ask(&query).expect_err(pattern);
        assert!(error.message.contains(words), "{pattern}: {error}");
        let at_end = query.trim_end().len() + 1;
        let expected = if pattern.is_empty() { at_end + 1 } else { place + column };
        assert_eq!(error.column, expected, "{pattern}: {error}");
    }
}

#[test]
fn rules_of_patterns() {
    let place = "SELECT B FROM DIGITALTWINS MATCH ".len();
    for (pattern, column, words) in [
        ("(A)-[*0]->(B)", 7, "1 to 10 hops"),
        ("(A)-[*11]->(B)", 7, "1 to 10 hops"),
        ("(A)-[*..11]->(B)", 9, "1 to 10 hops"),
        ("(A)-[*3..3]->(B)", 10, "below its end"),
        ("(A)-[*4..3]->(B)", 10, "below its end"),
        ("(A)-[*18446744073709551615..3]->(B)", 29, "below its end"),
        ("(A)-[R*2]->(B)", 6, "a single hop"),
        ("(A)-[R:x*..2]->(B)", 6, "a single hop"),
        ("(A)-[A]->(B)", 6, "'A' is declared twice"),
        ("(A)-[R]->(B)-[R]->(C)", 15, "'R' is declared twice"),
        ("(A)-[R]->(B)-[]->(R)", 19, "'R' is a relationship"),
    ] {
        let error = ask(&format!("SELECT B FROM DIGITALTWINS MATCH {pattern} WHERE A.$dtId = 'a'"))
            .expect_err(pattern);
        assert!(error.message.contains(words), "{pattern}: {error}");
        assert_eq!(error.column, place + column, "{pattern}: {error}");
    }
    assert_refused(&[
        (
            "SELECT B FROM DIGITALTWINS MATCH (A)-[]->(B) WHERE A.temp = 1",
            28,
            "$dtId of one of their twins",
        ),
        ("SELECT B FROM DIGITALTWINS MATCH (A)-[]->(B)", 28, "$dtId of one of their twins"),
        ("SELECT * FROM DIGITALTWINS MATCH (A)-[]->(B) WHERE A.$dtId = 'a'", 8, "* is not allowed"),
        ("SELECT B FROM DIGITALTWINS T MATCH (A)-[]->(B) WHERE A.$dtId = 'a'", 37, "not connected"),
        (
            "SELECT B FROM RELATIONSHIPS MATCH (A)-[]->(B) WHERE A.$dtId = 'a'",
            15,
            "DIGITALTWINS only",
        ),
        (
            "SELECT B FROM DIGITALTWINS MATCH (A)-[]->(B) MATCH (B)-[]->(C) WHERE A.$dtId = 'a'",
            46,
            "mismatched input 'MATCH'",
        ),
        (
            "SELECT X FROM DIGITALTWINS MATCH (A)-[]->(B) WHERE A.$dtId = 'a'",
            8,
            "'X' is not a collection",
        ),
    ]);
}

#[test]
fn a_pattern_has_ten_edges_at_most() {
    let query = |edges: usize| {
        format!(
            "SELECT A FROM DIGITALTWINS MATCH (A){} WHERE A.$dtId = 'r1'",
            "-[:adjacent]->()".repeat(edges)
        )
    };
    assert!(ask(&query(10)).is_ok());
    assert!(ask(&query(11)).unwrap_err().message.contains("10 edges"));
}
