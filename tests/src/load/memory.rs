//! The memory of this process, as the system counts it, and whether it grows.

use anyhow::Context as _;

use crate::support::memory::Memory;

/// MiB that this process has in memory at present.
///
/// # Errors
/// The system does not tell: only Linux does.
pub(super) fn resident() -> anyhow::Result<f64> {
    const KIBIBYTE: u64 = 1024;
    let memory = Memory::now().context("only Linux tells how much memory a process has")?;
    let kibibytes = (memory.resident / KIBIBYTE) as f64;
    Ok(kibibytes / 1024.0)
}

/// Seconds that a busy machine needs to bring connections up, beside a quarter of
/// the run.
const COMING_UP: f64 = 2.0;

/// Memory over time.
#[derive(Debug, Clone, Default)]
pub(super) struct Samples(Vec<(f64, f64)>);

impl Samples {
    /// Adds what is in memory `at` so many seconds, in MiB.
    pub(super) fn add(&mut self, at: f64, mib: f64) {
        self.0.push((at, mib));
    }

    /// The most, in MiB.
    pub(super) fn peak(&self) -> f64 {
        self.0.iter().map(|(_, mib)| *mib).fold(0.0, f64::max)
    }

    /// MiB that the line of best fit grows by from the first sample to the last.
    /// The beginning is left out: connections and caches come up in it.
    pub(super) fn growth(&self) -> f64 {
        let total = self.0.last().map_or(0.0, |sample| sample.0);
        let settled = |sample: &(f64, f64)| sample.0 >= total / 4.0 + COMING_UP;
        let from = self.0.iter().position(settled).unwrap_or(self.0.len());
        let samples = self.0.get(from..).unwrap_or_default();
        let (Some(first), Some(last)) = (samples.first(), samples.last()) else { return 0.0 };
        let count = samples.len() as f64;
        let mean = |value: fn(&(f64, f64)) -> f64| samples.iter().map(value).sum::<f64>() / count;
        let (at, mib) = (mean(|sample| sample.0), mean(|sample| sample.1));
        let varies: f64 = samples.iter().map(|sample| (sample.0 - at).powi(2)).sum();
        let together: f64 = samples.iter().map(|sample| (sample.0 - at) * (sample.1 - mib)).sum();
        if varies == 0.0 { 0.0 } else { together / varies * (last.0 - first.0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_is_that_of_the_line_behind_the_beginning() {
        let samples = |mib: fn(f64) -> f64| {
            let mut samples = Samples::default();
            (0..=100).for_each(|at| samples.add(f64::from(at), mib(f64::from(at))));
            samples
        };
        let flat = samples(|at| if at < 20.0 { at * 9.0 } else { 50.0 + (at % 2.0) / 1000.0 });
        assert!(flat.growth().abs() < 0.01, "{}", flat.growth());
        let leaking = samples(|at| 50.0 + at / 8.0);
        // Of 100 seconds 73 are left, at 1/8 MiB each.
        assert!((leaking.growth() - 73.0 / 8.0).abs() < 0.01, "{}", leaking.growth());
        assert!((leaking.peak() - 62.5).abs() < 0.01);
        assert_eq!(Samples::default().growth(), 0.0);
        assert!(resident().unwrap() > 1.0);
    }
}
