//! When a token ends, in every shape that metadata services and command line
//! tools write it: seconds since the epoch as a number or a text, and dates in
//! five shapes. Strict and small; a library for dates would cost every user a
//! dependency for these few lines.

use std::time::{Duration, SystemTime};

use serde_json::Value;

/// The last second of the year 9999; what is later is a mistake.
const MAX_EPOCH: f64 = 253_402_300_799.0;

const DAY: i64 = 86_400;

/// The point in time that `value` names, if it names one after the epoch.
pub(crate) fn point(value: &Value) -> Option<SystemTime> {
    match (number(value), value) {
        (Some(seconds), _) => from_epoch(seconds),
        (None, Value::String(text)) => date(text),
        _ => None,
    }
}

/// A number, or a text that holds nothing but one.
pub(super) fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => {
            let text = text.trim();
            // Keeps out `inf`, `NaN` and what else the standard library takes.
            let plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
            plain.then(|| text.parse().ok()).flatten()
        }
        _ => None,
    }
}

fn from_epoch(seconds: f64) -> Option<SystemTime> {
    let sensible = seconds > 0.0 && seconds <= MAX_EPOCH;
    let since = sensible.then(|| Duration::try_from_secs_f64(seconds).ok()).flatten()?;
    SystemTime::UNIX_EPOCH.checked_add(since)
}

/// A date and time: `1/16/2020 5:24:12 AM +00:00` (the month first),
/// `06/20/2019 02:57:58 +00:00`, the same without a zone, `2006-01-02 15:04:05`,
/// or RFC 3339. Without a zone UTC is meant. Fractions of seconds are cut off.
pub(super) fn date(text: &str) -> Option<SystemTime> {
    let (day, rest) = text.trim().split_once([' ', 'T', 't'])?;
    let days = days(day)?;
    let rest = rest.trim_start();
    let end = rest.find(|c: char| !matches!(c, '0'..='9' | ':' | '.')).unwrap_or(rest.len());
    let (time, zone) = rest.split_at_checked(end)?;
    let (half, zone) = half_of_day(zone.trim());
    let seconds = days * DAY + seconds_of_day(time, half)? - offset(zone.trim())?;
    let since = u64::try_from(seconds).ok().filter(|seconds| *seconds > 0)?;
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(since))
}

/// Days from the epoch to `MONTH/DAY/YEAR` or `YEAR-MONTH-DAY`.
fn days(text: &str) -> Option<i64> {
    let american = text.contains('/');
    let mut parts = text.split(if american { '/' } else { '-' });
    let (one, two, three) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let (year, month, day) = if american { (three, one, two) } else { (one, two, three) };
    let exact = |text: &str, least| (text.len() >= least).then_some(());
    exact(year, 4)?;
    if !american {
        exact(month, 2).and(exact(day, 2))?;
    }
    let (year, month, day) = (digits(year, 4)?, digits(month, 2)?, digits(day, 2)?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 28 + i64::from(leap),
        _ => return None,
    };
    if !(1..=length).contains(&day) {
        return None;
    }
    // Years are counted from March, so that the leap day is a year's last.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let before = year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    const FROM_MARCH_OF_YEAR_0_TO_EPOCH: i64 = 719_468;
    Some(before + (153 * month + 2) / 5 + day - 1 - FROM_MARCH_OF_YEAR_0_TO_EPOCH)
}

/// Which half of the day is named, and what follows.
fn half_of_day(text: &str) -> (Option<Half>, &str) {
    for (name, half) in [("AM", Half::Morning), ("PM", Half::Afternoon)] {
        if let Some((head, rest)) = text.split_at_checked(2)
            && head.eq_ignore_ascii_case(name)
        {
            return (Some(half), rest);
        }
    }
    (None, text)
}

#[derive(Clone, Copy)]
enum Half {
    Morning,
    Afternoon,
}

fn seconds_of_day(text: &str, half: Option<Half>) -> Option<i64> {
    let mut parts = text.split(':');
    let (hour, minute, second) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || minute.len() != 2 {
        return None;
    }
    let (second, fraction) = second.split_once('.').unwrap_or((second, "0"));
    let fits = second.len() == 2 && !fraction.is_empty();
    if !fits || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (hour, minute, second) = (digits(hour, 2)?, digits(minute, 2)?, digits(second, 2)?);
    let hour = match half {
        None => hour,
        Some(_) if !(1..=12).contains(&hour) => return None,
        Some(Half::Morning) => hour % 12,
        Some(Half::Afternoon) => hour % 12 + 12,
    };
    // 60 is a leap second.
    let fits = hour < 24 && minute < 60 && second <= 60;
    fits.then_some(hour * 3600 + minute * 60 + second)
}

/// Seconds that the zone is ahead of UTC.
fn offset(text: &str) -> Option<i64> {
    if text.is_empty() || text.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let (sign, text) = match text.strip_prefix('+') {
        Some(rest) => (1, rest),
        None => (-1, text.strip_prefix('-')?),
    };
    let (hours, minutes) = text.split_once(':')?;
    let (hours, minutes) = (digits(hours, 2)?, digits(minutes, 2)?);
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

/// One digit or more, up to `most`.
fn digits(text: &str, most: usize) -> Option<i64> {
    let plain = text.len() <= most && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn epoch(value: &Value) -> Option<u64> {
        Some(point(value)?.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs())
    }

    #[test]
    fn every_shape_that_was_met_is_read() {
        for (value, seconds) in [
            (json!(1_579_152_252), 1_579_152_252),
            (json!(1_579_152_252.5), 1_579_152_252),
            (json!("1579152252"), 1_579_152_252),
            (json!(" 1579152252.25 "), 1_579_152_252),
            (json!("1/16/2020 5:24:12 AM +00:00"), 1_579_152_252),
            (json!("1/16/2020 12:24:12 am +00:00"), 1_579_134_252),
            (json!("1/16/2020 12:24:12 PM +00:00"), 1_579_177_452),
            (json!("06/20/2019 02:57:58 +00:00"), 1_560_999_478),
            (json!("06/20/2019 04:57:58 +02:00"), 1_560_999_478),
            (json!("01/02/2006 15:04:05"), 1_136_214_245),
            (json!("2006-01-02 15:04:05"), 1_136_214_245),
            (json!("2006-01-02T15:04:05Z"), 1_136_214_245),
            (json!("2006-01-02T08:04:05.123456789-07:00"), 1_136_214_245),
            (json!("2000-02-29T00:00:00z"), 951_782_400),
            (json!("9999-12-31 23:59:59"), 253_402_300_799),
        ] {
            assert_eq!(epoch(&value), Some(seconds), "{value}");
        }
    }

    #[test]
    fn everything_else_is_no_point_in_time() {
        for value in [
            json!(0),
            json!(-1),
            json!(1e300),
            json!(null),
            json!([1]),
            json!(""),
            json!("."),
            json!("NaN"),
            json!("inf"),
            json!("soon"),
            json!("1e9"),
            json!("1970-01-01T00:00:00Z"),
            json!("1969-12-31T23:59:59Z"),
            json!("2023-02-29T00:00:00Z"),
            json!("13/01/2020 00:00:00"),
            json!("2020-00-01 00:00:00"),
            json!("2020-1-1 00:00:00"),
            json!("20-01-01 00:00:00"),
            json!("2020-01-01 24:00:00"),
            json!("2020-01-01 00:60:00"),
            json!("2020-01-01 00:00"),
            json!("2020-01-01 00:00:00."),
            json!("2020-01-01 00:00:00 +1"),
            json!("2020-01-01 00:00:00 CET"),
            json!("1/16/2020 13:24:12 PM"),
            json!("1/16/2020 0:24:12 AM"),
            json!("2020-01-01"),
        ] {
            assert_eq!(point(&value), None, "{value}");
        }
    }

    #[test]
    fn each_day_is_the_one_after_the_last() {
        let mut expected = 946_684_800; // 2000-01-01
        for year in 2000..2101 {
            for month in 1..=12 {
                for day in 1..=31 {
                    let text = json!(format!("{year:04}-{month:02}-{day:02}T00:00:00Z"));
                    if let Some(seconds) = epoch(&text) {
                        assert_eq!(seconds, expected, "{text}");
                        expected += 86_400;
                    }
                }
            }
        }
        assert_eq!(expected, 4_133_980_800); // 2101-01-01
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[-+0-9/:. TZAPMapmz]{0,40}|.*") {
            let _ = point(&Value::String(text));
        }

        #[test]
        fn the_shapes_agree(
            (year, month, day) in (1971..9999, 1..=12, 1..=28),
            (hour, minute, second) in (0..24, 0..60, 0..60),
        ) {
            let half = if hour < 12 { "AM" } else { "PM" };
            let twelve = (hour + 11) % 12 + 1;
            let shapes = [
                format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"),
                format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"),
                format!("{month:02}/{day:02}/{year:04} {hour:02}:{minute:02}:{second:02}"),
                format!("{month}/{day}/{year} {twelve}:{minute:02}:{second:02} {half} +00:00"),
            ];
            let read: Vec<_> = shapes.iter().map(|text| date(text)).collect();
            prop_assert!(read.iter().all(|point| point.is_some() && *point == read[0]));
            let since = read[0].unwrap().duration_since(SystemTime::UNIX_EPOCH).unwrap();
            prop_assert_eq!(epoch(&json!(since.as_secs().to_string())), Some(since.as_secs()));
        }
    }
}
