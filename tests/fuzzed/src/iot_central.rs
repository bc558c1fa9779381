//! Azure IoT Central: the filters that our client writes, read by the emulator;
//! any text in its languages; and archives of applications.

use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;
use twinkit_emulator::iot_central::fuzzing;
use twinkit_iot_central::Json;
use twinkit_iot_central::archive::fuzzing as archives;
use twinkit_iot_central::preview::Filter;

use crate::support::{Choices, assert_line, text, texts};

const DEEPEST: usize = 5;

/// A device's two texts, a third one, and choices of what is asked of them. The
/// filter that the client writes means in the emulator what it was made of.
pub fn iot_central_filter(data: &[u8]) {
    let Some([name, id, other, choices]) = texts(data) else { return };
    let device = json!({"displayName": name, "id": id, "enabled": true, "level": 7});
    let texts = [name, id, other];
    let (filter, holds) = tree(&mut Choices(choices.as_bytes()), texts, DEEPEST);
    let text = filter.to_string();
    assert_eq!(fuzzing::list_filter(&text, &device), Ok(holds), "{text}");
}

/// A filter, and whether it holds.
fn tree(choices: &mut Choices<'_>, texts: [&str; 3], depth: usize) -> (Filter, bool) {
    let kind = choices.below(10);
    if depth > 0 && kind >= 8 {
        let (left, left_holds) = tree(choices, texts, depth - 1);
        let (right, right_holds) = tree(choices, texts, depth - 1);
        return if kind == 8 {
            (left.and(right), left_holds && right_holds)
        } else {
            (left.or(right), left_holds || right_holds)
        };
    }
    let (field, found) = [("displayName", texts[0]), ("id", texts[1])][choices.below(2)];
    let value = texts[choices.below(3)];
    let number = i64::from(choices.next()) - 128;
    match kind {
        0 => (Filter::eq(field, value), found == value),
        1 => (Filter::ne(field, value), found != value),
        2 => (Filter::lt(field, value), found < value),
        3 => (Filter::le(field, value), found <= value),
        4 => (Filter::gt(field, value), found > value),
        5 => (Filter::contains(field, value), found.contains(value)),
        6 => (Filter::eq("enabled", number > 0), number > 0),
        _ => (Filter::ge("level", number), 7 >= number),
    }
}

/// Any text as the filter of a list, of a device group, and as a query. Brackets
/// around a filter change nothing.
pub fn iot_central_text(data: &[u8]) {
    let Some(text) = text(data) else { return };
    let device = json!({"displayName": "it's", "id": "d-1", "level": 7, "scopes": ["a", "b"]});
    let holds = fuzzing::list_filter(text, &device);
    if let (Ok(holds), Ok(same)) = (&holds, fuzzing::list_filter(&format!("({text})"), &device)) {
        assert_eq!(same, *holds, "{text}");
    }
    let _ = fuzzing::group_filter(text, &json!({"$displayName": "it's", "$id": "d-1"}));
    let group = format!("SELECT * FROM devices WHERE {text}");
    let bracketed = format!("SELECT * FROM devices WHERE ({text})");
    if let (Ok(holds), Ok(same)) =
        (fuzzing::group_filter(&group, &device), fuzzing::group_filter(&bracketed, &device))
    {
        assert_eq!(same, holds, "{text}");
    }
    let _ = fuzzing::query(text);
}

/// An archive: its manifest, NUL, the file of its devices. What is read is what
/// was written; what is damaged is told in one line. A line goes back as it came.
pub fn archive(data: &[u8]) {
    thread_local! {
        static FOLDER: TempDir = tempfile::tempdir().unwrap();
    }
    let at = data.iter().position(|byte| *byte == 0).unwrap_or(data.len());
    let (manifest, devices) = (&data[..at], data.get(at + 1..).unwrap_or_default());
    FOLDER.with(|folder| {
        let folder = folder.path();
        fs::write(folder.join("manifest.json"), manifest).unwrap();
        fs::write(folder.join("devices.ndjson"), devices).unwrap();
        match archives::contents(folder) {
            Ok(contents) => {
                for (collection, ids) in contents {
                    let Ok(ids) = ids else { continue };
                    let lines = devices.split(|byte| *byte == b'\n').count() - 1;
                    assert!(ids.len() <= lines || ids.is_empty(), "{collection:?}: {ids:?}");
                }
            }
            Err(error) => assert_line(&error.to_string()),
        }
    });
    for line in text(devices).unwrap_or_default().lines() {
        document(line);
    }
}

/// A document as a line, and its members read and written again.
fn document(text: &str) {
    let Ok(json) = Json::from_text(text) else { return };
    let line = archives::line(&json);
    let (content, end) = line.split_at(line.len() - 1);
    assert!(end == "\n" && !content.contains('\n'), "{line:?}");
    let value = |text: &str| serde_json::from_str::<Value>(text).ok();
    assert_eq!(value(content), value(text), "{text}");
    // Names are written anew, with no more escapes than they need.
    if let Some(again) = archives::again(content) {
        assert_eq!(value(&again), value(content), "{text}");
        assert_eq!(archives::again(&again).as_ref(), Some(&again), "{text}");
    }
}
