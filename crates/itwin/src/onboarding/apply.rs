//! Carrying out an onboarding plan. It must not decide what is done.

use std::fmt;
use std::time::Duration;

use progenitor_client::{Error, Progress, Waiter};

use super::plan::shown;
use super::roles::{PlannedRole, RoleChange};
use super::{OnboardingPlan, PlannedChange};
use crate::access_control::types::{
    AddUserMember, AddUserMembers, Invitation, RoleCreate, RoleIds, RoleSummary, RoleUpdate,
    UserMember,
};
use crate::{ITwin, ITwinErrorExt as _, ITwinId};

/// How long a member that was written may take to be read back. The platform
/// promises nothing; ours.
const READ_BACK: Duration = Duration::from_secs(20);

/// What was done to the membership.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnboardingChange {
    /// A member was added.
    Added,
    /// An invitation was made, or made again.
    Invited,
    /// An invitation was accepted in the member's name.
    Accepted,
    /// The member's roles were replaced.
    RolesSet,
    /// It was as it should be.
    Unchanged,
}

/// How somebody stands to the iTwin now.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Standing {
    /// A member, as it was read back.
    Member(UserMember),
    /// Not yet: the invitation must be accepted first.
    Invited(Invitation),
}

/// What an onboarding did. `Display` tells it in one line.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct OnboardingReport {
    /// The iTwin.
    pub itwin: ITwinId,
    /// Who was let in.
    pub email: String,
    /// What was done.
    pub change: OnboardingChange,
    /// The names of the roles that were made or given permissions.
    pub changed_roles: Vec<String>,
    /// How they stand now.
    pub standing: Standing,
}

#[inline]
pub(super) async fn apply(plan: OnboardingPlan<'_>) -> Result<OnboardingReport, Error> {
    let OnboardingPlan { platform, itwin, email, credential, message, roles, change, .. } = plan;
    let changed_roles = roles
        .iter()
        .filter(|role| role.change != RoleChange::Nothing)
        .map(|role| role.name.clone())
        .collect();
    let mut role_ids = Vec::new();
    for role in roles {
        role_ids.push(settled(platform, &itwin, role).await?);
    }
    let access = platform.access_control();
    let (mut change, standing) = match change {
        PlannedChange::Nothing { member } => {
            (OnboardingChange::Unchanged, Standing::Member(member))
        }
        PlannedChange::SetRoles { member } => {
            let body = RoleIds { role_ids: role_ids.clone() };
            let put = access.update_user_member().id(&itwin).member_id(member.id.as_str());
            put.body(body).send().await?;
            (OnboardingChange::RolesSet, Standing::Member(member))
        }
        PlannedChange::AwaitAcceptance { invitation } => {
            (OnboardingChange::Unchanged, Standing::Invited(invitation))
        }
        PlannedChange::InviteAgain { invitation } => {
            let delete = access.delete_member_invitation().id(&itwin);
            match delete.invitation_id(invitation.id.as_str()).send().await {
                Err(error) if !error.is_not_found() || error.is_itwin_not_found() => {
                    return Err(error);
                }
                _ => add(platform, &itwin, &email, &role_ids, message).await?,
            }
        }
        PlannedChange::Add => add(platform, &itwin, &email, &role_ids, message).await?,
    };
    let standing = match (standing, credential) {
        (Standing::Invited(invitation), Some(credential)) => {
            let owner = platform.with_credential(credential)?;
            let accept = owner.access_control().accept_member_invitation().id(&itwin);
            accept.invitation_id(invitation.id.as_str()).send().await?;
            change = OnboardingChange::Accepted;
            Standing::Member(found(platform, &itwin, &email, &role_ids).await?)
        }
        (Standing::Member(member), _) if change != OnboardingChange::Unchanged => {
            Standing::Member(read_back(platform, &itwin, member.id.as_str(), &role_ids).await?)
        }
        (standing, _) => standing,
    };
    Ok(OnboardingReport { itwin, email, change, changed_roles, standing })
}

/// Makes or extends a role, and gives its id.
#[inline]
async fn settled(platform: &ITwin, itwin: &ITwinId, role: PlannedRole) -> Result<String, Error> {
    let PlannedRole { name, id, change } = role;
    let access = platform.access_control();
    match (change, id) {
        (RoleChange::Extend { permissions, .. }, Some(id)) => {
            let permissions = Some(permissions);
            let body = RoleUpdate { permissions, description: None, display_name: None };
            access.update_role().id(itwin).role_id(id.as_str()).body(body).send().await?;
            Ok(id)
        }
        (RoleChange::Create { description, permissions }, _) => {
            let permissions = Some(permissions);
            let body = RoleCreate { display_name: name, description, permissions };
            Ok(access.create_role().id(itwin).body(body).send().await?.into_inner().role.id)
        }
        (_, Some(id)) => Ok(id),
        (_, None) => Err(Error::InvalidRequest(format!("the role {name:?} has no id"))),
    }
}

#[inline]
async fn add(
    platform: &ITwin,
    itwin: &ITwinId,
    email: &str,
    role_ids: &[String],
    message: Option<String>,
) -> Result<(OnboardingChange, Standing), Error> {
    let member = AddUserMember { email: email.to_owned(), role_ids: role_ids.to_vec() };
    let body = AddUserMembers { custom_message: message, members: vec![member] };
    let post = platform.access_control().add_user_members().id(itwin).body(body);
    let answer = post.send().await?.into_inner();
    if let Some(member) = answer.members.into_iter().flatten().next() {
        return Ok((OnboardingChange::Added, Standing::Member(member)));
    }
    if let Some(invitation) = answer.invitations.into_iter().flatten().next() {
        return Ok((OnboardingChange::Invited, Standing::Invited(invitation)));
    }
    let message = format!("{email} was neither added to iTwin {itwin} nor invited");
    Err(Error::operation_failed(None, message)
        .in_operation("add_user_members")
        .with_hint("check that the address is known to the platform: it is that of users: get_me"))
}

/// A member by address, with these roles, after it accepted.
#[inline]
async fn found(
    platform: &ITwin,
    itwin: &ITwinId,
    email: &str,
    role_ids: &[String],
) -> Result<UserMember, Error> {
    let mut members = platform.access_control().list_user_members().id(itwin).items();
    while let Some(member) = members.next_item().await {
        let member = member?;
        if member.email.as_deref().is_some_and(|is| is.eq_ignore_ascii_case(email)) {
            return read_back(platform, itwin, &member.id, role_ids).await;
        }
    }
    let message = format!("{email} accepted the invitation to iTwin {itwin} and is no member");
    Err(Error::operation_failed(None, message).in_operation("list_user_members"))
}

/// The member as the service has it now. What was written may show a little
/// later.
#[inline]
async fn read_back(
    platform: &ITwin,
    itwin: &ITwinId,
    member_id: &str,
    role_ids: &[String],
) -> Result<UserMember, Error> {
    let waiter = Waiter::new()
        .every(Duration::from_millis(500), Duration::from_secs(5))
        .deadline(READ_BACK)
        .clock(platform.context.clock().clone());
    let last = std::sync::Mutex::new(None);
    let look = || async {
        let get = platform.access_control().get_user_member().id(itwin).member_id(member_id);
        match get.send().await {
            Ok(member) => Ok(member.map(|answer| Some(answer.member))),
            Err(error) if error.is_member_not_found() => {
                Ok(crate::Response::new(None, crate::StatusCode::NOT_FOUND, Default::default()))
            }
            Err(error) => Err(error),
        }
    };
    let judge = |member: &Option<UserMember>| match member {
        Some(member) if same(&member.roles, role_ids) => Progress::Succeeded,
        seen => {
            if let Ok(mut last) = last.lock() {
                last.clone_from(seen);
            }
            Progress::Running
        }
    };
    let waited = waiter.until_ended(look, judge).await;
    match waited.map(|(_, member)| member.into_inner()) {
        Ok(Some(member)) => Ok(member),
        Err(error) if !error.is_timeout() => Err(error),
        _ => Err(not_as_written(member_id, last.into_inner().ok().flatten().as_ref())),
    }
}

fn same(roles: &[RoleSummary], ids: &[String]) -> bool {
    roles.len() == ids.len()
        && ids.iter().all(|id| roles.iter().any(|role| role.id.eq_ignore_ascii_case(id)))
}

#[inline]
fn not_as_written(member_id: &str, seen: Option<&UserMember>) -> Error {
    let told = match seen {
        None => "it cannot be found".to_owned(),
        Some(member) => format!("it has {}", shown(&member.roles)),
    };
    let message = format!("member {member_id} was written with other roles than are there: {told}");
    Error::operation_failed(None, message)
        .in_operation("get_user_member")
        .with_hint("somebody else may have changed the member at the same time: plan again")
}

impl OnboardingReport {
    /// The member; `None` for somebody who has yet to accept an invitation.
    #[must_use]
    pub fn member(&self) -> Option<&UserMember> {
        match &self.standing {
            Standing::Member(member) => Some(member),
            Standing::Invited(_) => None,
        }
    }
}

impl fmt::Display for OnboardingReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { itwin, email, .. } = self;
        let roles = match &self.standing {
            Standing::Member(member) => shown(&member.roles),
            Standing::Invited(invitation) => shown(invitation.roles.as_deref().unwrap_or_default()),
        };
        match (&self.standing, self.change) {
            (Standing::Invited(invitation), OnboardingChange::Unchanged) => {
                let until = &invitation.expiration_date;
                write!(
                    f,
                    "{email} was invited to iTwin {itwin} with {roles} already, until {until}"
                )
            }
            (Standing::Invited(invitation), _) => {
                let until = &invitation.expiration_date;
                write!(f, "{email} was invited to iTwin {itwin} with {roles}, until {until}")
            }
            (_, OnboardingChange::Unchanged) => {
                write!(f, "{email} had {roles} on iTwin {itwin} already")
            }
            (_, OnboardingChange::RolesSet) => {
                write!(f, "{email} was given {roles} on iTwin {itwin}")
            }
            _ => write!(f, "{email} is a member of iTwin {itwin} with {roles}"),
        }
    }
}
