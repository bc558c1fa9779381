//! The credential that environment variables describe. The variables are looked
//! up by a function, so that tests need not change the process's own.

use std::ffi::OsString;

use secrecy::SecretString;

use super::ClientSecretBuilder;
use crate::{AuthError, AuthErrorKind, Credential};

const NAME: &str = "environment";

/// Variables of other tools for ways in that are not read here.
const OTHER_WAYS: [&str; 2] = ["AZURE_CLIENT_CERTIFICATE_PATH", "AZURE_FEDERATED_TOKEN_FILE"];

/// See [`Credential::from_env`].
pub(crate) fn builder(
    look_up: impl Fn(&str) -> Option<OsString>,
) -> Result<ClientSecretBuilder, AuthError> {
    let read = |name: &str| {
        let Some(value) = look_up(name) else { return Ok(None) };
        let Ok(text) = value.into_string() else {
            return Err(config(format!("{name} is not valid UTF-8")));
        };
        Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty()))
    };
    let tenant = read("AZURE_TENANT_ID")?;
    let client_id = read("AZURE_CLIENT_ID")?;
    let secret = read("AZURE_CLIENT_SECRET")?.map(SecretString::from);
    let authority = read("AZURE_AUTHORITY_HOST")?;
    let (Some(tenant), Some(client_id), Some(secret)) = (&tenant, &client_id, &secret) else {
        let missing: Vec<&str> = [
            ("AZURE_TENANT_ID", tenant.is_none()),
            ("AZURE_CLIENT_ID", client_id.is_none()),
            ("AZURE_CLIENT_SECRET", secret.is_none()),
        ]
        .into_iter()
        .filter_map(|(name, is_missing)| is_missing.then_some(name))
        .collect();
        let error = config(format!("{} not set", missing.join(", ")));
        let other = OTHER_WAYS.into_iter().find(|name| look_up(name).is_some());
        return Err(match other {
            Some(name) => error.with_hint(format!(
                "{name} is set, but only a client secret is read from the environment so far"
            )),
            None => error.with_hint("set tenant, client id and client secret of an application"),
        });
    };
    let builder = Credential::client_secret(tenant.as_str(), client_id.as_str(), secret.clone());
    Ok(match authority {
        Some(authority) => builder.authority(authority),
        None => builder,
    })
}

fn config(message: String) -> AuthError {
    AuthError::new(AuthErrorKind::Config, NAME, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(pairs: &[(&str, &str)]) -> Result<Credential, AuthError> {
        let look_up = |name: &str| {
            pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value))
        };
        builder(look_up)?.build()
    }

    #[test]
    fn the_four_variables_make_a_credential() {
        let all = [
            ("AZURE_TENANT_ID", " contoso.com\n"),
            ("AZURE_CLIENT_ID", "app"),
            ("AZURE_CLIENT_SECRET", "canary\n"),
            ("AZURE_AUTHORITY_HOST", "login.microsoftonline.us"),
        ];
        let shown = format!("{:?}", from(&all).unwrap());
        assert!(shown.contains("contoso.com") && shown.contains("login.microsoftonline.us"));
        assert!(!shown.contains("canary"));
        let public = format!("{:?}", from(&all[..3]).unwrap());
        assert!(public.contains("login.microsoftonline.com"));
    }

    #[test]
    fn missing_variables_are_named_and_empty_ones_are_missing() {
        let error = from(&[("AZURE_CLIENT_ID", " "), ("AZURE_CLIENT_SECRET", "canary")])
            .unwrap_err()
            .to_string();
        assert!(error.contains("AZURE_TENANT_ID, AZURE_CLIENT_ID not set"), "{error}");
        assert!(!error.contains("AZURE_CLIENT_SECRET") && !error.contains("canary"));
    }

    #[test]
    fn other_ways_in_are_named() {
        let error = from(&[
            ("AZURE_TENANT_ID", "t"),
            ("AZURE_CLIENT_ID", "app"),
            ("AZURE_FEDERATED_TOKEN_FILE", "token"),
        ])
        .unwrap_err();
        assert!(error.hint().unwrap().starts_with("AZURE_FEDERATED_TOKEN_FILE is set"));
    }
}
