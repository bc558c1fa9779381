//! A small spec with remarks grows by what a changed vendor's document has.

use std::path::Path;

use serde_json::{Value, json};

use super::{Adoption, adopt, text};
use crate::catalogue;
use crate::document::Document;
use crate::drift::accepted::Accepted;
use crate::drift::tests::{OURS, document, ours, remove, set, vendor};
use crate::drift::{self, difference::Kind};

fn parse(text: &str) -> Document {
    Document::parse(Path::new("ours.yaml"), text.to_owned()).unwrap()
}

fn adopted(spec: &Document, vendor: &Value) -> Adoption {
    adopt(spec, &document(vendor), &Accepted::default()).unwrap()
}

/// Adopts one change; checks that nothing is left, that a second run adds
/// nothing, and gives the lines that are new.
#[track_caller]
fn grown_by(kind: Kind, change: impl FnOnce(&mut Value)) -> String {
    let mut changed = vendor();
    change(&mut changed);
    let adoption = adopted(&ours(), &changed);
    assert!(adoption.left.is_empty(), "{:?}", adoption.left);
    assert_eq!(adoption.added.iter().map(|d| d.kind).collect::<Vec<_>>(), [kind]);
    let again = adopted(&parse(&adoption.text), &changed);
    assert!(again.added.is_empty() && again.left.is_empty());
    assert_eq!(again.text, adoption.text);
    new_lines(OURS, &adoption.text)
}

/// The lines that `new` has beyond `old`; every old line must be there, in order.
fn new_lines(old: &str, new: &str) -> String {
    let mut old = old.lines().peekable();
    let mut added = String::new();
    for line in new.lines() {
        if old.peek() == Some(&line) {
            old.next();
        } else {
            added.push_str(line);
            added.push('\n');
        }
    }
    // A line may only have grown inside brackets.
    let rest: Vec<_> = old.collect();
    assert!(rest.is_empty(), "not kept from {:?}", rest.first());
    added
}

const LIST: &str = "/paths/~1things/get";
const CREATE: &str = "/paths/~1things/post";
const PUT: &str = "/paths/~1things~1{id}/put";

#[test]
fn nothing_new_adds_nothing() {
    let adoption = adopted(&ours(), &vendor());
    assert_eq!(adoption.text, OURS);
    assert!(text("ours.yaml", &adoption).contains("added nothing"));
}

#[test]
fn an_operation_of_a_new_path_brings_its_schemas() {
    let lines = grown_by(Kind::OperationOnlyAtVendor, |v| {
        set(
            v,
            "/definitions/Count",
            json!({"type": "object", "properties": {
            "of": {"$ref": "#/definitions/Kind"}, "number": {"type": "integer"}}, "required": ["number"]}),
        );
        set(v, "/definitions/Kind", json!({"type": "string", "enum": ["a", "b"]}));
        set(
            v,
            "/paths/~1things~1{thing}~1count",
            json!({"get": {
                "operationId": "Things_GetCount",
                "tags": ["Things"],
                "x-ms-pageable": {"nextLinkName": "nextLink"},
                "parameters": [
                    {"$ref": "#/parameters/Trace"},
                    {"name": "thing", "in": "path", "required": true, "type": "string"},
                    {"name": "by", "in": "query", "type": "array", "items": {"type": "string"}}
                ],
                "responses": {
                    "200": {"description": "ok", "schema": {"$ref": "#/definitions/Count"}},
                    "default": {"description": "no", "schema": {"$ref": "#/definitions/Failure"}}
                }
            }}),
        );
    });
    insta::assert_snapshot!(lines, @r##"
      # New at the vendor: describe it, and check operationId, tags and extensions.
      /things/{thing}/count:
        get:
          operationId: get_count
          x-vendor-id: Things_GetCount
          tags:
            - Things
          summary: ""
          description: ""
          x-page:
            kind: next-link
            items: value
            next: nextLink
          parameters:
            - $ref: "#/components/parameters/Trace"
            - name: thing
              in: path
              description: ""
              required: true
              schema:
                type: string
            - name: by
              in: query
              description: ""
              explode: false
              schema:
                type: array
                items:
                  type: string
          responses:
            "200":
              description: ""
              content:
                application/json:
                  schema:
                    $ref: "#/components/schemas/Count"
            default:
              $ref: "#/components/responses/Failure"

        Count:
          type: object
          description: ""
          required:
            - number
          properties:
            number:
              type: integer
              description: ""
            of:
              allOf:
                - $ref: "#/components/schemas/Kind"
              description: ""
        Kind:
          type: string
          description: ""
          enum:
            - a
            - b
    "##);
}

#[test]
fn an_operation_of_a_known_path_takes_our_placeholder() {
    let accepted = "[[accepted]]\nkind = \"parameter-renamed\"\n\
         location = \"operations/*/parameters/path/id\"\nreason = \"shorter\"\n";
    let accepted = Accepted::parse(Path::new("a.toml"), accepted, "things").unwrap();
    let mut changed = vendor();
    let item = remove(&mut changed, "/paths/~1things~1{id}");
    set(&mut changed, "/paths/~1things~1{thing}", item);
    set(&mut changed, "/parameters/Id/name", json!("thing"));
    let update = json!({
        "operationId": "Things_Update",
        "parameters": [
            {"$ref": "#/parameters/Id"},
            {"name": "patch", "in": "body", "required": true, "schema": {"$ref": "#/definitions/Open"}}
        ],
        "responses": {"204": {"description": "ok"}}
    });
    set(&mut changed, "/paths/~1things~1{thing}/patch", update);
    let adoption = adopt(&ours(), &document(&changed), &accepted).unwrap();
    assert!(adoption.left.is_empty(), "{:?}", adoption.left);
    insta::assert_snapshot!(new_lines(OURS, &adoption.text), @r##"
        # New at the vendor: describe it, and check operationId, tags and extensions.
        patch:
          operationId: update_thing
          x-vendor-id: Things_Update
          tags:
            - Things
          summary: ""
          description: ""
          requestBody:
            description: ""
            required: true
            content:
              application/json:
                schema:
                  $ref: "#/components/schemas/Open"
          responses:
            "204":
              description: ""
    "##);
}

#[test]
fn parameters() {
    let lines = grown_by(Kind::ParameterOnlyAtVendor, |v| {
        let new = json!({"name": "top", "in": "query", "type": "integer", "format": "int32"});
        set(v, &format!("{LIST}/parameters/-"), new);
    });
    insta::assert_snapshot!(lines, @r#"
            - name: top
              in: query
              description: ""
              schema:
                type: integer
                format: int32
    "#);
    // Where there was no list of parameters.
    let lines = grown_by(Kind::ParameterOnlyAtVendor, |v| {
        let new = json!({"name": "why", "in": "header", "type": "string"});
        set(v, "/paths/~1things~1{id}/delete/parameters/-", new);
    });
    assert!(lines.starts_with("      parameters:\n        - name: why\n"), "{lines}");
}

#[test]
fn a_shared_parameter_is_added_wherever_it_is_new() {
    let lines = grown_by(Kind::ParameterOnlyAtVendor, |v| {
        set(v, "/parameters/Lang", json!({"name": "lang", "in": "query", "type": "string"}));
        set(v, "/paths/~1things/parameters/-", json!({"$ref": "#/parameters/Lang"}));
    });
    assert_eq!(lines.matches("- name: lang").count(), 2, "{lines}");
}

#[test]
fn answers_and_bodies() {
    let lines = grown_by(Kind::StatusOnlyAtVendor, |v| {
        let failure = json!({"description": "no", "schema": {"$ref": "#/definitions/Failure"}});
        set(v, &format!("{PUT}/responses/409"), failure);
    });
    assert_eq!(lines, "        \"409\":\n          $ref: \"#/components/responses/Failure\"\n");
    let lines = grown_by(Kind::HeaderOnlyAtVendor, |v| {
        set(v, &format!("{CREATE}/responses/201/headers/Age"), json!({"type": "integer"}));
    });
    insta::assert_snapshot!(lines, @r#"
                Age:
                  description: ""
                  schema:
                    type: integer
    "#);
    let lines = grown_by(Kind::HeaderOnlyAtVendor, |v| {
        set(v, &format!("{PUT}/responses/204/headers"), json!({"ETag": {"type": "string"}}));
    });
    assert!(lines.starts_with("          headers:\n            ETag:\n"), "{lines}");
    let lines = grown_by(Kind::BodyOnlyAtVendor, |v| {
        let body = json!({"name": "why", "in": "body", "schema": {"$ref": "#/definitions/Open"}});
        set(v, "/paths/~1things~1{id}/delete/parameters/-", body);
    });
    assert!(lines.starts_with("      requestBody:\n        description: \"\"\n"), "{lines}");
    let lines = grown_by(Kind::MediaTypeOnlyAtVendor, |v| {
        set(v, &format!("{CREATE}/consumes/-"), json!("application/xml"));
    });
    assert!(lines.starts_with("          application/xml:\n            schema:\n"), "{lines}");
    let lines = grown_by(Kind::ContentOnlyAtVendor, |v| {
        set(v, &format!("{PUT}/responses/204/schema"), json!({"$ref": "#/definitions/Thing"}));
    });
    assert!(lines.starts_with("          content:\n            application/json:\n"), "{lines}");
}

#[test]
fn properties() {
    let lines = grown_by(Kind::PropertyOnlyAtVendor, |v| {
        let new = json!({"type": "string", "format": "uri", "readOnly": true, "x-nullable": true});
        set(v, "/definitions/Thing/properties/$home", new);
    });
    insta::assert_snapshot!(lines, @r#"
            $home:
              type: string
              format: uri
              description: ""
              readOnly: true
              nullable: true
    "#);
    let lines = grown_by(Kind::PropertyOnlyAtVendor, |v| {
        set(v, "/definitions/Thing/properties/colour", json!({"type": "string"}));
        set(v, "/definitions/Thing/required/-", json!("colour"));
    });
    insta::assert_snapshot!(lines, @r#"
            - colour
            colour:
              type: string
              description: ""
    "#);
    let lines = grown_by(Kind::PropertyOnlyAtVendor, |v| {
        let new = json!({"type": "string", "deprecated": true, "maxLength": 9, "pattern": "^a"});
        set(v, "/definitions/Thing/properties/colour", new);
    });
    insta::assert_snapshot!(lines, @r#"
            colour:
              type: string
              description: ""
              deprecated: true
              maxLength: 9
              pattern: "^a"
    "#);
    // In the part of an extended schema that has the members.
    let lines = grown_by(Kind::PropertyOnlyAtVendor, |v| {
        set(v, "/definitions/Robot/properties/maker", json!({"type": "string"}));
    });
    assert_eq!(
        lines,
        "            maker:\n              type: string\n              description: \"\"\n"
    );
    let lines = grown_by(Kind::ShapeOnlyAtVendor, |v| {
        set(v, "/definitions/Open/properties", json!({"a": {"type": "string"}}));
    });
    assert!(lines.starts_with("      properties:\n        a:\n"), "{lines}");
}

#[test]
fn enum_values_in_blocks_and_brackets() {
    let lines = grown_by(Kind::EnumValueOnlyAtVendor, |v| {
        set(v, "/definitions/Thing/properties/state/enum/-", json!("lost"));
    });
    assert_eq!(lines, "        - lost\n");
    let mut changed = vendor();
    set(&mut changed, &format!("{LIST}/parameters/0/enum/-"), json!("no"));
    let adoption = adopted(&ours(), &changed);
    assert_eq!(adoption.text, OURS.replace("[all, some]", "[all, some, \"no\"]"));
}

#[test]
fn schemas_and_variants() {
    let lines = grown_by(Kind::SchemaOnlyAtVendor, |v| {
        set(
            v,
            "/definitions/Map",
            json!({"additionalProperties": {"$ref": "#/definitions/Thing"}}),
        );
    });
    insta::assert_snapshot!(lines, @r##"
        Map:
          type: object
          description: ""
          additionalProperties:
            $ref: "#/components/schemas/Thing"
    "##);
    let lines = grown_by(Kind::VariantOnlyAtVendor, |v| {
        set(v, "/definitions/Shape/oneOf", json!([{"$ref": "#/definitions/Owner"}]));
    });
    assert_eq!(lines, "      oneOf:\n        - $ref: \"#/components/schemas/Owner\"\n");
}

#[test]
fn what_is_no_addition_is_left() {
    let mut changed = vendor();
    remove(&mut changed, PUT);
    set(&mut changed, "/definitions/Thing/properties/size/format", json!("int64"));
    set(&mut changed, "/definitions/Spare", json!({"type": "string"}));
    let adoption = adopted(&ours(), &changed);
    let left: Vec<_> = adoption.left.iter().map(|(d, why)| (d.kind, why.as_str())).collect();
    let no_addition = "is not an addition";
    assert_eq!(
        left,
        [(Kind::OperationOnlyInSpec, no_addition), (Kind::FormatChanged, no_addition)]
    );
    assert_eq!(adoption.added.len(), 1);
    assert!(text("ours.yaml", &adoption).contains("left for you:"));
}

#[test]
fn a_shared_answer_does_not_grow_for_one_operation() {
    let mut changed = vendor();
    let header = json!({"Retry-After": {"type": "integer"}});
    set(&mut changed, &format!("{LIST}/responses/default/headers"), header.clone());
    // Another operation shares our answer and did not change.
    let shared = OURS.replace(
        "        \"404\":\n          description: No such owner.\n          content:\n            application/json:\n              schema:\n                $ref: \"#/components/schemas/Failure\"\n",
        "        \"404\":\n          $ref: \"#/components/responses/Failure\"\n",
    );
    assert_ne!(shared, OURS);
    let adoption = adopted(&parse(&shared), &changed);
    assert_eq!(adoption.text, shared);
    assert_eq!(adoption.left[0].1, "other operations share what would have to grow");
    // Both changed: now it may.
    set(&mut changed, &format!("{CREATE}/responses/404/headers"), header);
    let adoption = adopted(&parse(&shared), &changed);
    assert!(adoption.text.contains("Retry-After"));
}

#[test]
fn the_real_spec_grows_without_losing_a_byte() {
    let api = catalogue::find("digital-twins").unwrap();
    let root = catalogue::root();
    let spec = Document::load(&root.join(api.spec)).unwrap();
    let accepted = Accepted::load(&root.join(drift::accepted_file(api)), api.id).unwrap();
    let mut changed = spec.value.clone();
    let schemas = "/components/schemas";
    set(
        &mut changed,
        &format!("{schemas}/ImportJob/properties/progress"),
        json!({"type": "integer", "format": "int32"}),
    );
    set(&mut changed, &format!("{schemas}/ImportJob/properties/status/enum/-"), json!("paused"));
    let mut pause = spec.value.pointer("/paths/~1jobs~1imports~1{id}~1cancel").unwrap().clone();
    pause["post"]["x-vendor-id"] = json!("ImportJobs_Pause");
    set(&mut changed, "/paths/~1jobs~1imports~1{id}~1pause", pause);
    let changed = Document::parse(Path::new("vendor.json"), changed.to_string()).unwrap();

    let adoption = adopt(&spec, &changed, &accepted).unwrap();
    assert!(adoption.left.is_empty(), "{:?}", adoption.left);
    assert_eq!(adoption.added.len(), 3);
    let new = new_lines(&spec.text, &adoption.text);
    assert!(new.contains("operationId: pause_import_job"), "{new}");
    assert!(new.contains("- $ref: \"#/components/parameters/ImportJobId\"\n"), "{new}");
    let grown = Document::parse(&spec.file, adoption.text.clone()).unwrap();
    assert!(drift::check(&grown, &changed, accepted.clone()).unwrap().unexplained.is_empty());
    assert_eq!(adopt(&grown, &changed, &accepted).unwrap().text, adoption.text);
}
