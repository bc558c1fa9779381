//! An emulator, and clients of it.

use serde_json::{Value, json};
use twinkit_auth::{AuthError, Credential};
use twinkit_digital_twins::{Client, ClientBuilder, Error};
use twinkit_emulator::{Emulator, EmulatorError};

/// The credential of the emulator's own application.
///
/// # Errors
/// The emulator's address is not one of an authority.
pub fn credential(emulator: &Emulator) -> Result<Credential, AuthError> {
    let (tenant, client) = (emulator.tenant_id(), emulator.client_id());
    Credential::client_secret(tenant, client, emulator.client_secret())
        .authority(emulator.authority_url())
        .build()
}

/// Why there is no stage.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    /// The emulator did not start.
    #[error(transparent)]
    Emulator(#[from] EmulatorError),
    /// The credential was refused.
    #[error(transparent)]
    Credential(#[from] AuthError),
    /// The client was refused.
    #[error(transparent)]
    Client(#[from] Error),
}

/// An emulator with a client that may do everything.
#[derive(Debug)]
pub struct Stage {
    /// The emulator.
    pub emulator: Emulator,
    /// A client with the application's own credential.
    pub client: Client,
}

impl Stage {
    /// Starts an empty emulator.
    ///
    /// # Errors
    /// It does not start.
    pub async fn start() -> Result<Self, StageError> {
        Self::on(Emulator::start().await?)
    }

    /// Starts an emulator with [`seed`].
    ///
    /// # Errors
    /// It does not start.
    pub async fn seeded() -> Result<Self, StageError> {
        let seed = serde_json::from_value(seed()).map_err(twinkit_emulator::seed::SeedError::from);
        Self::on(Emulator::builder().seed(seed.map_err(EmulatorError::from)?).start().await?)
    }

    /// A client of a running emulator.
    ///
    /// # Errors
    /// The client was refused.
    pub fn on(emulator: Emulator) -> Result<Self, StageError> {
        let client =
            Client::builder(emulator.digital_twins_url(), credential(&emulator)?).build()?;
        Ok(Self { emulator, client })
    }

    /// Settings for another client of the same emulator.
    ///
    /// # Errors
    /// The credential was refused.
    pub fn builder(&self) -> Result<ClientBuilder, AuthError> {
        Ok(Client::builder(self.emulator.digital_twins_url(), credential(&self.emulator)?))
    }
}

/// A floor with two rooms, one of which has a thermostat.
#[must_use]
pub fn seed() -> Value {
    json!({
        "models": models(),
        "twins": [
            {"$dtId": "floor-1", "$metadata": {"$model": "dtmi:test:Floor;1"}},
            room("room-1", "Room 0.01", 20.5),
            room("room-2", "O'Brien's \"lab\" \\ 100%", 17.0),
        ],
        "relationships": [
            contains("floor-1", "floor-1-room-1", "room-1"),
            contains("floor-1", "floor-1-room-2", "room-2"),
        ],
        "endpoints": ["events"],
        "eventRoutes": [{"id": "all", "endpointName": "events", "filter": "true"}]
    })
}

/// The models of [`seed`].
#[must_use]
pub fn models() -> Value {
    let context = "dtmi:dtdl:context;3";
    json!([
        {"@id": "dtmi:test:Space;1", "@type": "Interface", "@context": context,
            "displayName": "Space",
            "contents": [{"@type": "Property", "name": "name", "schema": "string"}]},
        {"@id": "dtmi:test:Thermostat;1", "@type": "Interface", "@context": context, "contents": [
            {"@type": "Property", "name": "setPoint", "schema": "double"},
            {"@type": "Telemetry", "name": "reading", "schema": "double"}]},
        {"@id": "dtmi:test:Room;1", "@type": "Interface", "@context": context,
            "extends": "dtmi:test:Space;1", "contents": [
                {"@type": "Property", "name": "temperature", "schema": "double"},
                {"@type": "Component", "name": "thermostat", "schema": "dtmi:test:Thermostat;1"},
                {"@type": "Telemetry", "name": "humidity", "schema": "double"}]},
        {"@id": "dtmi:test:Floor;1", "@type": "Interface", "@context": context,
            "extends": "dtmi:test:Space;1", "contents": [
                {"@type": "Relationship", "name": "contains", "target": "dtmi:test:Room;1",
                    "properties": [{"@type": "Property", "name": "since", "schema": "string"}]}]},
    ])
}

/// A room.
#[must_use]
pub fn room(id: &str, name: &str, temperature: f64) -> Value {
    json!({
        "$dtId": id, "$metadata": {"$model": "dtmi:test:Room;1"},
        "name": name, "temperature": temperature,
        "thermostat": {"$metadata": {}, "setPoint": 21.0}
    })
}

/// A relationship from a floor to a room.
#[must_use]
pub fn contains(source: &str, id: &str, target: &str) -> Value {
    json!({
        "$sourceId": source, "$relationshipId": id, "$targetId": target,
        "$relationshipName": "contains"
    })
}
