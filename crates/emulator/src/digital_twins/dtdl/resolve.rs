//! A set of interfaces checked together: references, inheritance, components.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use indexmap::IndexMap;
use serde_json::Value;

use super::{
    Fault, Language,
    content::{Content, Relationship},
    interface::{self, Interface},
    model::{Member, Model},
    schema::Schema,
};

/// Longest chain of `extends`.
const DEEPEST: usize = 10;

/// Why a set of documents is not taken.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// An `@id` that is no DTMI.
    InvalidId(String),
    /// A document written in another version of the language.
    VersionNotSupported { model: String, context: String },
    /// Everything else, all of it.
    Faults(Vec<Fault>),
}

/// Checks the documents of one call against each other and against the models
/// that `stored` knows. The order of the documents is free. The models come
/// back in it.
pub(crate) fn check(
    documents: &[Value],
    stored: &dyn Fn(&str) -> Option<Arc<Model>>,
) -> Result<Vec<Arc<Model>>, Refusal> {
    let mut faults = Vec::new();
    let mut interfaces: IndexMap<String, Interface> = IndexMap::new();
    for (position, document) in documents.iter().enumerate() {
        let Some(interface) = interface::read(document, position, &mut faults)? else { continue };
        if let Some(first) = interfaces.insert(interface.id.clone(), interface) {
            faults.push(Fault {
                model: first.id,
                member: "@id".into(),
                text: "is used by two models of this call".into(),
            });
        }
    }
    let mut resolver = Resolver { interfaces: &interfaces, stored, built: HashMap::new(), faults };
    for id in interfaces.keys() {
        resolver.build(id, &mut Vec::new());
    }
    for interface in interfaces.values() {
        resolver.check_components(interface);
    }
    if !resolver.faults.is_empty() {
        return Err(Refusal::Faults(resolver.faults));
    }
    Ok(interfaces.keys().filter_map(|id| resolver.built.get(id).cloned().flatten()).collect())
}

struct Resolver<'a> {
    interfaces: &'a IndexMap<String, Interface>,
    stored: &'a dyn Fn(&str) -> Option<Arc<Model>>,
    /// Models of this call that are done; `None` if they have a fault.
    built: HashMap<String, Option<Arc<Model>>>,
    faults: Vec<Fault>,
}

impl Resolver<'_> {
    fn fault(&mut self, model: &str, member: &str, text: String) {
        self.faults.push(Fault { model: model.to_owned(), member: member.to_owned(), text });
    }

    /// The model `id` of this call with everything it inherits. `below` holds
    /// the models that wait for it.
    fn build(&mut self, id: &str, below: &mut Vec<String>) -> Option<Arc<Model>> {
        if let Some(done) = self.built.get(id) {
            return done.clone();
        }
        let interface = self.interfaces.get(id)?;
        below.push(id.to_owned());
        let model = self.inherit(interface, below).map(Arc::new);
        below.pop();
        self.built.insert(id.to_owned(), model.clone());
        model
    }

    fn inherit(&mut self, interface: &Interface, below: &mut Vec<String>) -> Option<Model> {
        let id = &interface.id;
        let mut model = Model {
            id: id.clone(),
            language: interface.language,
            display_name: interface.display_name.clone(),
            description: interface.description.clone(),
            extends: interface.extends.clone(),
            bases: BTreeSet::new(),
            depth: 0,
            contents: IndexMap::new(),
            schemas: BTreeMap::new(),
        };
        let mut whole = true;
        for parent in &interface.extends {
            match self.parent(interface, parent, below) {
                Some(parent) => self.take_over(&mut model, &parent),
                None => whole = false,
            }
        }
        if model.depth > DEEPEST {
            self.fault(id, "extends", format!("is deeper than {DEEPEST} levels"));
            whole = false;
        }
        for (name, schema) in &interface.schemas {
            model.schemas.insert(name.clone(), schema.clone());
        }
        for (name, content) in &interface.contents {
            let member = format!("contents/{name}");
            if let Some(inherited) = model.contents.get(name) {
                let origin = inherited.origin.clone();
                self.fault(id, &member, format!("is already declared by {origin}"));
                continue;
            }
            let known = |name: &str| model.schemas.get(name).cloned();
            match resolve_content(content, &known) {
                Ok(content) => {
                    if interface.language == Language::V2 && property_has_array(&content) {
                        self.fault(id, &member, "an array in a property needs version 3".into());
                    }
                    model.contents.insert(name.clone(), Member { origin: id.clone(), content });
                }
                Err(text) => self.fault(id, &member, text),
            }
        }
        whole.then_some(model)
    }

    fn parent(
        &mut self,
        interface: &Interface,
        parent: &str,
        below: &mut Vec<String>,
    ) -> Option<Arc<Model>> {
        let id = &interface.id;
        if below.iter().any(|waiting| waiting == parent) {
            self.fault(id, "extends", format!("{parent} extends this model in turn"));
            return None;
        }
        if below.len() > DEEPEST {
            self.fault(id, "extends", format!("is deeper than {DEEPEST} levels"));
            return None;
        }
        if !self.interfaces.contains_key(parent) && (self.stored)(parent).is_none() {
            self.fault(id, "extends", unresolved(parent));
            return None;
        }
        let model = self.find(parent, below)?;
        if interface.language < model.language {
            self.fault(id, "extends", format!("{parent} is of a later version of the language"));
            return None;
        }
        Some(model)
    }

    /// A model of this call or of the store.
    fn find(&mut self, id: &str, below: &mut Vec<String>) -> Option<Arc<Model>> {
        if self.interfaces.contains_key(id) { self.build(id, below) } else { (self.stored)(id) }
    }

    /// Adds what `parent` has to `model`. The same declaration may arrive by
    /// two ways; two declarations of one name may not.
    fn take_over(&mut self, model: &mut Model, parent: &Model) {
        model.depth = model.depth.max(parent.depth.saturating_add(1));
        model.bases.insert(parent.id.clone());
        model.bases.extend(parent.bases.iter().cloned());
        for (name, schema) in &parent.schemas {
            model.schemas.insert(name.clone(), schema.clone());
        }
        for (name, member) in &parent.contents {
            match model.contents.get(name) {
                Some(known) if known.origin != member.origin => {
                    let text = format!(
                        "{name} is declared by both {} and {}",
                        known.origin, member.origin
                    );
                    let id = model.id.clone();
                    self.fault(&id, "extends", text);
                }
                Some(_) => {}
                None => {
                    model.contents.insert(name.clone(), member.clone());
                }
            }
        }
    }

    /// Components must be of known interfaces that have no components themselves.
    fn check_components(&mut self, interface: &Interface) {
        for (name, content) in &interface.contents {
            let Content::Component(schema) = content else { continue };
            let member = format!("contents/{name}/schema");
            let id = &interface.id;
            if !self.interfaces.contains_key(schema) && (self.stored)(schema).is_none() {
                self.fault(id, &member, unresolved(schema));
                continue;
            }
            // A model with a fault of its own has been reported already.
            let Some(part) = self.find(schema, &mut Vec::new()) else { continue };
            if interface.language < part.language {
                let text = format!("{schema} is of a later version of the language");
                self.fault(id, &member, text);
            }
            if part.components().next().is_some() {
                let text = format!("{schema} has components; only one level is supported");
                self.fault(id, &member, text);
            }
        }
    }
}

fn unresolved(id: &str) -> String {
    format!("{id} is neither in this call nor stored")
}

fn property_has_array(content: &Content) -> bool {
    match content {
        Content::Property(schema) => schema.has_array(),
        Content::Relationship(relationship) => {
            relationship.properties.values().any(Schema::has_array)
        }
        _ => false,
    }
}

fn resolve_content(
    content: &Content,
    lookup: &dyn Fn(&str) -> Option<Schema>,
) -> Result<Content, String> {
    Ok(match content {
        Content::Property(schema) => Content::Property(schema.resolved(lookup, 0)?),
        Content::Telemetry(schema) => Content::Telemetry(schema.resolved(lookup, 0)?),
        Content::Relationship(relationship) => Content::Relationship(Relationship {
            target: relationship.target.clone(),
            properties: relationship
                .properties
                .iter()
                .map(|(name, schema)| Ok((name.clone(), schema.resolved(lookup, 0)?)))
                .collect::<Result<_, String>>()?,
        }),
        other => other.clone(),
    })
}
