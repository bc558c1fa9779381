//! The rules together, on the real documents.

use super::*;
use crate::catalogue;
use crate::document::Document;

#[test]
fn every_rule_but_escaping_has_work_in_digital_twins() {
    let api = catalogue::find("digital-twins").unwrap();
    let document = Document::load(&catalogue::root().join(api.spec)).unwrap();
    let (_, report) = normalise(&document.value, api.module);
    insta::assert_yaml_snapshot!(report);
}

#[test]
fn normalising_is_deterministic() {
    let api = catalogue::find("digital-twins").unwrap();
    let document = Document::load(&catalogue::root().join(api.spec)).unwrap();
    let (once, _) = normalise(&document.value, api.module);
    let (twice, _) = normalise(&document.value, api.module);
    assert_eq!(once.root, twice.root);
    assert_eq!(once.types, twice.types);
}
