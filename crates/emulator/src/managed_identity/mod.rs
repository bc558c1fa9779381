//! The endpoints where programs on Azure's hosts get tokens without a secret of
//! their own: managed identities, each host in its own dialect.
//!
//! | host | path here | request | what opens it | identity parameter |
//! |---|---|---|---|---|
//! | [`Host::Imds`] | `/metadata/identity/oauth2/token` | GET, `2018-02-01` or later | `Metadata: true` | `client_id`, `object_id`, `msi_res_id` |
//! | [`Host::AppService`] | `/msi/token` | GET, `2019-08-01` | `X-IDENTITY-HEADER` | `client_id`, `object_id`, `principal_id`, `mi_res_id` |
//! | the same, older form | `/msi/token` | GET, `2017-09-01` | `secret` | `clientid` |
//! | [`Host::AzureMl`] | `/azureml/token` | GET, `2017-09-01` | `secret` | `clientid`, `client_id`, `object_id`, `msi_res_id` |
//! | [`Host::CloudShell`] | `/oauth2/token` | POST form | `Metadata: true` | none |
//! | [`Host::Arc`] | `/arc/metadata/identity/oauth2/token` | GET, `2019-11-01` or later | `Metadata: true`, then a key file | `client_id`, `object_id`, `msi_res_id` |
//!
//! [`Emulator::managed_identity_env`](crate::Emulator::managed_identity_env)
//! gives the variables that each host would set. The identities are those of
//! [`identity`](crate::identity): system-assigned if the request names none
//! ([`SYSTEM_IDENTITY_CLIENT_ID`](crate::identity::SYSTEM_IDENTITY_CLIENT_ID)),
//! user-assigned by any of the ids of
//! [`USER_IDENTITY_RESOURCE_ID`](crate::identity::USER_IDENTITY_RESOURCE_ID).
//! Both are Data Owners of every instance.
//!
//! The listener speaks plain HTTP even if the others speak TLS: so do the real
//! ones, and their clients have no setting for an authority of their own.
//!
//! # Azure Arc's key files
//!
//! A request without authorization is answered with 401 and
//! `WWW-Authenticate: Basic realm=PATH`. The file there is for its owner only,
//! its text is new each time, and the request repeated with
//! `Authorization: Basic TEXT` gets the token. Official clients read such files
//! from one folder only (`/var/opt/azcmagent/tokens` on Linux); ours are in a new
//! folder among the temporary files
//! ([`Emulator::arc_key_folder`](crate::Emulator::arc_key_folder)), or in the one
//! named by [`EmulatorBuilder::arc_key_folder`](crate::EmulatorBuilder::arc_key_folder).
//! They are removed at the end.
//!
//! # What is the vendor's behaviour and what is our choice
//!
//! The vendor's: methods, versions, headers and parameters of the table; numbers
//! being strings; `expires_on` without `expires_in` on App Service and Azure ML;
//! dates in App Service's older form; the members of each host's errors; 400 with
//! `Identity not found` from IMDS; 400 for a missing `Metadata` header and for any
//! `X-Forwarded-For`; App Service's 500 for an unknown resource; Arc's challenge,
//! and its echo of the id by which an identity was asked for.
//!
//! Ours: one listener for all hosts, hence the paths; paths in any case, slashes
//! at their end passed over; the words of the messages; 401 for a wrong secret;
//! errors of Azure ML shaped as App Service's; tokens that live as long as any
//! other ([`EmulatorBuilder::token_lifetime`](crate::EmulatorBuilder::token_lifetime)
//! makes them long, as real ones are), a new one for each request; a key file
//! that opens Arc once; Cloud Shell handing out the system-assigned identity's
//! token, where the real one hands out the signed-in user's.
//!
//! Busy and restarting hosts (410, 429, 500) are made by the schedule of
//! [`faults`](crate::faults), under the service name `managed-identity`.
//!
//! Not served: Service Fabric, whose endpoint is known by the thumbprint of its
//! own certificate; and AKS, where a program signs in with a federated token at
//! the [`identity`](crate::identity) service.
//!
//! This module must not know what a token is used for.

mod app_service;
mod arc;
mod azure_ml;
mod call;
mod cloud_shell;
mod imds;
mod issue;
mod keys;

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use axum::{
    Router,
    extract::{Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

use self::{call::Call, keys::KeyFolder};
use crate::{
    data::{Data, DataError},
    identity::Authority,
};

/// A kind of host that managed identities are assigned to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Host {
    /// Virtual machines, and whatever else has an instance metadata service.
    Imds,
    /// App Service, Functions, Container Apps and Automation.
    AppService,
    /// Azure Machine Learning.
    AzureMl,
    /// Azure Cloud Shell.
    CloudShell,
    /// A machine elsewhere with the Azure Arc agent.
    Arc,
}

impl Host {
    /// Every host, in the order of the table above.
    pub const ALL: [Self; 5] =
        [Self::Imds, Self::AppService, Self::AzureMl, Self::CloudShell, Self::Arc];

    fn path(self) -> &'static str {
        match self {
            Self::Imds => "/metadata/identity/oauth2/token",
            Self::AppService => "/msi/token",
            Self::AzureMl => "/azureml/token",
            Self::CloudShell => "/oauth2/token",
            Self::Arc => "/arc/metadata/identity/oauth2/token",
        }
    }

    /// The host that a request's path belongs to.
    fn of_path(path: &str) -> Option<Self> {
        let path = path.trim_end_matches('/');
        Self::ALL.into_iter().find(|host| host.path().eq_ignore_ascii_case(path))
    }
}

/// How App Service's older form and Azure ML write `expires_on`; see
/// [`EmulatorBuilder::expires_on`](crate::EmulatorBuilder::expires_on).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ExpiresOn {
    /// Seconds since 1970, as a string.
    Epoch,
    /// `06/20/2019 02:57:58 +00:00`, as on Linux.
    LinuxDate,
    /// `1/16/2020 5:24:12 AM +00:00`, as on Windows.
    WindowsDate,
}

/// What can be set.
#[derive(Clone, Debug, Default)]
pub(crate) struct Settings {
    /// Folder for Arc's key files; `None` for a new one that is removed at the end.
    pub(crate) arc_key_folder: Option<PathBuf>,
    /// `None` for each host's own way.
    pub(crate) expires_on: Option<ExpiresOn>,
}

/// What opens the endpoints of hosts that set a secret, the same at each start.
pub(crate) struct Secrets {
    app_service: SecretString,
    azure_ml: SecretString,
}

impl Secrets {
    pub(crate) fn open(data: &Data) -> Result<Self, DataError> {
        let app_service = keys::lasting_secret(data, "app service secret")?;
        let azure_ml = keys::lasting_secret(data, "azure ml secret")?;
        Ok(Self { app_service, azure_ml })
    }
}

/// The endpoints of all hosts.
pub(crate) struct Hosts {
    authority: Arc<Authority>,
    base_url: String,
    secrets: Secrets,
    keys: KeyFolder,
    expires_on: Option<ExpiresOn>,
}

impl Hosts {
    /// Makes the folder for key files.
    pub(crate) fn new(
        authority: Arc<Authority>,
        base_url: String,
        settings: Settings,
        secrets: Secrets,
    ) -> io::Result<Self> {
        Ok(Self {
            authority,
            base_url,
            secrets,
            keys: KeyFolder::new(settings.arc_key_folder)?,
            expires_on: settings.expires_on,
        })
    }

    /// The variables that a host sets for the programs on it.
    pub(crate) fn env(&self, host: Host) -> BTreeMap<String, String> {
        let base = &self.base_url;
        let endpoint = format!("{base}{}", host.path());
        let secret = |secret: &SecretString| secret.expose_secret().to_owned();
        let variables = match host {
            Host::Imds => vec![("AZURE_POD_IDENTITY_AUTHORITY_HOST", base.clone())],
            Host::AppService => vec![
                ("IDENTITY_ENDPOINT", endpoint.clone()),
                ("IDENTITY_HEADER", secret(&self.secrets.app_service)),
                // The older names, which programs of that time still read, and
                // the one by which they know where they are.
                ("MSI_ENDPOINT", endpoint),
                ("MSI_SECRET", secret(&self.secrets.app_service)),
                ("APPSETTING_WEBSITE_SITE_NAME", "twinkit".to_owned()),
            ],
            Host::AzureMl => {
                vec![("MSI_ENDPOINT", endpoint), ("MSI_SECRET", secret(&self.secrets.azure_ml))]
            }
            Host::CloudShell => vec![("MSI_ENDPOINT", endpoint)],
            Host::Arc => {
                vec![("IDENTITY_ENDPOINT", endpoint), ("IMDS_ENDPOINT", format!("{base}/arc"))]
            }
        };
        variables.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    /// Where Arc's key files are.
    pub(crate) fn key_folder(&self) -> &Path {
        self.keys.path()
    }

    /// Removes the key files; no more are made.
    pub(crate) fn end(&self) {
        self.keys.end();
    }
}

/// All routes of the listener.
pub(crate) fn router(hosts: Arc<Hosts>) -> Router {
    Router::new().fallback(answer).with_state(hosts)
}

async fn answer(State(hosts): State<Arc<Hosts>>, request: Request) -> Response {
    let Some(host) = Host::of_path(request.uri().path()) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let Some(call) = Call::read(request).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    match host {
        Host::Imds => imds::answer(&hosts, &call),
        Host::AppService => app_service::answer(&hosts, &call),
        Host::AzureMl => azure_ml::answer(&hosts, &call),
        Host::CloudShell => cloud_shell::answer(&hosts, &call),
        Host::Arc => arc::answer(&hosts, &call),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_taken_in_any_case_and_with_slashes_behind() {
        assert_eq!(Host::of_path("/MSI/token//"), Some(Host::AppService));
        assert_eq!(Host::of_path("/metadata/identity/oauth2/token"), Some(Host::Imds));
        assert_eq!(Host::of_path("/arc/metadata/identity/oauth2/token"), Some(Host::Arc));
        for path in ["", "/", "/metadata", "//msi/token", "/msi/token/x"] {
            assert_eq!(Host::of_path(path), None, "{path}");
        }
    }
}
