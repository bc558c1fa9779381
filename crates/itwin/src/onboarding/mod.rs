//! Letting an application or a person use an iTwin: roles made or found,
//! membership given only if need be, read back, and proven by a call as that
//! application. It must not know how tokens are made.
//!
//! [`ITwin::onboard_credential`] is the place to begin, and
//! [`ITwin::offboard_credential`] takes it back. A plan comes first and shows what
//! would be done; nothing is changed before it is applied.

mod apply;
mod offboard;
mod owner;
mod plan;
mod prove;
mod roles;

use std::fmt;

use progenitor_client::{Error, Refused};
use twinkit_auth::{Credential, ims_service_email};

pub use apply::{OnboardingChange, OnboardingReport, Standing};
pub use offboard::{GroupInvitation, Offboarding, OffboardingPlan, OffboardingReport, Unseen};
pub use plan::{OnboardingPlan, PlannedChange};
pub use prove::{AccessProof, ProvenAccess};
pub use roles::{PlannedRole, RoleChange, RoleGrant};

use crate::{ITwin, ITwinId};

impl ITwin {
    /// Lets the owner of `credential` use an iTwin, with the roles that are given
    /// to the builder: its address is read from the platform, by a call as that
    /// application or person (`Get me`), so that none can be mixed up. An
    /// invitation, if the platform makes one, is accepted in its name.
    ///
    /// ```no_run
    /// # use twinkit_auth::Credential;
    /// # async fn f(platform: twinkit_itwin::ITwin) -> Result<(), Box<dyn std::error::Error>> {
    /// use twinkit_itwin::RoleGrant;
    ///
    /// let program = Credential::ims_service("client-id", "client-secret").build()?;
    /// let reader = RoleGrant::made("Reader", "May read iModels", ["imodels_read"]);
    /// let plan = platform
    ///     .onboard_credential("an-itwin", &program)
    ///     .role(reader)
    ///     .plan()
    ///     .await?;
    /// println!("{plan}");
    /// let report = plan.apply().await?;
    /// platform.prove_access(&program).of(&report).run().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Done twice by an owner of the iTwin it changes nothing. The caller may also be a
    /// member with `administration_invite_member` and `administration_manage_roles`;
    /// such a one does not see the invitations that others made, so that somebody who
    /// has not accepted one yet gets another:
    /// [`sees_invitations`](OnboardingPlan::sees_invitations) of the plan tells.
    pub fn onboard_credential<I>(&self, itwin: I, credential: &Credential) -> Onboarding<'_>
    where
        I: TryInto<ITwinId>,
        I::Error: fmt::Display,
    {
        Onboarding::new(self, id(itwin), Who::OwnerOf(credential.clone()))
    }

    /// [`onboard_credential`](Self::onboard_credential) without the credential: the
    /// address of a service application follows from its client id. One that the
    /// platform does not know is told when the plan is applied.
    pub fn onboard_service_application<I>(&self, itwin: I, client_id: &str) -> Onboarding<'_>
    where
        I: TryInto<ITwinId>,
        I::Error: fmt::Display,
    {
        self.onboard_email(itwin, ims_service_email(client_id))
    }

    /// Lets a person use an iTwin. Who is of another organization than the iTwin
    /// gets an invitation and is a member when it is accepted.
    pub fn onboard_email<I>(&self, itwin: I, address: impl Into<String>) -> Onboarding<'_>
    where
        I: TryInto<ITwinId>,
        I::Error: fmt::Display,
    {
        Onboarding::new(self, id(itwin), Who::Email(address.into().trim().to_owned()))
    }
}

fn id<I>(itwin: I) -> Result<ITwinId, Refused>
where
    I: TryInto<ITwinId>,
    I::Error: fmt::Display,
{
    itwin.try_into().map_err(Refused::because)
}

enum Who {
    Email(String),
    /// To be asked of the platform in its name.
    OwnerOf(Credential),
}

/// Somebody to be let in, to be started by [`plan`](Self::plan) or
/// [`apply`](Self::apply).
#[must_use = "nothing is asked until `plan` or `apply` is awaited"]
pub struct Onboarding<'a> {
    platform: &'a ITwin,
    itwin: Result<ITwinId, Refused>,
    who: Who,
    grants: Vec<RoleGrant>,
    keep_roles: bool,
    message: Option<String>,
}

impl<'a> Onboarding<'a> {
    fn new(platform: &'a ITwin, itwin: Result<ITwinId, Refused>, who: Who) -> Self {
        Self { platform, itwin, who, grants: Vec::new(), keep_roles: false, message: None }
    }

    /// Gives a role, beside those given so far. The member will have these roles
    /// and no others, unless [`keep_roles`](Self::keep_roles) says so.
    pub fn role(mut self, role: impl Into<RoleGrant>) -> Self {
        self.grants.push(role.into());
        self
    }

    /// Keeps the roles that a member has already, beside those given here.
    pub fn keep_roles(mut self) -> Self {
        self.keep_roles = true;
        self
    }

    /// A text to put into the mail of an invitation.
    pub fn message(mut self, text: impl Into<String>) -> Self {
        self.message = Some(text.into());
        self
    }

    /// Looks what is there and what is to be done. Changes nothing.
    ///
    /// # Errors
    /// Before anything is sent: an id or address that cannot be one, no role, or
    /// more than 50. Else: no role of a name, or several; what the look-ups say.
    #[inline]
    pub async fn plan(self) -> Result<OnboardingPlan<'a>, Error> {
        Box::pin(plan::make(self)).await
    }

    /// [`plan`](Self::plan), and applies it.
    ///
    /// # Errors
    /// Those of [`plan`](Self::plan) and [`OnboardingPlan::apply`].
    #[inline]
    pub async fn apply(self) -> Result<OnboardingReport, Error> {
        self.plan().await?.apply().await
    }
}

impl fmt::Debug for Onboarding<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let email = match &self.who {
            Who::Email(email) => Some(email),
            Who::OwnerOf(_) => None,
        };
        f.debug_struct("Onboarding")
            .field("itwin", &self.itwin)
            .field("email", &email)
            .field("grants", &self.grants)
            .finish_non_exhaustive()
    }
}
