//! The IoT Central data plane over TCP: what it answers, to whom.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets the unexpected is to fail"
)]

mod api_tokens;
mod attestation;
mod commands;
mod control;
mod dashboards;
mod data_export;
mod device_groups;
mod device_templates;
mod devices;
mod enrollment_groups;
mod file_uploads;
mod filters;
mod job_reach;
mod jobs;
mod organizations;
mod paging;
mod parts;
mod properties;
mod protocol;
mod query;
mod relationships;
mod scheduled_jobs;
mod support;
mod telemetry;
mod users;
