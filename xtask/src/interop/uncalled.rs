//! Why no vendor's program calls an operation, as `tests/interop/uncalled.toml` has it.
//! It must not know what was called.

use std::path::PathBuf;

use anyhow::{Context as _, ensure};
use serde::Deserialize;

use super::operations::{Operation, Operations};
use crate::catalogue;

/// All reasons.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reasons {
    reason: Vec<Reason>,
}

/// One reason, for operations of an API.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Reason {
    api: String,
    /// Ids; all operations of the API without.
    #[serde(default)]
    operations: Vec<String>,
    because: String,
}

impl Reasons {
    /// Reads the file; whatever it names must exist.
    pub fn read(known: &Operations) -> anyhow::Result<Self> {
        let path = path();
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        Self::parse(&text, known).with_context(|| format!("in {}", path.display()))
    }

    fn parse(text: &str, known: &Operations) -> anyhow::Result<Self> {
        let reasons: Self = toml::from_str(text)?;
        for Reason { api, operations, .. } in &reasons.reason {
            catalogue::find(api)?;
            for id in operations {
                let is = |it: &Operation| it.api == api && it.row.id == *id;
                ensure!(known.iter().any(is), "{api} has no operation {id}");
            }
        }
        Ok(reasons)
    }

    /// Why an operation is not called; the first reason that names it counts.
    pub fn of(&self, operation: &Operation) -> Option<&str> {
        let names = |reason: &&Reason| {
            let operations = &reason.operations;
            reason.api == operation.api
                && (operations.is_empty() || operations.contains(&operation.row.id))
        };
        self.reason.iter().find(names).map(|reason| reason.because.as_str())
    }
}

fn path() -> PathBuf {
    catalogue::root().join("tests/interop/uncalled.toml")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reasons_name_what_exists() {
        Reasons::read(Operations::for_tests()).unwrap();
    }

    #[test]
    fn an_operation_comes_before_its_api() {
        let known = Operations::for_tests();
        let text = "[[reason]]\napi = 'digital-twins'\noperations = ['query_twins']\n\
                    because = 'one'\n[[reason]]\napi = 'digital-twins'\nbecause = 'all'\n";
        let reasons = Reasons::parse(text, known).unwrap();
        let of = |api: &str, id: &str| {
            let operation = known.iter().find(|it| it.api == api && it.row.id == id).unwrap();
            reasons.of(operation).map(str::to_owned)
        };
        assert_eq!(of("digital-twins", "query_twins").as_deref(), Some("one"));
        assert_eq!(of("digital-twins", "list_models").as_deref(), Some("all"));
        assert_eq!(of("iot-central", "list_devices"), None);
        for (wrong, told) in [
            ("[[reason]]\napi = 'x'\nbecause = ''", "there is no API named `x`"),
            (
                "[[reason]]\napi = 'digital-twins'\noperations = ['y']\nbecause = ''",
                "digital-twins has no operation y",
            ),
        ] {
            let error = Reasons::parse(wrong, known).unwrap_err().to_string();
            assert!(error.contains(told), "{error}");
        }
    }
}
