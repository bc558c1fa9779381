//! The sign-in that `twinkit login` made: as which application, where, and in
//! which store. No secret is in it; the refresh token is in the store.

use std::fs;
use std::io::{self, Write as _};
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use twinkit::auth::{
    AuthorityHost, Credential, DeviceCode, FileStore, ImsHost, ImsNative, KeyringStore, TokenStore,
    UserSession,
};

use super::claims::printable;

/// Where the refresh token is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Store {
    /// The operating system's keyring.
    Keyring,
    /// A file that only its owner may read, not encrypted.
    File,
}

/// Which identity service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Service {
    /// Microsoft Entra ID: Azure Digital Twins and IoT Central.
    Entra,
    /// Bentley IMS: the iTwin Platform.
    Ims,
}

/// A sign-in at one identity service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Profile {
    /// The authority, or the IMS.
    pub(crate) authority: String,
    /// The tenant at Entra ID.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) tenant: Option<String>,
    pub(crate) client_id: String,
    /// Where the browser returns to at IMS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) redirect_uri: Option<String>,
    pub(crate) store: Store,
}

/// How a person signs in now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Browser,
    Device,
    /// Not at all: what is kept is used.
    Silent,
}

/// The file's content.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Profiles {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    entra: Option<Profile>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ims: Option<Profile>,
}

impl Profiles {
    fn slot(&mut self, service: Service) -> &mut Option<Profile> {
        match service {
            Service::Entra => &mut self.entra,
            Service::Ims => &mut self.ims,
        }
    }
}

impl Service {
    /// The command that signs in, for hints.
    pub(crate) fn login_command(self) -> &'static str {
        match self {
            Self::Entra => "twinkit login entra",
            Self::Ims => "twinkit login ims",
        }
    }

    /// The sign-in that is kept, if there is one.
    pub(crate) fn profile(self) -> Result<Option<Profile>> {
        Ok(read()?.slot(self).take())
    }

    /// Keeps `profile` for later runs, or forgets what was kept.
    pub(crate) fn keep(self, profile: Option<&Profile>) -> Result<()> {
        let mut profiles = read()?;
        *profiles.slot(self) = profile.cloned();
        let path = path()?;
        let folder = path.parent().context("the folder for state has no parent")?;
        fs::create_dir_all(folder)
            .with_context(|| format!("{} cannot be made", folder.display()))?;
        // Replaced whole, so that a program that stops half-way damages nothing.
        let whole = || -> io::Result<()> {
            let mut file = tempfile::NamedTempFile::new_in(folder)?;
            serde_json::to_writer_pretty(&mut file, &profiles)?;
            file.write_all(b"\n")?;
            file.persist(&path)?;
            Ok(())
        };
        whole().with_context(|| format!("{} cannot be written", path.display()))
    }

    /// The session of a profile.
    pub(crate) fn session(self, profile: &Profile, way: Way) -> Result<UserSession> {
        match (self, profile.store) {
            (Self::Entra, Store::File) => entra(profile, way, FileStore::in_default_folder()?),
            (Self::Entra, Store::Keyring) => entra(profile, way, KeyringStore::new()),
            (Self::Ims, Store::File) => ims(profile, way, FileStore::in_default_folder()?),
            (Self::Ims, Store::Keyring) => ims(profile, way, KeyringStore::new()),
        }
    }
}

fn entra(profile: &Profile, way: Way, store: impl TokenStore + 'static) -> Result<UserSession> {
    let tenant = profile.tenant.as_deref().unwrap_or("organizations");
    let (client_id, authority) = (profile.client_id.as_str(), profile.authority.as_str());
    Ok(match way {
        Way::Device => Credential::device_code(tenant, client_id, show_code)
            .authority(authority)
            .store(store)
            .session()?,
        Way::Browser => Credential::interactive(tenant, client_id)
            .authority(authority)
            .store(store)
            .open_with(open_browser)
            .session()?,
        Way::Silent => Credential::interactive(tenant, client_id)
            .authority(authority)
            .store(store)
            .without_interaction()
            .session()?,
    })
}

fn ims(profile: &Profile, way: Way, store: impl TokenStore + 'static) -> Result<UserSession> {
    let builder = Credential::ims_native(&profile.client_id)
        .host(&profile.authority)
        .redirect_uri(profile.redirect_uri.as_deref().unwrap_or(ImsNative::DEFAULT_REDIRECT_URI))
        .store(store);
    Ok(match way {
        Way::Browser => builder.open_with(open_browser).session()?,
        Way::Silent => builder.without_interaction().session()?,
        Way::Device => bail!("Bentley IMS has no sign-in by device code; leave --device out"),
    })
}

/// Shows the address as well, and waits also where no browser opens: the one
/// that is used may be elsewhere, with the port forwarded.
fn open_browser(url: &str) -> io::Result<()> {
    let opened = webbrowser::open(url);
    let what = match opened {
        Ok(()) => "The browser opens to sign in. If it does not, go to:",
        Err(_) => "No browser could be opened. To sign in, go to (or use --device):",
    };
    tell!("{what}\n  {url}");
    Ok(())
}

fn show_code(code: &DeviceCode) {
    let minutes = code.expires_in.as_secs() / 60;
    tell!(
        "To sign in, open {} and enter the code {} within {minutes} minutes.\nEnter it only \
         there, and only because you started this sign-in yourself.",
        printable(&code.verification_uri),
        printable(&code.user_code),
    );
}

/// The authority of a new sign-in: as said, or the environment's, or the
/// public one.
pub(crate) fn authority(service: Service, said: Option<String>) -> String {
    let (variable, public) = match service {
        Service::Entra => ("AZURE_AUTHORITY_HOST", AuthorityHost::PUBLIC),
        Service::Ims => ("ITWIN_IMS_AUTHORITY", ImsHost::PRODUCTION),
    };
    let from_environment = || std::env::var(variable).ok().filter(|text| !text.trim().is_empty());
    said.or_else(from_environment).unwrap_or_else(|| public.to_owned())
}

fn path() -> Result<PathBuf> {
    let store = FileStore::in_default_folder()?;
    let folder = store.folder().parent().context("the folder for state has no parent")?;
    Ok(folder.join("profiles.json"))
}

fn read() -> Result<Profiles> {
    let path = path()?;
    match fs::read_to_string(&path) {
        Ok(text) => serde_json::from_str(&text)
            .with_context(|| format!("{} is damaged; delete it and sign in anew", path.display())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Profiles::default()),
        Err(error) => Err(error).with_context(|| format!("{} cannot be read", path.display())),
    }
}
