//! Versions of the API: which are served, and what the older ones lack.

use axum::{
    body::{Body, to_bytes},
    http::header,
    response::Response,
};
use serde_json::Value;

use super::path::Resource;
use crate::digital_twins::{
    config::Spelling,
    errors::{ApiError, ERROR_CODE},
};

/// A version of the data plane API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum ApiVersion {
    V20201031,
    V20220531,
    V20230227Preview,
    V20230630,
    V20231031,
}

const ALL: [(ApiVersion, &str); 5] = [
    (ApiVersion::V20201031, "2020-10-31"),
    (ApiVersion::V20220531, "2022-05-31"),
    (ApiVersion::V20230227Preview, "2023-02-27-preview"),
    (ApiVersion::V20230630, "2023-06-30"),
    (ApiVersion::V20231031, "2023-10-31"),
];

impl ApiVersion {
    /// Reads the `api-version` parameter, which every request needs.
    pub(super) fn read(parameter: Option<&str>) -> Result<Self, ApiError> {
        let text = parameter.filter(|text| !text.is_empty()).ok_or_else(|| {
            ApiError::invalid_argument("The api-version parameter is missing or empty.")
        })?;
        ALL.iter().find(|(_, known)| known.eq_ignore_ascii_case(text)).map_or_else(
            || {
                let shown: String = text.chars().take(40).collect();
                Err(ApiError::invalid_argument(format!(
                    "The api-version {shown:?} is not supported."
                )))
            },
            |(version, _)| Ok(*version),
        )
    }

    /// The version as it stands in links.
    pub(super) fn as_str(self) -> &'static str {
        ALL.iter().find(|(version, _)| *version == self).map_or("2023-10-31", |(_, text)| text)
    }

    /// Whether the version knows the path.
    pub(super) fn has(self, resource: &Resource) -> bool {
        match resource {
            Resource::ImportJobs | Resource::ImportJob(_) | Resource::CancelImportJob(_) => {
                self >= Self::V20230227Preview
            }
            Resource::DeleteJobs | Resource::DeleteJob(_) => self >= Self::V20231031,
            _ => true,
        }
    }

    /// The error with its code as the version is recorded to spell it. What the
    /// newest version says on the wire is not known; it keeps what is set.
    pub(super) fn spelled(self, error: ApiError) -> ApiError {
        let recorded = Spelling::recorded();
        let documented = Spelling::default();
        if self < Self::V20231031 && error.code() == documented.target_twin_not_found {
            return error.with_code(recorded.target_twin_not_found);
        }
        if self == Self::V20230227Preview && error.code() == documented.import_job_not_found {
            return error.with_code(recorded.import_job_not_found);
        }
        error
    }

    /// Takes out of an answer what the oldest version does not have:
    /// `$lastUpdateTime`, `sourceTime` and the error code header.
    pub(super) async fn adapt(self, response: &mut Response) {
        if self > Self::V20201031 {
            return;
        }
        response.headers_mut().remove(ERROR_CODE);
        let body = std::mem::take(response.body_mut());
        // Answers are made here, and in memory already.
        let Ok(bytes) = to_bytes(body, usize::MAX).await else { return };
        let text = match serde_json::from_slice::<Value>(&bytes) {
            Ok(mut value) => {
                without_newer(&mut value);
                value.to_string().into_bytes()
            }
            Err(_) => bytes.to_vec(),
        };
        response.headers_mut().remove(header::CONTENT_LENGTH);
        *response.body_mut() = Body::from(text);
    }
}

fn without_newer(value: &mut Value) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(without_newer),
        Value::Object(members) => {
            if let Some(Value::Object(metadata)) = members.get_mut("$metadata") {
                metadata.shift_remove("$lastUpdateTime");
                for stamp in metadata.values_mut().filter_map(Value::as_object_mut) {
                    stamp.shift_remove("sourceTime");
                }
            }
            members.values_mut().for_each(without_newer);
        }
        _ => {}
    }
}
