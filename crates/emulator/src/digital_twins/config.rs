//! Settings of one Digital Twins instance: limits, page sizes, spellings.
//!
//! Defaults are the documented service limits. Where the documents and the
//! recorded traffic disagree, or are silent, the setting says what we chose.

use std::{collections::BTreeSet, time::Duration};

/// Settings of one instance; `Config::default()` behaves as documented.
#[derive(Debug, Clone)]
pub struct Config {
    /// Host name told in events (`source`); links use the request's own host.
    pub host_name: String,
    /// Whether the listener speaks TLS: decides `https` in links and the
    /// `Strict-Transport-Security` header.
    pub tls: bool,
    /// Names of the endpoints that event routes may send to. On the platform
    /// they are made in the control plane.
    pub endpoints: BTreeSet<String>,
    /// How many times and how much the instance takes.
    pub limits: Limits,
    /// How long a list page may get.
    pub pages: Pages,
    /// Codes whose spelling differs between documents and recordings.
    pub spelling: Spelling,
    /// How fast bulk jobs work.
    pub jobs: JobPace,
    /// Requests a second before 429; none: never.
    pub rates: Option<Rates>,
    /// How long queries lag behind writes. Zero: they see every write at once.
    pub index_lag: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            host_name: "localhost".into(),
            tls: false,
            endpoints: BTreeSet::from(["events".to_owned()]),
            limits: Limits::default(),
            pages: Pages::default(),
            spelling: Spelling::default(),
            jobs: JobPace::default(),
            rates: None,
            index_lag: Duration::ZERO,
        }
    }
}

/// Service limits; the defaults are those of the newest limits page.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Twins of the instance.
    pub twins: usize,
    /// Relationships of the instance.
    pub relationships: usize,
    /// Outgoing, and as many incoming, relationships of one twin.
    pub relationships_per_twin: usize,
    /// Models of the instance.
    pub models: usize,
    /// Models of one upload.
    pub models_per_call: usize,
    /// Bytes of one model document.
    pub model_bytes: usize,
    /// Ids in `dependenciesFor`. Documented as limited, without the number: our choice.
    pub dependencies_for: usize,
    /// Bytes of a twin, and of a request that is not a model upload.
    pub payload_bytes: usize,
    /// Bytes of one string value.
    pub string_bytes: usize,
    /// Bytes of one property name or map key.
    pub name_bytes: usize,
    /// Event routes of the instance.
    pub event_routes: usize,
    /// Characters of a twin, relationship, route or job id.
    pub id_chars: usize,
    /// Events kept for inspection; older ones are dropped first. Our choice.
    pub kept_events: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            twins: 2_000_000,
            relationships: 20_000_000,
            relationships_per_twin: 50_000,
            models: 10_000,
            models_per_call: 250,
            model_bytes: 1024 * 1024,
            dependencies_for: 250,
            payload_bytes: 32 * 1024,
            string_bytes: 4 * 1024,
            name_bytes: 1024,
            event_routes: 6,
            id_chars: 128,
            kept_events: 10_000,
        }
    }
}

/// Requests a second; the defaults are those of the newest limits page.
#[derive(Debug, Clone)]
pub struct Rates {
    /// Bulk jobs, all operations.
    pub jobs: u32,
    /// Models, all operations.
    pub models: u32,
    /// Reads of twins, relationships and components.
    pub twin_reads: u32,
    /// Patches of them, and telemetry.
    pub twin_patches: u32,
    /// Creations, replacements and deletions of them.
    pub twin_creates_and_deletes: u32,
    /// Event routes, all operations.
    pub event_routes: u32,
    /// Queries, each page counting as one.
    pub queries: u32,
    /// Writes on one twin and its outgoing relationships.
    pub writes_per_twin: u32,
}

impl Default for Rates {
    fn default() -> Self {
        Self {
            jobs: 1,
            models: 100,
            twin_reads: 1000,
            twin_patches: 1000,
            twin_creates_and_deletes: 500,
            event_routes: 100,
            queries: 500,
            writes_per_twin: 10,
        }
    }
}

/// Page sizes. Only the maximum for models is documented; the small one for
/// relationships makes clients follow the links.
#[derive(Debug, Clone)]
pub struct Pages {
    /// Models on a page, at most.
    pub models: usize,
    /// Relationships on a page; the request has no say.
    pub relationships: usize,
    /// Event routes on a page, at most.
    pub event_routes: usize,
    /// Jobs on a page, at most.
    pub jobs: usize,
    /// Query rows on a page, if the request does not ask for less or more.
    pub query: usize,
    /// Query rows on a page, at most.
    pub query_max: usize,
}

impl Default for Pages {
    fn default() -> Self {
        Self {
            models: 100,
            relationships: 10,
            event_routes: 100,
            jobs: 100,
            query: 100,
            query_max: 1000,
        }
    }
}

/// Error codes that the vendor's document and recorded traffic spell differently.
/// The defaults are the documented ones.
#[derive(Debug, Clone)]
pub struct Spelling {
    /// Target of a new relationship missing; recorded as `TargetDigitalTwinNotFound`.
    pub target_twin_not_found: &'static str,
    /// Import job missing; recorded as `JobNotFound`.
    pub import_job_not_found: &'static str,
}

impl Default for Spelling {
    fn default() -> Self {
        Self {
            target_twin_not_found: "TargetTwinNotFound",
            import_job_not_found: "ImportJobNotFound",
        }
    }
}

impl Spelling {
    /// The spellings seen in recorded traffic.
    #[must_use]
    pub fn recorded() -> Self {
        Self {
            target_twin_not_found: "TargetDigitalTwinNotFound",
            import_job_not_found: "JobNotFound",
        }
    }
}

/// How fast bulk jobs work, so that a test can see one running and cancel it.
#[derive(Debug, Clone, Default)]
pub struct JobPace {
    /// Time from the request until the job runs.
    pub start_delay: Duration,
    /// Pause after each item (a model set counts as one).
    pub item_delay: Duration,
}
