//! Where a tool is. It is looked for along `PATH` by ourselves and run by its
//! absolute path, so that a program planted in the folder somebody happens to
//! work in is never taken.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

/// The first program of one of these names, in the order of the names and then
/// of `path`. Empty and relative folders are passed over, and so is `current`.
pub(super) fn find(names: &[&str], path: &OsStr, current: Option<&Path>) -> Option<PathBuf> {
    let current = current.map(real);
    let folders: Vec<PathBuf> = std::env::split_paths(path)
        .filter(|folder| folder.is_absolute() && Some(real(folder)) != current)
        .collect();
    let mut all = names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    all.find(|program| is_program(program))
}

fn real(folder: &Path) -> PathBuf {
    folder.canonicalize().unwrap_or_else(|_| folder.to_owned())
}

fn is_program(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| metadata.is_file() && is_executable(&metadata))
}

#[cfg(unix)]
fn is_executable(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    metadata.permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
fn is_executable(_: &fs::Metadata) -> bool {
    true
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    fn plant(folder: &Path, name: &str, mode: u32) {
        fs::create_dir_all(folder).unwrap();
        fs::write(folder.join(name), "").unwrap();
        fs::set_permissions(folder.join(name), fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_planted_program_is_never_taken() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        let (work, link, data, good) =
            (root.join("work"), root.join("link"), root.join("data"), root.join("good"));
        plant(&work, "az", 0o755);
        plant(&data, "az", 0o644);
        fs::create_dir_all(root.join("folder/az")).unwrap();
        std::os::unix::fs::symlink(&work, &link).unwrap();
        let folders = [
            Path::new(""),
            Path::new("."),
            Path::new("work"),
            &work,
            &link,
            &data,
            &root.join("folder"),
            &good,
        ];
        let path = std::env::join_paths(folders).unwrap();
        assert_eq!(find(&["az"], &path, Some(&work)), None);
        plant(&good, "az", 0o755);
        assert_eq!(find(&["az"], &path, Some(&work)), Some(good.join("az")));
        assert_eq!(find(&["az"], &path, None), Some(work.join("az")));
        assert_eq!(find(&["az"], OsStr::new(""), Some(&work)), None);
    }

    #[test]
    fn names_are_tried_in_their_order() {
        let root = tempfile::tempdir().unwrap();
        let (one, two) = (root.path().join("one"), root.path().join("two"));
        plant(&one, "powershell", 0o755);
        plant(&two, "pwsh", 0o755);
        let path = std::env::join_paths([&one, &two]).unwrap();
        let names = ["pwsh", "powershell"];
        assert_eq!(find(&names, &path, None), Some(two.join("pwsh")));
        assert_eq!(find(&names[1..], &path, None), Some(one.join("powershell")));
    }
}
