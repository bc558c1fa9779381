//! Where the addresses of an upload come from, and what follows from that for another
//! run. It must not know how contents are sent.

use std::borrow::Cow;

use super::GET_ANOTHER;
use super::point::UploadPoint;

/// Where another address comes from when one has ended.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Addresses {
    /// The platform hands out another one each time it is asked.
    Renewed,
    /// Whoever begins a run gives one.
    Given,
    /// From nowhere: the one of the first run is the only one. What the contents are of.
    Once(&'static str),
}

impl Addresses {
    /// Whether a run goes on at the address of an earlier one.
    pub(super) fn are_of(self, point: &UploadPoint) -> bool {
        match self {
            // Before anything has arrived a point holds only an address, which may be of a
            // place that cannot be reached.
            Self::Renewed => point.committed || (point.done() > 0 && !point.refused),
            Self::Given => false,
            Self::Once(_) => true,
        }
    }

    /// Whether what an earlier run sent counts at another address.
    pub(super) fn can_be_changed(self, point: &UploadPoint) -> bool {
        self == Self::Given || point.done() > 0
    }

    /// What to do about one that was refused, and the thing called `id` with it.
    pub(super) fn advice(self, id: &str) -> Cow<'static, str> {
        match self {
            Self::Renewed => "new addresses were refused too: check this machine's clock, and \
                              whether the network lets it reach the storage service"
                .into(),
            Self::Given => GET_ANOTHER.into(),
            Self::Once(thing) => format!(
                "the platform tells this address once: delete {thing} {id} and make it anew"
            )
            .into(),
        }
    }

    /// What to do when contents changed while they were sent: of another size they find no
    /// place in what was made for the former ones.
    pub(super) fn advice_on_change(self, id: &str) -> Cow<'static, str> {
        match self {
            Self::Once(thing) => format!(
                "delete {thing} {id}, and make it anew when nothing writes to its file any more"
            )
            .into(),
            _ => "send it again when nothing writes to it any more".into(),
        }
    }
}
