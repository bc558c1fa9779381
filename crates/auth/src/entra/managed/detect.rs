//! Which host this is, by environment variables and the agent's file. Both are
//! looked up by functions, so that tests need not change the process's own.

use std::ffi::OsString;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use reqwest::Url;
use secrecy::SecretString;
use twinkit_http::endpoint;

use super::app_service::{self, AppService};
use super::arc::{self, Arc};
use super::azure_ml::{self, AzureMl};
use super::cloud_shell::{self, CloudShell};
use super::imds::{self, Imds};
use super::request::{Identity, header_value};
use super::{Host, NAME, service_fabric};
use crate::{AuthError, AuthErrorKind};

/// What is known of the machine.
pub(super) struct Surroundings<'a> {
    pub(super) variable: &'a dyn Fn(&str) -> Option<OsString>,
    pub(super) exists: &'a dyn Fn(&Path) -> bool,
    /// Where Azure Arc's keys are, if not at their usual place.
    pub(super) arc_folder: Option<PathBuf>,
}

/// The host, by the first row of the table in `mod.rs` that fits.
pub(super) fn host(
    around: &Surroundings<'_>,
    identity: Identity,
) -> Result<Box<dyn Host>, AuthError> {
    let identity_endpoint = around.text("IDENTITY_ENDPOINT")?;
    let identity_header = around.text("IDENTITY_HEADER")?.map(SecretString::from);
    let msi_endpoint = around.text("MSI_ENDPOINT")?;
    let msi_secret = around.text("MSI_SECRET")?.map(SecretString::from);
    if let (Some(address), Some(header)) = (&identity_endpoint, identity_header) {
        if around.text("IDENTITY_SERVER_THUMBPRINT")?.is_some() {
            return Err(service_fabric::not_covered());
        }
        let endpoint = address_of(app_service::NAME, "IDENTITY_ENDPOINT", address)?;
        header_value(app_service::NAME, "X-IDENTITY-HEADER", &header)?;
        return Ok(Box::new(AppService { endpoint, header, identity }));
    }
    if let Some(address) = msi_endpoint {
        let Some(secret) = msi_secret else {
            let endpoint = address_of(cloud_shell::NAME, "MSI_ENDPOINT", &address)?;
            return match identity {
                Identity::System => Ok(Box::new(CloudShell { endpoint })),
                _ => Err(config(
                    cloud_shell::NAME,
                    "in Cloud Shell only the signed-in person's token can be had, not that of a \
                     user-assigned identity",
                )),
            };
        };
        let endpoint = address_of(azure_ml::NAME, "MSI_ENDPOINT", &address)?;
        header_value(azure_ml::NAME, "secret", &secret)?;
        let client_id = match identity {
            Identity::System => None,
            Identity::Client(id) => Some(id),
            _ => {
                let message = "this host knows user-assigned identities by their client id only";
                return Err(config(azure_ml::NAME, message));
            }
        };
        return Ok(Box::new(AzureMl { endpoint, secret, client_id }));
    }
    let by_variables = identity_endpoint.filter(|_| (around.variable)("IMDS_ENDPOINT").is_some());
    if by_variables.is_some() || around.has_agent() {
        let address = by_variables.as_deref().unwrap_or(arc::ENDPOINT);
        let endpoint = address_of(arc::NAME, "IDENTITY_ENDPOINT", address)?;
        return Ok(Box::new(Arc { endpoint, identity, folder: around.arc_folder() }));
    }
    let named = around.text("AZURE_POD_IDENTITY_AUTHORITY_HOST")?;
    let base = named.as_deref().unwrap_or(imds::BASE);
    let mut endpoint = address_of(imds::NAME, "AZURE_POD_IDENTITY_AUTHORITY_HOST", base)?;
    // Fails only for URLs without a host, which have been refused.
    if let Ok(mut path) = endpoint.path_segments_mut() {
        path.pop_if_empty().extend(imds::PATH.split('/'));
    }
    Ok(Box::new(Imds { endpoint, identity, known: AtomicBool::new(named.is_some()) }))
}

impl Surroundings<'_> {
    /// A variable, trimmed; an empty one counts as unset.
    fn text(&self, name: &str) -> Result<Option<String>, AuthError> {
        let Some(value) = (self.variable)(name) else { return Ok(None) };
        let text =
            value.into_string().map_err(|_| config(NAME, &format!("{name} is not valid UTF-8")))?;
        Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty()))
    }

    fn folder(&self, variable: &str, usual: &str) -> PathBuf {
        (self.variable)(variable).map_or_else(|| PathBuf::from(usual), PathBuf::from)
    }

    fn has_agent(&self) -> bool {
        let program = if cfg!(windows) {
            self.folder("ProgramFiles", r"C:\Program Files")
                .join(r"AzureConnectedMachineAgent\himds.exe")
        } else {
            PathBuf::from("/opt/azcmagent/bin/himds")
        };
        (self.exists)(&program)
    }

    fn arc_folder(&self) -> PathBuf {
        match &self.arc_folder {
            Some(folder) => folder.clone(),
            None if cfg!(windows) => self
                .folder("ProgramData", r"C:\ProgramData")
                .join(r"AzureConnectedMachineAgent\Tokens"),
            None => PathBuf::from("/var/opt/azcmagent/tokens"),
        }
    }
}

/// The endpoint in a variable. Plain `http` is for this machine and its nearest
/// surroundings; elsewhere it would show tokens to the network.
fn address_of(source: &'static str, variable: &str, text: &str) -> Result<Url, AuthError> {
    let url = endpoint::parse(text, true)
        .map_err(|error| config(source, &format!("{variable} is no endpoint: {error}")))?;
    if url.scheme() == "http" && !is_near(&url) {
        let message = format!(
            "{variable} names a host outside the machine's surroundings, to which plain http \
             would show tokens to the network"
        );
        return Err(config(source, &message));
    }
    Ok(url)
}

/// This machine, a link-local or a private address. Names other than
/// `localhost` are not resolved.
fn is_near(url: &Url) -> bool {
    if endpoint::is_loopback(url) {
        return true;
    }
    let host = url.host_str().unwrap_or_default();
    match host.trim_start_matches('[').trim_end_matches(']').parse() {
        Ok(IpAddr::V4(address)) => address.is_link_local() || address.is_private(),
        Ok(IpAddr::V6(address)) => address.is_unicast_link_local() || address.is_unique_local(),
        Err(_) => false,
    }
}

fn config(source: &'static str, message: &str) -> AuthError {
    AuthError::new(AuthErrorKind::Config, source, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detect(
        variables: &[(&str, &str)],
        agent: bool,
        identity: Identity,
    ) -> Result<Box<dyn Host>, AuthError> {
        let variable = |name: &str| {
            variables.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value))
        };
        let around =
            Surroundings { variable: &variable, exists: &|_: &Path| agent, arc_folder: None };
        host(&around, identity)
    }

    const ENDPOINT: (&str, &str) = ("IDENTITY_ENDPOINT", "http://169.254.129.4:8081/msi/token");
    const HEADER: (&str, &str) = ("IDENTITY_HEADER", "canary");
    const MSI: (&str, &str) = ("MSI_ENDPOINT", "http://localhost:50342/oauth2/token");
    const SECRET: (&str, &str) = ("MSI_SECRET", "canary");

    #[test]
    fn the_first_row_that_fits_is_the_host() {
        for (variables, agent, expected) in [
            (vec![ENDPOINT, HEADER, MSI, SECRET], true, app_service::NAME),
            (vec![MSI, SECRET, ENDPOINT], true, azure_ml::NAME),
            (vec![MSI], true, cloud_shell::NAME),
            (vec![ENDPOINT, ("IMDS_ENDPOINT", "x")], false, arc::NAME),
            (vec![], true, arc::NAME),
            (vec![ENDPOINT], false, imds::NAME),
            (vec![("IDENTITY_ENDPOINT", " "), HEADER], false, imds::NAME),
            (vec![("AZURE_POD_IDENTITY_AUTHORITY_HOST", "http://127.0.0.1:9/")], false, imds::NAME),
            (vec![], false, imds::NAME),
        ] {
            let found = detect(&variables, agent, Identity::System).unwrap();
            assert_eq!(found.name(), expected, "{variables:?}");
            assert!(!format!("{found:?}{found:#?}").contains("canary"));
        }
    }

    #[test]
    fn service_fabric_is_named_and_not_covered() {
        let variables = [ENDPOINT, HEADER, ("IDENTITY_SERVER_THUMBPRINT", "00")];
        let error = detect(&variables, false, Identity::System).unwrap_err();
        assert_eq!(error.source_name(), service_fabric::NAME);
        assert!(error.to_string().contains("not covered"), "{error}");
    }

    #[test]
    fn identities_that_a_host_cannot_tell_are_refused() {
        let object = Identity::Object("o".into());
        assert!(detect(&[MSI], false, Identity::Client("c".into())).is_err());
        assert!(detect(&[MSI, SECRET], false, object.clone()).is_err());
        assert!(detect(&[MSI, SECRET], false, Identity::Client("c".into())).is_ok());
        assert!(detect(&[ENDPOINT, HEADER], false, object).is_ok());
    }

    #[test]
    fn plain_http_is_for_the_surroundings_only() {
        let with =
            |address| detect(&[("IDENTITY_ENDPOINT", address), HEADER], false, Identity::System);
        for near in [
            "http://127.0.0.1:1/x",
            "http://localhost/x",
            "http://[::1]/x",
            "http://169.254.169.254",
            "http://172.16.4.5:8081/msi/token",
            "http://[fe80::1]/x",
            "http://[fd00::1]/x",
            "https://anywhere.example/x",
        ] {
            assert!(with(near).is_ok(), "{near}");
        }
        for bad in [
            "http://8.8.8.8/canary",
            "http://metadata.example/canary",
            "http://localhost.evil.example/canary",
            "http://[2001:db8::1]/canary",
            "ftp://127.0.0.1/canary",
            "http://u:canary@127.0.0.1/",
            "canary",
        ] {
            let error = with(bad).unwrap_err();
            assert_eq!(error.kind(), AuthErrorKind::Config, "{bad}");
            assert!(!format!("{error}{error:?}").contains("canary"), "{error}");
        }
        let error =
            detect(&[ENDPOINT, ("IDENTITY_HEADER", "canary\n x\u{1}")], false, Identity::System);
        assert!(!format!("{error:?}").contains("canary") && error.is_err());
    }
}
