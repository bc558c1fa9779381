//! Which roles somebody is to have: chosen by name or id, or described so that
//! they can be made. It must not know who gets them.

use std::fmt;

use progenitor_client::Error;

use crate::access_control::types::Role;

/// A role of an iTwin for somebody.
///
/// ```
/// use twinkit_itwin::RoleGrant;
///
/// let by_name = RoleGrant::from("iTwin Manager");
/// let by_id = RoleGrant::from("5abbfcef-0eab-472a-b5f5-5c5a43df34b1");
/// let made = RoleGrant::made("Reader", "May read iModels", ["imodels_read"]);
/// # let _ = (by_name, by_id, made);
/// ```
///
/// A text in the shape of a GUID is an id, any other a name, whatever its case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleGrant(Chosen);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Chosen {
    Id(String),
    Name(String),
    Made { name: String, description: String, permissions: Vec<String> },
}

impl RoleGrant {
    /// The role with this id, whatever its shape.
    #[must_use]
    pub fn by_id(id: impl Into<String>) -> Self {
        Self(Chosen::Id(id.into()))
    }

    /// The role of this name, even if the name looks like an id.
    #[must_use]
    pub fn by_name(name: impl Into<String>) -> Self {
        Self(Chosen::Name(name.into()))
    }

    /// The role of this name with at least these permissions: it is made if there
    /// is none, and gets those that it lacks; what it has beside them stays.
    #[must_use]
    pub fn made<P: Into<String>>(
        name: impl Into<String>,
        description: impl Into<String>,
        permissions: impl IntoIterator<Item = P>,
    ) -> Self {
        let (name, description) = (name.into(), description.into());
        let permissions = permissions.into_iter().map(Into::into).collect();
        Self(Chosen::Made { name, description, permissions })
    }
}

impl From<&str> for RoleGrant {
    fn from(text: &str) -> Self {
        if is_guid(text.trim()) { Self::by_id(text.trim()) } else { Self::by_name(text) }
    }
}

impl From<String> for RoleGrant {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}

impl From<&Role> for RoleGrant {
    fn from(role: &Role) -> Self {
        Self::by_id(role.id.as_str())
    }
}

/// A role that somebody is to have, as far as it is there.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PlannedRole {
    /// Its name.
    pub name: String,
    /// Its id; `None` if it is to be made.
    pub id: Option<String>,
    /// What is to be done to the role itself.
    pub change: RoleChange,
}

/// What is to be done to a role.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RoleChange {
    /// It is there and fits.
    Nothing,
    /// It is to be made.
    Create {
        /// What it is for.
        description: String,
        /// What it allows.
        permissions: Vec<String>,
    },
    /// It is there and lacks permissions.
    Extend {
        /// Those that it lacks.
        lacking: Vec<String>,
        /// All that it will have.
        permissions: Vec<String>,
    },
}

/// Finds the roles among those of the iTwin.
pub(super) fn resolve(grants: Vec<RoleGrant>, present: &[Role]) -> Result<Vec<PlannedRole>, Error> {
    let mut planned: Vec<PlannedRole> = Vec::new();
    for grant in grants {
        let role = resolve_one(grant, present)?;
        let is_same = |known: &&mut PlannedRole| match (&known.id, &role.id) {
            (Some(known), Some(id)) => known.eq_ignore_ascii_case(id),
            (None, None) => known.name.eq_ignore_ascii_case(&role.name),
            _ => false,
        };
        match planned.iter_mut().find(is_same) {
            Some(known) if known.change == role.change || role.change == RoleChange::Nothing => {}
            Some(known) if known.change == RoleChange::Nothing => *known = role,
            Some(_) => {
                let message = format!("the role {:?} is described twice, not alike", role.name);
                return Err(Error::InvalidRequest(message));
            }
            None => planned.push(role),
        }
    }
    Ok(planned)
}

fn resolve_one(grant: RoleGrant, present: &[Role]) -> Result<PlannedRole, Error> {
    match grant.0 {
        Chosen::Id(id) => match present.iter().find(|role| role.id.eq_ignore_ascii_case(&id)) {
            Some(role) => Ok(as_it_is(role)),
            None => Err(none_such(&format!("with the id {id:?}"), present)),
        },
        Chosen::Name(name) => match named(&name, present)? {
            Some(role) => Ok(as_it_is(role)),
            None => Err(none_such(&format!("named {name:?}"), present)),
        },
        Chosen::Made { name, description, permissions } => Ok(match named(&name, present)? {
            Some(role) => extended(role, permissions),
            None => {
                let change = RoleChange::Create { description, permissions };
                PlannedRole { name, id: None, change }
            }
        }),
    }
}

fn named<'a>(name: &str, present: &'a [Role]) -> Result<Option<&'a Role>, Error> {
    let name = name.trim();
    let mut found =
        present.iter().filter(|role| role.display_name.to_lowercase() == name.to_lowercase());
    let first = found.next();
    if found.next().is_some() {
        let message = format!("several roles of the iTwin are named {name:?}");
        return Err(Error::InvalidRequest(message).with_hint("choose one by its id: list_roles"));
    }
    Ok(first)
}

fn as_it_is(role: &Role) -> PlannedRole {
    let (name, id) = (role.display_name.clone(), Some(role.id.clone()));
    PlannedRole { name, id, change: RoleChange::Nothing }
}

fn extended(role: &Role, wanted: Vec<String>) -> PlannedRole {
    let mut permissions = role.permissions.clone().unwrap_or_default();
    let lacking: Vec<_> =
        wanted.into_iter().filter(|permission| !permissions.contains(permission)).collect();
    let mut planned = as_it_is(role);
    if !lacking.is_empty() {
        permissions.extend(lacking.iter().cloned());
        planned.change = RoleChange::Extend { lacking, permissions };
    }
    planned
}

#[inline]
fn none_such(which: &str, present: &[Role]) -> Error {
    let names: Vec<_> = present.iter().map(|role| role.display_name.as_str()).collect();
    let there = if names.is_empty() { "it has none".to_owned() } else { names.join(", ") };
    Error::InvalidRequest(format!("the iTwin has no role {which}; there are: {there}"))
        .with_hint("give another one, or describe it with RoleGrant::made to have it made")
}

/// Eight, four, four, four and twelve hexadecimal digits between hyphens.
fn is_guid(text: &str) -> bool {
    let lengths = [8, 4, 4, 4, 12];
    let mut parts = text.split('-');
    let fits = |part: &str, length| {
        part.len() == length && part.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    lengths.iter().all(|length| parts.next().is_some_and(|part| fits(part, *length)))
        && parts.next().is_none()
}

impl fmt::Display for PlannedRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.change {
            RoleChange::Nothing => write!(f, "{:?}", self.name),
            RoleChange::Create { permissions, .. } => {
                write!(f, "{:?} (to be made, with {})", self.name, permissions.join(", "))
            }
            RoleChange::Extend { lacking, .. } => {
                write!(f, "{:?} (to be given {})", self.name, lacking.join(", "))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn roles() -> Vec<Role> {
        serde_json::from_value(json!([
            {"id": "a-1", "displayName": "Reader", "description": "", "permissions": ["read"]},
            {"id": "b-2", "displayName": "Twice", "description": ""},
            {"id": "c-3", "displayName": "twice", "description": ""},
        ]))
        .unwrap()
    }

    #[test]
    fn roles_are_found_by_name_and_id_and_once() {
        let grants = vec!["READER".into(), RoleGrant::by_id("A-1"), RoleGrant::by_id("b-2")];
        let planned = resolve(grants, &roles()).unwrap();
        let ids: Vec<_> = planned.iter().filter_map(|role| role.id.as_deref()).collect();
        assert_eq!(ids, ["a-1", "b-2"]);
    }

    #[test]
    fn a_described_role_is_made_or_gets_what_it_lacks() {
        let made = |name: &str| RoleGrant::made(name, "d", ["read", "write"]);
        let planned = resolve(vec![made("reader"), made("New")], &roles()).unwrap();
        let RoleChange::Extend { lacking, permissions } = &planned[0].change else { panic!() };
        assert_eq!(
            (lacking.join(","), permissions.join(",")),
            ("write".into(), "read,write".into())
        );
        assert!(matches!(planned[1].change, RoleChange::Create { .. }) && planned[1].id.is_none());
        let other = RoleGrant::made("new", "d", ["else"]);
        assert!(resolve(vec![made("New"), other], &roles()).is_err());
    }

    #[test]
    fn what_is_not_there_or_not_one_is_told_with_its_cure() {
        let error = resolve(vec!["Writer".into()], &roles()).unwrap_err();
        assert!(error.to_string().contains("Reader") && error.hint().is_some(), "{error}");
        let error = resolve(vec!["TWICE".into()], &roles()).unwrap_err();
        assert!(error.hint().unwrap().contains("id"), "{error}");
    }
}
