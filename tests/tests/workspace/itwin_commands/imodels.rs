//! iModels, their versions, copies and checkpoints.

use serde_json::json;

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn an_imodel_is_made_named_copied_fetched_and_deleted() {
    let machine = machine().await;
    let bridge = new_itwin(&machine, "Bridge");
    let create = ["imodels", "create", &bridge, "Deck", "--description", "the deck"];
    let plan = done(&machine, &[&create[..], &["--dry-run"]].concat());
    assert!(plan.contains("make iModel \"Deck\""), "{plan}");
    let deck = made(&machine, &create);
    assert_eq!((&deck["state"], &deck["_links"]), (&json!("initialized"), &json!(null)));
    let deck = text(&deck, "id");
    let listed = lines(&done(&machine, &["imodels", "list", &bridge, "--json"]));
    assert_eq!(listed[0]["id"], deck.as_str());
    assert!(
        done(&machine, &["imodels", "list", &bridge, "--name", "Deck"]).contains("initialized")
    );
    let shown = done(&machine, &["imodels", "show", &deck]);
    assert!(shown.contains("as its baseline") && shown.contains("the deck"), "{shown}");
    assert_eq!(done(&machine, &["imodels", "changesets", &deck, "--latest", "--json"]), "");
    assert_eq!(done(&machine, &["imodels", "changesets", &deck]).lines().count(), 1);

    let version = made(&machine, &["imodels", "versions", "create", &deck, "First"]);
    assert_eq!((&version["name"], &version["changesetIndex"]), (&json!("First"), &json!(0)));
    let versions = done(&machine, &["imodels", "versions", "list", &deck]);
    assert!(versions.contains("First") && versions.contains("visible"), "{versions}");

    let file = machine.state.path().join("deck.bim");
    let path = file.display().to_string();
    let args = ["imodels", "checkpoint", &deck, "--version", "first-that-is-not-there"];
    assert_eq!(code(&run(&machine, &args)), 1);
    let args = ["imodels", "checkpoint", &deck, "--version", "First", "--wait", "--out", &path];
    let checkpoint = document(&done(&machine, &[&args[..], &["--json"]].concat()));
    assert_eq!(
        (&checkpoint["state"], &checkpoint["changesetIndex"]),
        (&json!("successful"), &json!(0))
    );
    assert!(std::fs::read(&file).unwrap().starts_with(b"SQLite format 3"));
    assert_eq!(code(&run(&machine, &args)), 2, "the file is there");
    let poured = ["imodels", "checkpoint", &deck, "--version", "First", "--out", "-"];
    let output = itwin(&machine, &poured).current_dir(machine.state.path()).output().unwrap();
    assert!(output.stdout == std::fs::read(&file).unwrap(), "{}", errors(&output));
    assert_eq!(code(&run(&machine, &[&poured[..], &["--json"]].concat())), 2);
    assert!(!machine.state.path().join("-").exists());
    let shown = done(&machine, &["imodels", "checkpoint", &deck]);
    assert!(shown.contains("successful") && shown.contains(".bim"), "{shown}");

    let clone = ["imodels", "clone", &deck, "--name", "Copy", "--changeset", "0", "--wait"];
    let output = run(&machine, &[&clone[..], &["--yes", "--json"]].concat());
    let copy = document(&succeeded(&output));
    assert_eq!((&copy["name"], &copy["state"]), (&json!("Copy"), &json!("initialized")));
    assert!(errors(&output).contains("The copy is successful."), "{}", texts(&output));
    let fork = made(&machine, &["imodels", "fork", &deck, "--to", &bridge, "--name", "Fork"]);
    assert_eq!(fork["iTwinId"], bridge);

    let (copy, fork) = (text(&copy, "id"), text(&fork, "id"));
    let said = done(&machine, &["imodels", "delete", &deck, &copy, &fork, "--yes"]);
    assert_eq!(said.matches("was deleted").count(), 3, "{said}");
    let gone = run(&machine, &["imodels", "show", &deck]);
    assert_eq!(code(&gone), 1);
    assert!(errors(&gone).contains("hint: "), "{}", texts(&gone));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_baseline_file_is_uploaded_and_waited_for() {
    let machine = machine().await;
    let itwin = new_itwin(&machine, "Bridge");
    let file = machine.state.path().join("base.bim");
    std::fs::write(&file, b"SQLite format 3\0 of ours").unwrap();
    let path = file.display().to_string();
    // The storage service does not work: the same command goes on later.
    let broken = twinkit_emulator::faults::Fault::status(503).on("storage").always();
    machine.emulator.faults().next(broken);
    let create = ["imodels", "create", &itwin, "Deck", "--baseline", &path, "--wait"];
    let output = run(&machine, &[&create[..], &["--yes"]].concat());
    assert_eq!(code(&output), 1);
    assert!(errors(&output).contains("run the same command again"), "{}", texts(&output));
    machine.emulator.faults().clear();
    let made_later = made(&machine, &create);
    assert_eq!(
        (&made_later["name"], &made_later["state"]),
        (&json!("Deck"), &json!("initialized"))
    );
    let creations = writes(&machine).into_iter().filter(|write| write == "POST /imodels").count();
    assert_eq!(creations, 1, "the second run makes no other one");

    // An address that is refused cannot be had again.
    let refused = twinkit_emulator::faults::Fault::status(403).on("storage").always();
    machine.emulator.faults().next(refused);
    let create = ["imodels", "create", &itwin, "Other", "--baseline", &path, "--yes"];
    let output = run(&machine, &create);
    assert_eq!(code(&output), 1);
    let said = errors(&output);
    let left = said.split("delete iModel ").nth(1).and_then(|rest| rest.split(' ').next());
    done(&machine, &["imodels", "delete", left.unwrap(), "--yes"]);
    assert!(machine.emulator.requests().list().iter().all(|request| {
        request.service != "storage" || !request.headers.contains_key("authorization")
    }));
}
