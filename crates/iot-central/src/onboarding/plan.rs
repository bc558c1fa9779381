//! What has to be done so that somebody may use the application. It must not
//! change anything.

use std::fmt;

use progenitor_client::Error;

use super::principal::{OBJECT_ID_CURE, all_users, id_and_roles};
use super::{Onboarding, OnboardingReport, Principal, Who, apply, check};
use crate::kinds::User;
use crate::roles::{all_shown, is_administrator, same};
use crate::types::RoleAssignment;
use crate::{Client, UserId, caller};

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
    pub(super) changes_caller: bool,
    takes_last_administrator: bool,
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
    let Onboarding { client, who, grants, user_id, client_id, credential, other_tenant } =
        onboarding;
    let chosen = user_id.transpose()?;
    let client_id = client_id.transpose()?;
    let principal = match who {
        Who::Known(principal) => {
            let principal = principal?;
            check::own_ids(&principal)?;
            if let Some(credential) = credential
                && let Some(claims) = client.claims_of(&credential).await?
            {
                check::against_own_token(&principal, &claims)?;
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
        && client_id.eq_ignore_ascii_case(object_id)
    {
        return Err(check::is_client_id(object_id));
    }
    let caller = client.inner.caller_claims().await?;
    if let (Some(caller), true) = (&caller, principal.object_id().is_some()) {
        check::against_caller(&principal, caller, other_tenant)?;
    }
    let roles = client.resolve_roles(&grants).await?;
    let users = all_users(client).await?;
    let (user_id, change) = compare_users(&users, &principal, chosen, &roles)?;
    let (mut changes_caller, mut takes_last_administrator) = (false, false);
    if matches!(change, PlannedChange::Update { .. }) {
        let administers = |user: &&User| is_administrator(&id_and_roles(user).1);
        let mut administrators = users.iter().filter(administers);
        takes_last_administrator = !is_administrator(&roles)
            && administrators.next().is_some_and(|user| principal.is(user))
            && administrators.next().is_none();
        let is_caller =
            |user: &User| caller.as_ref().is_some_and(|caller| caller::is(caller, user));
        changes_caller = users.iter().any(|user| principal.is(user) && is_caller(user));
    }
    let plan = OnboardingPlan {
        client,
        principal,
        user_id,
        roles,
        change,
        changes_caller,
        takes_last_administrator,
    };
    Ok(plan)
}

fn compare_users(
    users: &[User],
    principal: &Principal,
    chosen: Option<UserId>,
    roles: &[RoleAssignment],
) -> Result<(UserId, PlannedChange), Error> {
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
    let taken: Vec<String> = users.iter().filter_map(|user| id_and_roles(user).0).collect();
    let Some(id) = chosen else {
        return Ok((
            UserId::new(free_id(&principal.default_user_id(), &taken))?,
            PlannedChange::Create,
        ));
    };
    if taken.iter().any(|taken| taken.eq_ignore_ascii_case(id.as_str())) {
        // To put a user there would replace whoever has the id; as of the default
        // one, case may not matter.
        let message = format!("the user id {id} belongs to another user of the application");
        return Err(Error::InvalidRequest(message).with_hint("choose another one with user_id"));
    }
    Ok((id, PlannedChange::Create))
}

/// The default user id, or with the first counter that is free: several mail
/// addresses may come to the same one. Whether the service minds case is not
/// documented, so an id that differs by that alone is taken, too.
fn free_id(wanted: &str, taken: &[String]) -> String {
    let mut id = wanted.to_owned();
    let mut counter = 1_u32;
    while taken.iter().any(|taken| taken.eq_ignore_ascii_case(&id)) {
        counter += 1;
        let suffix = format!("-{counter}");
        let base = wanted.chars().take(UserId::MAX_CHARS.saturating_sub(suffix.len()));
        id = base.chain(suffix.chars()).collect();
    }
    id
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

    /// Whether the roles of the caller itself are changed: what the new ones do
    /// not permit, it can neither check nor take back. Known of callers whose
    /// token tells who they are.
    #[must_use]
    pub fn changes_caller(&self) -> bool {
        self.changes_caller
    }

    /// Whether no user would be an administrator of the application any more. The
    /// portal does not let the last one go.
    #[must_use]
    pub fn takes_last_administrator(&self) -> bool {
        self.takes_last_administrator
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
    /// if the user that is read back is another, or has other roles. If only
    /// reading it back failed, the hint says that the change was made.
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
                write!(f, "change user {user_id} ({principal}) from {present} to {roles}")?;
                f.write_str(if self.changes_caller { ": the caller's own roles" } else { "" })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_default_id_that_is_taken_gets_a_counter() {
        let taken = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
        assert_eq!(free_id("a-b", &taken(&["a"])), "a-b");
        assert_eq!(free_id("a-b", &taken(&["A-B", "a-b-2"])), "a-b-3");
        let long = "x".repeat(48);
        let free = free_id(&long, std::slice::from_ref(&long));
        assert_eq!((free.len(), free.ends_with("x-2")), (48, true));
    }
}
