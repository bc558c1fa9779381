//! Where a transfer stands, kept for the next run of the same command, should this
//! one be stopped. What is kept holds a signed address: its owner only may read it,
//! and it is thrown away when the transfer is done, or old. It must not know what
//! is transferred.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash as _, Hasher as _};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;
use twinkit::auth::FileStore;

/// What is older serves nobody: signed addresses are good for about an hour, and
/// the storage services forget blocks that were never put together.
const OLD: Duration = Duration::from_secs(24 * 3600);

/// The place of one transfer, told from others by what it is of.
#[derive(Clone)]
pub(super) struct Kept {
    path: PathBuf,
    of: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct Record {
    of: Vec<String>,
    point: String,
}

impl Kept {
    /// The place of the transfer that these words describe; none where nothing can
    /// be kept, which no transfer needs.
    pub(super) fn of(words: Vec<String>) -> Option<Self> {
        let store = FileStore::in_default_folder().ok()?;
        Self::within(&store.folder().parent()?.join("transfers"), words)
    }

    fn within(folder: &Path, words: Vec<String>) -> Option<Self> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder).ok()?;
        sweep(folder);
        let mut hasher = DefaultHasher::new();
        words.hash(&mut hasher);
        let path = folder.join(format!("{:016x}.json", hasher.finish()));
        Some(Self { path, of: words })
    }

    /// The point that was kept, if there is one.
    pub(super) fn read(&self) -> Option<String> {
        let record: Record = serde_json::from_str(&fs::read_to_string(&self.path).ok()?).ok()?;
        (record.of == self.of).then_some(record.point)
    }

    /// Keeps a point in place of the one before. A transfer goes on without.
    pub(super) fn write(&self, point: &str) {
        let Some(folder) = self.path.parent() else { return };
        let record = Record { of: self.of.clone(), point: point.to_owned() };
        let Ok(text) = serde_json::to_string(&record) else { return };
        // Made with rights for its owner only, and replaced as a whole.
        let Ok(mut file) = NamedTempFile::new_in(folder) else { return };
        if file.write_all(text.as_bytes()).is_ok() {
            let _ = file.persist(&self.path);
        }
    }

    /// Throws it away.
    pub(super) fn forget(&self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// Throws away what is old.
fn sweep(folder: &Path) {
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    for file in files {
        let written = file.metadata().and_then(|about| about.modified());
        let age = written.ok().and_then(|written| written.elapsed().ok());
        if age.is_some_and(|age| age > OLD) {
            let _ = fs::remove_file(file.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_is_kept_for_the_same_transfer_only() {
        let folder = tempfile::tempdir().unwrap();
        let kept = |word: &str| Kept::within(folder.path(), vec![word.to_owned()]).unwrap();
        kept("a").write("here");
        assert_eq!(kept("a").read().as_deref(), Some("here"));
        assert_eq!(kept("b").read(), None);
        let of_b = Kept { path: kept("a").path, of: vec!["b".to_owned()] };
        assert_eq!(of_b.read(), None, "another one of the same hash");
        kept("a").forget();
        assert_eq!(kept("a").read(), None);
    }

    #[cfg(unix)]
    #[test]
    fn others_cannot_read_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let state = tempfile::tempdir().unwrap();
        let folder = state.path().join("twinkit").join("transfers");
        let kept = Kept::within(&folder, Vec::new()).unwrap();
        kept.write("canary");
        let rights = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((rights(&folder), rights(&kept.path)), (0o700, 0o600));
    }

    #[test]
    fn what_is_old_is_thrown_away() {
        let folder = tempfile::tempdir().unwrap();
        let kept = |word: &str| Kept::within(folder.path(), vec![word.to_owned()]).unwrap();
        let old = kept("old");
        old.write("there");
        let file = fs::File::options().write(true).open(&old.path).unwrap();
        file.set_modified(std::time::SystemTime::now() - 2 * OLD).unwrap();
        assert_eq!(kept("old").read(), None);
    }
}
