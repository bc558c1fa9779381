//! Settings of the applications: page sizes, limits, how fast things happen.

use std::time::Duration;

/// Settings of every application; `Config::default()` behaves as documented.
#[derive(Debug, Clone)]
pub struct Config {
    /// Items of a page unless the request says otherwise.
    pub page_size: usize,
    /// Items of a page at the most.
    pub most_page_size: usize,
    /// Requests a second before 429; none: never.
    pub rates: Option<Rates>,
    /// Seconds that a 429 asks to wait in `Retry-After`. The platform is not
    /// known to send the header.
    pub retry_after: Option<u64>,
    /// How long a simulated device takes to be provisioned.
    pub provisioning: Duration,
    /// How long a simulated device takes to acknowledge a change of a property.
    pub acknowledging: Duration,
    /// Whether a new device template gets an id of the service's own,
    /// `dtmi:modelDefinition:...`, in place of the one that was sent, as some of
    /// the platform's samples show.
    pub own_template_ids: bool,
    /// How long the configuration of file uploads stays in an in-between state.
    pub file_upload_changes: Duration,
    /// How long a job takes for one batch of devices.
    pub job_batch: Duration,
    /// How many there may be of each thing.
    pub limits: Limits,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            page_size: 25,
            most_page_size: 100,
            rates: None,
            retry_after: None,
            provisioning: Duration::from_secs(2),
            acknowledging: Duration::from_secs(1),
            own_template_ids: false,
            file_upload_changes: Duration::from_secs(2),
            job_batch: Duration::from_secs(1),
            limits: Limits::default(),
        }
    }
}

/// Requests a second that an application takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rates {
    /// Requests of any kind.
    pub requests: u32,
    /// Queries among them.
    pub queries: u32,
}

impl Default for Rates {
    fn default() -> Self {
        Self { requests: 20, queries: 1 }
    }
}

/// Quotas; the defaults are the documented ones.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Devices of an application.
    pub devices: usize,
    /// Simulated devices among them.
    pub simulated_devices: usize,
    /// Device templates.
    pub device_templates: usize,
    /// Capabilities of one template.
    pub capabilities: usize,
    /// Device groups.
    pub device_groups: usize,
    /// Conditions in the filter of one device group.
    pub device_group_filters: usize,
    /// Data exports.
    pub exports: usize,
    /// Destinations of data exports.
    pub destinations: usize,
    /// Destinations of one data export.
    pub destinations_of_export: usize,
    /// Enrichments of one data export.
    pub enrichments: usize,
    /// Jobs that run at a time.
    pub running_jobs: usize,
    /// Role assignments of all users together.
    pub role_assignments: usize,
    /// Organizations.
    pub organizations: usize,
    /// Levels of organizations below the root.
    pub organization_depth: usize,
    /// Entra groups among the users.
    pub groups: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            devices: 200_000,
            simulated_devices: 100,
            device_templates: 1000,
            capabilities: 300,
            device_groups: 500,
            device_group_filters: 100,
            exports: 10,
            destinations: 10,
            destinations_of_export: 10,
            enrichments: 10,
            running_jobs: 5,
            role_assignments: 200,
            organizations: 200,
            organization_depth: 5,
            groups: 20,
        }
    }
}
