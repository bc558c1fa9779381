//! Differences that are meant: read from `accepted-drift.toml`, each with its
//! reason. An entry that explains nothing any more is stale and is told too.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::difference::{Difference, Kind};
use crate::document::Problem;

/// One accepted difference, or a family of them.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The API it is about; any API of the folder when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api: Option<String>,
    /// What kind of difference.
    pub kind: Kind,
    /// Where: `*` stands for anything within one step, `**` for any steps.
    pub location: String,
    /// What either side says, with the same wildcards; any when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Why this is meant.
    pub reason: String,
}

/// The file's content.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    accepted: Vec<Entry>,
}

/// The entries of one file, and which of them were of use.
#[derive(Debug, Clone, Default)]
pub struct Accepted {
    entries: Vec<(Entry, bool)>,
}

impl Accepted {
    /// Reads the file; a missing one accepts nothing.
    pub fn load(path: &Path, api: &str) -> Result<Self, Problem> {
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(path, &text, api),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(Problem::new(
                path,
                "",
                format!("cannot be read: {error}"),
                "make it a readable file, or remove it",
            )),
        }
    }

    /// Parses the file's text and keeps what concerns `api`.
    pub fn parse(path: &Path, text: &str, api: &str) -> Result<Self, Problem> {
        let file: File = toml::from_str(text).map_err(|error| {
            Problem::new(
                path,
                "",
                format!("cannot be understood: {}", error.to_string().trim_end()),
                "each [[accepted]] has kind, location, reason and, if need be, api and value",
            )
        })?;
        for (index, entry) in file.accepted.iter().enumerate() {
            if entry.reason.trim().is_empty() {
                return Err(Problem::new(
                    path,
                    format!("/accepted/{index}/reason"),
                    format!("`{}` is accepted without a reason", entry.location),
                    "say why the spec is right to differ, or follow the vendor",
                ));
            }
        }
        let concerns = |entry: &Entry| entry.api.as_deref().is_none_or(|name| name == api);
        let entries = file.accepted.into_iter().filter(concerns).map(|entry| (entry, false));
        Ok(Self { entries: entries.collect() })
    }

    /// Splits differences into accepted ones, with the reason, and the rest.
    pub fn apply(
        &mut self,
        differences: Vec<Difference>,
    ) -> (Vec<(Difference, String)>, Vec<Difference>) {
        let (mut accepted, mut rest) = (Vec::new(), Vec::new());
        for difference in differences {
            let mut reason = None;
            for (entry, used) in &mut self.entries {
                if explains(entry, &difference) {
                    *used = true;
                    reason.get_or_insert_with(|| entry.reason.clone());
                }
            }
            match reason {
                Some(reason) => accepted.push((difference, reason)),
                None => rest.push(difference),
            }
        }
        (accepted, rest)
    }

    /// The entries that explained nothing.
    pub fn stale(self) -> Vec<Entry> {
        self.entries.into_iter().filter(|(_, used)| !used).map(|(entry, _)| entry).collect()
    }
}

fn explains(entry: &Entry, difference: &Difference) -> bool {
    if entry.kind == Kind::ShapeOnlyInSpec && difference.kind == Kind::PropertyOnlyInSpec {
        // Whoever has a reason to describe a bare object has it for each
        // property, also once the vendor has begun to describe others.
        let mut object = difference.location.clone();
        object.within.pop();
        return matches(&entry.location, &object.to_string());
    }
    entry.kind == difference.kind
        && matches(&entry.location, &difference.location.to_string())
        && entry.value.as_ref().is_none_or(|value| {
            [&difference.ours, &difference.vendor]
                .into_iter()
                .flatten()
                .any(|text| matches(value, text))
        })
}

/// Whether `text` fits `pattern`: `*` is any run without `/`, `**` any run.
fn matches(pattern: &str, text: &str) -> bool {
    let Some(star) = pattern.find('*') else { return pattern == text };
    let (head, tail) = pattern.split_at(star);
    let Some(rest) = text.strip_prefix(head) else { return false };
    let (deep, tail) = match tail.strip_prefix("**") {
        Some(tail) => (true, tail),
        None => (false, tail.strip_prefix('*').unwrap_or(tail)),
    };
    for (at, letter) in rest.char_indices() {
        if rest.get(at..).is_some_and(|rest| matches(tail, rest)) {
            return true;
        }
        if letter == '/' && !deep {
            return false;
        }
    }
    matches(tail, "")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drift::location::{Location, Root, Step};

    fn status(operation: &str, status: &str) -> Difference {
        let root = Root::Response(operation.to_owned(), status.to_owned());
        let text = Some(status.to_owned());
        Difference::new(Kind::StatusOnlyInSpec, Location::of(root), text, None)
    }

    fn parse(text: &str) -> Result<Accepted, Problem> {
        Accepted::parse(Path::new("accepted-drift.toml"), text, "one")
    }

    #[test]
    fn wildcards_stay_within_a_step_unless_doubled() {
        assert!(matches("a/*/c", "a/b/c"));
        assert!(!matches("a/*", "a/b/c"));
        assert!(matches("a/**", "a/b/c"));
        assert!(matches("a/**/d*", "a/b/c/def"));
        assert!(matches("*", ""));
        assert!(!matches("a", "ab"));
        assert!(matches("operations/*/responses/4*", "operations/X/responses/404"));
    }

    #[test]
    fn entries_explain_by_kind_place_and_value() {
        let mut accepted = parse(
            "[[accepted]]\nkind = \"status-only-in-spec\"\nlocation = \"operations/*/responses/*\"\n\
             value = \"4*\"\nreason = \"declared\"\n",
        )
        .unwrap();
        let (explained, rest) = accepted.apply(vec![status("A", "404"), status("A", "500")]);
        assert_eq!(explained.len(), 1);
        assert_eq!(explained[0].1, "declared");
        assert_eq!(rest[0].ours.as_deref(), Some("500"));
        assert!(accepted.stale().is_empty());
    }

    #[test]
    fn entries_of_other_apis_neither_explain_nor_go_stale() {
        let mut accepted = parse(
            "[[accepted]]\napi = \"two\"\nkind = \"status-only-in-spec\"\nlocation = \"**\"\n\
             reason = \"other\"\n[[accepted]]\napi = \"one\"\nkind = \"status-changed\"\n\
             location = \"**\"\nreason = \"was once\"\n",
        )
        .unwrap();
        assert_eq!(accepted.apply(vec![status("A", "404")]).1.len(), 1);
        assert_eq!(accepted.stale().len(), 1);
    }

    #[test]
    fn a_reason_for_a_shape_is_one_for_its_properties() {
        let mut accepted = parse(
            "[[accepted]]\nkind = \"shape-only-in-spec\"\nlocation = \"schemas/A\"\n\
             reason = \"open\"\n",
        )
        .unwrap();
        let property = |schema: &str| {
            let place = Location::of(Root::Schema(schema.to_owned()));
            let place = place.step(Step::Property("x".to_owned()));
            Difference::new(Kind::PropertyOnlyInSpec, place, None, None)
        };
        let (explained, rest) = accepted.apply(vec![property("A"), property("B")]);
        assert_eq!((explained.len(), rest.len()), (1, 1));
        assert!(accepted.stale().is_empty());
    }

    #[test]
    fn nonsense_is_told_with_a_cure() {
        for text in [
            "[[accepted]]\nkind = \"status-changed\"\nlocation = \"x\"\nreason = \" \"\n",
            "[[accepted]]\nkind = \"no-such-kind\"\nlocation = \"x\"\nreason = \"y\"\n",
            "[[accepted]]\nlocation = \"x\"\n",
            "[[",
        ] {
            let problem = parse(text).unwrap_err();
            assert!(!problem.cure.is_empty(), "{problem}");
        }
    }
}
