//! What an emulator offers to those who sign in, beside its directory: foreign
//! tokens with the environments of the hosts that give them out, answers to
//! device codes, and the IMS-shaped service.

use std::{collections::BTreeMap, io, path::Path, sync::Arc};

use secrecy::{ExposeSecret as _, SecretString};

use super::{Emulator, EmulatorError, IMS};
use crate::{
    identity::{
        self, Authority, FEDERATION_AUDIENCE, GITHUB_REQUEST_TOKEN, KUBERNETES_SUBJECT,
        PIPELINES_ACCESS_TOKEN, PIPELINES_CONNECTION_ID,
    },
    ims::Ims,
};

/// Those who sign in: both identity services.
#[derive(Clone)]
pub(crate) struct SignInServices {
    pub(crate) authority: Arc<Authority>,
    pub(crate) ims: Ims,
}

impl SignInServices {
    /// The user approves the device; false if no device waits under the code or
    /// there is no such user.
    pub(crate) fn approve_device(&self, user_code: &str, user_name: &str) -> bool {
        let user = self.authority.directory.user_named(user_name);
        user.is_some_and(|user| {
            identity::settle_device_code(&self.authority, user_code, Some(&user))
        })
    }

    pub(crate) fn decline_device(&self, user_code: &str) -> bool {
        identity::settle_device_code(&self.authority, user_code, None)
    }
}

impl Emulator {
    /// Address of the IMS-shaped service, the issuer of its tokens.
    #[must_use]
    pub fn ims_url(&self) -> &str {
        self.url(IMS)
    }

    /// Applications and users of the IMS-shaped service, and the lifetime of
    /// its tokens.
    #[must_use]
    pub fn ims(&self) -> &Ims {
        &self.sign_in.ims
    }

    /// The issuer of foreign tokens, as federated credentials name it.
    #[must_use]
    pub fn foreign_issuer(&self) -> &str {
        self.sign_in.authority.foreign.issuer()
    }

    /// A token of the foreign issuer for any subject and audience. The seeded
    /// application is opened by those for [`GITHUB_SUBJECT`],
    /// [`PIPELINES_SUBJECT`] and [`KUBERNETES_SUBJECT`] with the audience
    /// [`FEDERATION_AUDIENCE`].
    ///
    /// [`GITHUB_SUBJECT`]: crate::identity::GITHUB_SUBJECT
    /// [`PIPELINES_SUBJECT`]: crate::identity::PIPELINES_SUBJECT
    ///
    /// # Errors
    /// The issuer's key cannot be made.
    pub async fn federated_token(
        &self,
        subject: &str,
        audience: &str,
    ) -> Result<SecretString, EmulatorError> {
        let token = self.sign_in.authority.foreign.token(subject, audience).await;
        token.map_err(|error| EmulatorError::Crypto(Box::new(error)))
    }

    /// Writes the token that a Kubernetes pod finds in its file, as the kubelet
    /// does again and again.
    ///
    /// # Errors
    /// The token cannot be made or the file cannot be written.
    pub async fn write_federated_token(&self, path: impl AsRef<Path>) -> io::Result<()> {
        let token = self.federated_token(KUBERNETES_SUBJECT, FEDERATION_AUDIENCE).await;
        let token = token.map_err(io::Error::other)?;
        std::fs::write(path, token.expose_secret())
    }

    /// The variables of a Kubernetes pod with workload identity whose token is
    /// in `token_file`.
    #[must_use]
    pub fn kubernetes_env(&self, token_file: impl AsRef<Path>) -> BTreeMap<String, String> {
        let file = token_file.as_ref().to_string_lossy();
        self.host_env(&[
            ("AZURE_TENANT_ID", self.tenant_id()),
            ("AZURE_CLIENT_ID", self.client_id()),
            ("AZURE_FEDERATED_TOKEN_FILE", &file),
        ])
    }

    /// The variables of a GitHub Actions job that may ask for id tokens.
    #[must_use]
    pub fn github_env(&self) -> BTreeMap<String, String> {
        let url = format!("{}/github?api-version=2.0", self.foreign_issuer());
        self.host_env(&[
            ("AZURE_TENANT_ID", self.tenant_id()),
            ("AZURE_CLIENT_ID", self.client_id()),
            ("ACTIONS_ID_TOKEN_REQUEST_URL", &url),
            ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", GITHUB_REQUEST_TOKEN),
        ])
    }

    /// The variables of an Azure Pipelines task with a service connection.
    #[must_use]
    pub fn pipelines_env(&self) -> BTreeMap<String, String> {
        let url = format!("{}/pipelines", self.foreign_issuer());
        self.host_env(&[
            ("AZURESUBSCRIPTION_TENANT_ID", self.tenant_id()),
            ("AZURESUBSCRIPTION_CLIENT_ID", self.client_id()),
            ("AZURESUBSCRIPTION_SERVICE_CONNECTION_ID", PIPELINES_CONNECTION_ID),
            ("SYSTEM_OIDCREQUESTURI", &url),
            ("SYSTEM_ACCESSTOKEN", PIPELINES_ACCESS_TOKEN),
        ])
    }

    fn host_env(&self, variables: &[(&str, &str)]) -> BTreeMap<String, String> {
        let mut env = self.ca_env();
        for (name, value) in
            [("AZURE_AUTHORITY_HOST", self.authority_url())].iter().chain(variables)
        {
            env.insert((*name).to_owned(), (*value).to_owned());
        }
        env
    }

    /// The user approves the device that waits under the code. False if none
    /// does, or if there is no such user.
    #[must_use]
    pub fn approve_device(&self, user_code: &str, user_name: &str) -> bool {
        self.sign_in.approve_device(user_code, user_name)
    }

    /// The user declines the device that waits under the code. False if none
    /// does.
    #[must_use]
    pub fn decline_device(&self, user_code: &str) -> bool {
        self.sign_in.decline_device(user_code)
    }
}
