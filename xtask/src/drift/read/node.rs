//! A place in a document while it is read: the value, its pointer, and the
//! questions a reader asks of it. Every wrong answer is a [`Problem`] that
//! names the place.

use serde_json::{Map, Value};

use crate::document::{Document, Problem, join};

/// References that lead on to references: more than this is a circle.
const MAX_HOPS: usize = 32;

/// A value and where it stands.
#[derive(Debug, Clone)]
pub struct Node<'a> {
    document: &'a Document,
    /// JSON pointer of the value.
    pub pointer: String,
    /// The value.
    pub value: &'a Value,
}

impl<'a> Node<'a> {
    /// The whole document.
    pub fn root(document: &'a Document) -> Self {
        Self { document, pointer: String::new(), value: &document.value }
    }

    /// A problem at this place.
    pub fn problem(&self, message: impl Into<String>, cure: impl Into<String>) -> Problem {
        self.document.problem(&self.pointer, message, cure)
    }

    /// The member `name`, if there.
    pub fn get(&self, name: &str) -> Option<Node<'a>> {
        let value = self.value.as_object()?.get(name)?;
        Some(Node { document: self.document, pointer: join(&self.pointer, name), value })
    }

    /// The members, in order.
    pub fn members(&self) -> Result<Vec<(&'a str, Node<'a>)>, Problem> {
        let object: &'a Map<String, Value> = self.value.as_object().ok_or_else(|| {
            self.problem(
                format!("an object is expected here, not {}", what(self.value)),
                "write an object with members",
            )
        })?;
        Ok(object
            .iter()
            .map(|(name, value)| {
                let pointer = join(&self.pointer, name);
                (name.as_str(), Node { document: self.document, pointer, value })
            })
            .collect())
    }

    /// A problem if this is anything but an object.
    pub fn must_be_object(&self) -> Result<(), Problem> {
        self.members().map(|_| ())
    }

    /// The members of the member `name`; none if it is absent.
    pub fn members_of(&self, name: &str) -> Result<Vec<(&'a str, Node<'a>)>, Problem> {
        self.get(name).map_or_else(|| Ok(Vec::new()), |node| node.members())
    }

    /// The elements of the list `name`; none if it is absent.
    pub fn list_of(&self, name: &str) -> Result<Vec<Node<'a>>, Problem> {
        let Some(node) = self.get(name) else { return Ok(Vec::new()) };
        let list = node.value.as_array().ok_or_else(|| {
            node.problem(
                format!("a list is expected here, not {}", what(node.value)),
                "write a list",
            )
        })?;
        Ok(list
            .iter()
            .enumerate()
            .map(|(index, value)| Node {
                document: self.document,
                pointer: join(&node.pointer, &index.to_string()),
                value,
            })
            .collect())
    }

    /// This value as text.
    pub fn as_text(&self) -> Result<&'a str, Problem> {
        self.value.as_str().ok_or_else(|| {
            self.problem(
                format!("text is expected here, not {}", what(self.value)),
                "write a string; quote it if it looks like a number or a date",
            )
        })
    }

    /// The text `name`, if there.
    pub fn text(&self, name: &str) -> Result<Option<&'a str>, Problem> {
        self.get(name).map(|node| node.as_text()).transpose()
    }

    /// The text `name`, which must be there.
    pub fn needed_text(&self, name: &str) -> Result<&'a str, Problem> {
        self.text(name)?.ok_or_else(|| {
            self.problem(format!("`{name}` is missing"), format!("add `{name}` here"))
        })
    }

    /// The texts of the list `name`.
    pub fn texts(&self, name: &str) -> Result<Vec<&'a str>, Problem> {
        self.list_of(name)?.iter().map(Node::as_text).collect()
    }

    /// The boolean `name`; false if absent.
    pub fn flag(&self, name: &str) -> Result<bool, Problem> {
        let Some(node) = self.get(name) else { return Ok(false) };
        node.value.as_bool().ok_or_else(|| {
            node.problem(
                format!("true or false is expected here, not {}", what(node.value)),
                "write `true` or `false`",
            )
        })
    }

    /// What `pointer` (as in `#/components/...`) names in this document.
    fn follow(&self, reference: &str) -> Result<Node<'a>, Problem> {
        let pointer = reference.strip_prefix('#').ok_or_else(|| {
            self.problem(
                format!("`{reference}` refers to another file"),
                "bring the definition into this document; other files are not read",
            )
        })?;
        let value = self.document.value.pointer(pointer).ok_or_else(|| {
            self.problem(
                format!("`{reference}` refers to nothing"),
                "add the definition, or correct the reference",
            )
        })?;
        Ok(Node { document: self.document, pointer: pointer.to_owned(), value })
    }

    /// The reference in this place, if it is one.
    pub fn reference(&self) -> Result<Option<&'a str>, Problem> {
        self.text("$ref")
    }

    /// This place, or what it refers to in the end.
    pub fn resolved(&self) -> Result<Node<'a>, Problem> {
        let mut node = self.clone();
        for _ in 0..MAX_HOPS {
            match node.reference()? {
                Some(reference) => node = node.follow(reference)?,
                None => return Ok(node),
            }
        }
        Err(self.problem(
            "the reference leads in a circle",
            "let one of the definitions it passes hold the real content",
        ))
    }
}

/// What a value is, for messages.
fn what(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
