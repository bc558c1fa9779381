//! Azure PowerShell: the module `Az.Accounts` in PowerShell. What is run is a
//! script of ours, handed over in base64 so that no shell's quoting matters;
//! what is put into it has passed the allow-lists.

use std::ffi::OsString;
use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::super::{expiry, resource};
use super::arguments;
use super::builder::ToolBuilder;
use super::source::{Asked, Facts, Found, Said, Tool, scrub};
use crate::{AuthError, AuthErrorKind, Credential};

static FACTS: Facts = Facts {
    name: "Azure PowerShell",
    programs: if cfg!(windows) { &["pwsh.exe", "powershell.exe"] } else { &["pwsh"] },
    variables: &[("NO_COLOR", "1"), ("POWERSHELL_TELEMETRY_OPTOUT", "1")],
    install: "install PowerShell and sign in with `Connect-AzAccount`, or use another credential",
};

/// Marks the one line of output that is ours.
const TOKEN_MARK: &str = "twinkit-token%";
const ERROR_MARK: &str = "twinkit-error%";
const NO_MODULE: &str = "no-module";

/// Azure PowerShell as a way in; see [`Credential::azure_powershell`].
#[derive(Debug, Clone)]
pub struct AzurePowerShell(());

/// The settings of a credential by Azure PowerShell.
pub type AzurePowerShellBuilder = ToolBuilder<AzurePowerShell>;

impl Credential {
    /// The account that is signed in to Azure PowerShell on this machine; for
    /// development. Needs the module `Az.Accounts`, 2.2.0 or newer.
    ///
    /// ```powershell
    /// Install-Module Az.Accounts
    /// Connect-AzAccount             # or, for a certain tenant: Connect-AzAccount -TenantId TENANT
    /// ```
    ///
    /// The account needs its roles on the resource, as with
    /// [`azure_cli`](Self::azure_cli). Requests name one scope,
    /// `RESOURCE/.default`. A claims challenge cannot be answered; the error's
    /// hint is then the command that can. `with_cae` makes no difference.
    pub fn azure_powershell() -> AzurePowerShellBuilder {
        ToolBuilder::new(AzurePowerShell(()))
    }
}

impl ToolBuilder<AzurePowerShell> {
    /// Checks the settings and makes the credential. Nothing is run yet.
    ///
    /// # Errors
    /// [`AuthErrorKind::Config`] names the setting that is wrong.
    pub fn build(self) -> Result<Credential, AuthError> {
        self.credential(AzurePowerShell(()))
    }
}

impl Tool for AzurePowerShell {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn arguments(&self, asked: &Asked<'_>) -> Result<Vec<OsString>, AuthError> {
        if let Some(claims) = asked.request.claims() {
            let message = "a person has to sign in anew to answer the claims challenge";
            let (connect, claims) = (connect(asked.tenant), STANDARD.encode(claims));
            return Err(AuthError::new(AuthErrorKind::InteractionRequired, FACTS.name, message)
                .with_hint(format!(
                    "with Az.Accounts 5.2.0 or newer: {connect} -ClaimsChallenge {claims}"
                )));
        }
        let resource = arguments::scope(FACTS.name, resource::of(FACTS.name, asked.request)?)?;
        let script = script(resource, asked.tenant);
        let bytes: Vec<u8> = script.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let encoded = STANDARD.encode(bytes);
        Ok(["-NoProfile", "-NonInteractive", "-EncodedCommand", &encoded]
            .map(OsString::from)
            .to_vec())
    }

    fn read(&self, stdout: &[u8]) -> Result<Found, AuthError> {
        let protocol = |message| AuthError::new(AuthErrorKind::Protocol, FACTS.name, message);
        let (token, end) = marked(stdout, TOKEN_MARK)
            .and_then(|rest| rest.split_once('%'))
            .ok_or_else(|| protocol("the output of PowerShell holds no token"))?;
        let end: Option<SystemTime> = expiry::point(&end.into());
        let expires_at = end.ok_or_else(|| {
            protocol("the output of PowerShell does not say when the token ends (ExpiresOn)")
        })?;
        Ok(Found { token: token.to_owned(), expires_at })
    }

    fn explain(&self, said: &Said<'_>, asked: &Asked<'_>) -> AuthError {
        let error = |kind, message: String| AuthError::new(kind, FACTS.name, message);
        let complaint = match marked(said.stdout, ERROR_MARK) {
            Some(NO_MODULE) => {
                let message = "PowerShell has no module Az.Accounts of 2.2.0 or newer".to_owned();
                return error(AuthErrorKind::Unavailable, message)
                    .with_hint("Install-Module Az.Accounts");
            }
            Some(words) => scrub(words),
            None => said.complaint.clone(),
        };
        let lower = complaint.to_lowercase();
        if ["connect-azaccount", "aadsts", "no account"].iter().any(|words| lower.contains(words)) {
            let message = format!("Azure PowerShell failed: {complaint}");
            return error(AuthErrorKind::InteractionRequired, message)
                .with_hint(format!("sign in: {}", connect(asked.tenant)));
        }
        let message = match complaint.as_str() {
            "" => "Azure PowerShell failed and did not say why".to_owned(),
            _ => format!("Azure PowerShell failed: {complaint}"),
        };
        error(AuthErrorKind::Rejected, message)
    }
}

fn connect(tenant: Option<&str>) -> String {
    match tenant {
        Some(tenant) => format!("Connect-AzAccount -TenantId {tenant}"),
        None => "Connect-AzAccount".to_owned(),
    }
}

/// What follows the mark on the first line that begins with it.
fn marked<'a>(stdout: &'a [u8], mark: &str) -> Option<&'a str> {
    let lines = stdout.split(|byte| *byte == b'\n').filter_map(|line| str::from_utf8(line).ok());
    lines.filter_map(|line| line.trim().strip_prefix(mark)).next()
}

/// Since Az.Accounts 5 the token is a `SecureString`.
fn script(resource: &str, tenant: Option<&str>) -> String {
    let tenant = tenant.map(|tenant| format!("; TenantId = '{tenant}'")).unwrap_or_default();
    format!(
        "$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$WarningPreference = 'SilentlyContinue'
$module = Import-Module Az.Accounts -MinimumVersion 2.2.0 -PassThru -ErrorAction SilentlyContinue
if (-not $module) {{ Write-Output '{ERROR_MARK}{NO_MODULE}'; exit 1 }}
try {{
    $asked = @{{ ResourceUrl = '{resource}'{tenant} }}
    $given = Get-AzAccessToken @asked
    $text = $given.Token
    if ($text -is [System.Security.SecureString]) {{
        $text = [System.Net.NetworkCredential]::new('', $text).Password
    }}
    Write-Output \"{TOKEN_MARK}$text%$($given.ExpiresOn.ToUnixTimeSeconds())\"
}} catch {{
    Write-Output \"{ERROR_MARK}$(($_.Exception.Message -split '\\r?\\n')[0])\"
    exit 1
}}
"
    )
}
