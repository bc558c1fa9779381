//! The settings that every tool shares. Each adds its own, and its `build`, in
//! its file.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use twinkit_http::{Clock, SystemClock};

use super::arguments;
use super::source::{Tool, ToolSource};
use crate::{AuthError, AuthErrorKind, Credential};

/// Tools start slowly, most of all on Windows.
const LIMIT: Duration = Duration::from_secs(13);

/// Settings of a credential that runs a command line tool; `W` is the tool.
/// Made by the functions of [`Credential`], each of which tells what the tool
/// needs.
#[derive(Debug, Clone)]
#[must_use = "nothing is made until `build` is called"]
pub struct ToolBuilder<W> {
    pub(super) way: W,
    tenant: Option<String>,
    program: Option<PathBuf>,
    limit: Duration,
    clock: Arc<dyn Clock>,
}

impl<W> ToolBuilder<W> {
    pub(super) fn new(way: W) -> Self {
        Self { way, tenant: None, program: None, limit: LIMIT, clock: Arc::new(SystemClock) }
    }

    /// Asks in this tenant, by id or verified domain, instead of the one the
    /// tool is set to.
    pub fn tenant(mut self, tenant: impl Into<String>) -> Self {
        self.tenant = Some(tenant.into());
        self
    }

    /// Runs the program at this absolute path instead of the one on `PATH`.
    pub fn program(mut self, path: impl Into<PathBuf>) -> Self {
        self.program = Some(path.into());
        self
    }

    /// Stops the tool, and what it started, after this time; 13 seconds if not
    /// set.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Judges expiry by this clock.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    pub(super) fn has_tenant(&self) -> bool {
        self.tenant.is_some()
    }

    /// Checks what tools share and makes the credential.
    pub(super) fn credential<T: Tool>(self, tool: T) -> Result<Credential, AuthError> {
        let name = tool.facts().name;
        if let Some(tenant) = &self.tenant {
            arguments::tenant(name, tenant)?;
        }
        let program = OnceLock::new();
        if let Some(path) = self.program {
            if !path.is_absolute() {
                let message = format!("{} is not an absolute path", path.display());
                return Err(AuthError::new(AuthErrorKind::Config, name, message));
            }
            let _ = program.set(path);
        }
        let source = ToolSource { tool, tenant: self.tenant, limit: self.limit, program };
        Ok(Credential::from_source_with_clock(source, self.clock))
    }
}
