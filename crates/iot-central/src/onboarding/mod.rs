//! Letting somebody use an application, and taking it back: the user is found
//! under whatever id, made or changed only if need be, read back, and proven by
//! a call as that principal. It must not know how tokens are made.
//!
//! [`Client::onboard_service_principal`] is the place to begin. A plan comes
//! first and shows what would be done; nothing is changed before it is applied.

mod apply;
mod check;
mod offboard;
mod plan;
mod principal;
mod prove;
mod take_away;

use std::fmt;

use progenitor_client::Error;
use twinkit_auth::{Credential, TokenClaims, TokenRequest};

pub use apply::{OnboardingChange, OnboardingReport};
pub use offboard::{Offboarding, OffboardingPlan};
pub use plan::{OnboardingPlan, PlannedChange};
pub use principal::Principal;
#[cfg(feature = "archive")]
pub(crate) use principal::id_and_roles;
pub use prove::{AccessProof, ProvenAccess};
pub use take_away::OffboardingReport;

use crate::{Client, RoleGrant, TOKEN_SCOPE, UserId, guid, shapes};

const CLIENT_ID_CURE: &str =
    "give the application (client) id of the app registration, or leave it out";

impl Client {
    /// Lets a service principal use the application, with the roles that are
    /// given to the builder. It takes the tenant's id and the **object id of the
    /// enterprise application** (`az ad sp show --id CLIENT_ID --query id`). The
    /// client id and the object id of the app registration look alike and are
    /// the commonest mistake: the platform takes them without a word, and every
    /// later call of the program gets 403. Where its credential is at hand, use
    /// [`onboard_credential`](Self::onboard_credential), which cannot go wrong
    /// in this way.
    ///
    /// ```no_run
    /// # use twinkit_auth::Credential;
    /// # async fn f(client: twinkit_iot_central::Client, program: Credential) -> Result<(), twinkit_iot_central::Error> {
    /// use twinkit_iot_central::BuiltInRole;
    ///
    /// let tenant = "11111111-2222-3333-4444-555555555555";
    /// let object = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee";
    /// let plan = client
    ///     .onboard_service_principal(tenant, object)
    ///     .role(BuiltInRole::Operator)
    ///     .check_credential(&program)
    ///     .plan()
    ///     .await?;
    /// println!("{plan}");
    /// let report = plan.apply().await?;
    /// client.prove_access(&program).of(&report).run().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Doing it twice changes nothing: a user with this tenant and object id is
    /// found under any user id, and its roles are replaced only if they differ.
    /// The caller must be an administrator of the application.
    pub fn onboard_service_principal(&self, tenant_id: &str, object_id: &str) -> Onboarding<'_> {
        Onboarding::new(self, Who::Known(Principal::service_principal(tenant_id, object_id)))
    }

    /// [`onboard_service_principal`](Self::onboard_service_principal) with the
    /// principal's own credential: tenant and object id are read from its token
    /// (`tid` and `oid`), so that no id can be mixed up. The token is asked for
    /// when the plan is made, and is sent nowhere.
    ///
    /// ```no_run
    /// # use twinkit_auth::Credential;
    /// # async fn f(client: twinkit_iot_central::Client, program: Credential) -> Result<(), twinkit_iot_central::Error> {
    /// use twinkit_iot_central::BuiltInRole;
    ///
    /// let onboarding = client.onboard_credential(&program).role(BuiltInRole::Builder);
    /// let report = onboarding.apply().await?;
    /// println!("{report}");
    /// # Ok(())
    /// # }
    /// ```
    pub fn onboard_credential(&self, credential: &Credential) -> Onboarding<'_> {
        Onboarding::new(self, Who::OwnerOf(credential.clone()))
    }

    /// Lets the people of an Entra group use the application. Service principals
    /// in the group get nothing by it: each must be added itself.
    pub fn onboard_group(&self, tenant_id: &str, object_id: &str) -> Onboarding<'_> {
        Onboarding::new(self, Who::Known(Principal::group(tenant_id, object_id)))
    }

    /// Lets a person use the application.
    pub fn onboard_email(&self, address: &str) -> Onboarding<'_> {
        Onboarding::new(self, Who::Known(Principal::email(address)))
    }

    /// What the token that `credential` gives for this application says of
    /// itself; `None` if it is opaque.
    pub(crate) async fn claims_of(
        &self,
        credential: &Credential,
    ) -> Result<Option<TokenClaims>, Error> {
        let scope = self.inner.scope().unwrap_or(TOKEN_SCOPE);
        let request = TokenRequest::new([scope]).map_err(Error::from)?;
        let token = credential.token(&request).await.map_err(Error::from)?;
        Ok(TokenClaims::of(&token))
    }
}

enum Who {
    Known(Result<Principal, Error>),
    /// To be read from its token.
    OwnerOf(Credential),
}

/// Somebody to be let in, to be started by [`plan`](Self::plan) or
/// [`apply`](Self::apply).
#[must_use = "nothing is asked until `plan` or `apply` is awaited"]
pub struct Onboarding<'a> {
    client: &'a Client,
    who: Who,
    grants: Vec<RoleGrant>,
    user_id: Option<Result<UserId, Error>>,
    client_id: Option<Result<String, Error>>,
    credential: Option<Credential>,
    other_tenant: bool,
}

impl<'a> Onboarding<'a> {
    fn new(client: &'a Client, who: Who) -> Self {
        Self {
            client,
            who,
            grants: Vec::new(),
            user_id: None,
            client_id: None,
            credential: None,
            other_tenant: false,
        }
    }

    /// Gives a role, beside those given so far. The user will have these roles
    /// and no others.
    pub fn role(mut self, role: impl Into<RoleGrant>) -> Self {
        self.grants.push(role.into());
        self
    }

    /// Gives several roles, beside those given so far.
    pub fn roles(mut self, roles: impl IntoIterator<Item = impl Into<RoleGrant>>) -> Self {
        self.grants.extend(roles.into_iter().map(Into::into));
        self
    }

    /// The id of a user that has to be made: letters, digits, `-` and `_`, at
    /// most 48. By default the object id, or what of the mail address fits, with
    /// a counter (`-2`) if that is taken. A user that exists keeps its id.
    pub fn user_id(mut self, id: impl Into<String>) -> Self {
        self.user_id = Some(shapes::user_id(&id.into()));
        self
    }

    /// The application (client) id, given so that it can be told from the
    /// object id: if both are the same, the object id is wrong.
    pub fn client_id(mut self, id: impl Into<String>) -> Self {
        self.client_id = Some(guid::checked("client id", &id.into(), CLIENT_ID_CURE));
        self
    }

    /// Compares the ids with those in a token of the principal's own credential
    /// before anything is sent. The token itself is sent nowhere.
    pub fn check_credential(mut self, credential: &Credential) -> Self {
        self.credential = Some(credential.clone());
        self
    }

    /// Takes a principal of another tenant than the caller's token is of. The
    /// principal has to be in the application's tenant, which for an API token
    /// cannot be told, so only callers with a bearer token are compared.
    pub fn other_tenant(mut self) -> Self {
        self.other_tenant = true;
        self
    }

    /// Looks what is there and what is to be done. Changes nothing.
    ///
    /// # Errors
    /// Before anything is sent: an id of another shape, an object id that is
    /// the client id or is not that of the credential, ids that are the caller's
    /// own client id or tenant, a tenant that is not the caller's, a role that does not fit
    /// its organization. Else: the user id belongs to somebody else; no role of
    /// a name; what the look-ups say.
    pub async fn plan(self) -> Result<OnboardingPlan<'a>, Error> {
        Box::pin(plan::make(self)).await
    }

    /// [`plan`](Self::plan), and applies it.
    ///
    /// # Errors
    /// Those of [`plan`](Self::plan) and [`OnboardingPlan::apply`].
    pub async fn apply(self) -> Result<OnboardingReport, Error> {
        self.plan().await?.apply().await
    }
}

impl fmt::Debug for Onboarding<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let principal = match &self.who {
            Who::Known(principal) => principal.as_ref().ok(),
            Who::OwnerOf(_) => None,
        };
        f.debug_struct("Onboarding")
            .field("principal", &principal)
            .field("grants", &self.grants)
            .finish_non_exhaustive()
    }
}
