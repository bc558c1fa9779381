//! Carrying out an offboarding plan. It must not decide what is done.

use std::fmt;

use progenitor_client::Error;

use super::{GroupInvitation, OffboardingPlan, Unseen, unseen};
use crate::{ITwinErrorExt as _, ITwinId};

/// What an offboarding took away. `Display` tells it in one line.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct OffboardingReport {
    /// The iTwin.
    pub itwin: ITwinId,
    /// Whose access ended.
    pub email: String,
    /// How many invitations to the iTwin were withdrawn.
    pub withdrawn_invitations: usize,
    /// How many invitations to groups were withdrawn.
    pub withdrawn_group_invitations: usize,
    /// Whether a membership was ended.
    pub was_member: bool,
    /// Whether an ownership was ended.
    pub was_owner: bool,
    /// What the caller could not see, and may still let them in.
    pub unseen: Unseen,
}

#[inline]
pub(super) async fn take_away(plan: OffboardingPlan<'_>) -> Result<OffboardingReport, Error> {
    let OffboardingPlan { platform, itwin, email, unseen, .. } = plan;
    let access = platform.access_control();
    let mut report = OffboardingReport {
        itwin,
        email,
        withdrawn_invitations: 0,
        withdrawn_group_invitations: 0,
        was_member: false,
        was_owner: false,
        unseen,
    };
    for invitation in plan.invitations {
        let delete = access.delete_member_invitation().id(&report.itwin);
        let outcome = delete.invitation_id(invitation.id.as_str()).send().await;
        let withdrawn = was_there(outcome.map(|_| ()));
        report.withdrawn_invitations +=
            usize::from(withdrawn.map_err(|error| stopped(error, &report))?);
    }
    for GroupInvitation { group_id, invitation, .. } in plan.group_invitations {
        let delete = access.delete_group_invitation().id(&report.itwin).group_id(group_id);
        let outcome = delete.invitation_id(invitation.id.as_str()).send().await;
        let withdrawn = was_there(outcome.map(|_| ()));
        report.withdrawn_group_invitations +=
            usize::from(withdrawn.map_err(|error| stopped(error, &report))?);
    }
    if let Some(member) = plan.member {
        let delete = access.remove_user_member().id(&report.itwin).member_id(member.id.as_str());
        let removed = was_there(delete.send().await.map(|_| ()));
        report.was_member = removed.map_err(|error| stopped(error, &report))?;
    }
    if let Some(owner) = plan.owner {
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
        self.withdrawn_invitations + self.withdrawn_group_invitations == 0
            && !self.was_member
            && !self.was_owner
    }
}

impl fmt::Display for OffboardingReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { itwin, email, .. } = self;
        if self.is_empty() {
            if self.unseen.is_nothing() {
                return write!(f, "{email} had no access of their own to iTwin {itwin}");
            }
            write!(f, "no access of {email} to iTwin {itwin} was to be seen")?;
            return unseen::told(&self.unseen, f);
        }
        let mut done = Vec::new();
        if self.withdrawn_invitations > 0 {
            done.push(format!("{} invitations were withdrawn", self.withdrawn_invitations));
        }
        if self.withdrawn_group_invitations > 0 {
            let count = self.withdrawn_group_invitations;
            done.push(format!("{count} invitations to groups were withdrawn"));
        }
        let ended = [(self.was_member, "the membership"), (self.was_owner, "the ownership")];
        for (was, what) in ended {
            if was {
                done.push(format!("{what} was ended"));
            }
        }
        write!(f, "of {email} on iTwin {itwin}: {}", done.join(", "))?;
        unseen::told(&self.unseen, f)
    }
}
