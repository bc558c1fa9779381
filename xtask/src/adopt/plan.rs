//! From a difference to the edits that make the spec follow: what is added. Where it
//! goes is found by `places`.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::grow::Edit;
use super::value::{self, Renamed};
use crate::document::{Document, join};
use crate::drift::Outcome;
use crate::drift::difference::{Difference, Kind};
use crate::drift::location::{Location, Root, Step};
use crate::drift::surface::{Parameter, Schema};

/// Where our named schemas stand.
pub(super) const SCHEMAS: &str = "/components/schemas";

/// What planning looks at.
pub struct Planner<'a> {
    /// Our document as it is now.
    pub spec: &'a Document,
    /// The comparison of it with the vendor's.
    pub outcome: &'a Outcome,
    /// Schemas that go by another name with us.
    pub renamed: Renamed,
}

impl<'a> Planner<'a> {
    /// Prepares to plan.
    pub fn new(spec: &'a Document, outcome: &'a Outcome) -> Self {
        let accepted = outcome.accepted.iter().map(|(difference, _)| difference);
        let renamed = accepted
            .chain(&outcome.unexplained)
            .filter(|difference| difference.kind == Kind::SchemaRenamed)
            .filter_map(|difference| Some((difference.vendor.clone()?, difference.ours.clone()?)))
            .collect();
        Self { spec, outcome, renamed }
    }

    /// The edits for one difference, or why there are none.
    pub fn plan(&self, difference: &Difference) -> Result<Vec<Edit>, String> {
        let mut edits = Vec::new();
        let places = std::iter::once(&difference.location).chain(&difference.also_at);
        for place in places {
            self.plan_at(difference, place, &mut edits)?;
        }
        Ok(edits)
    }

    fn plan_at(
        &self,
        difference: &Difference,
        place: &Location,
        edits: &mut Vec<Edit>,
    ) -> Result<(), String> {
        let gone = || "the place is not there any more".to_owned();
        match (difference.kind, &place.root) {
            (Kind::OperationOnlyAtVendor, Root::Operation(id)) => {
                self.operation(id, self.theirs(id).ok_or_else(gone)?, edits)
            }
            (Kind::ParameterOnlyAtVendor, Root::Parameter(id, carrier, name)) => {
                let theirs = self.theirs(id).ok_or_else(gone)?;
                let parameter = theirs
                    .parameters
                    .iter()
                    .find(|found| found.carrier == *carrier && found.name == *name)
                    .ok_or_else(gone)?;
                self.mention(&parameter.schema, edits);
                let site = &self.ours(id).ok_or_else(gone)?.site;
                let item = self.parameter(parameter, name);
                self.add_item(edits, site, "parameters", item);
                Ok(())
            }
            (Kind::BodyOnlyAtVendor, Root::Body(id)) => {
                let body = self.theirs(id).and_then(|theirs| theirs.body.as_ref());
                let body = body.ok_or_else(gone)?;
                body.content.values().for_each(|schema| self.mention(schema, edits));
                let site = &self.ours(id).ok_or_else(gone)?.site;
                edits.push(Edit::member(site, "requestBody", value::body(body, &self.renamed)));
                Ok(())
            }
            (Kind::StatusOnlyAtVendor, Root::Response(id, status)) => {
                let response = self.theirs(id).and_then(|theirs| theirs.responses.get(status));
                let response = response.ok_or_else(gone)?;
                response.content.values().for_each(|schema| self.mention(schema, edits));
                let site = join(&self.ours(id).ok_or_else(gone)?.site, "responses");
                edits.push(Edit::member(site, status, self.response(response)));
                Ok(())
            }
            (Kind::HeaderOnlyAtVendor, Root::Header(id, status, name)) => {
                let theirs = self.theirs(id).and_then(|theirs| theirs.responses.get(status));
                let header = theirs.and_then(|found| found.headers.get(&name.to_lowercase()));
                let site = self.ours(id).and_then(|ours| ours.responses.get(status));
                let header = value::header(&header.ok_or_else(gone)?.schema, &self.renamed);
                self.add_member(edits, &site.ok_or_else(gone)?.site, "headers", name, header);
                Ok(())
            }
            (Kind::MediaTypeOnlyAtVendor | Kind::ContentOnlyAtVendor, root) => {
                self.content(difference, root, edits).ok_or_else(gone)
            }
            (Kind::SchemaOnlyAtVendor, Root::Schema(name)) => {
                let schema = Schema { reference: Some(name.clone()), ..Schema::default() };
                self.mention(&schema, edits);
                Ok(())
            }
            (Kind::PropertyOnlyAtVendor, _) => self.property(place, edits),
            (Kind::ShapeOnlyAtVendor, _) => {
                let theirs = self.their_schema(place).ok_or_else(gone)?;
                self.mention(theirs, edits);
                for at in self.our_schemas(&place.root, &place.within) {
                    let members = value::properties(theirs, &self.renamed);
                    edits.push(Edit::member(&at, "properties", members));
                    for (name, _) in theirs.properties.iter().filter(|(_, found)| found.required) {
                        self.add_item(edits, &at, "required", json!(name));
                    }
                }
                Ok(())
            }
            (Kind::EnumValueOnlyAtVendor, _) => {
                let text = difference.vendor.as_deref().ok_or_else(gone)?;
                let theirs = self.their_schema(place).ok_or_else(gone)?;
                for at in self.our_schemas(&place.root, &place.within) {
                    edits.push(Edit::item(join(&at, "enum"), value::enum_value(text, theirs)));
                }
                Ok(())
            }
            (Kind::VariantOnlyAtVendor, _) => {
                let name = difference.vendor.as_deref().ok_or_else(gone)?;
                let variant = Schema { reference: Some(name.to_owned()), ..Schema::default() };
                self.mention(&variant, edits);
                for at in self.our_schemas(&place.root, &place.within) {
                    let word = if self.has(&join(&at, "anyOf")) { "anyOf" } else { "oneOf" };
                    self.add_item(edits, &at, word, value::schema(&variant, false, &self.renamed));
                }
                Ok(())
            }
            (Kind::DiscriminatorValueOnlyAtVendor, _) => {
                let text = difference.vendor.as_deref().ok_or_else(gone)?;
                let (value, name) = text.split_once('=').ok_or_else(gone)?;
                let kind = Schema { reference: Some(name.to_owned()), ..Schema::default() };
                self.mention(&kind, edits);
                for at in self.our_schemas(&place.root, &place.within) {
                    let target = format!("#/components/schemas/{name}");
                    let at = join(&join(&at, "discriminator"), "mapping");
                    edits.push(Edit::member(at, value, json!(target)));
                }
                Ok(())
            }
            _ => Err("is not an addition".to_owned()),
        }
    }

    /// Adds to the list `word` of the object at `at`, which it may lack.
    fn add_item(&self, edits: &mut Vec<Edit>, at: &str, word: &str, item: Value) {
        let list = join(at, word);
        let is_planned = edits.iter().any(
            |edit| matches!(edit, Edit::Member { at: known, key, .. } if known == at && key == word),
        );
        edits.push(if self.has(&list) || is_planned {
            Edit::item(list, item)
        } else {
            Edit::member(at, word, json!([item]))
        });
    }

    /// Adds to the object `word` of the object at `at`, which it may lack.
    fn add_member(&self, edits: &mut Vec<Edit>, at: &str, word: &str, key: &str, value: Value) {
        let object = join(at, word);
        edits.push(if self.has(&object) {
            Edit::member(object, key, value)
        } else {
            Edit::member(at, word, json!({ key: value }))
        });
    }

    /// Adds the named schemas that `schema` leads to and we do not have yet.
    pub(super) fn mention(&self, schema: &Schema, edits: &mut Vec<Edit>) {
        let mut waiting = Vec::new();
        schema.mentioned(&mut waiting);
        let mut seen = BTreeSet::new();
        while let Some(name) = waiting.pop() {
            let Some(found) = self.outcome.vendor.schemas.get(&name) else { continue };
            let is_ours =
                self.renamed.contains_key(&name) || self.outcome.ours.schemas.contains_key(&name);
            let is_planned = edits.iter().any(
                |edit| matches!(edit, Edit::Member { at, key, .. } if at == SCHEMAS && *key == name),
            );
            if is_ours || is_planned || !seen.insert(name.clone()) {
                continue;
            }
            edits.push(Edit::member(SCHEMAS, name, value::schema(found, true, &self.renamed)));
            found.mentioned(&mut waiting);
        }
    }

    /// A parameter: a reference to the shared one that already stands for the
    /// vendor's elsewhere, or written out.
    pub(super) fn parameter(&self, parameter: &Parameter, name: &str) -> Value {
        let shared = self.outcome.ours.operations.iter().find_map(|(id, ours)| {
            let known = self.theirs(id)?.parameters.iter().find(|p| p.site == parameter.site)?;
            let ours = ours.parameters.iter().find(|ours| {
                ours.name == name && ours.name == known.name && ours.carrier == known.carrier
            })?;
            ours.site.starts_with("/components/").then(|| format!("#{}", ours.site))
        });
        match shared {
            Some(pointer) => json!({ "$ref": pointer }),
            None => value::parameter(parameter, name, &self.renamed),
        }
    }

    /// An answer: a reference to the shared one that promises the same, or
    /// written out.
    pub(super) fn response(&self, response: &crate::drift::surface::Response) -> Value {
        let shared = self.outcome.ours.operations.values().flat_map(|ours| ours.responses.values());
        let mut alike = shared.filter(|ours| {
            ours.site.starts_with("/components/responses/")
                && ours.content == response.content
                && ours.headers == response.headers
        });
        match alike.next() {
            Some(ours) => json!({ "$ref": format!("#{}", ours.site) }),
            None => value::response(response, &self.renamed),
        }
    }

    fn content(&self, difference: &Difference, root: &Root, edits: &mut Vec<Edit>) -> Option<()> {
        let (site, theirs) = match root {
            Root::Body(id) => {
                (&self.ours(id)?.body.as_ref()?.site, &self.theirs(id)?.body.as_ref()?.content)
            }
            Root::Response(id, status) => (
                &self.ours(id)?.responses.get(status)?.site,
                &self.theirs(id)?.responses.get(status)?.content,
            ),
            _ => return None,
        };
        theirs.values().for_each(|schema| self.mention(schema, edits));
        if difference.kind == Kind::ContentOnlyAtVendor {
            edits.push(Edit::member(site, "content", value::content(theirs, &self.renamed)));
        } else {
            let media = difference.vendor.as_deref()?;
            let schema = value::schema(theirs.get(media)?, false, &self.renamed);
            self.add_member(edits, site, "content", media, json!({ "schema": schema }));
        }
        Some(())
    }

    fn property(&self, place: &Location, edits: &mut Vec<Edit>) -> Result<(), String> {
        let Some((Step::Property(name), parent)) = place.within.split_last() else {
            return Err("is no property".to_owned());
        };
        let home = Location { root: place.root.clone(), within: parent.to_vec() };
        let theirs = self.their_schema(&home).and_then(|schema| schema.properties.get(name));
        let theirs = theirs.ok_or("the place is not there any more")?;
        self.mention(&theirs.schema, edits);
        for mut at in self.our_schemas(&place.root, parent) {
            if !self.has(&join(&at, "properties")) {
                // An extended schema often has its own members in a part without a name.
                let parts = self.spec.value.pointer(&join(&at, "allOf")).and_then(Value::as_array);
                let part = parts.and_then(|parts| {
                    parts.iter().position(|part| part.get("properties").is_some())
                });
                if let Some(part) = part {
                    at = format!("{at}/allOf/{part}");
                }
            }
            let member = value::schema(&theirs.schema, true, &self.renamed);
            self.add_member(edits, &at, "properties", name, member);
            if theirs.required {
                self.add_item(edits, &at, "required", json!(name));
            }
        }
        Ok(())
    }
}
