//! The challenge of Azure Arc's agent, which names a file to read.

use std::fs;
use std::path::PathBuf;

use reqwest::header::{HeaderMap, HeaderValue, WWW_AUTHENTICATE};
use tempfile::TempDir;
use twinkit_auth::{AuthError, ExposeSecret, SecretString, fuzzing};

use crate::support::{assert_line, text};

const KEY: &str = "the-key";

/// What stands where no challenge may lead.
const CANARY: &str = "canary";

/// Stands for the agent's folder in what is fed, as the true one varies.
const FOLDER: &str = "FOLDER";

thread_local! {
    static FILES: TempDir = files();
}

/// `WWW-Authenticate` headers, NUL between several. Only the one key in the agent's
/// folder that is an ordinary file of its size is ever read.
pub fn arc_challenge(data: &[u8]) {
    let Some(text) = text(data) else { return };
    let (values, key) = answered(text);
    match key {
        Ok(key) => {
            assert_eq!(key.expose_secret(), KEY);
            let [value] = values.as_slice() else { panic!("several challenges: {values:?}") };
            let bare = value.to_str().unwrap().replace([' ', '\t', '"'], "");
            assert!(bare.to_ascii_lowercase().starts_with("basicrealm="), "{bare}");
            assert!(bare.ends_with("own.key"), "{bare}");
        }
        Err(error) => {
            let line = error.to_string();
            assert_line(&line);
            for shown in [line, format!("{error:?}")] {
                assert!(!shown.contains(KEY) && !shown.contains(CANARY), "{shown}");
            }
        }
    }
}

/// The headers, and the key that they lead to.
fn answered(text: &str) -> (Vec<HeaderValue>, Result<SecretString, AuthError>) {
    let folder = FILES.with(agent_folder);
    let real = folder.to_str().unwrap();
    let values: Vec<HeaderValue> =
        text.split('\0').filter_map(|part| part.replace(FOLDER, real).parse().ok()).collect();
    let headers: HeaderMap = values.iter().map(|value| (WWW_AUTHENTICATE, value.clone())).collect();
    (values, fuzzing::arc_challenge(&headers, &folder))
}

fn agent_folder(files: &TempDir) -> PathBuf {
    files.path().join("tokens")
}

/// The agent's folder, and all around it that it is not.
fn files() -> TempDir {
    let files = TempDir::new().unwrap();
    let inside = agent_folder(&files);
    let beside = files.path().join("tokens2");
    for folder in [&inside, &beside, &inside.join("deep"), &inside.join("folder.key")] {
        fs::create_dir_all(folder).unwrap();
    }
    fs::write(inside.join("own.key"), format!("{KEY}\r\n")).unwrap();
    for (name, held) in [
        ("other.txt", CANARY.to_owned()),
        ("deep/low.key", CANARY.to_owned()),
        ("folder.key/low.key", CANARY.to_owned()),
        ("../up.key", CANARY.to_owned()),
        ("../tokens2/near.key", CANARY.to_owned()),
        ("blank.key", " \n".to_owned()),
        ("lines.key", format!("{CANARY}\n{CANARY}")),
        ("large.key", CANARY.repeat(1000)),
    ] {
        fs::write(inside.join(name), held).unwrap();
    }
    #[cfg(unix)]
    std::os::unix::fs::symlink(beside.join("near.key"), inside.join("link.key")).unwrap();
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Without it, a target that reads nothing would pass as well.
    #[test]
    fn one_key_is_read_and_the_others_are_there_to_be_refused() {
        let (_, key) = answered("Basic realm=\"FOLDER/own.key\"");
        assert_eq!(key.unwrap().expose_secret(), KEY);
        for (path, fault) in [
            ("FOLDER/lines.key", "does not hold a key"),
            ("FOLDER/blank.key", "does not hold a key"),
            ("FOLDER/large.key", "larger than 4096 bytes"),
            ("FOLDER/folder.key", "no ordinary file"),
            ("FOLDER/other.txt", "does not end in .key"),
            ("FOLDER/deep/low.key", "does not lie in the agent's folder"),
            ("FOLDER2/near.key", "does not lie in the agent's folder"),
            ("FOLDER/../up.key", "climbs through folders"),
            #[cfg(unix)]
            ("FOLDER/link.key", "does not lie in the agent's folder"),
        ] {
            let error = answered(&format!("Basic realm={path}")).1.unwrap_err().to_string();
            assert!(error.contains(fault), "{path}: {error}");
        }
    }
}
