//! Which platform a program works on: the one that the environment names, or else an
//! emulator of the program's own, for which nobody needs an account.

use anyhow::Context as _;
use twinkit::auth::Credential;
use twinkit::digital_twins;
use twinkit::itwin::{ENDPOINT, ITwin};
use twinkit_emulator::Emulator;

/// The variable's value, unless it is unset or empty.
#[must_use]
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().map(|value| value.trim().to_owned()).filter(|it| !it.is_empty())
}

/// The value of a variable that is needed.
///
/// # Errors
/// It is unset or empty; the error says what it is for.
pub fn needed(name: &str, what_for: &str) -> anyhow::Result<String> {
    variable(name).with_context(|| format!("set {name}: {what_for}"))
}

/// Says that an emulator stands for the platform, and how that is changed.
pub fn tell_emulator(variables: &str) {
    eprintln!("Working on an emulator of my own; set {variables} to work on a real platform.");
}

/// The Digital Twins instance of `AZURE_DIGITALTWINS_URL`, in the name of the
/// application that the `AZURE_*` variables describe; `None` if no instance is named.
///
/// # Errors
/// The variables do not describe an application.
pub fn digital_twins() -> anyhow::Result<Option<digital_twins::Client>> {
    let Some(endpoint) = variable("AZURE_DIGITALTWINS_URL") else { return Ok(None) };
    let client = digital_twins::Client::builder(endpoint, Credential::from_env()?);
    Ok(Some(client.build()?))
}

/// The Digital Twins instance of an emulator, in the name of its application.
///
/// # Errors
/// The emulator's addresses are refused.
pub fn digital_twins_of(emulator: &Emulator) -> anyhow::Result<digital_twins::Client> {
    let (tenant, client) = (emulator.tenant_id(), emulator.client_id());
    let credential = Credential::client_secret(tenant, client, emulator.client_secret())
        .authority(emulator.authority_url())
        .build()?;
    Ok(digital_twins::Client::builder(emulator.digital_twins_url(), credential).build()?)
}

/// The iTwin Platform, in the name of the service application of `ITWIN_CLIENT_ID`;
/// `None` if no application is named. `ITWIN_API_URL` names another address.
///
/// # Errors
/// The variables do not describe an application.
pub fn itwin() -> anyhow::Result<Option<ITwin>> {
    if variable("ITWIN_CLIENT_ID").is_none() {
        return Ok(None);
    }
    let endpoint = variable("ITWIN_API_URL").unwrap_or_else(|| ENDPOINT.to_owned());
    Ok(Some(ITwin::builder(Credential::ims_from_env()?).endpoint(endpoint).build()?))
}

/// The iTwin Platform of an emulator, in the name of its service application.
///
/// # Errors
/// The emulator's addresses are refused.
pub fn itwin_of(emulator: &Emulator) -> anyhow::Result<ITwin> {
    use twinkit_emulator::ims::{SERVICE_CLIENT_ID, SERVICE_CLIENT_SECRET};
    let credential = Credential::ims_service(SERVICE_CLIENT_ID, SERVICE_CLIENT_SECRET)
        .host(emulator.ims_url())
        .build()?;
    Ok(ITwin::builder(credential).endpoint(emulator.itwin_url()).build()?)
}
