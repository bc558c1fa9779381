//! What stands in for the Digital Twins data plane until it is wired in.

use std::sync::Arc;

use axum::{Router, http::Method, routing::any};

/// Settings.
#[derive(Debug, Default, Clone)]
pub struct Config {
    pub(crate) host_name: String,
    pub(crate) tls: bool,
    pub(crate) endpoints: std::collections::BTreeSet<String>,
}

/// One instance.
#[derive(Debug)]
pub struct Instance;

impl Instance {
    pub(crate) fn new(
        config: Config,
        _clock: crate::clock::Clock,
        _storage: crate::storage::Storage,
    ) -> Arc<Self> {
        let _ = (config.host_name, config.tls, config.endpoints);
        Arc::new(Self)
    }
}

pub(crate) fn router(_instance: Arc<Instance>) -> Router {
    Router::new().route(
        "/models",
        any(|| async { axum::Json(serde_json::json!({"value": [], "nextLink": null})) }),
    )
}

pub(crate) fn required_action(method: &Method, _path: &str) -> Option<&'static str> {
    Some(if method == Method::GET {
        "Microsoft.DigitalTwins/models/read"
    } else {
        "Microsoft.DigitalTwins/models/write"
    })
}
