//! The lines of a journal.
//!
//! A line is a checksum, a blank, and a JSON list of entries that belong together;
//! the first one says what the file is. An entry puts or takes one value of one piece:
//! `{"p":"twins","k":"room-1","v":{...}}`, `{"p":"twins","k":"room-1","gone":true}`.
//! A line feed never stands within JSON as it is written here, so lines can be told
//! apart even if one of them is damaged.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::checksum;

/// The version of the format; another one is refused.
const FORMAT: u64 = 1;

/// One value that was put or taken.
#[derive(Debug, Deserialize)]
pub(crate) struct Entry {
    #[serde(rename = "p")]
    pub(crate) piece: String,
    #[serde(rename = "k", default)]
    pub(crate) key: Value,
    #[serde(rename = "v", default)]
    pub(crate) value: Value,
    #[serde(rename = "gone", default)]
    pub(crate) is_gone: bool,
}

#[derive(Serialize)]
struct Put<'e, K, V> {
    p: &'e str,
    k: &'e K,
    v: &'e V,
}

#[derive(Serialize)]
struct Gone<'e, K> {
    p: &'e str,
    k: &'e K,
    gone: bool,
}

#[derive(Serialize, Deserialize)]
struct Head {
    format: u64,
    part: String,
}

/// Entries that are kept together or not at all.
#[derive(Debug, Default)]
pub(crate) struct Commit {
    text: Vec<u8>,
    error: Option<serde_json::Error>,
}

impl Commit {
    pub(crate) fn put<K: Serialize, V: Serialize>(&mut self, piece: &str, key: &K, value: &V) {
        self.add(&Put { p: piece, k: key, v: value });
    }

    pub(crate) fn take<K: Serialize>(&mut self, piece: &str, key: &K) {
        self.add(&Gone { p: piece, k: key, gone: true });
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.text.is_empty() && self.error.is_none()
    }

    fn add<E: Serialize>(&mut self, entry: &E) {
        self.text.push(if self.text.is_empty() { b'[' } else { b',' });
        if let Err(error) = serde_json::to_writer(&mut self.text, entry) {
            self.error = Some(error);
        }
    }

    pub(super) fn line(mut self) -> io::Result<Vec<u8>> {
        if let Some(error) = self.error {
            return Err(error.into());
        }
        self.text.push(b']');
        Ok(line(&self.text))
    }
}

/// What a new file is filled with.
pub(crate) struct Lines<'f> {
    to: BufWriter<&'f mut File>,
    bytes: u64,
}

impl<'f> Lines<'f> {
    pub(super) fn begin(file: &'f mut File, part: &str) -> io::Result<Self> {
        let mut lines = Self { to: BufWriter::new(file), bytes: 0 };
        let head = serde_json::to_vec(&Head { format: FORMAT, part: part.to_owned() })?;
        lines.add(&line(&head))?;
        Ok(lines)
    }

    pub(crate) fn write(&mut self, commit: Commit) -> io::Result<()> {
        if commit.is_empty() { Ok(()) } else { self.add(&commit.line()?) }
    }

    fn add(&mut self, line: &[u8]) -> io::Result<()> {
        self.bytes = self.bytes.saturating_add(length(line));
        self.to.write_all(line)
    }

    pub(super) fn end(mut self) -> io::Result<u64> {
        self.to.flush()?;
        Ok(self.bytes)
    }
}

pub(super) fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

pub(super) fn line(text: &[u8]) -> Vec<u8> {
    let mut line = checksum::with(text);
    line.push(b'\n');
    line
}

/// Refuses a file of another format or part by its first line.
pub(super) fn check_head(text: &[u8], part: &str) -> Result<(), String> {
    let head: Head = serde_json::from_slice(text).map_err(|error| error.to_string())?;
    if head.format != FORMAT {
        return Err(format!(
            "the format is {}, and this version reads {FORMAT} only; use the version that wrote it, \
             or another folder",
            head.format
        ));
    }
    if head.part != part {
        return Err(format!("it is the file of {:?}, not of {part:?}", head.part));
    }
    Ok(())
}
