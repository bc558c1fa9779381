//! What has to be done so that somebody may use the application. It must not
//! change anything.

use std::fmt;

use progenitor_client::Error;
use twinkit_auth::TokenClaims;

use super::principal::{OBJECT_ID_CURE, all_users, id_and_roles};
use super::{Onboarding, OnboardingReport, Principal, Who, apply};
use crate::roles::{all_shown, same};
use crate::types::RoleAssignment;
use crate::{Client, UserId};

/// What an onboarding will do, made by [`Onboarding::plan`]. `Display` tells it
/// in one line.
#[must_use = "nothing is changed until `apply` is awaited"]
#[derive(Clone)]
pub struct OnboardingPlan<'a> {
    pub(super) client: &'a Client,
    pub(super) principal: Principal,
    pub(super) user_id: UserId,
    pub(super) roles: Vec<RoleAssignment>,
    pub(super) change: PlannedChange,
}

/// What is to be done to the user.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum PlannedChange {
    /// There is no such user yet.
    Create,
    /// The user is there with other roles.
    Update {
        /// The roles it has now.
        present: Vec<RoleAssignment>,
    },
    /// The user is there with these roles.
    Nothing,
}

pub(super) async fn make(onboarding: Onboarding<'_>) -> Result<OnboardingPlan<'_>, Error> {
    let Onboarding { client, who, grants, user_id, client_id, credential } = onboarding;
    let chosen = user_id.transpose()?;
    let principal = match who {
        Who::Known(principal) => {
            let principal = principal?;
            if let Some(credential) = credential
                && let Some(claims) = client.claims_of(&credential).await?
            {
                compare(&principal, &claims)?;
            }
            principal
        }
        Who::OwnerOf(credential) => {
            let claims = client.claims_of(&credential).await?.ok_or_else(|| {
                let message = "the credential's token is opaque: it does not tell whose it is";
                Error::InvalidRequest(message.to_owned()).with_hint(OBJECT_ID_CURE)
            })?;
            Principal::of_token(&claims)?
        }
    };
    if let (Some(client_id), Some(object_id)) = (client_id, principal.object_id())
        && client_id.trim().eq_ignore_ascii_case(object_id)
    {
        return Err(is_client_id(object_id));
    }
    let roles = client.resolve_roles(&grants).await?;
    let (user_id, change) = compare_users(client, &principal, chosen, &roles).await?;
    Ok(OnboardingPlan { client, principal, user_id, roles, change })
}

/// Whether the token is the principal's.
#[inline]
fn compare(principal: &Principal, claims: &TokenClaims) -> Result<(), Error> {
    let Principal::ServicePrincipal { tenant_id, object_id } = principal else { return Ok(()) };
    let other = |claim: Option<&str>, given: &str| {
        claim.filter(|claim| !claim.eq_ignore_ascii_case(given)).map(str::to_owned)
    };
    let Some(owner) = other(claims.object_id(), object_id) else {
        return match other(claims.tenant_id(), tenant_id) {
            Some(tenant) => Err(Error::InvalidRequest(format!(
                "the tenant id given is {tenant_id}, but the credential's token is of tenant \
                 {tenant}"
            ))
            .with_hint("give the tenant in which the program signs in")),
            None => Ok(()),
        };
    };
    if claims.client_id().is_some_and(|id| id.eq_ignore_ascii_case(object_id)) {
        return Err(is_client_id(object_id)
            .with_hint(format!("give {owner}, the object id in the credential's token")));
    }
    Err(Error::InvalidRequest(format!(
        "the object id given is {object_id}, but the credential's token is of object id {owner}"
    ))
    .with_hint(format!(
        "give {owner} if the program signs in with that credential; the id given may be the \
         object id of its app registration"
    )))
}

fn is_client_id(id: &str) -> Error {
    let message = format!("{id} is the application (client) id, not an object id");
    Error::InvalidRequest(message).with_hint(OBJECT_ID_CURE)
}

async fn compare_users(
    client: &Client,
    principal: &Principal,
    chosen: Option<UserId>,
    roles: &[RoleAssignment],
) -> Result<(UserId, PlannedChange), Error> {
    let users = all_users(client).await?;
    if let Some(user) = users.iter().find(|user| principal.is(user)) {
        let (id, present) = id_and_roles(user);
        let change = match same(&present, roles) {
            true => PlannedChange::Nothing,
            false => PlannedChange::Update { present },
        };
        // A user that is listed without its id can only be met at the one that
        // would have been given to it.
        let id = id.or(chosen.map(String::from)).unwrap_or_else(|| principal.default_user_id());
        return Ok((UserId::new(id)?, change));
    }
    let id = chosen.map_or_else(|| UserId::new(principal.default_user_id()), Ok)?;
    let taken = users.iter().any(|user| id_and_roles(user).0.as_deref() == Some(id.as_str()));
    if taken {
        // To put a user there would replace whoever has the id.
        let message = format!("the user id {id} belongs to another user of the application");
        return Err(Error::InvalidRequest(message).with_hint("choose another one with user_id"));
    }
    Ok((id, PlannedChange::Create))
}

impl OnboardingPlan<'_> {
    /// Who is let in.
    #[must_use]
    pub fn principal(&self) -> &Principal {
        &self.principal
    }

    /// The id of the user, found or to be made.
    #[must_use]
    pub fn user_id(&self) -> &UserId {
        &self.user_id
    }

    /// The roles that the user will have, by id.
    #[must_use]
    pub fn roles(&self) -> &[RoleAssignment] {
        &self.roles
    }

    /// What is to be done.
    #[must_use]
    pub fn change(&self) -> &PlannedChange {
        &self.change
    }

    /// Whether nothing is left to do.
    #[must_use]
    pub fn is_done(&self) -> bool {
        matches!(self.change, PlannedChange::Nothing)
    }

    /// Does it, and reads the user back to see that it is done.
    ///
    /// # Errors
    /// What the calls say; [`ErrorKind::OperationFailed`](crate::ErrorKind::OperationFailed)
    /// if the user that is read back is another, or has other roles.
    pub async fn apply(self) -> Result<OnboardingReport, Error> {
        Box::pin(apply::apply(self)).await
    }
}

impl fmt::Display for OnboardingPlan<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { principal, user_id, roles, change, .. } = self;
        let roles = all_shown(roles);
        match change {
            PlannedChange::Create => {
                write!(f, "create user {user_id} for {principal} with {roles}")
            }
            PlannedChange::Update { present } => {
                let present = all_shown(present);
                write!(f, "change user {user_id} ({principal}) from {present} to {roles}")
            }
            PlannedChange::Nothing => {
                write!(f, "user {user_id} ({principal}) has {roles} already; nothing to do")
            }
        }
    }
}

impl fmt::Debug for OnboardingPlan<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnboardingPlan")
            .field("principal", &self.principal)
            .field("user_id", &self.user_id)
            .field("roles", &self.roles)
            .field("change", &self.change)
            .finish_non_exhaustive()
    }
}
