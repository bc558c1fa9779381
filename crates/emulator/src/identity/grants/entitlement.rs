//! Whether an application may have a token of a user for a resource: the
//! resource's scopes, the tenant's policy and the user's consent.

use super::super::{
    challenge,
    directory::{Application, Directory, Resource, User},
    error::TokenError,
    scope::Scopes,
};

/// The resource, and the names of its scopes that are meant.
pub(crate) fn resolve(
    directory: &Directory,
    scopes: &Scopes,
) -> Result<(Resource, Vec<String>), TokenError> {
    let resource = directory
        .resource(&scopes.audience)
        .ok_or_else(|| TokenError::resource_unknown(&scopes.audience))?;
    if scopes.wants_all() {
        let all = resource.scopes.clone();
        return Ok((resource, all));
    }
    let unknown = scopes.names.iter().find(|name| !resource.scopes.contains(name));
    if let Some(unknown) = unknown {
        return Err(TokenError::scope_unknown(unknown, &scopes.audience));
    }
    Ok((resource, scopes.names.clone()))
}

/// The names of the scopes that the user's token gets.
pub(crate) fn check(
    directory: &Directory,
    application: &Application,
    user: &User,
    scopes: &Scopes,
    contexts: &[String],
) -> Result<Vec<String>, TokenError> {
    let (resource, names) = resolve(directory, scopes)?;
    if directory.wants_interaction(&resource.key) && !challenge::has_second_factor(contexts) {
        return Err(TokenError::interaction_required(&scopes.audience));
    }
    let missing = missing_consents(directory, application, user, &resource, &names);
    match missing.first() {
        Some(missing) => Err(TokenError::consent_missing(&application.client_id, missing)),
        None => Ok(names),
    }
}

/// The scopes that the user has yet to agree to.
fn missing_consents(
    directory: &Directory,
    application: &Application,
    user: &User,
    resource: &Resource,
    names: &[String],
) -> Vec<String> {
    if !application.requires_consent {
        return Vec::new();
    }
    let agreed = |name: &String| {
        directory.has_consent(&user.object_id, &application.client_id, &resource.key, name)
    };
    names.iter().filter(|name| !agreed(name)).cloned().collect()
}
