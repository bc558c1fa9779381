//! Which data action a request needs, for whoever checks the caller's roles.

use axum::http::Method;

use super::path::{self, Resource};

/// The data action that a request needs, as `Microsoft.DigitalTwins/models/read`.
/// `None` for a request that no operation answers: it may be let through, and
/// gets its 400, 404 or 405.
#[must_use]
pub fn required_action(method: &Method, path: &str) -> Option<&'static str> {
    let route = path::read(path).ok().flatten()?;
    if !route.methods().contains(method) {
        return None;
    }
    let [read, write, delete] = match route {
        Resource::Models | Resource::Model(_) => [
            "Microsoft.DigitalTwins/models/read",
            "Microsoft.DigitalTwins/models/write",
            "Microsoft.DigitalTwins/models/delete",
        ],
        Resource::Query => return Some("Microsoft.DigitalTwins/query/action"),
        Resource::Twin(_) | Resource::Component(..) => [
            "Microsoft.DigitalTwins/digitaltwins/read",
            "Microsoft.DigitalTwins/digitaltwins/write",
            "Microsoft.DigitalTwins/digitaltwins/delete",
        ],
        Resource::Telemetry(_) | Resource::ComponentTelemetry(..) => {
            return Some("Microsoft.DigitalTwins/digitaltwins/sendtelemetry/action");
        }
        Resource::Relationships(_)
        | Resource::Relationship(..)
        | Resource::IncomingRelationships(_) => [
            "Microsoft.DigitalTwins/digitaltwins/relationships/read",
            "Microsoft.DigitalTwins/digitaltwins/relationships/write",
            "Microsoft.DigitalTwins/digitaltwins/relationships/delete",
        ],
        Resource::EventRoutes | Resource::EventRoute(_) => [
            "Microsoft.DigitalTwins/eventroutes/read",
            "Microsoft.DigitalTwins/eventroutes/write",
            "Microsoft.DigitalTwins/eventroutes/delete",
        ],
        Resource::CancelImportJob(_) => {
            return Some("Microsoft.DigitalTwins/jobs/import/cancel/action");
        }
        Resource::ImportJobs | Resource::ImportJob(_) => [
            "Microsoft.DigitalTwins/jobs/import/read",
            "Microsoft.DigitalTwins/jobs/import/write",
            "Microsoft.DigitalTwins/jobs/import/delete",
        ],
        Resource::DeleteJobs | Resource::DeleteJob(_) => [
            "Microsoft.DigitalTwins/jobs/deletions/read",
            "Microsoft.DigitalTwins/jobs/deletions/write",
            "Microsoft.DigitalTwins/jobs/deletions/delete",
        ],
    };
    Some(match *method {
        Method::GET => read,
        Method::DELETE => delete,
        _ => write,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_and_writing_need_different_actions() {
        let cases = [
            (Method::GET, "/Models", Some("Microsoft.DigitalTwins/models/read")),
            (Method::POST, "/models", Some("Microsoft.DigitalTwins/models/write")),
            (Method::DELETE, "/models/dtmi%3Aa%3B1", Some("Microsoft.DigitalTwins/models/delete")),
            (Method::POST, "/query", Some("Microsoft.DigitalTwins/query/action")),
            (Method::PATCH, "/digitaltwins/a", Some("Microsoft.DigitalTwins/digitaltwins/write")),
            (
                Method::GET,
                "/digitaltwins/a/incomingrelationships",
                Some("Microsoft.DigitalTwins/digitaltwins/relationships/read"),
            ),
            (
                Method::POST,
                "/digitaltwins/a/telemetry",
                Some("Microsoft.DigitalTwins/digitaltwins/sendtelemetry/action"),
            ),
            (Method::POST, "/jobs/deletions", Some("Microsoft.DigitalTwins/jobs/deletions/write")),
            (Method::POST, "/eventroutes", None),
            (Method::GET, "/nothing", None),
        ];
        for (method, path, action) in cases {
            assert_eq!(required_action(&method, path), action, "{method} {path}");
        }
    }
}
