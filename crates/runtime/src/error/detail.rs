//! The faults that a service lists below its main error, as the tree they come
//! in. Read leniently: what has another shape than expected is left out.

use serde_json::Value;

/// One fault of an error body: `code`, `message`, `target`, and what lies
/// below it (`details`, `innererror`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ErrorDetail {
    /// The fault's code.
    pub code: Option<String>,
    /// The fault in the service's words.
    pub message: Option<String>,
    /// What of the request it concerns.
    pub target: Option<String>,
    /// Faults below this one.
    pub details: Vec<ErrorDetail>,
    /// The more exact error that led to this one.
    pub inner: Option<Box<ErrorDetail>>,
}

impl ErrorDetail {
    /// Reads one node. `serde_json` bounds how deep a document nests, so the
    /// recursion is bounded too.
    pub(crate) fn read(node: &Value) -> Self {
        let inner = node.get("innererror").or_else(|| node.get("innerError"));
        Self {
            code: text(node.get("code")),
            message: text(node.get("message")),
            target: text(node.get("target")),
            details: node.get("details").map(read_list).unwrap_or_default(),
            inner: inner.filter(|node| node.is_object()).map(|node| Box::new(Self::read(node))),
        }
    }
}

/// A list of faults, or one that stands there without its list.
fn read_list(details: &Value) -> Vec<ErrorDetail> {
    match details {
        Value::Array(nodes) => {
            nodes.iter().filter(|node| node.is_object()).map(ErrorDetail::read).collect()
        }
        Value::Object(_) => vec![ErrorDetail::read(details)],
        _ => Vec::new(),
    }
}

/// A text, or a number where a text is expected; `None` for anything else.
pub(crate) fn text(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_tree_is_read_leniently() {
        let read = ErrorDetail::read(&json!({
            "code": 7, "message": "m", "target": null,
            "details": [{"code": "A", "details": {"message": "below"}}, 3, "x"],
            "innererror": {"code": "B", "innererror": {"code": "C"}},
        }));
        assert_eq!(read.code.as_deref(), Some("7"));
        assert_eq!(read.details.len(), 1);
        assert_eq!(read.details[0].details[0].message.as_deref(), Some("below"));
        let inner = read.inner.unwrap();
        assert_eq!(inner.inner.unwrap().code.as_deref(), Some("C"));
    }
}
