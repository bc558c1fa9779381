//! Where a difference stands in the two documents: the vendor's part, which is read,
//! and ours, which grows. It must not know what is added there.

use serde_json::Value;

use super::plan::{Planner, SCHEMAS};
use crate::document::join;
use crate::drift::location::{Location, Root, Step};
use crate::drift::surface::{Additional, Operation, Schema};

impl<'a> Planner<'a> {
    pub(super) fn ours(&self, id: &str) -> Option<&'a Operation> {
        self.outcome.ours.operations.get(id)
    }

    /// The vendor's operation; renamed ones go by our id in locations.
    pub(super) fn theirs(&self, id: &str) -> Option<&'a Operation> {
        self.outcome.vendor.operations.get(id).or_else(|| {
            let ours = self.ours(id)?;
            self.outcome.vendor.operations.values().find(|theirs| {
                theirs.method == ours.method && theirs.shape_of_path() == ours.shape_of_path()
            })
        })
    }

    /// Whether our document has something at the pointer.
    pub(super) fn has(&self, pointer: &str) -> bool {
        self.spec.value.pointer(pointer).is_some()
    }

    /// The vendor's schema at a location, behind references.
    pub(super) fn their_schema(&self, place: &Location) -> Option<&'a Schema> {
        let vendor = &self.outcome.vendor;
        let resolve = |schema: &'a Schema| match &schema.reference {
            Some(name) => vendor.schemas.get(name),
            None => Some(schema),
        };
        let mut schema = match &place.root {
            Root::Version | Root::Operation(_) => None,
            Root::Parameter(id, carrier, name) => self
                .theirs(id)?
                .parameters
                .iter()
                .find(|found| found.carrier == *carrier && found.name == *name)
                .map(|found| &found.schema),
            Root::Body(id) => self.theirs(id)?.body.as_ref()?.content.values().next(),
            Root::Response(id, status) => {
                self.theirs(id)?.responses.get(status)?.content.values().next()
            }
            Root::Header(id, status, name) => {
                let response = self.theirs(id)?.responses.get(status)?;
                response.headers.get(&name.to_lowercase()).map(|found| &found.schema)
            }
            Root::Schema(name) => {
                let theirs = self.renamed.iter().find(|(_, ours)| *ours == name);
                vendor.schemas.get(theirs.map_or(name, |(theirs, _)| theirs))
            }
        }?;
        schema = resolve(schema)?;
        for step in &place.within {
            schema = resolve(match step {
                Step::Property(name) => &schema.properties.get(name)?.schema,
                Step::Items => schema.items.as_deref()?,
                Step::Additional => match &schema.additional {
                    Additional::Typed(of) => of,
                    _ => return None,
                },
            })?;
        }
        Some(schema)
    }

    /// Pointers of our schemas at a location, one per media type.
    pub(super) fn our_schemas(&self, root: &Root, within: &[Step]) -> Vec<String> {
        let starts = match root {
            Root::Version | Root::Operation(_) => Vec::new(),
            Root::Schema(name) => vec![join(SCHEMAS, name)],
            Root::Parameter(id, carrier, name) => self
                .ours(id)
                .and_then(|ours| {
                    ours.parameters
                        .iter()
                        .find(|found| found.carrier == *carrier && found.name == *name)
                })
                .map(|found| join(&found.site, "schema"))
                .into_iter()
                .collect(),
            Root::Body(id) => self
                .ours(id)
                .and_then(|ours| ours.body.as_ref())
                .map(|body| under_media(&body.site, body.content.keys()))
                .unwrap_or_default(),
            Root::Response(id, status) => self
                .ours(id)
                .and_then(|ours| ours.responses.get(status))
                .map(|found| under_media(&found.site, found.content.keys()))
                .unwrap_or_default(),
            Root::Header(id, status, name) => self
                .ours(id)
                .and_then(|ours| ours.responses.get(status))
                .and_then(|found| self.resolve(&join(&join(&found.site, "headers"), name)))
                .map(|header| join(&header, "schema"))
                .into_iter()
                .collect(),
        };
        starts
            .into_iter()
            .filter_map(|start| {
                within.iter().try_fold(self.resolve(&start)?, |at, step| self.step(&at, step))
            })
            .collect()
    }

    fn step(&self, at: &str, step: &Step) -> Option<String> {
        let next = match step {
            Step::Items => join(at, "items"),
            Step::Additional => join(at, "additionalProperties"),
            Step::Property(name) => {
                let own = join(&join(at, "properties"), name);
                if self.has(&own) {
                    own
                } else {
                    let parts = self.spec.value.pointer(&join(at, "allOf"))?.as_array()?.len();
                    (0..parts)
                        .map(|part| join(&format!("{at}/allOf/{part}/properties"), name))
                        .find(|candidate| self.has(candidate))?
                }
            }
        };
        self.resolve(&next)
    }

    /// The pointer behind references, those in a lone `allOf` included (but
    /// not where a named schema extends one other: that one is not it).
    fn resolve(&self, pointer: &str) -> Option<String> {
        let mut at = pointer.to_owned();
        for _ in 0..32 {
            let node = self.spec.value.pointer(&at)?;
            let is_named = at.rsplit_once('/').is_some_and(|(home, _)| home == SCHEMAS);
            let lone = || match node.get("allOf")?.as_array()?.as_slice() {
                [only] if !is_named && node.get("properties").is_none() => only.get("$ref"),
                _ => None,
            };
            match node.get("$ref").or_else(lone).and_then(Value::as_str) {
                Some(reference) => at = reference.strip_prefix('#')?.to_owned(),
                None => return Some(at),
            }
        }
        None
    }
}

fn under_media<'m>(site: &str, media: impl Iterator<Item = &'m String>) -> Vec<String> {
    media.map(|media| join(&join(&join(site, "content"), media), "schema")).collect()
}
