//! JSON Patch as the platform takes it: `add`, `replace` and `remove` only.

use serde_json::Value;

use crate::digital_twins::errors::ApiError;

/// One operation of a patch document.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Operation {
    pub(crate) edit: Edit,
    /// The JSON Pointer, unescaped, at least one part.
    pub(crate) path: Vec<String>,
}

/// What an operation does.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Edit {
    /// Sets, whether set before or not.
    Add(Value),
    /// Sets what is set already.
    Replace(Value),
    /// Unsets what is set.
    Remove,
}

impl Edit {
    /// The word on the wire.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Add(_) => "add",
            Self::Replace(_) => "replace",
            Self::Remove => "remove",
        }
    }

    /// The value to set; none for `remove`.
    pub(crate) fn value(&self) -> Option<&Value> {
        match self {
            Self::Add(value) | Self::Replace(value) => Some(value),
            Self::Remove => None,
        }
    }
}

/// Reads a patch document.
pub(crate) fn read(document: &Value) -> Result<Vec<Operation>, ApiError> {
    let operations = document
        .as_array()
        .ok_or_else(|| ApiError::json_patch("A patch document is an array of operations."))?;
    operations.iter().enumerate().map(|(index, operation)| one(index, operation)).collect()
}

fn one(index: usize, operation: &Value) -> Result<Operation, ApiError> {
    let fault = |text: String| ApiError::json_patch(format!("Operation {index}: {text}"));
    let word = operation
        .get("op")
        .and_then(Value::as_str)
        .ok_or_else(|| fault("op is missing or not a string.".into()))?;
    let pointer = operation
        .get("path")
        .and_then(Value::as_str)
        .ok_or_else(|| fault("path is missing or not a string.".into()))?;
    let value =
        || operation.get("value").cloned().ok_or_else(|| fault(format!("{word} needs a value.")));
    let edit = match word {
        "add" => Edit::Add(value()?),
        "replace" => Edit::Replace(value()?),
        "remove" => Edit::Remove,
        other => {
            let shown: String = other.chars().take(40).collect();
            return Err(fault(format!(
                "op {shown:?} is not supported; use add, replace or remove."
            )));
        }
    };
    let path = parts(pointer).ok_or_else(|| {
        let shown: String = pointer.chars().take(200).collect();
        fault(format!("path {shown:?} is not a JSON Pointer to a member."))
    })?;
    Ok(Operation { edit, path })
}

/// Most parts of a path. No model nests that deep; the bound keeps one patch
/// from building a document too deep to walk.
const DEEPEST: usize = 32;

/// The parts of a JSON Pointer (RFC 6901); none for the whole document, or for
/// one that leads too deep.
fn parts(pointer: &str) -> Option<Vec<String>> {
    let parts = pointer.strip_prefix('/')?.split('/').map(unescaped);
    let parts: Vec<String> = parts.take(DEEPEST.saturating_add(1)).collect::<Option<_>>()?;
    (parts.len() <= DEEPEST).then_some(parts)
}

/// `~1` is `/`, `~0` is `~`; a `~` before anything else is wrong.
fn unescaped(part: &str) -> Option<String> {
    let mut pieces = part.split('~');
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (escaped, rest) = match piece.strip_prefix('0') {
            Some(rest) => ('~', rest),
            None => ('/', piece.strip_prefix('1')?),
        };
        text.push(escaped);
        text.push_str(rest);
    }
    Some(text)
}

/// Applies an edit to the value at `path` inside `current`, which may be unset,
/// and gives back what is there afterwards. The message says why it cannot.
pub(crate) fn edited(
    current: Option<Value>,
    path: &[String],
    edit: &Edit,
) -> Result<Option<Value>, String> {
    let Some((name, rest)) = path.split_first() else {
        return match (edit, current) {
            (Edit::Add(value), _) | (Edit::Replace(value), Some(_)) => Ok(Some(value.clone())),
            (Edit::Remove, Some(_)) => Ok(None),
            (Edit::Replace(_) | Edit::Remove, None) => {
                Err(format!("{} needs a value that is set; it is not", edit.word()))
            }
        };
    };
    match current {
        Some(Value::Object(mut object)) => {
            match edited(object.get(name).cloned(), rest, edit)? {
                Some(value) => object.insert(name.clone(), value),
                None => object.shift_remove(name),
            };
            Ok(Some(Value::Object(object)))
        }
        // How the platform addresses elements is not known.
        Some(Value::Array(_)) => Err("an array is one value; its elements have no path".into()),
        Some(_) => Err(format!("there is no object to hold {name:?}")),
        None => Err(format!("the object that should hold {name:?} is not set; add it first")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn pointers_are_unescaped() {
        let read = read(&json!([{"op": "remove", "path": "/a~1b/~0c~01/"}])).unwrap();
        assert_eq!(read.first().unwrap().path, ["a/b", "~c~1", ""]);
    }

    #[test]
    fn wrong_operations_are_refused() {
        for bad in [
            json!({}),
            json!("x"),
            json!([1]),
            json!([{"path": "/a", "value": 1}]),
            json!([{"op": "add", "value": 1}]),
            json!([{"op": "add", "path": "/a"}]),
            json!([{"op": "move", "from": "/a", "path": "/b"}]),
            json!([{"op": "copy", "from": "/a", "path": "/b"}]),
            json!([{"op": "test", "path": "/a", "value": 1}]),
            json!([{"op": "remove", "path": ""}]),
            json!([{"op": "remove", "path": "a"}]),
            json!([{"op": "remove", "path": "/~2"}]),
            json!([{"op": "remove", "path": "/a".repeat(33)}]),
        ] {
            let error = read(&bad).unwrap_err();
            assert_eq!((error.status().as_u16(), error.code()), (400, "JsonPatchInvalid"), "{bad}");
        }
    }

    #[test]
    fn edits_follow_objects() {
        let path = |text: &str| parts(text).unwrap();
        let object = Some(json!({"a": {"b": 1}, "l": [1]}));
        let edit = |text: &str, edit: Edit| edited(object.clone(), &path(text), &edit);
        assert_eq!(
            edit("/a/c", Edit::Add(json!(2))),
            Ok(Some(json!({"a": {"b": 1, "c": 2}, "l": [1]})))
        );
        assert_eq!(edit("/a/b", Edit::Remove), Ok(Some(json!({"a": {}, "l": [1]}))));
        assert_eq!(edit("/a", Edit::Replace(json!(1))), Ok(Some(json!({"a": 1, "l": [1]}))));
        for (path, wrong) in [
            ("/z", Edit::Remove),
            ("/z", Edit::Replace(json!(1))),
            ("/z/y", Edit::Add(json!(1))),
            ("/a/b/c", Edit::Add(json!(1))),
            ("/l/0", Edit::Add(json!(1))),
        ] {
            assert!(edit(path, wrong).is_err(), "{path}");
        }
    }
}
