//! Why an emulator did not start.

use std::{error::Error, io, path::PathBuf};

use super::tls::TlsError;
use crate::identity::KeyError;

/// Why an emulator did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EmulatorError {
    /// A port could not be had.
    #[error("the {service} service could not listen on {}", port_words(*.port))]
    Listen {
        /// The service's name.
        service: String,
        /// The port asked for; `None` for any free one.
        port: Option<u16>,
        /// What the system said.
        source: io::Error,
    },
    /// There is no port left behind the first one for every service.
    #[error("port {first} is too high: {services} consecutive ports are needed")]
    PortRange {
        /// The first port asked for.
        first: u16,
        /// How many ports are needed.
        services: usize,
    },
    /// Two instances have one name, or an instance has a service's name.
    #[error("there is a service named {0} already")]
    NameTaken(String),
    /// Two IoT Central applications have one name.
    #[error("there is an application named {0} already")]
    ApplicationTaken(String),
    /// An IoT Central application has a name that cannot stand in a host's.
    #[error("an application's name has letters, digits and hyphens between them, not {0:?}")]
    ApplicationName(String),
    /// Keys or certificates could not be made.
    #[error("keys and certificates could not be made")]
    Crypto(#[source] Box<dyn Error + Send + Sync>),
    /// The file with the local authority's certificate could not be written.
    #[error("the CA certificate could not be written to {}", .path.display())]
    CaFile {
        /// The file or folder meant.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The secrets or the folder of the managed identity endpoints could not be
    /// made.
    #[error("the managed identity endpoints could not be set up")]
    ManagedIdentity(#[source] io::Error),
    /// The folder of the state cannot be used.
    #[error(transparent)]
    Data(#[from] crate::data::DataError),
    /// The seed was refused.
    #[error(transparent)]
    Seed(#[from] crate::seed::SeedError),
}

impl From<KeyError> for EmulatorError {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::Data(error) => error.into(),
            KeyError::Crypto => Self::Crypto(Box::new(error)),
        }
    }
}

impl From<TlsError> for EmulatorError {
    fn from(error: TlsError) -> Self {
        match error {
            TlsError::Data(error) => error.into(),
            other => Self::Crypto(Box::new(other)),
        }
    }
}

fn port_words(port: Option<u16>) -> String {
    port.map_or_else(|| "any free port".to_owned(), |port| format!("port {port}"))
}
