//! Which application a request is for.
//!
//! All of them share one listener, and names below `localhost` do not resolve
//! everywhere; so an application is found, in this order,
//!
//! 1. by the first part of the path: its name or id, with or without the
//!    platform's domain, as in `/second/api/devices` or
//!    `/second.azureiotcentral.com/api/devices`, which is what the vendor's
//!    command line sends with `--app-id localhost:PORT/second`;
//! 2. by the first label of the host, as in `second.azureiotcentral.com` behind a
//!    proxy or `second.localhost`;
//! 3. else it is the first one. That serves plain addresses, also those that the
//!    vendor's command line puts together from `--app-id 127` and
//!    `--central-dns-suffix 0.0.1:PORT`.
//!
//! A name in the platform's domain that no application has is nobody's: 404.

use std::sync::Arc;

use super::Application;

/// The platform's domain.
const DOMAIN: &str = ".azureiotcentral.com";

/// The applications of one listener, at least one.
#[derive(Debug, Clone)]
pub struct Applications {
    first: Arc<Application>,
    others: Vec<Arc<Application>>,
}

/// Where a request goes.
#[derive(Debug)]
pub(super) struct Destination<'r> {
    pub(super) application: Arc<Application>,
    /// What stands before `/api` in the path.
    pub(super) prefix: &'r str,
    /// The path from `/api` on.
    pub(super) path: &'r str,
}

impl Applications {
    /// One application; more join by [`Self::with`].
    #[must_use]
    pub fn new(first: Arc<Application>) -> Self {
        Self { first, others: Vec::new() }
    }

    /// One more.
    #[must_use]
    pub fn with(mut self, application: Arc<Application>) -> Self {
        self.others.push(application);
        self
    }

    /// The application by name or id.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Arc<Application>> {
        self.iter().find(|application| {
            [application.name(), application.id()]
                .iter()
                .any(|known| known.eq_ignore_ascii_case(name))
        })
    }

    /// All of them, the first one first.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Application>> {
        std::iter::once(&self.first).chain(&self.others)
    }

    /// The application that a request to `host` and `path` is for.
    pub(super) fn find<'r>(&self, host: &str, path: &'r str) -> Option<Destination<'r>> {
        let to = |application: &Arc<Application>, prefix, path| Destination {
            application: Arc::clone(application),
            prefix,
            path,
        };
        let after_slash = path.strip_prefix('/').unwrap_or(path);
        let part = after_slash.split('/').next().unwrap_or_default();
        if let Some((prefix, rest)) = path.split_at_checked(part.len() + 1) {
            if let Some(application) = self.get(without_domain(part)) {
                return Some(to(application, prefix, rest));
            }
            if is_of_domain(part) {
                return None;
            }
        }
        let host = host.split(':').next().unwrap_or_default();
        let label = host.split_once('.').map_or("", |(label, _)| label);
        match self.get(label) {
            Some(application) => Some(to(application, "", path)),
            None if is_of_domain(host) => None,
            None => Some(to(&self.first, "", path)),
        }
    }
}

fn is_of_domain(host: &str) -> bool {
    host.to_ascii_lowercase().ends_with(DOMAIN)
}

fn without_domain(host: &str) -> &str {
    let bare = host.len().saturating_sub(DOMAIN.len());
    if is_of_domain(host) { host.get(..bare).unwrap_or(host) } else { host }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{clock::Clock, iot_central::Config};

    #[test]
    fn a_request_finds_its_application() {
        let application =
            |name, id| Application::new(name, id, "tenant", Config::default(), Clock::new());
        let applications =
            Applications::new(application("myapp", "id-1")).with(application("second", "id-2"));
        let find = |host, path| {
            let found = applications.find(host, path)?;
            Some((
                found.application.name().to_owned(),
                found.prefix.to_owned(),
                found.path.to_owned(),
            ))
        };
        for (host, path, name, prefix) in [
            ("127.0.0.1:8443", "/api/devices", "myapp", ""),
            ("localhost", "/api/devices", "myapp", ""),
            ("localhost", "/second/api/devices", "second", "/second"),
            ("localhost", "/ID-2/api/devices", "second", "/ID-2"),
            (
                "localhost",
                "/second.azureiotcentral.com/api/devices",
                "second",
                "/second.azureiotcentral.com",
            ),
            ("SECOND.azureiotcentral.com:443", "/api/devices", "second", ""),
            ("id-2.localhost:1", "/api/devices", "second", ""),
            ("unknown.localhost:1", "/api/devices", "myapp", ""),
        ] {
            let found = Some((name.to_owned(), prefix.to_owned(), "/api/devices".to_owned()));
            assert_eq!(find(host, path), found, "{host} {path}");
        }
        assert_eq!(find("third.azureiotcentral.com", "/api/devices"), None);
        assert_eq!(find("localhost", "/third.azureiotcentral.com/api/devices"), None);
        assert!(find("localhost", "/").is_some() && find("", "").is_some());
    }
}
