//! A checksum in front of what it is of, and a blank between them.

use aws_lc_rs::digest;

/// Bytes of the checksum, the first ones of a SHA-256.
const BYTES: usize = 8;

/// The content behind its checksum.
pub(super) fn with(content: &[u8]) -> Vec<u8> {
    let mut all = sum(content).into_bytes();
    all.push(b' ');
    all.extend_from_slice(content);
    all
}

/// The content, if its checksum is right.
pub(super) fn checked(all: &[u8]) -> Result<&[u8], &'static str> {
    let (found, content) = all.split_at_checked(2 * BYTES + 1).ok_or("it has no checksum")?;
    let is_sound = found.strip_suffix(b" ") == Some(sum(content).as_bytes());
    if is_sound { Ok(content) } else { Err("its checksum is wrong") }
}

fn sum(content: &[u8]) -> String {
    let hash = digest::digest(&digest::SHA256, content);
    hash.as_ref().iter().take(BYTES).map(|byte| format!("{byte:02x}")).collect()
}
