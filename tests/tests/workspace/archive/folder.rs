//! Which folders an export refuses, and what it leaves alone in them.

use std::path::Path;

use tempfile::TempDir;
use twinkit_iot_central::archive::{ArchiveError, Export, Restore};
use twinkit_tests::support::application::{Application, Fate};

use super::seed::seeded;
use super::{client, contents, manifest};

async fn refused(application: &Application, folder: &Path) -> ArchiveError {
    Export::new(&client(application), folder).run().await.unwrap_err()
}

async fn overwritten(application: &Application, folder: &Path) {
    let report = Export::new(&client(application), folder).overwrite().run().await.unwrap();
    assert!(!report.resumed);
    assert_eq!(manifest(folder)["application"], application.url());
}

#[tokio::test]
async fn finished_and_foreign_exports_are_replaced_on_request_only() {
    let (application, other) = (seeded().await, Application::start().await.unwrap());
    let folder = TempDir::new().unwrap();
    Export::new(&client(&application), folder.path()).run().await.unwrap();
    let before = contents(folder.path());
    assert!(matches!(refused(&application, folder.path()).await, ArchiveError::Finished { .. }));
    let error = refused(&other, folder.path()).await;
    assert!(matches!(error, ArchiveError::OtherApplication { .. }), "{error}");
    assert!(error.to_string().contains(application.url()), "{error}");
    assert_eq!(contents(folder.path()), before);
    overwritten(&other, folder.path()).await;
    overwritten(&application, folder.path()).await;
    assert_eq!(contents(folder.path()), before);
}

#[tokio::test]
async fn other_files_are_never_touched_and_such_of_an_archive_s_names_on_request_only() {
    let application = seeded().await;
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("notes.txt"), "mine").unwrap();
    std::fs::write(folder.path().join("users.ndjson"), "mine").unwrap();
    let error = refused(&application, folder.path()).await;
    assert!(matches!(error, ArchiveError::Occupied { .. }), "{error}");
    assert_eq!(std::fs::read(folder.path().join("users.ndjson")).unwrap(), b"mine");
    overwritten(&application, folder.path()).await;
    assert_eq!(std::fs::read(folder.path().join("notes.txt")).unwrap(), b"mine");
    assert_eq!(super::lines(folder.path(), "users").len(), 26);
}

#[tokio::test]
async fn an_unfinished_export_goes_on_in_the_way_it_was_begun() {
    let application = seeded().await;
    let folder = TempDir::new().unwrap();
    application.rule(|_, asked| match asked.path.as_str() {
        "jobs" => Fate::Status(500),
        _ => Fate::Served,
    });
    refused(&application, folder.path()).await;
    application.heal();
    let client = client(&application);
    let error = Export::new(&client, folder.path()).with_secrets().run().await.unwrap_err();
    assert!(matches!(error, ArchiveError::OtherSecrets { found: false, .. }), "{error}");
    // To overwrite what can be gone on with would lose it.
    let report = Export::new(&client, folder.path()).overwrite().run().await.unwrap();
    assert!(report.resumed);
    assert!(application.asked().iter().all(|asked| !asked.path.starts_with("devices")));
}

#[tokio::test]
async fn what_is_damaged_or_of_another_form_is_refused() {
    let application = seeded().await;
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("manifest.json");
    for (text, expected) in [("{\"format\": 2}", "has format 2"), ("{", "it is no manifest")] {
        std::fs::write(&path, text).unwrap();
        let error = refused(&application, folder.path()).await;
        assert!(error.to_string().contains(expected), "{error}");
        overwritten(&application, folder.path()).await;
    }
    let folder = TempDir::new().unwrap();
    application.rule(|_, asked| match asked.path.as_str() {
        "jobs" => Fate::Status(500),
        _ => Fate::Served,
    });
    refused(&application, folder.path()).await;
    application.heal();
    std::fs::write(folder.path().join("users.ndjson"), "{}\n").unwrap();
    let error = refused(&application, folder.path()).await;
    assert!(error.to_string().contains("users.ndjson: it has 3 bytes"), "{error}");
    overwritten(&application, folder.path()).await;
}

/// Whoever opened a pipe would wait for its other end for ever.
#[cfg(unix)]
#[tokio::test]
async fn what_is_no_plain_file_is_refused_before_it_is_opened() {
    let application = seeded().await;
    for name in ["users.ndjson", "manifest.json", ".lock"] {
        let folder = TempDir::new().unwrap();
        Export::new(&client(&application), folder.path()).run().await.unwrap();
        let path = folder.path().join(name);
        std::fs::remove_file(&path).unwrap();
        let made = std::process::Command::new("mkfifo").arg(&path).status().unwrap();
        assert!(made.success());
        let client = client(&application);
        let error = Restore::new(&client, folder.path()).plan().await.unwrap_err();
        let told = format!("{name}: it is no plain file");
        assert!(error.to_string().ends_with(&told), "{error}");
        if name != "users.ndjson" {
            let error = refused(&application, folder.path()).await;
            assert!(error.to_string().ends_with(&told), "{error}");
        }
    }
}

#[tokio::test]
async fn two_exports_into_one_folder_do_not_meet() {
    let application = seeded().await;
    let folder = TempDir::new().unwrap();
    application.rule(|_, _| Fate::Stuck);
    let client = client(&application);
    tokio::select! {
        result = Export::new(&client, folder.path()).run() => panic!("{result:?}"),
        error = async {
            application.stuck().await;
            refused(&application, folder.path()).await
        } => assert!(matches!(error, ArchiveError::Busy { .. }), "{error}"),
    }
    application.heal();
    Export::new(&client, folder.path()).run().await.unwrap();
}
