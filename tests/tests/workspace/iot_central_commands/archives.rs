//! Export and restore, against an application in memory.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};
use twinkit_tests::support::application::{Application, Fate};

use super::{code, document, errors, lines};
use crate::machine::{Machine, texts};
use crate::program::succeeded;

/// An application with some devices, and the program on it by an API token.
async fn stocked(devices: usize) -> Application {
    let application = Application::start().await.unwrap();
    let device = |index: usize| {
        json!({"id": format!("pump-{index}"), "displayName": "Pump", "enabled": true,
            "etag": "e", "provisioned": false, "simulated": false})
    };
    application.list("devices", (0..devices).map(device));
    let role =
        json!({"id": "ca310b8d-2f4a-44e0-a36e-957c202cd8d4", "displayName": "Administrator"});
    application.list("roles", [role.clone()]);
    if devices > 0 {
        let token = json!({"id": "ops", "roles": [{"role": role["id"]}],
            "expiry": "2090-01-01T00:00:00.000Z"});
        application.list("apiTokens", [token]);
    }
    for index in 0..devices {
        application.single(&format!("devices/pump-{index}/properties"), json!({"speed": index}));
    }
    application
}

/// The token that calls.
const TOKEN: &str = "SharedAccessSignature sr=11111111-2222-3333-4444-555555555555&sig=Y2FuYXJ5&\
                     skn=ops&se=4102444800000";

fn archive(machine: &Machine, application: &Application, verb: &str, folder: &Path) -> Command {
    let mut command = machine.bare(&["iot-central", "--app", application.url(), verb, "--json"]);
    command.arg(folder);
    command.env("AZURE_IOTCENTRAL_TOKEN", TOKEN);
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_is_exported_and_restored() {
    let machine = Machine::new().await;
    let (from, to) = (stocked(30).await, stocked(0).await);
    let folder = tempfile::tempdir().unwrap();
    let mut export = archive(&machine, &from, "export", folder.path());
    let output = export.output().unwrap();
    let report = document(&succeeded(&output));
    assert_eq!(report["complete"], true);
    assert!(errors(&output).contains("devices: 30 items"), "{}", errors(&output));
    let again = export.output().unwrap();
    assert_eq!(code(&again), 1);
    assert!(errors(&again).contains("--overwrite"), "{}", errors(&again));

    let restore = |more: &[&str]| {
        let mut command = archive(&machine, &to, "restore", folder.path());
        command.args(more).output().unwrap()
    };
    assert_eq!(code(&restore(&[])), 2);
    let plan = document(&succeeded(&restore(&["--dry-run"])));
    let shown = texts(&archive_plain(&machine, &to, folder.path(), &["--dry-run"]));
    let count = shown.lines().filter(|line| line.starts_with("devices ")).count();
    assert_eq!(count, 1, "counted: {shown}");
    assert!(shown.contains("\n  - rules and their actions"), "{shown}");
    let shown = texts(&archive_plain(&machine, &to, folder.path(), &["--dry-run", "--details"]));
    assert!(shown.contains("pump-29"), "{shown}");
    let items = plan["items"].as_array().unwrap();
    let created = items.iter().filter(|item| item["action"] == "create");
    assert!(created.count() >= 30, "{plan}");
    assert!(to.asked().iter().all(|asked| asked.method == "GET"));
    let output = restore(&["--yes"]);
    assert_eq!(code(&output), 3, "the token is not carried: {}", texts(&output));
    let report = document(&String::from_utf8(output.stdout.clone()).unwrap());
    let lost = report["items"].as_array().unwrap().iter();
    let lost: Vec<&Value> = lost.filter(|item| item["outcome"] == "not carried").collect();
    assert!(lost.len() == 1 && lost[0]["collection"] == "api-tokens", "{lost:?}");
    assert!(lost[0]["reason"].as_str().unwrap().contains("--api-tokens FILE"), "{lost:?}");
    assert_eq!(to.items("devices").len(), 30);

    let file = folder.path().join("tokens");
    let output = restore(&["--yes", "--api-tokens", file.to_str().unwrap()]);
    succeeded(&output);
    assert!(!texts(&output).contains("canary"), "{}", texts(&output));
    let kept = document(&fs::read_to_string(&file).unwrap());
    let value = "SharedAccessSignature canary ops";
    assert_eq!(kept, json!({"application": to.url(), "id": "ops", "token": value}));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    // Run again, it finds the value where it put it.
    let output = restore(&["--yes", "--api-tokens", file.to_str().unwrap()]);
    succeeded(&output);
    assert_eq!(document(&fs::read_to_string(&file).unwrap()), kept);
    for (text, part) in [("no token of a restore", "something else"), ("", "others than")] {
        let odd = folder.path().join("odd");
        fs::write(&odd, text).unwrap();
        #[cfg(unix)]
        if !text.is_empty() {
            use std::os::unix::fs::PermissionsExt as _;
            fs::set_permissions(&odd, fs::Permissions::from_mode(0o600)).unwrap();
        }
        let output = restore(&["--yes", "--api-tokens", odd.to_str().unwrap()]);
        assert_eq!(code(&output), 2, "{}", texts(&output));
        assert!(errors(&output).contains(part), "{}", texts(&output));
        fs::remove_file(&odd).unwrap();
    }
}

/// A plan for people.
fn archive_plain(machine: &Machine, to: &Application, folder: &Path, more: &[&str]) -> Output {
    let mut command = plain(machine, &archive(machine, to, "restore", folder));
    command.args(more).output().unwrap()
}

/// The same command for people.
fn plain(machine: &Machine, command: &Command) -> Command {
    let mut plain = machine.bare(&[]);
    plain.args(command.get_args().filter(|arg| *arg != "--json"));
    plain.env("AZURE_IOTCENTRAL_TOKEN", TOKEN);
    plain
}

#[tokio::test(flavor = "multi_thread")]
async fn work_is_done_though_nobody_reads_what_is_said_of_it() {
    let machine = Machine::new().await;
    let (from, to) = (stocked(2).await, stocked(0).await);
    let folder = tempfile::tempdir().unwrap();
    let unread = |command: &mut Command| {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        command.stderr(writer).output().unwrap()
    };
    let export = archive(&machine, &from, "export", folder.path());
    let shown = succeeded(&unread(&mut plain(&machine, &export)));
    assert!(shown.contains("devices"), "{shown}");
    let restored = unread(archive(&machine, &to, "restore", folder.path()).arg("--yes"));
    assert_eq!(code(&restored), 3, "the token is not carried: {}", texts(&restored));
    assert_eq!(to.items("devices").len(), 2);
}

/// An archive with three tokens, and an application to restore them into.
async fn with_tokens(machine: &Machine, folder: &Path) -> Application {
    let (from, to) = (stocked(1).await, stocked(0).await);
    let token = |id: &str| {
        json!({"id": id, "roles": [{"role": "ca310b8d-2f4a-44e0-a36e-957c202cd8d4"}],
            "expiry": "2090-01-01T00:00:00.000Z"})
    };
    from.list("apiTokens", ["one", "two", "three"].map(token));
    succeeded(&archive(machine, &from, "export", folder).output().unwrap());
    to
}

#[tokio::test(flavor = "multi_thread")]
async fn values_of_tokens_survive_a_restore_that_is_killed() {
    let machine = Machine::new().await;
    let folder = tempfile::tempdir().unwrap();
    let to = with_tokens(&machine, folder.path()).await;
    let file = folder.path().join("tokens");
    let command = |more: &[&str]| {
        let mut restore = archive(&machine, &to, "restore", folder.path());
        restore.arg("--yes").arg("--api-tokens").arg(&file).args(more);
        restore
    };
    to.rule(|_, asked| match (asked.method.as_str(), asked.path.as_str()) {
        ("PUT", "apiTokens/two") => Fate::Stuck,
        _ => Fate::Served,
    });
    let mut restore = command(&[]);
    restore.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut running = restore.spawn().unwrap();
    to.stuck().await;
    running.kill().unwrap();
    running.wait().unwrap();
    let ids = || -> Vec<String> {
        let text = fs::read_to_string(&file).unwrap();
        lines(&text).iter().map(|line| line["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids(), ["one"]);
    // Tokens come last of all.
    assert_eq!(to.items("devices").len(), 1);

    // The second one was made all the same, and nobody has its value.
    to.heal();
    let mut there = to.items("apiTokens");
    let mut lost = there[0].clone();
    lost["id"] = json!("two");
    there.push(lost);
    to.list("apiTokens", there);
    let output = command(&[]).output().unwrap();
    assert_eq!(code(&output), 3, "{}", texts(&output));
    let report = document(&String::from_utf8(output.stdout.clone()).unwrap());
    let two = report["items"].as_array().unwrap().iter().find(|item| item["id"] == "two").unwrap();
    let reason = two["reason"].as_str().unwrap();
    assert!(
        reason.contains("there already") && reason.contains("--replace-api-tokens"),
        "{reason}"
    );
    assert_eq!(ids(), ["one", "three"]);
    assert!(!texts(&output).contains("canary"), "{}", texts(&output));

    let plan = command(&["--replace-api-tokens", "--details"]).output();
    let output = plan.unwrap();
    succeeded(&output);
    assert_eq!(ids(), ["one", "three", "two"]);
    let asked = to.asked();
    let of_two = |method: &str| {
        asked.iter().position(|asked| asked.method == method && asked.path == "apiTokens/two")
    };
    let (gone, made) = (of_two("DELETE").unwrap(), asked.iter().rposition(|a| a.method == "PUT"));
    assert!(gone < made.unwrap(), "revoked first");
    assert!(!asked.iter().any(|asked| asked.path == "apiTokens/one"), "its value is kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_that_calls_is_not_revoked_by_a_restore() {
    let machine = Machine::new().await;
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (stocked(1).await, stocked(1).await);
    succeeded(&archive(&machine, &from, "export", folder.path()).output().unwrap());
    to.heal();
    let mut restore = archive(&machine, &to, "restore", folder.path());
    restore.args(["--yes", "--replace-api-tokens", "--api-tokens"]).arg(folder.path().join("t"));
    let output = restore.output().unwrap();
    assert_eq!(code(&output), 2, "{}", texts(&output));
    assert!(errors(&output).contains("the one that calls"), "{}", texts(&output));
    assert!(to.asked().iter().all(|asked| asked.method == "GET"));
    assert!(!folder.path().join("t").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_restore_is_told_and_goes_on() {
    let machine = Machine::new().await;
    let (from, to) = (stocked(30).await, stocked(0).await);
    let folder = tempfile::tempdir().unwrap();
    succeeded(&archive(&machine, &from, "export", folder.path()).output().unwrap());
    to.rule(|_, asked| match (asked.method.as_str(), asked.path.as_str()) {
        ("PUT", "devices/pump-7") => Fate::Stuck,
        _ => Fate::Served,
    });
    let mut restore = archive(&machine, &to, "restore", folder.path());
    let tokens = folder.path().join("tokens");
    restore.arg("--yes").arg("--api-tokens").arg(&tokens);
    restore.stdout(Stdio::piped()).stderr(Stdio::piped());
    let running = restore.spawn().unwrap();
    to.stuck().await;
    kill(Pid::from_raw(i32::try_from(running.id()).unwrap()), Signal::SIGINT).unwrap();
    let output = running.wait_with_output().unwrap();
    assert_eq!(code(&output), 130, "{}", texts(&output));
    assert!(errors(&output).contains("same command again"), "{}", errors(&output));
    assert!(!errors(&output).contains("lost"), "{}", errors(&output));
    assert!(!tokens.exists(), "no token was made yet");
    to.heal();
    restore.output().unwrap();
    assert_eq!(to.items("devices").len(), 30);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_with_a_part_missing_is_told_by_its_exit_code() {
    let machine = Machine::new().await;
    let from = stocked(3).await;
    from.rule(|_, asked| match asked.path.as_str() {
        "apiTokens" => Fate::Status(403),
        _ => Fate::Served,
    });
    let folder = tempfile::tempdir().unwrap();
    let output = archive(&machine, &from, "export", folder.path()).output().unwrap();
    assert_eq!(code(&output), 3, "{}", texts(&output));
    let report = document(&String::from_utf8(output.stdout).unwrap());
    assert_eq!(report["complete"], false);
    let mut none = archive(&machine, &from, "export", folder.path());
    assert_eq!(code(&none.args(["--concurrency", "0"]).output().unwrap()), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_export_is_gone_on_with() {
    let machine = Machine::new().await;
    let from = stocked(30).await;
    from.rule(|_, asked| match asked.path.as_str() {
        "devices/pump-7/properties" => Fate::Stuck,
        _ => Fate::Served,
    });
    let folder = tempfile::tempdir().unwrap();
    let mut export = archive(&machine, &from, "export", folder.path());
    export.stdout(Stdio::piped()).stderr(Stdio::piped());
    let running = export.spawn().unwrap();
    from.stuck().await;
    kill(Pid::from_raw(i32::try_from(running.id()).unwrap()), Signal::SIGINT).unwrap();
    let output = running.wait_with_output().unwrap();
    assert_eq!(code(&output), 130, "{}", texts(&output));
    assert!(errors(&output).contains("same command again"), "{}", errors(&output));
    from.heal();
    let report = document(&succeeded(&export.output().unwrap()));
    assert_eq!((&report["resumed"], &report["complete"]), (&json!(true), &json!(true)));
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_is_full_costs_one_token_and_no_value_that_was_kept() {
    use std::os::unix::fs::PermissionsExt as _;

    let machine = Machine::new().await;
    let folder = tempfile::tempdir().unwrap();
    let to = with_tokens(&machine, folder.path()).await;
    let file = folder.path().join("tokens");
    let there = |text: &str| {
        fs::write(&file, text).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    };
    let restore = |begin: &str| {
        let mut program = archive(&machine, &to, "restore", folder.path());
        program.args(["--yes", "--replace-api-tokens", "--api-tokens"]).arg(&file);
        let mut shell = Command::new("/bin/sh");
        shell.arg("-c").arg(format!("{begin} exec \"$0\" \"$@\"")).arg(program.get_program());
        shell.args(program.get_args()).env_clear();
        shell.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
        shell.output().unwrap()
    };
    // How long the line of a token is, whose id has three letters as two of them.
    there("");
    succeeded(&restore(""));
    let whole = fs::read_to_string(&file).unwrap();
    let kept = |text: &str| -> Vec<String> {
        let parsed = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        parsed.filter_map(|line| Some(line["id"].as_str()?.to_owned())).collect()
    };
    assert_eq!(kept(&whole), ["one", "two", "three"]);
    let line = whole.lines().next().unwrap().len() + 1;

    // Room for one value and half of another one, behind a line without an end. The
    // limit of a file is in units of 512 bytes.
    let torn = "{\"application\":\"htt";
    let other = |id: &str| {
        format!("{}\n", json!({"application": "https://other.example", "id": id, "token": "t"}))
    };
    let filled = 512 - line - line / 2 - torn.len() - 1 - other("").len();
    let before = format!("{}{torn}", other(&"x".repeat(filled)));
    there(&before);
    let asked = |to: &Application| -> Vec<String> {
        let writes = to.asked().into_iter().filter(|asked| asked.method != "GET");
        writes.map(|asked| format!("{} {}", asked.method, asked.path)).collect()
    };
    to.rule(|_, _| Fate::Served);
    let output = restore("trap '' XFSZ; ulimit -f 1;");
    assert_eq!(code(&output), 3, "{}", texts(&output));
    let report = document(&String::from_utf8(output.stdout.clone()).unwrap());
    let reason = |id: &str| {
        let mut items = report["items"].as_array().unwrap().iter();
        items.find(|item| item["id"] == id).unwrap()["reason"].to_string()
    };
    assert!(reason("two").contains("revoked again"), "{report}");
    assert!(reason("three").contains("left alone"), "{report}");
    assert!(!asked(&to).iter().any(|asked| asked.ends_with("/three")), "{:?}", asked(&to));
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.starts_with(&format!("{before}\n")) && text.ends_with('\n'), "{text}");
    assert_eq!(kept(&text)[1..], ["one"], "{text}");

    // With room again, what is there is left alone.
    to.rule(|_, _| Fate::Served);
    succeeded(&restore(""));
    assert_eq!(kept(&fs::read_to_string(&file).unwrap())[1..], ["one", "two", "three"]);
    assert!(!asked(&to).iter().any(|asked| asked.ends_with("/one")), "{:?}", asked(&to));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_that_is_spelled_otherwise_is_the_same_one() {
    let machine = Machine::new().await;
    let folder = tempfile::tempdir().unwrap();
    let to = with_tokens(&machine, folder.path()).await;
    let file = folder.path().join("tokens");
    let restore = |app: &str| {
        let args = ["iot-central", "--app", app, "restore", "--yes", "--replace-api-tokens"];
        let mut command = machine.bare(&args);
        command.arg("--api-tokens").arg(&file).arg(folder.path());
        succeeded(&command.env("AZURE_IOTCENTRAL_TOKEN", TOKEN).output().unwrap())
    };
    restore(to.url());
    let kept = fs::read_to_string(&file).unwrap();
    assert_eq!(kept.lines().count(), 3);
    let (slash, api) = (format!("{}/", to.url()), format!("{}/api/", to.url()));
    for spelling in [slash, api, to.url().replace("http:", "HTTP:")] {
        to.rule(|_, _| Fate::Served);
        restore(&spelling);
        assert!(to.asked().iter().all(|asked| asked.method == "GET"), "{:?}", to.asked());
        assert_eq!(fs::read_to_string(&file).unwrap(), kept, "{spelling}");
    }
}
