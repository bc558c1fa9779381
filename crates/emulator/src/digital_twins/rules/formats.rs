//! Text forms of dates, times and durations.
//!
//! `date`, `time` and `dateTime` are the productions of RFC 3339 (`full-date`,
//! `full-time`, `date-time`), `duration` is that of ISO 8601. Our choice: a
//! `time` may leave its offset out.

/// `2024-02-29`
pub(crate) fn is_date(text: &str) -> bool {
    let mut scan = Scan(text);
    scan.date() && scan.at_end()
}

/// `23:59:59.5Z`, `08:00:00+02:00`, `08:00:00`
pub(crate) fn is_time(text: &str) -> bool {
    let mut scan = Scan(text);
    scan.time() && (scan.at_end() || (scan.offset() && scan.at_end()))
}

/// `2024-02-29T23:59:59.5Z`
pub(crate) fn is_date_time(text: &str) -> bool {
    let mut scan = Scan(text);
    scan.date()
        && (scan.take('T') || scan.take('t'))
        && scan.time()
        && scan.offset()
        && scan.at_end()
}

/// `P1Y2M3DT4H5M6.7S`, `P3W`
pub(crate) fn is_duration(text: &str) -> bool {
    let mut scan = Scan(text);
    scan.take('-');
    if !scan.take('P') {
        return false;
    }
    let days = scan.amounts(&['Y', 'M', 'W', 'D']);
    if !scan.take('T') {
        return days == Some(true) && scan.at_end();
    }
    let time = scan.amounts(&['H', 'M', 'S']);
    days.is_some() && time == Some(true) && scan.at_end()
}

/// The rest of a text that is read from the left.
struct Scan<'t>(&'t str);

impl Scan<'_> {
    fn at_end(&self) -> bool {
        self.0.is_empty()
    }

    fn take(&mut self, expected: char) -> bool {
        match self.0.strip_prefix(expected) {
            Some(rest) => {
                self.0 = rest;
                true
            }
            None => false,
        }
    }

    /// As many digits as there are, and how many.
    fn digits(&mut self) -> (&str, usize) {
        let rest = self.0.trim_start_matches(|c: char| c.is_ascii_digit());
        let count = self.0.len().saturating_sub(rest.len());
        let digits = self.0.get(..count).unwrap_or_default();
        self.0 = rest;
        (digits, count)
    }

    /// Exactly `count` digits within a range.
    fn number(&mut self, count: usize, range: std::ops::RangeInclusive<u32>) -> Option<u32> {
        let (digits, rest) = self.0.split_at_checked(count)?;
        if !digits.chars().all(|c| c.is_ascii_digit()) {
            return None;
        }
        self.0 = rest;
        digits.parse().ok().filter(|number| range.contains(number))
    }

    fn date(&mut self) -> bool {
        let Some(year) = self.number(4, 0..=9999) else { return false };
        if !self.take('-') {
            return false;
        }
        let Some(month) = self.number(2, 1..=12) else { return false };
        if !self.take('-') {
            return false;
        }
        let leap =
            year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let days = match month {
            2 if leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        self.number(2, 1..=days).is_some()
    }

    fn time(&mut self) -> bool {
        let clock = self.number(2, 0..=23).is_some()
            && self.take(':')
            && self.number(2, 0..=59).is_some()
            && self.take(':')
            // A leap second is a minute's sixty-first.
            && self.number(2, 0..=60).is_some();
        clock && (!self.take('.') || self.digits().1 > 0)
    }

    fn offset(&mut self) -> bool {
        if self.take('Z') || self.take('z') {
            return true;
        }
        (self.take('+') || self.take('-'))
            && self.number(2, 0..=23).is_some()
            && self.take(':')
            && self.number(2, 0..=59).is_some()
    }

    /// Amounts with their units in this order, each at most once. `None` if
    /// one has no known unit; otherwise whether there was any.
    fn amounts(&mut self, units: &[char]) -> Option<bool> {
        let mut units = units.iter();
        let mut any = false;
        loop {
            let (_, whole) = self.digits();
            if whole == 0 {
                return Some(any);
            }
            if (self.take('.') || self.take(',')) && self.digits().1 == 0 {
                return None;
            }
            if !units.any(|unit| self.take(*unit)) {
                return None;
            }
            any = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_times() {
        for good in ["2024-02-29", "0000-01-01", "1999-12-31"] {
            assert!(is_date(good), "{good}");
        }
        for bad in
            ["2023-02-29", "2024-13-01", "24-01-01", "2024-1-1", "2024-01-01T", "", "ü024-01-01"]
        {
            assert!(!is_date(bad), "{bad}");
        }
        for good in ["00:00:00Z", "23:59:60.1234567+23:59", "08:00:00"] {
            assert!(is_time(good), "{good}");
        }
        for bad in ["24:00:00Z", "08:00Z", "08:00:00.Z", "08:00:00+1", "8:00:00"] {
            assert!(!is_time(bad), "{bad}");
        }
        for good in ["2024-01-01T00:00:00Z", "2024-01-01t00:00:00.0000000-08:00"] {
            assert!(is_date_time(good), "{good}");
        }
        for bad in ["2024-01-01", "2024-01-01 00:00:00Z", "2024-01-01T00:00:00", "now"] {
            assert!(!is_date_time(bad), "{bad}");
        }
    }

    #[test]
    fn durations() {
        for good in ["P1Y", "P1Y2M3DT4H5M6.7S", "PT0S", "P3W", "-P1D", "PT1.5H"] {
            assert!(is_duration(good), "{good}");
        }
        for bad in ["", "P", "PT", "1D", "P1", "P1S", "PT1Y", "P1DT", "P1D1Y", "PT1M1H", "P1.D"] {
            assert!(!is_duration(bad), "{bad}");
        }
    }
}
