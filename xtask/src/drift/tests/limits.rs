//! Versions, limits, deprecation, and what is no object where one must be.

use super::*;

/// The texts of both sides.
fn sides(difference: &Difference) -> (Option<&str>, Option<&str>) {
    (difference.ours.as_deref(), difference.vendor.as_deref())
}

/// Our document with something put in place of something else.
fn ours_with(from: &str, to: &str) -> Document {
    assert!(OURS.contains(from), "no {from}");
    Document::parse(Path::new("ours.yaml"), OURS.replacen(from, to, 1)).unwrap()
}

#[test]
fn versions() {
    let found = expect(Kind::VersionChanged, "info/version", |v| {
        set(v, "/info/version", json!("2"));
    });
    assert_eq!(sides(&found), (Some("1"), Some("2")));
    let found = expect(Kind::VersionChanged, "info/version", |v| {
        remove(v, "/info/version");
    });
    assert_eq!(sides(&found), (Some("1"), None));
    let mut changed = vendor();
    set(&mut changed, "/info/version", json!("2"));
    let outcome = drift(&ours(), &changed).unwrap();
    assert!(report::text("things", &outcome, "f").starts_with("document\n  version-changed"));
}

#[test]
fn limits_of_every_kind_and_in_every_place() {
    let name = "/definitions/Thing/properties/name";
    let at = "schemas/Thing/properties/name";
    for (word, value) in [
        ("minLength", json!(1)),
        ("maxLength", json!(9)),
        ("pattern", json!("^a")),
        ("minimum", json!(-1.5)),
        ("maximum", json!(7)),
        ("exclusiveMinimum", json!(true)),
        ("exclusiveMaximum", json!(3)),
        ("multipleOf", json!(2)),
        ("minItems", json!(1)),
        ("maxItems", json!(2)),
        ("uniqueItems", json!(true)),
        ("minProperties", json!(1)),
        ("maxProperties", json!(4)),
    ] {
        let found = expect(Kind::LimitChanged, at, |v| set(v, &format!("{name}/{word}"), value));
        assert!(found.ours.is_none() && found.vendor.unwrap().starts_with(&format!("{word} ")));
    }
    let place = "operations/Things_List/parameters/query/tag";
    expect(Kind::LimitChanged, place, |v| {
        set(v, &format!("{LIST}/parameters/1/maxItems"), json!(3));
    });
    expect(Kind::LimitChanged, &format!("{place}/items"), |v| {
        set(v, &format!("{LIST}/parameters/1/items/maxLength"), json!(3));
    });
    expect(Kind::LimitChanged, "schemas/Thing/properties/parts", |v| {
        set(v, "/definitions/Thing/properties/parts/minItems", json!(1));
    });
    expect(Kind::LimitChanged, "operations/Things_Create/responses/201/headers/ETag", |v| {
        set(v, &format!("{CREATE}/responses/201/headers/ETag/maxLength"), json!(3));
    });
    expect(Kind::LimitChanged, "operations/Things_Put/body", |v| {
        set(v, &format!("{PUT}/parameters/2/schema/maxProperties"), json!(3));
    });
}

#[test]
fn a_limit_of_a_shared_parameter_is_told_once() {
    let found = expect(Kind::LimitChanged, "operations/Things_Delete/parameters/path/id", |v| {
        set(v, "/parameters/Id/maxLength", json!(128));
    });
    assert_eq!(sides(&found), (None, Some("maxLength 128")));
    assert_eq!(found.also_at.len(), 1);
}

#[test]
fn limits_that_are_changed_or_only_ours_are_told_with_both_values() {
    let spec = ours_with(
        "          description: The name.\n",
        "          maxLength: 5\n          description: The name.\n",
    );
    let name = "/definitions/Thing/properties/name/maxLength";
    let mut changed = vendor();
    let found = drift(&spec, &changed).unwrap().unexplained;
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].kind, sides(&found[0])),
        (Kind::LimitChanged, (Some("maxLength 5"), None))
    );
    set(&mut changed, name, json!(6));
    let found = drift(&spec, &changed).unwrap().unexplained;
    assert_eq!(found.len(), 1);
    assert_eq!(sides(&found[0]), (Some("maxLength 5"), Some("maxLength 6")));
    set(&mut changed, name, json!(5.0));
    assert!(drift(&spec, &changed).unwrap().unexplained.is_empty());
}

#[test]
fn what_limits_nothing_is_no_limit() {
    let mut changed = vendor();
    let parts = "/definitions/Thing/properties/parts";
    set(&mut changed, &format!("{parts}/minItems"), json!(0));
    set(&mut changed, &format!("{parts}/uniqueItems"), json!(false));
    assert!(drift(&ours(), &changed).unwrap().unexplained.is_empty());
}

#[test]
fn another_type_with_other_limits_is_one_difference() {
    expect(Kind::TypeChanged, "schemas/Thing/properties/name", |v| {
        set(v, "/definitions/Thing/properties/name", json!({"type": "integer", "maximum": 5}));
    });
}

#[test]
fn deprecation() {
    let found = expect(Kind::DeprecatedChanged, "operations/Things_Put", |v| {
        set(v, &format!("{PUT}/deprecated"), json!(true));
    });
    assert_eq!(sides(&found), (Some("not deprecated"), Some("deprecated")));
    expect(Kind::DeprecatedChanged, "operations/Things_List/parameters/query/expand", |v| {
        set(v, &format!("{LIST}/parameters/0/deprecated"), json!(true));
    });
    expect(Kind::DeprecatedChanged, "schemas/Thing/properties/size", |v| {
        set(v, "/definitions/Thing/properties/size/deprecated", json!(true));
    });
    expect(Kind::DeprecatedChanged, "schemas/Thing/properties/owner", |v| {
        set(v, "/definitions/Thing/properties/owner/deprecated", json!(true));
    });
    // In OpenAPI 3 the parameter has the word, in whichever place.
    let spec =
        ours_with("          in: query\n", "          in: query\n          deprecated: true\n");
    let mut changed = vendor();
    assert_eq!(drift(&spec, &changed).unwrap().unexplained[0].kind, Kind::DeprecatedChanged);
    set(&mut changed, &format!("{LIST}/parameters/0/deprecated"), json!(true));
    assert!(drift(&spec, &changed).unwrap().unexplained.is_empty());
}

#[test]
fn what_is_no_object_or_no_limit_is_a_problem_at_its_place() {
    let created = format!("{CREATE}/responses/201");
    let limit = "/definitions/Thing/properties/name/maxLength".to_owned();
    for (place, value) in [
        (LIST.to_owned(), json!(["x"])),
        (PUT.to_owned(), json!(null)),
        ("/paths/~1things".to_owned(), json!("x")),
        (created, json!(["x"])),
        ("/info".to_owned(), json!("x")),
        ("/info/version".to_owned(), json!(["1"])),
        (limit, json!(["x"])),
        (format!("{PUT}/deprecated"), json!("yes")),
    ] {
        let mut changed = vendor();
        set(&mut changed, &place, value);
        let problem = drift(&ours(), &changed).unwrap_err();
        assert_eq!((problem.file.as_path(), &problem.pointer), (Path::new("vendor.json"), &place));
        assert!(problem.cure.starts_with("write "), "{problem}");
    }
    let mut spec = ours();
    let body = "/paths/~1things/post/requestBody";
    for place in [body.to_owned(), format!("{body}/content/application~1json")] {
        set(&mut spec.value, &place, json!(["x"]));
        let problem = drift(&spec, &vendor()).unwrap_err();
        assert_eq!(problem.pointer, place);
        spec = ours();
    }
}
