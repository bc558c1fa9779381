//! The platform's two ways to write a moment.

use jiff::Timestamp;

/// Twin, event and log times: seven fractional digits and `Z`.
#[must_use]
pub(crate) fn zulu(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S%.7fZ").to_string()
}

/// Upload times of models, times of jobs: seven fractional digits and `+00:00`.
#[must_use]
pub(crate) fn offset(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S%.7f+00:00").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_have_seven_digits() {
        let time: Timestamp = "2024-01-02T03:04:05.123456789Z".parse().unwrap();
        assert_eq!(zulu(time), "2024-01-02T03:04:05.1234567Z");
        assert_eq!(offset(time), "2024-01-02T03:04:05.1234567+00:00");
        assert_eq!(zulu(Timestamp::UNIX_EPOCH), "1970-01-01T00:00:00.0000000Z");
    }
}
