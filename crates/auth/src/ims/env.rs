//! The service application that environment variables describe. The variables
//! are looked up by a function, so that tests need not change the process's own.

use std::ffi::OsString;

use super::service::ImsServiceBuilder;
use crate::variables::Variables;
use crate::{AuthError, AuthErrorKind, Credential};

const NAME: &str = "environment (IMS)";

impl Credential {
    /// The service application of the iTwin Platform that the environment
    /// describes:
    ///
    /// | variable | meaning |
    /// |---|---|
    /// | `ITWIN_CLIENT_ID` | the application's client id; needed |
    /// | `ITWIN_CLIENT_SECRET` | its secret; needed |
    /// | `ITWIN_IMS_AUTHORITY` | the IMS, such as [`ImsHost::QA`](crate::ImsHost::QA); production if unset |
    ///
    /// Values are trimmed and an empty one counts as unset.
    ///
    /// # Errors
    /// [`AuthErrorKind::Unavailable`] if neither id nor secret is set, so that a
    /// [chain](Self::chain) goes on; [`AuthErrorKind::Config`] if one of them is
    /// missing or a value is refused.
    pub fn ims_from_env() -> Result<Self, AuthError> {
        Self::ims_builder_from_env()?.build()
    }

    /// Like [`ims_from_env`](Self::ims_from_env), but leaves the builder open,
    /// for instance to add a certificate authority.
    ///
    /// # Errors
    /// Those of [`ims_from_env`](Self::ims_from_env), except for refused values.
    pub fn ims_builder_from_env() -> Result<ImsServiceBuilder, AuthError> {
        read(|name| std::env::var_os(name))
    }
}

fn read(look_up: impl Fn(&str) -> Option<OsString>) -> Result<ImsServiceBuilder, AuthError> {
    let variables = Variables::new(NAME, look_up);
    let client_id = variables.text("ITWIN_CLIENT_ID")?;
    let secret = variables.text("ITWIN_CLIENT_SECRET")?;
    let missing =
        [("ITWIN_CLIENT_ID", client_id.is_none()), ("ITWIN_CLIENT_SECRET", secret.is_none())];
    let (Some(client_id), Some(secret)) = (client_id, secret) else {
        let error = variables.missing(missing);
        let by_half = missing.iter().any(|(_, is_missing)| !is_missing);
        let kind = if by_half { AuthErrorKind::Config } else { AuthErrorKind::Unavailable };
        return Err(AuthError::new(kind, NAME, error.message())
            .with_hint("set client id and secret of a service application"));
    };
    let builder = Credential::ims_service(client_id, secret);
    Ok(match variables.text("ITWIN_IMS_AUTHORITY")? {
        Some(host) => builder.host(host),
        None => builder,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(pairs: &[(&str, &str)]) -> Result<Credential, AuthError> {
        let look_up = |name: &str| {
            pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value))
        };
        read(look_up)?.build()
    }

    #[test]
    fn the_three_variables_make_a_credential() {
        let all = [
            ("ITWIN_CLIENT_ID", "service-1"),
            ("ITWIN_CLIENT_SECRET", " canary\n"),
            ("ITWIN_IMS_AUTHORITY", "qa-ims.bentley.com"),
        ];
        let shown = format!("{:?}", from(&all).unwrap());
        assert!(shown.contains("https://qa-ims.bentley.com") && !shown.contains("canary"));
        assert!(format!("{:?}", from(&all[..2]).unwrap()).contains("https://ims.bentley.com"));
        let half = from(&all[1..]).unwrap_err();
        assert_eq!(half.kind(), AuthErrorKind::Config);
        assert!(half.to_string().contains("ITWIN_CLIENT_ID not set"), "{half}");
        assert_eq!(from(&[]).unwrap_err().kind(), AuthErrorKind::Unavailable);
    }
}
