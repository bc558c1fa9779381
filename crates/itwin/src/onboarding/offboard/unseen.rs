//! What a caller who is no owner cannot see of somebody's access. It must not ask
//! for anything.

use std::fmt;

/// What cannot be seen by the caller, and so may still let somebody in. `Display`
/// names it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unseen {
    /// Invitations to the iTwin that others made: the platform shows all of them to
    /// owners only. Somebody who has one is a member when they accept it.
    pub invitations: bool,
    /// Groups, by name, of which the platform does not say who is in them, or who is
    /// invited to them. Their roles are had by everybody in them.
    pub groups: Vec<String>,
}

impl Unseen {
    /// Whether everything was seen.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        !self.invitations && self.groups.is_empty()
    }
}

impl fmt::Display for Unseen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        if self.invitations {
            parts.push("invitations that others made, which owners see".to_owned());
        }
        let groups = self.groups.iter();
        parts.extend(groups.map(|name| format!("who is in group {name:?} or invited to it")));
        if parts.is_empty() {
            return f.write_str("nothing");
        }
        f.write_str(&parts.join("; "))
    }
}

/// What was not seen, at the end of a line.
pub(super) fn told(unseen: &Unseen, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if unseen.is_nothing() { Ok(()) } else { write!(f, "; not to be seen: {unseen}") }
}
