//! Parting what is asked for into calls that the platform takes. It must not
//! know what the entries are.

use progenitor_client::{Error, ErrorKind};

/// The most roles that one call may assign, counted over all its members.
pub(super) const MAX_ASSIGNMENTS: usize = 50;

/// Entries that were not added, and why.
#[derive(Debug)]
#[non_exhaustive]
pub struct FailedAddition<T> {
    /// The entries of the call; the platform takes a call as a whole.
    pub entries: Vec<T>,
    /// What it said. Of a kind that
    /// [`is_ambiguous`](crate::ErrorKind::is_ambiguous), the call may have been
    /// carried out.
    pub error: Error,
}

/// Parts entries, in their order, so that each call stays within the limit.
pub(super) fn parted<T>(entries: Vec<T>, assignments: impl Fn(&T) -> usize) -> Vec<Vec<T>> {
    let mut calls: Vec<Vec<T>> = Vec::new();
    let mut room = 0;
    for entry in entries {
        let needed = assignments(&entry).max(1);
        match calls.last_mut().filter(|_| needed <= room) {
            Some(call) => call.push(entry),
            None => {
                calls.push(vec![entry]);
                room = MAX_ASSIGNMENTS;
            }
        }
        room = room.saturating_sub(needed);
    }
    calls
}

/// What cannot be added at all.
pub(super) fn check_roles(who: &str, roles: &[String]) -> Result<(), Error> {
    let fault = match roles.len() {
        0 => "is to be added without a role".to_owned(),
        count if count > MAX_ASSIGNMENTS => format!(
            "is to have {count} roles; a call assigns at most {MAX_ASSIGNMENTS}, and a later call \
             replaces them"
        ),
        _ => return Ok(()),
    };
    Err(Error::InvalidRequest(format!("{who} {fault}")))
}

/// Whether the next call may do better than the one that failed: what was
/// refused for its content says nothing of the others.
pub(super) fn concerns_content(error: &Error) -> bool {
    let by_kind =
        matches!(error.kind(), ErrorKind::NotFound | ErrorKind::Conflict | ErrorKind::Rejected);
    by_kind && !crate::ITwinErrorExt::is_itwin_not_found(error)
}

/// Puts roles to those that are given already, each once.
pub(super) fn join(roles: &mut Vec<String>, more: Vec<String>) {
    for role in more {
        if !roles.iter().any(|known| known.eq_ignore_ascii_case(&role)) {
            roles.push(role);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_filled_up_to_the_limit_in_order() {
        let parts = parted(vec![20, 30, 1, 49, 50, 0, 50], |roles| *roles);
        assert_eq!(parts, [vec![20, 30], vec![1, 49], vec![50], vec![0], vec![50]]);
        assert!(parted(Vec::<usize>::new(), |roles| *roles).is_empty());
    }
}
