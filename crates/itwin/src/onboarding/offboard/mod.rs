//! Taking somebody's access to an iTwin back: membership, ownership, and
//! invitations that are open, to the iTwin and to its groups. It must not decide
//! what of a plan is done, nor touch roles and groups, which others have too.

mod apply;
mod plan;
mod unseen;

use std::fmt;

use progenitor_client::{Error, Refused};
use twinkit_auth::{Credential, ims_service_email};

pub use apply::OffboardingReport;
pub use plan::{GroupInvitation, OffboardingPlan};
pub use unseen::Unseen;

use super::{Who, id};
use crate::{ITwin, ITwinId};

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
    /// Doing it twice changes nothing. The caller should be an owner of the iTwin.
    /// Another one needs `administration_remove_member`,
    /// `administration_invite_member` and `administration_manage_groups`, cannot
    /// remove owners, and does not see the invitations that others made: the plan and
    /// the report tell what was not seen ([`Unseen`]).
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
    itwin: Result<ITwinId, Refused>,
    who: Who,
}

impl<'a> Offboarding<'a> {
    /// Looks what there is. Changes nothing.
    ///
    /// # Errors
    /// Before anything is sent: an id or address that cannot be one. Else what the
    /// look-ups say. That there is nothing to take, or something is not to be seen, is
    /// no error: the plan tells.
    #[inline]
    pub async fn plan(self) -> Result<OffboardingPlan<'a>, Error> {
        Box::pin(plan::make(self)).await
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

impl fmt::Debug for Offboarding<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Offboarding").field("itwin", &self.itwin).finish_non_exhaustive()
    }
}
