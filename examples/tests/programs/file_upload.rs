//! Uploads that break off, and go on.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::json;
use twinkit::itwin::ITwin;
use twinkit::itwin::itwins::types::ITwinCreate;
use twinkit::itwin::reality_management::types::RealityDataCreate;
use twinkit_emulator::Emulator;
use twinkit_emulator::faults::Fault;
use twinkit_examples::platform;

use crate::process::{Program, succeeded};

const MIB: usize = 1024 * 1024;
const BLOCKS: usize = 12;

fn contents() -> Vec<u8> {
    (0..BLOCKS * MIB).map(|at| (at ^ (at >> 8) ^ (at >> 16)) as u8).collect()
}

async fn new_itwin(client: &ITwin) -> String {
    let new: ITwinCreate = serde_json::from_value(
        json!({"class": "Thing", "subClass": "Asset", "displayName": "Bridge"}),
    )
    .unwrap();
    client.itwins().create_itwin().body(new).send().await.unwrap().into_inner().itwin.id
}

fn upload(emulator: &Emulator, file: &Path, itwin: &str) -> Command {
    let mut command = Program::FileUpload.command();
    command.arg(file).args(["--itwin", itwin]).envs(emulator.env());
    command
}

fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Blocks that arrived.
fn arrived(emulator: &Emulator) -> usize {
    let log = emulator.requests().list();
    let blocks = log.iter().filter(|it| it.query.contains("comp=block&"));
    blocks.filter(|it| it.status == Some(201)).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_broke_off_goes_on_where_it_was() {
    let emulator = Emulator::start().await.unwrap();
    let client = platform::itwin_of(&emulator).unwrap();
    let itwin = new_itwin(&client).await;
    let folder = tempfile::tempdir().unwrap();
    let (file, kept) = (folder.path().join("scan.las"), folder.path().join("scan.las.upload"));
    std::fs::write(&file, contents()).unwrap();

    let broken = Fault::status(400).on("storage").method("PUT").after(5).always();
    let broken = emulator.faults().next(broken);
    let output = upload(&emulator, &file, &itwin).output().unwrap();
    let told = errors(&output);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("bytes are there; run again to go on"), "{told}");
    assert!(!told.contains("sig="), "{told}");
    let first = arrived(&emulator);
    assert!((1..BLOCKS).contains(&first), "{first}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&kept).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "its owner's alone");
    }

    assert!(emulator.faults().cancel(broken));
    emulator.requests().clear();
    let output = upload(&emulator, &file, &itwin).output().unwrap();
    let said = succeeded(&output);
    let told = errors(&output);
    assert!(told.contains("going on at ") && told.contains("scan.las: 100 %"), "{told}");
    assert!(arrived(&emulator) < BLOCKS, "not from the beginning");
    assert!(!kept.exists());
    let id = said.split("file ").nth(1).and_then(|rest| rest.split(' ').next()).unwrap();
    let stored = client.storage().fetch_file(id).bytes(BLOCKS * MIB).await.unwrap();
    assert!(stored == contents());
}

#[tokio::test(flavor = "multi_thread")]
async fn reality_data_take_files_as_well() {
    let emulator = Emulator::start().await.unwrap();
    let client = platform::itwin_of(&emulator).unwrap();
    let itwin = new_itwin(&client).await;
    let new: RealityDataCreate = serde_json::from_value(
        json!({"iTwinId": itwin, "displayName": "Scan", "type": "PointCloud"}),
    )
    .unwrap();
    let reality = client.reality_management();
    let made = reality.create_reality_data().body(new).send().await.unwrap();
    let data = made.into_inner().reality_data.id;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("scan.las");
    std::fs::write(&file, contents()).unwrap();
    let output = upload(&emulator, &file, &itwin).args(["--reality-data", &data]).output().unwrap();
    succeeded(&output);
    let fetched = reality.fetch_file(&data, &itwin, "scan.las").bytes(BLOCKS * MIB).await.unwrap();
    assert!(fetched == contents());
}
