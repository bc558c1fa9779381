//! The rules together, on the real documents.

use super::*;
use crate::catalogue;
use crate::document::Document;

#[test]
fn what_the_rules_have_to_do_is_known() {
    for api in catalogue::APIS {
        let document = Document::load(&catalogue::root().join(api.spec)).unwrap();
        let (_, report) = normalise(&document.value, api.module);
        insta::with_settings!({snapshot_suffix => api.id}, {
            insta::assert_yaml_snapshot!(report);
        });
    }
}

#[test]
fn every_rule_has_work_somewhere() {
    let mut idle: BTreeSet<&str> = RULES.iter().map(|rule| rule.name).collect();
    for api in catalogue::APIS {
        let document = Document::load(&catalogue::root().join(api.spec)).unwrap();
        for (rule, count) in normalise(&document.value, api.module).1.0 {
            if count > 0 {
                idle.remove(rule);
            }
        }
    }
    assert!(idle.is_empty(), "{idle:?}");
}

#[test]
fn normalising_is_deterministic() {
    let api = catalogue::find("iot-central-preview").unwrap();
    let document = Document::load(&catalogue::root().join(api.spec)).unwrap();
    let (once, _) = normalise(&document.value, api.module);
    let (twice, _) = normalise(&document.value, api.module);
    assert_eq!(once.root, twice.root);
    assert_eq!(once.types, twice.types);
}
