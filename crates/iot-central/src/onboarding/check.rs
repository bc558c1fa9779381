//! Whether the ids of a principal can be meant, judged before anything is sent:
//! by themselves, by the principal's own token, and by the caller's. The
//! platform takes wrong ids without a word. It must not ask the application.

use std::borrow::Cow;

use progenitor_client::Error;
use twinkit_auth::TokenClaims;

use super::Principal;
use super::principal::{GROUP_CURE, OBJECT_ID_CURE, TENANT_CURE};

/// Whether the two ids can belong together.
pub(super) fn own_ids(principal: &Principal) -> Result<(), Error> {
    let Some((tenant, object, cure)) = ids(principal) else { return Ok(()) };
    if tenant.eq_ignore_ascii_case(object) {
        let message = format!("{object} was given as tenant id and as object id");
        return Err(Error::InvalidRequest(message).with_hint(cure));
    }
    Ok(())
}

/// Whether the principal is the owner of its own credential's token.
pub(super) fn against_own_token(principal: &Principal, claims: &TokenClaims) -> Result<(), Error> {
    let Principal::ServicePrincipal { tenant_id, object_id } = principal else { return Ok(()) };
    let other = |claim: Option<&str>, given: &str| {
        claim.filter(|claim| !claim.eq_ignore_ascii_case(given)).map(str::to_owned)
    };
    let Some(owner) = other(claims.object_id(), object_id) else {
        return match other(claims.tenant_id(), tenant_id) {
            Some(tenant) => Err(Error::InvalidRequest(format!(
                "the tenant id given is {tenant_id}, but the credential's token is of tenant \
                 {tenant}"
            ))
            .with_hint("give the tenant in which the program signs in")),
            None => Ok(()),
        };
    };
    if claims.client_id().is_some_and(|id| id.eq_ignore_ascii_case(object_id)) {
        return Err(is_client_id(object_id)
            .with_hint(format!("give {owner}, the object id in the credential's token")));
    }
    Err(Error::InvalidRequest(format!(
        "the object id given is {object_id}, but the credential's token is of object id {owner}"
    ))
    .with_hint(format!(
        "give {owner} if the program signs in with that credential; the id given may be the \
         object id of its app registration"
    )))
}

pub(super) fn is_client_id(id: &str) -> Error {
    let message = format!("{id} is the application (client) id, not an object id");
    Error::InvalidRequest(message).with_hint(OBJECT_ID_CURE)
}

/// Whether the ids fit what the caller's token says of the caller, who is a user
/// of the application and so of its tenant.
pub(super) fn against_caller(
    principal: &Principal,
    caller: &TokenClaims,
    other_tenant: bool,
) -> Result<(), Error> {
    let Some((tenant, object, cure)) = ids(principal) else { return Ok(()) };
    let is = |claim: Option<&str>, id: &str| claim.is_some_and(|c| c.eq_ignore_ascii_case(id));
    if is(caller.tenant_id(), object) {
        let message = format!("{object} is the id of the caller's tenant, not an object id");
        let hint = format!("tenant id and object id may have changed places; {cure}");
        return refused(message, hint);
    }
    if is(caller.client_id(), object) {
        let message = format!(
            "{object} is the application (client) id with which the caller signs in, not an \
             object id"
        );
        return refused(message, cure);
    }
    if is(caller.object_id(), tenant) || is(caller.client_id(), tenant) {
        let message = format!("{tenant} is an id of the caller itself, not a tenant id");
        return refused(message, TENANT_CURE);
    }
    match caller.tenant_id() {
        Some(own) if !other_tenant && !own.eq_ignore_ascii_case(tenant) => refused(
            format!("the tenant id given is {tenant}, but the caller is of tenant {own}"),
            "a principal must be in the tenant of the application: give that one's id, or \
             other_tenant if the caller is not of it",
        ),
        _ => Ok(()),
    }
}

fn refused(message: String, hint: impl Into<Cow<'static, str>>) -> Result<(), Error> {
    Err(Error::InvalidRequest(message).with_hint(hint))
}

/// Tenant and object id, and where the right object id is found.
fn ids(principal: &Principal) -> Option<(&str, &str, &'static str)> {
    match principal {
        Principal::ServicePrincipal { tenant_id, object_id } => {
            Some((tenant_id, object_id, OBJECT_ID_CURE))
        }
        Principal::Group { tenant_id, object_id } => Some((tenant_id, object_id, GROUP_CURE)),
        Principal::Email { .. } => None,
    }
}
