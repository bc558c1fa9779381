//! Taking somebody's access back: the user, and the API tokens that the caller
//! says are theirs. A token of this platform has no owner, so nothing here
//! guesses one: tokens with the same roles are shown as candidates and left
//! alone.

use std::fmt;

use progenitor_client::Error;

use super::principal::{all_users, id_and_roles};
use super::{OffboardingReport, Principal, take_away};
use crate::kinds::User;
use crate::roles::{all_shown, is_administrator, same};
use crate::types::ApiToken;
use crate::{Client, UserId};

impl Client {
    /// Takes a service principal's access back; the ids are those of
    /// [`onboard_service_principal`](Self::onboard_service_principal). The user
    /// is found under any user id.
    ///
    /// ```no_run
    /// # async fn f(client: twinkit_iot_central::Client) -> Result<(), twinkit_iot_central::Error> {
    /// let tenant = "11111111-2222-3333-4444-555555555555";
    /// let object = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee";
    /// let plan = client.offboard_service_principal(tenant, object).token("pump-job").plan().await?;
    /// println!("{plan}");
    /// for token in plan.candidates() {
    ///     println!("not revoked, same roles: {:?}", token.id);
    /// }
    /// println!("{}", plan.apply().await?);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// API tokens have no owner on this platform: whoever has the text may call.
    /// Those that the principal used must be named, or chosen by a predicate;
    /// the plan lists others with the same roles as candidates.
    pub fn offboard_service_principal(&self, tenant_id: &str, object_id: &str) -> Offboarding<'_> {
        Offboarding::new(self, Principal::service_principal(tenant_id, object_id).map(Whom::Owner))
    }

    /// Takes the access of an Entra group back.
    pub fn offboard_group(&self, tenant_id: &str, object_id: &str) -> Offboarding<'_> {
        Offboarding::new(self, Principal::group(tenant_id, object_id).map(Whom::Owner))
    }

    /// Takes a person's access back.
    pub fn offboard_email(&self, address: &str) -> Offboarding<'_> {
        Offboarding::new(self, Principal::email(address).map(Whom::Owner))
    }

    /// Takes the access of the user with that id back, of whatever kind it is.
    pub fn offboard_user(&self, user_id: impl Into<String>) -> Offboarding<'_> {
        Offboarding::new(self, UserId::new(user_id).map(Whom::Id).map_err(Error::from))
    }
}

enum Whom {
    Owner(Principal),
    Id(UserId),
}

type Choice<'a> = Box<dyn Fn(&ApiToken) -> bool + Send + Sync + 'a>;

/// Somebody whose access ends, to be started by [`plan`](Self::plan) or
/// [`apply`](Self::apply).
#[must_use = "nothing is asked until `plan` or `apply` is awaited"]
pub struct Offboarding<'a> {
    client: &'a Client,
    whom: Result<Whom, Error>,
    tokens: Vec<String>,
    choices: Vec<Choice<'a>>,
}

impl<'a> Offboarding<'a> {
    fn new(client: &'a Client, whom: Result<Whom, Error>) -> Self {
        Self { client, whom, tokens: Vec::new(), choices: Vec::new() }
    }

    /// Revokes the API token with this id, too. One that does not exist is an
    /// error of the plan.
    pub fn token(mut self, id: impl Into<String>) -> Self {
        self.tokens.push(id.into());
        self
    }

    /// Revokes several API tokens, too.
    pub fn tokens(mut self, ids: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.tokens.extend(ids.into_iter().map(Into::into));
        self
    }

    /// Revokes the API tokens that fit, too.
    pub fn tokens_where(mut self, fits: impl Fn(&ApiToken) -> bool + Send + Sync + 'a) -> Self {
        self.choices.push(Box::new(fits));
        self
    }

    /// Looks what there is. Changes nothing.
    ///
    /// # Errors
    /// Ids of another shape, before anything is sent; a token that was named and
    /// does not exist; what the look-ups say. That there is no such user is no
    /// error: the plan then holds none.
    pub async fn plan(self) -> Result<OffboardingPlan<'a>, Error> {
        Box::pin(make(self)).await
    }

    /// [`plan`](Self::plan), and applies it.
    ///
    /// # Errors
    /// Those of [`plan`](Self::plan) and [`OffboardingPlan::apply`].
    pub async fn apply(self) -> Result<OffboardingReport, Error> {
        self.plan().await?.apply().await
    }
}

/// What an offboarding will take away, made by [`Offboarding::plan`].
/// `Display` tells it in one line.
#[must_use = "nothing is changed until `apply` is awaited"]
#[derive(Clone)]
pub struct OffboardingPlan<'a> {
    pub(super) client: &'a Client,
    pub(super) users: Vec<User>,
    tokens: Vec<ApiToken>,
    candidates: Vec<ApiToken>,
    /// The token that calls, if it is to be revoked.
    pub(super) own: Option<ApiToken>,
    takes_last_administrator: bool,
}

async fn make(offboarding: Offboarding<'_>) -> Result<OffboardingPlan<'_>, Error> {
    let Offboarding { client, whom, tokens: named, choices } = offboarding;
    let whom = whom?;
    let leaves = |user: &User| match &whom {
        Whom::Owner(principal) => principal.is(user),
        Whom::Id(id) => id_and_roles(user).0.as_deref() == Some(id.as_str()),
    };
    let (users, others): (Vec<User>, Vec<User>) =
        all_users(client).await?.into_iter().partition(leaves);
    let is_chosen = |token: &ApiToken| {
        token.id.as_ref().is_some_and(|id| named.contains(id))
            || choices.iter().any(|fits| fits(token))
    };
    let all = client.list_api_tokens().items().into_vec().await?;
    let (mut tokens, rest): (Vec<ApiToken>, Vec<ApiToken>) = all.into_iter().partition(is_chosen);
    let missing = |id: &&String| !tokens.iter().any(|token| token.id.as_ref() == Some(*id));
    if let Some(id) = named.iter().find(missing) {
        let message = format!("the application has no API token with the id {id:?}");
        return Err(Error::InvalidRequest(message)
            .with_hint("list_api_tokens shows those there are; leave out what is gone already"));
    }
    let with_same_roles =
        |token: &ApiToken| users.iter().any(|user| same(&id_and_roles(user).1, &token.roles));
    let candidates = rest.into_iter().filter(with_same_roles).collect();
    let administers = |user: &User| is_administrator(&id_and_roles(user).1);
    let takes_last_administrator = users.iter().any(administers) && !others.iter().any(administers);
    let calls = client.inner.credential_id();
    let is_own = |token: &ApiToken| calls.is_some() && token.id.as_deref() == calls;
    tokens.sort_by_key(is_own);
    let own = tokens.last().filter(|token| is_own(token)).cloned();
    Ok(OffboardingPlan { client, users, tokens, candidates, own, takes_last_administrator })
}

impl OffboardingPlan<'_> {
    /// The users that will be deleted, with their roles: one, or none if there
    /// is no such user.
    #[must_use]
    pub fn users(&self) -> &[User] {
        &self.users
    }

    /// The API tokens that will be revoked.
    #[must_use]
    pub fn tokens(&self) -> &[ApiToken] {
        &self.tokens
    }

    /// The API token with which the client calls, if it is among those to be
    /// revoked: it is the last of all to go, after the user.
    #[must_use]
    pub fn own_token(&self) -> Option<&ApiToken> {
        self.own.as_ref()
    }

    /// The tokens that go before the user does.
    pub(super) fn first_tokens(&self) -> impl Iterator<Item = &ApiToken> {
        let own = usize::from(self.own.is_some());
        self.tokens.iter().take(self.tokens.len().saturating_sub(own))
    }

    /// API tokens with just the roles of the user that were not chosen. They may
    /// be the principal's or anybody's, and stay.
    #[must_use]
    pub fn candidates(&self) -> &[ApiToken] {
        &self.candidates
    }

    /// Whether no other user is an administrator of the application. The portal
    /// does not let the last one go.
    #[must_use]
    pub fn takes_last_administrator(&self) -> bool {
        self.takes_last_administrator
    }

    /// Whether nothing is left to do.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.users.is_empty() && self.tokens.is_empty()
    }

    /// Revokes the tokens, then deletes the user; the token that calls goes last,
    /// since nothing can be done after it. What is gone already is fine.
    /// May be repeated with a new plan after a failure.
    ///
    /// # Errors
    /// What a call says; the hint then tells what was done before it.
    pub async fn apply(self) -> Result<OffboardingReport, Error> {
        Box::pin(take_away::apply(self)).await
    }
}

impl fmt::Display for OffboardingPlan<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unnamed = || "without id".to_owned();
        let users = self.users.iter().map(|user| {
            let (id, roles) = id_and_roles(user);
            format!("delete user {} ({})", id.unwrap_or_else(unnamed), all_shown(&roles))
        });
        let revoke = |token: &ApiToken| {
            let id = token.id.clone().unwrap_or_else(unnamed);
            format!("revoke API token {id} ({})", all_shown(&token.roles))
        };
        let own = self.own.iter().map(|token| format!("{}, which calls", revoke(token)));
        let steps: Vec<String> = self.first_tokens().map(revoke).chain(users).chain(own).collect();
        f.write_str(if steps.is_empty() { "nothing to do" } else { "" })?;
        f.write_str(&steps.join("; "))
    }
}

impl fmt::Debug for Offboarding<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Offboarding").field("tokens", &self.tokens).finish_non_exhaustive()
    }
}

impl fmt::Debug for OffboardingPlan<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OffboardingPlan")
            .field("users", &self.users)
            .field("tokens", &self.tokens)
            .field("candidates", &self.candidates)
            .finish_non_exhaustive()
    }
}
