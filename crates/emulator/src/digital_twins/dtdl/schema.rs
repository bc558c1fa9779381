//! Schemas of values: primitive, geospatial, enum, map, object, array.

use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::{
    Language, dtmi,
    members::{Scope, join, list, local_name},
};

/// What a value must look like.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Schema {
    Primitive(Primitive),
    /// `point`, `lineString` and so on: a GeoJSON geometry.
    Geospatial,
    Enum(Enumeration),
    /// Text keys, values of one schema.
    Map(Box<Schema>),
    Object(IndexMap<String, Schema>),
    /// Version 3 only, when the schema of a property.
    Array(Box<Schema>),
    /// A schema with an id, not looked up yet. Models in the store have none.
    Reference(String),
}

/// The primitive schemas of both versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Primitive {
    Boolean,
    Date,
    DateTime,
    Double,
    Duration,
    Float,
    Integer,
    Long,
    String,
    Time,
}

impl Primitive {
    /// The name in the language.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Boolean => "boolean",
            Self::Date => "date",
            Self::DateTime => "dateTime",
            Self::Double => "double",
            Self::Duration => "duration",
            Self::Float => "float",
            Self::Integer => "integer",
            Self::Long => "long",
            Self::String => "string",
            Self::Time => "time",
        }
    }

    const ALL: [Self; 10] = [
        Self::Boolean,
        Self::Date,
        Self::DateTime,
        Self::Double,
        Self::Duration,
        Self::Float,
        Self::Integer,
        Self::Long,
        Self::String,
        Self::Time,
    ];
}

/// The values of an enum, all strings or all integers.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Enumeration {
    pub(crate) values: Vec<Value>,
}

const GEOSPATIAL: [&str; 6] =
    ["lineString", "multiLineString", "multiPoint", "multiPolygon", "point", "polygon"];

/// How deep complex schemas may be nested.
fn deepest(language: Language) -> usize {
    if language == Language::V2 { 5 } else { 8 }
}

/// Reads the schema at `member`; faults go to the scope.
pub(super) fn read(scope: &mut Scope<'_>, value: &Value, member: &str) -> Option<Schema> {
    read_nested(scope, value, member, 0)
}

fn read_nested(scope: &mut Scope<'_>, value: &Value, member: &str, depth: usize) -> Option<Schema> {
    match value {
        Value::String(name) => by_name(scope, name, member),
        Value::Object(object) if depth > deepest(scope.language) => {
            let shown = object.get("@type").and_then(Value::as_str).unwrap_or("schema");
            scope.fault(member, format!("{shown} is nested too deep"));
            None
        }
        Value::Object(object) => complex(scope, object, member, depth),
        _ => {
            scope.fault(member, "must be the name of a schema or a schema");
            None
        }
    }
}

fn by_name(scope: &mut Scope<'_>, name: &str, member: &str) -> Option<Schema> {
    let short = local_name(name, "dtmi:dtdl:instance:Schema:");
    if let Some(primitive) = Primitive::ALL.into_iter().find(|known| known.name() == short) {
        return Some(Schema::Primitive(primitive));
    }
    if GEOSPATIAL.contains(&short) {
        return Some(Schema::Geospatial);
    }
    if dtmi::is_element_id(name, scope.language) {
        return Some(Schema::Reference(name.to_owned()));
    }
    scope.fault(member, format!("{name:?} is neither a schema nor a DTMI"));
    None
}

fn complex(
    scope: &mut Scope<'_>,
    object: &Map<String, Value>,
    member: &str,
    depth: usize,
) -> Option<Schema> {
    let id = object.get("@id").and_then(Value::as_str);
    if object.len() == 1
        && let Some(id) = id
    {
        return by_name(scope, id, member);
    }
    let schema = match scope.class(object, &["Enum", "Map", "Object", "Array"], member)? {
        "Enum" => enumeration(scope, object, member).map(Schema::Enum),
        "Map" => map(scope, object, member, depth),
        "Object" => fields(scope, object, member, depth).map(Schema::Object),
        _ => {
            scope.only(object, &["elementSchema"], member);
            part(scope, object, "elementSchema", member, depth)
                .map(|element| Schema::Array(Box::new(element)))
        }
    }?;
    if let Some(id) = id
        && scope.named.insert(id.to_owned(), schema.clone()).is_some()
    {
        scope.fault(member, format!("{id} is defined twice"));
    }
    Some(schema)
}

/// The schema at `key` of a complex schema.
fn part(
    scope: &mut Scope<'_>,
    object: &Map<String, Value>,
    key: &str,
    member: &str,
    depth: usize,
) -> Option<Schema> {
    let Some(value) = object.get(key) else {
        scope.fault(member, format!("{key} is missing"));
        return None;
    };
    read_nested(scope, value, &join(member, key), depth.saturating_add(1))
}

fn map(
    scope: &mut Scope<'_>,
    object: &Map<String, Value>,
    member: &str,
    depth: usize,
) -> Option<Schema> {
    scope.only(object, &["mapKey", "mapValue"], member);
    let mut sides = Vec::new();
    for side in ["mapKey", "mapValue"] {
        let place = join(member, side);
        let Some(value) = object.get(side) else {
            scope.fault(member, format!("{side} is missing"));
            continue;
        };
        let Some(side) = scope.object(value, &place) else { continue };
        scope.only(side, &["name", "schema"], &place);
        scope.name(side, &place);
        sides.push((part(scope, side, "schema", &place, depth), place));
    }
    let mut sides = sides.into_iter();
    let (Some((key, place)), Some((value, _))) = (sides.next(), sides.next()) else { return None };
    if key.is_some_and(|key| key != Schema::Primitive(Primitive::String)) {
        scope.fault(&place, "keys of a map are strings");
    }
    Some(Schema::Map(Box::new(value?)))
}

fn fields(
    scope: &mut Scope<'_>,
    object: &Map<String, Value>,
    member: &str,
    depth: usize,
) -> Option<IndexMap<String, Schema>> {
    scope.only(object, &["fields"], member);
    let mut fields = IndexMap::new();
    for field in object.get("fields").map(list).unwrap_or_default() {
        let Some(field) = scope.object(field, &join(member, "fields")) else { continue };
        let Some(name) = scope.name(field, &join(member, "fields")) else { continue };
        let place = join(member, &format!("fields/{name}"));
        scope.only(field, &["name", "schema"], &place);
        let Some(schema) = part(scope, field, "schema", &place, depth) else { continue };
        if fields.insert(name.to_owned(), schema).is_some() {
            scope.fault(&place, "is defined twice");
        }
    }
    Some(fields)
}

fn enumeration(
    scope: &mut Scope<'_>,
    object: &Map<String, Value>,
    member: &str,
) -> Option<Enumeration> {
    scope.only(object, &["enumValues", "valueSchema"], member);
    let of_strings = match object.get("valueSchema").and_then(Value::as_str) {
        Some(schema) => match local_name(schema, "dtmi:dtdl:instance:Schema:") {
            "string" => true,
            "integer" => false,
            _ => {
                scope.fault(&join(member, "valueSchema"), "must be integer or string");
                return None;
            }
        },
        None => {
            scope.fault(member, "valueSchema is missing");
            return None;
        }
    };
    let mut values: Vec<Value> = Vec::new();
    let mut names: Vec<&str> = Vec::new();
    for entry in object.get("enumValues").map(list).unwrap_or_default() {
        let Some(entry) = scope.object(entry, &join(member, "enumValues")) else { continue };
        let Some(name) = scope.name(entry, &join(member, "enumValues")) else { continue };
        let place = join(member, &format!("enumValues/{name}"));
        scope.only(entry, &["name", "enumValue"], &place);
        match entry.get("enumValue") {
            Some(value) if value.is_string() == of_strings && !values.contains(value) => {
                if of_strings || value.is_i64() {
                    values.push(value.clone());
                } else {
                    scope.fault(&place, "enumValue must be an integer");
                }
            }
            Some(value) if values.contains(value) => {
                scope.fault(&place, format!("enumValue {value} is used twice"));
            }
            Some(value) => {
                scope.fault(&place, format!("enumValue {value} is not of the valueSchema"));
            }
            None => scope.fault(&place, "enumValue is missing"),
        }
        if names.contains(&name) {
            scope.fault(&place, "is defined twice");
        }
        names.push(name);
    }
    Some(Enumeration { values })
}

impl Schema {
    /// Whether an array is used anywhere inside.
    pub(super) fn has_array(&self) -> bool {
        match self {
            Self::Array(_) => true,
            Self::Map(values) => values.has_array(),
            Self::Object(fields) => fields.values().any(Self::has_array),
            _ => false,
        }
    }

    /// The schema with every reference replaced by what `lookup` knows. A
    /// reference that is unknown, or that leads back to itself, is the error.
    pub(super) fn resolved(
        &self,
        lookup: &dyn Fn(&str) -> Option<Schema>,
        depth: usize,
    ) -> Result<Schema, String> {
        /// Above any nesting that [`read`] lets through, so only circles reach it.
        const CIRCLE: usize = 32;
        let nested = |schema: &Schema| schema.resolved(lookup, depth.saturating_add(1));
        Ok(match self {
            Self::Reference(id) if depth > CIRCLE => {
                return Err(format!("schema {id} contains itself"));
            }
            Self::Reference(id) => nested(
                &lookup(id).ok_or_else(|| format!("schema {id} is not defined by this model"))?,
            )?,
            Self::Map(values) => Self::Map(Box::new(nested(values)?)),
            Self::Array(elements) => Self::Array(Box::new(nested(elements)?)),
            Self::Object(fields) => Self::Object(
                fields
                    .iter()
                    .map(|(name, schema)| Ok((name.clone(), nested(schema)?)))
                    .collect::<Result<_, String>>()?,
            ),
            plain => plain.clone(),
        })
    }
}
