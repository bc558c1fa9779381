//! Refreshing in a folder of its own, with the vendor's file beside it.

use std::cell::Cell;
use std::path::Path;

use serde_json::{Value, json};

use super::change::{self, Change};
use super::{Args, SOURCES, date_of_day, run_in, write_generated};
use crate::catalogue::{self, Api};
use crate::digest::sha256;
use crate::document::Document;
use crate::drift::difference::Weight;
use crate::drift::tests::{OURS, VENDOR, remove, set, vendor};

const FILE: &str = "things.json";

struct Bench {
    root: tempfile::TempDir,
    generated: Cell<usize>,
}

impl Bench {
    /// A repository with a spec, its source and the vendor's file.
    fn new(spec: &str, pinned: &str, vendor: &str) -> Self {
        let root = tempfile::tempdir().unwrap();
        let bench = Self { root, generated: Cell::new(0) };
        let sources = format!(
            "# kept\n[[source]]\napi = \"digital-twins\"\nfile = \"{FILE}\"\n\
             address = \"https://example.test/{{commit}}\"\ncommit = \"c1\"\nsha256 = \"{}\"\n\
             licence = \"MIT\"\nretrieved = \"2020-01-01\" # kept\n",
            sha256(pinned.as_bytes())
        );
        std::fs::create_dir_all(bench.path(api().spec).parent().unwrap()).unwrap();
        std::fs::write(bench.path(api().spec), spec).unwrap();
        std::fs::write(bench.path(SOURCES), sources).unwrap();
        std::fs::write(bench.path(FILE), vendor).unwrap();
        bench
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.root.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    fn args(&self, commit: Option<&str>) -> Args {
        Args {
            api: Some(api().id.to_owned()),
            from: Some(self.root.path().to_owned()),
            commit: commit.map(str::to_owned),
            report: Some(self.path("CHANGES.md")),
        }
    }

    fn run(&self, commit: Option<&str>) -> anyhow::Result<Change> {
        let generate = |_: &Path, _: &Api, spec: &Document| {
            self.generated.set(self.generated.get() + 1);
            assert_eq!(spec.text, self.text(api().spec));
            Ok(vec!["client.rs: written".to_owned()])
        };
        Ok(run_in(self.root.path(), &self.args(commit), &generate)?.remove(0))
    }
}

fn api() -> &'static Api {
    catalogue::find("digital-twins").unwrap()
}

fn changed(change: impl FnOnce(&mut Value)) -> String {
    let mut value = vendor();
    change(&mut value);
    value.to_string()
}

#[test]
fn nothing_changed_is_a_patch_and_writes_nothing() {
    let bench = Bench::new(OURS, VENDOR, VENDOR);
    let sources = bench.text(SOURCES);
    let change = bench.run(None).unwrap();
    assert_eq!(change.verdict, Weight::Patch);
    assert!(!change.is_unfinished());
    assert_eq!(bench.text(api().spec), OURS);
    assert_eq!(bench.text(SOURCES), sources);
    assert_eq!(bench.generated.get(), 0);
    let report = bench.text("CHANGES.md");
    assert!(report.starts_with("## digital-twins: patch\n"), "{report}");
    assert!(report.contains("the one taken before"), "{report}");
}

#[test]
fn other_words_in_the_file_are_a_patch_but_pinned() {
    let other = VENDOR.replace("\"title\": \"Things\"", "\"title\": \"Thingies\"");
    let bench = Bench::new(OURS, VENDOR, &other);
    let change = bench.run(Some("c2")).unwrap();
    assert_eq!(change.verdict, Weight::Patch);
    let sources = bench.text(SOURCES);
    assert!(sources.contains(&sha256(other.as_bytes())) && sources.contains("commit = \"c2\""));
    assert!(sources.starts_with("# kept\n") && sources.ends_with("\" # kept\n"), "{sources}");
    assert!(!sources.contains("2020-01-01"), "{sources}");
}

#[test]
fn an_added_operation_is_minor_and_generated() {
    let vendor = changed(|v| {
        let new = json!({"get": {"operationId": "Things_Count", "responses": {"204": {}}}});
        set(v, "/paths/~1count", new);
    });
    let bench = Bench::new(OURS, VENDOR, &vendor);
    let change = bench.run(None).unwrap();
    assert_eq!(change.verdict, Weight::Minor);
    assert!(!change.is_unfinished());
    assert!(bench.text(api().spec).contains("x-vendor-id: Things_Count"));
    assert_eq!(bench.generated.get(), 1);
    assert!(bench.text(SOURCES).contains("commit = \"unknown\""));
    let report = bench.text("CHANGES.md");
    for part in ["Added:", "operation-only-at-vendor `operations/Things_Count`", "client.rs"] {
        assert!(report.contains(part), "{report}");
    }
    // The second run finds all of it done.
    assert_eq!(bench.run(None).unwrap().verdict, Weight::Patch);
    assert_eq!(bench.generated.get(), 1);
}

#[test]
fn a_removed_operation_is_breaking_and_stays_in_the_spec() {
    let vendor = changed(|v| {
        remove(v, "/paths/~1things/post");
    });
    let bench = Bench::new(OURS, VENDOR, &vendor);
    let change = bench.run(None).unwrap();
    assert_eq!(change.verdict, Weight::Breaking);
    assert!(change.is_unfinished());
    assert_eq!(bench.text(api().spec), OURS);
    assert_eq!(bench.generated.get(), 0);
    assert!(change::markdown(&change).contains("nothing was taken out of the spec"));
}

#[test]
fn verdicts() {
    let verdict = |edit: &dyn Fn(&mut Value)| {
        let bench = Bench::new(OURS, VENDOR, &changed(edit));
        bench.run(None).unwrap().verdict
    };
    let parameters = "/paths/~1things/get/parameters/-";
    let optional = json!({"name": "top", "in": "query", "type": "integer"});
    let needed = json!({"name": "top", "in": "query", "type": "integer", "required": true});
    let thing = "/definitions/Thing/properties";
    assert_eq!(verdict(&|v| set(v, parameters, optional.clone())), Weight::Minor);
    assert_eq!(verdict(&|v| set(v, parameters, needed.clone())), Weight::Breaking);
    let text = json!({"type": "string"});
    assert_eq!(verdict(&|v| set(v, &format!("{thing}/hue"), text.clone())), Weight::Minor);
    assert_eq!(verdict(&|v| set(v, &format!("{thing}/size"), text.clone())), Weight::Breaking);
    assert_eq!(verdict(&|v| drop(remove(v, &format!("{thing}/size")))), Weight::Breaking);
    assert_eq!(verdict(&|v| drop(remove(v, &format!("{thing}/state/enum/0")))), Weight::Breaking);
    assert_eq!(verdict(&|v| set(v, &format!("{thing}/state/enum/-"), json!("x"))), Weight::Minor);
    let put = "/paths/~1things~1{id}/put/responses/202";
    assert_eq!(verdict(&|v| set(v, put, json!({"description": "later"}))), Weight::Minor);
}

#[test]
fn a_missing_file_names_place_and_cure() {
    let bench = Bench::new(OURS, VENDOR, VENDOR);
    std::fs::remove_file(bench.path(FILE)).unwrap();
    let error = bench.run(None).unwrap_err().to_string();
    assert!(error.contains(FILE) && error.contains("cure:"), "{error}");
    std::fs::write(bench.path(SOURCES), "").unwrap();
    let error = bench.run(None).unwrap_err().to_string();
    assert!(error.contains("no source is named for `digital-twins`"), "{error}");
}

/// The real spec, a new operation, the real passes.
#[test]
fn new_things_are_generated_before_they_are_described() {
    let spec = Document::load(&catalogue::root().join(api().spec)).unwrap();
    let mut vendor = spec.value.clone();
    let mut pause = vendor.pointer("/paths/~1jobs~1imports~1{id}~1cancel").unwrap().clone();
    pause["post"]["x-vendor-id"] = json!("ImportJobs_Pause");
    set(&mut vendor, "/paths/~1jobs~1imports~1{id}~1pause", pause);
    let mut list = vendor.pointer("/paths/~1jobs~1imports").unwrap().clone();
    list["get"]["x-vendor-id"] = json!("ExportJobs_List");
    list["get"]["x-ms-pageable"] = json!({"nextLinkName": "nextLink"});
    list.as_object_mut().unwrap().retain(|key, _| key == "get");
    set(&mut vendor, "/paths/~1jobs~1exports", list);
    let bench = Bench::new(&spec.text, "", &vendor.to_string());
    let change = run_in(bench.root.path(), &bench.args(None), &write_generated).unwrap().remove(0);
    assert_eq!(change.verdict, Weight::Minor);
    let files = change.generated.unwrap();
    assert!(files.iter().any(|file| file.contains("client.rs")), "{files:?}");
    let client = bench.text(&format!("{}/client.rs", api().generated));
    assert!(client.contains("jobs/imports/{}/pause"), "no new operation was generated");
    assert!(client.contains("jobs/exports"), "no new list was generated");
}

#[test]
fn days_have_their_dates() {
    for (day, date) in [
        (0, "1970-01-01"),
        (59, "1970-03-01"),
        (11_016, "2000-02-29"),
        (19_723, "2024-01-01"),
        (20_778, "2026-11-21"),
    ] {
        assert_eq!(date_of_day(day), date);
    }
}

#[test]
fn an_api_without_a_vendors_file_is_passed_over_unless_asked_for() {
    let bench = Bench::new(OURS, VENDOR, VENDOR);
    let mut sources = bench.text(SOURCES);
    for api in catalogue::APIS.iter().filter(|one| one.id != api().id) {
        sources += &format!("[[unpublished]]\napi = \"{}\"\nreason = \"none\"\n", api.id);
    }
    std::fs::write(bench.path(SOURCES), sources).unwrap();
    let generate = |_: &Path, _: &Api, _: &Document| Ok(Vec::new());
    let all = Args { api: None, ..bench.args(None) };
    let changes = run_in(bench.root.path(), &all, &generate).unwrap();
    assert_eq!(changes.len(), 1);
    let named = Args { api: Some("itwin-users".to_owned()), ..bench.args(None) };
    let error = run_in(bench.root.path(), &named, &generate).unwrap_err().to_string();
    assert!(error.contains("no source is named for `itwin-users`"), "{error}");
}
