//! Contents on their way, with progress on stderr, and gone on with by the next run
//! of the same command. It must not know what they are, nor whose.

use std::fs;
use std::future::Future;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Result;
use twinkit::itwin::{Download, DownloadPoint, Error, Secret, TransferError, Upload, UploadPoint};

use super::kept::Kept;
use crate::identity::claims::printable;
use crate::progress::TransferBar;
use crate::stop::Stop;
use crate::usage::wrong;

/// What is larger goes in blocks of this size, so that little is sent twice.
const BLOCK: u64 = 16 * 1024 * 1024;

/// What is wrong with a document beside contents.
pub(super) const STDOUT_TAKEN: &str = "--json cannot go with the contents on stdout";

/// Whether contents are to go to stdout.
pub(super) fn is_stdout(out: &Path) -> bool {
    out.as_os_str() == "-"
}

/// A local file that something is to become. What can fail fails when it is made.
pub(super) struct Place(PathBuf);

impl Place {
    pub(super) fn prepare(path: PathBuf, force: bool) -> Result<Self> {
        let shown = path.display();
        match fs::symlink_metadata(&path) {
            Ok(there) if !there.is_file() => return Err(wrong(format!("{shown} is no file"))),
            Ok(_) if !force => {
                return Err(wrong(format!("{shown} is there already; --force replaces it")));
            }
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(wrong(format!("{shown} cannot be written: {error}")));
            }
            _ => {}
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        if !folder.unwrap_or(Path::new(".")).is_dir() {
            return Err(wrong(format!("{shown} cannot be written: there is no such folder")));
        }
        Ok(Self(path))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// Where the contents are until they are whole.
    fn part(&self) -> PathBuf {
        let mut path = self.0.clone().into_os_string();
        path.push(".part");
        path.into()
    }

    /// The same place wherever the next run is started.
    pub(super) fn absolute(&self) -> String {
        std::path::absolute(&self.0).unwrap_or_else(|_| self.0.clone()).display().to_string()
    }

    /// Fit for a terminal.
    pub(super) fn shown(&self) -> String {
        printable(&self.0.display().to_string())
    }
}

/// Gets contents into a file and gives their length; none if the process was asked
/// to stop, which is told.
pub(super) async fn fetch(
    mut download: Download,
    place: &Place,
    kept: Option<Kept>,
) -> Result<Option<u64>> {
    let earlier: Option<DownloadPoint> =
        kept.as_ref().and_then(Kept::read).and_then(|text| serde_json::from_str(&text).ok());
    // One without a byte still says that what lies beside the file is of this command.
    if let Some(point) = earlier {
        download = download.resume(point);
    }
    let bar = TransferBar::new(&place.shown());
    let shown = bar.clone();
    download = download.on_progress(move |at| shown.at(at.done, at.total));
    // A run that did not come to write has nothing to say of where it stands: another one
    // may be at work there, whose word must not be lost.
    let has_begun = Arc::new(AtomicBool::new(false));
    let (keeper, begun) = (kept.clone(), Arc::clone(&has_begun));
    download = download.on_point(move |point| {
        if !begun.swap(true, Ordering::Relaxed) && point.offset > 0 {
            tell!("Going on behind {} bytes of an earlier run.", point.offset);
        }
        if let (Some(kept), Ok(text)) = (&keeper, serde_json::to_string(point)) {
            kept.write(&text);
        }
    });
    let done = unless_stopped(download.to_file(place.path()), kept.is_some()).await?;
    drop(bar);
    // Where nothing is kept, the next run would not know its own file again.
    if kept.is_none() && has_begun.load(Ordering::Relaxed) && !matches!(done, Some(Ok(_))) {
        let _ = fs::remove_file(place.part());
    }
    match done {
        None => Ok(None),
        Some(Ok(bytes)) => {
            kept.iter().for_each(Kept::forget);
            Ok(Some(bytes))
        }
        Some(Err(TransferError { error, .. })) if !has_begun.load(Ordering::Relaxed) => {
            Err(error.into())
        }
        Some(Err(TransferError { error, point })) => {
            let text = point.and_then(|point| serde_json::to_string(&point).ok());
            match (kept, text) {
                // What lies beside the file is known again, also where this error stays.
                (Some(kept), Some(text)) => {
                    kept.write(&text);
                    Err(if is_final(&error) { error.into() } else { broken_off(error) })
                }
                // Nothing is beside the file that could be gone on with.
                (kept, _) => {
                    kept.iter().for_each(Kept::forget);
                    let is_changed = error.is_precondition_failed();
                    let advice = "run the same command again to begin anew";
                    Err(if is_changed { error.with_hint(advice) } else { error }.into())
                }
            }
        }
    }
}

/// Contents to stdout, as they come.
pub(super) async fn pour(download: Download) -> Result<()> {
    let mut reading = download.open().await?;
    let mut out = io::stdout().lock();
    while let Some(bytes) = reading.next().await? {
        out.write_all(&bytes)?;
    }
    Ok(out.flush()?)
}

/// Puts contents, and gives what the platform says of them; none if the process was
/// asked to stop, which is told.
pub(super) async fn put<T>(
    mut upload: Upload<T>,
    what: &str,
    kept: Option<Kept>,
) -> Result<Option<T>> {
    let earlier = kept.as_ref().and_then(Kept::read);
    let earlier = earlier.and_then(|text| UploadPoint::from_secret(&Secret::from(text)).ok());
    if let Some(point) = earlier {
        // Another address may be of another place, where all of it is to be sent.
        if point.done() > 0 && !point.is_refused() {
            tell!("Going on behind {} bytes of an earlier run.", point.done());
        }
        upload = upload.resume(point);
    }
    let bar = TransferBar::new(&printable(what));
    let shown = bar.clone();
    upload = upload.in_blocks(BLOCK).on_progress(move |at| shown.at(at.done, at.total));
    if let Some(kept) = kept.clone() {
        upload = upload.on_point(move |point| kept.write(point.to_secret().expose()));
    }
    let Some(done) = unless_stopped(upload.run(), kept.is_some()).await? else {
        return Ok(None);
    };
    drop(bar);
    match done {
        Ok(told) => {
            kept.iter().for_each(Kept::forget);
            Ok(Some(told))
        }
        Err(TransferError { error, point }) => match (kept, point) {
            (Some(kept), Some(point)) if !is_final(&error) && !is_left(&error, &point) => {
                kept.write(point.to_secret().expose());
                Err(broken_off(error))
            }
            // Going on would be refused in the same way: the next run begins anew.
            (kept, _) => {
                kept.iter().for_each(Kept::forget);
                Err(error.into())
            }
        },
    }
}

/// Waits for a transfer; none if the process is asked to stop before.
async fn unless_stopped<T>(work: impl Future<Output = T>, is_kept: bool) -> Result<Option<T>> {
    let mut stop = Stop::listen()?;
    tokio::select! {
        done = work => Ok(Some(done)),
        () = stop.asked() => {
            let advice = if is_kept { " Run the same command again to go on." } else { "" };
            tell!("\nInterrupted.{advice}");
            Ok(None)
        }
    }
}

/// The error of a transfer of which something is there. What cures a refusal is
/// told with it; a line that broke is cured by another run.
fn broken_off(error: Error) -> anyhow::Error {
    if error.hint().is_some() {
        return error.into();
    }
    error.with_hint("run the same command again to go on where it was").into()
}

/// Whether it ended by the storage service's refusal of the address. Where another one
/// could not be asked for, what was sent may still be of use.
fn is_left(error: &Error, point: &UploadPoint) -> bool {
    point.is_refused() && error.status().is_some_and(|status| status.as_u16() == 403)
}

/// Whether going on would be refused in the same way. Blocks that the storage service has
/// forgotten are sent again to the same place.
fn is_final(error: &Error) -> bool {
    let may_pass = |status: u16| matches!(status, 401 | 403 | 408 | 429);
    let is_refusal =
        error.status().is_some_and(|status| status.is_client_error() && !may_pass(status.as_u16()));
    error.is_precondition_failed() || (is_refusal && error.code() != Some("InvalidBlockList"))
}

/// What tells a local file from others and from what it was before.
pub(super) fn stamp(file: &Path) -> Result<[String; 3]> {
    let about = file.metadata().and_then(|about| {
        let path = file.canonicalize()?;
        Ok((path, about.len(), about.modified()?))
    });
    let (path, length, modified) = about
        .map_err(|error| wrong(format!("the file {} cannot be read: {error}", file.display())))?;
    Ok([path.display().to_string(), length.to_string(), format!("{modified:?}")])
}
