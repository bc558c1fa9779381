//! Cloud Shell: the token is that of the person who opened the shell, so no
//! other identity can be asked for.

use reqwest::Url;

use super::Host;
use super::answer::Refusal;
use super::request::Ask;
use crate::AuthError;

pub(super) const NAME: &str = "managed identity of Cloud Shell";

#[derive(Debug)]
pub(super) struct CloudShell {
    pub(super) endpoint: Url,
}

impl Host for CloudShell {
    fn name(&self) -> &'static str {
        NAME
    }

    fn ask<'a>(&'a self, resource: &'a str) -> Result<Ask<'a>, AuthError> {
        Ok(Ask::post(&self.endpoint, ("resource", resource)).metadata())
    }

    fn explain(&self, refusal: Refusal) -> AuthError {
        let kind = refusal.kind();
        refusal.into_error(NAME, kind).with_hint(
            "the shell knows only some audiences; `az login` in the shell, and the Azure CLI \
             credential, give tokens for others",
        )
    }
}
