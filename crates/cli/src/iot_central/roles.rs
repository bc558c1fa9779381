//! Roles as they are given on the command line and shown to people.

use std::collections::HashMap;

use anyhow::Result;
use serde_json::{Value, json};
use twinkit::iot_central::types::RoleAssignment;
use twinkit::iot_central::{BuiltInRole, Client, Error, RoleGrant};

use crate::hints::spoken;

/// `NAME|ID[@ORGANIZATION]` of an argument.
pub(super) fn grant(text: &str) -> Result<RoleGrant, String> {
    let (role, organization) = match text.rsplit_once('@') {
        Some((role, organization)) => (role, Some(organization.trim())),
        None => (text, None),
    };
    if role.trim().is_empty() || organization.is_some_and(str::is_empty) {
        return Err("write it as ROLE or ROLE@ORGANIZATION".to_owned());
    }
    let grant = RoleGrant::from(role);
    let grant = match organization {
        Some(organization) => grant.in_organization(organization),
        None => grant,
    };
    grant.check().map_err(|error| match error.hint() {
        Some(hint) => format!("{}; {}", error.message().unwrap_or_default(), spoken(hint)),
        None => error.to_string(),
    })?;
    Ok(grant)
}

/// What roles are called.
pub(super) struct RoleNames(HashMap<String, String>);

impl RoleNames {
    /// The names of these roles. The application is asked only for those that
    /// are not built in; where it does not tell, ids have to do.
    pub(super) async fn of<'a>(
        client: &Client,
        assignments: impl IntoIterator<Item = &'a RoleAssignment>,
    ) -> Result<Self, Error> {
        let own = assignments.into_iter().any(|a| BuiltInRole::from_id(&a.role).is_none());
        if !own {
            return Ok(Self(HashMap::new()));
        }
        let listed = match client.list_roles().items().into_vec().await {
            Ok(listed) => listed,
            Err(error) if error.is_denied() => Vec::new(),
            Err(error) => return Err(error),
        };
        let name = |role: twinkit::iot_central::types::Role| Some((role.id?, role.display_name?));
        Ok(Self(listed.into_iter().filter_map(name).collect()))
    }

    /// The assignments in words, in the form of `--role`.
    pub(super) fn shown(&self, assignments: &[RoleAssignment]) -> String {
        let one = |assignment: &RoleAssignment| {
            let RoleAssignment { role, organization, .. } = assignment;
            let built_in = BuiltInRole::from_id(role).map(BuiltInRole::name);
            let name = built_in.or_else(|| self.0.get(role).map(String::as_str)).unwrap_or(role);
            match organization {
                Some(organization) => format!("{name}@{organization}"),
                None => name.to_owned(),
            }
        };
        assignments.iter().map(one).collect::<Vec<_>>().join(", ")
    }
}

/// The assignments as the service writes them.
pub(super) fn documents(assignments: &[RoleAssignment]) -> Value {
    json!(assignments)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_may_have_an_organization() {
        assert_eq!(grant("App Builder").unwrap(), RoleGrant::by_name("App Builder"));
        let there = RoleGrant::by_name("Org Viewer").in_organization("seattle");
        assert_eq!(grant("Org Viewer@seattle").unwrap(), there);
        let misplaced = format!("{}@seattle", BuiltInRole::Builder.id());
        for text in ["", "@seattle", "Builder@", " ", "Org Viewer@..", misplaced.as_str()] {
            assert!(grant(text).is_err(), "{text}");
        }
    }

    #[test]
    fn roles_are_shown_by_name_where_it_is_known() {
        let names = RoleNames(HashMap::from([("own".to_owned(), "Plumber".to_owned())]));
        let assignment = |role: &str, organization: Option<&str>| RoleAssignment {
            role: role.to_owned(),
            organization: organization.map(str::to_owned),
            extra: serde_json::Map::new(),
        };
        let all = [
            assignment(BuiltInRole::OrgViewer.id(), Some("seattle")),
            assignment("own", None),
            assignment("other", None),
        ];
        assert_eq!(names.shown(&all), "Org Viewer@seattle, Plumber, other");
    }
}
