//! Files of sign-ins: kept for their owner only, and refused where somebody else could
//! have had a hand in them.

#![allow(clippy::unwrap_used, reason = "the helpers of tests may fail like tests")]

use super::*;
use crate::AuthErrorKind;
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, symlink};
use tempfile::TempDir;

fn key() -> StoreKey {
    StoreKey::new("https://a", "c", "t", "")
}

/// A store in a folder that is not there yet.
fn store() -> (TempDir, FileStore) {
    let outer = tempfile::tempdir().unwrap();
    let store = FileStore::new(outer.path().join("deep/sign-ins"));
    (outer, store)
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

async fn loaded(store: &FileStore) -> Result<Option<String>, AuthError> {
    let kept = store.load(&key()).await?;
    Ok(kept.map(|text| text.expose_secret().to_owned()))
}

#[tokio::test]
async fn what_is_saved_is_loaded_until_it_is_deleted() {
    let (_outer, store) = store();
    assert_eq!(loaded(&store).await.unwrap(), None);
    store.delete(&key()).await.unwrap();
    assert!(!store.folder().exists(), "looking makes nothing");
    for value in ["canary-1", "canary-2"] {
        store.save(&key(), &value.into()).await.unwrap();
        assert_eq!(loaded(&store).await.unwrap().as_deref(), Some(value));
    }
    let file = store.folder().join(file_name(&key()));
    assert_eq!((mode(store.folder()), mode(&file)), (0o700, 0o600));
    assert_eq!(fs::read_dir(store.folder()).unwrap().count(), 1, "nothing is left lying about");
    store.delete(&key()).await.unwrap();
    assert_eq!(loaded(&store).await.unwrap(), None);
}

#[tokio::test]
async fn what_others_may_use_is_refused() {
    let (_outer, store) = store();
    store.save(&key(), &"canary".into()).await.unwrap();
    let file = store.folder().join(file_name(&key()));
    for (path, bad, good) in [
        (store.folder().to_owned(), 0o750, 0o700),
        (store.folder().to_owned(), 0o701, 0o700),
        (file.clone(), 0o640, 0o600),
        (file.clone(), 0o604, 0o600),
        (file, 0o620, 0o600),
    ] {
        set_mode(&path, bad);
        let error = loaded(&store).await.unwrap_err();
        assert_eq!(error.kind(), AuthErrorKind::Config, "{bad:o}");
        assert!(error.to_string().contains("others than its owner"), "{error}");
        assert!(error.hint().unwrap().contains("chmod 700"));
        set_mode(&path, good);
    }
    set_mode(store.folder(), 0o777);
    assert!(store.save(&key(), &"canary".into()).await.is_err());
    assert!(store.delete(&key()).await.is_err());
    assert!(store.lock(&key()).await.is_err());
}

#[tokio::test]
async fn what_belongs_to_somebody_else_is_refused() {
    let (_outer, store) = store();
    store.save(&key(), &"canary".into()).await.unwrap();
    let own = fs::metadata(store.folder()).unwrap().uid();
    for path in [store.folder().join(file_name(&key())), store.folder().to_owned()] {
        // Only an administrator can give files away, as continuous integration
        // in a container is.
        if chown(&path, Some(own + 1), None).is_err() {
            return;
        }
        let error = loaded(&store).await.unwrap_err();
        assert_eq!(error.kind(), AuthErrorKind::Config);
        assert!(error.to_string().contains("somebody else"), "{error}");
        chown(&path, Some(own), None).unwrap();
    }
}

#[tokio::test]
async fn links_are_not_followed() {
    let (outer, store) = store();
    store.save(&key(), &"first".into()).await.unwrap();
    let file = store.folder().join(file_name(&key()));
    let target = outer.path().join("target");
    fs::write(&target, "theirs").unwrap();
    set_mode(&target, 0o600);
    fs::remove_file(&file).unwrap();
    symlink(&target, &file).unwrap();
    let error = loaded(&store).await.unwrap_err();
    assert!(error.to_string().contains("it is a link"), "{error}");
    // A link is replaced, not written through.
    store.save(&key(), &"mine".into()).await.unwrap();
    assert_eq!(fs::read_to_string(&target).unwrap(), "theirs");
    assert_eq!(loaded(&store).await.unwrap().as_deref(), Some("mine"));

    let lock = store.folder().join(format!("{}.lock", key().name()));
    symlink(&target, &lock).unwrap();
    assert!(store.lock(&key()).await.unwrap_err().to_string().contains("link"));

    let linked = FileStore::new(outer.path().join("linked"));
    symlink(store.folder(), linked.folder()).unwrap();
    assert_eq!(loaded(&linked).await.unwrap_err().kind(), AuthErrorKind::Config);
    assert!(linked.save(&key(), &"x".into()).await.is_err());
}

#[tokio::test]
async fn second_names_pipes_folders_and_giants_are_refused() {
    let (outer, store) = store();
    store.save(&key(), &"canary".into()).await.unwrap();
    let file = store.folder().join(file_name(&key()));
    fs::hard_link(&file, outer.path().join("second")).unwrap();
    assert!(loaded(&store).await.unwrap_err().to_string().contains("second name"));
    fs::remove_file(&file).unwrap();

    let made = std::process::Command::new("mkfifo").arg(&file).status().unwrap();
    assert!(made.success());
    set_mode(&file, 0o600);
    assert!(loaded(&store).await.unwrap_err().to_string().contains("no plain file"));
    fs::remove_file(&file).unwrap();

    fs::create_dir(&file).unwrap();
    set_mode(&file, 0o700);
    assert!(loaded(&store).await.unwrap_err().to_string().contains("no plain file"));
    fs::remove_dir(&file).unwrap();

    store.save(&key(), &"x".repeat(70_000).into()).await.unwrap();
    assert!(loaded(&store).await.unwrap_err().to_string().contains("larger"));
}

#[tokio::test]
async fn a_lock_keeps_others_away_until_it_is_dropped() {
    let (_outer, store) = store();
    let other = FileStore::new(store.folder());
    let held = store.lock(&key()).await.unwrap();
    let elsewhere = StoreKey::new("https://a", "c", "t", "other");
    assert!(other.lock(&elsewhere).await.is_ok(), "another key is free");
    let waiting = tokio::spawn(async move { other.lock(&key()).await.map(drop) });
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert!(!waiting.is_finished());
    drop(held);
    waiting.await.unwrap().unwrap();
}

#[tokio::test]
async fn waiting_for_a_lock_ends() {
    let (_outer, store) = store();
    let _held = store.lock(&key()).await.unwrap();
    tokio::time::pause();
    let error = store.lock(&key()).await.unwrap_err();
    assert_eq!(error.kind(), AuthErrorKind::Timeout);
}

#[test]
fn the_standard_folder_follows_the_variables() {
    let with = |pairs: &[(&str, &str)]| {
        let look_up =
            |name: &str| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| value.into());
        Folder::standard("t", look_up).map(|folder| folder.path)
    };
    if cfg!(target_os = "linux") {
        let state = with(&[("XDG_STATE_HOME", "/s"), ("HOME", "/h")]).unwrap();
        assert_eq!(state, Path::new("/s/twinkit/sign-ins"));
        let home = with(&[("XDG_STATE_HOME", "relative"), ("HOME", "/h")]).unwrap();
        assert_eq!(home, Path::new("/h/.local/state/twinkit/sign-ins"));
    }
    assert_eq!(with(&[]).unwrap_err().kind(), AuthErrorKind::Config);
    assert!(with(&[("HOME", "relative")]).is_err());
}
