//! The file upload's configuration, which takes effect some time after the call
//! that changes it.

use progenitor_client::following::{Look, Wait};
use progenitor_client::{Error, HeaderMap, Progress, ResponseValue, StatusCode};

use super::state;
use crate::Client;
use crate::enums::FileUploadState;
use crate::types::FileUpload;

impl Client {
    /// Waits until a change of the file upload's configuration has taken effect.
    ///
    /// ```no_run
    /// # async fn f(client: twinkit_iot_central::Client) -> Result<(), twinkit_iot_central::Error> {
    /// use twinkit_iot_central::types::FileUpload;
    ///
    /// let connection = std::env::var("STORAGE_CONNECTION_STRING").unwrap_or_default();
    /// let upload = FileUpload::builder().connection_string(connection).container("uploads".to_owned());
    /// client.create_file_upload().body(upload).send().await?;
    /// client.wait_for_file_upload().wait().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// A change that failed is an `OperationFailed`.
    #[inline]
    pub fn wait_for_file_upload(&self) -> Wait<'_, FileUpload> {
        let look: Look<'_, FileUpload> = Box::new(|| Box::pin(self.get_file_upload().send()));
        Wait::new(&self.inner, look, progress, finished)
    }

    /// Waits until the configuration of the file upload is gone, after
    /// `delete_file_upload`; gives nothing.
    #[inline]
    pub fn wait_for_file_upload_removal(&self) -> Wait<'_, Option<FileUpload>> {
        let look: Look<'_, Option<FileUpload>> = Box::new(|| {
            Box::pin(async {
                match self.get_file_upload().send().await {
                    Ok(upload) => Ok(upload.map(Some)),
                    Err(error) if error.is_not_found() => {
                        Ok(ResponseValue::new(None, StatusCode::NOT_FOUND, HeaderMap::new()))
                    }
                    Err(error) => Err(error),
                }
            })
        });
        let judge = |upload: &Option<FileUpload>| match upload {
            None => Progress::Succeeded,
            Some(_) => Progress::Running,
        };
        Wait::new(&self.inner, look, judge, |_, upload| Ok(upload))
    }
}

fn progress(upload: &FileUpload) -> Progress {
    state("get_file_upload", upload.state.as_ref().map(FileUploadState::as_str))
}

fn finished(progress: Progress, upload: FileUpload) -> Result<FileUpload, Error> {
    match progress {
        Progress::Failed => {
            let message = "the change of the file upload's configuration failed";
            Err(Error::operation_failed(Some("failed".to_owned()), message)
                .in_operation("get_file_upload")
                .with_hint(
                    "check the connection string's account and key, and that the container \
                            exists; a masked key from an answer is none",
                ))
        }
        _ => Ok(upload),
    }
}
