//! The client credentials grant (RFC 6749, section 4.4): an application for
//! itself.

use super::{
    super::{client::required, error::TokenError, scope::Scopes},
    Outcome, Request,
};

pub(super) fn judge(request: &Request<'_>) -> Result<Outcome, TokenError> {
    if request.client.application.is_public {
        return Err(TokenError::secret_missing());
    }
    // AD FS names the resource by its address alone.
    let scopes = match request.form.get("resource")? {
        Some(resource) => Scopes::of_resource(resource),
        None => Scopes::of_application(required(request.form, "scope")?)?,
    };
    let audience = scopes.audience;
    if request.authority.directory.resource(&audience).is_none() {
        return Err(TokenError::resource_unknown(&audience));
    }
    Ok(Outcome::Application { audience })
}
