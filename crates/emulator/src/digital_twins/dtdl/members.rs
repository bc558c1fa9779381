//! Reading one JSON object of a model document, with faults named by place.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{Fault, Language, dtmi, schema::Schema};

/// What is known and gathered while one interface is read.
pub(super) struct Scope<'a> {
    pub(super) model: &'a str,
    pub(super) language: Language,
    /// The document names further contexts, whose words may appear anywhere.
    pub(super) extended: bool,
    pub(super) faults: &'a mut Vec<Fault>,
    /// Schemas with an id, which other places may refer to.
    pub(super) named: BTreeMap<String, Schema>,
}

impl Scope<'_> {
    pub(super) fn fault(&mut self, member: &str, text: impl Into<String>) {
        self.faults.push(Fault {
            model: self.model.to_owned(),
            member: member.to_owned(),
            text: text.into(),
        });
    }

    /// The object at `member`, or a fault.
    pub(super) fn object<'v>(
        &mut self,
        value: &'v Value,
        member: &str,
    ) -> Option<&'v Map<String, Value>> {
        let object = value.as_object();
        if object.is_none() {
            self.fault(member, "must be an object");
        }
        object
    }

    /// The string at `key`, or a fault.
    pub(super) fn text<'v>(
        &mut self,
        object: &'v Map<String, Value>,
        key: &str,
        member: &str,
    ) -> Option<&'v str> {
        match object.get(key) {
            Some(Value::String(text)) => Some(text),
            Some(_) => {
                self.fault(&join(member, key), "must be a string");
                None
            }
            None => {
                self.fault(member, format!("{key} is missing"));
                None
            }
        }
    }

    /// A well-formed `name`, or a fault.
    pub(super) fn name<'v>(
        &mut self,
        object: &'v Map<String, Value>,
        member: &str,
    ) -> Option<&'v str> {
        let name = self.text(object, "name", member)?;
        let longest = if self.language == Language::V2 { 64 } else { 512 };
        let good = name.len() <= longest
            && name.starts_with(|first: char| first.is_ascii_alphabetic())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            && !name.ends_with('_');
        if good {
            return Some(name);
        }
        let shown: String = name.chars().take(longest).collect();
        self.fault(
            member,
            format!(
                "name {shown:?} must begin with a letter, hold letters, digits and underscores, \
                 not end in an underscore, and be at most {longest} characters"
            ),
        );
        None
    }

    /// Refuses words that the element does not have. Words of extensions are
    /// let through where the document or the element names one.
    pub(super) fn only(&mut self, object: &Map<String, Value>, allowed: &[&str], member: &str) {
        const EVERYWHERE: [&str; 6] =
            ["@id", "@type", "@context", "comment", "description", "displayName"];
        for key in ["comment", "description", "displayName"] {
            if let Some(value) = object.get(key) {
                self.words(value, key, member);
            }
        }
        if let Some(id) = object.get("@id")
            && !id.as_str().is_some_and(|id| dtmi::is_element_id(id, self.language))
        {
            self.fault(&join(member, "@id"), "is not a DTMI");
        }
        let several_types = object.get("@type").is_some_and(|kind| list(kind).len() > 1);
        if several_types && !self.extended && self.language == Language::V3 {
            // Version 2 has semantic types itself, version 3 only by extension.
            self.fault(
                &join(member, "@type"),
                "names a semantic type, whose extension @context does not name",
            );
        }
        if self.extended || several_types {
            return;
        }
        for key in object.keys() {
            if !EVERYWHERE.contains(&key.as_str()) && !allowed.contains(&key.as_str()) {
                self.fault(member, format!("{key} is not known here"));
            }
        }
    }

    /// A text for people: a string, or an object of language code to string.
    fn words(&mut self, value: &Value, key: &str, member: &str) {
        let texts: Option<Vec<&str>> = match value {
            Value::String(text) => Some(vec![text]),
            Value::Object(texts) if key != "comment" => texts.values().map(Value::as_str).collect(),
            _ => None,
        };
        let longest = match (key, self.language) {
            ("displayName", Language::V2) => 64,
            _ => 512,
        };
        match texts {
            None => {
                self.fault(&join(member, key), "must be a string or a string for each language")
            }
            Some(texts) if texts.iter().any(|text| text.chars().nth(longest).is_some()) => {
                self.fault(&join(member, key), format!("must be at most {longest} characters"));
            }
            Some(_) => {}
        }
    }

    /// The element class among `classes` that `@type` names, or a fault.
    /// Further entries are semantic types.
    pub(super) fn class<'c>(
        &mut self,
        object: &Map<String, Value>,
        classes: &[&'c str],
        member: &str,
    ) -> Option<&'c str> {
        let Some(kind) = object.get("@type") else {
            self.fault(member, "@type is missing");
            return None;
        };
        let mut found = list(kind).into_iter().filter_map(Value::as_str).filter_map(|kind| {
            let kind = local_name(kind, "dtmi:dtdl:class:");
            classes.iter().find(|class| **class == kind)
        });
        match (found.next(), found.next()) {
            (Some(class), None) => Some(class),
            _ => {
                self.fault(member, format!("@type must name one of {}", classes.join(", ")));
                None
            }
        }
    }
}

/// JSON-LD lets a list of one be written without the list.
pub(super) fn list(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(values) => values.iter().collect(),
        single => vec![single],
    }
}

/// A reference to another element: its id, or an object that has only the id.
pub(super) fn reference(value: &Value) -> Option<&str> {
    match value {
        Value::String(id) => Some(id),
        Value::Object(object) if object.len() == 1 => object.get("@id")?.as_str(),
        _ => None,
    }
}

/// The short name in `dtmi:dtdl:class:Property;2`; other text as it is.
pub(super) fn local_name<'t>(text: &'t str, prefix: &str) -> &'t str {
    text.strip_prefix(prefix)
        .map_or(text, |rest| rest.split_once(';').map_or(rest, |(name, _)| name))
}

/// A text for people as the platform gives it back: always by language code.
pub(super) fn by_language(value: Option<&Value>) -> Value {
    match value {
        Some(Value::String(text)) => json!({"en": text}),
        Some(Value::Object(texts)) => Value::Object(texts.clone()),
        _ => json!({}),
    }
}

/// `member/key`, or `key` at the top.
pub(super) fn join(member: &str, key: &str) -> String {
    if member.is_empty() { key.to_owned() } else { format!("{member}/{key}") }
}
