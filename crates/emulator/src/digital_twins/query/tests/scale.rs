//! At 100,000 twins and 200,000 relationships a query visits what its index
//! names and no more.

use std::sync::LazyLock;

use serde_json::json;

use super::memory::{FLOOR, Memory, ROOM, SPACE};
use super::run;
use crate::digital_twins::query::Page;

const FLOORS: usize = 1_000;
const ROOMS: usize = 99_000;
/// Rooms and floors contained, plus what makes up 200,000 relationships.
const RELATIONSHIPS: usize = 200_000;

/// Floors of 99 rooms; each room adjacent to the next one.
static CITY: LazyLock<Memory> = LazyLock::new(|| {
    let mut graph = Memory::default();
    graph.extend(ROOM, SPACE);
    graph.extend(FLOOR, SPACE);
    for floor in 0..FLOORS {
        graph.add_twin(&floor_id(floor), FLOOR, json!({"level": floor}));
    }
    for room in 0..ROOMS {
        graph.add_twin(&room_id(room), ROOM, json!({"number": room}));
        graph.relate(&floor_id(room % FLOORS), "contains", &room_id(room), &format!("c{room}"));
        graph.relate(&room_id(room), "adjacent", &room_id((room + 1) % ROOMS), "a");
    }
    for extra in 0..RELATIONSHIPS - 2 * ROOMS {
        let (source, target) = (room_id(extra), room_id(extra + 7));
        graph.relate(&source, "sees", &target, "s");
    }
    graph
});

fn floor_id(number: usize) -> String {
    format!("floor-{number}")
}

fn room_id(number: usize) -> String {
    format!("room-{number}")
}

fn ask(query: &str) -> Page {
    run(&*CITY, query, 1_000, None).unwrap_or_else(|error| panic!("{query}: {error}"))
}

/// Asserts how many rows there are, and how many visits they may cost.
fn assert_cost(query: &str, rows: usize, visits: usize) {
    let page = ask(query);
    assert_eq!(page.rows.len(), rows, "{query}");
    assert!(page.visited <= visits, "{query}: visited {}, not {visits}", page.visited);
}

#[test]
fn by_id() {
    assert_cost("SELECT * FROM DIGITALTWINS WHERE $dtId = 'room-77'", 1, 1);
    assert_cost("SELECT * FROM DIGITALTWINS T WHERE T.$dtId IN ['room-1', 'floor-2', 'x']", 2, 2);
    assert_cost("SELECT * FROM RELATIONSHIPS WHERE $sourceId = 'floor-3'", 99, 99);
    assert_cost("SELECT * FROM RELATIONSHIPS WHERE $targetId = 'room-50000'", 2, 2);
}

#[test]
fn by_model() {
    assert_cost("SELECT TOP(5) FROM DIGITALTWINS WHERE IS_OF_MODEL('dtmi:ex:Room;1')", 5, 5);
    assert_cost("SELECT * FROM DIGITALTWINS WHERE IS_OF_MODEL('dtmi:ex:Floor;1')", 1_000, 1_000);
    assert_cost(
        "SELECT * FROM DIGITALTWINS T WHERE IS_OF_MODEL('dtmi:ex:Floor;1') AND T.level = 7 \
         AND IS_OF_MODEL('dtmi:ex:Space;1')",
        1,
        1_000,
    );
    assert_cost(
        "SELECT * FROM DIGITALTWINS T WHERE (T.$metadata.$model = 'dtmi:ex:Floor;1' \
         AND T.level > 7) AND T.level < 9",
        1,
        1_000,
    );
}

#[test]
fn by_one_hop() {
    assert_cost(
        "SELECT R FROM DIGITALTWINS F JOIN R RELATED F.contains WHERE F.$dtId = 'floor-3'",
        99,
        1 + 2 * 99,
    );
    assert_cost(
        "SELECT F FROM DIGITALTWINS F JOIN R RELATED F.contains WHERE R.$dtId = 'room-1003'",
        1,
        3,
    );
    assert_cost(
        "SELECT B FROM DIGITALTWINS MATCH (A)-[:adjacent*..10]->(B) WHERE A.$dtId = 'room-5'",
        10,
        21,
    );
}

#[test]
fn counts_come_from_the_indexes() {
    for (query, count) in [
        ("SELECT COUNT() FROM DIGITALTWINS", FLOORS + ROOMS),
        ("SELECT COUNT() FROM RELATIONSHIPS", RELATIONSHIPS),
        ("SELECT COUNT() FROM DIGITALTWINS WHERE IS_OF_MODEL('dtmi:ex:Room;1')", ROOMS),
        ("SELECT COUNT() FROM DIGITALTWINS WHERE $metadata.$model = 'dtmi:ex:Floor;1'", FLOORS),
    ] {
        let page = ask(query);
        assert_eq!((page.rows, page.visited), (vec![json!({"COUNT": count})], 0), "{query}");
    }
}

#[test]
fn pages_of_everything_visit_each_twin_about_once() {
    let mut visited = 0;
    let mut rows = 0;
    let mut page = ask("SELECT * FROM DIGITALTWINS");
    loop {
        visited += page.visited;
        rows += page.rows.len();
        let Some(token) = page.continuation else { break };
        page = run(&*CITY, "", 1_000, Some(&token)).unwrap();
    }
    assert_eq!(rows, FLOORS + ROOMS);
    assert!(visited <= rows + 100, "{visited} visited");
}

#[test]
fn pages_of_a_join_visit_each_relationship_about_once() {
    let query = "SELECT R FROM DIGITALTWINS F JOIN R RELATED F.contains WHERE F.$dtId = 'floor-3'";
    let mut visited = 0;
    let mut page = run(&*CITY, query, 10, None).unwrap();
    while let Some(token) = page.continuation {
        visited += page.visited;
        page = run(&*CITY, "", 10, Some(&token)).unwrap();
    }
    assert!(visited + page.visited <= 99 * 3, "{visited} visited");
}

#[test]
fn the_deepest_walk_there_is() {
    let mut graph = Memory::default();
    for number in 0..=100 {
        graph.add_twin(&number.to_string(), ROOM, json!({}));
    }
    for number in 0..100 {
        graph.relate(&number.to_string(), "next", &(number + 1).to_string(), "n");
    }
    let pattern = format!("(A){}-[:next*10]->(B)", "-[:next*10]->()".repeat(9));
    let query = format!("SELECT B.$dtId FROM DIGITALTWINS MATCH {pattern} WHERE A.$dtId = '0'");
    assert_eq!(run(&graph, &query, 1, None).unwrap().rows, [json!({"$dtId": "100"})]);
}

#[test]
fn a_walk_without_end_is_ended() {
    let mut graph = Memory::default();
    for number in 0..12 {
        graph.add_twin(&number.to_string(), ROOM, json!({}));
    }
    for source in 0..12 {
        for target in (0..12).filter(|target| *target != source) {
            graph.relate(&source.to_string(), "x", &target.to_string(), &target.to_string());
        }
    }
    let query = "SELECT COUNT() FROM DIGITALTWINS MATCH (A)-[*..10]-(B) WHERE A.$dtId = '0'";
    assert_eq!(run(&graph, query, 1, None).unwrap_err().code, "TimeoutError");
}
