//! Where something stands in a document, in words of neither dialect. It must not know
//! what is different there.

use std::fmt;

use serde::Serialize;

use super::surface::Carrier;

/// A place both documents have (or could have), in words of neither dialect.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Location {
    /// The thing.
    pub root: Root,
    /// The way inside its schema.
    pub within: Vec<Step>,
}

/// The thing a location starts from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Root {
    /// The version of the API.
    Version,
    /// An operation.
    Operation(String),
    /// A parameter of an operation.
    Parameter(String, Carrier, String),
    /// The body of an operation.
    Body(String),
    /// A status of an operation.
    Response(String, String),
    /// A header of a status of an operation.
    Header(String, String, String),
    /// A named schema.
    Schema(String),
}

impl Root {
    /// The operation it belongs to.
    pub fn operation(&self) -> Option<&str> {
        match self {
            Self::Operation(id)
            | Self::Parameter(id, ..)
            | Self::Body(id)
            | Self::Response(id, _)
            | Self::Header(id, ..) => Some(id),
            Self::Version | Self::Schema(_) => None,
        }
    }
}

/// One step inside a schema.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Into a property.
    Property(String),
    /// Into the elements of a list.
    Items,
    /// Into the members beyond the named ones.
    Additional,
}

impl Location {
    /// The thing itself.
    pub fn of(root: Root) -> Self {
        Self { root, within: Vec::new() }
    }

    /// One step further in.
    pub fn step(&self, step: Step) -> Self {
        let mut further = self.clone();
        further.within.push(step);
        further
    }
}

/// Names are escaped as in a JSON pointer, so that `/` only ever separates.
fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.root {
            Root::Version => f.write_str("info/version")?,
            Root::Operation(id) => write!(f, "operations/{}", escape(id))?,
            Root::Parameter(id, carrier, name) => write!(
                f,
                "operations/{}/parameters/{}/{}",
                escape(id),
                carrier.as_str(),
                escape(name)
            )?,
            Root::Body(id) => write!(f, "operations/{}/body", escape(id))?,
            Root::Response(id, status) => {
                write!(f, "operations/{}/responses/{}", escape(id), escape(status))?;
            }
            Root::Header(id, status, name) => write!(
                f,
                "operations/{}/responses/{}/headers/{}",
                escape(id),
                escape(status),
                escape(name)
            )?,
            Root::Schema(name) => write!(f, "schemas/{}", escape(name))?,
        }
        for step in &self.within {
            match step {
                Step::Property(name) => write!(f, "/properties/{}", escape(name))?,
                Step::Items => f.write_str("/items")?,
                Step::Additional => f.write_str("/additional-properties")?,
            }
        }
        Ok(())
    }
}

impl Serialize for Location {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locations_read_like_paths_and_escape_slashes() {
        let place = Location::of(Root::Schema("A".to_owned()))
            .step(Step::Property("x/y".to_owned()))
            .step(Step::Items)
            .step(Step::Additional);
        assert_eq!(place.to_string(), "schemas/A/properties/x~1y/items/additional-properties");
        let place = Location::of(Root::Header("Op".into(), "200".into(), "ETag".into()));
        assert_eq!(place.to_string(), "operations/Op/responses/200/headers/ETag");
    }
}
