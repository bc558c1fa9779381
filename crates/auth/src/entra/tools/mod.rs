//! Command line tools that a developer has signed in to: each is run for a
//! token, as the person it knows.
//!
//! `program` finds the tool, `runner` runs it within limits, `arguments` says
//! what may stand on its command line, `source` and `builder` hold what the
//! tools share; one file per tool knows its words. Nothing here goes over the
//! network itself.

mod arguments;
mod azure_cli;
mod azure_developer_cli;
mod azure_powershell;
mod builder;
mod program;
mod runner;
mod source;

pub use azure_cli::{AzureCli, AzureCliBuilder};
pub use azure_developer_cli::{AzureDeveloperCli, AzureDeveloperCliBuilder};
pub use azure_powershell::{AzurePowerShell, AzurePowerShellBuilder};
pub use builder::ToolBuilder;
