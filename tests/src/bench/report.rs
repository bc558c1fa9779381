//! Figures of one comparison.

use std::fmt;

use serde::Serialize;

/// One comparison. Times are microseconds of processor time per call, as
/// medians over the rounds; the ratio is the median of the rounds' own ratios,
/// with the tenth and the ninetieth percentile as its spread.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// What was called; a page counts as one call.
    pub name: &'static str,
    /// Our side.
    pub ours_us: f64,
    /// Plain reqwest.
    pub reqwest_us: f64,
    /// Ours by theirs: below 1 is cheaper.
    pub ratio: f64,
    /// A tenth of the rounds was below this.
    pub ratio_p10: f64,
    /// A tenth of the rounds was above this.
    pub ratio_p90: f64,
    /// Rounds of each side.
    pub rounds: usize,
}

impl Row {
    pub(super) fn new(name: &'static str, ours: &[f64], plain: &[f64]) -> Self {
        let ratios: Vec<f64> = ours.iter().zip(plain).map(|(ours, plain)| ours / plain).collect();
        Self {
            name,
            ours_us: rounded(percentile(ours, 50)),
            reqwest_us: rounded(percentile(plain, 50)),
            ratio: rounded(percentile(&ratios, 50)),
            ratio_p10: rounded(percentile(&ratios, 10)),
            ratio_p90: rounded(percentile(&ratios, 90)),
            rounds: ratios.len(),
        }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:<20} {:>9.2} us {:>9.2} us   {:.3} ({:.3} to {:.3}, {} rounds)",
            self.name,
            self.ours_us,
            self.reqwest_us,
            self.ratio,
            self.ratio_p10,
            self.ratio_p90,
            self.rounds
        )
    }
}

/// The value that so many percent of the values do not exceed; 0 of none.
fn percentile(values: &[f64], percent: usize) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let place = sorted.len().saturating_sub(1) * percent;
    sorted.get((place + 50) / 100).copied().unwrap_or_default()
}

fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_made_per_round() {
        let row = Row::new("x", &[1.0, 4.0, 9.0], &[1.0, 2.0, 3.0]);
        assert_eq!((row.ours_us, row.reqwest_us, row.ratio), (4.0, 2.0, 2.0));
        assert_eq!((row.ratio_p10, row.ratio_p90, row.rounds), (1.0, 3.0, 3));
        assert_eq!(percentile(&[], 50), 0.0);
    }
}
