//! Where an upload stands, kept for another run or another process. It must not
//! know how contents are sent.

use std::collections::BTreeSet;
use std::fmt;

use progenitor_client::{Error, Secret, SignedAddress};
use serde::{Deserialize, Serialize};

use super::target::{StorageService, Target};

/// Where an upload stands. It holds the signed address and is a secret:
/// [`to_secret`](Self::to_secret) keeps it for another process.
#[derive(Clone)]
pub struct UploadPoint {
    pub(super) target: Target,
    pub(super) size: u64,
    pub(super) block: u64,
    /// So many blocks from the first on have arrived.
    arrived: u64,
    /// Blocks that have arrived behind one that has not.
    beyond: BTreeSet<u64>,
    pub(super) committed: bool,
    /// Whether the storage service refused the address.
    pub(super) refused: bool,
}

impl UploadPoint {
    pub(super) fn new(target: Target, size: u64, block: u64) -> Self {
        let (arrived, beyond) = (0, BTreeSet::new());
        Self { target, size, block, arrived, beyond, committed: false, refused: false }
    }

    /// How many blocks there are.
    pub(super) fn count(&self) -> u64 {
        self.size.div_ceil(self.block)
    }

    /// The blocks that have not arrived.
    pub(super) fn missing(&self) -> Vec<u64> {
        (self.arrived..self.count()).filter(|index| !self.beyond.contains(index)).collect()
    }

    /// Offset and length of a block.
    pub(super) fn part(&self, index: u64) -> (u64, u64) {
        let offset = index.saturating_mul(self.block).min(self.size);
        (offset, self.block.min(self.size.saturating_sub(offset)))
    }

    pub(super) fn note(&mut self, index: u64) {
        self.beyond.insert(index);
        while self.beyond.remove(&self.arrived) {
            self.arrived += 1;
        }
    }

    /// Has everything sent again.
    pub(super) fn begin_anew(&mut self) {
        self.arrived = 0;
        self.beyond.clear();
        self.committed = false;
    }

    /// Whether a block has arrived.
    pub(super) fn is_begun(&self) -> bool {
        self.arrived > 0 || !self.beyond.is_empty()
    }

    /// How many bytes need not be sent again.
    #[must_use]
    pub fn done(&self) -> u64 {
        if self.committed {
            return self.size;
        }
        let first = self.arrived.saturating_mul(self.block).min(self.size);
        first + self.beyond.iter().map(|index| self.part(*index).1).sum::<u64>()
    }

    /// Whether the storage service refused the address. Where the platform hands out
    /// another one, the next run asks for it.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.refused
    }

    /// What the API calls the thing that is put: a file, a changeset, an iModel. Empty
    /// where it has no name.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.target.id
    }

    /// The point as a text, to be kept like a password.
    #[must_use]
    pub fn to_secret(&self) -> Secret {
        let kept = Kept {
            address: self.target.address.to_secret(),
            is_google: self.target.service == StorageService::Google,
            id: self.target.id.clone(),
            size: self.size,
            block: self.block,
            arrived: self.arrived,
            beyond: self.beyond.clone(),
            committed: self.committed,
            refused: self.refused,
        };
        Secret::from(serde_json::to_string(&kept).unwrap_or_default())
    }

    /// Reads what [`to_secret`](Self::to_secret) gave.
    ///
    /// # Errors
    /// It is no such text.
    pub fn from_secret(text: &Secret) -> Result<Self, Error> {
        let refused = || Error::InvalidRequest("the text is no point of an upload".to_owned());
        let kept: Kept = serde_json::from_str(text.expose()).map_err(|_| refused())?;
        let count = if kept.block > 0 { kept.size.div_ceil(kept.block) } else { 0 };
        let is_beyond = |last: &u64| *last >= count;
        if kept.block == 0 || kept.arrived > count || kept.beyond.last().is_some_and(is_beyond) {
            return Err(refused());
        }
        let service = if kept.is_google { StorageService::Google } else { StorageService::Azure };
        let address = SignedAddress::try_from(&kept.address)?;
        Ok(Self {
            target: Target { address, service, id: kept.id, size: None },
            size: kept.size,
            block: kept.block,
            arrived: kept.arrived,
            beyond: kept.beyond,
            committed: kept.committed,
            refused: kept.refused,
        })
    }

    /// Goes on at another address. Blocks stay with their place.
    pub(super) fn move_to(&mut self, target: Target) {
        if target.address.place() != self.target.address.place() {
            self.begin_anew();
        }
        self.target = target;
        self.refused = false;
    }
}

#[derive(Serialize, Deserialize)]
struct Kept {
    address: Secret,
    is_google: bool,
    id: String,
    size: u64,
    block: u64,
    arrived: u64,
    beyond: BTreeSet<u64>,
    committed: bool,
    #[serde(default)]
    refused: bool,
}

impl fmt::Debug for UploadPoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UploadPoint")
            .field("address", &self.target.address)
            .field("done", &self.done())
            .field("size", &self.size)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(address: &str) -> Target {
        Target::of(SignedAddress::parse(address).unwrap(), None)
    }

    fn point(size: u64, block: u64) -> UploadPoint {
        UploadPoint::new(target("https://a.example/c/b?sig=canary"), size, block)
    }

    #[test]
    fn blocks_that_arrive_out_of_turn_are_counted_once() {
        let mut at = point(10, 4);
        assert_eq!((at.count(), at.missing(), at.part(2)), (3, vec![0, 1, 2], (8, 2)));
        at.note(2);
        assert_eq!((at.done(), at.missing(), at.is_begun()), (2, vec![0, 1], true));
        at.note(0);
        let kept = UploadPoint::from_secret(&at.to_secret()).unwrap();
        assert_eq!((kept.done(), kept.missing()), (6, vec![1]));
        at.note(1);
        assert_eq!((at.done(), at.missing()), (10, Vec::new()));
        assert_eq!(point(0, 4).missing(), Vec::<u64>::new());
    }

    #[test]
    fn blocks_stay_with_their_place() {
        let mut at = point(10, 4);
        at.note(1);
        at.move_to(target("https://a.example/c/b?sig=new"));
        assert_eq!(at.done(), 4);
        at.move_to(target("https://a.example/c/d?sig=new"));
        assert_eq!(at.missing(), [0, 1, 2]);
        at.committed = true;
        at.move_to(target("https://a.example/c/d?sig=newer"));
        assert!(at.committed);
        at.move_to(target("https://a.example/c/e?sig=newer"));
        assert!(!at.committed, "nothing lies there");
    }

    #[test]
    fn a_text_that_cannot_be_a_point_is_refused() {
        let mut at = point(10, 4);
        at.note(2);
        let text = at.to_secret().expose().to_owned();
        for (from, to) in
            [("\"block\":4", "\"block\":0"), ("[2]", "[3]"), ("\"arrived\":0", "\"arrived\":9")]
        {
            assert!(text.contains(from), "{text}");
            assert!(UploadPoint::from_secret(&Secret::from(text.replace(from, to))).is_err());
        }
    }
}
