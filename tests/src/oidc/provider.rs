//! The server as a child process: started with its settings, asked for its
//! counts, ended when dropped.

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::json;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// The tenant in the paths of the Entra-shaped server.
pub(super) const TENANT: &str = "contoso.com";
/// The secret of every confidential client, with all that is odd in forms and
/// headers.
pub(super) const SECRET: &str = "s:/+ =~ %41 x&y";
/// A client id that Basic authentication must encode.
pub(super) const ODD_CLIENT_ID: &str = "odd:id/+%";
/// The scope of the API.
pub(super) const SCOPE: &str = "api://x/.default";
/// The scope of the iTwin Platform.
pub(super) const ITWIN_SCOPE: &str = "itwin-platform";

/// A running server.
#[derive(Debug)]
pub struct Provider {
    addresses: Addresses,
    _process: Child,
}

#[derive(Debug, Deserialize)]
struct Addresses {
    entra: String,
    ims: String,
    counts: String,
}

/// What the server saw.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// Polls that were told to go slower.
    pub slow_downs: u32,
    /// Polls that came before the person had decided.
    pub pending: u32,
    /// How often each refresh token that came was sent.
    pub refreshes: Vec<u32>,
}

impl Provider {
    /// Starts `script` with Node. User tokens live `user_seconds`.
    ///
    /// # Errors
    /// Node cannot be started, or the script does not say where it listens.
    pub async fn start(script: &Path, user_seconds: u64, ims_redirect: &str) -> Result<Self> {
        let certificate = fixture("leaf.pem");
        let settings = json!({
            "tenant": TENANT,
            "secret": SECRET,
            "oddClientId": ODD_CLIENT_ID,
            "certificate": certificate,
            "scopes": [SCOPE],
            "imsRedirects": [ims_redirect],
            "lifetimes": { "user": user_seconds, "device": 120 },
        });
        let folder = script.parent().context("the script lies in no folder")?;
        let path = folder.join("settings.json");
        std::fs::write(&path, settings.to_string())?;
        let mut process = Command::new("node")
            .arg(script)
            .arg(&path)
            .env("NODE_NO_WARNINGS", "1")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("node cannot be started")?;
        let output = process.stdout.take().context("no output")?;
        let line = BufReader::new(output).lines().next_line().await?;
        let addresses = serde_json::from_str(&line.context("the server ended at once")?)?;
        Ok(Self { addresses, _process: process })
    }

    /// The Entra-shaped authority.
    #[must_use]
    pub fn entra(&self) -> &str {
        &self.addresses.entra
    }

    /// The IMS-shaped authority.
    #[must_use]
    pub fn ims(&self) -> &str {
        &self.addresses.ims
    }

    /// What it saw so far.
    ///
    /// # Errors
    /// The server is gone.
    pub async fn counts(&self) -> Result<Counts> {
        Ok(reqwest::get(&self.addresses.counts).await?.json().await?)
    }
}

/// The path of a test key or certificate.
pub(super) fn fixture(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/auth/tests/certificates").join(name)
}
