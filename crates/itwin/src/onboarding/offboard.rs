//! Taking somebody's access to an iTwin back: membership, ownership, and
//! invitations that are open. It must not decide what of a plan is done, nor
//! touch roles and groups, which others have too.

use std::fmt;

use progenitor_client::Error;
use twinkit_auth::{Credential, ims_service_email};

use super::plan::shown;
use super::{Who, id};
use crate::access_control::enums::InvitationStatus;
use crate::access_control::members::check_email;
use crate::access_control::types::{Group, Invitation, OwnerMember, UserMember};
use crate::{ITwin, ITwinErrorExt as _, ITwinId};

impl ITwin {
    /// Takes the access of the owner of `credential` to an iTwin back. Who that is is
    /// read from the platform, by a call as that application or person (`Get me`).
    ///
    /// ```no_run
    /// # use twinkit_auth::Credential;
    /// # async fn f(platform: twinkit_itwin::ITwin, program: Credential) -> Result<(), twinkit_itwin::Error> {
    /// let plan = platform.offboard_credential("an-itwin", &program).plan().await?;
    /// println!("{plan}");
    /// for group in plan.groups() {
    ///     println!("still lets them in: {:?}", group.name);
    /// }
    /// println!("{}", plan.apply().await?);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Doing it twice changes nothing. The caller must be an owner of the iTwin, or
    /// have `administration_remove_member` and `administration_invite_member`; owners
    /// are removed by owners only.
    pub fn offboard_credential<I>(&self, itwin: I, credential: &Credential) -> Offboarding<'_>
    where
        I: TryInto<ITwinId>,
        I::Error: fmt::Display,
    {
        let who = Who::OwnerOf(credential.clone());
        Offboarding { platform: self, itwin: id(itwin), who }
    }

    /// [`offboard_credential`](Self::offboard_credential) without the credential: the
    /// address of a service application follows from its client id.
    pub fn offboard_service_application<I>(&self, itwin: I, client_id: &str) -> Offboarding<'_>
    where
        I: TryInto<ITwinId>,
        I::Error: fmt::Display,
    {
        self.offboard_email(itwin, ims_service_email(client_id))
    }

    /// Takes a person's access to an iTwin back.
    pub fn offboard_email<I>(&self, itwin: I, address: impl Into<String>) -> Offboarding<'_>
    where
        I: TryInto<ITwinId>,
        I::Error: fmt::Display,
    {
        let who = Who::Email(address.into().trim().to_owned());
        Offboarding { platform: self, itwin: id(itwin), who }
    }
}

/// Somebody whose access ends, to be started by [`plan`](Self::plan) or
/// [`apply`](Self::apply).
#[must_use = "nothing is asked until `plan` or `apply` is awaited"]
pub struct Offboarding<'a> {
    platform: &'a ITwin,
    itwin: Result<ITwinId, String>,
    who: Who,
}

impl<'a> Offboarding<'a> {
    /// Looks what there is. Changes nothing.
    ///
    /// # Errors
    /// Before anything is sent: an id or address that cannot be one. Else what the
    /// look-ups say. That there is nothing to take is no error: the plan then holds
    /// nothing.
    #[inline]
    pub async fn plan(self) -> Result<OffboardingPlan<'a>, Error> {
        Box::pin(make(self)).await
    }

    /// [`plan`](Self::plan), and applies it.
    ///
    /// # Errors
    /// Those of [`plan`](Self::plan) and [`OffboardingPlan::apply`].
    #[inline]
    pub async fn apply(self) -> Result<OffboardingReport, Error> {
        self.plan().await?.apply().await
    }
}

/// What an offboarding will take away, made by [`Offboarding::plan`]. `Display`
/// tells it in one line.
#[must_use = "nothing is changed until `apply` is awaited"]
#[derive(Clone)]
pub struct OffboardingPlan<'a> {
    platform: &'a ITwin,
    itwin: ITwinId,
    email: String,
    invitations: Vec<Invitation>,
    member: Option<UserMember>,
    owner: Option<OwnerMember>,
    is_last_owner: bool,
    groups: Vec<Group>,
}

#[inline]
async fn make(offboarding: Offboarding<'_>) -> Result<OffboardingPlan<'_>, Error> {
    let Offboarding { platform, itwin, who } = offboarding;
    let itwin = itwin.map_err(Error::InvalidRequest)?;
    let (email, user_id) = match who {
        Who::Email(email) => {
            check_email(&email)?;
            (email, None)
        }
        Who::OwnerOf(credential) => {
            let owner = platform.with_credential(credential)?;
            let user = owner.users().get_me().send().await?.into_inner().user;
            (user.email, Some(user.id))
        }
    };
    let is_it = |address: Option<&str>, id: Option<&str>| {
        let same =
            |one: Option<&str>, other: &str| one.is_some_and(|one| one.eq_ignore_ascii_case(other));
        same(address, &email) || user_id.as_deref().is_some_and(|user_id| same(id, user_id))
    };
    let access = platform.access_control();
    let members = access.list_user_members().id(&itwin).items().into_vec().await?;
    let mut members = members.into_iter();
    let member = members.find(|it| is_it(it.email.as_deref(), Some(&it.id)));
    let owners = access.list_owners().id(&itwin).items().into_vec().await?;
    let is_last_owner = owners.len() == 1;
    let mut owners = owners.into_iter();
    let owner = owners.find(|it| is_it(it.email.as_deref(), Some(&it.id)));
    let invitations = access.list_member_invitations().id(&itwin).items().into_vec().await?;
    let is_open = |it: &Invitation| it.status == InvitationStatus::Pending;
    let invitations =
        invitations.into_iter().filter(|it| is_open(it) && is_it(Some(&it.email), None)).collect();
    let groups = access.list_groups().id(&itwin).items().into_vec().await?;
    let holds = |group: &Group| {
        group.members.iter().any(|user| is_it(user.email.as_deref(), user.user_id.as_deref()))
    };
    let groups = groups.into_iter().filter(holds).collect();
    let is_last_owner = is_last_owner && owner.is_some();
    Ok(OffboardingPlan {
        platform,
        itwin,
        email,
        invitations,
        member,
        owner,
        is_last_owner,
        groups,
    })
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

    /// Whether nothing is left to do.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.member.is_none() && self.owner.is_none() && self.invitations.is_empty()
    }

    /// Withdraws the invitations, then ends the membership and the ownership. What is
    /// gone already is fine. May be repeated with a new plan after a failure.
    ///
    /// # Errors
    /// What a call says; the hint then tells what was done before it.
    #[inline]
    pub async fn apply(self) -> Result<OffboardingReport, Error> {
        Box::pin(take_away(self)).await
    }
}

/// What an offboarding took away. `Display` tells it in one line.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct OffboardingReport {
    /// The iTwin.
    pub itwin: ITwinId,
    /// Whose access ended.
    pub email: String,
    /// How many invitations were withdrawn.
    pub withdrawn_invitations: usize,
    /// Whether a membership was ended.
    pub was_member: bool,
    /// Whether an ownership was ended.
    pub was_owner: bool,
}

#[inline]
async fn take_away(plan: OffboardingPlan<'_>) -> Result<OffboardingReport, Error> {
    let OffboardingPlan { platform, itwin, email, invitations, member, owner, .. } = plan;
    let access = platform.access_control();
    let mut report = OffboardingReport {
        itwin,
        email,
        withdrawn_invitations: 0,
        was_member: false,
        was_owner: false,
    };
    for invitation in invitations {
        let delete = access.delete_member_invitation().id(&report.itwin);
        let outcome = delete.invitation_id(invitation.id.as_str()).send().await;
        let withdrawn = was_there(outcome.map(|_| ()));
        report.withdrawn_invitations +=
            usize::from(withdrawn.map_err(|error| stopped(error, &report))?);
    }
    if let Some(member) = member {
        let delete = access.remove_user_member().id(&report.itwin).member_id(member.id.as_str());
        let removed = was_there(delete.send().await.map(|_| ()));
        report.was_member = removed.map_err(|error| stopped(error, &report))?;
    }
    if let Some(owner) = owner {
        let delete = access.remove_owner().id(&report.itwin).member_id(owner.id.as_str());
        let removed = was_there(delete.send().await.map(|_| ()));
        report.was_owner = removed.map_err(|error| stopped(error, &report))?;
    }
    Ok(report)
}

/// Whether something was there to be taken away.
fn was_there(outcome: Result<(), Error>) -> Result<bool, Error> {
    match outcome {
        Ok(()) => Ok(true),
        Err(error) if error.is_not_found() && !error.is_itwin_not_found() => Ok(false),
        Err(error) => Err(error),
    }
}

/// The failure, with what was done before it.
fn stopped(error: Error, report: &OffboardingReport) -> Error {
    if report.is_empty() {
        return error;
    }
    let hint = error.hint().map_or_else(String::new, |hint| format!("; {hint}"));
    error.with_hint(format!("done before: {report}{hint}"))
}

impl OffboardingReport {
    /// Whether nothing was taken away.
    fn is_empty(&self) -> bool {
        self.withdrawn_invitations == 0 && !self.was_member && !self.was_owner
    }
}

impl fmt::Display for OffboardingPlan<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { itwin, email, .. } = self;
        if self.is_done() {
            return write!(f, "{email} has no access of their own to iTwin {itwin}; nothing to do");
        }
        let mut steps = Vec::new();
        if !self.invitations.is_empty() {
            steps.push(format!("withdraw {} open invitations", self.invitations.len()));
        }
        if let Some(member) = &self.member {
            steps.push(format!("end the membership with {}", shown(&member.roles)));
        }
        if self.owner.is_some() {
            let last = if self.is_last_owner { ", the last one" } else { "" };
            steps.push(format!("end the ownership{last}"));
        }
        write!(f, "of {email} on iTwin {itwin}: {}", steps.join(", "))
    }
}

impl fmt::Display for OffboardingReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { itwin, email, .. } = self;
        if self.is_empty() {
            return write!(f, "{email} had no access of their own to iTwin {itwin}");
        }
        let mut done = Vec::new();
        if self.withdrawn_invitations > 0 {
            done.push(format!("{} invitations were withdrawn", self.withdrawn_invitations));
        }
        let ended = [(self.was_member, "the membership"), (self.was_owner, "the ownership")];
        for (was, what) in ended {
            if was {
                done.push(format!("{what} was ended"));
            }
        }
        write!(f, "of {email} on iTwin {itwin}: {}", done.join(", "))
    }
}

impl fmt::Debug for Offboarding<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Offboarding").field("itwin", &self.itwin).finish_non_exhaustive()
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
            .finish_non_exhaustive()
    }
}
