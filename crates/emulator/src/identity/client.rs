//! Which application asks, and how it proves it: by a secret in the form or in
//! `Authorization: Basic`, by an assertion, or, if it is public, not at all.

use axum::http::HeaderMap;
use secrecy::{ExposeSecret, SecretString};

use super::{
    assertion,
    directory::Application,
    error::TokenError,
    form::{Form, basic},
    tenant::Tenant,
    token::Authority,
};

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// An application that has proved who it is.
#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) application: Application,
    pub(crate) proof: Proof,
}

/// By what an application proved who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Proof {
    None,
    Secret,
    Assertion,
}

/// Finds the application and checks its proof.
pub(crate) fn authenticate(
    authority: &Authority,
    tenant: &Tenant,
    form: &Form,
    headers: &HeaderMap,
) -> Result<Client, TokenError> {
    let (client_id, secret) = match basic(headers) {
        Some((id, secret)) => (id, Some(secret)),
        None => (
            required(form, "client_id")?.to_owned(),
            form.get("client_secret")?.map(SecretString::from),
        ),
    };
    let application = find(authority, tenant, &client_id)?;
    let assertion = form.get("client_assertion")?;
    let proof = match (secret, assertion) {
        (None, None) if application.is_public => Proof::None,
        (None, None) => return Err(TokenError::secret_missing()),
        _ if application.is_public => return Err(TokenError::client_is_public()),
        (Some(secret), _) => check_secret(&application, secret.expose_secret())?,
        (None, Some(assertion)) => {
            let kind = required(form, "client_assertion_type")?;
            if kind != ASSERTION_TYPE {
                return Err(TokenError::value_unknown(
                    "client_assertion_type",
                    kind,
                    ASSERTION_TYPE,
                ));
            }
            assertion::check(authority, tenant, &application, assertion)?;
            Proof::Assertion
        }
    };
    Ok(Client { application, proof })
}

/// The application in the tenant asked, or anywhere if that stands for all.
pub(crate) fn find(
    authority: &Authority,
    tenant: &Tenant,
    client_id: &str,
) -> Result<Application, TokenError> {
    authority
        .directory
        .application(tenant.id.as_deref(), client_id)
        .ok_or_else(|| TokenError::application_unknown(client_id, &tenant.name))
}

/// The value of a field that must be there.
pub(crate) fn required<'a>(form: &'a Form, field: &str) -> Result<&'a str, TokenError> {
    form.get(field)?.ok_or_else(|| TokenError::field_missing(field))
}

fn check_secret(application: &Application, secret: &str) -> Result<Proof, TokenError> {
    if application.is_opened_by(secret) {
        Ok(Proof::Secret)
    } else if application.was_opened_by(secret) {
        Err(TokenError::secret_expired(&application.client_id))
    } else {
        Err(TokenError::secret_wrong(&application.client_id))
    }
}
