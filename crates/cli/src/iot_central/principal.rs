//! Who is let in or out: a program, a group, a person. It must not know what is
//! done with them.

use anyhow::Result;
use serde_json::{Value, json};
use twinkit::auth::{Credential, SecretString};
use twinkit::iot_central::{Error, Principal};

use crate::usage::{variable, wrong, wrong_with};

/// The group of arguments of which one tells who is meant.
pub(super) const GROUP: &str = "who";

/// The principal's own credential, apart from the caller's `AZURE_*`.
const CLIENT_ID: &str = "ONBOARD_CLIENT_ID";
const CLIENT_SECRET: &str = "ONBOARD_CLIENT_SECRET";
/// `AZURE_TENANT_ID` if unset: the tenant is mostly the caller's.
const TENANT_ID: &str = "ONBOARD_TENANT_ID";

#[derive(clap::Args)]
pub(super) struct PrincipalArgs {
    #[command(flatten)]
    who: Who,
    /// The tenant's id; needed with --object-id and --group.
    #[arg(long, value_name = "ID")]
    tenant_id: Option<String>,
}

#[derive(clap::Args)]
#[group(id = GROUP, required = true, multiple = false)]
struct Who {
    /// The service principal with this object id, that of the enterprise
    /// application: `az ad sp show --id CLIENT_ID --query id`. Neither the client
    /// id nor the object id of the app registration will do.
    #[arg(long, value_name = "ID")]
    object_id: Option<String>,
    /// The service principal whose own credential is in ONBOARD_CLIENT_ID,
    /// ONBOARD_CLIENT_SECRET and ONBOARD_TENANT_ID (or else AZURE_TENANT_ID). Its
    /// ids are read from its token, so that none can be mixed up.
    #[arg(long)]
    from_env: bool,
    /// The Entra group with this object id.
    #[arg(long, value_name = "ID")]
    group: Option<String>,
    /// The person with this mail address.
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
}

/// Who is meant.
pub(super) enum Chosen {
    ServicePrincipal { tenant_id: String, object_id: String },
    OwnerOf(Credential),
    Group { tenant_id: String, object_id: String },
    Email(String),
}

impl PrincipalArgs {
    pub(super) fn chosen(self) -> Result<Chosen> {
        let Self { who, tenant_id } = self;
        let needs_tenant = who.object_id.is_some() || who.group.is_some();
        if needs_tenant != tenant_id.is_some() {
            return Err(wrong("--tenant-id goes with --object-id or --group, and they need it"));
        }
        Ok(match (who, tenant_id) {
            (Who { object_id: Some(object_id), .. }, Some(tenant_id)) => {
                Principal::service_principal(&tenant_id, &object_id).map_err(refused)?;
                Chosen::ServicePrincipal { tenant_id, object_id }
            }
            (Who { group: Some(object_id), .. }, Some(tenant_id)) => {
                Principal::group(&tenant_id, &object_id).map_err(refused)?;
                Chosen::Group { tenant_id, object_id }
            }
            (Who { email: Some(address), .. }, _) => {
                Principal::email(&address).map_err(refused)?;
                Chosen::Email(address)
            }
            _ => Chosen::OwnerOf(own_credential()?),
        })
    }
}

/// Ids and addresses that cannot be any.
fn refused(error: Error) -> anyhow::Error {
    wrong_with(error.message().unwrap_or("it cannot be meant"), error.hint())
}

/// The principal's own credential, from its variables.
pub(crate) fn own_credential() -> Result<Credential> {
    let tenant = match variable(TENANT_ID)? {
        Some(tenant) => Some(tenant),
        None => variable("AZURE_TENANT_ID")?,
    };
    let (client, secret) = (variable(CLIENT_ID)?, variable(CLIENT_SECRET)?);
    let (Some(tenant), Some(client), Some(secret)) = (tenant, client, secret) else {
        return Err(wrong(format!(
            "the principal's own credential is needed: set {CLIENT_ID}, {CLIENT_SECRET} and \
             {TENANT_ID} (or AZURE_TENANT_ID)"
        )));
    };
    let builder = Credential::client_secret(tenant, client, SecretString::from(secret));
    let built = match variable("AZURE_AUTHORITY_HOST")? {
        Some(authority) => builder.authority(authority).build(),
        None => builder.build(),
    };
    built.map_err(|error| wrong_with(error.to_string(), error.hint()))
}

/// The principal for programs.
pub(super) fn document(principal: &Principal) -> Value {
    match principal {
        Principal::ServicePrincipal { tenant_id, object_id } => {
            json!({"type": "servicePrincipal", "tenantId": tenant_id, "objectId": object_id})
        }
        Principal::Group { tenant_id, object_id } => {
            json!({"type": "adGroup", "tenantId": tenant_id, "objectId": object_id})
        }
        Principal::Email { email } => json!({"type": "email", "email": email}),
        other => json!({"type": other.to_string()}),
    }
}
