//! iTwins: made, listed, exported and deleted.

use serde_json::json;
use twinkit_emulator::faults::Fault;

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn itwins_are_made_listed_and_deleted() {
    let machine = machine().await;
    let create = ["itwins", "create", "Bridge", "--number", "B-1", "--kind", "asset"];
    let plan = done(&machine, &[&create[..], &["--dry-run"]].concat());
    assert!(plan.contains("make Asset \"Bridge\"") && plan.contains("B-1"), "{plan}");
    assert_eq!(writes(&machine), [""; 0]);
    let bridge = made(&machine, &create);
    assert_eq!((&bridge["class"], &bridge["subClass"]), (&json!("Thing"), &json!("Asset")));
    let bridge = text(&bridge, "id");
    let tunnel = new_itwin(&machine, "Tunnel");

    let listed = done(&machine, &["itwins", "list"]);
    let head: Vec<&str> = listed.lines().next().unwrap().split_whitespace().collect();
    assert_eq!(head, ["ID", "KIND", "NUMBER", "STATUS", "NAME"]);
    assert!(listed.contains("Bridge") && listed.contains("Tunnel"), "{listed}");
    for (filter, found) in [
        (&["--search", "unn"][..], &tunnel),
        (&["--name", "Bridge"], &bridge),
        (&["--number", "B-1"], &bridge),
        (&["--kind", "project"], &tunnel),
    ] {
        let args = [&["itwins", "list", "--json"], filter].concat();
        let listed = lines(&done(&machine, &args));
        assert_eq!(listed.len(), 1, "{filter:?}: {listed:?}");
        assert_eq!(listed[0]["id"], found.as_str());
    }
    let none = run(&machine, &["itwins", "list", "--search", "castle"]);
    assert!(errors(&none).contains("without the filters"), "{}", texts(&none));
    assert_eq!(lines(&done(&machine, &["itwins", "list", "--json", "--limit", "1"])).len(), 1);
    let cut = run(&machine, &["itwins", "list", "--max-return", "1"]);
    assert!(errors(&cut).contains("stopped at 1 iTwins"), "{}", texts(&cut));

    let shown = done(&machine, &["itwins", "show", &bridge]);
    for part in ["Bridge", "Asset (Thing)", "East US", "Active"] {
        assert!(shown.contains(part), "{part} is missing: {shown}");
    }
    assert_eq!(document(&done(&machine, &["itwins", "show", &bridge, "--json"]))["id"], bridge);

    // The same name again: the service's own words, with the cure.
    let taken = run(&machine, &[&create[..], &["--yes"]].concat());
    assert_eq!(code(&taken), 1);
    assert!(errors(&taken).contains("iTwinExists"), "{}", texts(&taken));
    assert!(errors(&taken).contains("hint: "), "{}", texts(&taken));

    let plan = done(&machine, &["itwins", "delete", &bridge, &tunnel, "--dry-run"]);
    assert!(plan.contains("Asset \"Bridge\", with everything in it"), "{plan}");
    let said = done(&machine, &["itwins", "delete", &bridge, &tunnel, "--yes"]);
    assert_eq!(said.matches("was deleted").count(), 2, "{said}");
    assert_eq!(done(&machine, &["itwins", "list", "--json"]), "");
    assert_eq!(code(&run(&machine, &["itwins", "delete", &bridge, "--yes"])), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_from_the_service_does_not_move_the_cursor() {
    let machine = machine().await;
    let id = new_itwin(&machine, "Bridge");
    let evil = json!({"iTwins": [{
        "id": id, "class": "Thing", "subClass": "Asset", "displayName": "a\u{1b}[2Jb\u{9b}31mc",
    }]});
    let fault = twinkit_emulator::faults::Fault::answer(200, "application/json", &evil.to_string());
    machine.emulator.faults().next(fault.on("itwin").path_contains("/itwins"));
    let listed = done(&machine, &["itwins", "list"]);
    assert!(listed.contains("a [2Jb 31mc") && !listed.contains('\u{1b}'), "{listed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_is_exported_into_a_file() {
    let machine = machine().await;
    new_itwin(&machine, "Bridge");
    let file = machine.state.path().join("itwins.csv");
    let path = file.display().to_string();
    let plan = done(&machine, &["itwins", "export", &path, "--dry-run"]);
    assert!(plan.contains("Csv") && !file.exists(), "{plan}");
    // The next run has another export, which goes on with nothing of this one.
    machine.emulator.faults().next(Fault::truncate(3).on("storage").method("GET"));
    machine.emulator.faults().next(Fault::status(503).on("storage").method("GET").always());
    let broken = run(&machine, &["itwins", "export", &path, "--yes"]);
    assert_eq!(code(&broken), 1, "{}", texts(&broken));
    machine.emulator.faults().clear();
    let output = run(&machine, &["itwins", "export", &path, "--yes"]);
    assert!(succeeded(&output).contains("bytes"), "{}", texts(&output));
    assert!(errors(&output).contains("The export is Completed."), "{}", texts(&output));
    assert!(std::fs::read_to_string(&file).unwrap().contains("Bridge"));
    let again = run(&machine, &["itwins", "export", &path, "--yes"]);
    assert_eq!(code(&again), 2);
    assert!(errors(&again).contains("--force"), "{}", texts(&again));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_a_terminal_would_obey_is_shown_to_nobody_as_it_is() {
    let machine = machine().await;
    let name = "Bri\u{9b}31mdge\u{202e} of\u{200b} K\u{f6}ln\u{e0041}";
    let id = new_itwin(&machine, name);
    let is_odd = |c: char| !c.is_ascii() && c != 'ö';
    for args in [&["itwins", "list", "--json"][..], &["itwins", "show", &id, "--json"]] {
        let line = done(&machine, args);
        assert!(!line.contains(is_odd) && line.contains("\\u009b31m"), "{args:?}: {line:?}");
        assert_eq!(document(&line)["displayName"], name, "{args:?}");
    }
    let table = done(&machine, &["itwins", "list"]);
    assert!(!table.contains(is_odd) && table.contains("Bri 31mdge  of  Köln"), "{table:?}");
}
