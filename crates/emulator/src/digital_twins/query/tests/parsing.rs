//! Any text at all: refused or answered, never a panic.

use proptest::prelude::*;

use super::ask;

const WORDS: [&str; 48] = [
    "SELECT",
    "FROM",
    "WHERE",
    "DIGITALTWINS",
    "RELATIONSHIPS",
    "JOIN",
    "RELATED",
    "MATCH",
    "TOP",
    "COUNT",
    "AS",
    "AND",
    "OR",
    "NOT",
    "IN",
    "NIN",
    "IS_OF_MODEL",
    "CONTAINS",
    "ARRAY_CONTAINS",
    "IS_DEFINED",
    "exact",
    "T",
    "A",
    "B",
    "contains",
    "temp",
    "$dtId",
    "'r1'",
    "'",
    "\\'",
    "1",
    "21.5",
    "1e9",
    "true",
    "*",
    "(",
    ")",
    "[",
    "]",
    "[[",
    "]]",
    ",",
    ".",
    "..",
    "=",
    "-",
    "<",
    ">",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_text_makes_a_query_panic(text in "\\PC{0,80}") {
        let _ = ask(&text);
    }

    #[test]
    fn no_tail_makes_a_query_panic(text in "\\PC{0,80}") {
        let _ = ask(&format!("SELECT * FROM DIGITALTWINS T WHERE {text}"));
    }

    #[test]
    fn no_order_of_words_makes_a_query_panic(
        words in proptest::collection::vec(proptest::sample::select(&WORDS[..]), 0..25)
    ) {
        let _ = ask(&words.join(" "));
        let _ = ask(&format!("SELECT A FROM DIGITALTWINS {}", words.join("")));
        let _ = ask(&format!("SELECT T FROM DIGITALTWINS T WHERE {}", words.join(" ")));
    }

    #[test]
    fn an_escaped_string_finds_itself(name in "\\PC{0,30}") {
        let escaped = name.replace('\\', "\\\\").replace('\'', "\\'");
        let query = format!("SELECT COUNT() FROM DIGITALTWINS WHERE 'x{escaped}' = 'x{escaped}'");
        prop_assert_eq!(&ask(&query).unwrap().rows[0]["COUNT"], 7);
        let mut graph = super::Memory::default();
        graph.add_twin(&name, super::memory::ROOM, serde_json::json!({}));
        let query = format!("SELECT * FROM DIGITALTWINS WHERE $dtId = '{escaped}'");
        prop_assert_eq!(super::run(&graph, &query, 1, None).unwrap().rows.len(), 1);
    }

    #[test]
    fn the_place_of_a_fault_is_in_the_text(text in "[ -~\n]{0,60}") {
        if let Err(error) = ask(&text) {
            let lines: Vec<&str> = text.split('\n').collect();
            prop_assert!((1..=lines.len()).contains(&error.line));
            prop_assert!(error.column >= 1 && error.column <= lines[error.line - 1].len() + 1);
        }
    }
}
