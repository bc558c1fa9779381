//! App Service, Functions, Container Apps and Automation: an endpoint of the
//! sandbox, guarded by a header that only the app's processes know.

use std::fmt;

use reqwest::Url;
use secrecy::SecretString;

use super::Host;
use super::answer::Refusal;
use super::request::{Ask, Identity};
use crate::AuthError;

pub(super) const NAME: &str = "managed identity of App Service";

pub(super) struct AppService {
    pub(super) endpoint: Url,
    pub(super) header: SecretString,
    pub(super) identity: Identity,
}

impl Host for AppService {
    fn name(&self) -> &'static str {
        NAME
    }

    fn ask<'a>(&'a self, resource: &'a str) -> Result<Ask<'a>, AuthError> {
        let mut parameters = vec![("api-version", "2019-08-01"), ("resource", resource)];
        parameters.extend(self.identity.parameter("mi_res_id"));
        // Automation wants the header of the metadata services as well.
        let ask = Ask::get(&self.endpoint, &parameters).metadata();
        ask.secret(NAME, "x-identity-header", self.header.clone())
    }

    fn explain(&self, refusal: Refusal) -> AuthError {
        let hint = match refusal.status.as_u16() {
            400 => {
                "assign the identity to the app (`az webapp identity assign`, `az functionapp identity \
                 assign` or `az containerapp identity assign`), check the id that was given for it, \
                 and check the scope"
            }
            401 | 403 => {
                "IDENTITY_HEADER is not the one of this sandbox; it changes when the app restarts, so \
                 read it where the app runs and do not keep it"
            }
            500 => {
                "check the scope, as a wrong one may be answered so; restart the app if this lasts"
            }
            _ => "restart the app if this lasts",
        };
        let kind = refusal.kind();
        refusal.into_error(NAME, kind).with_hint(hint)
    }
}

impl fmt::Debug for AppService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppService").field("identity", &self.identity).finish_non_exhaustive()
    }
}
