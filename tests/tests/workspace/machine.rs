//! A machine on which a person runs the program at a terminal.

use std::process::{Command, Output};

use tempfile::TempDir;
use twinkit::auth::Credential;
use twinkit_emulator::faults::{Fault, Shape};
use twinkit_emulator::{Emulator, EmulatorBuilder};
use twinkit_iot_central::Client;

use crate::program::twinkit;

/// A machine with nothing but an emulator: no tool on its path, no sign-in.
pub(crate) struct Machine {
    pub(crate) emulator: Emulator,
    pub(crate) state: TempDir,
}

impl Machine {
    pub(crate) async fn new() -> Self {
        Self::with(Emulator::builder()).await
    }

    pub(crate) async fn with(builder: EmulatorBuilder) -> Self {
        let emulator = builder.start().await.unwrap();
        // What stands where the metadata service would be is none.
        let gateway = Fault::status(403).shape(Shape::Html).always().on("managed-identity");
        emulator.faults().next(gateway);
        Self { emulator, state: tempfile::tempdir().unwrap() }
    }

    /// The program without any variable of the caller's.
    pub(crate) fn bare(&self, args: &[&str]) -> Command {
        let mut command = twinkit();
        command.env_clear().env("HOME", self.state.path()).args(args);
        command.env("AZURE_POD_IDENTITY_AUTHORITY_HOST", self.emulator.managed_identity_url());
        for name in ["AZURE_AUTHORITY_HOST", "ITWIN_IMS_AUTHORITY"] {
            command.env(name, &self.emulator.env()[name]);
        }
        command
    }

    /// The program with the variables that the emulator prints.
    pub(crate) fn with_variables(&self, args: &[&str]) -> Command {
        let mut command = self.bare(args);
        command.envs(self.emulator.env());
        command
    }
}

/// A client of the first IoT Central application, in the name of an administrator.
pub(crate) fn administrator(emulator: &Emulator) -> Client {
    let credential = Credential::client_secret(
        emulator.tenant_id(),
        emulator.client_id(),
        emulator.client_secret(),
    );
    let credential = credential.authority(emulator.authority_url()).build().unwrap();
    Client::builder(emulator.iot_central_url(), credential).build().unwrap()
}

/// All that a run said.
pub(crate) fn texts(output: &Output) -> String {
    String::from_utf8([&output.stdout[..], &output.stderr[..]].concat()).unwrap()
}
