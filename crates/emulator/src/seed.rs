//! State to start with, loaded through the same rules as requests.
//!
//! A seed is one JSON object:
//!
//! ```json
//! {
//!   "models": [{"@id": "dtmi:example:Room;1", "@type": "Interface", "@context": "dtmi:dtdl:context;3"}],
//!   "twins": [{"$dtId": "room-1", "$metadata": {"$model": "dtmi:example:Room;1"}}],
//!   "relationships": [{"$sourceId": "floor-1", "$relationshipId": "r1", "$targetId": "room-1", "$relationshipName": "contains"}],
//!   "endpoints": ["events"],
//!   "eventRoutes": [{"id": "all", "endpointName": "events", "filter": "true"}]
//! }
//! ```
//!
//! Every member may be left out. This module knows requests, not rules: what is
//! refused is refused by the data plane, and the error names the item.

use std::{
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
};

use axum::{
    Router,
    body::Body,
    http::{Method, Request, header},
};
use http_body_util::BodyExt as _;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::Value;
use tower::ServiceExt as _;

/// State to start with.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Seed {
    /// DTDL interfaces in any order.
    pub models: Vec<Value>,
    /// Twins, each with its `$dtId`.
    pub twins: Vec<Value>,
    /// Relationships, each with `$sourceId` and `$relationshipId`.
    pub relationships: Vec<Value>,
    /// Names of endpoints that event routes may use.
    pub endpoints: Vec<String>,
    /// Event routes, each with its `id`.
    pub event_routes: Vec<Value>,
}

/// Why a seed was refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SeedError {
    /// The file could not be read.
    #[error("the seed file {} could not be read", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The text is not a seed.
    #[error("the seed is not valid")]
    Parse(#[from] serde_json::Error),
    /// A member that names the item is missing or no string.
    #[error("{item} of the seed has no {member}")]
    Unnamed {
        /// Which item, such as `twins[3]`.
        item: String,
        /// The member needed.
        member: &'static str,
    },
    /// The data plane refused an item.
    #[error("{item} of the seed was refused with {status}: {answer}")]
    Refused {
        /// Which item, such as `twins[3] "room-1"`.
        item: String,
        /// The status answered.
        status: u16,
        /// The answer's body.
        answer: String,
    },
}

impl Seed {
    /// Reads a seed from a file.
    ///
    /// # Errors
    /// The file cannot be read or is not a seed.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, SeedError> {
        let path = path.as_ref();
        let text =
            fs::read(path).map_err(|source| SeedError::Read { path: path.to_owned(), source })?;
        // Some editors put a byte-order mark first.
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&text);
        Ok(serde_json::from_slice(text)?)
    }
}

/// Segments of a path: everything but RFC 3986's unreserved characters.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// The version that seeds are sent with.
const API_VERSION: &str = "api-version=2023-10-31";
/// Models of one request.
const BATCH: usize = 250;

impl Seed {
    /// Sends everything to a data plane that asks for no sign-in.
    pub(crate) async fn load(&self, plane: &Router) -> Result<(), SeedError> {
        let models = order_by_dependency(&self.models);
        for batch in models.chunks(BATCH) {
            let body = Value::Array(batch.iter().map(|&model| model.clone()).collect());
            let ids: Vec<&str> = batch.iter().filter_map(|model| text(model, "@id")).collect();
            let item = format!("models ({})", ids.join(", "));
            send(plane, item, Method::POST, "/models".to_owned(), &body).await?;
        }
        for (index, twin) in self.twins.iter().enumerate() {
            let item = format!("twins[{index}]");
            let id = named(twin, &item, "$dtId")?;
            let path = format!("/digitaltwins/{}", encode(id));
            send(plane, format!("{item} {id:?}"), Method::PUT, path, twin).await?;
        }
        for (index, relationship) in self.relationships.iter().enumerate() {
            let item = format!("relationships[{index}]");
            let source = named(relationship, &item, "$sourceId")?;
            let id = named(relationship, &item, "$relationshipId")?;
            let path = format!("/digitaltwins/{}/relationships/{}", encode(source), encode(id));
            let item = format!("{item} {source:?} {id:?}");
            send(plane, item, Method::PUT, path, relationship).await?;
        }
        for (index, route) in self.event_routes.iter().enumerate() {
            let item = format!("eventRoutes[{index}]");
            let id = named(route, &item, "id")?;
            let path = format!("/eventroutes/{}", encode(id));
            send(plane, format!("{item} {id:?}"), Method::PUT, path, route).await?;
        }
        Ok(())
    }
}

async fn send(
    plane: &Router,
    item: String,
    method: Method,
    path: String,
    body: &Value,
) -> Result<(), SeedError> {
    let refused = |status, answer| SeedError::Refused { item: item.clone(), status, answer };
    let request = Request::builder()
        .method(method)
        .uri(format!("{path}?{API_VERSION}"))
        .header(header::HOST, "localhost")
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body.to_string()))
        .map_err(|error| refused(0, error.to_string()))?;
    let response = match plane.clone().oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    let status = response.status();
    if status.is_success() {
        return Ok(());
    }
    let answer = response.into_body().collect().await.map(|body| body.to_bytes());
    let answer = answer.unwrap_or_default();
    Err(refused(status.as_u16(), String::from_utf8_lossy(&answer).into_owned()))
}

fn text<'a>(document: &'a Value, member: &str) -> Option<&'a str> {
    document.get(member).and_then(Value::as_str)
}

fn named<'a>(document: &'a Value, item: &str, member: &'static str) -> Result<&'a str, SeedError> {
    text(document, member).ok_or_else(|| SeedError::Unnamed { item: item.to_owned(), member })
}

fn encode(segment: &str) -> String {
    utf8_percent_encode(segment, SEGMENT).to_string()
}

/// Models so that each stands behind those it extends or has as components:
/// within one request the order is free, but a large set needs several.
/// Cycles and unknown ids are left to the data plane to refuse.
fn order_by_dependency(models: &[Value]) -> Vec<&Value> {
    let by_id: HashMap<&str, usize> = models
        .iter()
        .enumerate()
        .filter_map(|(index, model)| Some((text(model, "@id")?, index)))
        .collect();
    let mut seen = vec![false; models.len()];
    let mut ordered = Vec::with_capacity(models.len());
    for start in 0..models.len() {
        // Depth first, without recursion: an entry is visited, then left.
        let mut stack = vec![(start, false)];
        while let Some((index, is_left)) = stack.pop() {
            let Some(model) = models.get(index) else { continue };
            if is_left {
                ordered.push(model);
                continue;
            }
            let Some(seen) = seen.get_mut(index) else { continue };
            if std::mem::replace(seen, true) {
                continue;
            }
            stack.push((index, true));
            let needed = dependencies(model).filter_map(|id| by_id.get(id).copied());
            stack.extend(needed.map(|index| (index, false)));
        }
    }
    ordered
}

/// Ids that a model extends or has as component schemas.
fn dependencies(model: &Value) -> impl Iterator<Item = &str> {
    let extends = one_or_many(model.get("extends"));
    let schemas = one_or_many(model.get("contents")).filter_map(|content| content.get("schema"));
    extends.chain(schemas).filter_map(Value::as_str)
}

fn one_or_many(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    let (many, one) = match value {
        Some(Value::Array(items)) => (items.as_slice(), None),
        other => (&[][..], other),
    };
    many.iter().chain(one)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn models_stand_behind_what_they_need() {
        let models = [
            json!({"@id": "c", "extends": ["b"], "contents": [{"schema": "d"}]}),
            json!({"@id": "b", "extends": "a", "contents": {"schema": "string"}}),
            json!({"@id": "a", "extends": "c"}),
            json!({"@id": "d"}),
            json!({"no id": true}),
        ];
        let ordered = order_by_dependency(&models);
        let ids: Vec<_> = ordered.iter().filter_map(|model| text(model, "@id")).collect();
        assert_eq!(ids, ["d", "a", "b", "c"]);
        assert_eq!(ordered.len(), models.len());
    }

    #[test]
    fn a_seed_says_what_it_does_not_know() {
        let seed: Seed = serde_json::from_str(r#"{"twins":[{}],"eventRoutes":[]}"#).unwrap();
        assert_eq!(seed.twins, [json!({})]);
        assert!(serde_json::from_str::<Seed>(r#"{"twin":[]}"#).is_err());
        assert!(matches!(Seed::from_file("no/such/file"), Err(SeedError::Read { .. })));
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), "\u{feff}{\"endpoints\": [\"events\"]}").unwrap();
        assert_eq!(Seed::from_file(file.path()).unwrap().endpoints, ["events"]);
    }
}
