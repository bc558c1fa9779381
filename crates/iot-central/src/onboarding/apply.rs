//! Carrying out an onboarding plan. It must not decide what is done.

use std::fmt;
use std::time::Duration;

use progenitor_client::{Error, ErrorKind, Json, Progress, ResponseValue, Waiter};
use serde_json::{Map, Value, json};

use super::principal::id_and_roles;
use super::{OnboardingPlan, PlannedChange, Principal};
use crate::kinds::User;
use crate::roles::{all_shown, same};
use crate::types::RoleAssignment;
use crate::{Client, Method, OPERATIONS, StatusCode, UserId};

/// How long a user that was written may take to be read back. The platform
/// promises nothing; ours.
const READ_BACK: Duration = Duration::from_secs(20);

/// What was done to the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnboardingChange {
    /// It was made.
    Created,
    /// Its roles were replaced.
    Updated,
    /// It was as it should be.
    Unchanged,
}

/// What an onboarding did. `Display` tells it in one line.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct OnboardingReport {
    /// What was done.
    pub change: OnboardingChange,
    /// Who was let in.
    pub principal: Principal,
    /// The user's id.
    pub user_id: UserId,
    /// The user, as it was read back.
    pub user: User,
    /// The roles that it has.
    pub roles: Vec<RoleAssignment>,
}

pub(super) async fn apply(plan: OnboardingPlan<'_>) -> Result<OnboardingReport, Error> {
    let OnboardingPlan { client, principal, user_id, roles, change, changes_caller, .. } = plan;
    let change = match change {
        PlannedChange::Create => {
            let user = principal.to_user(roles.clone());
            client.create_user().user_id(&user_id).body(user).send().await?;
            OnboardingChange::Created
        }
        PlannedChange::Update { .. } => {
            replace_roles(client, &user_id, &roles).await?;
            OnboardingChange::Updated
        }
        PlannedChange::Nothing => OnboardingChange::Unchanged,
    };
    let read = read_back(client, &principal, &user_id, &roles).await;
    let user = read.map_err(|error| match change {
        OnboardingChange::Unchanged => error,
        _ => made_all_the_same(error, &user_id, &roles, changes_caller),
    })?;
    Ok(OnboardingReport { change, principal, user_id, user, roles })
}

/// Replaces the roles, which go as a whole. An assignment that stays goes back
/// as it came, with whatever members it has beside those known here.
async fn replace_roles(
    client: &Client,
    user_id: &UserId,
    roles: &[RoleAssignment],
) -> Result<(), Error> {
    let path = format!("/api/users/{}", progenitor_client::PathSegment(user_id.as_str()));
    let get = client.inner.request(Method::GET, &path);
    let stored = get.operation(OPERATIONS, "get_user").json::<Json>().await?;
    let stored: Map<String, Value> = stored.parse()?;
    let kept = stored.get("roles").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let body: Vec<Value> = roles.iter().map(|role| as_stored(role, kept)).collect();
    let patch = client.inner.request(Method::PATCH, &path);
    let patch = patch.operation(OPERATIONS, "update_user").json_body(&json!({ "roles": body }));
    patch.send().await?;
    Ok(())
}

#[inline]
fn as_stored(role: &RoleAssignment, stored: &[Value]) -> Value {
    let text =
        |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let is_same = |value: &&Value| {
        text(value, "role").is_some_and(|id| id.eq_ignore_ascii_case(&role.role))
            && text(value, "organization") == role.organization
    };
    if let Some(stored) = stored.iter().find(is_same) {
        return stored.clone();
    }
    let mut made = Map::new();
    made.insert("role".to_owned(), role.role.as_str().into());
    if let Some(organization) = &role.organization {
        made.insert("organization".to_owned(), organization.as_str().into());
    }
    Value::Object(made)
}

/// The user as the service has it now. What was written may show a little later.
async fn read_back(
    client: &Client,
    principal: &Principal,
    user_id: &UserId,
    roles: &[RoleAssignment],
) -> Result<User, Error> {
    let waiter = Waiter::new()
        .every(Duration::from_millis(500), Duration::from_secs(5))
        .deadline(READ_BACK)
        .clock(client.inner.clock().clone());
    let is_done = |user: &User| principal.is(user) && same(&id_and_roles(user).1, roles);
    let last = std::sync::Mutex::new(None);
    let look = || async {
        match client.get_user().user_id(user_id).send().await {
            Ok(user) => Ok(user.map(Some)),
            Err(error) if error.is_not_found() => {
                Ok(ResponseValue::new(None, StatusCode::NOT_FOUND, Default::default()))
            }
            Err(error) => Err(error),
        }
    };
    let judge = |user: &Option<User>| match user {
        Some(user) if is_done(user) => Progress::Succeeded,
        seen => {
            if let Ok(mut last) = last.lock() {
                last.clone_from(seen);
            }
            Progress::Running
        }
    };
    let waited = waiter.until_ended(look, judge).await;
    match waited.map(|(_, user)| user.into_inner()) {
        Ok(Some(user)) => Ok(user),
        Err(error) if !error.is_timeout() => Err(error),
        _ => {
            let seen = last.into_inner().ok().flatten();
            Err(not_as_written(principal, user_id, roles, seen.as_ref()))
        }
    }
}

/// The failure to read the user back, which leaves no doubt that it was written.
#[inline]
fn made_all_the_same(
    error: Error,
    user_id: &UserId,
    roles: &[RoleAssignment],
    changes_caller: bool,
) -> Error {
    // What was read and is another tells by itself.
    if error.kind() == ErrorKind::OperationFailed {
        return error;
    }
    let roles = all_shown(roles);
    let made = format!("the change was made: user {user_id} was given {roles}");
    let hint = match error.hint() {
        _ if changes_caller && error.is_denied() => {
            "; it is the caller itself, who may not read users any more".to_owned()
        }
        Some(hint) => format!("; only reading it back failed: {hint}"),
        None => "; only reading it back failed".to_owned(),
    };
    error.with_hint(made + &hint)
}

#[inline]
fn not_as_written(
    principal: &Principal,
    user_id: &UserId,
    roles: &[RoleAssignment],
    seen: Option<&User>,
) -> Error {
    let told = match seen {
        None => "it cannot be found".to_owned(),
        Some(user) if !principal.is(user) => format!("it is not {principal}"),
        Some(user) => format!("it has {}", all_shown(&id_and_roles(user).1)),
    };
    let message = format!("user {user_id} was written with {}, but {told}", all_shown(roles));
    Error::operation_failed(None, message)
        .in_operation("get_user")
        .with_hint("somebody else may have changed the user at the same time: plan again")
}

impl fmt::Display for OnboardingReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { principal, user_id, .. } = self;
        let roles = all_shown(&self.roles);
        match self.change {
            OnboardingChange::Created => {
                write!(f, "user {user_id} was created for {principal} with {roles}")
            }
            OnboardingChange::Updated => {
                write!(f, "user {user_id} ({principal}) was given {roles}")
            }
            OnboardingChange::Unchanged => {
                write!(f, "user {user_id} ({principal}) had {roles} already")
            }
        }
    }
}
