//! What the data of a job is about.

use crate::iot_central::{
    state::Document,
    target::{self, Target},
};

/// The capability that a kind of job data means by a path.
pub(in crate::iot_central) fn target<'t>(
    template: &'t Document,
    kind: &str,
    path: &str,
) -> Option<Target<'t>> {
    match kind {
        "command" => target::find(template, "Command", path),
        "cloudProperty" => {
            target::find(template, "Property", path).filter(|found| found.content.is_cloud())
        }
        "property" => target::find(template, "Property", path)
            .filter(|found| !found.content.is_cloud() && found.content.flag("writable")),
        _ => None,
    }
}
