//! Whether somebody who was let in gets in: calls as that application. It must
//! not change anything.

use std::fmt;
use std::sync::Mutex;
use std::time::Duration;

use progenitor_client::{
    Error, ErrorKind, HeaderMap, Progress, Refused, ResponseValue, StatusCode, Waiter,
};
use twinkit_auth::Credential;

use super::{OnboardingReport, Standing};
use crate::users::types::UserProfile;
use crate::{ITwin, ITwinId};

/// How long a new membership is waited for. The platform names no time; ours.
const PATIENCE: Duration = Duration::from_secs(60);

impl ITwin {
    /// Tries whether the owner of `credential` may use an iTwin: asks who it is,
    /// and what it may do there, again and again for a short while if the iTwin
    /// seems not to be there.
    ///
    /// Operations `Get me` and `Get my iTwin permissions`.
    pub fn prove_access(&self, credential: &Credential) -> AccessProof<'_> {
        let credential = credential.clone();
        AccessProof { platform: self, credential, itwin: None, expected: None, patience: PATIENCE }
    }
}

/// A call in somebody's name, to be made by [`run`](Self::run).
#[must_use = "nothing is sent until `run` is awaited"]
pub struct AccessProof<'a> {
    platform: &'a ITwin,
    credential: Credential,
    itwin: Option<Result<ITwinId, Refused>>,
    expected: Option<OnboardingReport>,
    patience: Duration,
}

/// Somebody got in.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ProvenAccess {
    /// Who it is, as the platform knows it.
    pub user: UserProfile,
    /// What it may do in the iTwin; not empty.
    pub permissions: Vec<String>,
}

impl AccessProof<'_> {
    /// Proves this onboarding: a credential of somebody else than the one who was
    /// let in is told.
    pub fn of(mut self, report: &OnboardingReport) -> Self {
        self.itwin = Some(Ok(report.itwin.clone()));
        self.expected = Some(report.clone());
        self
    }

    /// The iTwin to be used, where no onboarding names it.
    pub fn on<I>(mut self, itwin: I) -> Self
    where
        I: TryInto<ITwinId>,
        I::Error: fmt::Display,
    {
        self.itwin = Some(itwin.try_into().map_err(Refused::because));
        self
    }

    /// How long to try; a minute by default, not at all by zero.
    pub fn within(mut self, limit: Duration) -> Self {
        self.patience = limit;
        self
    }

    /// Makes the calls.
    ///
    /// # Errors
    /// Kind `InvalidRequest` if no iTwin is named, if the invitation has yet to be
    /// accepted, or if the credential is of somebody else than
    /// [`of`](Self::of) says; kind `Auth` if it gives no token; what the service
    /// says if it refuses to the end; kind `OperationFailed` if the caller may do nothing in
    /// the iTwin.
    #[inline]
    pub async fn run(self) -> Result<ProvenAccess, Error> {
        Box::pin(self.prove()).await
    }

    #[inline]
    async fn prove(self) -> Result<ProvenAccess, Error> {
        let Some(itwin) = self.itwin else {
            let message = "no iTwin is named to be used".to_owned();
            return Err(Error::InvalidRequest(message).with_hint("name it with `on` or `of`"));
        };
        let itwin = itwin?;
        if let Some(OnboardingReport { standing: Standing::Invited(_), email, .. }) = &self.expected
        {
            let message = format!("{email} has yet to accept the invitation to iTwin {itwin}");
            return Err(Error::InvalidRequest(message));
        }
        let owner = self.platform.with_credential(self.credential)?;
        let user = owner.users().get_me().send().await?.into_inner().user;
        if let Some(report) = &self.expected
            && !report.email.eq_ignore_ascii_case(&user.email)
            && report.member().is_none_or(|member| !member.id.eq_ignore_ascii_case(&user.id))
        {
            return Err(Error::InvalidRequest(format!(
                "{} was let in, but the credential is of {}",
                report.email, user.email
            ))
            .with_hint("onboard_credential takes the address from the credential itself"));
        }
        let waiter = Waiter::new()
            .every(Duration::from_secs(1), Duration::from_secs(8))
            .deadline(self.patience)
            .clock(owner.context.clock().clone());
        let refused = Mutex::new(None);
        // A refusal is an answer like "not yet" here, and so is an empty list.
        let look = || async {
            match owner.access_control().get_my_permissions().id(&itwin).send().await {
                Ok(answer) => Ok(answer.map(|answer| answer.permissions)),
                Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::Denied) => {
                    let status = error.status().unwrap_or(StatusCode::NOT_FOUND);
                    if let Ok(mut last) = refused.lock() {
                        *last = Some(error);
                    }
                    Ok(ResponseValue::new(Vec::new(), status, HeaderMap::new()))
                }
                Err(error) => Err(error),
            }
        };
        let judge = |permissions: &Vec<String>| match permissions.is_empty() {
            false => Progress::Succeeded,
            true => Progress::Running,
        };
        match waiter.until_ended(look, judge).await {
            Ok((_, permissions)) => {
                Ok(ProvenAccess { user, permissions: permissions.into_inner() })
            }
            Err(error) if error.is_timeout() => {
                let refused = refused.into_inner().ok().flatten();
                Err(refused.unwrap_or_else(|| may_nothing(&itwin, &user)).with_hint(format!(
                    "the membership had no effect within the time given: check that {} is a \
                     member of iTwin {itwin} with a role that has permissions",
                    user.email
                )))
            }
            Err(error) => Err(error),
        }
    }
}

#[inline]
fn may_nothing(itwin: &ITwinId, user: &UserProfile) -> Error {
    let message = format!("{} has no permission in iTwin {itwin}", user.email);
    Error::operation_failed(None, message).in_operation("get_my_permissions")
}

impl fmt::Debug for AccessProof<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessProof")
            .field("itwin", &self.itwin)
            .field("patience", &self.patience)
            .finish_non_exhaustive()
    }
}
