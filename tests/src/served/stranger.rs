//! Somebody who can sign in and has no role anywhere.

use twinkit_auth::{Credential, SecretString};
use twinkit_emulator::Emulator;
use twinkit_emulator::identity::Application;

/// The credential of a new application in the emulator's directory.
pub(super) fn credential(emulator: &Emulator) -> anyhow::Result<Credential> {
    let secret = SecretString::from("stranger-secret");
    let application = Application::new(secret.clone());
    let client_id = application.client_id.clone();
    emulator.directory().add_application(application)?;
    let builder = Credential::client_secret(emulator.tenant_id(), client_id, secret);
    Ok(builder.authority(emulator.authority_url()).build()?)
}
