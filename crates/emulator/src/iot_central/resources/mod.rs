//! The operations, one file per kind of resource. Which one answers is decided
//! here by the first words of the path.

mod api_tokens;
mod collection;
mod dashboards;
mod data_export;
mod deployment_manifests;
mod device_groups;
mod device_templates;
mod devices;
mod enrollment_groups;
mod file_uploads;
mod job_body;
mod jobs;
mod organizations;
mod query;
mod roles;
mod scheduled_jobs;
mod signing_certificates;
mod users;

use collection::Collection;

use super::{
    ApiError,
    routes::{Answer, Call, nothing_here},
};

/// Answers a request to the path `words` below `/api`. Commands wait for devices;
/// all else is done at once.
pub(super) async fn answer(call: &Call, words: &[&str]) -> Result<Answer, ApiError> {
    match words {
        ["apiTokens", rest @ ..] => api_tokens::answer(call, rest),
        ["deviceGroups", rest @ ..] => device_groups::answer(call, rest),
        ["deviceTemplates", rest @ ..] => device_templates::answer(call, rest),
        ["devices", rest @ ..] => devices::answer(call, rest).await,
        ["enrollmentGroups", rest @ ..] => enrollment_groups::answer(call, rest),
        ["fileUploads"] => file_uploads::answer(call),
        ["jobs", rest @ ..] => jobs::answer(call, rest),
        ["organizations", rest @ ..] => organizations::Organizations::answer(call, rest),
        ["roles", rest @ ..] => roles::answer(call, rest),
        ["scheduledJobs", rest @ ..] => scheduled_jobs::answer(call, rest),
        ["users", rest @ ..] => users::Users::answer(call, rest),
        _ if call.version.is_preview() => answer_of_previews(call, words),
        _ => Err(nothing_here()),
    }
}

/// What only previews have.
fn answer_of_previews(call: &Call, words: &[&str]) -> Result<Answer, ApiError> {
    match words {
        ["dashboards", rest @ ..] => dashboards::Dashboards::answer(call, rest),
        ["dataExport", rest @ ..] => data_export::answer(call, rest),
        ["deploymentManifests", rest @ ..] => {
            deployment_manifests::DeploymentManifests::answer(call, rest)
        }
        ["query"] => query::answer(call),
        _ => Err(nothing_here()),
    }
}
