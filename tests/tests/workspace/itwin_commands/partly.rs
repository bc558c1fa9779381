//! Work on several things that some of them refuse: what became of each is told, in
//! text and in the document, and the exit code tells it from failure.

use serde_json::json;
use twinkit_emulator::faults::Fault;

use super::*;

/// Refuses one request, and is asked first by the one after `before` others.
fn refusal(method: &str, path: &str, before: u64) -> Fault {
    let body = r#"{"error":{"code":"InsufficientPermissions","message":"No.\u001b[31m"}}"#;
    let fault = Fault::answer(403, "application/json", body).on("itwin");
    fault.method(method).path_contains(path).after(before)
}

/// The outcomes of a document, by their words.
fn outcomes(document: &Value) -> Vec<&str> {
    words(document["outcomes"].as_array().unwrap())
}

fn words(outcomes: &[Value]) -> Vec<&str> {
    outcomes.iter().map(|one| one["outcome"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_imodels_those_are_deleted_that_can_be() {
    let machine = machine().await;
    let itwin = new_itwin(&machine, "Bridge");
    let make = |name: &str| text(&made(&machine, &["imodels", "create", &itwin, name]), "id");
    let [first, second, third] = ["One", "Two", "Three"].map(make);
    let delete = ["imodels", "delete", &first, &second, &third, &first, "--yes"];

    machine.emulator.faults().next(refusal("DELETE", &second, 0));
    let output = run(&machine, &[&delete[..], &["--json"]].concat());
    assert_eq!(code(&output), 3, "{}", texts(&output));
    let told = document(&String::from_utf8(output.stdout).unwrap());
    assert_eq!(outcomes(&told), ["deleted", "failed", "deleted"]);
    assert_eq!((&told["applied"], &told["outcomes"][1]["id"]), (&json!(true), &json!(second)));
    let error = &told["outcomes"][1]["error"];
    assert_eq!((&error["status"], &error["mayBeDone"]), (&json!(403), &json!(false)));
    assert_eq!(error["code"], "InsufficientPermissions");

    // A failure that is not of the one thing ends the work.
    let [fourth, fifth] = ["Four", "Five"].map(make);
    let unknown = Fault::status(401).on("itwin").method("DELETE").path_contains(&fourth).always();
    machine.emulator.faults().next(unknown);
    let output = run(&machine, &["imodels", "delete", &second, &fourth, &fifth, "--yes"]);
    assert_eq!(code(&output), 3, "{}", texts(&output));
    let said = String::from_utf8(output.stdout).unwrap();
    for part in [
        format!("iModel {second} was deleted\n"),
        format!("iModel {fourth}: FAILED: "),
        format!("iModel {fifth}: not tried\n"),
    ] {
        assert!(said.contains(&part), "{part} is missing: {said}");
    }

    // Nothing was done: a failure, and the document tells so.
    let output = run(&machine, &["imodels", "delete", &fourth, &fifth, "--yes", "--json"]);
    assert_eq!(code(&output), 1, "{}", texts(&output));
    assert!(errors(&output).contains("error: "), "{}", texts(&output));
    let told = document(&String::from_utf8(output.stdout).unwrap());
    assert_eq!(outcomes(&told), ["failed", "notTried"]);
    assert_eq!(told["applied"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_itwins_those_are_deleted_that_can_be() {
    let machine = machine().await;
    let [first, second] = ["One", "Two"].map(|name| new_itwin(&machine, name));
    machine.emulator.faults().next(refusal("DELETE", &first, 0));
    let output = run(&machine, &["itwins", "delete", &first, &second, "--yes", "--json"]);
    assert_eq!(code(&output), 3, "{}", texts(&output));
    let told = document(&String::from_utf8(output.stdout).unwrap());
    assert_eq!(outcomes(&told), ["failed", "deleted"]);
}

/// What was asked for is done also when nobody reads what became of it, and stderr has
/// it then.
#[tokio::test(flavor = "multi_thread")]
async fn an_output_that_nobody_reads_does_not_end_the_work_in_the_middle() {
    let machine = machine().await;
    let unread = |args: &[&str]| {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = itwin(&machine, args).stdout(writer).output().unwrap();
        assert_no_secret(&output);
        output
    };
    for more in [&[][..], &["--json"]] {
        let ids = ["One", "Two", "Three"].map(|name| new_itwin(&machine, name));
        let delete = ["itwins", "delete", &ids[0], &ids[1], &ids[2], "--yes"];
        machine.emulator.faults().next(refusal("DELETE", &ids[1], 0));
        let output = unread(&[&delete[..], more].concat());
        assert_eq!(code(&output), 3, "{}", texts(&output));
        let said = errors(&output);
        assert!(said.contains("The results cannot be written to stdout ("), "{said}");
        if more.is_empty() {
            for (index, became) in [(0, " was deleted\n"), (1, ": FAILED: "), (2, " was deleted\n")]
            {
                let line = format!("\niTwin {}{became}", ids[index]);
                assert!(said.contains(&line), "{line} is missing: {said}");
            }
        } else {
            let told = document(said.lines().last().unwrap());
            assert_eq!(outcomes(&told), ["deleted", "failed", "deleted"]);
        }
        // All is done, but that is not where it was to be told.
        let output = unread(&[&["itwins", "delete", &ids[1], "--yes"], more].concat());
        assert_eq!(code(&output), 1, "{}", texts(&output));
    }
    assert_eq!(done(&machine, &["itwins", "list", "--json"]), "");

    // What was made has an id, and is made whole.
    let output = unread(&["itwins", "create", "Four", "--yes"]);
    assert_eq!(code(&output), 1, "{}", texts(&output));
    let [four] = &lines(&done(&machine, &["itwins", "list", "--json"]))[..] else { panic!() };
    assert!(errors(&output).contains(four["id"].as_str().unwrap()), "{}", texts(&output));
    let secret = machine.state.path().join("own.secret");
    std::fs::write(&secret, "a secret of our own, long enough").unwrap();
    let output = unread(&[
        "webhooks",
        "create",
        "https://x.example/",
        "--event",
        "iModels.iModelDeleted.v1",
        "--itwin",
        four["id"].as_str().unwrap(),
        "--secret-file",
        &secret.display().to_string(),
        "--activate",
        "--yes",
    ]);
    assert_eq!(code(&output), 1, "{}", texts(&output));
    let [webhook] = &lines(&done(&machine, &["webhooks", "list", "--json"]))[..] else { panic!() };
    assert!(errors(&output).contains(webhook["id"].as_str().unwrap()), "{}", texts(&output));
    assert_eq!(webhook["active"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_files_those_are_moved_that_can_be() {
    let machine = machine().await;
    let itwin = new_itwin(&machine, "Bridge");
    let local = |name: &str| {
        let path = machine.state.path().join(name);
        std::fs::write(&path, name).unwrap();
        path.display().to_string()
    };
    let [one, two, three] = ["one.txt", "two.txt", "three.txt"].map(local);
    machine.emulator.faults().next(refusal("POST", "/storage/folders/", 1));
    let upload = ["files", "upload", &itwin, &one, &two, &three, "--yes", "--json"];
    let output = run(&machine, &upload);
    assert_eq!(code(&output), 3, "{}", texts(&output));
    let told = lines(&String::from_utf8(output.stdout).unwrap());
    assert_eq!(words(&told), ["uploaded", "failed", "uploaded"]);
    let names: Vec<&Value> = told.iter().map(|one| &one["displayName"]).collect();
    assert_eq!(names, ["one.txt", "two.txt", "three.txt"]);
    assert_eq!(told[1]["error"]["status"], 403);
    let lists = machine.emulator.requests().list();
    let is_list = |path: &str| path.starts_with("/storage/folders/") && path.ends_with("/list");
    let mut lists = lists.iter().filter(|request| is_list(&request.path)).peekable();
    assert!(lists.peek().is_some());
    assert!(lists.all(|list| list.query.ends_with("top=1000")), "large folders take few calls");

    done(&machine, &["files", "upload", &itwin, &two, "--yes"]);
    machine.emulator.faults().next(refusal("DELETE", "/storage/files/", 1));
    let delete = ["files", "delete", &itwin, "/one.txt", "/two.txt", "/three.txt", "--yes"];
    let output = run(&machine, &[&delete[..], &["--json"]].concat());
    assert_eq!(code(&output), 3, "{}", texts(&output));
    let told = document(&String::from_utf8(output.stdout).unwrap());
    assert_eq!(outcomes(&told), ["deleted", "failed", "deleted"]);
    assert_eq!(told["outcomes"][1]["path"], "/two.txt");

    machine.emulator.faults().next(refusal("POST", "/storage", 1));
    let restore = ["files", "restore", &itwin, "one.txt", "three.txt", "--yes"];
    let output = run(&machine, &restore);
    assert_eq!(code(&output), 3, "{}", texts(&output));
    let said = String::from_utf8(output.stdout.clone()).unwrap();
    assert!(said.contains("one.txt was restored\nthree.txt: FAILED: "), "{said}");
    assert!(!texts(&output).contains('\u{1b}'), "{}", texts(&output));

    // In the bin, and not out of it.
    machine.emulator.faults().next(refusal("DELETE", "/storage", 1));
    let output = run(&machine, &["files", "delete", &itwin, "/two.txt", "--purge", "--yes"]);
    assert_eq!(code(&output), 1, "{}", texts(&output));
    assert!(errors(&output).contains("files restore"), "{}", texts(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_members_those_are_removed_that_can_be() {
    let machine = machine().await;
    let itwin = new_itwin(&machine, "Bridge");
    let role = ["members", "roles", "create", &itwin, "Reader", "--permission", "imodels_read"];
    made(&machine, &role);
    let program = address(PROGRAM);
    let (program, owner) = (program.as_str(), &owner());
    made(&machine, &["members", "add", &itwin, program, owner, "--role", "Reader"]);
    made(&machine, &["members", "owners", "add", &itwin, program]);

    machine.emulator.faults().next(refusal("DELETE", "/members/users/", 0));
    let remove = ["members", "remove", &itwin, program, owner, "--yes", "--json"];
    let output = run(&machine, &remove);
    assert_eq!(code(&output), 3, "{}", texts(&output));
    let told = document(&String::from_utf8(output.stdout).unwrap());
    assert_eq!(outcomes(&told), ["failed", "removed"]);
    assert_eq!(told["outcomes"][0]["who"], program);

    // Access that is left is told, and does not keep the rest from being taken away.
    machine.emulator.faults().next(refusal("DELETE", "/members/users/", 0));
    let off = ["offboard", itwin.as_str(), "--client-id", PROGRAM, "--yes", "--json"];
    let output = run(&machine, &off);
    assert_eq!(code(&output), 3, "{}", texts(&output));
    let told = document(&String::from_utf8(output.stdout).unwrap());
    assert_eq!(outcomes(&told), ["failed", "removed"]);
    let kinds: Vec<&Value> =
        told["outcomes"].as_array().unwrap().iter().map(|one| &one["kind"]).collect();
    assert_eq!(kinds, ["member", "owner"]);
    assert_eq!(outcomes(&document(&done(&machine, &off))), ["removed"]);

    made(&machine, &["members", "owners", "add", &itwin, program]);
    machine.emulator.faults().next(refusal("DELETE", "/owners/", 0));
    let remove = ["members", "owners", "remove", &itwin, owner, program, "--yes"];
    let output = run(&machine, &remove);
    assert_eq!(code(&output), 3, "{}", texts(&output));
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains(&format!("owner {owner}: FAILED: ")), "{said}");
    assert!(said.contains(&format!("owner {program} was removed\n")), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_was_not_filled_is_in_the_document() {
    let machine = machine().await;
    let itwin = new_itwin(&machine, "Bridge");
    let create = ["members", "groups", "create", &itwin, "Crew", "--person", "q@x.example"];
    let output = run(&machine, &[&create[..], &["--yes", "--json"]].concat());
    assert_eq!(code(&output), 3, "{}", texts(&output));
    let told = document(&String::from_utf8(output.stdout).unwrap());
    let listed = lines(&done(&machine, &["members", "groups", "list", &itwin, "--json"]));
    assert_eq!((&told["id"], &told["name"]), (&listed[0]["id"], &json!("Crew")));
    assert_eq!((&told["error"]["status"], &told["members"]), (&json!(404), &json!([])));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_an_address_is_told_before_the_plan() {
    let machine = machine().await;
    let itwin = new_itwin(&machine, "Bridge");
    let before = writes(&machine).len();
    let file = machine.state.path().join("people");
    std::fs::write(&file, "# our people\nann@x.example\nnot-an-address\n").unwrap();
    let file = file.display().to_string();
    for (args, told) in [
        (&["members", "add", &itwin, "not-an-address", "--role", "R", "--yes"][..], "[ADDRESS]"),
        (&["members", "add", &itwin, "--from", &file, "--role", "R", "--yes"], "people, line 3"),
        (&["members", "owners", "add", &itwin, "not-an-address", "--yes"], "no mail address"),
        (
            &["members", "groups", "create", &itwin, "C", "--person", "not-an-address", "--yes"],
            "--person",
        ),
        (&["onboard", &itwin, "--email", "not-an-address", "--role", "R", "--yes"], "--email"),
        (&["offboard", &itwin, "--email", "not-an-address", "--yes"], "--email"),
    ] {
        let output = run(&machine, args);
        assert_eq!(code(&output), 2, "{args:?}: {}", texts(&output));
        let said = errors(&output);
        assert!(said.contains("\"not-an-address\" is no mail address"), "{args:?}: {said}");
        assert!(said.contains(told) && !said.contains("Plan"), "{args:?}: {said}");
    }
    assert_eq!(writes(&machine).len(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_that_the_service_asks_for_is_told() {
    let machine = machine().await;
    machine.emulator.faults().next(Fault::status(429).retry_after_secs(1).on("itwin"));
    let output = run(&machine, &["itwins", "list", "--json"]);
    assert_eq!(succeeded(&output), "");
    let told = "The service asks to wait (429): trying again in 1 s.\n";
    assert!(errors(&output).contains(told), "{}", texts(&output));
}
