//! Azure Machine Learning's compute, and App Service's older protocol, which is
//! the same: the secret is in a header called `secret`, and a user-assigned
//! identity can be named by its client id only.

use std::fmt;

use reqwest::{Client, Url};
use secrecy::SecretString;

use super::request::{Ask, Reply};
use super::{Host, not_reached};
use crate::oauth::{Exchange, retry};
use crate::{AccessToken, AuthError, BoxFuture};

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

    fn policy(&self) -> &'static retry::Policy {
        &retry::TOKEN_ENDPOINT
    }

    fn attempt<'a>(
        &'a self,
        http: &'a Client,
        resource: &'a str,
        exchange: Exchange<'a>,
    ) -> BoxFuture<'a, Result<AccessToken, AuthError>> {
        Box::pin(async move {
            let mut parameters = vec![("api-version", "2017-09-01"), ("resource", resource)];
            parameters.extend(self.client_id.as_deref().map(|id| ("clientid", id)));
            let ask = Ask::get(&self.endpoint, &parameters).secret(
                NAME,
                "secret",
                self.secret.clone(),
            )?;
            match ask.send(http, exchange).await? {
                Reply::Token(token) => Ok(token),
                Reply::Unreachable(error) => Err(not_reached(error)),
                Reply::Refused(refusal) => {
                    let kind = refusal.kind();
                    Err(refusal.into_error(NAME, kind).with_hint(
                        "assign the identity to the compute (`az ml compute update \
                         --identity-type`), and check the client id that was given for it",
                    ))
                }
            }
        })
    }
}

impl fmt::Debug for AzureMl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AzureMl").field("client_id", &self.client_id).finish_non_exhaustive()
    }
}
