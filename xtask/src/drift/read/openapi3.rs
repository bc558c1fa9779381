//! What only OpenAPI 3 says its own way.

use std::collections::BTreeMap;

use super::node::Node;
use super::{Dialect, carrier, schema};
use crate::document::Problem;
use crate::drift::surface::{Body, Carrier, Header, Parameter, Response, Schema};

/// The dialect, with the document's own base path.
pub struct OpenApi3 {
    base_path: String,
}

impl OpenApi3 {
    /// Reads the base path from the first server.
    pub fn of(root: &Node<'_>) -> Result<Self, Problem> {
        let servers = root.list_of("servers")?;
        let url = match servers.first() {
            Some(server) => server.needed_text("url")?,
            None => "",
        };
        let after_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
        let path = match after_scheme.find('/') {
            Some(at) => after_scheme.get(at..).unwrap_or(""),
            None => "",
        };
        Ok(Self { base_path: path.trim_end_matches('/').to_owned() })
    }
}

/// The schema of a parameter or header: its own, or that of its only content.
fn schema_of(node: &Node<'_>) -> Result<Schema, Problem> {
    let found = match node.get("schema") {
        Some(schema) => Some(schema::read(&schema)?),
        None => content(node)?.into_values().next(),
    };
    match found {
        // Which of the two is deprecated makes no difference to callers.
        Some(mut schema) => {
            schema.deprecated |= node.flag("deprecated")?;
            Ok(schema)
        }
        None => Err(node.problem("`schema` is missing", "add `schema` here")),
    }
}

fn content(node: &Node<'_>) -> Result<BTreeMap<String, Schema>, Problem> {
    let mut found = BTreeMap::new();
    for (media, entry) in node.members_of("content")? {
        entry.must_be_object()?;
        let schema = match entry.get("schema") {
            Some(schema) => schema::read(&schema)?,
            None => Schema::default(),
        };
        found.insert(media.to_owned(), schema);
    }
    Ok(found)
}

/// A list's style in the words of Swagger 2.0's `collectionFormat`.
fn style(node: &Node<'_>, carrier: Carrier) -> Result<String, Problem> {
    let form = matches!(carrier, Carrier::Query | Carrier::Cookie);
    let word = node.text("style")?.unwrap_or(if form { "form" } else { "simple" });
    let explode =
        if node.get("explode").is_some() { node.flag("explode")? } else { word == "form" };
    Ok(match word {
        "form" if explode => "multi",
        "form" | "simple" => "csv",
        "spaceDelimited" => "ssv",
        "pipeDelimited" => "pipes",
        other => other,
    }
    .to_owned())
}

impl Dialect for OpenApi3 {
    fn base_path(&self) -> &str {
        &self.base_path
    }

    fn parameter(&self, node: &Node<'_>) -> Result<Option<Parameter>, Problem> {
        let carrier = carrier(node)?;
        let schema = schema_of(node)?;
        let style =
            (schema.kind.as_deref() == Some("array")).then(|| style(node, carrier)).transpose()?;
        Ok(Some(Parameter {
            name: node.needed_text("name")?.to_owned(),
            carrier,
            required: node.flag("required")? || carrier == Carrier::Path,
            schema,
            style,
            position: 0,
            site: node.pointer.clone(),
        }))
    }

    fn body(
        &self,
        operation: &Node<'_>,
        _parameters: &[Node<'_>],
    ) -> Result<Option<Body>, Problem> {
        let Some(node) = operation.get("requestBody") else { return Ok(None) };
        let node = node.resolved()?;
        node.must_be_object()?;
        Ok(Some(Body {
            required: node.flag("required")?,
            content: content(&node)?,
            site: node.pointer.clone(),
        }))
    }

    fn response(&self, _operation: &Node<'_>, node: &Node<'_>) -> Result<Response, Problem> {
        let mut headers = BTreeMap::new();
        for (name, header) in node.members_of("headers")? {
            let schema = schema_of(&header.resolved()?)?;
            headers.insert(name.to_lowercase(), Header { name: name.to_owned(), schema });
        }
        Ok(Response { content: content(node)?, headers, site: node.pointer.clone() })
    }
}
