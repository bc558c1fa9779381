//! Figures of one comparison, and the tables of them.

use serde::Serialize;

use crate::stdout;

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

impl Line for Row {
    const HEAD: &'static [&'static str] =
        &["per call", "ours, µs", "reqwest, µs", "ratio", "10 to 90 % of rounds"];

    fn cells(&self) -> Vec<String> {
        vec![
            self.name.to_owned(),
            format!("{:.2}", self.ours_us),
            format!("{:.2}", self.reqwest_us),
            format!("{:.3}", self.ratio),
            format!("{:.3} to {:.3}", self.ratio_p10, self.ratio_p90),
        ]
    }
}

/// Instructions per call of one comparison.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Instructions {
    /// What was called.
    pub name: &'static str,
    /// Our side.
    pub ours: u64,
    /// Plain reqwest.
    pub reqwest: u64,
}

impl Line for Instructions {
    const HEAD: &'static [&'static str] =
        &["per call", "ours, instructions", "reqwest, instructions", "ratio"];

    fn cells(&self) -> Vec<String> {
        vec![
            self.name.to_owned(),
            self.ours.to_string(),
            self.reqwest.to_string(),
            ratio(self.ours, self.reqwest),
        ]
    }
}

/// What one side took from the allocator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Allocated {
    /// Allocations per call.
    pub per_call: u64,
    /// Bytes per call.
    pub bytes_per_call: u64,
    /// The most bytes held at a time, over those held at the beginning.
    pub peak_bytes: u64,
}

/// Allocations of one comparison.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Allocations {
    /// What was called.
    pub name: &'static str,
    /// Our side.
    pub ours: Allocated,
    /// Plain reqwest.
    pub plain: Allocated,
}

impl Line for Allocations {
    const HEAD: &'static [&'static str] = &[
        "per call",
        "ours, allocations",
        "reqwest, allocations",
        "ours, bytes",
        "reqwest, bytes",
        "ours, peak bytes",
        "reqwest, peak bytes",
    ];

    fn cells(&self) -> Vec<String> {
        let Self { name, ours, plain } = self;
        let pairs = [
            (ours.per_call, plain.per_call),
            (ours.bytes_per_call, plain.bytes_per_call),
            (ours.peak_bytes, plain.peak_bytes),
        ];
        let figures = pairs.iter().flat_map(|(ours, plain)| [ours.to_string(), plain.to_string()]);
        std::iter::once((*name).to_owned()).chain(figures).collect()
    }
}

/// A line of a table.
pub trait Line: Serialize {
    /// What stands above the cells.
    const HEAD: &'static [&'static str];

    /// The cells.
    fn cells(&self) -> Vec<String>;
}

/// Prints the lines, as a table in Markdown or as a JSON array.
///
/// # Errors
/// They do not become JSON, or cannot be printed.
pub fn print<L: Line>(lines: &[L], json: bool) -> anyhow::Result<()> {
    if json {
        return Ok(stdout::line(serde_json::to_string(lines)?)?);
    }
    stdout::line(format_args!("| {} |", L::HEAD.join(" | ")))?;
    stdout::line(format_args!("|---{}|", "|---:".repeat(L::HEAD.len().saturating_sub(1))))?;
    for line in lines {
        stdout::line(format_args!("| {} |", line.cells().join(" | ")))?;
    }
    Ok(stdout::line("")?)
}

fn ratio(ours: u64, plain: u64) -> String {
    format!("{:.3}", ours as f64 / plain as f64)
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
        assert_eq!(row.cells(), ["x", "4.00", "2.00", "2.000", "1.000 to 3.000"]);
    }

    #[test]
    fn every_head_has_a_cell() {
        let counted = Allocated { per_call: 1, bytes_per_call: 2, peak_bytes: 3 };
        let line = Allocations { name: "x", ours: counted, plain: counted };
        assert_eq!(line.cells(), ["x", "1", "1", "2", "2", "3", "3"]);
        assert_eq!(line.cells().len(), Allocations::HEAD.len());
        let line = Instructions { name: "x", ours: 21, reqwest: 20 };
        assert_eq!(line.cells(), ["x", "21", "20", "1.050"]);
        assert_eq!(line.cells().len(), Instructions::HEAD.len());
    }
}
