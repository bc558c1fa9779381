//! Client credentials with a certificate: an application that acts for itself
//! and proves who it is by a JWT signed with its private key (RFC 7523 section
//! 2.2).

use super::builder::EntraBuilder;
use super::certificate::{CertificateAssertion, ClientCertificate};
use super::client_credentials;
use crate::{AuthError, Credential};

const NAME: &str = "client certificate";

/// The settings of a credential by certificate.
pub type ClientCertificateBuilder = EntraBuilder<ClientCertificate>;

impl Credential {
    /// An application of Entra ID with a certificate. `tenant` is the tenant's
    /// id or a verified domain, `client_id` the application's id. Finish with
    /// [`build`](EntraBuilder::<ClientCertificate>::build).
    ///
    /// In the portal: App registrations, the application, Certificates &
    /// secrets, Certificates, Upload certificate; upload the certificate without
    /// its key. By command: `az ad app credential reset --id APP --cert
    /// @certificate.pem --append`. The application's service principal still
    /// needs a role on the resource, for Digital Twins `Azure Digital Twins
    /// Data Owner` or `... Data Reader`.
    ///
    /// ```no_run
    /// # fn example() -> Result<(), twinkit_auth::AuthError> {
    /// use twinkit_auth::{ClientCertificate, Credential};
    ///
    /// let certificate = ClientCertificate::from_file("/run/secrets/app.pfx").with_password("...");
    /// let credential =
    ///     Credential::client_certificate("contoso.com", "client-id", certificate).build()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn client_certificate(
        tenant: impl Into<String>,
        client_id: impl Into<String>,
        certificate: ClientCertificate,
    ) -> ClientCertificateBuilder {
        EntraBuilder::new(certificate, tenant.into(), client_id.into())
    }
}

impl EntraBuilder<ClientCertificate> {
    /// Reads the certificate, checks the settings and makes the credential.
    /// Nothing is sent yet.
    ///
    /// # Errors
    /// [`AuthErrorKind::Config`](crate::AuthErrorKind::Config) names the setting
    /// that is wrong, or what is wrong with the certificate.
    pub fn build(self) -> Result<Credential, AuthError> {
        let assertion = CertificateAssertion::new(NAME, self.way)?;
        client_credentials::credential(NAME, &self.settings, assertion)
    }
}
