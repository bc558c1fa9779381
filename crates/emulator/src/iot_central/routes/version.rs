//! Versions of the API. Those before 2022-07-31 are answered like it.

use crate::iot_central::ApiError;

/// A version, as far as answers differ by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::iot_central) enum ApiVersion {
    /// 2022-07-31 and the stable ones before it.
    Stable,
    /// 2022-06-30-preview and those before it: `$top`, `$filter`, `$orderby`.
    OlderPreview,
    /// 2022-10-31-preview: `maxpagesize`, `filter`, `orderby`.
    Preview,
}

const KNOWN: [(&str, ApiVersion); 8] = [
    ("2022-07-31", ApiVersion::Stable),
    ("2022-05-31", ApiVersion::Stable),
    ("1.0", ApiVersion::Stable),
    ("2022-10-31-preview", ApiVersion::Preview),
    ("2022-06-30-preview", ApiVersion::OlderPreview),
    ("1.2-preview", ApiVersion::OlderPreview),
    ("1.1-preview", ApiVersion::OlderPreview),
    ("preview", ApiVersion::OlderPreview),
];

impl ApiVersion {
    /// Reads the `api-version` parameter, which every request needs.
    pub(super) fn read(parameter: Option<&str>) -> Result<Self, ApiError> {
        let text = parameter.filter(|text| !text.is_empty()).ok_or_else(|| {
            ApiError::bad_request("The api-version parameter is missing or empty.")
        })?;
        let known = KNOWN.iter().find(|(known, _)| *known == text);
        known.map(|(_, version)| *version).ok_or_else(|| {
            let shown: String = text.chars().take(40).collect();
            ApiError::bad_request(format!("The api-version {shown:?} is not supported."))
        })
    }

    /// Whether it has what only previews have.
    pub(in crate::iot_central) fn is_preview(self) -> bool {
        self != Self::Stable
    }
}
