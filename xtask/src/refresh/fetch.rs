//! Takes a vendor's file: from a folder, or over the network with `curl`.

use std::path::Path;
use std::process::Command;

use super::sources::{Source, UNKNOWN};
use crate::digest::sha256;
use crate::document::Problem;

/// A specification larger than this is something else.
const MAX_BYTES: &str = "33554432";
/// Seconds after which a download is given up.
const MAX_SECONDS: &str = "120";

/// A vendor's file as it is now.
#[derive(Debug)]
pub struct Taken {
    /// Its text.
    pub text: String,
    /// Its SHA-256.
    pub sha256: String,
    /// The commit it is from, if known.
    pub commit: String,
}

/// Takes the file from `folder`. Whoever gives the folder may name the commit;
/// else the pinned one holds as long as the file is the pinned one.
pub fn from_folder(folder: &Path, source: &Source, commit: Option<&str>) -> Result<Taken, Problem> {
    let path = folder.join(&source.file);
    let bytes = std::fs::read(&path).map_err(|error| {
        Problem::new(
            &path,
            "",
            format!("cannot be read: {error}"),
            "put the vendor's file there under this name, or leave --from out to download it",
        )
    })?;
    let taken = taken(&path, bytes)?;
    let pinned = if taken.sha256 == *source.sha256.get_ref() {
        source.commit.get_ref().as_str()
    } else {
        UNKNOWN
    };
    Ok(Taken { commit: commit.unwrap_or(pinned).to_owned(), ..taken })
}

/// Downloads the file at `commit`, or at the pinned commit, where it must then
/// be what it was.
pub fn download(source: &Source, commit: Option<&str>) -> Result<Taken, Problem> {
    let pinned = source.commit.get_ref();
    let at = commit.unwrap_or(pinned);
    let address = source.address_at(at);
    if at == UNKNOWN {
        return Err(Problem::new(
            address,
            "",
            "the commit of the file is not known",
            "name one with --commit, or take the file from a folder with --from",
        ));
    }
    let output = Command::new("curl")
        .args(["--fail", "--silent", "--show-error", "--location", "--proto", "=https"])
        .args(["--max-time", MAX_SECONDS, "--max-filesize", MAX_BYTES, "--"])
        .arg(&address)
        .output()
        .map_err(|error| {
            Problem::new(
                &address,
                "",
                format!("`curl` cannot be started: {error}"),
                "install curl, or take the file from a folder with --from",
            )
        })?;
    if !output.status.success() {
        return Err(Problem::new(
            &address,
            "",
            format!("cannot be fetched: {}", String::from_utf8_lossy(&output.stderr).trim()),
            "check the address in sources.toml and the network, or take the file from a folder \
             with --from",
        ));
    }
    let taken = taken(Path::new(&address), output.stdout)?;
    if at == pinned && taken.sha256 != *source.sha256.get_ref() {
        return Err(Problem::new(
            &address,
            "",
            format!(
                "is not the pinned file: its SHA-256 is {}, not {}",
                taken.sha256,
                source.sha256.get_ref()
            ),
            "a commit does not change: check `commit` and `sha256` in sources.toml; to take \
             another state, name it with --commit",
        ));
    }
    Ok(Taken { commit: at.to_owned(), ..taken })
}

fn taken(path: &Path, bytes: Vec<u8>) -> Result<Taken, Problem> {
    let sha256 = sha256(&bytes);
    let text = String::from_utf8(bytes).map_err(|_| {
        Problem::new(path, "", "is not UTF-8 text", "take the vendor's JSON or YAML file itself")
    })?;
    Ok(Taken { text, sha256, commit: String::new() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::refresh::sources;

    fn source(commit: &str) -> Source {
        let text = format!(
            "[[source]]\napi = \"a\"\nfile = \"a.json\"\ncommit = \"{commit}\"\nsha256 = \"00\"\n\
             address = \"https://127.0.0.1:1/{{commit}}\"\nlicence = \"MIT\"\nretrieved = \"\"\n"
        );
        sources::parse(Path::new("sources.toml"), &text).unwrap().files.remove(0)
    }

    #[test]
    fn what_cannot_be_fetched_says_what_else_to_do() {
        // Nothing listens on port 1; without curl the cure is the same.
        let problem = download(&source("c1"), Some("c2")).unwrap_err();
        assert_eq!(problem.file, Path::new("https://127.0.0.1:1/c2"));
        assert!(problem.cure.contains("--from"), "{problem}");
        let problem = download(&source(UNKNOWN), None).unwrap_err();
        assert!(problem.cure.contains("--commit"), "{problem}");
    }

    #[test]
    fn a_changed_file_from_a_folder_has_no_known_commit() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.json"), "{}").unwrap();
        let taken = from_folder(folder.path(), &source("c1"), None).unwrap();
        assert_eq!((taken.text.as_str(), taken.commit.as_str()), ("{}", UNKNOWN));
        let named = from_folder(folder.path(), &source("c1"), Some("c2")).unwrap();
        assert_eq!(named.commit, "c2");
        std::fs::write(folder.path().join("a.json"), [0xff, 0xfe]).unwrap();
        assert!(from_folder(folder.path(), &source("c1"), None).is_err());
    }
}
