//! What a blob holds: pieces in memory while they are small, on the disk when
//! they are not. Copies, parts and blocks put together share the pieces, so that
//! none of them costs anything. It must not know of names and versions.

use std::{collections::VecDeque, fs::File, io, sync::Arc};

use axum::body::Body;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::{Bytes, BytesMut};
use futures_util::stream;
use serde::{Deserialize, Serialize};

use super::disk::{self, Disk, Kept};
use crate::data::DataError;

/// The most that a piece has in memory.
pub(super) const IN_MEMORY: usize = 64 * 1024;
/// How much is read from the disk at once.
const READ: usize = 256 * 1024;

/// The content of a blob or a block.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Content {
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(into = "Form", try_from = "Form")]
enum Piece {
    Memory(Bytes),
    Disk { kept: Arc<Kept>, from: u64, length: u64 },
}

/// How a piece is written down: the bytes in base64, or where they are.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Form {
    Memory(String),
    Disk { file: String, from: u64, length: u64 },
}

impl From<Piece> for Form {
    fn from(piece: Piece) -> Self {
        match piece {
            Piece::Memory(bytes) => Self::Memory(STANDARD.encode(bytes)),
            Piece::Disk { kept, from, length } => {
                Self::Disk { file: kept.name().to_owned(), from, length }
            }
        }
    }
}

impl TryFrom<Form> for Piece {
    type Error = base64::DecodeError;

    fn try_from(form: Form) -> Result<Self, Self::Error> {
        Ok(match form {
            Form::Memory(text) => Self::Memory(STANDARD.decode(text)?.into()),
            Form::Disk { file, from, length } => {
                Self::Disk { kept: Arc::new(Kept::Named(file)), from, length }
            }
        })
    }
}

impl Piece {
    fn length(&self) -> u64 {
        match self {
            Self::Memory(bytes) => u64::try_from(bytes.len()).unwrap_or(u64::MAX),
            Self::Disk { length, .. } => *length,
        }
    }

    /// The part from `from` up to `to`, both within the piece.
    fn part(&self, from: u64, to: u64) -> Self {
        match self {
            Self::Memory(bytes) => {
                let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(bytes.len());
                Self::Memory(bytes.slice(place(from)..place(to)))
            }
            Self::Disk { kept, from: start, .. } => Self::Disk {
                kept: Arc::clone(kept),
                from: start.saturating_add(from),
                length: to.saturating_sub(from),
            },
        }
    }
}

impl Content {
    /// Bytes at hand. What is large goes to the disk, or stays where it is if the
    /// disk takes none.
    pub(super) fn new(disk: &Disk, bytes: Bytes) -> Self {
        let kept = if bytes.len() > IN_MEMORY { disk.keep(&bytes).ok() } else { None };
        match kept {
            Some(kept) => Self::kept(kept, u64::try_from(bytes.len()).unwrap_or(u64::MAX)),
            None => bytes.into(),
        }
    }

    /// A file on the disk.
    pub(super) fn kept(kept: Arc<Kept>, length: u64) -> Self {
        Self { pieces: vec![Piece::Disk { kept, from: 0, length }] }
    }

    pub(super) fn length(&self) -> u64 {
        self.pieces.iter().map(Piece::length).sum()
    }

    /// The part from `from` up to `to`; what is behind the end is not there.
    pub(super) fn part(&self, from: u64, to: u64) -> Self {
        let mut start = 0_u64;
        let mut pieces = Vec::new();
        for piece in &self.pieces {
            let length = piece.length();
            let end = start.saturating_add(length);
            if from < end && to > start {
                let (from, to) = (from.saturating_sub(start), to.saturating_sub(start));
                pieces.push(piece.part(from, to.min(length)));
            }
            start = end;
        }
        Self { pieces }
    }

    /// Whether more put behind it grows together with what is there.
    pub(super) fn takes(&self, more: &Self) -> bool {
        matches!(self.pieces.as_slice(), [Piece::Memory(_)])
            && self.length().saturating_add(more.length())
                <= u64::try_from(IN_MEMORY).unwrap_or(u64::MAX)
    }

    /// Finds the files that it was read to be in.
    pub(super) fn find_files(&mut self, disk: &Disk) -> Result<(), DataError> {
        for piece in &mut self.pieces {
            if let Piece::Disk { kept, from, length } = piece {
                *kept = disk.find(kept.name(), from.saturating_add(*length))?;
            }
        }
        Ok(())
    }

    /// Puts more behind it. Small pieces grow together, as long as they are small.
    pub(super) fn extend(&mut self, more: Self) {
        for piece in more.pieces {
            match (self.pieces.last_mut(), piece) {
                (Some(Piece::Memory(last)), Piece::Memory(more))
                    if last.len().saturating_add(more.len()) <= IN_MEMORY =>
                {
                    let mut both = BytesMut::from(&last[..]);
                    both.extend_from_slice(&more);
                    *last = both.freeze();
                }
                (_, piece) => self.pieces.push(piece),
            }
        }
    }

    /// All of it, in memory.
    pub(super) fn bytes(&self) -> io::Result<Bytes> {
        let mut all = BytesMut::new();
        for piece in &self.pieces {
            match piece {
                Piece::Memory(bytes) => all.extend_from_slice(bytes),
                Piece::Disk { kept, from, length } => {
                    let length = usize::try_from(*length).map_err(io::Error::other)?;
                    all.extend_from_slice(&disk::read(&mut kept.open(*from)?, length)?);
                }
            }
        }
        Ok(all.freeze())
    }

    /// An answer's body, read while it is sent.
    pub(super) fn into_body(self) -> Body {
        match <[Piece; 1]>::try_from(self.pieces) {
            Ok([Piece::Memory(bytes)]) => Body::from(bytes),
            Ok(pieces) => Reading::over(pieces.into()),
            Err(pieces) => Reading::over(pieces.into()),
        }
    }
}

/// One behind the other.
impl FromIterator<Content> for Content {
    fn from_iter<I: IntoIterator<Item = Self>>(contents: I) -> Self {
        Self { pieces: contents.into_iter().flat_map(|content| content.pieces).collect() }
    }
}

impl From<Bytes> for Content {
    fn from(bytes: Bytes) -> Self {
        Self { pieces: vec![Piece::Memory(bytes)] }
    }
}

/// Pieces on their way out.
struct Reading {
    pieces: VecDeque<Piece>,
    /// The file of the first piece, where its rest begins.
    open: Option<File>,
}

impl Reading {
    fn over(pieces: VecDeque<Piece>) -> Body {
        let reading = Self { pieces, open: None };
        Body::from_stream(stream::try_unfold(reading, |mut reading| async {
            let next = reading.next().await?;
            Ok::<_, io::Error>(next.map(|bytes| (bytes, reading)))
        }))
    }

    async fn next(&mut self) -> io::Result<Option<Bytes>> {
        let Some(piece) = self.pieces.pop_front() else { return Ok(None) };
        let (kept, from, length) = match piece {
            Piece::Memory(bytes) => return Ok(Some(bytes)),
            Piece::Disk { kept, from, length } => (kept, from, length),
        };
        let wanted = usize::try_from(length).unwrap_or(usize::MAX).min(READ);
        let (open, source) = (self.open.take(), Arc::clone(&kept));
        let read = move || {
            let mut file = match open {
                Some(file) => file,
                None => source.open(from)?,
            };
            let bytes = disk::read(&mut file, wanted)?;
            Ok((file, bytes))
        };
        let (file, bytes) = disk::aside(read).await?;
        let done = u64::try_from(wanted).unwrap_or(u64::MAX);
        if done < length {
            let (from, length) = (from.saturating_add(done), length.saturating_sub(done));
            self.pieces.push_front(Piece::Disk { kept, from, length });
            self.open = Some(file);
        }
        Ok(Some(bytes))
    }
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;

    use super::*;

    /// Small, large, small: in memory, on the disk, in memory.
    fn mixed(disk: &Disk) -> (Content, Vec<u8>) {
        let parts = [vec![1_u8; 10], (0..700_000_u32).map(|at| at as u8).collect(), vec![3; 5]];
        let mut content = Content::default();
        for part in &parts {
            content.extend(Content::new(disk, part.clone().into()));
        }
        (content, parts.concat())
    }

    #[tokio::test]
    async fn what_is_large_is_on_the_disk_and_reads_like_what_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let disk = Disk::within(Some(folder.path().to_owned()));
        let (content, bytes) = mixed(&disk);
        assert_eq!(content.length(), 700_015);
        assert!(matches!(
            content.pieces.as_slice(),
            [Piece::Memory(_), Piece::Disk { .. }, Piece::Memory(_)]
        ));
        assert_eq!(content.bytes().unwrap(), bytes);
        for (from, to) in
            [(0, 700_015), (4, 12), (9, 10), (10, 700_010), (300_000, 700_012), (5, 5)]
        {
            let part = content.part(from, to);
            assert_eq!(part.length(), to - from);
            let read = to_bytes(part.into_body(), usize::MAX).await.unwrap();
            assert_eq!(read, bytes[from as usize..to as usize], "{from}..{to}");
        }
        assert_eq!(content.part(700_010, u64::MAX).length(), 5);
        let files = || walk(folder.path());
        assert_eq!(files(), 1);
        let part = content.part(0, 20);
        drop(content);
        assert_eq!(files(), 1, "the part needs it");
        drop(part);
        assert_eq!(files(), 0);
        drop(disk);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    /// Files in the folders of a folder.
    fn walk(folder: &std::path::Path) -> usize {
        let folders = std::fs::read_dir(folder).unwrap();
        folders.map(|inner| std::fs::read_dir(inner.unwrap().path()).unwrap().count()).sum()
    }

    #[test]
    fn in_a_lasting_folder_files_stay_and_are_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let files = || std::fs::read_dir(folder.path()).unwrap().count();
        let disk = Disk::lasting(folder.path().to_owned());
        let (content, bytes) = mixed(&disk);
        let (gone, _) = mixed(&disk);
        let text = serde_json::to_string(&content).unwrap();
        assert_eq!(files(), 2);
        drop(gone);
        assert_eq!(files(), 2, "until it is written down");
        disk.remove_doomed();
        assert_eq!(files(), 1);
        disk.keep(b"came in and was never answered for").unwrap();
        disk.end();
        drop((content, disk));

        let disk = Disk::lasting(folder.path().to_owned());
        let mut content: Content = serde_json::from_str(&text).unwrap();
        assert!(content.bytes().is_err(), "not found yet");
        content.find_files(&disk).unwrap();
        disk.remove_strangers().unwrap();
        assert_eq!((content.bytes().unwrap(), files()), (bytes.into(), 1));
        disk.end();
        drop((content, disk));
        let name = std::fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap().path();
        std::fs::write(&name, b"short").unwrap();
        let disk = Disk::lasting(folder.path().to_owned());
        let mut content: Content = serde_json::from_str(&text).unwrap();
        let error = content.find_files(&disk).unwrap_err();
        assert!(error.to_string().contains(&*name.to_string_lossy()), "{error}");
    }

    #[test]
    fn small_pieces_grow_together() {
        let mut content = Content::default();
        for _ in 0..3 {
            content.extend(Bytes::from_static(b"line\n").into());
        }
        assert_eq!((content.pieces.len(), content.length()), (1, 15));
        content.extend(Bytes::from(vec![0; IN_MEMORY]).into());
        assert_eq!(content.pieces.len(), 2);
    }
}
