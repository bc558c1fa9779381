//! [`Session`]: what all ways in by a person share. It holds the refresh token
//! and gives access tokens for it; when it has none that works it has somebody
//! sign in, if it may.
//!
//! Services hand out refresh tokens that work once. So refreshes go one after
//! the other whatever their scopes, each saves the new refresh token before it
//! hands out the access token, and none is broken off half-way when its caller
//! goes away.

use std::fmt::Debug;
use std::sync::{Arc, Mutex, PoisonError};

use secrecy::SecretString;
use tokio::sync::OwnedMutexGuard;
use tracing::{Instrument, Span};

use super::account::Account;
use super::peer::Peer;
use super::record::Record;
use super::response::TokenAnswer;
use super::{Form, retry};
use crate::runtime::runtime;
use crate::store::{StoreKey, TokenStore};
use crate::{
    AccessToken, AuthError, AuthErrorKind, BoxFuture, FetchContext, TokenRequest, TokenSource,
};

/// How somebody signs in when no refresh token works.
pub(crate) trait SignIn: Send + Sync + Debug {
    /// Signs in. The answer's nonce has been checked.
    fn sign_in<'a>(
        &'a self,
        request: &'a TokenRequest,
        context: &'a FetchContext,
    ) -> BoxFuture<'a, Result<TokenAnswer, AuthError>>;

    /// Whether a person is needed, who must not be disturbed by surprise.
    fn needs_person(&self) -> bool {
        true
    }

    /// Whether it is done first, whatever a store holds: somebody has just
    /// signed in.
    fn goes_first(&self) -> bool {
        false
    }
}

/// A sign-in in use.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) peer: Arc<dyn Peer>,
    pub(crate) sign_in: Arc<dyn SignIn>,
    /// Whether nobody may be asked to sign in by a call for a token.
    pub(crate) silent: bool,
    pub(crate) store: Arc<dyn TokenStore>,
    pub(crate) key: StoreKey,
    /// A refresh token to begin with, used if the store holds none that works.
    pub(crate) seed: Mutex<Option<SecretString>>,
    pub(crate) turn: Arc<tokio::sync::Mutex<()>>,
}

/// A session as a source of tokens.
#[derive(Debug, Clone)]
pub(crate) struct SessionSource(pub(crate) Arc<Session>);

type Turn = OwnedMutexGuard<()>;

impl Session {
    async fn token(
        self: &Arc<Self>,
        request: &TokenRequest,
        context: &FetchContext,
    ) -> Result<AccessToken, AuthError> {
        self.peer.check(request)?;
        let turn = self.turn().await;
        if self.sign_in.goes_first() {
            return self.interact(turn, request, context).await.map(|(token, _)| token);
        }
        let (turn, refusal) = match self.refresh_apart(turn, request, context).await? {
            (_, Refreshed::Token(token)) => return Ok(token),
            (turn, Refreshed::Nothing(refusal)) => (turn, refusal),
        };
        if self.sign_in.needs_person() && (self.silent || context.is_background()) {
            return Err(refusal.unwrap_or_else(|| self.nobody_signed_in()));
        }
        let request = match refusal.as_ref().and_then(AuthError::claims) {
            Some(claims) => &request.clone().with_claims(claims)?,
            None => request,
        };
        self.interact(turn, request, context).await.map(|(token, _)| token)
    }

    /// Has somebody sign in now, whatever is kept.
    pub(crate) async fn sign_in_now(
        &self,
        request: &TokenRequest,
        context: &FetchContext,
    ) -> Result<Option<Account>, AuthError> {
        self.peer.check(request)?;
        runtime(self.peer.name())?;
        let turn = self.turn().await;
        self.interact(turn, request, context).await.map(|(_, account)| account)
    }

    /// Forgets the sign-in.
    pub(crate) async fn sign_out(&self) -> Result<(), AuthError> {
        let _turn = self.turn().await;
        let _lock = self.store.lock(&self.key).await?;
        self.take_seed();
        self.store.delete(&self.key).await
    }

    /// Who is signed in, as far as it is kept.
    pub(crate) async fn record(&self) -> Result<Option<Record>, AuthError> {
        Ok(self.store.load(&self.key).await?.as_ref().and_then(Record::parse))
    }

    async fn turn(&self) -> Turn {
        Arc::clone(&self.turn).lock_owned().await
    }

    /// Refreshes in a task of its own, which goes on when the caller goes away:
    /// once the refresh token was sent, the new one must be kept.
    async fn refresh_apart(
        self: &Arc<Self>,
        turn: Turn,
        request: &TokenRequest,
        context: &FetchContext,
    ) -> Result<(Turn, Refreshed), AuthError> {
        let (session, request, context) = (Arc::clone(self), request.clone(), context.clone());
        let task = async move {
            let refreshed = session.refresh(&request, &context).await?;
            Ok((turn, refreshed))
        };
        let runtime = runtime(self.peer.name())?;
        runtime.spawn(task.instrument(Span::current())).await.unwrap_or_else(|error| {
            let message = "the refresh was cut off (its task panicked, or its runtime was shut \
                           down)";
            Err(self.error(AuthErrorKind::Transient, message).with_cause(error))
        })
    }

    /// A token for what is kept, as far as that is good. The store's lock is
    /// held from reading the refresh token until its successor is saved.
    async fn refresh(
        &self,
        request: &TokenRequest,
        context: &FetchContext,
    ) -> Result<Refreshed, AuthError> {
        let _lock = self.store.lock(&self.key).await?;
        let mut refusal = None;
        if let Some(record) = self.record().await? {
            match self.redeem(record, request, context).await {
                Err(error) if is_spent(&error) => {
                    self.store.delete(&self.key).await?;
                    refusal = Some(error);
                }
                Err(error) if error.kind() == AuthErrorKind::InteractionRequired => {
                    return Ok(Refreshed::Nothing(Some(error)));
                }
                outcome => return outcome.map(Refreshed::Token),
            }
        }
        let Some(seed) = self.seed() else {
            return Ok(Refreshed::Nothing(refusal.map(|error| self.sign_in_again(&error))));
        };
        match self.redeem(Record { refresh_token: seed, account: None }, request, context).await {
            Err(error) if is_spent(&error) => {
                self.take_seed();
                Ok(Refreshed::Nothing(Some(self.sign_in_again(&error))))
            }
            Err(error) if error.kind() == AuthErrorKind::InteractionRequired => {
                Ok(Refreshed::Nothing(Some(error)))
            }
            outcome => {
                let token = outcome?;
                self.take_seed();
                Ok(Refreshed::Token(token))
            }
        }
    }

    async fn redeem(
        &self,
        record: Record,
        request: &TokenRequest,
        context: &FetchContext,
    ) -> Result<AccessToken, AuthError> {
        let form = Form::new("refresh_token")
            .with_secret("refresh_token", record.refresh_token.clone())
            .with("scope", self.peer.refresh_scope(request));
        let answer = self.peer.exchange(form, &retry::TOKEN_ENDPOINT, request, context).await?;
        let account = answer.id_token.as_ref().and_then(Account::of).or(record.account);
        let refresh_token = answer.refresh_token.unwrap_or(record.refresh_token);
        self.save(Record { refresh_token, account }).await?;
        Ok(answer.token)
    }

    /// Has somebody sign in. The store's lock is not held meanwhile, as that
    /// may take minutes; the turn is, so that one browser opens for all.
    async fn interact(
        &self,
        _turn: Turn,
        request: &TokenRequest,
        context: &FetchContext,
    ) -> Result<(AccessToken, Option<Account>), AuthError> {
        let answer = self.sign_in.sign_in(request, context).await?;
        let account = answer.id_token.as_ref().and_then(Account::of);
        let _lock = self.store.lock(&self.key).await?;
        match answer.refresh_token {
            Some(refresh_token) => {
                self.save(Record { refresh_token, account: account.clone() }).await?;
            }
            // What was kept may be another person's.
            None => self.store.delete(&self.key).await?,
        }
        self.take_seed();
        Ok((answer.token, account))
    }

    async fn save(&self, record: Record) -> Result<(), AuthError> {
        self.store.save(&self.key, &record.to_text()).await
    }

    fn seed(&self) -> Option<SecretString> {
        self.seed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn take_seed(&self) {
        self.seed.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    fn nobody_signed_in(&self) -> AuthError {
        self.error(AuthErrorKind::InteractionRequired, "nobody is signed in")
            .with_hint("sign in first, then ask again")
    }

    /// What a refused refresh token means for callers.
    fn sign_in_again(&self, refusal: &AuthError) -> AuthError {
        let message = "the kept sign-in has ended, so a person has to sign in again";
        let hint = refusal.hint().unwrap_or("sign in again").to_owned();
        self.error(AuthErrorKind::InteractionRequired, message)
            .with_hint(hint)
            .with_cause(refusal.clone())
    }

    fn error(&self, kind: AuthErrorKind, message: &str) -> AuthError {
        AuthError::new(kind, self.peer.name(), message)
    }
}

/// What became of a refresh that did not fail for reasons of its own.
#[derive(Debug)]
enum Refreshed {
    Token(AccessToken),
    /// There is no refresh token that works; why not, if the service said so.
    Nothing(Option<AuthError>),
}

/// Whether the service will never take this refresh token again. A grant that
/// is good but for a step that a person must take is not spent, and neither is
/// one that could not be asked about.
fn is_spent(error: &AuthError) -> bool {
    error.kind() == AuthErrorKind::Rejected && error.error() == Some("invalid_grant")
}

impl TokenSource for SessionSource {
    fn name(&self) -> &'static str {
        self.0.peer.name()
    }

    fn fetch<'a>(
        &'a self,
        request: &'a TokenRequest,
        context: &'a FetchContext,
    ) -> BoxFuture<'a, Result<AccessToken, AuthError>> {
        Box::pin(self.0.token(request, context))
    }

    fn input_version(&self) -> u64 {
        self.0.peer.input_version()
    }
}

/// For sign-ins that cannot be renewed here: whoever gave the refresh token
/// has to give another.
#[derive(Debug)]
pub(crate) struct Nobody(pub(crate) &'static str);

impl SignIn for Nobody {
    fn sign_in<'a>(
        &'a self,
        _request: &'a TokenRequest,
        _context: &'a FetchContext,
    ) -> BoxFuture<'a, Result<TokenAnswer, AuthError>> {
        Box::pin(async {
            let message = "nobody can sign in here";
            Err(AuthError::new(AuthErrorKind::InteractionRequired, self.0, message)
                .with_hint("have the person sign in where the refresh token came from"))
        })
    }
}
