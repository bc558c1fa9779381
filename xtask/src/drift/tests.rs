//! Two small documents that promise the same; each test changes one thing and
//! expects exactly one difference.

mod limits;

use std::path::Path;

use serde_json::{Value, json};

use super::accepted::Accepted;
use super::difference::{Difference, Kind};
use super::{Outcome, check, report};
use crate::document::{Document, Problem};

/// Our side.
pub(crate) const OURS: &str = include_str!("testdata/ours.yaml");
/// The vendor's side.
pub(crate) const VENDOR: &str = include_str!("testdata/vendor.json");

pub(crate) fn ours() -> Document {
    Document::parse(Path::new("ours.yaml"), OURS.to_owned()).unwrap()
}

pub(crate) fn vendor() -> Value {
    serde_json::from_str(VENDOR).unwrap()
}

pub(crate) fn document(value: &Value) -> Document {
    Document::parse(Path::new("vendor.json"), value.to_string()).unwrap()
}

fn drift(spec: &Document, vendor: &Value) -> Result<Outcome, Problem> {
    check(spec, &document(vendor), Accepted::default())
}

/// Sets the value at `pointer`; the last step may be new.
pub(crate) fn set(document: &mut Value, pointer: &str, value: Value) {
    let (parent, last) = pointer.rsplit_once('/').unwrap();
    let parent = document.pointer_mut(parent).unwrap_or_else(|| panic!("no {parent}"));
    match parent {
        Value::Array(list) if last == "-" => list.push(value),
        Value::Array(list) => list[last.parse::<usize>().unwrap()] = value,
        Value::Object(object) => {
            object.insert(last.replace("~1", "/"), value);
        }
        _ => panic!("{parent} has no members"),
    }
}

/// Takes the value at `pointer` out.
pub(crate) fn remove(document: &mut Value, pointer: &str) -> Value {
    let (parent, last) = pointer.rsplit_once('/').unwrap();
    match document.pointer_mut(parent).unwrap_or_else(|| panic!("no {parent}")) {
        Value::Array(list) => list.remove(last.parse().unwrap()),
        Value::Object(object) => object.shift_remove(&last.replace("~1", "/")).unwrap(),
        _ => panic!("{parent} has no members"),
    }
}

fn moved(document: &mut Value, from: &str, to: &str) {
    let value = remove(document, from);
    set(document, to, value);
}

/// Changes the vendor's document and expects one difference.
#[track_caller]
fn expect(kind: Kind, location: &str, change: impl FnOnce(&mut Value)) -> Difference {
    let mut changed = vendor();
    change(&mut changed);
    let mut found = drift(&ours(), &changed).unwrap().unexplained;
    let seen: Vec<_> = found.iter().map(|d| format!("{} {}", d.kind.name(), d.location)).collect();
    assert_eq!(seen, [format!("{} {location}", kind.name())]);
    found.remove(0)
}

const LIST: &str = "/paths/~1things/get";
const CREATE: &str = "/paths/~1things/post";
const PUT: &str = "/paths/~1things~1{id}/put";
const DELETE: &str = "/paths/~1things~1{id}/delete";

#[test]
fn the_same_promise_in_either_dialect_is_no_difference() {
    let outcome = drift(&ours(), &vendor()).unwrap();
    assert_eq!(
        report::text("things", &outcome, "f"),
        "things: 0 unexplained, 0 accepted, 0 stale\n"
    );
    // Our own dialect on both sides.
    let same = check(&ours(), &ours(), Accepted::default()).unwrap();
    assert!(same.unexplained.is_empty());
}

#[test]
fn operations() {
    expect(Kind::OperationOnlyInSpec, "operations/Things_Delete", |v| {
        remove(v, DELETE);
    });
    expect(Kind::OperationOnlyAtVendor, "operations/Things_Count", |v| {
        let new = json!({"get": {"operationId": "Things_Count", "responses": {"204": {}}}});
        set(v, "/paths/~1count", new);
    });
    expect(Kind::OperationRenamed, "operations/Things_Put", |v| {
        set(v, &format!("{PUT}/operationId"), json!("Things_Replace"));
    });
    expect(Kind::MethodChanged, "operations/Things_Put", |v| {
        moved(v, PUT, "/paths/~1things~1{id}/patch");
    });
    expect(Kind::PathChanged, "operations/Things_Put", |v| {
        let operation = remove(v, PUT);
        set(v, "/paths/~1items~1{id}", json!({"parameters": [{"$ref": "#/parameters/Trace"}]}));
        set(v, "/paths/~1items~1{id}/put", operation);
    });
}

#[test]
fn parameters() {
    let expand = format!("{LIST}/parameters/0");
    let place = "operations/Things_List/parameters/query/expand";
    expect(Kind::ParameterOnlyInSpec, place, |v| {
        remove(v, &expand);
    });
    expect(Kind::ParameterOnlyAtVendor, "operations/Things_List/parameters/query/top", |v| {
        let new = json!({"name": "top", "in": "query", "type": "integer"});
        set(v, &format!("{LIST}/parameters/-"), new);
    });
    let renamed = expect(Kind::ParameterRenamed, place, |v| {
        set(v, &format!("{expand}/name"), json!("include"));
    });
    assert_eq!(
        (renamed.ours.as_deref(), renamed.vendor.as_deref()),
        (Some("expand"), Some("include"))
    );
    expect(Kind::ParameterMoved, place, |v| set(v, &format!("{expand}/in"), json!("header")));
    expect(Kind::ParameterRequired, place, |v| {
        set(v, &format!("{expand}/required"), json!(true));
    });
    expect(Kind::TypeChanged, "operations/Things_Put/parameters/header/If-Match", |v| {
        set(v, &format!("{PUT}/parameters/1/type"), json!("integer"));
    });
    expect(Kind::EnumValueOnlyAtVendor, place, |v| {
        set(v, &format!("{expand}/enum/-"), json!("none"));
    });
    expect(Kind::ParameterStyle, "operations/Things_List/parameters/query/tag", |v| {
        remove(v, &format!("{LIST}/parameters/1/collectionFormat"));
    });
}

#[test]
fn header_names_know_no_case() {
    let mut changed = vendor();
    set(&mut changed, &format!("{PUT}/parameters/1/name"), json!("if-match"));
    moved(
        &mut changed,
        &format!("{CREATE}/responses/201/headers/ETag"),
        &format!("{CREATE}/responses/201/headers/etag"),
    );
    assert!(drift(&ours(), &changed).unwrap().unexplained.is_empty());
}

#[test]
fn a_renamed_placeholder_of_a_shared_parameter_is_told_once() {
    let renamed =
        expect(Kind::ParameterRenamed, "operations/Things_Delete/parameters/path/id", |v| {
            moved(v, "/paths/~1things~1{id}", "/paths/~1things~1{thingId}");
            set(v, "/parameters/Id/name", json!("thingId"));
        });
    let also: Vec<_> = renamed.also_at.iter().map(ToString::to_string).collect();
    assert_eq!(also, ["operations/Things_Put/parameters/path/id"]);
}

#[test]
fn an_unlike_parameter_is_no_new_name_of_an_old_one() {
    let mut changed = vendor();
    let new = json!({"name": "limit", "in": "query", "type": "integer"});
    set(&mut changed, &format!("{LIST}/parameters/0"), new);
    let kinds: Vec<_> =
        drift(&ours(), &changed).unwrap().unexplained.iter().map(|d| d.kind).collect();
    assert_eq!(kinds, [Kind::ParameterOnlyInSpec, Kind::ParameterOnlyAtVendor]);
}

#[test]
fn bodies() {
    expect(Kind::BodyOnlyInSpec, "operations/Things_Put/body", |v| {
        remove(v, &format!("{PUT}/parameters/2"));
    });
    expect(Kind::BodyOnlyAtVendor, "operations/Things_Delete/body", |v| {
        let body = json!({"name": "why", "in": "body", "schema": {"$ref": "#/definitions/Open"}});
        set(v, &format!("{DELETE}/parameters/-"), body);
    });
    expect(Kind::BodyRequired, "operations/Things_Put/body", |v| {
        set(v, &format!("{PUT}/parameters/2/required"), json!(false));
    });
    expect(Kind::TypeChanged, "operations/Things_Put/body", |v| {
        set(v, &format!("{PUT}/parameters/2/schema/$ref"), json!("#/definitions/Owner"));
    });
    expect(Kind::MediaTypeOnlyInSpec, "operations/Things_Create/body", |v| {
        remove(v, &format!("{CREATE}/consumes/1"));
    });
    expect(Kind::MediaTypeOnlyAtVendor, "operations/Things_Create/body", |v| {
        set(v, &format!("{CREATE}/consumes/-"), json!("application/xml"));
    });
    expect(Kind::MediaTypeChanged, "operations/Things_Put/body", |v| {
        set(v, &format!("{PUT}/consumes"), json!(["application/merge-patch+json"]));
    });
}

#[test]
fn responses() {
    let created = format!("{CREATE}/responses/201");
    expect(Kind::StatusOnlyInSpec, "operations/Things_Create/responses/404", |v| {
        remove(v, &format!("{CREATE}/responses/404"));
    });
    expect(Kind::StatusOnlyAtVendor, "operations/Things_Put/responses/409", |v| {
        set(v, &format!("{PUT}/responses/409"), json!({"description": "no"}));
    });
    let changed = expect(Kind::StatusChanged, "operations/Things_Create/responses/201", |v| {
        moved(v, &created, &format!("{CREATE}/responses/202"));
    });
    assert_eq!((changed.ours.as_deref(), changed.vendor.as_deref()), (Some("201"), Some("202")));
    expect(Kind::StatusChanged, "operations/Things_Create/responses/404", |v| {
        moved(v, &format!("{CREATE}/responses/404"), &format!("{CREATE}/responses/410"));
    });
    expect(Kind::TypeChanged, "operations/Things_Create/responses/201", |v| {
        set(v, &format!("{created}/schema/$ref"), json!("#/definitions/Owner"));
    });
    expect(Kind::ContentOnlyInSpec, "operations/Things_Create/responses/201", |v| {
        remove(v, &format!("{created}/schema"));
    });
    expect(Kind::ContentOnlyAtVendor, "operations/Things_Put/responses/204", |v| {
        set(v, &format!("{PUT}/responses/204/schema"), json!({"$ref": "#/definitions/Thing"}));
    });
    expect(Kind::HeaderOnlyInSpec, "operations/Things_Create/responses/201/headers/ETag", |v| {
        remove(v, &format!("{created}/headers"));
    });
    expect(Kind::HeaderOnlyAtVendor, "operations/Things_Create/responses/201/headers/Age", |v| {
        set(v, &format!("{created}/headers/Age"), json!({"type": "integer"}));
    });
    expect(Kind::TypeChanged, "operations/Things_Create/responses/201/headers/ETag", |v| {
        set(v, &format!("{created}/headers/ETag/type"), json!("integer"));
    });
}

#[test]
fn named_schemas() {
    expect(Kind::SchemaOnlyInSpec, "schemas/Robot", |v| {
        remove(v, "/definitions/Robot");
    });
    expect(Kind::SchemaOnlyAtVendor, "schemas/Spare", |v| {
        set(v, "/definitions/Spare", json!({"type": "string"}));
    });
    expect(Kind::SchemaRenamed, "schemas/Owner", |v| {
        *v = serde_json::from_str(&VENDOR.replace("Owner", "Person")).unwrap();
    });
    expect(Kind::ShapeOnlyInSpec, "schemas/Owner", |v| {
        remove(v, "/definitions/Owner/properties");
    });
    expect(Kind::ShapeOnlyAtVendor, "schemas/Open", |v| {
        set(v, "/definitions/Open/properties", json!({"a": {"type": "string"}}));
    });
    expect(Kind::BaseOnlyInSpec, "schemas/Robot", |v| {
        remove(v, "/definitions/Robot/allOf");
    });
    expect(Kind::BaseOnlyAtVendor, "schemas/Robot", |v| {
        set(v, "/definitions/Robot/allOf/-", json!({"$ref": "#/definitions/Shape"}));
    });
    expect(Kind::VariantOnlyAtVendor, "schemas/Shape", |v| {
        set(v, "/definitions/Shape/oneOf", json!([{"$ref": "#/definitions/Owner"}]));
    });
    expect(Kind::DiscriminatorChanged, "schemas/Shape", |v| {
        set(v, "/definitions/Shape/discriminator", json!("other"));
    });
}

#[test]
fn kinds_are_compared_by_value_and_schema() {
    let spec = |kinds: &str| {
        let told = format!("{{propertyName: kind, mapping: {{{kinds}}}}}");
        let text = OURS.replace("{propertyName: kind}", &told).replace(
            "    ThingPage:\n",
            "    Circle:\n      allOf: [{$ref: \"#/components/schemas/Shape\"}]\n    ThingPage:\n",
        );
        Document::parse(Path::new("ours.yaml"), text).unwrap()
    };
    let circle = "circle: \"#/components/schemas/Circle\"";
    let mut theirs = vendor();
    set(
        &mut theirs,
        "/definitions/Circle",
        json!({
            "allOf": [{"$ref": "#/definitions/Shape"}], "x-ms-discriminator-value": "circle",
        }),
    );
    assert!(drift(&spec(circle), &theirs).unwrap().unexplained.is_empty());

    let found = |kinds: &str| -> Vec<(Kind, Option<String>)> {
        let found = drift(&spec(kinds), &theirs).unwrap().unexplained;
        found.into_iter().map(|it| (it.kind, it.ours.or(it.vendor))).collect()
    };
    let told = |kind, text: &str| (kind, Some(text.to_owned()));
    let vendors = told(Kind::DiscriminatorValueOnlyAtVendor, "circle=Circle");
    assert_eq!(found(""), std::slice::from_ref(&vendors));
    let round = "round: \"#/components/schemas/Circle\"";
    assert_eq!(found(round), [told(Kind::DiscriminatorValueOnlyInSpec, "round=Circle"), vendors]);
}

#[test]
fn properties() {
    let thing = "/definitions/Thing/properties";
    expect(Kind::PropertyOnlyInSpec, "schemas/Thing/properties/size", |v| {
        remove(v, &format!("{thing}/size"));
    });
    expect(Kind::PropertyOnlyAtVendor, "schemas/Thing/properties/colour", |v| {
        set(v, &format!("{thing}/colour"), json!({"type": "string"}));
    });
    expect(Kind::PropertyRenamed, "schemas/Thing/properties/size", |v| {
        moved(v, &format!("{thing}/size"), &format!("{thing}/extent"));
    });
    expect(Kind::PropertyRequired, "schemas/Thing/properties/size", |v| {
        set(v, "/definitions/Thing/required/-", json!("size"));
    });
    expect(Kind::TypeChanged, "schemas/Thing/properties/made", |v| {
        set(v, &format!("{thing}/made"), json!({"type": "integer"}));
    });
    expect(Kind::FormatChanged, "schemas/Thing/properties/size", |v| {
        set(v, &format!("{thing}/size/format"), json!("int64"));
    });
    expect(Kind::ReadOnlyChanged, "schemas/Thing/properties/id", |v| {
        remove(v, &format!("{thing}/id/readOnly"));
    });
    expect(Kind::ReadOnlyChanged, "schemas/Thing/properties/owner", |v| {
        set(v, &format!("{thing}/owner/readOnly"), json!(true));
    });
    expect(Kind::NullableChanged, "schemas/Thing/properties/name", |v| {
        set(v, &format!("{thing}/name/x-nullable"), json!(true));
    });
    expect(Kind::AdditionalPropertiesChanged, "schemas/Thing/properties/labels", |v| {
        set(v, &format!("{thing}/labels/additionalProperties"), json!(false));
    });
    let inside = "schemas/Thing/properties/labels/additional-properties";
    expect(Kind::TypeChanged, inside, |v| {
        set(v, &format!("{thing}/labels/additionalProperties/type"), json!("integer"));
    });
    expect(Kind::TypeChanged, "schemas/Thing/properties/parts/items", |v| {
        set(v, &format!("{thing}/parts/items/$ref"), json!("#/definitions/Owner"));
    });
}

#[test]
fn enumerations() {
    let state = "/definitions/Thing/properties/state/enum";
    let place = "schemas/Thing/properties/state";
    expect(Kind::EnumValueOnlyAtVendor, place, |v| set(v, &format!("{state}/-"), json!("lost")));
    expect(Kind::EnumValueOnlyInSpec, place, |v| {
        remove(v, &format!("{state}/0"));
    });
    expect(Kind::EnumOnlyInSpec, place, |v| {
        remove(v, state);
    });
    expect(Kind::EnumOnlyAtVendor, "schemas/Thing/properties/name", |v| {
        set(v, "/definitions/Thing/properties/name/enum", json!(["a"]));
    });
}

#[test]
fn variants_only_we_have() {
    let text = OURS.replace(
        "      discriminator: {propertyName: kind}\n",
        "      discriminator: {propertyName: kind}\n      anyOf: [{$ref: \"#/components/schemas/Owner\"}]\n",
    );
    let spec = Document::parse(Path::new("ours.yaml"), text).unwrap();
    let found = drift(&spec, &vendor()).unwrap().unexplained;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].kind, Kind::VariantOnlyInSpec);
}

#[test]
fn forms_and_extra_paths_are_read() {
    let mut changed = vendor();
    let new = json!({"post": {"operationId": "Things_Upload", "parameters": [
        {"name": "file", "in": "formData", "type": "file", "required": true},
        {"name": "note", "in": "formData", "type": "string"}
    ], "responses": {"204": {}}}});
    set(&mut changed, "/x-ms-paths", json!({"/things?comp=upload": new}));
    let outcome = drift(&ours(), &changed).unwrap();
    assert_eq!(outcome.unexplained.len(), 1);
    let body = outcome.vendor.operations["Things_Upload"].body.as_ref().unwrap();
    let form = &body.content["multipart/form-data"];
    assert!(body.required && form.properties["file"].required);
    assert_eq!(form.properties["file"].schema.format.as_deref(), Some("binary"));
}

#[test]
fn what_we_have_on_purpose_is_no_old_name_of_something_new() {
    let accepted = "[[accepted]]\nkind = \"property-only-in-spec\"\n\
         location = \"schemas/Owner/properties/phone\"\nreason = \"it is there\"\n";
    let accepted = Accepted::parse(Path::new("a.toml"), accepted, "things").unwrap();
    let mut changed = vendor();
    remove(&mut changed, "/definitions/Owner/properties/phone");
    set(&mut changed, "/definitions/Owner/properties/fax", json!({"type": "string"}));
    let outcome = check(&ours(), &document(&changed), accepted).unwrap();
    assert_eq!(outcome.accepted.len(), 1);
    assert_eq!(outcome.unexplained[0].kind, Kind::PropertyOnlyAtVendor);
    assert!(outcome.stale.is_empty());
}

#[test]
fn the_json_report_has_the_three_lists() {
    let accepted = "[[accepted]]\nkind = \"status-only-in-spec\"\nlocation = \"**/404\"\n\
         reason = \"it happens\"\n[[accepted]]\nkind = \"path-changed\"\nlocation = \"**\"\n\
         reason = \"it did\"\n";
    let accepted = Accepted::parse(Path::new("a.toml"), accepted, "things").unwrap();
    let mut changed = vendor();
    remove(&mut changed, &format!("{CREATE}/responses/404"));
    set(&mut changed, "/definitions/Spare", json!({"type": "string"}));
    let outcome = check(&ours(), &document(&changed), accepted).unwrap();
    insta::assert_json_snapshot!(report::json(&outcome), @r#"
    {
      "unexplained": [
        {
          "kind": "schema-only-at-vendor",
          "location": "schemas/Spare",
          "ours": null,
          "vendor": "string"
        }
      ],
      "accepted": [
        {
          "kind": "status-only-in-spec",
          "location": "operations/Things_Create/responses/404",
          "ours": "404",
          "vendor": null,
          "reason": "it happens"
        }
      ],
      "stale": [
        {
          "kind": "path-changed",
          "location": "**",
          "reason": "it did"
        }
      ]
    }
    "#);
    insta::assert_snapshot!(report::text("things", &outcome, "accepted-drift.toml"), @r"
    schemas
      schema-only-at-vendor        schemas/Spare
          ours: -   vendor: string
    accepted, but no longer there (remove from accepted-drift.toml)
      path-changed                 **
    things: 1 unexplained, 1 accepted, 1 stale
      to follow the vendor: edit the spec, or `cargo xtask adopt` for what was added;
      to keep the difference: give it a reason in accepted-drift.toml
    ");
}

#[test]
fn a_broken_document_names_place_and_cure() {
    let broken = |change: &dyn Fn(&mut Value)| {
        let mut changed = vendor();
        change(&mut changed);
        let problem = drift(&ours(), &changed).unwrap_err();
        assert_eq!(problem.file, Path::new("vendor.json"));
        assert!(!problem.cure.is_empty());
        problem.pointer
    };
    assert_eq!(broken(&|v| set(v, "/swagger", json!("1.2"))), "/swagger");
    assert_eq!(broken(&|v| drop(remove(v, "/paths"))), "");
    assert_eq!(
        broken(&|v| drop(remove(v, "/parameters/Id"))),
        "/paths/~1things~1{id}/put/parameters/0"
    );
    assert_eq!(
        broken(&|v| drop(remove(v, "/definitions/Owner"))),
        "/definitions/Thing/properties/owner"
    );
    assert_eq!(
        broken(&|v| set(v, "/parameters/Id", json!({"$ref": "#/parameters/Id"}))),
        "/paths/~1things~1{id}/put/parameters/0"
    );
    assert_eq!(
        broken(&|v| set(v, "/parameters/Id/$ref", json!("./other.json#/Id"))),
        "/parameters/Id"
    );
    assert_eq!(
        broken(&|v| set(v, "/definitions/Owner/properties/mail/type", json!(1))),
        "/definitions/Owner/properties/mail/type"
    );
    assert_eq!(broken(&|v| set(v, &format!("{PUT}/operationId"), json!("Things_List"))), PUT);
}

/// Puts something else in every place, one after the other.
#[test]
fn no_document_makes_it_panic() {
    fn pointers(value: &Value, at: String, into: &mut Vec<String>) {
        match value {
            Value::Object(object) => {
                for (name, member) in object {
                    pointers(member, crate::document::join(&at, name), into);
                }
            }
            Value::Array(list) => {
                for (index, element) in list.iter().enumerate() {
                    pointers(element, format!("{at}/{index}"), into);
                }
            }
            _ => {}
        }
        into.push(at);
    }
    let spec = ours();
    for original in [vendor(), spec.value.clone()] {
        let mut places = Vec::new();
        pointers(&original, String::new(), &mut places);
        for place in places.iter().filter(|place| !place.is_empty()) {
            for other in [json!(null), json!(7), json!("x"), json!([1]), json!({"a": {"b": 1}})] {
                let mut changed = original.clone();
                *changed.pointer_mut(place).unwrap() = other;
                if let Err(problem) = drift(&spec, &changed) {
                    assert!(!problem.message.is_empty() && !problem.cure.is_empty());
                }
            }
        }
    }
}
