//! Roles as they are given: the platform's rule for a single one, whether two come to the
//! same, and what they are in words. It must not know how they were chosen.

use progenitor_client::Error;

use super::{BuiltInRole, RoleScope};
use crate::types::RoleAssignment;

/// The rule of [this page](super), as far as the role is known.
///
/// # Errors
/// [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest), naming the
/// role and the cure.
pub(super) fn check_assignment(assignment: &RoleAssignment) -> Result<(), Error> {
    let Some(role) = BuiltInRole::from_id(&assignment.role) else { return Ok(()) };
    match (role.scope(), &assignment.organization) {
        (RoleScope::Application, Some(organization)) => Err(Error::InvalidRequest(format!(
            "{role} is a role of the whole application and cannot be given in the organization \
             {organization:?}"
        ))
        .with_hint("leave the organization out, or give Org Admin, Org Operator or Org Viewer")),
        (RoleScope::Organization, None) => {
            Err(Error::InvalidRequest(format!("{role} is a role of organizations and needs one"))
                .with_hint("name an organization, or give Administrator, Builder or Operator"))
        }
        _ => Ok(()),
    }
}

/// Whether two assignments are the same.
pub(super) fn is_same(one: &RoleAssignment, other: &RoleAssignment) -> bool {
    one.role.eq_ignore_ascii_case(&other.role) && one.organization == other.organization
}

/// Whether both lists give the same, whatever the order.
pub(crate) fn same(one: &[RoleAssignment], other: &[RoleAssignment]) -> bool {
    let within = |part: &[RoleAssignment], whole: &[RoleAssignment]| {
        part.iter().all(|role| whole.iter().any(|known| is_same(known, role)))
    };
    within(one, other) && within(other, one)
}

/// Whether one of the roles is the built-in administrator's.
pub(crate) fn is_administrator(roles: &[RoleAssignment]) -> bool {
    let built_in = |role: &RoleAssignment| BuiltInRole::from_id(&role.role);
    roles.iter().any(|role| built_in(role) == Some(BuiltInRole::Administrator))
}

/// An assignment in words: the built-in name if it has one, else the id.
fn shown(assignment: &RoleAssignment) -> String {
    let role = match BuiltInRole::from_id(&assignment.role) {
        Some(role) => role.name(),
        None => assignment.role.as_str(),
    };
    match &assignment.organization {
        Some(organization) => format!("{role} in {organization}"),
        None => role.to_owned(),
    }
}

/// A list of assignments in words.
pub(crate) fn all_shown(assignments: &[RoleAssignment]) -> String {
    if assignments.is_empty() {
        return "no role".to_owned();
    }
    assignments.iter().map(shown).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use serde_json::Map;

    use super::*;

    fn assignment(role: &str, organization: Option<&str>) -> RoleAssignment {
        RoleAssignment {
            role: role.to_owned(),
            organization: organization.map(str::to_owned),
            extra: Map::new(),
        }
    }

    #[test]
    fn built_in_roles_fit_their_place_and_others_are_let_through() {
        for role in BuiltInRole::ALL {
            let alone = check_assignment(&assignment(role.id(), None));
            let within = check_assignment(&assignment(&role.id().to_uppercase(), Some("seattle")));
            assert_eq!(alone.is_ok(), role.scope() == RoleScope::Application, "{role}");
            assert_ne!(alone.is_ok(), within.is_ok(), "{role}");
            let error = alone.and(within).unwrap_err();
            assert!(error.hint().is_some() && error.to_string().contains(role.name()), "{error}");
        }
        assert!(check_assignment(&assignment("own", Some("seattle"))).is_ok());
    }

    #[test]
    fn lists_are_compared_as_sets() {
        let (a, b) = (assignment("A", None), assignment("b", Some("s")));
        assert!(same(&[a.clone(), b.clone()], &[b.clone(), assignment("a", None)]));
        assert!(!same(std::slice::from_ref(&a), &[a.clone(), b]));
        assert_eq!(
            all_shown(&[assignment(BuiltInRole::OrgViewer.id(), Some("s"))]),
            "Org Viewer in s"
        );
    }
}
