//! Azure Machine Learning's compute, and App Service's older protocol, which is
//! the same: the secret is in a header called `secret`, and a user-assigned
//! identity can be named by its client id only.

use std::fmt;

use reqwest::Url;
use secrecy::SecretString;

use super::Host;
use super::answer::Refusal;
use super::request::Ask;
use crate::AuthError;

pub(super) const NAME: &str = "managed identity of Azure Machine Learning";

pub(super) struct AzureMl {
    pub(super) endpoint: Url,
    pub(super) secret: SecretString,
    pub(super) client_id: Option<String>,
}

impl Host for AzureMl {
    fn name(&self) -> &'static str {
        NAME
    }

    fn ask<'a>(&'a self, resource: &'a str) -> Result<Ask<'a>, AuthError> {
        let mut parameters = vec![("api-version", "2017-09-01"), ("resource", resource)];
        parameters.extend(self.client_id.as_deref().map(|id| ("clientid", id)));
        Ask::get(&self.endpoint, &parameters).secret(NAME, "secret", self.secret.clone())
    }

    fn explain(&self, refusal: Refusal) -> AuthError {
        let kind = refusal.kind();
        refusal.into_error(NAME, kind).with_hint(
            "assign the identity to the compute (`az ml compute update --identity-type`), and \
             check the client id that was given for it",
        )
    }
}

impl fmt::Debug for AzureMl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AzureMl").field("client_id", &self.client_id).finish_non_exhaustive()
    }
}
