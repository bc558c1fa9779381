//! Exports of iTwins, followed to their end. It must not know what they hold.

use std::fmt;

use progenitor_client::{Error, Progress};

use super::types::Export;
use super::{Client, OPERATIONS};
use crate::ExportId;
use crate::again::{again, id};
use crate::following::{Wait, judged};

impl Client {
    /// Waits until an export is `Completed`; its `output_url` is signed and good for
    /// four hours. Only who started it sees it.
    ///
    /// Operation `Get export`.
    pub fn wait_for_export<I>(&self, export: I) -> Wait<Export>
    where
        I: TryInto<ExportId>,
        I::Error: fmt::Display,
    {
        let look = again(self, id(export), |client: Self, export: ExportId| async move {
            Ok(client.get_export().id(export).send().await?.map(|answer| answer.export))
        });
        let judge = |export: &Export| judged(OPERATIONS, "create_export", export.status.as_str());
        Wait::new(&self.inner, Box::new(look), judge, |progress, export| match progress {
            Progress::Failed => {
                let message = format!("export {} failed", export.id);
                Err(Error::operation_failed(None, message).in_operation("create_export"))
            }
            _ => Ok(export),
        })
    }
}
