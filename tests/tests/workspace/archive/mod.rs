//! Export and restore of whole IoT Central applications, against one in memory.

mod emulator;
mod export;
mod folder;
mod restore;
mod seed;

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;
use twinkit_iot_central::{CallOptions, Client};
use twinkit_tests::support::application::Application;
use twinkit_tests::support::token;

/// A client that tries everything once, so that each fault is seen.
fn client(application: &Application) -> Client {
    client_of(application, "fixed-token")
}

/// The same with a token of the caller's.
fn client_of(application: &Application, token: &str) -> Client {
    let options = CallOptions::new().no_retry();
    let builder = Client::builder(application.url(), token::fixed(token));
    builder.options(options).build().unwrap()
}

/// The files of a folder; the manifest without its times and the application's
/// address, and no lock.
fn contents(folder: &Path) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let mut text = std::fs::read_to_string(entry.path()).unwrap();
        if name == "manifest.json" {
            let mut manifest: Value = serde_json::from_str(&text).unwrap();
            for member in ["started", "ended", "application"] {
                assert!(manifest.as_object_mut().unwrap().remove(member).is_some(), "{member}");
            }
            text = manifest.to_string();
        }
        if name != ".lock" {
            files.insert(name, text);
        }
    }
    files
}

/// The documents of one file.
fn lines(folder: &Path, collection: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(folder.join(format!("{collection}.ndjson"))).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn manifest(folder: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(folder.join("manifest.json")).unwrap()).unwrap()
}
