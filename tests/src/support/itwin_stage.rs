//! An emulator, and clients of its iTwin platform in the name of two callers.

use std::time::Duration;

use progenitor_client::RetryPolicy;
use twinkit_auth::Credential;
use twinkit_emulator::ims::{ImsUser, SERVICE_CLIENT_ID, SERVICE_CLIENT_SECRET, USER_EMAIL};
use twinkit_emulator::requests::Recorded;
use twinkit_emulator::{Emulator, EmulatorBuilder};
use twinkit_itwin::{Error, ITwin, ITwinBuilder};

use super::person;

/// An emulator, the person who administrates its organization, and a service
/// application in an account of its own.
#[derive(Debug)]
pub struct ITwinStage {
    /// The emulator.
    pub emulator: Emulator,
    /// The person.
    pub ada: ITwin,
    /// The person's sign-in.
    pub ada_credential: Credential,
    /// The service application.
    pub service: ITwin,
    /// The service application's sign-in.
    pub service_credential: Credential,
}

impl ITwinStage {
    /// Starts an emulator.
    ///
    /// # Errors
    /// It does not start.
    pub async fn start() -> anyhow::Result<Self> {
        Self::with(Emulator::builder()).await
    }

    /// Starts an emulator with these settings.
    ///
    /// # Errors
    /// It does not start.
    pub async fn with(builder: EmulatorBuilder) -> anyhow::Result<Self> {
        let emulator = builder.start().await?;
        let service_credential = Credential::ims_service(SERVICE_CLIENT_ID, SERVICE_CLIENT_SECRET)
            .host(emulator.ims_url())
            .build()?;
        let ada_credential = person::credential(&emulator, USER_EMAIL)?;
        let client = |credential: &Credential| builder_of(&emulator, credential.clone()).build();
        let (ada, service) = (client(&ada_credential)?, client(&service_credential)?);
        // The next person may sign in only when this one has.
        ada.users().get_me().send().await?;
        emulator.requests().clear();
        Ok(Self { emulator, ada, ada_credential, service, service_credential })
    }

    /// A client in the name of somebody.
    ///
    /// # Errors
    /// The credential cannot be used.
    pub fn client(&self, credential: Credential) -> Result<ITwin, Error> {
        self.builder(credential).build()
    }

    /// Settings of a client in the name of somebody, which repeats without
    /// noticeable waits.
    pub fn builder(&self, credential: Credential) -> ITwinBuilder {
        builder_of(&self.emulator, credential)
    }

    /// A new person of the organization, who is no member of anything; gives the
    /// address.
    ///
    /// # Errors
    /// There is one already.
    pub fn person(&self, name: &str) -> anyhow::Result<String> {
        let email = format!("{name}@twinkit.example");
        // A GUID made of the end of the name.
        let end = name.bytes().rev().take(6);
        let digits: String = end.map(|byte| format!("{byte:02x}")).collect();
        let id = format!("77777777-7777-4777-8777-{digits:0<12.12}");
        self.emulator.ims().add_user(ImsUser {
            id,
            email: email.clone(),
            name: name.to_owned(),
        })?;
        Ok(email)
    }

    /// The requests that the storage service got since the log was cleared.
    #[must_use]
    pub fn transfers(&self) -> Vec<Recorded> {
        self.requests("storage")
    }

    /// The requests that the platform got since the log was cleared, as method, path
    /// and query.
    #[must_use]
    pub fn calls(&self) -> Vec<String> {
        let line = |it: Recorded| match it.query.as_str() {
            "" => format!("{} {}", it.method, it.path),
            query => format!("{} {}?{query}", it.method, it.path),
        };
        self.requests("itwin").into_iter().map(line).collect()
    }

    fn requests(&self, service: &str) -> Vec<Recorded> {
        let log = self.emulator.requests().list();
        log.into_iter().filter(|request| request.service == service).collect()
    }
}

fn builder_of(emulator: &Emulator, credential: Credential) -> ITwinBuilder {
    let (first, longest) = (Duration::from_millis(1), Duration::from_millis(4));
    let policy = RetryPolicy::new().waits(first, longest);
    ITwin::builder(credential).endpoint(emulator.itwin_url()).retry(policy)
}
