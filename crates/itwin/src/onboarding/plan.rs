//! What has to be done so that somebody may use an iTwin. It must not change
//! anything.

use std::fmt;

use progenitor_client::Error;
use twinkit_auth::Credential;

use super::owner::owns;
use super::roles::{PlannedRole, RoleChange, resolve};
use super::{Onboarding, OnboardingReport, Who, apply};
use crate::access_control::enums::InvitationStatus;
use crate::access_control::members::check_email;
use crate::access_control::types::{Invitation, RoleSummary, UserMember};
use crate::{ITwin, ITwinId};

/// The most roles that one call may assign.
const MAX_ROLES: usize = 50;

/// What a plan says of invitations that the caller does not see.
const HIDDEN: &str = "; invitations that others made are seen by owners only, and an open one \
                      would be there twice";

/// What an onboarding will do, made by [`Onboarding::plan`]. `Display` tells it
/// in one line.
#[must_use = "nothing is changed until `apply` is awaited"]
#[derive(Clone)]
pub struct OnboardingPlan<'a> {
    pub(super) platform: &'a ITwin,
    pub(super) itwin: ITwinId,
    pub(super) email: String,
    pub(super) credential: Option<Credential>,
    pub(super) message: Option<String>,
    pub(super) roles: Vec<PlannedRole>,
    pub(super) change: PlannedChange,
    sees_invitations: bool,
}

/// What is to be done to the membership.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum PlannedChange {
    /// There is no such member yet.
    Add,
    /// The member is there with other roles.
    SetRoles {
        /// The member as it is.
        member: UserMember,
    },
    /// An invitation to other roles is open: it is withdrawn, and another made.
    InviteAgain {
        /// The one that is there.
        invitation: Invitation,
    },
    /// An invitation to these roles is open and waits to be accepted.
    AwaitAcceptance {
        /// It.
        invitation: Invitation,
    },
    /// The member is there with these roles.
    Nothing {
        /// It.
        member: UserMember,
    },
}

#[inline]
pub(super) async fn make(onboarding: Onboarding<'_>) -> Result<OnboardingPlan<'_>, Error> {
    let Onboarding { platform, itwin, who, grants, keep_roles, message } = onboarding;
    let itwin = itwin?;
    if grants.is_empty() || grants.len() > MAX_ROLES {
        let message = format!("a member has 1 to {MAX_ROLES} roles, not {}", grants.len());
        return Err(Error::InvalidRequest(message).with_hint("name them with role"));
    }
    let (email, user_id, credential) = match who {
        Who::Email(email) => {
            check_email(&email)?;
            (email, None, None)
        }
        Who::OwnerOf(credential) => {
            let owner = platform.with_credential(credential.clone())?;
            let user = owner.users().get_me().send().await?.into_inner().user;
            (user.email, Some(user.id), Some(credential))
        }
    };
    let access = platform.access_control();
    let present = access.list_roles().id(&itwin).send().await?.into_inner().roles;
    let mut roles = resolve(grants, &present)?;
    let is_it = |member: &UserMember| {
        let by_email = member.email.as_deref().is_some_and(|is| is.eq_ignore_ascii_case(&email));
        by_email || user_id.as_deref().is_some_and(|id| id.eq_ignore_ascii_case(&member.id))
    };
    let mut members = access.list_user_members().id(&itwin).items();
    while let Some(member) = members.next_item().await {
        let member = member?;
        if is_it(&member) {
            if keep_roles {
                roles.extend(kept(&member.roles, &roles));
            }
            let change = match have(&member.roles, &roles) {
                true => PlannedChange::Nothing { member },
                false => PlannedChange::SetRoles { member },
            };
            return Ok(OnboardingPlan {
                platform,
                itwin,
                email,
                credential,
                message,
                roles,
                change,
                sees_invitations: true,
            });
        }
    }
    let mut invitations = access.list_member_invitations().id(&itwin).items();
    let mut change = PlannedChange::Add;
    while let Some(invitation) = invitations.next_item().await {
        let invitation = invitation?;
        let is_open = invitation.status == InvitationStatus::Pending;
        if is_open && invitation.email.eq_ignore_ascii_case(&email) {
            let to = invitation.roles.as_deref().unwrap_or_default();
            change = match have(to, &roles) {
                true => PlannedChange::AwaitAcceptance { invitation },
                false => PlannedChange::InviteAgain { invitation },
            };
            break;
        }
    }
    // Of what was found nothing is hidden.
    let is_found = !matches!(change, PlannedChange::Add);
    let sees_invitations = is_found || owns(platform, &itwin).await?;
    Ok(OnboardingPlan {
        platform,
        itwin,
        email,
        credential,
        message,
        roles,
        change,
        sees_invitations,
    })
}

/// The roles that stay although nobody named them.
fn kept(present: &[RoleSummary], planned: &[PlannedRole]) -> Vec<PlannedRole> {
    let is_new = |role: &&RoleSummary| !planned.iter().any(|planned| is(planned, role));
    let as_planned = |role: &RoleSummary| PlannedRole {
        name: role.display_name.clone().unwrap_or_else(|| role.id.clone()),
        id: Some(role.id.clone()),
        change: RoleChange::Nothing,
    };
    present.iter().filter(is_new).map(as_planned).collect()
}

fn is(planned: &PlannedRole, role: &RoleSummary) -> bool {
    planned.id.as_deref().is_some_and(|id| id.eq_ignore_ascii_case(&role.id))
}

/// Whether these are the roles, no more and no fewer.
fn have(present: &[RoleSummary], planned: &[PlannedRole]) -> bool {
    planned.iter().all(|planned| present.iter().any(|role| is(planned, role)))
        && present.iter().all(|role| planned.iter().any(|planned| is(planned, role)))
}

impl OnboardingPlan<'_> {
    /// Who is let in, by email.
    #[must_use]
    pub fn email(&self) -> &str {
        &self.email
    }

    /// The roles that the member will have.
    #[must_use]
    pub fn roles(&self) -> &[PlannedRole] {
        &self.roles
    }

    /// What is to be done to the membership.
    #[must_use]
    pub fn change(&self) -> &PlannedChange {
        &self.change
    }

    /// Whether an invitation of theirs that is open would have been found. It would not
    /// where others made it and the caller is no owner of the iTwin: applied, the plan
    /// then invites somebody of another organization once more.
    #[must_use]
    pub fn sees_invitations(&self) -> bool {
        self.sees_invitations
    }

    /// Whether nothing is left to do: neither to a role nor to the membership.
    #[must_use]
    pub fn is_done(&self) -> bool {
        let accepts = self.credential.is_some();
        let settled = match self.change {
            PlannedChange::Nothing { .. } => true,
            PlannedChange::AwaitAcceptance { .. } => !accepts,
            _ => false,
        };
        settled && self.roles.iter().all(|role| role.change == RoleChange::Nothing)
    }

    /// Does it, and reads the member back to see that it is done.
    ///
    /// # Errors
    /// What the calls say; [`ErrorKind::OperationFailed`](crate::ErrorKind::OperationFailed)
    /// if the member that is read back has other roles, or the platform neither
    /// adds nor invites.
    #[inline]
    pub async fn apply(self) -> Result<OnboardingReport, Error> {
        Box::pin(apply::apply(self)).await
    }
}

impl fmt::Display for OnboardingPlan<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { itwin, email, .. } = self;
        let roles: Vec<_> = self.roles.iter().map(ToString::to_string).collect();
        let roles = roles.join(", ");
        match &self.change {
            PlannedChange::Add => {
                write!(f, "add {email} to iTwin {itwin} with {roles}")?;
                if !self.sees_invitations {
                    f.write_str(HIDDEN)?;
                }
                Ok(())
            }
            PlannedChange::SetRoles { member } => {
                let present = shown(&member.roles);
                write!(f, "change {email} on iTwin {itwin} from {present} to {roles}")
            }
            PlannedChange::InviteAgain { invitation } => {
                let present = shown(invitation.roles.as_deref().unwrap_or_default());
                write!(
                    f,
                    "withdraw the invitation of {email} to iTwin {itwin} (with {present}) and make \
                     one with {roles}"
                )
            }
            PlannedChange::AwaitAcceptance { .. } if self.credential.is_some() => {
                write!(f, "accept the invitation of {email} to iTwin {itwin} with {roles}")
            }
            PlannedChange::AwaitAcceptance { .. } => {
                write!(f, "{email} is invited to iTwin {itwin} with {roles} already; nothing to do")
            }
            PlannedChange::Nothing { .. } if !self.is_done() => {
                write!(f, "{email} has the roles on iTwin {itwin}, which are changed: {roles}")
            }
            PlannedChange::Nothing { .. } => {
                write!(f, "{email} has {roles} on iTwin {itwin} already; nothing to do")
            }
        }
    }
}

pub(super) fn shown(roles: &[RoleSummary]) -> String {
    let name = |role: &RoleSummary| match &role.display_name {
        Some(name) => format!("{name:?}"),
        None => role.id.clone(),
    };
    if roles.is_empty() {
        return "no role".to_owned();
    }
    roles.iter().map(name).collect::<Vec<_>>().join(", ")
}

impl fmt::Debug for OnboardingPlan<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnboardingPlan")
            .field("itwin", &self.itwin)
            .field("email", &self.email)
            .field("roles", &self.roles)
            .field("change", &self.change)
            .finish_non_exhaustive()
    }
}
