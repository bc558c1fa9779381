//! Holding a key against other processes, by a lock on a file. The operating
//! system ends it when the process does.

use std::fs::{File, TryLockError};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::folder::Folder;
use super::{StoreKey, StoreLock};
use crate::{AuthError, AuthErrorKind};

/// A little longer than a refresh with all its attempts.
const PATIENCE: Duration = Duration::from_secs(100);

/// Waits for the lock of `key`. Asks again and again instead of waiting in the
/// operating system, where a thread would be stuck and nobody could give up.
pub(super) async fn hold(folder: Folder, key: &StoreKey) -> Result<StoreLock, AuthError> {
    let name = format!("{}.lock", key.name());
    let source = folder.source;
    let (folder, file) = super::apart(source, move || {
        let file = folder.open_lock(&name)?;
        Ok((folder, file))
    })
    .await?;
    let end = Instant::now() + PATIENCE;
    let mut pause = Duration::from_millis(5);
    loop {
        match File::try_lock(&file) {
            Ok(()) => return Ok(StoreLock::of(file)),
            Err(TryLockError::WouldBlock) if Instant::now() >= end => {
                let seconds = PATIENCE.as_secs();
                let message = format!("another process has held this sign-in for {seconds} s");
                return Err(AuthError::new(AuthErrorKind::Timeout, source, message)
                    .with_hint("find the program that hangs and end it"));
            }
            Err(TryLockError::WouldBlock) => {
                sleep(pause).await;
                pause = (pause * 2).min(Duration::from_millis(200));
            }
            Err(TryLockError::Error(error)) => {
                return Err(folder.failed("holds a file that cannot be locked", error));
            }
        }
    }
}
