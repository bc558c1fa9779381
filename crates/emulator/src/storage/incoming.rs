//! Bodies of requests on their way in: small ones are gathered in memory, large
//! ones go to the disk while they come. It must not know what becomes of them.

use std::{io, io::Write as _, sync::Arc};

use axum::body::Body;
use futures_util::StreamExt as _;
use tempfile::NamedTempFile;

use super::{
    content::{Content, IN_MEMORY},
    disk::{self, Disk},
};

/// How much is gathered before it is written.
const WRITTEN: usize = 256 * 1024;

/// Why a body was not taken.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotTaken {
    #[error("the body broke off")]
    Broken,
    #[error("the body is too large")]
    TooLarge,
    #[error("the disk did not take it: {0}")]
    Disk(#[from] io::Error),
}

/// Takes a whole body of at most `most` bytes.
pub(super) async fn take(disk: &Arc<Disk>, body: Body, most: u64) -> Result<Content, NotTaken> {
    let mut chunks = body.into_data_stream();
    let mut writer = Writer { disk: Arc::clone(disk), gathered: Vec::new(), file: None };
    let mut length = 0_u64;
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| NotTaken::Broken)?;
        length = length.saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
        if length > most {
            return Err(NotTaken::TooLarge);
        }
        writer.write(&chunk).await?;
    }
    Ok(writer.finish(length).await?)
}

struct Writer {
    disk: Arc<Disk>,
    gathered: Vec<u8>,
    file: Option<NamedTempFile>,
}

impl Writer {
    async fn write(&mut self, chunk: &[u8]) -> io::Result<()> {
        self.gathered.extend_from_slice(chunk);
        let most = if self.file.is_some() { WRITTEN } else { IN_MEMORY };
        if self.gathered.len() > most { self.flush().await } else { Ok(()) }
    }

    async fn flush(&mut self) -> io::Result<()> {
        let (disk, file) = (Arc::clone(&self.disk), self.file.take());
        let mut gathered = std::mem::take(&mut self.gathered);
        let written = disk::aside(move || {
            let mut file = match file {
                Some(file) => file,
                None => disk.file()?,
            };
            file.write_all(&gathered)?;
            gathered.clear();
            Ok((file, gathered))
        });
        let (file, emptied) = written.await?;
        (self.file, self.gathered) = (Some(file), emptied);
        Ok(())
    }

    async fn finish(mut self, length: u64) -> io::Result<Content> {
        if self.file.is_some() && !self.gathered.is_empty() {
            self.flush().await?;
        }
        Ok(match self.file {
            Some(file) => Content::kept(self.disk.kept(file)?, length),
            None => bytes::Bytes::from(self.gathered).into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn taken(length: usize, most: u64) -> Result<Content, NotTaken> {
        let bytes: Vec<u8> = (0..length).map(|at| at as u8).collect();
        let chunks: Vec<_> =
            bytes.chunks(10_000).map(|it| Ok::<_, io::Error>(it.to_vec())).collect();
        let body = Body::from_stream(futures_util::stream::iter(chunks));
        let disk = Arc::default();
        let content = take(&disk, body, most).await?;
        assert_eq!(content.bytes().unwrap(), bytes);
        Ok(content)
    }

    #[tokio::test]
    async fn a_body_arrives_whole_whatever_its_size() {
        for length in [0, 1, IN_MEMORY, IN_MEMORY + 1, 70_000, 600_000] {
            let content = taken(length, 600_000).await.unwrap();
            assert_eq!(content.length(), length as u64);
        }
        assert!(matches!(taken(11, 10).await, Err(NotTaken::TooLarge)));
        let broken = futures_util::stream::iter([Ok("a"), Err(io::Error::other("gone"))]);
        let broken = take(&Arc::default(), Body::from_stream(broken), 10).await;
        assert!(matches!(broken, Err(NotTaken::Broken)));
    }
}
