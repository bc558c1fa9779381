//! Carrying out an offboarding plan, in the order in which it is told. It must not
//! decide what is taken away.

use std::fmt;

use progenitor_client::Error;

use super::OffboardingPlan;
use super::principal::id_and_roles;
use crate::Client;
use crate::types::ApiToken;

/// What an offboarding took away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct OffboardingReport {
    /// Ids of the API tokens that were revoked.
    pub revoked_tokens: Vec<String>,
    /// Ids of the users that were deleted.
    pub deleted_users: Vec<String>,
    /// Ids of what somebody else took away in the meantime.
    pub gone_already: Vec<String>,
}

pub(super) async fn apply(plan: OffboardingPlan<'_>) -> Result<OffboardingReport, Error> {
    let client = plan.client;
    let mut report = OffboardingReport::default();
    for token in plan.first_tokens() {
        revoke(client, token, &mut report).await?;
    }
    for user in &plan.users {
        let id = id_and_roles(user).0.ok_or_else(|| {
            let message = "the service listed the user without its id";
            Error::operation_failed(None, message).in_operation("list_users")
        });
        let id = id.map_err(|error| stopped(error, &report))?;
        match client.delete_user().user_id(&id).send().await {
            Ok(_) => report.deleted_users.push(id),
            Err(error) if error.is_not_found() => report.gone_already.push(id),
            Err(error) => return Err(stopped(error, &report)),
        }
    }
    if let Some(own) = &plan.own {
        revoke(client, own, &mut report).await?;
    }
    Ok(report)
}

async fn revoke(
    client: &Client,
    token: &ApiToken,
    report: &mut OffboardingReport,
) -> Result<(), Error> {
    let Some(id) = token.id.clone() else { return Ok(()) };
    match client.revoke_api_token(id.as_str()).await {
        Ok(true) => report.revoked_tokens.push(id),
        Ok(false) => report.gone_already.push(id),
        Err(error) => return Err(stopped(error, report)),
    }
    Ok(())
}

/// The failure, with what was done before it.
fn stopped(error: Error, report: &OffboardingReport) -> Error {
    if *report == OffboardingReport::default() {
        return error;
    }
    let hint = error.hint().map_or_else(String::new, |hint| format!("; {hint}"));
    error.with_hint(format!("done before: {report}{hint}"))
}

impl fmt::Display for OffboardingReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lists = [
            ("revoked API tokens", &self.revoked_tokens),
            ("deleted users", &self.deleted_users),
            ("gone already", &self.gone_already),
        ];
        let told = lists.iter().filter(|(_, ids)| !ids.is_empty());
        let told: Vec<String> =
            told.map(|(what, ids)| format!("{what}: {}", ids.join(", "))).collect();
        f.write_str(if told.is_empty() { "nothing was there" } else { "" })?;
        f.write_str(&told.join("; "))
    }
}
