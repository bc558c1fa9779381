//! What a document promises on the wire, whichever dialect it is written in.
//!
//! Both readers (Swagger 2.0 and OpenAPI 3) end in these types, so that the
//! comparison knows neither dialect. Words for people (descriptions,
//! examples) and vendor extensions for code generators are not part of it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;

/// Everything a document promises.
#[derive(Debug, Clone, Default)]
pub struct Surface {
    /// The API's version, `info.version`.
    pub version: Option<String>,
    /// Operations by key: the vendor's operation id, or `METHOD path` without one.
    pub operations: BTreeMap<String, Operation>,
    /// Named schemas.
    pub schemas: BTreeMap<String, Schema>,
}

/// One operation.
#[derive(Debug, Clone)]
pub struct Operation {
    /// Upper case.
    pub method: String,
    /// With the base path, placeholders as written.
    pub path: String,
    /// The path as the document's own key has it, without the base path.
    pub own_path: String,
    /// Whether callers are asked to use something else.
    pub deprecated: bool,
    /// The first tag, if any.
    pub tag: Option<String>,
    /// In the order of the document, path-level ones first.
    pub parameters: Vec<Parameter>,
    /// The request body, form fields included.
    pub body: Option<Body>,
    /// By status text: `200`, `4XX`, `default`.
    pub responses: BTreeMap<String, Response>,
    /// For lists that come in pages: the members with the items and the next link.
    pub page: Option<(String, String)>,
    /// JSON pointer of the operation.
    pub site: String,
}

/// Where a parameter travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Carrier {
    /// In the path.
    Path,
    /// In the query string.
    Query,
    /// As a header.
    Header,
    /// As a cookie.
    Cookie,
}

impl Carrier {
    /// The document's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query => "query",
            Self::Header => "header",
            Self::Cookie => "cookie",
        }
    }
}

/// A parameter outside the body.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// As written.
    pub name: String,
    /// Where it travels.
    pub carrier: Carrier,
    /// Whether a call without it is refused.
    pub required: bool,
    /// Its type.
    pub schema: Schema,
    /// How a list is written: `csv`, `multi`, `ssv`, `tsv`, `pipes`; `None` for no list.
    pub style: Option<String>,
    /// Place in the path for path parameters, else among those of its carrier.
    pub position: usize,
    /// JSON pointer of the definition, behind all references.
    pub site: String,
}

/// A request body.
#[derive(Debug, Clone)]
pub struct Body {
    /// Whether a call without it is refused.
    pub required: bool,
    /// Schemas by media type.
    pub content: BTreeMap<String, Schema>,
    /// JSON pointer of the definition.
    pub site: String,
}

/// One answer.
#[derive(Debug, Clone)]
pub struct Response {
    /// Schemas by media type; empty for an answer without content.
    pub content: BTreeMap<String, Schema>,
    /// Headers by lower-case name.
    pub headers: BTreeMap<String, Header>,
    /// JSON pointer of the definition.
    pub site: String,
}

/// A response header.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    /// As written.
    pub name: String,
    /// Its type.
    pub schema: Schema,
}

/// A schema, `allOf` parts without a name folded in.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Schema {
    /// The named schema this stands for; then only the flags and the limits count.
    pub reference: Option<String>,
    /// `string`, `object`...; `None` when anything goes.
    pub kind: Option<String>,
    /// `date-time`, `int32`...
    pub format: Option<String>,
    /// Allowed values as JSON text (strings without quotes).
    pub values: Vec<String>,
    /// Whether `null` is allowed.
    pub nullable: bool,
    /// Whether only answers carry it.
    pub read_only: bool,
    /// Whether callers are asked to use something else.
    pub deprecated: bool,
    /// Limits on values by keyword (`maxItems`, `pattern`...); those that
    /// limit nothing left out.
    pub limits: BTreeMap<String, Value>,
    /// Members by name.
    pub properties: BTreeMap<String, Property>,
    /// Element type of a list.
    pub items: Option<Box<Schema>>,
    /// Members beyond the named ones.
    pub additional: Additional,
    /// Named schemas it extends (`allOf`).
    pub bases: Vec<String>,
    /// Named schemas it is one of (`oneOf`, `anyOf`).
    pub variants: Vec<String>,
    /// The property that tells variants apart.
    pub discriminator: Option<String>,
    /// What it may say, and the named schema that each value stands for:
    /// `value=Name`.
    pub kinds: Vec<String>,
}

/// A member of an object.
#[derive(Debug, Clone, PartialEq)]
pub struct Property {
    /// Its type.
    pub schema: Schema,
    /// Whether the object is incomplete without it.
    pub required: bool,
}

/// What an object allows beyond its named members.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Additional {
    /// Anything: said so, or nothing said.
    #[default]
    Anything,
    /// Nothing.
    Nothing,
    /// Values of this type.
    Typed(Box<Schema>),
}

impl Schema {
    /// Whether nothing is said but "an object", or not even that.
    pub fn is_bare(&self) -> bool {
        self.reference.is_none()
            && matches!(self.kind.as_deref(), None | Some("object"))
            && self.properties.is_empty()
            && self.bases.is_empty()
            && self.variants.is_empty()
            && self.values.is_empty()
            && self.additional == Additional::Anything
    }

    /// The type in a few words, for messages.
    pub fn describe(&self) -> String {
        if let Some(name) = &self.reference {
            return name.clone();
        }
        let mut text = self.kind.clone().unwrap_or_else(|| "anything".to_owned());
        if let Some(items) = &self.items {
            text = format!("array of {}", items.describe());
        }
        if let Some(format) = &self.format {
            let _ = write!(text, " ({format})");
        }
        if !self.bases.is_empty() {
            let _ = write!(text, " extending {}", self.bases.join(", "));
        }
        if !self.variants.is_empty() {
            text = format!("one of {}", self.variants.join(", "));
        }
        if !self.properties.is_empty() {
            let names: Vec<_> = self.properties.keys().map(String::as_str).collect();
            let _ = write!(text, " with {}", names.join(", "));
        }
        text
    }

    /// The names of all schemas this one mentions directly.
    pub fn mentioned(&self, into: &mut Vec<String>) {
        into.extend(self.reference.iter().cloned());
        into.extend(self.bases.iter().cloned());
        into.extend(self.variants.iter().cloned());
        for property in self.properties.values() {
            property.schema.mentioned(into);
        }
        if let Some(items) = &self.items {
            items.mentioned(into);
        }
        if let Additional::Typed(schema) = &self.additional {
            schema.mentioned(into);
        }
    }
}

impl Operation {
    /// The path with every placeholder as `{}`: names are compared as parameters.
    pub fn shape_of_path(&self) -> String {
        let mut shape = String::new();
        let mut inside = false;
        for letter in self.path.chars() {
            match letter {
                '{' => {
                    inside = true;
                    shape.push_str("{}");
                }
                '}' => inside = false,
                _ if inside => {}
                _ => shape.push(letter),
            }
        }
        shape
    }
}
