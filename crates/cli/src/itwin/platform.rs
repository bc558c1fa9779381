//! Which platform is meant and who calls it. It must not know what is asked of it.

use std::path::PathBuf;

use anyhow::Result;
use twinkit::auth::{Origin, SecretString, ims_service_email};
use twinkit::itwin::{ENDPOINT, Error, ErrorKind, ITwin};

use crate::identity::sign_in::sign_in;
use crate::identity::sources::Source;
use crate::identity::target::Target;
use crate::input::Input;
use crate::usage::{variable, wrong, wrong_with};

const URL_VARIABLE: &str = "ITWIN_API_URL";
const KEY_VARIABLE: &str = "ITWIN_SHARE_KEY";
const CLIENT_VARIABLE: &str = "ITWIN_CLIENT_ID";
/// Where these arguments stand in the help of each command.
const HEADING: &str = "Platform and caller";

#[derive(clap::Args)]
pub(super) struct PlatformArgs {
    /// The platform's address; http only for this machine. ITWIN_API_URL if left
    /// out, which `twinkit emulate` prints, else https://api.bentley.com.
    #[arg(long, global = true, value_name = "URL", help_heading = HEADING)]
    endpoint: Option<String>,
    /// Ask this source only for a token to call with.
    #[arg(long = "with", value_enum, global = true, value_name = "SOURCE", help_heading = HEADING)]
    source: Option<Source>,
    /// Call with the share key in this file, which opens a few reads without a
    /// sign-in. ITWIN_SHARE_KEY may hold one as well; an argument cannot, since
    /// others on this machine see arguments.
    #[arg(long, global = true, value_name = "FILE", conflicts_with = "source",
          help_heading = HEADING)]
    share_key_file: Option<PathBuf>,
}

impl PlatformArgs {
    /// A client of the platform, in the name of the caller that was found.
    pub(super) async fn connect(&self) -> Result<ITwin> {
        let endpoint = self.endpoint()?;
        if let Some(key) = self.share_key().await? {
            return ITwin::with_share_key(endpoint, key).and_then(|b| b.build()).map_err(usage);
        }
        // An address that cannot be one is told before anybody signs in.
        let found = sign_in(&Target::Itwin, self.source).await?;
        ITwin::builder(found.credential).endpoint(endpoint).build().map_err(usage)
    }

    /// The platform's endpoint.
    pub(super) fn endpoint(&self) -> Result<String> {
        endpoint(self.endpoint.as_deref())
    }

    /// What helps a caller whom the platform does not allow something, or to whom
    /// it denies that something is there.
    pub(super) fn cure_of_refusal(&self, is_hidden: bool) -> String {
        if self.calls_with_key() {
            return "a share key opens only what its contract names, such as the iModels and the \
                    reality data of one iTwin, and only until it ends"
                .to_owned();
        }
        let told = if is_hidden {
            "what a caller may not see looks as if it were not there"
        } else {
            "the caller's roles on the iTwin do not permit this"
        };
        let address = self.own_address().unwrap_or_else(|| "ADDRESS".to_owned());
        format!(
            "{told}: `twinkit itwin me --itwin ID` tells who calls and what it may do; an owner of \
             the iTwin runs `twinkit itwin onboard ID --email {address} --role ROLE`"
        )
    }

    /// The address of the service application of the environment, if it calls.
    fn own_address(&self) -> Option<String> {
        if !matches!(self.source, None | Some(Source::Environment)) {
            return None;
        }
        Some(ims_service_email(&variable(CLIENT_VARIABLE).ok()??))
    }

    /// The share key to call with, if there is one.
    async fn share_key(&self) -> Result<Option<SecretString>> {
        if let Some(path) = &self.share_key_file {
            return Input::file("share key file", path).secret().await.map(Some);
        }
        if self.source.is_some() {
            return Ok(None);
        }
        Ok(variable(KEY_VARIABLE)?.map(SecretString::from))
    }

    /// Whether it is a share key that calls.
    fn calls_with_key(&self) -> bool {
        let has_variable = || matches!(variable(KEY_VARIABLE), Ok(Some(_)));
        self.share_key_file.is_some() || (self.source.is_none() && has_variable())
    }
}

/// Settings that cannot be meant are wrong usage.
fn usage(error: Error) -> anyhow::Error {
    if error.kind() != ErrorKind::Configuration {
        return error.into();
    }
    wrong_with(error.to_string(), error.hint())
}

/// The endpoint that is meant by a host or a URL; without one the environment's, or
/// the public one.
pub(crate) fn endpoint(said: Option<&str>) -> Result<String> {
    let said = match said {
        Some(said) => said.trim().to_owned(),
        None => match variable(URL_VARIABLE)? {
            Some(url) => url,
            None => return Ok(ENDPOINT.to_owned()),
        },
    };
    let url = if said.contains("://") { said.clone() } else { format!("https://{said}") };
    Origin::parse(&url).map_err(|error| wrong(format!("{said:?}: {error}")))?;
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn platforms_are_named_by_host_or_address() {
        for (said, meant) in [
            ("qa-api.bentley.com", "https://qa-api.bentley.com"),
            (" https://api.bentley.com/ ", "https://api.bentley.com/"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ] {
            assert_eq!(endpoint(Some(said)).unwrap(), meant);
        }
        for said in ["", "ftp://a.example", "https://", "a b.example"] {
            assert!(endpoint(Some(said)).is_err(), "{said}");
        }
    }
}
