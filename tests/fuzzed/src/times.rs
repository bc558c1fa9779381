//! Points in time as services write them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use progenitor_client::Timestamp;

use crate::support::{assert_line, text};

/// The years that RFC 3339 can write, in seconds from 1970.
const YEARS: std::ops::Range<i64> = -62_167_219_200..253_402_300_800;

/// A text as a time. It goes back as it came; what it means agrees with another
/// reader (jiff), and with what our own writer makes of it.
pub fn timestamp(data: &[u8]) {
    let Some(text) = text(data) else { return };
    let read = text.parse::<Timestamp>();
    let other = text.parse::<jiff::Timestamp>();
    let Ok(time) = read else {
        assert_line(&read.unwrap_err().to_string());
        return;
    };
    assert_eq!(time.to_string(), text);
    let at = time.to_system_time().unwrap();
    // The other reader takes a leap second for the one before it.
    if let Ok(other) = other
        && !text.contains(":60")
    {
        assert_eq!(at, SystemTime::from(other), "{text:?}");
    }
    let seconds = match at.duration_since(UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_secs()).unwrap(),
        Err(before) => -i64::try_from(before.duration().as_secs()).unwrap() - 1,
    };
    if YEARS.contains(&seconds) {
        let again = Timestamp::from(at);
        let written = again.to_system_time().unwrap_or_else(|_| panic!("{text:?}: {again}"));
        // Written to a tenth of a microsecond, and never later than it was.
        let lost = at.duration_since(written).unwrap_or_else(|_| panic!("{text:?}: {again}"));
        assert!(lost < Duration::from_nanos(100), "{text:?}: {again}");
    }
}
