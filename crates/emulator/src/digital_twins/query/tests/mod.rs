//! The language as a whole: text in, rows out.

mod conditions;
mod functions;
mod joins;
mod matches;
mod memory;
mod paging;
mod parsing;
mod scale;
mod selections;

use serde_json::Value;

use super::{Page, QueryError, run};
use memory::{Memory, building};

fn ask(text: &str) -> Result<Page, QueryError> {
    run(&building(), text, 1_000, None)
}

/// All rows of a query, which must be the same whatever the page size.
fn rows(text: &str) -> Vec<Value> {
    let graph = building();
    let page = run(&graph, text, 1_000, None).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!(page.continuation, None, "{text}");
    for size in [1, 2, 3] {
        assert_eq!(paged(&graph, text, size), page.rows, "{text} in pages of {size}");
    }
    page.rows
}

/// The rows of all pages, none of which is longer than `size`.
fn paged(graph: &Memory, text: &str, size: usize) -> Vec<Value> {
    let mut page = run(graph, text, size, None).unwrap();
    let mut rows = Vec::new();
    loop {
        assert!(page.rows.len() <= size, "{text}: a page of {} rows", page.rows.len());
        rows.append(&mut page.rows);
        let Some(token) = page.continuation else { return rows };
        page = run(graph, "the text is ignored", size, Some(&token)).unwrap();
    }
}

/// The ids of the twins that a condition leaves, which must be the same with
/// an index and without one.
fn twins_where(condition: &str) -> Vec<String> {
    let rows = rows(&format!("SELECT * FROM DIGITALTWINS T WHERE {condition}"));
    let scanned = format!("SELECT * FROM DIGITALTWINS T WHERE ({condition}) OR 1 = 2");
    assert_eq!(ask(&scanned).unwrap().rows, rows, "{scanned}");
    rows.iter().map(|row| row["$dtId"].as_str().unwrap().to_owned()).collect()
}

/// Asserts which twins each condition leaves, their ids joined by blanks.
fn assert_twins(cases: &[(&str, &str)]) {
    for (condition, expected) in cases {
        assert_eq!(twins_where(condition).join(" "), *expected, "WHERE {condition}");
    }
}

/// Asserts that each text is refused at a column of its first line, with a
/// message that holds the given words.
fn assert_refused(cases: &[(&str, usize, &str)]) {
    for (text, column, words) in cases {
        let error = ask(text).expect_err(text);
        assert_eq!(error.code, "SqlQueryError", "{text}");
        assert!(error.message.contains(words), "{text}: {error}");
        assert_eq!((error.line, error.column), (1, *column), "{text}: {error}");
    }
}
