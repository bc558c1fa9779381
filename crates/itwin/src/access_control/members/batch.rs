//! Parting what is asked for into calls that the platform takes. It must not
//! know what the entries are.

use progenitor_client::{Error, ErrorKind};

/// The most roles that one call may assign, counted over all its members.
const MAX_ASSIGNMENTS: usize = 50;

/// Entries that were not added, and why.
#[derive(Debug)]
#[non_exhaustive]
pub struct FailedAddition<T> {
    /// The [culprit](Self::culprit), the others of its call having been sent again
    /// without it, and those with the same wrong role, if that is what is wrong. Where
    /// the platform named none, the entries of the call, which it takes as a whole.
    pub entries: Vec<T>,
    /// What it said. Of a kind that
    /// [`is_ambiguous`](crate::ErrorKind::is_ambiguous), the call may have been
    /// carried out.
    pub error: Error,
    is_named: bool,
}

impl<T> FailedAddition<T> {
    /// The entry that was refused for what it is; `None` if the platform did not say
    /// which one it was, or something else went wrong.
    #[must_use]
    pub fn culprit(&self) -> Option<&T> {
        self.entries.first().filter(|_| self.is_named)
    }

    /// Parts a call that went wrong: into what the platform named, with the refusal,
    /// and those that may be sent again without it.
    pub(super) fn parted(
        mut entries: Vec<T>,
        error: Error,
        roles: fn(&T) -> &[String],
    ) -> (Self, Vec<T>) {
        let lone = || (entries.len() == 1).then_some((0, None));
        let named = named(&error).or_else(lone).filter(|(index, _)| *index < entries.len());
        let Some((index, role)) = named.filter(|_| concerns_content(&error)) else {
            return (Self { entries, error, is_named: false }, Vec::new());
        };
        let culprit = entries.remove(index);
        let wrong = role.and_then(|role| roles(&culprit).get(role).cloned());
        let is_alike = |entry: &T| {
            let has = |wrong: &String| roles(entry).iter().any(|it| it.eq_ignore_ascii_case(wrong));
            wrong.as_ref().is_some_and(has)
        };
        let (alike, others): (Vec<T>, Vec<T>) = entries.into_iter().partition(is_alike);
        let entries = std::iter::once(culprit).chain(alike).collect();
        (Self { entries, error, is_named: true }, others)
    }
}

/// Which of the members of a call a refusal is about, and which of its roles: by
/// places such as `members[10].email` and `members[0].roleIds[2]`. Where its details
/// name several, the next refusal is about the next one.
fn named(error: &Error) -> Option<(usize, Option<usize>)> {
    let details = error.details().iter().filter_map(|detail| detail.target.as_deref());
    error.target().into_iter().chain(details).find_map(|target| {
        let (member, rest) = indexed(target, "members")?;
        let role = rest.strip_prefix('.').and_then(|rest| indexed(rest, "roleIds"));
        Some((member, role.map(|(role, _)| role)))
    })
}

/// The number in `name[number]`, and what stands behind it.
fn indexed<'t>(text: &'t str, name: &str) -> Option<(usize, &'t str)> {
    let (is, rest) = text.split_once('[')?;
    let (number, rest) = rest.split_once(']')?;
    let number = number.parse().ok()?;
    is.eq_ignore_ascii_case(name).then_some((number, rest))
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

    #[test]
    fn places_are_read() {
        assert_eq!(indexed("members[10].email", "members"), Some((10, ".email")));
        assert_eq!(indexed("Members[1]", "members"), Some((1, "")));
        for odd in ["members", "members[x]", "members[-1]", "members[1", "roles[1]", "[1]"] {
            assert_eq!(indexed(odd, "members"), None, "{odd}");
        }
    }
}
