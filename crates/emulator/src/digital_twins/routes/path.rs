//! Paths: words in any case, ids percent-decoded and otherwise as they are.

use axum::http::Method;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::digital_twins::errors::ApiError;

/// What a path addresses, with its ids decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Resource {
    Models,
    Model(String),
    Query,
    Twin(String),
    Relationships(String),
    Relationship(String, String),
    IncomingRelationships(String),
    Telemetry(String),
    Component(String, String),
    ComponentTelemetry(String, String),
    EventRoutes,
    EventRoute(String),
    ImportJobs,
    ImportJob(String),
    CancelImportJob(String),
    DeleteJobs,
    DeleteJob(String),
}

impl Resource {
    /// The methods that the path takes.
    pub(super) fn methods(&self) -> &'static [Method] {
        match self {
            Self::Models | Self::DeleteJobs => &[Method::GET, Method::POST],
            Self::Model(_) => &[Method::GET, Method::PATCH, Method::DELETE],
            Self::Query
            | Self::Telemetry(_)
            | Self::ComponentTelemetry(..)
            | Self::CancelImportJob(_) => &[Method::POST],
            Self::Twin(_) | Self::Relationship(..) => {
                &[Method::GET, Method::PUT, Method::PATCH, Method::DELETE]
            }
            Self::Relationships(_)
            | Self::IncomingRelationships(_)
            | Self::EventRoutes
            | Self::ImportJobs
            | Self::DeleteJob(_) => &[Method::GET],
            Self::Component(..) => &[Method::GET, Method::PATCH],
            Self::EventRoute(_) | Self::ImportJob(_) => &[Method::GET, Method::PUT, Method::DELETE],
        }
    }
}

/// Reads a path; `None` if there is nothing at it. Ids are split off before
/// they are decoded, so `%2F` stays part of an id.
pub(super) fn read(path: &str) -> Result<Option<Resource>, ApiError> {
    let mut words = Vec::new();
    for part in path.trim_start_matches('/').split('/') {
        let decoded = percent_decode_str(part).decode_utf8().map_err(|_| {
            ApiError::invalid_argument("The path is not UTF-8 when percent-decoded.")
        })?;
        words.push((part.to_ascii_lowercase(), decoded.into_owned()));
    }
    let parts: Vec<(&str, &String)> = words.iter().map(|(word, id)| (word.as_str(), id)).collect();
    Ok(Some(match parts.as_slice() {
        [("models", _)] => Resource::Models,
        [("models", _), (_, id)] => Resource::Model((*id).clone()),
        [("query", _)] => Resource::Query,
        [("eventroutes", _)] => Resource::EventRoutes,
        [("eventroutes", _), (_, id)] => Resource::EventRoute((*id).clone()),
        [("digitaltwins", _), (_, twin), rest @ ..] => {
            return Ok(of_twin((*twin).clone(), rest));
        }
        [("jobs", _), ("imports", _)] => Resource::ImportJobs,
        [("jobs", _), ("imports", _), (_, id)] => Resource::ImportJob((*id).clone()),
        [("jobs", _), ("imports", _), (_, id), ("cancel", _)] => {
            Resource::CancelImportJob((*id).clone())
        }
        [("jobs", _), ("deletions", _)] => Resource::DeleteJobs,
        [("jobs", _), ("deletions", _), (_, id)] => Resource::DeleteJob((*id).clone()),
        _ => return Ok(None),
    }))
}

fn of_twin(twin: String, rest: &[(&str, &String)]) -> Option<Resource> {
    Some(match rest {
        [] => Resource::Twin(twin),
        [("relationships", _)] => Resource::Relationships(twin),
        [("relationships", _), (_, id)] => Resource::Relationship(twin, (*id).clone()),
        [("incomingrelationships", _)] => Resource::IncomingRelationships(twin),
        [("telemetry", _)] => Resource::Telemetry(twin),
        [("components", _), (_, name)] => Resource::Component(twin, (*name).clone()),
        [("components", _), (_, name), ("telemetry", _)] => {
            Resource::ComponentTelemetry(twin, (*name).clone())
        }
        _ => return None,
    })
}

/// What need not be encoded in a path segment.
const UNRESERVED: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// An id as part of a path or of a query.
pub(super) fn encode(id: &str) -> String {
    utf8_percent_encode(id, &UNRESERVED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_in_any_case_ids_as_they_are() {
        let id = |text: &str| text.to_owned();
        let cases = [
            ("/Models", Resource::Models),
            ("/models/dtmi%3Aa%3BB%3b1", Resource::Model(id("dtmi:a;B;1"))),
            ("/models/", Resource::Model(id(""))),
            ("/QUERY", Resource::Query),
            ("/DigitalTwins/A%2Fb%20%C3%BC", Resource::Twin(id("A/b ü"))),
            ("/digitaltwins/Models", Resource::Twin(id("Models"))),
            ("/digitaltwins/a/Relationships/R", Resource::Relationship(id("a"), id("R"))),
            ("/digitaltwins/a/incomingRelationships", Resource::IncomingRelationships(id("a"))),
            ("/digitaltwins/a/components/C", Resource::Component(id("a"), id("C"))),
            (
                "/digitaltwins/a/components/C/telemetry",
                Resource::ComponentTelemetry(id("a"), id("C")),
            ),
            ("/EventRoutes/x", Resource::EventRoute(id("x"))),
            ("/jobs/imports/j/cancel", Resource::CancelImportJob(id("j"))),
            ("/jobs/deletions", Resource::DeleteJobs),
        ];
        for (path, route) in cases {
            assert_eq!(read(path), Ok(Some(route)), "{path}");
        }
        for path in ["/", "", "/jobs", "/digitaltwins", "/models/a/b", "/digitaltwins/a/nope"] {
            assert_eq!(read(path), Ok(None), "{path}");
        }
        assert_eq!(read("/digitaltwins/%ff").unwrap_err().code(), "InvalidArgument");
    }

    #[test]
    fn encoding_is_undone_by_reading() {
        let awkward = "a/b?c#d%e\\f g;h:i.ü~";
        let path = format!("/digitaltwins/{}", encode(awkward));
        assert_eq!(read(&path), Ok(Some(Resource::Twin(awkward.to_owned()))));
    }
}
