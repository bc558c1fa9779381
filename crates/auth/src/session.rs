//! [`UserSession`]: a person's sign-in as programs manage it: who is signed in,
//! sign in now, sign out. It must not know how that is done.

use std::sync::Arc;

use twinkit_http::Clock;

use crate::oauth::{Account, Session, SessionSource};
use crate::{AuthError, Credential, FetchContext, TokenRequest};

/// The sign-in of a person, kept in a [`TokenStore`](crate::TokenStore).
///
/// A program signs in once, for instance on a command of its own; its later
/// runs make the same session over the same store and get tokens of its
/// [`credential`](Self::credential) without the person.
///
/// ```no_run
/// # #[cfg(all(feature = "interactive", feature = "file-store"))]
/// # async fn example() -> Result<(), twinkit_auth::AuthError> {
/// use twinkit_auth::{Credential, FileStore, TokenRequest};
///
/// let session = Credential::interactive("organizations", "00000000-0000-0000-0000-000000000000")
///     .store(FileStore::in_default_folder()?)
///     .without_interaction()
///     .session()?;
/// let wanted = TokenRequest::new(["https://digitaltwins.azure.net/.default"])?;
/// if !session.is_signed_in().await? {
///     session.sign_in(&wanted).await?;
/// }
/// let token = session.credential().token(&wanted).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct UserSession {
    session: Arc<Session>,
    credential: Credential,
    clock: Arc<dyn Clock>,
}

impl UserSession {
    pub(crate) fn new(session: Session, clock: &Arc<dyn Clock>) -> Self {
        let session = Arc::new(session);
        let source = SessionSource(Arc::clone(&session));
        let credential = Credential::from_source_with_clock(source, Arc::clone(clock));
        Self { session, credential, clock: Arc::clone(clock) }
    }

    /// The credential whose tokens are this person's.
    #[must_use]
    pub fn credential(&self) -> Credential {
        self.credential.clone()
    }

    /// Has the person sign in now, whether or not somebody is signed in, and
    /// keeps the sign-in. `request` says what for: with its scopes the person is
    /// asked for consent. Dropping the future gives the sign-in up.
    ///
    /// Returns who it is, if the service told.
    ///
    /// # Errors
    /// [`AuthErrorKind::Denied`](crate::AuthErrorKind::Denied) if the person
    /// cancelled, [`AuthErrorKind::Timeout`](crate::AuthErrorKind::Timeout) if
    /// they did nothing, or what the service or the store said.
    pub async fn sign_in(&self, request: &TokenRequest) -> Result<Option<Account>, AuthError> {
        let context = FetchContext::new(Arc::clone(&self.clock));
        let signed_in = self.session.sign_in_now(request, &context).await;
        if signed_in.is_ok() {
            self.credential.clear();
        }
        signed_in
    }

    /// Whether a sign-in is kept. Whether the service still honours it shows
    /// when a token is asked for.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn is_signed_in(&self) -> Result<bool, AuthError> {
        Ok(self.session.record().await?.is_some())
    }

    /// Who is signed in: nobody, or somebody whose name the service did not
    /// tell, is `None`.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn account(&self) -> Result<Option<Account>, AuthError> {
        Ok(self.session.record().await?.and_then(|record| record.account))
    }

    /// Forgets the sign-in and all tokens here. The browser's own session with
    /// the identity service and tokens already handed out live on.
    ///
    /// # Errors
    /// The store cannot be written.
    pub async fn sign_out(&self) -> Result<(), AuthError> {
        let signed_out = self.session.sign_out().await;
        self.credential.clear();
        signed_out
    }
}
