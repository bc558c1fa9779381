//! Numbers that follow from a seed alone, so that a run can be done again.

/// A source of numbers (SplitMix64).
#[derive(Clone, Debug)]
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from `range`, whose end is not among them.
    pub(super) fn within(&mut self, range: std::ops::Range<usize>) -> usize {
        let width = u64::try_from(range.len().max(1)).unwrap_or(1);
        range.start.saturating_add(usize::try_from(self.next() % width).unwrap_or(0))
    }

    /// One of `choices`; `None` if there are none.
    pub(super) fn one_of<T: Copy>(&mut self, choices: &[T]) -> Option<T> {
        choices.get(self.within(0..choices.len())).copied()
    }

    /// Another order, any being as likely.
    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.within(0..last + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_numbers_each_time() {
        let throw = |seed| {
            let mut dice = Dice::new(seed);
            let mut order: Vec<usize> = (0..100).collect();
            dice.shuffle(&mut order);
            (order, dice.within(3..5), dice.next())
        };
        assert_eq!(throw(1), throw(1));
        assert_ne!(throw(1), throw(2));
        let (mut order, number, _) = throw(1);
        order.sort_unstable();
        assert!(order.into_iter().eq(0..100) && (3..5).contains(&number));
    }
}
