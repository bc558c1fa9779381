//! What has to be done so that somebody's access to an iTwin ends. It must not
//! change anything.

use std::fmt;

use progenitor_client::{Error, StatusCode};

use super::{Offboarding, OffboardingReport, Unseen, apply, unseen};
use crate::access_control::enums::InvitationStatus;
use crate::access_control::members::check_email;
use crate::access_control::types::{Group, Invitation, OwnerMember, UserMember};
use crate::onboarding::Who;
use crate::onboarding::owner::is_among;
use crate::onboarding::plan::shown;
use crate::{ITwin, ITwinErrorExt as _, ITwinId};

/// What an offboarding will take away, made by [`Offboarding::plan`]. `Display`
/// tells it in one line.
#[must_use = "nothing is changed until `apply` is awaited"]
#[derive(Clone)]
pub struct OffboardingPlan<'a> {
    pub(super) platform: &'a ITwin,
    pub(super) itwin: ITwinId,
    pub(super) email: String,
    pub(super) invitations: Vec<Invitation>,
    pub(super) group_invitations: Vec<GroupInvitation>,
    pub(super) member: Option<UserMember>,
    pub(super) owner: Option<OwnerMember>,
    is_last_owner: bool,
    groups: Vec<Group>,
    pub(super) unseen: Unseen,
}

/// An open invitation to a group of the iTwin.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct GroupInvitation {
    /// The group's id.
    pub group_id: String,
    /// The group's name.
    pub group_name: String,
    /// The invitation.
    pub invitation: Invitation,
}

#[inline]
pub(super) async fn make(offboarding: Offboarding<'_>) -> Result<OffboardingPlan<'_>, Error> {
    let Offboarding { platform, itwin, who } = offboarding;
    let itwin = itwin?;
    let person = match who {
        Who::Email(email) => {
            check_email(&email)?;
            Person { email, user_id: None }
        }
        Who::OwnerOf(credential) => {
            let owner = platform.with_credential(credential)?;
            let user = owner.users().get_me().send().await?.into_inner().user;
            Person { email: user.email, user_id: Some(user.id) }
        }
    };
    let access = platform.access_control();
    let members = access.list_user_members().id(&itwin).items().into_vec().await?;
    let mut members = members.into_iter();
    let member = members.find(|it| person.is(it.email.as_deref(), Some(&it.id)));
    let owners = access.list_owners().id(&itwin).items().into_vec().await?;
    let sees_invitations = is_among(platform, &owners).await?;
    let is_last_owner = owners.len() == 1;
    let mut owners = owners.into_iter();
    let owner = owners.find(|it| person.is(it.email.as_deref(), Some(&it.id)));
    let invitations = access.list_member_invitations().id(&itwin).items().into_vec().await?;
    let invitations = invitations.into_iter().filter(|it| person.is_invited_by(it)).collect();
    let is_last_owner = is_last_owner && owner.is_some();
    let mut plan = OffboardingPlan {
        platform,
        itwin,
        email: person.email.clone(),
        invitations,
        group_invitations: Vec::new(),
        member,
        owner,
        is_last_owner,
        groups: Vec::new(),
        unseen: Unseen { invitations: !sees_invitations, groups: Vec::new() },
    };
    look_at_groups(&mut plan, &person).await?;
    Ok(plan)
}

/// Whose access ends.
struct Person {
    email: String,
    user_id: Option<String>,
}

impl Person {
    fn is(&self, email: Option<&str>, id: Option<&str>) -> bool {
        let same =
            |one: Option<&str>, other: &str| one.is_some_and(|one| one.eq_ignore_ascii_case(other));
        same(email, &self.email) || self.user_id.as_deref().is_some_and(|own| same(id, own))
    }

    fn is_invited_by(&self, invitation: &Invitation) -> bool {
        let is_open = invitation.status == InvitationStatus::Pending;
        is_open && self.is(Some(&invitation.email), None)
    }
}

/// Notes the groups that they are in or invited to: those of the iTwin, and those of
/// its account that have roles in it.
#[inline]
async fn look_at_groups(plan: &mut OffboardingPlan<'_>, person: &Person) -> Result<(), Error> {
    let access = plan.platform.access_control();
    let all = access.list_groups().id(&plan.itwin).items().into_vec().await;
    let all = seen(all)?.unwrap_or_default();
    let with_roles = access.list_group_members().id(&plan.itwin).items().into_vec().await?;
    for group in with_roles {
        if !all.iter().any(|known| known.id.eq_ignore_ascii_case(&group.id)) {
            plan.unseen.groups.push(group.group_name);
        }
    }
    for group in all {
        let list = access.list_group_invitations().id(&plan.itwin).group_id(group.id.as_str());
        match seen(list.items().into_vec().await)? {
            Some(open) => {
                let open = open.into_iter().filter(|it| person.is_invited_by(it));
                plan.group_invitations.extend(open.map(|invitation| GroupInvitation {
                    group_id: group.id.clone(),
                    group_name: group.name.clone(),
                    invitation,
                }));
            }
            None => plan.unseen.groups.push(group.name.clone()),
        }
        let mut users = group.members.iter();
        if users.any(|user| person.is(user.email.as_deref(), user.user_id.as_deref())) {
            plan.groups.push(group);
        }
    }
    Ok(())
}

/// `None` for what the caller may not see. What is gone looks alike.
fn seen<T>(outcome: Result<T, Error>) -> Result<Option<T>, Error> {
    match outcome {
        Ok(seen) => Ok(Some(seen)),
        Err(error) if error.status() == Some(StatusCode::FORBIDDEN) => Ok(None),
        Err(error) if error.is_not_found() && !error.is_itwin_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

impl OffboardingPlan<'_> {
    /// Whose access ends, by email.
    #[must_use]
    pub fn email(&self) -> &str {
        &self.email
    }

    /// The membership that ends.
    #[must_use]
    pub fn member(&self) -> Option<&UserMember> {
        self.member.as_ref()
    }

    /// The ownership that ends.
    #[must_use]
    pub fn owner(&self) -> Option<&OwnerMember> {
        self.owner.as_ref()
    }

    /// The invitations that are withdrawn.
    #[must_use]
    pub fn invitations(&self) -> &[Invitation] {
        &self.invitations
    }

    /// The invitations to groups that are withdrawn.
    #[must_use]
    pub fn group_invitations(&self) -> &[GroupInvitation] {
        &self.group_invitations
    }

    /// What the caller cannot see, and so is not taken away.
    #[must_use]
    pub fn unseen(&self) -> &Unseen {
        &self.unseen
    }

    /// The groups of the iTwin that they are in, which stay as they are and let them
    /// in if they have roles. The platform shows the first 50 users of a group only.
    #[must_use]
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// Whether the iTwin has no other owner. Whoever administrates the organization
    /// can still make one.
    #[must_use]
    pub fn takes_last_owner(&self) -> bool {
        self.is_last_owner
    }

    /// Whether applying it changes nothing.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.member.is_none()
            && self.owner.is_none()
            && self.invitations.is_empty()
            && self.group_invitations.is_empty()
    }

    /// Whether nothing is left to do, and nothing was hidden from the caller.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.is_idle() && self.unseen.is_nothing()
    }

    /// Withdraws the invitations, then ends the membership and the ownership. What is
    /// gone already is fine. May be repeated with a new plan after a failure.
    ///
    /// # Errors
    /// What a call says; the hint then tells what was done before it.
    #[inline]
    pub async fn apply(self) -> Result<OffboardingReport, Error> {
        Box::pin(apply::take_away(self)).await
    }
}

impl fmt::Display for OffboardingPlan<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { itwin, email, .. } = self;
        if self.is_done() {
            return write!(f, "{email} has no access of their own to iTwin {itwin}; nothing to do");
        }
        if self.is_idle() {
            write!(f, "no access of {email} to iTwin {itwin} is to be seen; nothing to do")?;
            return unseen::told(&self.unseen, f);
        }
        let mut steps = Vec::new();
        if !self.invitations.is_empty() {
            steps.push(format!("withdraw {} open invitations", self.invitations.len()));
        }
        for invitation in &self.group_invitations {
            steps.push(format!("withdraw the invitation to group {:?}", invitation.group_name));
        }
        if let Some(member) = &self.member {
            steps.push(format!("end the membership with {}", shown(&member.roles)));
        }
        if self.owner.is_some() {
            let last = if self.is_last_owner { ", the last one" } else { "" };
            steps.push(format!("end the ownership{last}"));
        }
        write!(f, "of {email} on iTwin {itwin}: {}", steps.join(", "))?;
        unseen::told(&self.unseen, f)
    }
}

impl fmt::Debug for OffboardingPlan<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OffboardingPlan")
            .field("itwin", &self.itwin)
            .field("email", &self.email)
            .field("member", &self.member)
            .field("owner", &self.owner)
            .field("invitations", &self.invitations)
            .field("group_invitations", &self.group_invitations)
            .field("unseen", &self.unseen)
            .finish_non_exhaustive()
    }
}
