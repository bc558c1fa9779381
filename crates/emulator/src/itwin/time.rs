//! How the platform writes a moment: seven fractional digits and `Z`.

use jiff::Timestamp;

/// The moment as answers show it.
pub(crate) fn shown(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S%.7fZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_has_seven_digits() {
        let time: Timestamp = "2024-10-17T13:44:55.537Z".parse().unwrap();
        assert_eq!(shown(time), "2024-10-17T13:44:55.5370000Z");
    }
}
