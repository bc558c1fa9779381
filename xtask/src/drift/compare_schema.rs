//! Compares schemas: named ones with their namesakes, and any two in place.

use std::collections::BTreeSet;

use serde_json::Value;

use super::compare::Comparer;
use super::difference::{Difference, Kind};
use super::location::{Location, Root, Step};
use super::surface::{Additional, Property, Schema, Surface};

/// References are followed this deep when only one side has a name; recursion
/// beyond that repeats what was compared already.
const MAX_DEPTH: usize = 12;

impl<'a> Comparer<'a> {
    /// Finds named schemas that differ in nothing but the name.
    pub(super) fn rename_schemas(&mut self) {
        let (ours, vendor) = (self.ours, self.vendor);
        for (name, schema) in &vendor.schemas {
            if ours.schemas.contains_key(name) || schema.is_bare() {
                continue;
            }
            let print = fingerprint(name, schema);
            let mut alike = ours.schemas.iter().filter(|(our_name, our)| {
                !vendor.schemas.contains_key(*our_name) && fingerprint(our_name, our) == print
            });
            if let (Some((our_name, _)), None) = (alike.next(), alike.next())
                && !self.renamed.values().any(|taken| taken == our_name)
            {
                self.renamed.insert(name, our_name);
            }
        }
    }

    /// Compares all named schemas.
    pub(super) fn schemas(&mut self) {
        self.cause.clear();
        let (ours, vendor) = (self.ours, self.vendor);
        for (name, schema) in &ours.schemas {
            if let Some(their) = vendor.schemas.get(name) {
                self.schema(&Location::of(Root::Schema(name.clone())), schema, their, 0);
            }
        }
        for (their_name, our_name) in self.renamed.clone() {
            let at = Location::of(Root::Schema(our_name.to_owned()));
            let (our, their) = (Some(our_name.to_owned()), Some(their_name.to_owned()));
            self.note(Kind::SchemaRenamed, &at, our, their);
        }
        for (name, schema) in &ours.schemas {
            if !vendor.schemas.contains_key(name)
                && !self.covered_ours.contains(name)
                && !self.renamed.values().any(|renamed| renamed == name)
            {
                let at = Location::of(Root::Schema(name.clone()));
                self.note(Kind::SchemaOnlyInSpec, &at, Some(schema.describe()), None);
            }
        }
        for (name, schema) in &vendor.schemas {
            if !ours.schemas.contains_key(name)
                && !self.covered_vendor.contains(name)
                && !self.renamed.contains_key(name.as_str())
            {
                let at = Location::of(Root::Schema(name.clone()));
                self.note(Kind::SchemaOnlyAtVendor, &at, None, Some(schema.describe()));
            }
        }
    }

    /// Compares two schemas that stand in the same place.
    pub(super) fn schema(&mut self, at: &Location, ours: &Schema, vendor: &Schema, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        match (&ours.reference, &vendor.reference) {
            (Some(our), Some(their)) => {
                self.flags(at, ours, vendor);
                self.limits(at, ours, vendor);
                let their = self.renamed.get(their.as_str()).map_or(their.as_str(), |name| *name);
                if our != their {
                    let vendor = vendor.describe();
                    self.note(Kind::TypeChanged, at, Some(our.clone()), Some(vendor));
                }
            }
            (Some(name), None) => {
                let Some(resolved) = self.ours.schemas.get(name) else { return };
                let resolved = with_beside(resolved, ours);
                cover(self.ours, name, vendor.is_bare(), &mut self.covered_ours);
                self.in_place(at, &resolved, vendor, Some(name), None, depth + 1);
            }
            (None, Some(name)) => {
                let Some(resolved) = self.vendor.schemas.get(name) else { return };
                let resolved = with_beside(resolved, vendor);
                if !ours.is_bare() {
                    cover(self.vendor, name, false, &mut self.covered_vendor);
                }
                self.in_place(at, ours, &resolved, None, Some(name), depth + 1);
            }
            (None, None) => self.in_place(at, ours, vendor, None, None, depth),
        }
    }

    fn flags(&mut self, at: &Location, ours: &Schema, vendor: &Schema) {
        if ours.read_only != vendor.read_only {
            let word = |yes| Some(if yes { "read-only" } else { "writable" }.to_owned());
            self.note(Kind::ReadOnlyChanged, at, word(ours.read_only), word(vendor.read_only));
        }
        if ours.nullable != vendor.nullable {
            let word = |yes| Some(if yes { "nullable" } else { "not nullable" }.to_owned());
            self.note(Kind::NullableChanged, at, word(ours.nullable), word(vendor.nullable));
        }
        self.deprecated(at, ours.deprecated, vendor.deprecated);
    }

    /// Compares limits, each by itself.
    fn limits(&mut self, at: &Location, ours: &Schema, vendor: &Schema) {
        let words: BTreeSet<&String> = ours.limits.keys().chain(vendor.limits.keys()).collect();
        for word in words {
            let text = |side: &Schema| side.limits.get(word).map(|limit| limit_text(word, limit));
            let (our, their) = (text(ours), text(vendor));
            if our != their {
                self.note(Kind::LimitChanged, at, our, their);
            }
        }
    }

    /// Compares two schemas that are both written out.
    fn in_place(
        &mut self,
        at: &Location,
        ours: &Schema,
        vendor: &Schema,
        our_name: Option<&str>,
        their_name: Option<&str>,
        depth: usize,
    ) {
        self.flags(at, ours, vendor);
        let text = |schema: &Schema, name: Option<&str>| {
            Some(name.map_or_else(|| schema.describe(), str::to_owned))
        };
        let objects = is_object(ours) && is_object(vendor);
        if objects && ours.is_bare() != vendor.is_bare() {
            let kind =
                if vendor.is_bare() { Kind::ShapeOnlyInSpec } else { Kind::ShapeOnlyAtVendor };
            self.note(kind, at, text(ours, our_name), text(vendor, their_name));
            if kind == Kind::ShapeOnlyInSpec {
                // An accepted shape must not hide a new limit.
                self.limits(at, ours, vendor);
                // What the shape is made of is no news either.
                let mut mentioned = Vec::new();
                ours.mentioned(&mut mentioned);
                for name in mentioned {
                    cover(self.ours, &name, true, &mut self.covered_ours);
                }
            }
            return;
        }
        if ours.kind != vendor.kind {
            self.note(Kind::TypeChanged, at, text(ours, our_name), text(vendor, their_name));
            return;
        }
        if ours.format != vendor.format {
            self.note(Kind::FormatChanged, at, ours.format.clone(), vendor.format.clone());
        }
        self.limits(at, ours, vendor);
        self.values(at, &ours.values, &vendor.values);
        let anything = Schema::default();
        if ours.items.is_some() || vendor.items.is_some() {
            let our = ours.items.as_deref().unwrap_or(&anything);
            let their = vendor.items.as_deref().unwrap_or(&anything);
            self.schema(&at.step(Step::Items), our, their, depth);
        }
        self.additional(at, &ours.additional, &vendor.additional, depth);
        self.properties(at, ours, vendor, depth);
        self.names(at, &ours.bases, &vendor.bases, [Kind::BaseOnlyInSpec, Kind::BaseOnlyAtVendor]);
        let kinds = [Kind::VariantOnlyInSpec, Kind::VariantOnlyAtVendor];
        self.names(at, &ours.variants, &vendor.variants, kinds);
        let kinds = [Kind::DiscriminatorValueOnlyInSpec, Kind::DiscriminatorValueOnlyAtVendor];
        self.names(at, &ours.kinds, &vendor.kinds, kinds);
        if ours.discriminator != vendor.discriminator {
            let (our, their) = (ours.discriminator.clone(), vendor.discriminator.clone());
            self.note(Kind::DiscriminatorChanged, at, our, their);
        }
    }

    fn values(&mut self, at: &Location, ours: &[String], vendor: &[String]) {
        match (ours.is_empty(), vendor.is_empty()) {
            (false, true) => {
                self.note(Kind::EnumOnlyInSpec, at, Some(ours.join(", ")), None);
            }
            (true, false) => {
                self.note(Kind::EnumOnlyAtVendor, at, None, Some(vendor.join(", ")));
            }
            _ => {
                let kinds = [Kind::EnumValueOnlyInSpec, Kind::EnumValueOnlyAtVendor];
                for value in ours.iter().filter(|value| !vendor.contains(value)) {
                    self.note(kinds[0], at, Some(value.clone()), None);
                }
                for value in vendor.iter().filter(|value| !ours.contains(value)) {
                    self.note(kinds[1], at, None, Some(value.clone()));
                }
            }
        }
    }

    /// Compares lists of schema names; the vendor's are translated first.
    fn names(&mut self, at: &Location, ours: &[String], vendor: &[String], kinds: [Kind; 2]) {
        let [only_ours, only_vendor] = kinds;
        let translated: Vec<String> = vendor
            .iter()
            .map(|name| self.renamed.get(name.as_str()).map_or(name.as_str(), |name| *name))
            .map(str::to_owned)
            .collect();
        for name in ours.iter().filter(|name| !translated.contains(name)) {
            self.note(only_ours, at, Some(name.clone()), None);
        }
        for name in translated.iter().filter(|name| !ours.contains(name)) {
            self.note(only_vendor, at, None, Some(name.clone()));
        }
    }

    fn additional(&mut self, at: &Location, ours: &Additional, vendor: &Additional, depth: usize) {
        match (ours, vendor) {
            (Additional::Typed(our), Additional::Typed(their)) => {
                self.schema(&at.step(Step::Additional), our, their, depth);
            }
            _ if ours == vendor => {}
            _ => {
                let text = |side: &Additional| {
                    Some(match side {
                        Additional::Anything => "anything".to_owned(),
                        Additional::Nothing => "nothing".to_owned(),
                        Additional::Typed(schema) => schema.describe(),
                    })
                };
                self.note(Kind::AdditionalPropertiesChanged, at, text(ours), text(vendor));
            }
        }
    }

    fn properties(&mut self, at: &Location, ours: &Schema, vendor: &Schema, depth: usize) {
        for (name, our) in &ours.properties {
            let place = at.step(Step::Property(name.clone()));
            match vendor.properties.get(name) {
                Some(their) => {
                    self.required(Kind::PropertyRequired, &place, our.required, their.required);
                    self.schema(&place, &our.schema, &their.schema, depth);
                }
                None => {
                    let text = Some(text_of(our));
                    let found = Difference::new(Kind::PropertyOnlyInSpec, place, text, None);
                    self.push(found.with_half(outline(self.ours, &our.schema), 0));
                }
            }
        }
        for (name, their) in &vendor.properties {
            if !ours.properties.contains_key(name) {
                let place = at.step(Step::Property(name.clone()));
                let found =
                    Difference::new(Kind::PropertyOnlyAtVendor, place, None, Some(text_of(their)));
                let shape = outline(self.vendor, &their.schema);
                self.push(found.with_half(shape, 0).with_required(their.required));
            }
        }
    }
}

fn is_object(schema: &Schema) -> bool {
    matches!(schema.kind.as_deref(), None | Some("object"))
}

/// Notes that `name`, and with `deep` all it mentions, is told in place.
fn cover(surface: &Surface, name: &str, deep: bool, covered: &mut BTreeSet<String>) {
    if !covered.insert(name.to_owned()) || !deep {
        return;
    }
    if let Some(schema) = surface.schemas.get(name) {
        let mut mentioned = Vec::new();
        schema.mentioned(&mut mentioned);
        for name in mentioned {
            cover(surface, &name, deep, covered);
        }
    }
}

/// A named schema, and what stands beside the reference to it.
fn with_beside(named: &Schema, reference: &Schema) -> Schema {
    let mut whole = named.clone();
    whole.read_only |= reference.read_only;
    whole.nullable |= reference.nullable;
    whole.deprecated |= reference.deprecated;
    whole.limits.extend(reference.limits.clone());
    whole
}

fn limit_text(word: &str, limit: &Value) -> String {
    format!("{word} {}", limit.as_str().map_or_else(|| limit.to_string(), str::to_owned))
}

/// The whole schema as text, its own name taken out.
fn fingerprint(name: &str, schema: &Schema) -> String {
    format!("{schema:?}").replace(&format!("{name:?}"), "itself")
}

/// The type in outline, by which two halves of a rename know each other:
/// details may differ on purpose.
pub(super) fn outline(surface: &Surface, schema: &Schema) -> String {
    let named = schema.reference.as_ref().and_then(|name| surface.schemas.get_key_value(name));
    match named {
        Some((name, resolved)) if is_object(resolved) => name.clone(),
        Some((_, resolved)) => resolved.kind.clone().unwrap_or_default(),
        None => match &schema.items {
            Some(items) => format!("array of {}", outline(surface, items)),
            None => schema.kind.clone().unwrap_or_default(),
        },
    }
}

fn text_of(property: &Property) -> String {
    let required = if property.required { "required" } else { "optional" };
    format!("{}, {required}", property.schema.describe())
}
