//! White pictures, written as PNG (RFC 2083) of one bit for each point, stored
//! without compression (RFC 1950, RFC 1951).

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
/// One bit, grey, and the only methods there are; not interlaced.
const KIND: [u8; 5] = [1, 0, 0, 0, 0];
/// Modulus of Adler-32.
const ADLER: u32 = 65_521;
/// Most bytes of a block that is stored as it is.
const BLOCK: usize = 65_535;

/// A white picture of this size.
pub(super) fn white(width: u32, height: u32) -> Vec<u8> {
    let mut head = Vec::new();
    head.extend(width.to_be_bytes());
    head.extend(height.to_be_bytes());
    head.extend(KIND);
    // Each line begins with the number of its filter, which is none.
    let mut line = vec![0];
    line.extend((0..width.div_ceil(8)).map(|_| 0xff_u8));
    let lines: Vec<u8> = (0..height).flat_map(|_| line.iter().copied()).collect();
    let mut picture = SIGNATURE.to_vec();
    chunk(&mut picture, *b"IHDR", &head);
    chunk(&mut picture, *b"IDAT", &stored(&lines));
    chunk(&mut picture, *b"IEND", &[]);
    picture
}

fn chunk(picture: &mut Vec<u8>, kind: [u8; 4], content: &[u8]) {
    let length = u32::try_from(content.len()).unwrap_or(u32::MAX);
    let named = [&kind, content].concat();
    picture.extend(length.to_be_bytes());
    picture.extend(&named);
    picture.extend(crc(&named).to_be_bytes());
}

/// A zlib stream of stored blocks.
fn stored(bytes: &[u8]) -> Vec<u8> {
    let mut stream = vec![0x78, 0x01];
    let mut blocks = bytes.chunks(BLOCK).peekable();
    while let Some(block) = blocks.next() {
        let length = u16::try_from(block.len()).unwrap_or(u16::MAX);
        stream.push(u8::from(blocks.peek().is_none()));
        stream.extend(length.to_le_bytes());
        stream.extend((!length).to_le_bytes());
        stream.extend(block);
    }
    stream.extend(adler(bytes).to_be_bytes());
    stream
}

fn adler(bytes: &[u8]) -> u32 {
    let (low, high) = bytes.iter().fold((1, 0), |(low, high), byte| {
        let low = (low + u32::from(*byte)) % ADLER;
        (low, (high + low) % ADLER)
    });
    high << 16 | low
}

fn crc(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 }
        })
    };
    !bytes.iter().fold(u32::MAX, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_those_of_known_texts() {
        assert_eq!(crc(b"123456789"), 0xcbf4_3926);
        assert_eq!(crc(b"IEND"), 0xae42_6082);
        assert_eq!(adler(b"Wikipedia"), 0x11e6_0398);
    }

    #[test]
    fn a_picture_has_its_size_and_all_its_lines() {
        let picture = white(400, 250);
        assert_eq!(picture[16..24], [0, 0, 1, 0x90, 0, 0, 0, 250]);
        // Signature, three chunks, and one stored block of 250 lines of 51 bytes.
        assert_eq!(picture.len(), 8 + 25 + 12 + (2 + 5 + 250 * 51 + 4) + 12);
        assert!(white(2000, 2000).len() > 2 * BLOCK);
    }
}
