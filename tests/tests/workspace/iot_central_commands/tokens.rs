//! API tokens: where their values go, and where they never are.

use std::fs;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use twinkit_emulator::faults::Fault;

use super::{TOKEN_BEGIN, central, code, document, done, errors, lines, run, writes};
use crate::machine::{Machine, texts};
use crate::program::succeeded;

#[tokio::test(flavor = "multi_thread")]
async fn a_new_token_goes_to_stdout_alone_and_opens_the_application() {
    let machine = Machine::new().await;
    let create = ["tokens", "create", "ops", "--role", "Administrator", "--expires", "90d"];
    let plan = done(&machine, &[&create[..], &["--dry-run"]].concat());
    assert!(plan.contains("make API token ops") && !plan.contains(TOKEN_BEGIN), "{plan}");
    assert_eq!(writes(&machine), [""; 0]);

    let output = run(&machine, &[&create[..], &["--yes"]].concat());
    let value = succeeded(&output);
    assert!(value.starts_with(TOKEN_BEGIN) && value.lines().count() == 1, "{value}");
    let said = errors(&output);
    assert!(said.contains("ops was made") && !said.contains("sig="), "{said}");
    let listed = done(&machine, &["tokens", "list", "--json"]);
    assert!(listed.contains("\"ops\"") && !listed.contains("sig="), "{listed}");

    let app = machine.emulator.iot_central_url();
    let file = machine.state.path().join("token");
    fs::write(&file, &value).unwrap();
    let args = ["iot-central", "users", "list", "--app", app, "--token-file"];
    let mut by_file = machine.bare(&args);
    by_file.arg(&file);
    assert!(succeeded(&by_file.output().unwrap()).contains("owner"));
    let mut by_variable = machine.bare(&args[..5]);
    by_variable.env("AZURE_IOTCENTRAL_TOKEN", value.trim());
    succeeded(&by_variable.output().unwrap());

    let revoked = done(&machine, &["tokens", "revoke", "ops", "--yes"]);
    assert_eq!(revoked, "API token ops was revoked\n");
    let output = by_variable.output().unwrap();
    assert_eq!(code(&output), 1);
    assert!(errors(&output).contains("401") && errors(&output).contains("hint:"));
    assert!(!texts(&output).contains("sig="), "{}", texts(&output));
    let output = run(&machine, &["tokens", "revoke", "ops", "--yes"]);
    assert_eq!(code(&output), 1);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_token_file_is_new_owner_only_and_no_link() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let machine = Machine::new().await;
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let create = |id: &str, file: &Path, more: &[&str]| {
        let mut command =
            central(&machine, &["tokens", "create", id, "--role", "Operator", "--yes"]);
        command.arg("--out").arg(file).args(more).output().unwrap()
    };
    let output = create("one", &path("token"), &["--json"]);
    let told = document(&succeeded(&output));
    assert_eq!(told["id"], "one");
    assert!(!texts(&output).contains("sig="), "{}", texts(&output));
    let mode = |name: &str| fs::metadata(path(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("token"), 0o600);
    let first = fs::read_to_string(path("token")).unwrap();
    assert!(first.starts_with(TOKEN_BEGIN), "{first}");

    let made = writes(&machine).len();
    symlink(path("target"), path("link")).unwrap();
    fs::write(path("target"), "untouched").unwrap();
    let nowhere = path("no such folder").join("token");
    for (file, more, part) in [
        (path("token"), &[][..], "--force"),
        (path("link"), &[], "symbolic link"),
        (path("link"), &["--force"], "symbolic link"),
        (folder.path().to_owned(), &["--force"], "no file"),
        (nowhere, &[], "cannot be written"),
    ] {
        let output = create("two", &file, more);
        assert_eq!(code(&output), 2, "{}", texts(&output));
        assert!(!errors(&output).contains("Plan:"), "{}", texts(&output));
        assert!(errors(&output).contains(part), "{}", texts(&output));
    }
    assert_eq!(writes(&machine).len(), made, "no token was made that nobody can read");
    assert_eq!(fs::read_to_string(path("target")).unwrap(), "untouched");
    succeeded(&create("two", &path("token"), &["--force"]));
    assert_ne!(fs::read_to_string(path("token")).unwrap(), first);
    assert_eq!(mode("token"), 0o600);
    let files = fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(files, 3, "nothing is left but token, link and target");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_hands_the_new_token_out_before_the_old_one_ends() {
    let machine = Machine::new().await;
    done(&machine, &["tokens", "create", "ops", "--role", "Operator", "--yes"]);
    let kept = ["tokens", "rotate", "ops", "--keep-old", "--json", "--yes"];
    let plan = done(&machine, &["tokens", "rotate", "ops", "--dry-run"]);
    assert!(plan.contains("make API token ops-2"), "{plan}");
    assert!(plan.contains("when the service chooses, about a year ahead"), "{plan}");
    let taken = run(&machine, &["tokens", "rotate", "ops", "--new-id", "ops", "--dry-run"]);
    assert_eq!(code(&taken), 1);
    assert!(errors(&taken).contains("already"), "{}", texts(&taken));
    let taken = ["tokens", "create", "ops", "--role", "Operator", "--dry-run"];
    assert_eq!(code(&run(&machine, &taken)), 1);
    let nowhere = ["tokens", "create", "x", "--role", "Org Viewer@nowhere", "--dry-run"];
    let nowhere = run(&machine, &nowhere);
    assert_eq!(code(&nowhere), 1, "{}", texts(&nowhere));
    let told = document(&done(&machine, &kept));
    assert_eq!(told["id"], "ops-2");
    assert!(told["token"].as_str().unwrap().starts_with(TOKEN_BEGIN), "{told}");
    let rotate = ["tokens", "rotate", "ops", "--new-id", "new", "--out", "-", "--yes"];
    let output = run(&machine, &rotate);
    assert!(succeeded(&output).starts_with(TOKEN_BEGIN));
    assert!(errors(&output).contains("ops was revoked"), "{}", texts(&output));
    let ids: Vec<Value> = lines(&done(&machine, &["tokens", "list", "--json"]));
    let ids: Vec<&str> = ids.iter().map(|token| token["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["new", "ops-2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn how_long_a_new_token_lives_is_asked_where_it_cannot_be_known() {
    let machine = Machine::new().await;
    let create = ["tokens", "create", "ops", "--role", "Operator", "--yes", "--expires"];
    done(&machine, &[&create[..], &["1d"]].concat());
    let rotate = |more: &[&str]| run(&machine, &[&["tokens", "rotate", "ops"], more].concat());
    let made = writes(&machine).len();
    let unsaid = rotate(&["--yes"]);
    assert_eq!(code(&unsaid), 2, "{}", texts(&unsaid));
    let said = errors(&unsaid);
    assert!(said.contains("--expires") && said.contains("--default-lifetime"), "{said}");
    assert!(!said.contains("Plan:") && writes(&machine).len() == made, "{said}");
    let both = rotate(&["--expires", "9d", "--default-lifetime", "--yes"]);
    assert_eq!(code(&both), 2, "{}", texts(&both));

    let plan = succeeded(&rotate(&["--expires", "90d", "--dry-run"]));
    let end = plan.split("until ").nth(1).unwrap().lines().next().unwrap();
    assert_eq!(end.len(), "2030-01-31T00:00:00Z".len(), "whole seconds: {end}");
    // As one is done with that has ended.
    machine.emulator.clock().advance(Duration::from_secs(2 * 86_400));
    let plan = succeeded(&rotate(&["--default-lifetime", "--dry-run"]));
    assert!(plan.contains("when the service chooses"), "{plan}");
    succeeded(&rotate(&["--default-lifetime", "--yes"]));
    let left = lines(&done(&machine, &["tokens", "list", "--json"]));
    assert!(left.len() == 1 && left[0]["id"] == "ops-2", "{left:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_that_calls_is_revoked_last_and_what_was_done_before_is_told() {
    let machine = Machine::new().await;
    let role = ["--role", "Administrator", "--yes"];
    let value = done(&machine, &[&["tokens", "create", "own"], &role[..]].concat());
    for id in ["one", "two"] {
        done(&machine, &[&["tokens", "create", id], &role[..]].concat());
    }
    let app = machine.emulator.iot_central_url();
    let revoke = |ids: &[&str]| {
        let mut command = machine.bare(&["iot-central", "--app", app, "tokens", "revoke", "--yes"]);
        command.args(ids).env("AZURE_IOTCENTRAL_TOKEN", value.trim()).output().unwrap()
    };
    let fault = Fault::status(409).on("iot-central").method("DELETE");
    let fault = fault.path_contains("apiTokens/two");
    machine.emulator.faults().next(fault);
    let output = revoke(&["own", "one", "one", "two"]);
    assert_eq!(code(&output), 1, "{}", texts(&output));
    let said = errors(&output);
    assert_eq!(said.matches("revoke API token one").count(), 1, "{said}");
    assert!(said.contains("done before: API token one was revoked"), "{said}");
    let output = revoke(&["own", "two"]);
    let told = "API token two was revoked\nAPI token own was revoked\n";
    assert_eq!(succeeded(&output), told, "{}", texts(&output));
    assert!(errors(&output).contains("revoke API token own (Administrator), which calls"));
    assert_eq!(done(&machine, &["tokens", "list", "--json"]), "");
}
