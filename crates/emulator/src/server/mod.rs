//! The emulator as a whole: what it is started with, where it listens, how it
//! ends.
//!
//! It knows which services there are and wires them together; it must not know
//! what they answer. Another platform joins as one more entry in the builder.

mod blobs;
mod builder;
pub(crate) mod connection;
mod error;
mod listener;
mod ports;
mod sign_in;
mod start;
mod tls;
mod wire;

use std::{collections::BTreeMap, fmt, io, path::Path, sync::Arc};

pub use builder::EmulatorBuilder;
pub use error::EmulatorError;
pub(crate) use sign_in::SignInServices;
use tokio::{sync::watch, task::JoinHandle};

use self::tls::CaFile;
use crate::{
    clock::Clock,
    digital_twins::Instance,
    faults::Faults,
    identity::{Directory, directory},
    ims,
    iot_central::{Application, Applications},
    itwin::Platform,
    managed_identity::{Host, Hosts},
    requests::RequestLog,
    storage::Storage,
};

/// Name of the Entra-shaped identity service.
pub const IDENTITY: &str = "identity";
/// Name of the default Digital Twins instance's service.
pub const DIGITAL_TWINS: &str = "digital-twins";
/// Name of the signed-URL storage service.
pub const STORAGE: &str = "storage";
/// Name of the control service.
pub const CONTROL: &str = "control";
/// Name of the IMS-shaped identity service.
pub const IMS: &str = "ims";
/// Name of the service with the managed identity endpoints of all hosts.
pub const MANAGED_IDENTITY: &str = "managed-identity";
/// Name of the ARM-shaped control plane.
pub const RESOURCE_MANAGER: &str = "resource-manager";

/// Name of the service with all IoT Central applications.
pub const IOT_CENTRAL: &str = "iot-central";
/// Name of the iTwin platform's service.
pub const ITWIN: &str = "itwin";

/// A running emulator. Dropping it stops it at once; [`Emulator::shutdown`]
/// lets requests in progress end first.
pub struct Emulator {
    urls: BTreeMap<String, String>,
    shared: Shared,
    instances: BTreeMap<String, Arc<Instance>>,
    applications: Applications,
    platform: Arc<Platform>,
    hosts: Arc<Hosts>,
    ca: Option<Ca>,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
    sign_in: SignInServices,
}

/// What all services of one emulator share.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) clock: Clock,
    pub(crate) directory: Directory,
    pub(crate) faults: Faults,
    pub(crate) log: RequestLog,
    pub(crate) storage: Storage,
}

struct Ca {
    pem: String,
    file: CaFile,
}

impl Emulator {
    /// Starts an emulator with plain HTTP on free ports.
    ///
    /// # Errors
    /// Ports or keys cannot be had.
    pub async fn start() -> Result<Self, EmulatorError> {
        Self::builder().start().await
    }

    /// Settings to start with.
    pub fn builder() -> EmulatorBuilder {
        EmulatorBuilder::default()
    }

    /// Address of the default Digital Twins instance, without a final slash.
    #[must_use]
    pub fn digital_twins_url(&self) -> &str {
        self.url(DIGITAL_TWINS)
    }

    /// Address of the identity service: the authority without a tenant.
    #[must_use]
    pub fn authority_url(&self) -> &str {
        self.url(IDENTITY)
    }

    /// Address of the storage service.
    #[must_use]
    pub fn storage_url(&self) -> &str {
        self.url(STORAGE)
    }

    /// Address of the control endpoint; see [`control`](crate::control).
    #[must_use]
    pub fn control_url(&self) -> &str {
        self.url(CONTROL)
    }

    /// Address of the managed identity endpoints, plain HTTP also with TLS; see
    /// [`managed_identity`](crate::managed_identity).
    #[must_use]
    pub fn managed_identity_url(&self) -> &str {
        self.url(MANAGED_IDENTITY)
    }

    /// The variables that a host of this kind sets for the programs on it, and
    /// by which they find its managed identity endpoint. They hold secrets of
    /// this emulator.
    #[must_use]
    pub fn managed_identity_env(&self, host: Host) -> BTreeMap<String, String> {
        self.hosts.env(host)
    }

    /// The folder of Azure Arc's key files, which a client must take for the one
    /// of the Arc agent.
    #[must_use]
    pub fn arc_key_folder(&self) -> &Path {
        self.hosts.key_folder()
    }

    /// Address of the control plane; see
    /// [`resource_manager`](crate::resource_manager).
    #[must_use]
    pub fn resource_manager_url(&self) -> &str {
        self.url(RESOURCE_MANAGER)
    }

    /// Address of the first IoT Central application, without `/api`.
    #[must_use]
    pub fn iot_central_url(&self) -> &str {
        self.url(IOT_CENTRAL)
    }

    /// Address of an IoT Central application by name or id, without `/api`:
    /// they share one listener, and the name stands in the path.
    #[must_use]
    pub fn iot_central_url_of(&self, name: &str) -> Option<String> {
        let application = self.applications.get(name)?;
        Some(format!("{}/{}", self.url(IOT_CENTRAL), application.name()))
    }

    /// An IoT Central application by name or id; the first one is called
    /// [`MAIN_APPLICATION`](crate::iot_central::MAIN_APPLICATION).
    #[must_use]
    pub fn iot_central(&self, name: &str) -> Option<&Arc<Application>> {
        self.applications.get(name)
    }

    /// Address of the iTwin platform: what stands for `https://api.bentley.com`.
    #[must_use]
    pub fn itwin_url(&self) -> &str {
        self.url(ITWIN)
    }

    /// The iTwin platform, to move it.
    #[must_use]
    pub fn itwin(&self) -> &Arc<Platform> {
        &self.platform
    }

    fn url(&self, service: &str) -> &str {
        self.urls.get(service).map_or("", String::as_str)
    }

    /// Tenant of the seeded application.
    #[must_use]
    pub fn tenant_id(&self) -> &str {
        directory::TENANT_ID
    }

    /// Client id of the seeded application, Data Owner of every instance.
    #[must_use]
    pub fn client_id(&self) -> &str {
        directory::CLIENT_ID
    }

    /// Secret of the seeded application; a documented constant that opens
    /// nothing but emulators.
    #[must_use]
    pub fn client_secret(&self) -> &str {
        directory::CLIENT_SECRET
    }

    /// Addresses by service name, further instances among them.
    #[must_use]
    pub fn services(&self) -> BTreeMap<String, String> {
        self.urls.clone()
    }

    /// The variables by which the vendors' tools, and ours, find the emulator.
    /// With TLS the three names under which programs look for their CA file are
    /// among them.
    #[must_use]
    pub fn env(&self) -> BTreeMap<String, String> {
        let mut env = self.ca_env();
        let variables = [
            ("AZURE_DIGITALTWINS_URL", self.digital_twins_url()),
            ("AZURE_IOTCENTRAL_URL", self.iot_central_url()),
            ("AZURE_AUTHORITY_HOST", self.authority_url()),
            ("AZURE_TENANT_ID", self.tenant_id()),
            ("AZURE_CLIENT_ID", self.client_id()),
            ("AZURE_CLIENT_SECRET", self.client_secret()),
            ("ITWIN_API_URL", self.itwin_url()),
            ("ITWIN_IMS_AUTHORITY", self.ims_url()),
            ("ITWIN_CLIENT_ID", ims::SERVICE_CLIENT_ID),
            ("ITWIN_CLIENT_SECRET", ims::SERVICE_CLIENT_SECRET),
        ];
        env.extend(variables.map(|(name, value)| (name.to_owned(), value.to_owned())));
        env
    }

    /// The names under which programs look for their CA file.
    fn ca_env(&self) -> BTreeMap<String, String> {
        let mut env = BTreeMap::new();
        if let Some(path) = self.ca_path() {
            let path = path.to_string_lossy().into_owned();
            for name in ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"] {
                env.insert(name.to_owned(), path.clone());
            }
        }
        env
    }

    /// Certificate of the local authority in PEM; `None` without TLS.
    #[must_use]
    pub fn ca_pem(&self) -> Option<&str> {
        self.ca.as_ref().map(|ca| ca.pem.as_str())
    }

    /// The file that holds [`Emulator::ca_pem`] until the emulator ends.
    #[must_use]
    pub fn ca_path(&self) -> Option<&Path> {
        self.ca.as_ref().map(|ca| ca.file.path())
    }

    /// Writes the local authority's certificate to a file that stays.
    ///
    /// # Errors
    /// There is no TLS, or the file cannot be written.
    pub fn write_ca(&self, path: impl AsRef<Path>) -> io::Result<()> {
        let pem = self
            .ca_pem()
            .ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "started without TLS"))?;
        std::fs::write(path, pem)
    }

    /// The schedule of faults.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.shared.faults
    }

    /// Tenants, applications, roles and the lifetime of tokens.
    #[must_use]
    pub fn directory(&self) -> &Directory {
        &self.shared.directory
    }

    /// The clock that tokens, signatures and time stamps go by.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.shared.clock
    }

    /// The requests served last.
    #[must_use]
    pub fn requests(&self) -> &RequestLog {
        &self.shared.log
    }

    /// The blobs behind signed URLs.
    #[must_use]
    pub fn storage(&self) -> &Storage {
        &self.shared.storage
    }

    /// A Digital Twins instance by name; the default one is
    /// [`DIGITAL_TWINS`].
    #[must_use]
    pub fn instance(&self, name: &str) -> Option<&Arc<Instance>> {
        self.instances.get(name)
    }

    /// Stops: takes no more connections, lets requests in progress end (for up
    /// to five seconds), ends every task and removes the files it wrote.
    pub async fn shutdown(mut self) {
        self.stop.send_replace(true);
        for task in &mut self.tasks {
            // A task that was aborted or panicked has ended all the same.
            let _ = task.await;
        }
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
        self.hosts.end();
    }
}

impl fmt::Debug for Emulator {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Emulator")
            .field("services", &self.urls)
            .field("tls", &self.ca.is_some())
            .finish_non_exhaustive()
    }
}
