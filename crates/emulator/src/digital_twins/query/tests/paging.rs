//! Pages and their tokens.

use serde_json::json;

use super::memory::{Memory, ROOM, building};
use super::{paged, run};

fn rooms(count: usize) -> Memory {
    let mut graph = Memory::default();
    for number in 0..count {
        graph.add_twin(&format!("r{number:04}"), ROOM, json!({"number": number}));
    }
    graph
}

#[test]
fn the_page_size_is_held_within_its_bounds() {
    let graph = rooms(1_200);
    for (asked, given) in [(0, 1), (1, 1), (100, 100), (1_000, 1_000), (usize::MAX, 1_000)] {
        let page = run(&graph, "SELECT * FROM DIGITALTWINS", asked, None).unwrap();
        assert_eq!(page.rows.len(), given);
        assert!(page.continuation.is_some());
    }
}

#[test]
fn a_full_last_page_has_no_token() {
    let page = run(&rooms(10), "SELECT * FROM DIGITALTWINS", 10, None).unwrap();
    assert_eq!((page.rows.len(), page.continuation), (10, None));
}

#[test]
fn the_page_size_may_change_between_pages() {
    let graph = rooms(10);
    let first = run(&graph, "SELECT TOP(9) FROM DIGITALTWINS", 2, None).unwrap();
    let second = run(&graph, "", 5, first.continuation.as_deref()).unwrap();
    let third = run(&graph, "", 5, second.continuation.as_deref()).unwrap();
    let counts = [first.rows.len(), second.rows.len(), third.rows.len()];
    assert_eq!((counts, third.continuation), ([2, 5, 2], None));
}

#[test]
fn a_later_page_does_not_walk_the_earlier_ones() {
    let graph = rooms(1_000);
    let mut page = run(&graph, "SELECT * FROM DIGITALTWINS", 10, None).unwrap();
    while let Some(token) = page.continuation {
        page = run(&graph, "", 10, Some(&token)).unwrap();
        assert!(page.visited <= 12, "{} visited", page.visited);
    }
}

#[test]
fn what_goes_or_comes_between_pages_does_not_disturb_the_rest() {
    let mut graph = building();
    let page = run(&graph, "SELECT T.$dtId FROM DIGITALTWINS T", 2, None).unwrap();
    assert_eq!(page.rows, [json!({"$dtId": "b1"}), json!({"$dtId": "f1"})]);
    graph.remove_twin("f1");
    graph.add_twin("a0", ROOM, json!({}));
    graph.add_twin("f1a", ROOM, json!({}));
    let page = run(&graph, "", 2, page.continuation.as_deref()).unwrap();
    assert_eq!(page.rows, [json!({"$dtId": "f1a"}), json!({"$dtId": "f2"})]);

    let query = "SELECT B.$dtId FROM DIGITALTWINS A JOIN B RELATED A.contains WHERE A.$dtId = 'f1'";
    let mut graph = building();
    let page = run(&graph, query, 1, None).unwrap();
    assert_eq!(page.rows, [json!({"$dtId": "r1"})]);
    graph.unrelate("f1", "c1");
    let page = run(&graph, "", 1, page.continuation.as_deref()).unwrap();
    assert_eq!(
        (page.rows.as_slice(), page.continuation),
        ([json!({"$dtId": "r2"})].as_slice(), None)
    );
}

#[test]
fn relationships_of_several_twins_are_paged_in_order() {
    let graph = building();
    for query in [
        "SELECT R.$relationshipId, R.$sourceId FROM RELATIONSHIPS R WHERE R.$sourceId IN ['f1', 'b1', 'r1']",
        "SELECT R.$relationshipId, R.$sourceId FROM RELATIONSHIPS R WHERE R.$targetId IN ['r1', 'r2']",
        "SELECT R.$relationshipId, R.$sourceId FROM RELATIONSHIPS R",
    ] {
        let all = paged(&graph, query, 100);
        assert_eq!(all.len(), if query.ends_with(" R") { 9 } else { 5 });
        for size in 1..5 {
            assert_eq!(paged(&graph, query, size), all, "{query} by {size}");
        }
    }
}

#[test]
fn foreign_tokens_are_refused() {
    let token =
        run(&building(), "SELECT * FROM DIGITALTWINS", 1, None).unwrap().continuation.unwrap();
    let (longer, louder) = (format!("{token}A"), token.to_uppercase());
    for bad in ["", "x", "bm90IG91cnM", token.get(1..).unwrap(), &longer, &louder] {
        let error = run(&building(), "SELECT * FROM DIGITALTWINS", 1, Some(bad)).unwrap_err();
        assert_eq!(error.code, "BadRequest");
        assert_eq!(error.to_string(), "The continuation token was not given out by this instance.");
        assert_eq!((error.line, error.column), (0, 0));
    }
}

#[test]
fn the_charge_grows_with_what_was_looked_at() {
    let charge = |graph: &Memory, query: &str| run(graph, query, 1_000, None).unwrap().charge;
    let graph = rooms(1_000);
    let one = charge(&graph, "SELECT * FROM DIGITALTWINS WHERE $dtId = 'r0001'");
    assert!((2.0..4.0).contains(&one), "{one}");
    let all = charge(&graph, "SELECT * FROM DIGITALTWINS");
    assert!(all > one, "{all}");
    for charge in [one, all] {
        assert!(charge.to_string().split('.').nth(1).is_none_or(|digits| digits.len() <= 2));
    }
}
