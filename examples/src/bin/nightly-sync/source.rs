//! The building as the source tells it. It must not know what is at the service.

use std::collections::BTreeMap;

use anyhow::{Context as _, bail};
use serde::Deserialize;
use serde_json::{Map, Value};
use twinkit::digital_twins::{ModelId, TwinId};

/// The twins of a building by id, with the relationships that start from them.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) twins: BTreeMap<TwinId, Record>,
}

/// One twin of the source.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Record {
    pub(crate) id: TwinId,
    pub(crate) model: ModelId,
    /// Those that the source knows; null takes one away.
    #[serde(default)]
    pub(crate) properties: Map<String, Value>,
    #[serde(default)]
    pub(crate) relationships: Vec<Link>,
}

impl Record {
    /// The properties of a twin that is to be made.
    pub(crate) fn set_properties(&self) -> BTreeMap<&str, &Value> {
        let set = self.properties.iter().filter(|(_, value)| !value.is_null());
        set.map(|(name, value)| (name.as_str(), value)).collect()
    }
}

/// A relationship that starts from a record's twin.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Link {
    pub(crate) name: String,
    pub(crate) target: TwinId,
}

impl Source {
    /// Reads a JSON array, or NDJSON, and looks for what would do harm: twins of other
    /// buildings, twins told twice, relationships to nowhere, no twins at all.
    pub(crate) fn parse(text: &str, building: &str) -> anyhow::Result<Self> {
        // Some editors start files with a byte-order mark, which JSON forbids.
        let text = text.trim_start_matches('\u{feff}').trim();
        let records: Vec<Record> = match text.starts_with('[') {
            true => serde_json::from_str(text).context("the source is no list of twins")?,
            false => lines(text)?,
        };
        let mut twins = BTreeMap::new();
        for record in records {
            if !is_of(building, &record.id) {
                bail!("the twin {} is not of {building}: its id must say so", record.id);
            }
            if let Some(twice) = twins.insert(record.id.clone(), record) {
                bail!("the twin {} is in the source twice", twice.id);
            }
        }
        if twins.is_empty() {
            bail!("there are no twins in the source: nobody means to delete a whole building so");
        }
        for (id, record) in &twins {
            for link in &record.relationships {
                if is_of(building, &link.target) && !twins.contains_key(&link.target) {
                    bail!("{id} {} {}, which is not in the source", link.name, link.target);
                }
            }
        }
        Ok(Self { twins })
    }
}

fn lines(text: &str) -> anyhow::Result<Vec<Record>> {
    let numbered = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    numbered
        .map(|(number, line)| {
            serde_json::from_str(line).with_context(|| format!("line {number} is no twin"))
        })
        .collect()
}

/// How the ids of a building's twins begin.
pub(crate) fn prefix(building: &str) -> String {
    format!("{building}-")
}

fn is_of(building: &str, id: &TwinId) -> bool {
    id.as_str().starts_with(&prefix(building))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: &str = r#"{"id": "tower-room-1", "model": "dtmi:com:example:Room;1"}"#;

    #[test]
    fn a_list_and_lines_are_read_alike() {
        for text in [format!("[{ROOM}]"), format!("\u{feff}{ROOM}\n\n")] {
            assert_eq!(Source::parse(&text, "tower").unwrap().twins.len(), 1, "{text}");
        }
    }

    #[test]
    fn what_would_do_harm_is_refused() {
        let dangling = r#"{"id": "tower-a", "model": "dtmi:com:example:Room;1",
            "relationships": [{"name": "contains", "target": "tower-b"}]}"#
            .replace('\n', "");
        for (text, said) in [
            ("", "no twins"),
            ("[]", "no twins"),
            (&format!("{ROOM}\n{ROOM}"), "twice"),
            (&ROOM.replace("tower-", "bridge-"), "not of tower"),
            (&format!("{ROOM}\n{{"), "line 2"),
            (&ROOM.replace("model", "modle"), "line 1"),
            (&dangling, "not in the source"),
        ] {
            let error = format!("{:#}", Source::parse(text, "tower").unwrap_err());
            assert!(error.contains(said), "{text}: {error}");
        }
    }
}
