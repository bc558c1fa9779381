//! Unguessable numbers from the TLS library's generator, so that no further
//! random-number crate is needed. It knows nothing of what they are for.

use aws_lc_rs::rand;

/// A random (version 4) UUID as text, RFC 9562 section 5.4.
#[must_use]
pub fn uuid() -> String {
    let mut bytes = [0_u8; 16];
    fill(&mut bytes);
    // Six of the 128 bits are fixed: the version, then the variant.
    let value =
        u128::from_be_bytes(bytes) & !(0xf << 76) & !(0x3 << 62) | (0x4 << 76) | (0x2 << 62);
    let hex = format!("{value:032x}");
    let mut text = String::with_capacity(36);
    for (position, digit) in hex.chars().enumerate() {
        if matches!(position, 8 | 12 | 16 | 20) {
            text.push('-');
        }
        text.push(digit);
    }
    text
}

/// A number from 0 up to but not including 1, for spreading waits.
#[must_use]
pub fn fraction() -> f64 {
    let mut bytes = [0_u8; 4];
    fill(&mut bytes);
    f64::from(u32::from_be_bytes(bytes)) / (f64::from(u32::MAX) + 1.0)
}

/// Fills `bytes` with random ones. The generator fails only if the operating
/// system has no entropy at all; then the bytes stay as they are, as nothing
/// that runs on such a system could be unguessable anyway.
fn fill(bytes: &mut [u8]) {
    let _ = rand::fill(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuids_have_version_and_variant_and_differ() {
        let (one, two) = (uuid(), uuid());
        assert_ne!(one, two);
        assert_eq!(one.len(), 36);
        assert_eq!(one.as_bytes()[14], b'4');
        assert!(matches!(one.as_bytes()[19], b'8' | b'9' | b'a' | b'b'));
        assert_eq!(one.match_indices('-').map(|(at, _)| at).collect::<Vec<_>>(), [8, 13, 18, 23]);
    }

    #[test]
    fn fractions_stay_below_one_and_vary() {
        let drawn: Vec<f64> = (0..64).map(|_| fraction()).collect();
        assert!(drawn.iter().all(|value| (0.0..1.0).contains(value)));
        assert!(drawn.windows(2).any(|pair| pair[0] != pair[1]));
    }
}
