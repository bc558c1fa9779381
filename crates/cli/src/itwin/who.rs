//! Who is let in or out: a service application or a person. It must not know what
//! is done with them.

use anyhow::Result;
use twinkit::auth::{Credential, SecretString, ims_service_email};

use crate::usage::{address, variable, wrong, wrong_with};

/// The credential of who is meant, apart from the caller's `ITWIN_*`.
pub(super) const CLIENT_ID: &str = "ONBOARD_ITWIN_CLIENT_ID";
const CLIENT_SECRET: &str = "ONBOARD_ITWIN_CLIENT_SECRET";

#[derive(clap::Args)]
#[group(id = "who", required = true, multiple = false)]
pub(super) struct Who {
    /// The service application with this client id.
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,
    /// The service application whose own credential is in ONBOARD_ITWIN_CLIENT_ID
    /// and ONBOARD_ITWIN_CLIENT_SECRET. Its address is asked of the platform, so
    /// that none can be mixed up.
    #[arg(long)]
    from_env: bool,
    /// Whoever has this mail address; an application's is
    /// CLIENT_ID@apps.imsoidc.bentley.com.
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    email: Option<String>,
}

/// Who is meant.
pub(super) enum Chosen {
    Address(String),
    OwnerOf(Credential),
}

impl Who {
    pub(super) fn chosen(self) -> Result<Chosen> {
        let Self { client_id, email, .. } = self;
        match client_id.as_deref().map(ims_service_email).or(email) {
            Some(address) => Ok(Chosen::Address(address)),
            None => Ok(Chosen::OwnerOf(own_credential()?)),
        }
    }
}

/// The credential of who is meant, from its variables.
pub(crate) fn own_credential() -> Result<Credential> {
    let (client, secret) = (variable(CLIENT_ID)?, variable(CLIENT_SECRET)?);
    let (Some(client), Some(secret)) = (client, secret) else {
        return Err(wrong(format!(
            "the application's own credential is needed: set {CLIENT_ID} and {CLIENT_SECRET}"
        )));
    };
    let builder = Credential::ims_service(client, SecretString::from(secret));
    let built = match variable("ITWIN_IMS_AUTHORITY")? {
        Some(host) => builder.host(host).build(),
        None => builder.build(),
    };
    built.map_err(|error| wrong_with(error.to_string(), error.hint()))
}
