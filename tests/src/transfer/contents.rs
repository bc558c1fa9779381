//! Large files: made, compared and counted without being in memory.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write as _};
use std::path::Path;

/// Writes a file whose bytes repeat nowhere near.
pub(super) fn write(path: &Path, bytes: u64) -> io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut left = bytes;
    while left > 0 {
        // Xorshift (Marsaglia 2003): quick, and good enough to tell blocks apart.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let word = state.to_le_bytes();
        let length = usize::try_from(left).unwrap_or(usize::MAX).min(word.len());
        file.write_all(word.get(..length).unwrap_or_default())?;
        left -= length as u64;
    }
    file.flush()
}

/// Whether two files have the same bytes.
pub(super) fn same(one: &Path, other: &Path) -> io::Result<bool> {
    let (one, other) = (File::open(one)?, File::open(other)?);
    if one.metadata()?.len() != other.metadata()?.len() {
        return Ok(false);
    }
    let (mut one, mut other) = (BufReader::new(one).bytes(), BufReader::new(other).bytes());
    loop {
        match (one.next().transpose()?, other.next().transpose()?) {
            (None, None) => return Ok(true),
            (left, right) if left != right => return Ok(false),
            _ => {}
        }
    }
}

/// Bytes of all files below a folder.
pub(super) fn size_below(folder: &Path) -> io::Result<u64> {
    let mut size = 0;
    for entry in std::fs::read_dir(folder)? {
        let (path, kind) = entry.and_then(|it| Ok((it.path(), it.metadata()?)))?;
        size += if kind.is_dir() { size_below(&path)? } else { kind.len() };
    }
    Ok(size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_byte_makes_another_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        write(&path("a"), 100_003).unwrap();
        let mut bytes = std::fs::read(path("a")).unwrap();
        std::fs::write(path("b"), &bytes).unwrap();
        assert!(same(&path("a"), &path("b")).unwrap());
        bytes[70_000] ^= 1;
        std::fs::write(path("b"), &bytes).unwrap();
        assert!(!same(&path("a"), &path("b")).unwrap());
        bytes.pop();
        std::fs::write(path("b"), &bytes).unwrap();
        assert!(!same(&path("a"), &path("b")).unwrap());
        assert_eq!(size_below(folder.path()).unwrap(), 200_005);
    }
}
