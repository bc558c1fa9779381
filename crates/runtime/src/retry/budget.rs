//! The bucket of tokens that all calls of a client take repeats from.

use std::sync::atomic::{AtomicU32, Ordering};

/// What a repeat takes: five calls must succeed at once to pay for one.
const COST: u32 = 5;

#[derive(Debug)]
pub(crate) struct Budget {
    capacity: u32,
    tokens: AtomicU32,
}

impl Budget {
    pub(crate) fn new(capacity: u32) -> Self {
        Self { capacity, tokens: AtomicU32::new(capacity) }
    }

    /// Takes the tokens of one repeat, if they are there.
    pub(crate) fn take(&self) -> bool {
        self.change(|tokens| tokens.checked_sub(COST))
    }

    /// Gives back after a success: what its last repeat took, or one token.
    pub(crate) fn give_back(&self, repeated: bool) {
        // Full is the normal state; then nothing is written.
        if self.tokens.load(Ordering::Relaxed) < self.capacity {
            let tokens = if repeated { COST } else { 1 };
            self.change(|present| Some(present.saturating_add(tokens).min(self.capacity)));
        }
    }

    fn change(&self, how: impl FnMut(u32) -> Option<u32>) -> bool {
        self.tokens.fetch_update(Ordering::Relaxed, Ordering::Relaxed, how).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_bucket_gives_nothing_until_calls_succeed() {
        let budget = Budget::new(11);
        assert!(budget.take() && budget.take());
        assert!(!budget.take());
        budget.give_back(true);
        assert!(budget.take());
        for _ in 0..4 {
            budget.give_back(false);
        }
        assert!(budget.take());
        assert!(!budget.take());
    }

    #[test]
    fn it_never_holds_more_than_its_capacity() {
        let budget = Budget::new(5);
        budget.give_back(true);
        assert!(budget.take());
        budget.give_back(true);
        budget.give_back(true);
        assert!(budget.take() && !budget.take());
    }
}
