//! Users: people by e-mail address, Entra groups and service principals by
//! tenant and object id.

use serde_json::Value;

use super::collection::{Collection, Context, table};
use crate::iot_central::{
    ApiError,
    access::{Area, role::Role},
    routes::{Call, ListOptions},
    rules::{Body, ids},
    state::{Document, Record, State},
};

pub(super) struct Users;

impl Collection for Users {
    const KIND: &'static str = "user";
    const AREA: Area = Area::People;
    const OPTIONS: ListOptions = ListOptions::Size;

    table!(users);

    fn check_id(id: &str) -> Result<(), ApiError> {
        ids::word(Self::KIND, id, 48)
    }

    fn organizations<'r>(_id: &'r str, record: &'r Record) -> Vec<&'r str> {
        assigned_organizations(&record.document)
    }

    fn check(
        context: &Context<'_>,
        id: &str,
        document: &Document,
        old: Option<&Record>,
    ) -> Result<(), ApiError> {
        let mut body = Body::new(document);
        match body.one_of("type", &["email", "adGroup", "servicePrincipal"]) {
            Some("email") => {
                let email = body.text("email");
                if email.is_some_and(|email| !is_address(email)) {
                    body.fault("email is no address");
                }
            }
            Some(_) => {
                let tenant = body.guid("tenantId");
                body.guid("objectId");
                let own = &context.call.application.tenant_id;
                if tenant.is_some_and(|tenant| !tenant.eq_ignore_ascii_case(own)) {
                    body.fault("tenantId is not the tenant of this application");
                }
            }
            None => {}
        }
        if let Some(old) = old.and_then(|old| old.text("type"))
            && document.get("type").and_then(Value::as_str).is_some_and(|new| new != old)
        {
            body.fault("type cannot be changed");
        }
        check_roles(context, &mut body);
        body.verdict()?;
        check_grants(context.call, document)?;
        if context.state.users.iter().any(|(other, record)| {
            other != id && ["email", "objectId"].iter().any(|member| same(record, document, member))
        }) {
            return Err(ApiError::conflict("This user is there already under another id."));
        }
        if old.is_some() {
            keeps_an_administrator(context.state, id, Some(document))?;
        }
        check_limits(context, id, document)
    }

    fn settle(_: &Context<'_>, _: &str, document: &mut Document, _: Option<&Record>) {
        separate_organizations(document);
    }

    fn check_delete(context: &Context<'_>, id: &str) -> Result<(), ApiError> {
        keeps_an_administrator(context.state, id, None)
    }
}

fn is_address(email: &str) -> bool {
    let parts = email.split_once('@');
    parts.is_some_and(|(name, host)| !name.is_empty() && host.contains('.') && !host.contains('@'))
}

fn same(record: &Record, document: &Document, member: &str) -> bool {
    let new = document.get(member).and_then(Value::as_str);
    record.text(member).zip(new).is_some_and(|(old, new)| old.eq_ignore_ascii_case(new))
}

/// The organizations of the role assignments of a user or an API token. One
/// without an organization makes it the root's.
pub(super) fn assigned_organizations(document: &Document) -> Vec<&str> {
    let assignments = document.get("roles").and_then(Value::as_array).into_iter().flatten();
    assignments
        .filter_map(|assignment| assignment.get("organization").and_then(Value::as_str))
        .collect()
}

/// Looks the `roles` of a user or an API token over: there is at least one, each
/// is known, and goes with the organization beside it or with none.
pub(super) fn check_roles(context: &Context<'_>, body: &mut Body<'_>) {
    let Some(assignments) = body.list("roles") else { return };
    for (index, assignment) in assignments.iter().enumerate() {
        let Some(members) = assignment.as_object() else {
            body.fault(format!("roles.{index} is no object"));
            continue;
        };
        body.part(&format!("roles.{index}"), members, |body| {
            let role = body.text("role").map(assigned_role);
            let organization = body.optional_text("organization");
            let (named, organization) = match role {
                Some((role, inline)) => (Some(role), organization.or(inline)),
                None => (None, organization),
            };
            if let Some(organization) = organization
                && !context.state.organizations.contains_key(organization)
            {
                body.fault(format!("there is no organization {organization:?}"));
            }
            match named {
                Some(Err(id)) => body.fault(format!("there is no role {id:?}")),
                Some(Ok(role)) if role.is_of_organization() && organization.is_none() => {
                    body.fault(format!(
                        "the role {:?} goes with an organization, and none is named",
                        role.display_name()
                    ));
                }
                Some(Ok(role)) if !role.is_of_organization() && organization.is_some() => {
                    body.fault(format!(
                        "the role {:?} goes with the root and with no organization",
                        role.display_name()
                    ));
                }
                _ => {}
            }
        });
    }
}

/// A role by id. The vendor's command line puts the organization in front:
/// `organization\role`.
fn assigned_role(text: &str) -> (Result<Role, &str>, Option<&str>) {
    match text.split_once('\\') {
        Some((organization, role)) => (Role::of_organization(role).ok_or(role), Some(organization)),
        None => (Role::by_id(text).ok_or(text), None),
    }
}

/// The `roles` of a checked document, each with its organization beside it.
pub(super) fn separate_organizations(document: &mut Document) {
    let assignments = document.get_mut("roles").and_then(Value::as_array_mut);
    for members in assignments.into_iter().flatten().filter_map(Value::as_object_mut) {
        let text = members.get("role").and_then(Value::as_str).unwrap_or_default().to_owned();
        if let (Ok(role), Some(organization)) = assigned_role(&text) {
            members.insert("role".to_owned(), role.id().into());
            members.insert("organization".to_owned(), organization.into());
        }
    }
}

/// The caller hands on no role above its own.
pub(super) fn check_grants(call: &Call, document: &Document) -> Result<(), ApiError> {
    let assignments = document.get("roles").and_then(Value::as_array).into_iter().flatten();
    for assignment in assignments {
        let Some(text) = assignment.get("role").and_then(Value::as_str) else { continue };
        let (Ok(role), inline) = assigned_role(text) else { continue };
        let organization = assignment.get("organization").and_then(Value::as_str).or(inline);
        if !call.caller.may_grant(role, organization) {
            return Err(ApiError::forbidden("The caller may not hand on this role."));
        }
    }
    Ok(())
}

/// There must be an administrator left when `id` is replaced or deleted.
fn keeps_an_administrator(state: &State, id: &str, new: Option<&Document>) -> Result<(), ApiError> {
    let was = state.users.get(id).is_some_and(|record| is_administrator(&record.document));
    let others =
        state.users.iter().any(|(other, record)| other != id && is_administrator(&record.document));
    if !was || others || new.is_some_and(is_administrator) {
        return Ok(());
    }
    Err(ApiError::invalid("the last administrator must stay"))
}

fn is_administrator(document: &Document) -> bool {
    let assignments = document.get("roles").and_then(Value::as_array).into_iter().flatten();
    assignments
        .filter_map(|assignment| assignment.get("role").and_then(Value::as_str))
        .any(|id| Role::by_id(id) == Some(Role::Administrator))
}

fn check_limits(context: &Context<'_>, id: &str, document: &Document) -> Result<(), ApiError> {
    let limits = &context.call.application.config.limits;
    let others = || context.state.users.iter().filter(|(other, _)| *other != id);
    let assigned =
        |document: &Document| document.get("roles").and_then(Value::as_array).map_or(0, Vec::len);
    let assignments: usize = others().map(|(_, record)| assigned(&record.document)).sum();
    if assignments + assigned(document) > limits.role_assignments {
        return Err(ApiError::conflict("There are as many role assignments as there may be."));
    }
    let is_group = document.get("type").and_then(Value::as_str) == Some("adGroup");
    let groups = others().filter(|(_, record)| record.text("type") == Some("adGroup")).count();
    if is_group && groups >= limits.groups {
        return Err(ApiError::conflict("There are as many groups as there may be."));
    }
    Ok(())
}
