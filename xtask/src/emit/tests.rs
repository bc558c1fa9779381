//! Snapshots of all files of a small document, and what must never be in them.

use crate::catalogue::{self, Api};
use crate::document::Document;
use crate::generate::generate;

const SMALL: Api = Api {
    id: "small",
    spec: "xtask/fixtures/small.yaml",
    package: "small-client",
    library: "small_client",
    module: "crate::generated",
    generated: "generated",
    callers: "callers/small.rs",
};

const PLATFORM: Api = Api {
    id: "platform",
    spec: "xtask/fixtures/platform.yaml",
    package: "platform-client",
    library: "platform_client",
    module: "crate::things::generated",
    generated: "generated",
    callers: "callers/platform.rs",
};

#[test]
fn small_document() {
    snapshots(&SMALL);
}

#[test]
fn platform_document() {
    snapshots(&PLATFORM);
}

fn snapshots(api: &Api) {
    let document = Document::load(&catalogue::root().join(api.spec)).unwrap();
    let output = generate(api, &document).unwrap();
    for file in output.files {
        let name = file.path.to_string_lossy().replace('/', "__");
        let document = format!("{}_document", api.id);
        insta::with_settings!({snapshot_suffix => name, prepend_module_to_snapshot => false}, {
            insta::assert_snapshot!(document, file.text);
        });
    }
}

fn client() -> String {
    let api = catalogue::find("digital-twins").unwrap();
    let document = Document::load(&catalogue::root().join(api.spec)).unwrap();
    let files = generate(api, &document).unwrap().files;
    files.into_iter().find(|file| file.path.ends_with("client.rs")).unwrap().text
}

#[test]
fn the_client_has_no_public_constructor_and_no_version_header() {
    let client = client();
    let (before_builders, _) =
        client.split_once("pub mod builder {\n    use super::super::operations").unwrap();
    assert!(!before_builders.contains("fn new"));
    assert!(!client.contains("from_static(\"api-version\")"));
    assert!(!client.contains("ClientBuilder"));
    assert!(!client.contains("unwrap()"));
}

#[test]
fn setters_keep_the_reason_and_name_operation_and_parameter() {
    let client = client();
    assert!(client.contains("::progenitor_client::given(value, \"get_twin: `id`\")"));
    assert!(client.contains("Refused::Unset(\"get_twin: `id`\")"));
    assert!(!client.contains("was not initialized"));
    assert!(!client.contains("map_err(|_|"));
}

#[test]
fn types_that_only_come_back_have_no_builder() {
    let client = client();
    assert!(client.contains("fn builder() -> builder::ImportJob "));
    assert!(client.contains("pub struct QueryResult "));
    assert!(!client.contains("builder::QueryResult"));
    assert!(!client.contains("builder::ImportJobCollection"));
}

#[test]
fn a_message_id_is_made_once_before_the_request_is_built() {
    let client = client();
    let made = "message_id.unwrap_or_else(::progenitor_client::MessageId::random)";
    assert_eq!(client.matches(made).count(), 2);
}
