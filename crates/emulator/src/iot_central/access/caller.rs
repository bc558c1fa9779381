//! From an `Authorization` header to a caller with roles.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{
    api_token,
    role::{Access, Area, Role},
};
use crate::{
    identity::{self, Verifier},
    iot_central::{
        ApiError, Application,
        state::{Document, Record, State},
    },
};

/// The scheme of an API token, which stands in front of nothing else.
const TOKEN_SCHEME: &str = "SharedAccessSignature";

/// Who is calling.
#[derive(Debug, Clone)]
pub(in crate::iot_central) struct Caller {
    grants: Vec<Grant>,
}

/// One role and how far it reaches.
#[derive(Debug, Clone)]
struct Grant {
    role: Role,
    reach: Reach,
}

#[derive(Debug, Clone)]
enum Reach {
    /// The root: everything.
    All,
    /// An organization and those below it.
    Organizations(BTreeSet<String>),
}

impl Caller {
    /// Whether any role permits this somewhere.
    pub(in crate::iot_central) fn require(
        &self,
        area: Area,
        access: Access,
    ) -> Result<(), ApiError> {
        if self.grants.iter().any(|grant| grant.role.allows(area, access)) {
            return Ok(());
        }
        let what = match access {
            Access::Read => "read",
            Access::Write => "change",
        };
        Err(ApiError::forbidden(format!("No role of the caller permits to {what} this.")))
    }

    /// Whether a role that permits this reaches what belongs to the
    /// organizations; without any it belongs to the root.
    pub(in crate::iot_central) fn reaches(
        &self,
        area: Area,
        access: Access,
        organizations: &[&str],
    ) -> bool {
        let permits = |grant: &&Grant| grant.role.allows(area, access);
        self.grants.iter().filter(permits).any(|grant| match &grant.reach {
            Reach::All => true,
            Reach::Organizations(reached) => {
                organizations.iter().any(|organization| reached.contains(*organization))
            }
        })
    }

    /// Whether the caller may hand this role on: only who has the same or a
    /// stronger one may.
    pub(in crate::iot_central) fn may_grant(&self, role: Role, organization: Option<&str>) -> bool {
        let place: Vec<&str> = organization.into_iter().collect();
        self.reaches(Area::People, Access::Write, &place)
            && self.grants.iter().any(|grant| match grant.role {
                Role::Administrator => true,
                _ => role.is_of_organization(),
            })
    }
}

/// Who is behind the value of an `Authorization` header.
pub(in crate::iot_central) fn identify(
    application: &Application,
    verifier: &Verifier,
    authorization: Option<&str>,
) -> Result<Caller, ApiError> {
    let authorization = authorization
        .ok_or_else(|| ApiError::unauthenticated("The Authorization header is missing."))?;
    if authorization.starts_with(TOKEN_SCHEME) {
        let state = application.read();
        let record = api_token::verify(application, &state, authorization)?;
        return Ok(Caller { grants: grants(&state, &record.document) });
    }
    let (_, token) = authorization.split_once(' ').unwrap_or_default();
    if token.trim_start().starts_with(TOKEN_SCHEME) {
        return Err(ApiError::unauthenticated(
            "An API token stands in the Authorization header as it is, without Bearer.",
        ));
    }
    let principal = verifier.verify(authorization).map_err(|refusal| match refusal {
        identity::Refusal::Unauthorized | identity::Refusal::Challenged => {
            ApiError::unauthenticated("The token is not valid for this service.")
        }
        identity::Refusal::WrongTenant => unknown_principal(),
    })?;
    let directory = &verifier.authority.directory;
    let user = directory.user(&principal.object_id);
    let state = application.read();
    let grants: Vec<Grant> = state
        .users
        .values()
        .filter(|record| {
            let of_tenant = |object_id: &str| {
                record
                    .text("tenantId")
                    .is_some_and(|id| id.eq_ignore_ascii_case(&principal.tenant_id))
                    && record.text("objectId").is_some_and(|id| id.eq_ignore_ascii_case(object_id))
            };
            match (record.text("type"), &user) {
                (Some("servicePrincipal"), None) => of_tenant(&principal.object_id),
                (Some("adGroup"), Some(user)) => user.groups.iter().any(|group| of_tenant(group)),
                (Some("email"), Some(user)) => record
                    .text("email")
                    .is_some_and(|email| email.eq_ignore_ascii_case(&user.user_name)),
                _ => false,
            }
        })
        .flat_map(|record| grants(&state, &record.document))
        .collect();
    if grants.is_empty() { Err(unknown_principal()) } else { Ok(Caller { grants }) }
}

fn unknown_principal() -> ApiError {
    ApiError::forbidden("The caller is no user of this application.")
}

/// What the `roles` of a user or an API token come to. A role that is not known
/// permits nothing.
fn grants(state: &State, document: &Document) -> Vec<Grant> {
    let assignments = document.get("roles").and_then(Value::as_array).into_iter().flatten();
    assignments
        .filter_map(|assignment| {
            let role = Role::by_id(assignment.get("role")?.as_str()?)?;
            let reach = match assignment.get("organization").and_then(Value::as_str) {
                None => Reach::All,
                Some(organization) => Reach::Organizations(state.below(organization)),
            };
            Some(Grant { role, reach })
        })
        .collect()
}

impl State {
    /// An organization and all below it.
    pub(in crate::iot_central) fn below(&self, organization: &str) -> BTreeSet<String> {
        let mut found = BTreeSet::from([organization.to_owned()]);
        loop {
            let before = found.len();
            for (id, record) in self.organizations.iter() {
                if record.text("parent").is_some_and(|parent| found.contains(parent)) {
                    found.insert(id.clone());
                }
            }
            if found.len() == before {
                return found;
            }
        }
    }
}

/// The organizations that a resource names.
pub(in crate::iot_central) fn organizations_of(record: &Record) -> Vec<&str> {
    let named = record.document.get("organizations").and_then(Value::as_array);
    named.into_iter().flatten().filter_map(Value::as_str).collect()
}
