//! What a part of `tests/interop` left in its folder: its exit code, its steps, and what
//! the emulator was asked. It must not know what a request means.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

/// A part after its run.
#[derive(Debug, Clone)]
pub struct Part {
    pub name: String,
    /// None if the part did not come to its end, or was never run.
    pub exit_code: Option<i32>,
    pub steps: Vec<Step>,
    /// None if the part starts no emulator, or the requests could not be had.
    pub requests: Option<Vec<Request>>,
}

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    Passed,
    Failed,
    NotRun,
}

/// One step of a part, as `steps.py` and `steps.mjs` note it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    pub step: String,
    pub outcome: Outcome,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    #[serde(default, skip_serializing)]
    pub begin_millis: Option<u64>,
    #[serde(default, skip_serializing)]
    pub end_millis: Option<u64>,
}

/// A request as the emulator recorded it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Request {
    pub received_millis: u64,
    pub service: String,
    pub method: String,
    pub path: String,
    pub query: String,
    /// By name in lower case.
    pub headers: BTreeMap<String, String>,
    /// None if the connection was dropped.
    pub status: Option<u16>,
    /// The scheduled fault that it met.
    pub fault: Option<u64>,
}

impl Request {
    /// Whether the part sent it itself, for want of a method of the vendor's program, or
    /// our own program did.
    pub fn is_ours(&self) -> bool {
        let agent = self.headers.get("user-agent");
        self.headers.contains_key("x-interop")
            || agent.is_some_and(|agent| agent.starts_with("twinkit"))
    }
}

impl Part {
    /// What the part called `name` left in `folder`.
    pub fn read(folder: &Path, name: &str) -> anyhow::Result<Self> {
        let text = |file: &str| -> anyhow::Result<Option<String>> {
            let path = folder.join(file);
            match std::fs::read_to_string(&path) {
                Ok(text) => Ok(Some(text)),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
                Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
            }
        };
        let unclear = |file: &str| format!("cannot make sense of {}", folder.join(file).display());
        let requests = text("requests.json")?
            .map(|text| serde_json::from_str(&text).with_context(|| unclear("requests.json")))
            .transpose()?;
        let steps = text("steps.jsonl")?.unwrap_or_default();
        Ok(Self {
            name: name.to_owned(),
            exit_code: text("exit-code")?.and_then(|code| code.trim().parse().ok()),
            steps: steps_of(&steps).with_context(|| unclear("steps.jsonl"))?,
            requests,
        })
    }

    /// Whether it ended well, all steps included.
    pub fn passed(&self) -> bool {
        self.exit_code == Some(0) && self.steps.iter().all(|step| step.outcome == Outcome::Passed)
    }

    /// The step that sent a request.
    pub fn step_of(&self, request: &Request) -> Option<&Step> {
        let at = request.received_millis;
        self.steps.iter().find(|step| {
            let (Some(begin), Some(end)) = (step.begin_millis, step.end_millis) else {
                return false;
            };
            (begin..=end).contains(&at)
        })
    }
}

/// A step is noted as not run first, and once more when it has ended.
fn steps_of(lines: &str) -> anyhow::Result<Vec<Step>> {
    let mut steps: Vec<Step> = Vec::new();
    for line in lines.lines() {
        let noted: Step = serde_json::from_str(line)?;
        match steps.iter_mut().find(|step| step.step == noted.step) {
            Some(step) => *step = noted,
            None => steps.push(noted),
        }
    }
    Ok(steps)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEPS: &str = concat!(
        r#"{"step":"a","outcome":"not-run"}"#,
        "\n",
        r#"{"step":"b","outcome":"not-run"}"#,
        "\n",
        r#"{"step":"c","outcome":"not-run"}"#,
        "\n",
        r#"{"step":"a","outcome":"passed","beginMillis":10,"endMillis":20}"#,
        "\n",
        r#"{"step":"b","outcome":"failed","beginMillis":21,"endMillis":30,"error":"E: x"}"#,
        "\n",
    );
    const REQUESTS: &str = r#"[{"number":1,"receivedMillis":21,"service":"digital-twins",
        "method":"GET","path":"/models","query":"","headers":{"x-interop":"by-hand"},"status":null,"fault":null}]"#;

    #[test]
    fn the_last_word_on_a_step_counts() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("steps.jsonl"), STEPS).unwrap();
        std::fs::write(folder.path().join("requests.json"), REQUESTS).unwrap();
        std::fs::write(folder.path().join("exit-code"), "1\n").unwrap();
        let part = Part::read(folder.path(), "p").unwrap();
        let outcomes: Vec<_> =
            part.steps.iter().map(|step| (step.step.as_str(), step.outcome)).collect();
        let expected = [("a", Outcome::Passed), ("b", Outcome::Failed), ("c", Outcome::NotRun)];
        assert_eq!(outcomes, expected);
        assert_eq!((part.exit_code, part.passed()), (Some(1), false));
        let request = &part.requests.as_ref().unwrap()[0];
        assert_eq!(part.step_of(request).map(|step| step.step.as_str()), Some("b"));
        assert!(request.is_ours() && !Request::default().is_ours());
    }

    #[test]
    fn a_part_that_left_nothing_has_not_passed() {
        let folder = tempfile::tempdir().unwrap();
        let part = Part::read(&folder.path().join("none"), "none").unwrap();
        assert_eq!((part.exit_code, part.steps.len(), part.passed()), (None, 0, false));
        assert!(part.requests.is_none());
    }

    #[test]
    fn a_file_that_makes_no_sense_is_named() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("requests.json"), "{").unwrap();
        let error = Part::read(folder.path(), "p").unwrap_err().to_string();
        assert!(error.contains("requests.json"), "{error}");
    }
}
