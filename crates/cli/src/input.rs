//! What is read from files and from stdin: on a thread of its own, since a pipe may
//! keep a reader waiting for ever, while an interruption must be heard and the end of
//! the program must not wait; and with a limit, since some files have no end. It must
//! not know what is read.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use anyhow::{Context, Result};
use twinkit::auth::SecretString;

use crate::usage::wrong;

/// A secret has some hundred bytes, a token some thousand.
const SECRET: u64 = 64 * 1024;
/// As much as the library reads of an answer.
const DOCUMENT: u64 = 64 * 1024 * 1024;

/// A file, or stdin.
pub(crate) struct Input<'a> {
    /// What it is called in errors, such as `token file`.
    what: &'a str,
    path: &'a Path,
    is_stdin: bool,
}

impl<'a> Input<'a> {
    pub(crate) fn file(what: &'a str, path: &'a Path) -> Self {
        Self { what, path, is_stdin: false }
    }

    /// The same, where `-` is stdin.
    pub(crate) fn file_or_stdin(what: &'a str, path: &'a Path) -> Self {
        Self { what, path, is_stdin: path.as_os_str() == "-" }
    }

    /// A document as it is.
    pub(crate) async fn bytes(&self) -> Result<Vec<u8>> {
        self.at_most(DOCUMENT).await
    }

    /// A document that is text.
    pub(crate) async fn text(&self) -> Result<String> {
        self.text_of(self.bytes().await?)
    }

    /// A secret, without the end of its line.
    pub(crate) async fn secret(&self) -> Result<SecretString> {
        let text = self.text_of(self.at_most(SECRET).await?)?;
        let text = text.trim();
        if text.is_empty() { Err(self.fault("is empty")) } else { Ok(text.to_owned().into()) }
    }

    async fn at_most(&self, limit: u64) -> Result<Vec<u8>> {
        let file = Some(self.path.to_owned()).filter(|_| !self.is_stdin);
        let read = apart(move || match file {
            Some(path) => at_most(limit, File::open(path)?),
            None => at_most(limit, io::stdin().lock()),
        });
        let bytes = read.await.map_err(|error| self.fault(&format!("cannot be read: {error}")))?;
        bytes.ok_or_else(|| self.fault(&format!("is larger than the limit of {limit} bytes")))
    }

    /// Some editors put a byte-order mark first, which is no part of the text.
    fn text_of(&self, bytes: Vec<u8>) -> Result<String> {
        let text = String::from_utf8(bytes).map_err(|_| self.fault("is not valid UTF-8"))?;
        Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
    }

    fn fault(&self, fault: &str) -> anyhow::Error {
        match self.is_stdin {
            true => wrong(format!("the {} from stdin {fault}", self.what)),
            false => wrong(format!("the {} {} {fault}", self.what, self.path.display())),
        }
    }
}

/// All there is to read; nothing if that is more than the limit.
fn at_most(limit: u64, source: impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    source.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(Some(bytes).filter(|bytes| bytes.len() as u64 <= limit))
}

/// Does what may wait for ever on a thread that nothing waits for: the runtime would
/// wait at its end for threads of its own.
pub(crate) async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T> {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    std::thread::Builder::new().spawn(move || {
        // Nobody listens any more after an interruption.
        let _ = sender.send(work());
    })?;
    Ok(receiver.await.context("the thread that reads has ended")??)
}

#[cfg(test)]
mod tests {
    use super::*;
    use twinkit::auth::ExposeSecret as _;

    #[test]
    fn what_is_larger_than_the_limit_is_not_taken() {
        assert_eq!(at_most(3, &b"abc"[..]).unwrap().as_deref(), Some(&b"abc"[..]));
        assert_eq!(at_most(2, &b"abc"[..]).unwrap(), None);
        assert_eq!(at_most(1000, io::repeat(0)).unwrap(), None);
    }

    #[tokio::test]
    async fn files_are_read_and_their_faults_told_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            path
        };
        let key = file("key", b"\xef\xbb\xbf s3cret \r\n");
        let key = Input::file("key file", &key).secret().await.unwrap();
        assert_eq!(key.expose_secret(), "s3cret");
        let body = file("body", b"\xff");
        assert_eq!(Input::file_or_stdin("body", &body).bytes().await.unwrap(), b"\xff");
        assert!(Input::file("body", &body).text().await.is_err());
        // No argument but those that say so takes stdin by a hyphen.
        assert!(Input::file("body", Path::new("-")).bytes().await.is_err());

        let large = vec![b'a'; usize::try_from(SECRET).unwrap() + 1];
        for (name, bytes, fault) in [
            ("large", &large[..], "is larger than the limit of 65536 bytes"),
            ("blank", b" \n", "is empty"),
            ("bytes", b"\xff", "is not valid UTF-8"),
        ] {
            let path = file(name, bytes);
            let error = Input::file("key file", &path).secret().await.unwrap_err();
            assert_eq!(error.to_string(), format!("the key file {} {fault}", path.display()));
            assert!(error.is::<crate::usage::WrongUsage>());
        }
        let none = folder.path().join("none");
        let error = Input::file("key file", &none).secret().await.unwrap_err();
        assert!(error.to_string().contains("none cannot be read: "), "{error}");
    }
}
