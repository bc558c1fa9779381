//! Plans a whole new operation.

use serde_json::{Map, Value, json};

use super::grow::Edit;
use super::names;
use super::plan::Planner;
use super::value;
use crate::document::join;
use crate::drift::surface::{Carrier, Operation};

/// Stands above every adopted operation.
const REMARK: &str = "New at the vendor: describe it, and check operationId, tags and extensions.";

impl Planner<'_> {
    /// The edits that add an operation.
    pub(super) fn operation(
        &self,
        id: &str,
        theirs: &Operation,
        edits: &mut Vec<Edit>,
    ) -> Result<(), String> {
        let path = self.own_path(theirs)?;
        let key = self.same_path(&path);
        let names = placeholders(key.as_deref().unwrap_or(&path));
        let site = join("/paths", key.as_deref().unwrap_or(&path));

        let mut object = Map::new();
        let taken: Vec<&str> = self.operation_ids();
        let name = names::operation_id(id, &theirs.method, &taken);
        object.insert("operationId".to_owned(), json!(name));
        object.insert("x-vendor-id".to_owned(), json!(id));
        object.insert("tags".to_owned(), json!([self.tag(id, theirs)]));
        object.insert("summary".to_owned(), json!(""));
        object.insert("description".to_owned(), json!(""));
        if theirs.deprecated {
            object.insert("deprecated".to_owned(), json!(true));
        }
        if let Some((items, next)) = &theirs.page {
            let page = json!({ "kind": "next-link", "items": items, "next": next });
            object.insert("x-page".to_owned(), page);
        }

        let shared = self.path_level(&site);
        let mut parameters = Vec::new();
        for parameter in &theirs.parameters {
            let name = match parameter.carrier {
                Carrier::Path => names.get(parameter.position).unwrap_or(&parameter.name),
                _ => &parameter.name,
            };
            if !shared.contains(&(parameter.carrier.as_str(), name)) {
                self.mention(&parameter.schema, edits);
                parameters.push(self.parameter(parameter, name));
            }
        }
        if !parameters.is_empty() {
            object.insert("parameters".to_owned(), Value::Array(parameters));
        }
        if let Some(body) = &theirs.body {
            body.content.values().for_each(|schema| self.mention(schema, edits));
            object.insert("requestBody".to_owned(), value::body(body, &self.renamed));
        }
        let mut responses = Map::new();
        for (status, response) in &theirs.responses {
            response.content.values().for_each(|schema| self.mention(schema, edits));
            responses.insert(status.clone(), self.response(response));
        }
        object.insert("responses".to_owned(), Value::Object(responses));

        let (at, key, value) = match key {
            Some(_) => (site, theirs.method.to_lowercase(), Value::Object(object)),
            None => ("/paths".to_owned(), path, json!({ theirs.method.to_lowercase(): object })),
        };
        edits.push(Edit::Member { at, key, value, remark: Some(REMARK) });
        Ok(())
    }

    /// The path without the base path that our document has in its server.
    fn own_path(&self, theirs: &Operation) -> Result<String, String> {
        let ours = self.outcome.ours.operations.values().next();
        let base = ours.and_then(|ours| ours.path.strip_suffix(&ours.own_path)).unwrap_or("");
        theirs
            .path
            .strip_prefix(base)
            .map(str::to_owned)
            .ok_or_else(|| format!("the path does not start with our base path `{base}`"))
    }

    /// Our path that differs from `path` in the names of placeholders at most.
    fn same_path(&self, path: &str) -> Option<String> {
        let paths = self.spec.value.get("paths")?.as_object()?;
        paths.keys().find(|key| shape(key) == shape(path)).cloned()
    }

    fn operation_ids(&self) -> Vec<&str> {
        let paths = self.spec.value.get("paths").and_then(Value::as_object);
        let items = paths.into_iter().flat_map(|paths| paths.values()).filter_map(Value::as_object);
        items
            .flat_map(|item| item.values())
            .filter_map(|operation| operation.get("operationId")?.as_str())
            .collect()
    }

    /// The tag that operations of the same group have with us.
    fn tag(&self, id: &str, theirs: &Operation) -> String {
        let group = id.split_once('_').map_or(id, |(group, _)| group);
        let kin = self.outcome.ours.operations.iter().find_map(|(known, ours)| {
            let (of, _) = known.split_once('_')?;
            (of == group).then(|| ours.tag.clone()).flatten()
        });
        kin.or_else(|| theirs.tag.clone()).unwrap_or_else(|| group.to_owned())
    }

    /// Carrier and name of the parameters that hold for the whole path.
    fn path_level(&self, site: &str) -> Vec<(&str, &str)> {
        let list = self.spec.value.pointer(&join(site, "parameters")).and_then(Value::as_array);
        list.into_iter()
            .flatten()
            .filter_map(|parameter| {
                let node = match parameter.get("$ref").and_then(Value::as_str) {
                    Some(reference) => self.spec.value.pointer(reference.strip_prefix('#')?)?,
                    None => parameter,
                };
                Some((node.get("in")?.as_str()?, node.get("name")?.as_str()?))
            })
            .collect()
    }
}

/// The names in the braces of a path.
fn placeholders(path: &str) -> Vec<String> {
    path.split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}'))
        .map(|(name, _)| name.to_owned())
        .collect()
}

fn shape(path: &str) -> String {
    placeholders(path)
        .iter()
        .fold(path.to_owned(), |shape, name| shape.replace(&format!("{{{name}}}"), "{}"))
}
