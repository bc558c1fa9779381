//! What only Swagger 2.0 says its own way.

use std::collections::BTreeMap;

use super::node::Node;
use super::{Dialect, carrier, schema};
use crate::document::Problem;
use crate::drift::surface::{Body, Carrier, Header, Parameter, Property, Response, Schema};

/// The dialect, with the document's own defaults.
pub struct Swagger2 {
    base_path: String,
    consumes: Vec<String>,
    produces: Vec<String>,
    /// Names of the parameters of `x-ms-parameterized-host`: they belong to
    /// the address of an instance, not to an operation.
    host_parameters: Vec<String>,
}

impl Swagger2 {
    /// Reads the defaults.
    pub fn of(root: &Node<'_>) -> Result<Self, Problem> {
        let mut host_parameters = Vec::new();
        if let Some(host) = root.get("x-ms-parameterized-host") {
            for parameter in host.list_of("parameters")? {
                host_parameters.push(parameter.resolved()?.needed_text("name")?.to_owned());
            }
        }
        Ok(Self {
            base_path: root.text("basePath")?.unwrap_or("").trim_end_matches('/').to_owned(),
            consumes: owned(root.texts("consumes")?),
            produces: owned(root.texts("produces")?),
            host_parameters,
        })
    }

    /// The operation's own list, else the document's, else JSON.
    fn media(
        &self,
        operation: &Node<'_>,
        word: &str,
        default: &[String],
    ) -> Result<Vec<String>, Problem> {
        let own = operation.texts(word)?;
        Ok(if operation.get(word).is_some() && !own.is_empty() {
            owned(own)
        } else if default.is_empty() {
            vec!["application/json".to_owned()]
        } else {
            default.to_vec()
        })
    }
}

fn owned(texts: Vec<&str>) -> Vec<String> {
    texts.into_iter().map(str::to_owned).collect()
}

impl Dialect for Swagger2 {
    fn base_path(&self) -> &str {
        &self.base_path
    }

    fn parameter(&self, node: &Node<'_>) -> Result<Option<Parameter>, Problem> {
        if matches!(node.needed_text("in")?, "body" | "formData") {
            return Ok(None);
        }
        let name = node.needed_text("name")?.to_owned();
        let carrier = carrier(node)?;
        if carrier == Carrier::Path && self.host_parameters.contains(&name) {
            return Ok(None);
        }
        let schema = schema::read(node)?;
        let style = (schema.kind.as_deref() == Some("array"))
            .then(|| node.text("collectionFormat").map(|style| style.unwrap_or("csv").to_owned()))
            .transpose()?;
        Ok(Some(Parameter {
            name,
            carrier,
            required: node.flag("required")? || carrier == Carrier::Path,
            schema,
            style,
            position: 0,
            site: node.pointer.clone(),
        }))
    }

    fn body(&self, operation: &Node<'_>, parameters: &[Node<'_>]) -> Result<Option<Body>, Problem> {
        let mut form = Schema { kind: Some("object".to_owned()), ..Schema::default() };
        let mut has_file = false;
        for node in parameters {
            match node.needed_text("in")? {
                "body" => {
                    let schema = match node.get("schema") {
                        Some(schema) => schema::read(&schema)?,
                        None => {
                            return Err(
                                node.problem("a body parameter without `schema`", "add `schema`")
                            );
                        }
                    };
                    let media = self.media(operation, "consumes", &self.consumes)?;
                    return Ok(Some(Body {
                        required: node.flag("required")?,
                        content: media.into_iter().map(|kind| (kind, schema.clone())).collect(),
                        site: node.pointer.clone(),
                    }));
                }
                "formData" => {
                    let schema = schema::read(node)?;
                    has_file |= schema.format.as_deref() == Some("binary");
                    let property = Property { schema, required: node.flag("required")? };
                    form.properties.insert(node.needed_text("name")?.to_owned(), property);
                }
                _ => {}
            }
        }
        if form.properties.is_empty() {
            return Ok(None);
        }
        let default =
            if has_file { "multipart/form-data" } else { "application/x-www-form-urlencoded" };
        let mut media = owned(operation.texts("consumes")?);
        if media.is_empty() {
            media.push(default.to_owned());
        }
        Ok(Some(Body {
            required: form.properties.values().any(|property| property.required),
            content: media.into_iter().map(|kind| (kind, form.clone())).collect(),
            site: operation.pointer.clone(),
        }))
    }

    fn response(&self, operation: &Node<'_>, node: &Node<'_>) -> Result<Response, Problem> {
        let mut content = BTreeMap::new();
        if let Some(schema) = node.get("schema") {
            let schema = schema::read(&schema)?;
            for media in self.media(operation, "produces", &self.produces)? {
                content.insert(media, schema.clone());
            }
        }
        let mut headers = BTreeMap::new();
        for (name, header) in node.members_of("headers")? {
            let header = Header { name: name.to_owned(), schema: schema::read(&header)? };
            headers.insert(name.to_lowercase(), header);
        }
        Ok(Response { content, headers, site: node.pointer.clone() })
    }
}
