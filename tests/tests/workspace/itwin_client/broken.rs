//! Transfers that break off, lose their address, or both, and go on.

use std::time::Duration;

use twinkit_emulator::faults::Fault;
use twinkit_emulator::itwin::Config;
use twinkit_itwin::{CallOptions, Contents, ErrorKind, FolderId, ITwin, UploadPoint};
use twinkit_tests::support::itwin_stage::ITwinStage;

use super::support::{
    bare_transfers, bytes, new_briefcase, new_imodel, new_itwin, push, stage_with, steps,
};

/// How long signed addresses hold here.
const SIGNED: Duration = Duration::from_secs(60);

struct Broken {
    stage: ITwinStage,
    root: FolderId,
    /// Ada, who repeats nothing on her own.
    once: ITwin,
}

impl Broken {
    async fn new() -> Self {
        let stage = stage_with(Config { signed_url: SIGNED, ..Config::default() }).await;
        let itwin = new_itwin(&stage.ada, "Bridge").await;
        let root = stage.ada.storage().root_folder(&itwin).await.unwrap();
        let once = stage.ada.with_options(CallOptions::new().no_retry());
        stage.emulator.requests().clear();
        Self { stage, root, once }
    }

    fn fault(&self, fault: Fault) {
        self.stage.emulator.faults().next(fault.on("storage"));
    }
}

/// The steps without repeats of the same, in order of their names.
fn sorted(mut steps: Vec<String>) -> Vec<String> {
    steps.sort();
    steps
}

#[tokio::test]
async fn a_block_whose_connection_broke_is_sent_again() {
    let broken = Broken::new().await;
    broken.fault(Fault::reset().method("PUT").after(1));
    broken.fault(Fault::status(503).method("PUT"));
    let storage = broken.stage.ada.storage();
    let upload = storage.upload_file(&broken.root, "a.bin", bytes(500_000)).in_blocks(100_000);
    let file = upload.run().await.unwrap();
    assert!(storage.fetch_file(&file.id).bytes(500_000).await.unwrap() == bytes(500_000));
    let done = steps(&bare_transfers(&broken.stage));
    let blocks = done.iter().filter(|step| step.contains("block ")).count();
    assert_eq!(blocks, 7, "five and two repeats: {done:?}");
}

#[tokio::test]
async fn an_upload_that_broke_off_is_gone_on_with_by_its_point() {
    let broken = Broken::new().await;
    broken.fault(Fault::reset().method("PUT").after(2).times(1));
    let upload = || {
        let storage = broken.once.storage();
        storage.upload_file(&broken.root, "a.bin", bytes(500_000)).in_blocks(100_000)
    };
    let failed = upload().run().await.unwrap_err();
    assert_eq!(failed.error.kind(), ErrorKind::Transport);
    let point = failed.point.unwrap();
    assert!(point.done() >= 200_000 && point.done() < 500_000, "{point:?}");
    assert!(!point.id().is_empty());
    // As another process would.
    let point = UploadPoint::from_secret(&point.to_secret()).unwrap();
    let missing = (500_000 - point.done()) / 100_000;
    broken.stage.emulator.requests().clear();
    let file = upload().resume(point).run().await.unwrap();
    let done = steps(&bare_transfers(&broken.stage));
    assert_eq!(done.len() as u64, missing + 1, "only what was missing, and the list: {done:?}");
    assert_eq!(broken.stage.calls().len(), 1, "no other file was begun");
    let fetched = broken.stage.ada.storage().fetch_file(&file.id).bytes(500_000).await.unwrap();
    assert!(fetched == bytes(500_000));
}

#[tokio::test]
async fn an_answer_that_was_lost_does_not_double_anything() {
    let broken = Broken::new().await;
    broken.fault(Fault::lose_answer().method("PUT").times(2));
    let storage = broken.stage.ada.storage();
    let file = storage.upload_file(&broken.root, "a.bin", bytes(10)).run().await.unwrap();
    assert_eq!(file.size, Some(10));
    assert_eq!(steps(&bare_transfers(&broken.stage)), ["PUT -", "PUT -", "PUT 201"]);
}

#[tokio::test]
async fn an_address_that_ended_is_replaced_on_the_way_up() {
    let broken = Broken::new().await;
    let clock = broken.stage.emulator.clock().clone();
    let storage = broken.stage.ada.storage();
    let moved = std::sync::atomic::AtomicBool::new(false);
    let upload = storage.upload_file(&broken.root, "a.bin", bytes(500_000)).in_blocks(100_000);
    // Time goes by while the first block is sent.
    let upload = upload.on_progress(move |at| {
        if at.done >= 100_000 && !moved.swap(true, std::sync::atomic::Ordering::SeqCst) {
            clock.advance(SIGNED * 2);
        }
    });
    let file = upload.run().await.unwrap();
    let done = steps(&bare_transfers(&broken.stage));
    assert!(done.iter().any(|step| step.ends_with(" 403")), "{done:?}");
    let begun = broken.stage.calls().into_iter().filter(|call| call.ends_with("/files")).count();
    assert_eq!(begun, 2, "the file was begun anew at another place");
    assert!(storage.fetch_file(&file.id).bytes(500_000).await.unwrap() == bytes(500_000));
    let root =
        storage.list_folder_files().folder_id(&broken.root).items().into_vec().await.unwrap();
    assert_eq!(root.len(), 1, "nothing of the first can be seen");
}

#[tokio::test]
async fn blocks_of_a_changeset_stay_with_their_place() {
    let broken = Broken::new().await;
    let ada = &broken.stage.ada;
    let itwin = new_itwin(ada, "Tunnel").await;
    let imodel = new_imodel(ada, &itwin, "M").await;
    let briefcase = new_briefcase(ada, &imodel).await;
    broken.stage.emulator.requests().clear();
    let clock = broken.stage.emulator.clock().clone();
    let moved = std::sync::atomic::AtomicBool::new(false);
    let push = push(ada, &imodel, briefcase, 1, bytes(500_000)).in_blocks(100_000);
    let push = push.on_progress(move |at| {
        if at.done >= 450_000 && !moved.swap(true, std::sync::atomic::Ordering::SeqCst) {
            clock.advance(SIGNED * 2);
        }
    });
    let pushed = push.run().await.unwrap();
    assert_eq!(pushed.file_size, 500_000);
    let done = steps(&bare_transfers(&broken.stage));
    let good = done.iter().filter(|it| it.contains("block ") && it.ends_with("201")).count();
    assert_eq!(good, 5, "no block that had arrived was sent again: {done:?}");
    assert!(done.iter().any(|step| step.ends_with(" 403")), "{done:?}");
    let fetched = ada.imodels().fetch_changeset(&imodel, 1).bytes(500_000).await.unwrap();
    assert!(fetched == bytes(500_000));
}

#[tokio::test]
async fn a_download_goes_on_behind_what_has_come() {
    let broken = Broken::new().await;
    let storage = broken.stage.ada.storage();
    let file = storage.upload_file(&broken.root, "a.bin", bytes(300_000)).run().await.unwrap();
    broken.stage.emulator.requests().clear();
    broken.fault(Fault::truncate(100_000).method("GET").times(2));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.bin");
    assert_eq!(storage.fetch_file(&file.id).to_file(&path).await.unwrap(), 300_000);
    assert!(std::fs::read(&path).unwrap() == bytes(300_000));
    assert_eq!(
        steps(&bare_transfers(&broken.stage)),
        ["GET 200", "GET bytes=100000- 206", "GET bytes=200000- 206"]
    );
}

#[tokio::test]
async fn a_download_goes_on_at_another_address_when_its_own_has_ended() {
    let broken = Broken::new().await;
    let storage = broken.stage.ada.storage();
    let file = storage.upload_file(&broken.root, "a.bin", bytes(300_000)).run().await.unwrap();
    broken.stage.emulator.requests().clear();
    broken.fault(Fault::truncate(100_000).method("GET"));
    let mut reading = storage.fetch_file(&file.id).open().await.unwrap();
    let mut read = reading.next().await.unwrap().unwrap().to_vec();
    broken.stage.emulator.clock().advance(SIGNED * 2);
    while let Some(piece) = reading.next().await.unwrap() {
        read.extend_from_slice(&piece);
    }
    assert!(read == bytes(300_000));
    let done = steps(&bare_transfers(&broken.stage));
    assert_eq!(done, ["GET 200", "GET bytes=100000- 403", "GET bytes=100000- 206"]);
    let asked = broken.stage.calls().into_iter().filter(|call| call.ends_with("/download"));
    assert_eq!(asked.count(), 2);
}

#[tokio::test]
async fn a_download_is_resumed_by_its_point_and_contents_are_never_mixed() {
    let broken = Broken::new().await;
    let storage = broken.stage.ada.storage();
    let file = storage.upload_file(&broken.root, "a.bin", bytes(300_000)).run().await.unwrap();
    broken.fault(Fault::truncate(100_000).method("GET").times(2));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.bin");
    let fetch = || broken.once.storage().fetch_file(&file.id);
    let point = *fetch().to_file(&path).await.unwrap_err().point.unwrap();
    assert_eq!((point.offset, point.total), (100_000, Some(300_000)));
    assert!(!path.exists(), "what is not whole has not its name");
    let point = *fetch().resume(point).to_file(&path).await.unwrap_err().point.unwrap();
    assert_eq!(point.offset, 200_000);
    assert_eq!(fetch().resume(point.clone()).to_file(&path).await.unwrap(), 300_000);
    assert!(std::fs::read(&path).unwrap() == bytes(300_000));

    // Other contents of the same file are told, and not put behind the first.
    broken.fault(Fault::truncate(100_000).method("GET"));
    let point = *fetch().to_file(&path).await.unwrap_err().point.unwrap();
    storage.replace_file(&file.id, bytes(300_001)).run().await.unwrap();
    let failed = fetch().resume(point).to_file(&path).await.unwrap_err();
    assert_eq!(failed.error.kind(), ErrorKind::PreconditionFailed);
    assert!(failed.error.hint().unwrap().contains("anew"), "{failed}");
    // And the way is free to do so.
    assert!(failed.point.is_none());
    assert_eq!(fetch().to_file(&path).await.unwrap(), 300_001);
    assert!(std::fs::read(&path).unwrap() == bytes(300_001));
}

#[tokio::test]
async fn a_file_that_shrinks_on_the_way_is_told() {
    let broken = Broken::new().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.bin");
    std::fs::write(&path, bytes(500_000)).unwrap();
    let storage = broken.once.storage();
    let upload = storage.upload_file(&broken.root, "a", Contents::file(&path)).in_blocks(100_000);
    let cut = path.clone();
    let upload = upload.on_progress(move |at| {
        if at.done >= 100_000 {
            let _ = std::fs::write(&cut, b"short");
        }
    });
    let failed = upload.run().await.unwrap_err();
    let told = format!("{failed} {:?}", std::error::Error::source(&failed));
    assert!(told.contains("a.bin: the file was changed meanwhile"), "{told}");
    assert!(sorted(steps(&bare_transfers(&broken.stage))).iter().all(|it| !it.contains("list")));
}
