//! The settings of an emulator.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use crate::{
    clock::Clock,
    digital_twins::Config,
    iot_central, itwin,
    managed_identity::{self, ExpiresOn},
    seed::Seed,
};

/// Settings of an emulator; see [`Emulator::builder`](super::Emulator::builder).
#[derive(Debug, Default)]
#[must_use = "nothing runs before `start`"]
pub struct EmulatorBuilder {
    pub(super) port: Option<u16>,
    pub(super) tls: bool,
    pub(super) ca_folder: Option<PathBuf>,
    pub(super) seed: Option<Seed>,
    pub(super) seed_file: Option<PathBuf>,
    pub(super) clock: Option<Clock>,
    pub(super) token_lifetime: Option<Duration>,
    pub(super) config: Config,
    pub(super) instances: Vec<String>,
    pub(super) iot_central: iot_central::Config,
    pub(super) itwin: itwin::Config,
    pub(super) applications: Vec<String>,
    pub(super) managed_identity: managed_identity::Settings,
    pub(super) blob_folder: Option<PathBuf>,
    pub(super) data: Option<PathBuf>,
}

impl EmulatorBuilder {
    /// Consecutive ports from this one on: identity, digital-twins, storage,
    /// control, ims, managed-identity, resource-manager, iot-central, itwin, then
    /// further instances.
    /// Without it, and with 0, any free ports.
    pub fn port(mut self, first: u16) -> Self {
        self.port = Some(first).filter(|port| *port != 0);
        self
    }

    /// Keeps everything in this folder, made if it is not there, so that an emulator
    /// started over it goes on where the last one ended, also one that was killed.
    /// Ports, keys and certificates stay too; [`Self::port`] takes other ports. What the
    /// services hold from the start, seeds among it, goes into a new folder only. Faults,
    /// recorded requests, rates, events that routes let through and webhook deliveries
    /// that are still waiting are not kept.
    pub fn data(mut self, folder: impl AsRef<Path>) -> Self {
        self.data = Some(folder.as_ref().to_owned());
        self
    }

    /// Speak TLS, with a certificate of an authority made at start; all services
    /// but the managed identity endpoints, which are plain on real hosts too.
    pub fn tls(mut self, on: bool) -> Self {
        self.tls = on;
        self
    }

    /// Folder for the CA file, `twinkit-ca.pem`, removed at the end. Without
    /// it, a new file among the system's temporary files.
    pub fn ca_folder(mut self, folder: impl AsRef<Path>) -> Self {
        self.ca_folder = Some(folder.as_ref().to_owned());
        self
    }

    /// State of the default instance to start with.
    pub fn seed(mut self, seed: Seed) -> Self {
        self.seed = Some(seed);
        self
    }

    /// State of the default instance to start with, read from a file at start.
    pub fn seed_file(mut self, path: impl AsRef<Path>) -> Self {
        self.seed_file = Some(path.as_ref().to_owned());
        self
    }

    /// Goes by this clock instead of a new one. How far it is moved is not kept.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = Some(clock);
        self
    }

    /// How long tokens live; 3,599 seconds without it.
    pub fn token_lifetime(mut self, lifetime: Duration) -> Self {
        self.token_lifetime = Some(lifetime);
        self
    }

    /// Limits, page sizes and other settings of every Digital Twins instance.
    /// Host name and TLS are filled in at start.
    pub fn digital_twins(mut self, config: Config) -> Self {
        self.config = config;
        self
    }

    /// One more Digital Twins instance under this name, on a port of its own.
    pub fn instance(mut self, name: &str) -> Self {
        self.instances.push(name.to_owned());
        self
    }

    /// Page sizes, limits and pace of every IoT Central application.
    pub fn iot_central(mut self, config: iot_central::Config) -> Self {
        self.iot_central = config;
        self
    }

    /// One more IoT Central application under this name, on the same port; see
    /// [`Applications`](iot_central::Applications) for how it is addressed.
    pub fn iot_central_application(mut self, name: &str) -> Self {
        self.applications.push(name.to_owned());
        self
    }

    /// Rates, tier and pace of the iTwin platform.
    pub fn itwin(mut self, config: itwin::Config) -> Self {
        self.itwin = config;
        self
    }

    /// Folder, which must be there, for the files of large blobs; they are in a
    /// folder of their own in it, removed at the end. Without it, they are among the
    /// system's temporary files; with [`Self::data`], in the folder of that.
    pub fn blob_folder(mut self, folder: impl AsRef<Path>) -> Self {
        self.blob_folder = Some(folder.as_ref().to_owned());
        self
    }

    /// Folder for the key files of Azure Arc, made if it is not there; the keys
    /// are removed at the end. Official clients read them from
    /// `/var/opt/azcmagent/tokens` (on Windows
    /// `%ProgramData%\AzureConnectedMachineAgent\Tokens`) only. Without it, a new
    /// folder among the system's temporary files.
    pub fn arc_key_folder(mut self, folder: impl AsRef<Path>) -> Self {
        self.managed_identity.arc_key_folder = Some(folder.as_ref().to_owned());
        self
    }

    /// How the managed identity endpoints with the version of 2017 write
    /// `expires_on`. Without it, App Service's as a date of Linux, Azure ML's as
    /// seconds.
    pub fn expires_on(mut self, form: ExpiresOn) -> Self {
        self.managed_identity.expires_on = Some(form);
        self
    }
}
