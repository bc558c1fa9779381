//! A checked model with everything it inherits.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use serde_json::Value;

use super::{
    Language,
    content::{Content, Relationship},
    schema::Schema,
};

/// A model that passed all checks, its inherited contents included. Models are
/// immutable, so the tables never change.
#[derive(Debug)]
pub struct Model {
    pub(super) id: String,
    pub(super) language: Language,
    pub(super) display_name: Value,
    pub(super) description: Value,
    pub(super) extends: Vec<String>,
    /// Every interface reached by `extends`, without the model itself.
    pub(super) bases: BTreeSet<String>,
    /// Longest chain of `extends` above the model.
    pub(super) depth: usize,
    pub(super) contents: IndexMap<String, Member>,
    /// Schemas with an id, inherited ones included.
    pub(super) schemas: BTreeMap<String, Schema>,
}

/// An own or inherited entry of the contents.
#[derive(Debug, Clone)]
pub(super) struct Member {
    /// The interface that declares it.
    pub(super) origin: String,
    pub(super) content: Content,
}

impl Model {
    /// The DTMI.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Display name by language code.
    #[must_use]
    pub fn display_name(&self) -> &Value {
        &self.display_name
    }

    /// Description by language code.
    #[must_use]
    pub fn description(&self) -> &Value {
        &self.description
    }

    /// Every model that this one extends, directly or not.
    pub fn bases(&self) -> impl Iterator<Item = &str> {
        self.bases.iter().map(String::as_str)
    }

    /// Whether a twin of this model is one of `base` too.
    #[must_use]
    pub fn is_a(&self, base: &str) -> bool {
        self.id == base || self.bases.contains(base)
    }

    /// The models that must exist for this one: those it extends and those its
    /// components are of.
    pub fn dependencies(&self) -> impl Iterator<Item = &str> {
        let components = self.components().map(|(_, schema)| schema);
        self.extends.iter().map(String::as_str).chain(components)
    }

    /// Names and models of all components.
    pub(crate) fn components(&self) -> impl Iterator<Item = (&str, &str)> {
        self.contents.iter().filter_map(|(name, member)| match &member.content {
            Content::Component(schema) => Some((name.as_str(), schema.as_str())),
            _ => None,
        })
    }

    pub(crate) fn content(&self, name: &str) -> Option<&Content> {
        self.contents.get(name).map(|member| &member.content)
    }

    pub(crate) fn property(&self, name: &str) -> Option<&Schema> {
        match self.content(name)? {
            Content::Property(schema) => Some(schema),
            _ => None,
        }
    }

    pub(crate) fn relationship(&self, name: &str) -> Option<&Relationship> {
        match self.content(name)? {
            Content::Relationship(relationship) => Some(relationship),
            _ => None,
        }
    }
}
