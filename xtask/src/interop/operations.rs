//! Which operation of our specs a request was: by service, method, path and API version.
//! It must not know who sent the request, nor how it ended.

use crate::catalogue::{self, Api};
use crate::document::Document;
use crate::table::{self, Row};

use super::parts::Request;

/// An operation of an API.
#[derive(Debug, Clone)]
pub struct Operation {
    pub api: &'static str,
    pub row: Row,
}

/// All operations of all APIs, in the order of the catalogue.
#[derive(Debug)]
pub struct Operations(Vec<Operation>);

impl Operations {
    /// Reads the specs.
    pub fn of_all_apis() -> anyhow::Result<Self> {
        let mut all = Vec::new();
        for api in catalogue::APIS {
            let document = Document::load(&catalogue::root().join(api.spec))?;
            let rows = table::build(&document.value);
            all.extend(rows.into_iter().map(|row| Operation { api: api.id, row }));
        }
        Ok(Self(all))
    }

    /// Those of all APIs; the specs are read once for all tests.
    #[cfg(test)]
    pub fn for_tests() -> &'static Self {
        static ALL: std::sync::LazyLock<Operations> =
            std::sync::LazyLock::new(|| Operations::of_all_apis().unwrap());
        &ALL
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Operation> {
        self.0.iter()
    }

    /// The operation that a request called. Where two versions of an API have it, that
    /// of the version which was asked for, else the first.
    pub fn find(&self, request: &Request) -> Option<&Operation> {
        let path = paths(request).find_map(|path| {
            let mut found: Vec<_> = self
                .0
                .iter()
                .filter(|operation| serves(&request.service, operation.api))
                .filter(|operation| operation.row.method == request.method)
                .filter_map(|operation| Some((likeness(&operation.row.path, path)?, operation)))
                .collect();
            // The sort is stable: of those that are alike, the first comes first.
            found.sort_by(|(a, _), (b, _)| b.cmp(a));
            (!found.is_empty()).then_some(found)
        })?;
        let (best, first) = path.first()?;
        let asked = version(&request.query);
        let same = path.iter().take_while(|(likeness, _)| likeness == best);
        let of_version = same
            .map(|(_, operation)| operation)
            .find(|operation| asked.is_some() && operation.row.api_version.as_deref() == asked);
        Some(of_version.unwrap_or(first))
    }
}

/// Whether a service of the emulator serves an API. A further instance of Digital Twins
/// has a name of its own.
fn serves(service: &str, api: &str) -> bool {
    let known = catalogue::APIS.iter().map(|api| family(api));
    match known.into_iter().find(|family| *family == service) {
        Some(family) => catalogue::find(api).is_ok_and(|api| self::family(api) == family),
        None => api == "digital-twins" && !super::kinds::is_kind(service),
    }
}

/// The emulator's service of an API: all of a platform are one.
fn family(api: &Api) -> &'static str {
    ["iot-central", "itwin"].into_iter().find(|name| api.id.starts_with(name)).unwrap_or(api.id)
}

/// The path of a request, and what it is without the application's name: IoT Central
/// has applications by host, and the emulator by the first segment too.
fn paths(request: &Request) -> impl Iterator<Item = &str> {
    let path = request.path.as_str();
    let inner = (request.service == "iot-central").then(|| {
        let rest = path.strip_prefix('/')?;
        rest.get(rest.find('/')?..)
    });
    std::iter::once(path).chain(inner.flatten())
}

/// How well a path fits a template: for each segment, whether it is the template's own
/// word. Words are preferred to parameters from the left.
fn likeness(template: &str, path: &str) -> Option<Vec<bool>> {
    let path = path.strip_suffix('/').filter(|path| !path.is_empty()).unwrap_or(path);
    let (wanted, given): (Vec<_>, Vec<_>) =
        (template.split('/').collect(), path.split('/').collect());
    if wanted.len() != given.len() {
        return None;
    }
    wanted
        .iter()
        .zip(&given)
        .map(|(wanted, given)| match wanted.starts_with('{') {
            // A slash inside an id is percent-encoded: it does not divide.
            true => (!given.is_empty()).then_some(false),
            // The vendors' clients write words as they like: `/Models`, `readAccess`.
            false => wanted.eq_ignore_ascii_case(given).then_some(true),
        })
        .collect()
}

fn version(query: &str) -> Option<&str> {
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find_map(|(name, value)| name.eq_ignore_ascii_case("api-version").then_some(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(service: &str, method: &str, target: &str) -> Request {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Request {
            service: service.to_owned(),
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            ..Request::default()
        }
    }

    fn found(service: &str, method: &str, target: &str) -> Option<(String, String)> {
        let operation = Operations::for_tests().find(&request(service, method, target))?;
        Some((operation.api.to_owned(), operation.row.path.clone()))
    }

    #[track_caller]
    fn is(service: &str, method: &str, target: &str, api: &str, path: &str) {
        let expected = Some((api.to_owned(), path.to_owned()));
        assert_eq!(found(service, method, target), expected, "{method} {target}");
    }

    #[test]
    fn ids_are_one_segment_whatever_they_hold() {
        let twins = "digital-twins";
        is(twins, "GET", "/digitaltwins/a%2Fb%3Fc%23d%252F%20%C3%A9", twins, "/digitaltwins/{id}");
        is(
            twins,
            "PUT",
            "/digitaltwins/floor%201/relationships/l%2Fi?api-version=2023-10-31",
            twins,
            "/digitaltwins/{id}/relationships/{relationshipId}",
        );
        is(twins, "GET", "/models/dtmi:a:B;1?x", twins, "/models/{id}");
        is(twins, "GET", "/models/", twins, "/models");
        is(twins, "GET", "/EventRoutes?api-version=2022-05-31", twins, "/eventroutes");
        // An id may be called like a part of a path.
        is(
            twins,
            "GET",
            "/digitaltwins/relationships/relationships",
            twins,
            "/digitaltwins/{id}/relationships",
        );
    }

    #[test]
    fn another_instance_is_digital_twins_too() {
        is("second", "POST", "/query", "digital-twins", "/query");
    }

    #[test]
    fn words_are_preferred_to_parameters() {
        let imodels = "itwin-imodels";
        is("itwin", "GET", "/itwins/favorites", "itwin-itwins", "/itwins/favorites");
        is("itwin", "GET", "/itwins/0f-1", "itwin-itwins", "/itwins/{id}");
        is(
            "itwin",
            "GET",
            "/imodels/1/briefcases/2",
            imodels,
            "/imodels/{id}/briefcases/{briefcaseId}",
        );
        is(
            "itwin",
            "GET",
            "/imodels/1/changesets/extendeddata",
            imodels,
            "/imodels/{id}/changesets/extendeddata",
        );
    }

    #[test]
    fn applications_are_named_by_host_or_by_path() {
        let path = "/api/devices/{deviceId}";
        for prefix in ["", "/myapp", "/api"] {
            let target = format!("{prefix}/api/devices/d%2F1?api-version=2022-07-31");
            is("iot-central", "GET", &target, "iot-central", path);
        }
        is("iot-central", "GET", "/api/api/devices", "iot-central", "/api/devices");
        // No application of Digital Twins.
        assert_eq!(found("digital-twins", "GET", "/myapp/models"), None);
    }

    #[test]
    fn the_version_chooses_among_apis() {
        let path = "/api/deviceGroups";
        let preview = "/myapp/api/deviceGroups?api-version=2022-10-31-preview";
        is("iot-central", "GET", preview, "iot-central-preview", path);
        is("iot-central", "GET", "/myapp/api/deviceGroups?api-version=1.0", "iot-central", path);
        is("iot-central", "GET", path, "iot-central", path);
    }

    #[test]
    fn what_is_no_operation_is_none() {
        for (service, method, target) in [
            ("digital-twins", "GET", "/"),
            ("digital-twins", "GET", ""),
            ("digital-twins", "GET", "/digitaltwins//relationships"),
            ("digital-twins", "TRACE", "/models"),
            ("digital-twins", "GET", "/api/devices"),
            ("itwin", "GET", "/models"),
            ("iot-central", "GET", "/"),
            ("identity", "GET", "/models"),
            ("storage", "GET", "/models"),
        ] {
            assert_eq!(found(service, method, target), None, "{service} {method} {target}");
        }
    }
}
