//! Bytes as gzip (RFC 1952) and as a ZIP archive of one file, both without
//! compressing anything: a reader cannot tell, and it needs no library.

/// Most bytes of a stored block (RFC 1951).
const BLOCK: usize = 0xffff;

/// A gzip file of stored blocks.
pub(super) fn gzip(content: &[u8]) -> Vec<u8> {
    let mut file = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
    let mut blocks = content.chunks(BLOCK).peekable();
    if blocks.peek().is_none() {
        block(&mut file, &[], true);
    }
    while let Some(bytes) = blocks.next() {
        block(&mut file, bytes, blocks.peek().is_none());
    }
    file.extend(crc32(content).to_le_bytes());
    file.extend(length(content.len()).to_le_bytes());
    file
}

fn block(file: &mut Vec<u8>, bytes: &[u8], is_last: bool) {
    let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    file.push(u8::from(is_last));
    file.extend(length.to_le_bytes());
    file.extend((!length).to_le_bytes());
    file.extend(bytes);
}

/// An archive with one stored file.
pub(super) fn zip(name: &str, content: &[u8]) -> Vec<u8> {
    let size = length(content.len()).to_le_bytes();
    // Version 2.0, no flags, stored, the first moment that a ZIP can tell.
    let mut entry = vec![20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0];
    entry.extend(crc32(content).to_le_bytes());
    entry.extend(size);
    entry.extend(size);
    entry.extend(u16::try_from(name.len()).unwrap_or(u16::MAX).to_le_bytes());
    entry.extend([0, 0]);

    let mut file = b"PK\x03\x04".to_vec();
    file.extend(&entry);
    file.extend(name.as_bytes());
    file.extend(content);

    let mut directory = b"PK\x01\x02".to_vec();
    directory.extend([20, 0]);
    directory.extend(&entry);
    // No comment, disk 0, no attributes, and the entry is at the beginning.
    directory.extend([0; 14]);
    directory.extend(name.as_bytes());

    let start = length(file.len()).to_le_bytes();
    let directory_size = length(directory.len()).to_le_bytes();
    file.extend(directory);
    file.extend(b"PK\x05\x06");
    file.extend([0, 0, 0, 0, 1, 0, 1, 0]);
    file.extend(directory_size);
    file.extend(start);
    file.extend([0, 0]);
    file
}

fn length(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

/// The check sum of both formats.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |sum: u32, byte: &u8| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            let carry = if sum & 1 == 1 { 0xedb8_8320 } else { 0 };
            (sum >> 1) ^ carry
        })
    };
    !bytes.iter().fold(u32::MAX, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_sum_is_the_known_one() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(crc32(b""), 0);
    }

    #[test]
    fn a_gzip_file_has_blocks_between_head_and_sum() {
        let file = gzip(b"ab");
        assert_eq!(&file[..2], [0x1f, 0x8b]);
        assert_eq!(&file[10..17], [1, 2, 0, 0xfd, 0xff, b'a', b'b']);
        assert_eq!(&file[21..], [2, 0, 0, 0]);
        assert_eq!(gzip(&[0; BLOCK + 1]).len(), 10 + 5 + BLOCK + 5 + 1 + 8);
        assert_eq!(gzip(b"").len(), 10 + 5 + 8);
    }
}
