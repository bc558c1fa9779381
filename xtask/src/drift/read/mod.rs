//! From a document to its [`Surface`]: what both dialects share.

mod limits;
mod node;
mod openapi3;
mod schema;
mod swagger2;

use std::collections::BTreeMap;

use self::node::Node;
use super::surface::{Body, Carrier, Operation, Parameter, Response, Surface};
use crate::document::{Document, Problem};

/// The HTTP methods a path item may have.
const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// What a dialect must be able to tell about one operation.
trait Dialect {
    /// The path in front of all paths, without a slash at its end.
    fn base_path(&self) -> &str;
    /// Sorts one resolved parameter: outside the body, or part of it.
    fn parameter(&self, node: &Node<'_>) -> Result<Option<Parameter>, Problem>;
    /// The request body, given the merged parameter list.
    fn body(&self, operation: &Node<'_>, parameters: &[Node<'_>]) -> Result<Option<Body>, Problem>;
    /// One resolved response.
    fn response(&self, operation: &Node<'_>, node: &Node<'_>) -> Result<Response, Problem>;
}

/// Reads a Swagger 2.0 or OpenAPI 3 document.
pub fn surface(document: &Document) -> Result<Surface, Problem> {
    let root = Node::root(document);
    if let Some(version) = root.get("swagger") {
        // YAML readers take a bare 2.0 for a number.
        if version.value.as_str() == Some("2.0") || version.value.as_f64() == Some(2.0) {
            let dialect = swagger2::Swagger2::of(&root)?;
            return read(&root, &dialect, root.get("definitions"));
        }
        return Err(version.problem("is no version we read", "use Swagger 2.0 or OpenAPI 3"));
    }
    if let Some(version) = root.get("openapi") {
        if version.as_text()?.starts_with("3.") {
            let dialect = openapi3::OpenApi3::of(&root)?;
            let schemas = root.get("components").and_then(|node| node.get("schemas"));
            return read(&root, &dialect, schemas);
        }
        return Err(version.problem("is no version we read", "use Swagger 2.0 or OpenAPI 3"));
    }
    Err(root.problem(
        "is neither a Swagger 2.0 nor an OpenAPI 3 document",
        "name a file that starts with `swagger: \"2.0\"` or `openapi: 3.x`",
    ))
}

fn read(
    root: &Node<'_>,
    dialect: &dyn Dialect,
    schemas: Option<Node<'_>>,
) -> Result<Surface, Problem> {
    let mut surface = Surface {
        version: version(root)?,
        schemas: schema::read_all(schemas)?,
        ..Surface::default()
    };
    if root.get("paths").is_none() {
        return Err(root.problem("`paths` is missing", "name a document that has operations"));
    }
    // `x-ms-paths` holds paths that differ in their query only.
    for home in ["paths", "x-ms-paths"] {
        for (path, item) in root.members_of(home)? {
            if path.starts_with("x-") {
                continue;
            }
            let item = item.resolved()?;
            for (method, node) in item.members()? {
                if METHODS.contains(&method) {
                    let (id, operation) = read_operation(dialect, path, method, &item, &node)?;
                    if let Some(twin) = surface.operations.get(&id) {
                        return Err(node.problem(
                            format!(
                                "`{id}` is the id of two operations: {} {} at {} and {} {} here",
                                twin.method, twin.path, twin.site, operation.method, operation.path
                            ),
                            "give one of them another id",
                        ));
                    }
                    surface.operations.insert(id, operation);
                }
            }
        }
    }
    Ok(surface)
}

/// `info.version`. YAML readers take a bare 1.0 for a number.
fn version(root: &Node<'_>) -> Result<Option<String>, Problem> {
    let Some((_, version)) =
        root.members_of("info")?.into_iter().find(|(name, _)| *name == "version")
    else {
        return Ok(None);
    };
    if version.value.is_number() {
        return Ok(Some(version.value.to_string()));
    }
    version.as_text().map(|text| Some(text.to_owned()))
}

fn read_operation(
    dialect: &dyn Dialect,
    path: &str,
    method: &str,
    item: &Node<'_>,
    node: &Node<'_>,
) -> Result<(String, Operation), Problem> {
    node.must_be_object()?;
    let nodes = merged_parameters(item, node)?;
    let mut parameters = Vec::new();
    for parameter in &nodes {
        parameters.extend(dialect.parameter(parameter)?);
    }
    place(&mut parameters, path);

    let mut responses = BTreeMap::new();
    for (status, response) in node.members_of("responses")? {
        if !status.starts_with("x-") {
            let response = response.resolved()?;
            response.must_be_object()?;
            let response = dialect.response(node, &response)?;
            responses.insert(status.to_owned(), response);
        }
    }
    let method = method.to_uppercase();
    let id = match node.text("x-vendor-id")? {
        Some(id) => id.to_owned(),
        None => match node.text("operationId")? {
            Some(id) => id.to_owned(),
            None => format!("{method} {path}"),
        },
    };
    let operation = Operation {
        path: format!("{}{path}", dialect.base_path()),
        own_path: path.to_owned(),
        method,
        deprecated: node.flag("deprecated")?,
        tag: node.texts("tags")?.first().map(|tag| (*tag).to_owned()),
        parameters,
        body: dialect.body(node, &nodes)?,
        responses,
        page: page(node)?,
        site: node.pointer.clone(),
    };
    Ok((id, operation))
}

/// How the vendor's generators are told of pages. Not compared, but known to
/// whoever takes over a new operation.
fn page(node: &Node<'_>) -> Result<Option<(String, String)>, Problem> {
    let Some(page) = node.get("x-ms-pageable") else { return Ok(None) };
    let next = page.get("nextLinkName").and_then(|next| next.value.as_str());
    let items = page.text("itemName")?.unwrap_or("value");
    Ok(next.map(|next| (items.to_owned(), next.to_owned())))
}

/// Path-level parameters hold for every operation unless it has its own of
/// the same name and place.
fn merged_parameters<'a>(item: &Node<'a>, operation: &Node<'a>) -> Result<Vec<Node<'a>>, Problem> {
    let mut merged: Vec<((&str, &str), Node<'a>)> = Vec::new();
    for list in [item, operation] {
        for node in list.list_of("parameters")? {
            let node = node.resolved()?;
            let key = (node.needed_text("in")?, node.needed_text("name")?);
            match merged.iter_mut().find(|(known, _)| *known == key) {
                Some((_, earlier)) => *earlier = node,
                None => merged.push((key, node)),
            }
        }
    }
    Ok(merged.into_iter().map(|(_, node)| node).collect())
}

/// Gives every parameter its position: in the path, or among its kind.
fn place(parameters: &mut [Parameter], path: &str) {
    let mut counts: BTreeMap<Carrier, usize> = BTreeMap::new();
    for parameter in parameters {
        let count = counts.entry(parameter.carrier).or_default();
        let placeholder = format!("{{{}}}", parameter.name);
        let in_path = (parameter.carrier == Carrier::Path)
            .then(|| {
                path.match_indices('{').position(|(at, _)| {
                    path.get(at..).is_some_and(|rest| rest.starts_with(&placeholder))
                })
            })
            .flatten();
        parameter.position = in_path.unwrap_or(*count);
        *count += 1;
    }
}

/// Reads the word in `in`.
fn carrier(node: &Node<'_>) -> Result<Carrier, Problem> {
    match node.needed_text("in")? {
        "path" => Ok(Carrier::Path),
        "query" => Ok(Carrier::Query),
        "header" => Ok(Carrier::Header),
        "cookie" => Ok(Carrier::Cookie),
        other => Err(node.problem(
            format!("`{other}` is no place for a parameter"),
            "use path, query, header or cookie (Swagger 2.0 also body and formData)",
        )),
    }
}
