//! From settings to a running emulator.

use std::{collections::BTreeMap, error::Error, sync::Arc};

use axum::Router;
use tokio::sync::watch;

use super::{
    CONTROL, Ca, DIGITAL_TWINS, Emulator, EmulatorBuilder, EmulatorError, IDENTITY, IMS,
    IOT_CENTRAL, ITWIN, MANAGED_IDENTITY, RESOURCE_MANAGER, STORAGE, Shared, SignInServices,
    connection::{self, Service, Watch},
    listener::Sockets,
    ports,
    tls::{CaFile, Tls},
};
use crate::{
    clock::Clock,
    control,
    data::Data,
    digital_twins::{self, Instance},
    faults::Faults,
    identity::{
        self, Authority, Directory, ForeignIssuer, LazyKey, SignIns, SigningKey, Verifier,
        directory,
    },
    ims::{self, Ims, Provider},
    iot_central::{self, Applications},
    itwin,
    managed_identity::{self, Hosts, Secrets},
    requests::RequestLog,
    resource_manager::{self, Manager},
    seed::{Seed, SeedError},
    storage::{self, Storage},
};

/// The services in the order in which they take consecutive ports. New ones are
/// put at the end, so that the ports of the old ones stay. Further instances
/// follow behind, in the order they were named.
const SERVICES: [&str; 9] = [
    IDENTITY,
    DIGITAL_TWINS,
    STORAGE,
    CONTROL,
    IMS,
    MANAGED_IDENTITY,
    RESOURCE_MANAGER,
    IOT_CENTRAL,
    ITWIN,
];

/// Audiences that a Digital Twins instance takes: the resource's address, and
/// its application id as some sign-in libraries ask for it.
const AUDIENCES: [&str; 2] =
    ["https://digitaltwins.azure.net", "0b07f429-9f4b-4714-9392-cc5e8e80c8b0"];

/// Object ids of the seeded principals, Data Owners of every instance.
const OWNERS: [&str; 4] = [
    directory::OBJECT_ID,
    directory::USER_OBJECT_ID,
    identity::SYSTEM_IDENTITY_OBJECT_ID,
    identity::USER_IDENTITY_OBJECT_ID,
];

impl EmulatorBuilder {
    /// Starts the emulator on the caller's tokio runtime. Every service accepts
    /// connections when this returns.
    ///
    /// # Errors
    /// A port or a name is taken, a name cannot be one, keys or the CA file cannot be
    /// made, the seed is refused, the folder of the state cannot be used.
    pub async fn start(self) -> Result<Emulator, EmulatorError> {
        let seed = self.read_seed()?;
        let names = self.names()?;
        let data = match &self.data {
            Some(folder) => Data::open(folder)?,
            None => Data::default(),
        };
        let sockets = ports::bind(&names, self.port, &data).await?;
        let urls = self.urls(&sockets);
        let tls = self.tls.then(|| Tls::open(&data)).transpose()?;
        let shared = self.shared(&urls, &data)?;
        let identity_url = urls.get(IDENTITY).map_or("", String::as_str);
        let authority = Arc::new(Authority {
            base_url: identity_url.to_owned(),
            key: SigningKey::lasting(&data, "identity key").await?,
            directory: shared.directory.clone(),
            clock: shared.clock.clone(),
            sign_ins: SignIns::default(),
            foreign: ForeignIssuer::new(
                identity_url,
                shared.clock.clone(),
                LazyKey::open(&data, "foreign key")?,
            ),
        });

        let mut routers: BTreeMap<String, Router> = BTreeMap::new();
        routers.insert(IDENTITY.to_owned(), identity::routes::router(Arc::clone(&authority)));
        routers.insert(STORAGE.to_owned(), storage::router(shared.storage.clone()));
        let mut instances = BTreeMap::new();
        for name in std::iter::once(DIGITAL_TWINS).chain(self.instances.iter().map(String::as_str))
        {
            let mut config = self.config.clone();
            config.host_name = urls.get(name).map(|url| host(url)).unwrap_or_default();
            config.tls = self.tls;
            if name == DIGITAL_TWINS {
                config.endpoints.extend(seed.endpoints.iter().cloned());
            }
            let instance =
                Instance::new(config, shared.clock.clone(), Arc::new(shared.storage.clone()));
            let open = digital_twins::routes::router(Arc::clone(&instance));
            if name == DIGITAL_TWINS {
                seed.load(&open).await?;
            }
            let verifier = Verifier::new(&authority, &AUDIENCES);
            let required = digital_twins::routes::required_action;
            let gated = identity::guard::protect(open, verifier, name, required);
            routers.insert(name.to_owned(), gated);
            instances.insert(name.to_owned(), instance);
        }
        identity::managed::add_to(&shared.directory).map_err(crypto)?;
        shared.directory.attach(&data)?;
        if let Some(lifetime) = self.token_lifetime {
            shared.directory.set_token_lifetime(lifetime);
        }
        for (name, instance) in &instances {
            // Its owners first: an emulator killed in between would leave one without.
            if !Instance::is_kept(&data, name) {
                for owner in OWNERS {
                    shared.directory.assign(name, owner, identity::Role::DataOwner);
                }
            }
            instance.attach(&data, name)?;
        }
        authority.sign_ins.attach(&data)?;
        let applications = self.applications(&shared.clock, &data)?;
        let verifier = Verifier::new(&authority, &iot_central::AUDIENCES);
        let router = iot_central::routes::router(
            applications.clone(),
            verifier,
            shared.clock.clone(),
            self.tls,
        );
        routers.insert(IOT_CENTRAL.to_owned(), router);
        let hosts = self.hosts(&authority, &urls, &data)?;
        let router = managed_identity::router(Arc::clone(&hosts));
        routers.insert(MANAGED_IDENTITY.to_owned(), router);
        let manager = manager(&authority, &shared, &urls, instances.keys(), &applications);
        routers.insert(RESOURCE_MANAGER.to_owned(), resource_manager::router(manager));
        let ims_url = urls.get(IMS).map_or("", String::as_str);
        let sign_in = SignInServices { authority, ims: Ims::seeded() };
        let key = LazyKey::open(&data, "ims key")?;
        let provider = Provider::new(ims_url, sign_in.ims.clone(), shared.clock.clone(), key);
        let provider = Arc::new(provider);
        routers.insert(IMS.to_owned(), ims::router(Arc::clone(&provider)));
        let platform = itwin::seeded(
            self.itwin.clone(),
            shared.clock.clone(),
            shared.storage.clone(),
            sign_in.ims.clone(),
        );
        sign_in.ims.attach(&data)?;
        provider.attach(&data)?;
        platform.attach(&data)?;
        let roots: Vec<String> = tls.iter().map(|tls| tls.ca_pem.clone()).collect();
        let courier = itwin::Courier::new(Arc::clone(&platform), &roots).map_err(crypto)?;
        let verifier = ims::Verifier { provider };
        let router = itwin::routes::router(Arc::clone(&platform), verifier, self.tls);
        routers.insert(ITWIN.to_owned(), router);
        let controls = control::Controls::new(
            shared.clone(),
            urls.clone(),
            instances.clone(),
            sign_in.clone(),
            applications.clone(),
            Arc::clone(&platform),
        );
        routers.insert(CONTROL.to_owned(), control::router(controls));

        let ca = match &tls {
            None => None,
            Some(tls) => Some(self.write_ca(&tls.ca_pem)?),
        };
        let (stop, stopped) = watch::channel(false);
        let mut tasks = vec![tokio::spawn(courier.work(stopped.clone()))];
        for (name, sockets) in sockets {
            let watched = (name != CONTROL).then(|| Watch {
                faults: shared.faults.clone(),
                log: shared.log.clone(),
                clock: shared.clock.clone(),
            });
            let router = routers.remove(&name).unwrap_or_default();
            let tls = tls.as_ref().filter(|_| speaks_tls(&name));
            let failure = data.failure().clone();
            let service = Arc::new(Service { name, router, watch: watched, failure });
            for listener in sockets.listeners {
                let acceptor = tls.map(|tls| tls.acceptor.clone());
                let (service, stopped) = (Arc::clone(&service), stopped.clone());
                tasks.push(tokio::spawn(connection::serve(listener, acceptor, service, stopped)));
            }
        }
        for instance in instances.values() {
            // The runtime is there: this runs on it.
            let _ = instance.resume_jobs();
        }
        Ok(Emulator {
            urls,
            shared,
            instances,
            applications,
            platform,
            hosts,
            ca,
            stop,
            tasks,
            sign_in,
        })
    }

    fn read_seed(&self) -> Result<Seed, SeedError> {
        match (&self.seed, &self.seed_file) {
            (Some(seed), _) => Ok(seed.clone()),
            (None, Some(path)) => Seed::from_file(path),
            (None, None) => Ok(Seed::default()),
        }
    }

    fn names(&self) -> Result<Vec<String>, EmulatorError> {
        let mut names: Vec<String> = SERVICES.iter().map(|&name| name.to_owned()).collect();
        for name in &self.instances {
            if names.contains(name) {
                return Err(EmulatorError::NameTaken(name.clone()));
            }
            names.push(name.clone());
        }
        Ok(names)
    }

    /// Addresses by service. With TLS the host is `localhost`, which sign-in
    /// libraries expect; without, `127.0.0.1`, which needs no name lookup.
    fn urls(&self, sockets: &[(String, Sockets)]) -> BTreeMap<String, String> {
        let root = |name: &str| {
            if self.tls && speaks_tls(name) { "https://localhost" } else { "http://127.0.0.1" }
        };
        sockets
            .iter()
            .map(|(name, sockets)| (name.clone(), format!("{}:{}", root(name), sockets.port)))
            .collect()
    }

    fn shared(
        &self,
        urls: &BTreeMap<String, String>,
        data: &Data,
    ) -> Result<Shared, EmulatorError> {
        let clock = match &self.clock {
            Some(clock) => clock.clone(),
            None => {
                let clock = Clock::new();
                clock.attach(data)?;
                clock
            }
        };
        let identity_url = urls.get(IDENTITY).map_or("", String::as_str);
        let directory = Directory::seeded(DIGITAL_TWINS, &ForeignIssuer::address(identity_url));
        let storage_url = urls.get(STORAGE).cloned().unwrap_or_default();
        let folder = self.blob_folder.clone();
        let storage = Storage::open(storage_url, clock.clone(), folder, data)?;
        Ok(Shared {
            clock,
            directory,
            faults: Faults::default(),
            log: RequestLog::default(),
            storage,
        })
    }

    /// The IoT Central applications, each with the seeded owner and the seeded
    /// user as administrators.
    fn applications(&self, clock: &Clock, data: &Data) -> Result<Applications, EmulatorError> {
        let mut applications =
            Applications::new(iot_central::seeded_main(self.iot_central.clone(), clock.clone()));
        for name in &self.applications {
            if !is_label(name) {
                return Err(EmulatorError::ApplicationName(name.clone()));
            }
            if applications.get(name).is_some() {
                return Err(EmulatorError::ApplicationTaken(name.clone()));
            }
            let (config, clock) = (self.iot_central.clone(), clock.clone());
            let id = data.random(&format!("iot-central {name} id"), 16)?;
            let id = uuid::Builder::from_random_bytes(id.try_into().unwrap_or_default());
            let id = id.into_uuid().to_string();
            applications = applications.with(iot_central::seeded(name, &id, config, clock));
        }
        applications.iter().try_for_each(|application| application.attach(data))?;
        Ok(applications)
    }

    fn hosts(
        &self,
        authority: &Arc<Authority>,
        urls: &BTreeMap<String, String>,
        data: &Data,
    ) -> Result<Arc<Hosts>, EmulatorError> {
        let base_url = urls.get(MANAGED_IDENTITY).cloned().unwrap_or_default();
        let settings = self.managed_identity.clone();
        let secrets = Secrets::open(data)?;
        Hosts::new(Arc::clone(authority), base_url, settings, secrets)
            .map(Arc::new)
            .map_err(EmulatorError::ManagedIdentity)
    }

    fn write_ca(&self, pem: &str) -> Result<Ca, EmulatorError> {
        let file = CaFile::write(pem, self.ca_folder.as_deref()).map_err(|source| {
            let path = self.ca_folder.clone().unwrap_or_else(std::env::temp_dir);
            EmulatorError::CaFile { path, source }
        })?;
        Ok(Ca { pem: pem.to_owned(), file })
    }
}

/// The control plane over everything that was started.
fn manager<'n>(
    authority: &Arc<Authority>,
    shared: &Shared,
    urls: &BTreeMap<String, String>,
    instances: impl Iterator<Item = &'n String>,
    applications: &Applications,
) -> Manager {
    let url = |name: &str| urls.get(name).cloned().unwrap_or_default();
    Manager {
        base_url: url(RESOURCE_MANAGER),
        verifier: Verifier::new(authority, &resource_manager::AUDIENCES),
        instances: instances.map(|name| (name.clone(), host(&url(name)))).collect(),
        applications: applications.clone(),
        storage_url: url(STORAGE),
        storage: shared.storage.clone(),
    }
}

/// Whether a service speaks TLS when the emulator does.
fn speaks_tls(name: &str) -> bool {
    name != MANAGED_IDENTITY
}

fn crypto(error: impl Error + Send + Sync + 'static) -> EmulatorError {
    EmulatorError::Crypto(Box::new(error))
}

fn host(url: &str) -> String {
    url.split_once("://").map_or(url, |(_, host)| host).to_owned()
}

/// Whether a name can be the first label of a host name (RFC 1123 section 2.1).
fn is_label(name: &str) -> bool {
    (1..=63).contains(&name.len())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        && !name.starts_with('-')
        && !name.ends_with('-')
}
