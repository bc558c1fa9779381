//! Files of Storage: up, down, gone on with, and into the recycle bin.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Instant;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::json;
use twinkit_emulator::faults::Fault;
use twinkit_itwin::{Secret, UploadPoint};

use super::*;

const BLOCK: usize = 16 * 1024 * 1024;

/// Bytes that tell where they belong.
fn contents(length: usize) -> Vec<u8> {
    (0..length).map(|index| u8::try_from((index / 7) % 251).unwrap()).collect()
}

/// What is kept of transfers that were stopped.
fn records(machine: &Machine) -> Vec<PathBuf> {
    fn below(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                below(&path, found);
            } else if path.extension().is_some_and(|ending| ending == "json")
                && folder.ends_with("transfers")
            {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    below(machine.state.path(), &mut found);
    found
}

fn kept(machine: &Machine) -> usize {
    records(machine).len()
}

/// Bytes of an upload that need not be sent again, as far as that is kept.
fn kept_bytes(machine: &Machine) -> u64 {
    let read = |path: &PathBuf| {
        let record: Value = serde_json::from_str(&std::fs::read_to_string(path).ok()?).ok()?;
        let point = Secret::from(record["point"].as_str()?);
        Some(UploadPoint::from_secret(&point).ok()?.done())
    };
    records(machine).iter().filter_map(read).sum()
}

/// Blocks that the storage service got.
fn blocks(machine: &Machine) -> usize {
    let all = machine.emulator.requests().list();
    let is_block = |query: &str| query.split('&').any(|part| part == "comp=block");
    all.iter().filter(|r| r.method == "PUT" && is_block(&r.query) && r.status == Some(201)).count()
}

/// A file as it comes to stdout.
fn poured(machine: &Machine, itwin_id: &str, spot: &str) -> Vec<u8> {
    let mut download = itwin(machine, &["files", "download", itwin_id, spot, "--out", "-"]);
    let output = download.output().unwrap();
    assert!(output.status.success(), "{}", errors(&output));
    output.stdout
}

#[tokio::test(flavor = "multi_thread")]
async fn files_go_up_and_come_down_as_they_were() {
    let machine = machine().await;
    let itwin = new_itwin(&machine, "Bridge");
    let local = machine.state.path().join("plan.pdf");
    std::fs::write(&local, contents(3000)).unwrap();
    let path = local.display().to_string();

    let missing = run(&machine, &["files", "mkdir", &itwin, "/drawings/2026", "--yes"]);
    assert_eq!(code(&missing), 1);
    assert!(errors(&missing).contains("--parents"), "{}", texts(&missing));
    let folder = made(&machine, &["files", "mkdir", &itwin, "/drawings/2026", "--parents"]);
    assert_eq!((&folder["change"], &folder["path"]), (&json!("create"), &json!("/drawings/2026")));
    let again = made(&machine, &["files", "mkdir", &itwin, "/Drawings/2026", "-p"]);
    assert_eq!((&again["change"], &again["folderId"]), (&json!("none"), &folder["folderId"]));

    let upload = ["files", "upload", &itwin, &path, "--to", "/drawings/2026"];
    let before = writes(&machine).len();
    let plan = done(&machine, &[&upload[..], &["--dry-run"]].concat());
    assert!(plan.contains("3000 bytes") && plan.contains("/drawings/2026"), "{plan}");
    assert_eq!(writes(&machine).len(), before);
    let stored = made(&machine, &upload);
    assert_eq!((&stored["displayName"], &stored["size"]), (&json!("plan.pdf"), &json!(3000)));
    let taken = run(&machine, &[&upload[..], &["--yes"]].concat());
    assert_eq!(code(&taken), 1);
    assert!(errors(&taken).contains("--replace"), "{}", texts(&taken));

    let listed = done(&machine, &["files", "list", &itwin, "drawings/2026"]);
    assert!(listed.contains("plan.pdf") && listed.contains("3000"), "{listed}");
    let root = lines(&done(&machine, &["files", "list", &itwin, "--json"]));
    assert_eq!((&root[0]["type"], &root[0]["displayName"]), (&json!("folder"), &json!("drawings")));

    let out = machine.state.path().join("down");
    std::fs::create_dir(&out).unwrap();
    let spot = "/drawings/2026/PLAN.pdf";
    let out = out.display().to_string();
    let said = done(&machine, &["files", "download", &itwin, spot, "--out", &out]);
    assert!(said.contains("3000 bytes"), "{said}");
    assert_eq!(std::fs::read(Path::new(&out).join("plan.pdf")).unwrap(), contents(3000));
    let there = run(&machine, &["files", "download", &itwin, spot, "--out", &out]);
    assert_eq!(code(&there), 2);
    let id = format!("id:{}", text(&stored, "id"));
    assert!(poured(&machine, &itwin, &id) == contents(3000));

    std::fs::write(&local, contents(10)).unwrap();
    let replaced = made(&machine, &[&upload[..], &["--replace"]].concat());
    assert_eq!((&replaced["id"], &replaced["size"]), (&stored["id"], &json!(10)));

    let delete = ["files", "delete", &itwin, "/drawings/2026", &id];
    let plan = done(&machine, &[&delete[..], &["--dry-run"]].concat());
    assert!(plan.contains("with what is in it") && plan.contains("recycle bin"), "{plan}");
    done(&machine, &["files", "delete", &itwin, spot, "--yes"]);
    let bin = done(&machine, &["files", "bin", &itwin]);
    assert!(bin.contains("plan.pdf"), "{bin}");
    done(&machine, &["files", "restore", &itwin, "plan.pdf", "--yes"]);
    assert!(done(&machine, &["files", "list", &itwin, "/drawings/2026"]).contains("plan.pdf"));
    done(&machine, &["files", "delete", &itwin, "/drawings", "--purge", "--yes"]);
    assert_eq!(done(&machine, &["files", "bin", &itwin, "--json"]), "");
    let gone = run(&machine, &["files", "download", &itwin, spot]);
    assert_eq!(code(&gone), 1);
    assert!(errors(&gone).contains("there is no /drawings"), "{}", texts(&gone));
    for request in machine.emulator.requests().list() {
        let is_contents = request.service == "storage";
        assert!(!is_contents || !request.headers.contains_key("authorization"));
    }
    assert_eq!(kept(&machine), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_was_stopped_goes_on_where_it_was() {
    let machine = machine().await;
    let itwin_id = new_itwin(&machine, "Bridge");
    let local = machine.state.path().join("scan.las");
    let scan = contents(3 * BLOCK + 5);
    std::fs::write(&local, &scan).unwrap();
    let path = local.display().to_string();
    let upload = ["files", "upload", &itwin_id, &path, "--yes"];

    // Asked to stop while one of four blocks is on its way.
    let slow = Fault::delay(Duration::from_secs(60)).on("storage").method("PUT").after(1);
    let slow = machine.emulator.faults().next(slow);
    let mut command = itwin(&machine, &upload);
    let running = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    let all_but_one = (2 * BLOCK + 5) as u64;
    while machine.emulator.faults().served(slow) == 0 || kept_bytes(&machine) < all_but_one {
        assert!(Instant::now() < deadline, "{} bytes are kept", kept_bytes(&machine));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    kill(Pid::from_raw(i32::try_from(running.id()).unwrap()), Signal::SIGINT).unwrap();
    let stopped = running.wait_with_output().unwrap();
    assert_eq!(code(&stopped), 130, "{}", texts(&stopped));
    assert!(errors(&stopped).contains("Run the same command again"), "{}", texts(&stopped));
    assert_no_secret(&stopped);
    let before = kept_bytes(&machine);
    assert!(before < scan.len() as u64 && kept(&machine) == 1, "{before}");

    machine.emulator.faults().clear();
    let done = run(&machine, &upload);
    assert!(succeeded(&done).contains("was uploaded"), "{}", texts(&done));
    let begun = format!("Going on behind {before} bytes");
    assert!(errors(&done).contains(&begun), "{}", texts(&done));
    assert_eq!((blocks(&machine), kept(&machine)), (4, 0));
    assert!(poured(&machine, &itwin_id, "/scan.las") == scan);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_sent_before_the_sign_in_ended_is_not_sent_again() {
    let machine = machine().await;
    let itwin_id = new_itwin(&machine, "Bridge");
    let local = machine.state.path().join("plan.pdf");
    std::fs::write(&local, contents(3000)).unwrap();
    let upload = ["files", "upload", &itwin_id, &local.display().to_string(), "--yes"];
    let ended = Fault::status(401).on("itwin").method("POST").path_contains("complete").always();
    machine.emulator.faults().next(ended);
    let refused = run(&machine, &upload);
    assert_eq!((code(&refused), kept(&machine)), (1, 1), "{}", texts(&refused));
    machine.emulator.faults().clear();
    succeeded(&run(&machine, &upload));
    assert!(poured(&machine, &itwin_id, "/plan.pdf") == contents(3000));
    let all = machine.emulator.requests().list();
    let sent = all.iter().filter(|r| r.service == "storage" && r.method == "PUT");
    assert_eq!(sent.count(), 1);
    assert_eq!(kept(&machine), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_is_gone_on_with_where_no_other_address_could_be_had() {
    let machine = machine().await;
    let itwin_id = new_itwin(&machine, "Bridge");
    let local = machine.state.path().join("plan.pdf");
    std::fs::write(&local, contents(3000)).unwrap();
    let upload = ["files", "upload", &itwin_id, &local.display().to_string(), "--yes"];
    let ended = Fault::status(403).on("storage").method("PUT").always();
    let closed = Fault::status(503).on("itwin").method("POST").path_contains("/files");
    machine.emulator.faults().next(ended);
    machine.emulator.faults().next(closed.after(1).always());
    let refused = run(&machine, &upload);
    assert_eq!((code(&refused), kept(&machine)), (1, 1), "{}", texts(&refused));
    assert!(errors(&refused).contains("503"), "{}", texts(&refused));
    machine.emulator.faults().clear();
    succeeded(&run(&machine, &upload));
    assert!(poured(&machine, &itwin_id, "/plan.pdf") == contents(3000));
    assert_eq!(kept(&machine), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_that_was_stopped_goes_on_where_it_was() {
    let machine = machine().await;
    let itwin_id = new_itwin(&machine, "Bridge");
    let local = machine.state.path().join("scan.las");
    let scan = contents(2 * BLOCK);
    std::fs::write(&local, &scan).unwrap();
    done(&machine, &["files", "upload", &itwin_id, &local.display().to_string(), "--yes"]);

    let out = machine.state.path().join("down.las").display().to_string();
    let download = ["files", "download", &itwin_id, "/scan.las", "--out", &out];
    let short = Fault::truncate(BLOCK).on("storage").method("GET");
    machine.emulator.faults().next(short);
    machine.emulator.faults().next(Fault::status(503).on("storage").method("GET").always());
    let broken = run(&machine, &download);
    assert_eq!(code(&broken), 1, "{}", texts(&broken));
    assert!(errors(&broken).contains("run the same command again"), "{}", texts(&broken));
    assert_eq!(kept(&machine), 1);
    assert!(!Path::new(&out).exists());
    machine.emulator.faults().clear();
    let rest = run(&machine, &download);
    assert!(succeeded(&rest).contains("bytes of scan.las"), "{}", texts(&rest));
    assert!(errors(&rest).contains("Going on behind"), "{}", texts(&rest));
    assert!(std::fs::read(&out).unwrap() == scan);
    let ranges = machine.emulator.requests().list();
    assert!(ranges.last().unwrap().headers.contains_key("range"), "only the rest is asked for");
    assert_eq!(kept(&machine), 0);
    // What is beside the place and of nobody's earlier run is not touched.
    let beside = format!("{out}.part");
    std::fs::write(&beside, "theirs").unwrap();
    let refused = run(&machine, &[&download[..], &["--force"]].concat());
    assert_eq!(code(&refused), 1, "{}", texts(&refused));
    assert!(errors(&refused).contains("down.las.part is there already"), "{}", texts(&refused));
    assert_eq!(std::fs::read(&beside).unwrap(), b"theirs");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_of_what_was_changed_begins_anew_and_one_of_what_is_gone_is_known_again() {
    let machine = machine().await;
    let itwin_id = new_itwin(&machine, "Bridge");
    let local = machine.state.path().join("scan.las");
    let write = |contents: &[u8]| std::fs::write(&local, contents).unwrap();
    write(&contents(2 * BLOCK));
    let path = local.display().to_string();
    done(&machine, &["files", "upload", &itwin_id, &path, "--yes"]);
    let out = machine.state.path().join("down.las").display().to_string();
    let download = ["files", "download", &itwin_id, "/scan.las", "--out", &out];
    let break_off = || {
        let faults = machine.emulator.faults();
        faults.next(Fault::truncate(BLOCK).on("storage").method("GET"));
        faults.next(Fault::status(503).on("storage").method("GET").always());
        assert_eq!((code(&run(&machine, &download)), kept(&machine)), (1, 1));
        faults.clear();
    };

    break_off();
    let gone = machine.emulator.faults().next(Fault::status(404).on("storage").method("GET"));
    assert_eq!((code(&run(&machine, &download)), kept(&machine)), (1, 1));
    assert_eq!(machine.emulator.faults().served(gone), 1);
    let again = run(&machine, &download);
    assert!(succeeded(&again).contains("bytes of scan.las"), "{}", texts(&again));
    assert!(errors(&again).contains("Going on behind"), "{}", texts(&again));

    std::fs::remove_file(&out).unwrap();
    break_off();
    write(&contents(2 * BLOCK + 1));
    done(&machine, &["files", "upload", &itwin_id, &path, "--replace", "--yes"]);
    let changed = run(&machine, &download);
    assert_eq!((code(&changed), kept(&machine)), (1, 0), "{}", texts(&changed));
    assert!(errors(&changed).contains("again to begin anew"), "{}", texts(&changed));
    succeeded(&run(&machine, &download));
    assert!(std::fs::read(&out).unwrap() == contents(2 * BLOCK + 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_run_leaves_the_download_of_the_first_alone() {
    let machine = machine().await;
    let itwin_id = new_itwin(&machine, "Bridge");
    let local = machine.state.path().join("plan.pdf");
    std::fs::write(&local, contents(3000)).unwrap();
    done(&machine, &["files", "upload", &itwin_id, &local.display().to_string(), "--yes"]);

    let out = machine.state.path().join("down.pdf").display().to_string();
    let download = ["files", "download", &itwin_id, "/plan.pdf", "--out", &out];
    let slow = Fault::delay(Duration::from_secs(60)).on("storage").method("GET");
    let slow = machine.emulator.faults().next(slow);
    let mut command = itwin(&machine, &download);
    let running = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    while machine.emulator.faults().served(slow) == 0 {
        assert!(Instant::now() < deadline, "the first run asks for nothing");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let second = run(&machine, &download);
    assert_eq!(code(&second), 1, "{}", texts(&second));
    assert!(errors(&second).contains("another download is at work"), "{}", texts(&second));
    assert_eq!(kept(&machine), 1, "what the first one keeps stays");
    kill(Pid::from_raw(i32::try_from(running.id()).unwrap()), Signal::SIGINT).unwrap();
    assert_eq!(code(&running.wait_with_output().unwrap()), 130);
    machine.emulator.faults().clear();
    succeeded(&run(&machine, &download));
    assert!(std::fs::read(&out).unwrap() == contents(3000));
    assert_eq!(kept(&machine), 0);
}
