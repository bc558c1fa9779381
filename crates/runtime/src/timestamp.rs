//! Points in time as the services write them (RFC 3339), kept as text so that
//! they go back byte for byte. It must not know what happened then.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A point in time, in the text it came with; what a service sends is never
/// refused, only when it is to become a number.
///
/// ```
/// use std::time::{Duration, UNIX_EPOCH};
/// use twinkit_runtime::Timestamp;
///
/// let time: Timestamp = "2023-10-31T08:00:00.1234567+01:00".parse()?;
/// assert_eq!(time.to_string(), "2023-10-31T08:00:00.1234567+01:00");
/// let seconds = time.to_system_time()?.duration_since(UNIX_EPOCH)?.as_secs();
/// assert_eq!(seconds, 1_698_735_600);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Timestamp(String);

/// A text is not a point in time as RFC 3339 section 5.6 writes it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a time such as 2023-10-31T08:00:00Z")]
pub struct TimestampError(());

impl Timestamp {
    /// The present time of this machine, in UTC.
    #[must_use]
    pub fn now() -> Self {
        SystemTime::now().into()
    }

    /// The text as it came.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The point in time, to the nanosecond; finer fractions are cut.
    ///
    /// # Errors
    /// [`TimestampError`] if the text is not one, or too far from the present
    /// for this machine.
    pub fn to_system_time(&self) -> Result<SystemTime, TimestampError> {
        parse(&self.0).ok_or(TimestampError(()))
    }
}

const SECONDS_PER_DAY: i64 = 86_400;

/// Date, `T`, time, fraction if any, offset (RFC 3339 section 5.6).
fn parse(text: &str) -> Option<SystemTime> {
    let (date, time) = text.split_once(['T', 't', ' '])?;
    let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
    if !(1..=12).contains(&month) || !(1..=days_in_month(year, month)).contains(&day) {
        return None;
    }
    let offset_at = time.find(['Z', 'z', '+', '-'])?;
    let (clock, offset) = time.split_at_checked(offset_at)?;
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let [hour, minute, second] = numbers(clock, ':', [2, 2, 2])?;
    // A leap second counts as the first one of the next minute.
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let seconds =
        days_from_epoch(year, month, day) * SECONDS_PER_DAY + hour * 3600 + minute * 60 + second
            - offset_seconds(offset)?;
    let whole = Duration::from_secs(seconds.unsigned_abs());
    let time =
        if seconds < 0 { UNIX_EPOCH.checked_sub(whole) } else { UNIX_EPOCH.checked_add(whole) };
    time?.checked_add(Duration::from_nanos(nanoseconds(fraction)?))
}

/// Numbers of fixed widths between separators.
fn numbers(text: &str, separator: char, widths: [usize; 3]) -> Option<[i64; 3]> {
    let mut parts = text.split(separator);
    let mut read = [0; 3];
    for (number, width) in read.iter_mut().zip(widths) {
        let part = parts.next()?;
        let digits = part.len() == width && part.bytes().all(|byte| byte.is_ascii_digit());
        *number = part.parse().ok().filter(|_| digits)?;
    }
    parts.next().is_none().then_some(read)
}

fn offset_seconds(offset: &str) -> Option<i64> {
    if offset.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let sign = if offset.starts_with('-') { -1 } else { 1 };
    // Seconds do not occur in offsets; they complete the pattern.
    let [hours, minutes, _] = numbers(&format!("{}:00", offset.get(1..)?), ':', [2, 2, 2])?;
    (hours <= 23 && minutes <= 59).then_some(sign * (hours * 3600 + minutes * 60))
}

fn nanoseconds(fraction: &str) -> Option<u64> {
    if fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digits: String = fraction.chars().chain("000000000".chars()).take(9).collect();
    digits.parse().ok()
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days of the Gregorian calendar from 1970-01-01. Years are counted from
/// March, so that the leap day is the last one, in cycles of 400 years.
fn days_from_epoch(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (cycle, of_cycle) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let of_cycle = of_cycle * 365 + of_cycle / 4 - of_cycle / 100 + of_year;
    cycle * 146_097 + of_cycle - 719_468
}

/// The date of a day: the way back.
fn date_of(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (cycle, of_cycle) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_cycle - of_cycle / 1460 + of_cycle / 36_524 - of_cycle / 146_096) / 365;
    let of_year = of_cycle - (365 * year + year / 4 - year / 100);
    let march_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    let year = cycle * 400 + year + i64::from(month <= 2);
    (year, month, day)
}

/// UTC with up to seven digits of fraction, as fine as the services keep.
impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        let (seconds, nanos) = match time.duration_since(UNIX_EPOCH) {
            Ok(after) => (i64::try_from(after.as_secs()).unwrap_or(i64::MAX), after.subsec_nanos()),
            Err(before) => {
                let before = before.duration();
                let whole = -i64::try_from(before.as_secs()).unwrap_or(i64::MAX);
                match before.subsec_nanos() {
                    0 => (whole, 0),
                    nanos => (whole - 1, 1_000_000_000 - nanos),
                }
            }
        };
        let (year, month, day) = date_of(seconds.div_euclid(SECONDS_PER_DAY));
        let of_day = seconds.rem_euclid(SECONDS_PER_DAY);
        let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
        let fraction = match nanos / 100 {
            0 => String::new(),
            ticks => format!(".{ticks:07}").trim_end_matches('0').to_owned(),
        };
        Self(format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}Z"))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Timestamp {
    type Error = TimestampError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if parse(&text).is_some() { Ok(Self(text)) } else { Err(TimestampError(())) }
    }
}

impl TryFrom<&str> for Timestamp {
    type Error = TimestampError;

    fn try_from(text: &str) -> Result<Self, Self::Error> {
        Self::try_from(text.to_owned())
    }
}

impl FromStr for Timestamp {
    type Err = TimestampError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::try_from(text)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// Any text is taken.
impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn nanos(text: &str) -> Option<u128> {
        let time = Timestamp::try_from(text).ok()?.to_system_time().unwrap();
        Some(time.duration_since(UNIX_EPOCH).unwrap().as_nanos())
    }

    #[test]
    fn known_times_are_read() {
        assert_eq!(nanos("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(nanos("2000-02-29T12:30:15.5z"), Some(951_827_415_500_000_000));
        assert_eq!(nanos("2024-02-29t23:59:60+00:00"), Some(1_709_251_200_000_000_000));
        assert_eq!(nanos("1970-01-01T01:00:00.000000001+01:00"), Some(1));
        assert_eq!(nanos("1969-12-31T23:00:00-01:30"), Some(1_800_000_000_000));
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "",
            "2023-10-31",
            "2023-10-31T08:00:00",
            "2023-02-29T08:00:00Z",
            "2023-13-01T08:00:00Z",
            "2023-10-31T24:00:00Z",
            "2023-10-31T08:00:00.Z",
            "2023-10-31T08:00Z",
            "2023-10-31T08:00:00+1:00",
            "+023-10-31T08:00:00Z",
            "2023-10-31T08:00:00Zé",
        ] {
            assert!(Timestamp::try_from(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_a_service_sends_is_kept() {
        let time: Timestamp = serde_json::from_str("\"yesterday\"").unwrap();
        assert!(time.to_system_time().is_err());
        assert_eq!(serde_json::to_string(&time).unwrap(), "\"yesterday\"");
    }

    #[test]
    fn times_before_1970_work_both_ways() {
        let time = UNIX_EPOCH - Duration::from_millis(1500);
        let text = Timestamp::from(time);
        assert_eq!(text.as_str(), "1969-12-31T23:59:58.5Z");
        assert_eq!(text.to_system_time().unwrap(), time);
    }

    proptest! {
        #[test]
        fn every_time_comes_back(seconds in -62_000_000_000_i64..253_402_300_799, ticks in 0_u32..10_000_000) {
            let whole = Duration::from_secs(seconds.unsigned_abs());
            let time = if seconds < 0 { UNIX_EPOCH - whole } else { UNIX_EPOCH + whole };
            let time = time + Duration::from_nanos(u64::from(ticks) * 100);
            prop_assert_eq!(Timestamp::from(time).to_system_time().unwrap(), time);
        }

        #[test]
        fn no_text_panics(text in "[0-9TZ:.+ é-]{0,40}") {
            let _ = Timestamp::try_from(text);
        }
    }
}
