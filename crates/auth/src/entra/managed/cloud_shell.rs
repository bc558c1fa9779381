//! Cloud Shell: the token is that of the person who opened the shell, so no
//! other identity can be asked for.

use reqwest::{Client, Url};

use super::request::{Ask, Reply};
use super::{Host, not_reached};
use crate::oauth::{Exchange, retry};
use crate::{AccessToken, AuthError, BoxFuture};

pub(super) const NAME: &str = "managed identity of Cloud Shell";

#[derive(Debug)]
pub(super) struct CloudShell {
    pub(super) endpoint: Url,
}

impl Host for CloudShell {
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
            let ask = Ask::post(&self.endpoint, ("resource", resource)).metadata();
            match ask.send(http, exchange).await? {
                Reply::Token(token) => Ok(token),
                Reply::Unreachable(error) => Err(not_reached(error)),
                Reply::Refused(refusal) => {
                    let kind = refusal.kind();
                    Err(refusal.into_error(NAME, kind).with_hint(
                        "the shell knows only some audiences; `az login` in the shell, and the \
                         Azure CLI credential, give tokens for others",
                    ))
                }
            }
        })
    }
}
