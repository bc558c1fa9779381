//! A chain that the user wrote: sources tried in order until one is there.
//!
//! Only a source that does not exist in this environment is passed over. One
//! that exists and refuses ends the chain: going on would call as somebody
//! else than was meant. It must not know what the sources are.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::{
    AccessToken, AuthError, AuthErrorKind, BoxFuture, Credential, FetchContext, TokenRequest,
    TokenSource,
};

const NAME: &str = "chain";

/// No source has given a token yet.
const UNDECIDED: usize = usize::MAX;

impl Credential {
    /// A chain of sources, tried in the order of [`then`](ChainBuilder::then);
    /// it stays with the first that gives a token.
    ///
    /// A link is passed over only if its source does not exist here
    /// ([`AuthErrorKind::Unavailable`]): variables that are not set, no identity
    /// on this machine, no such tool. Any other failure is the chain's. There is
    /// no chain by default: a program that guesses may call as somebody else
    /// than was meant.
    ///
    /// ```
    /// # fn f() -> Result<(), twinkit_auth::AuthError> {
    /// use twinkit_auth::Credential;
    /// let chain = Credential::chain()
    ///     .then(Credential::from_env())
    ///     .then(Credential::client_secret("tenant", "app", "secret").build())
    ///     .build()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn chain() -> ChainBuilder {
        ChainBuilder { links: Vec::new() }
    }
}

/// The links of a chain; made by [`Credential::chain`].
#[derive(Debug)]
#[must_use = "nothing is made until `build` is called"]
pub struct ChainBuilder {
    links: Vec<Result<Credential, AuthError>>,
}

impl ChainBuilder {
    /// Adds a link behind those already there: a credential, or what a builder's
    /// `build` returned. The links' sources are asked; their own caches are not,
    /// as the chain keeps the tokens.
    pub fn then(mut self, link: impl Into<ChainLink>) -> Self {
        self.links.push(link.into().0);
        self
    }

    /// Makes the chain. Nothing is sent yet.
    ///
    /// # Errors
    /// There is no link, or one could not be made for another reason than that
    /// its source does not exist here.
    pub fn build(self) -> Result<Credential, AuthError> {
        if self.links.is_empty() {
            return Err(AuthError::new(AuthErrorKind::Config, NAME, "the chain has no link"));
        }
        let is_wrong = |error: &&AuthError| error.kind() != AuthErrorKind::Unavailable;
        if let Some(error) = self.links.iter().filter_map(|link| link.as_ref().err()).find(is_wrong)
        {
            return Err(error.clone());
        }
        let chain = Chain { links: self.links, chosen: AtomicUsize::new(UNDECIDED) };
        Ok(Credential::from_source(chain))
    }
}

/// A link of a chain: a [`Credential`], or the error of one that could not be
/// made.
#[derive(Debug)]
pub struct ChainLink(Result<Credential, AuthError>);

impl From<Credential> for ChainLink {
    fn from(credential: Credential) -> Self {
        Self(Ok(credential))
    }
}

impl From<Result<Credential, AuthError>> for ChainLink {
    fn from(outcome: Result<Credential, AuthError>) -> Self {
        Self(outcome)
    }
}

#[derive(Debug)]
struct Chain {
    links: Vec<Result<Credential, AuthError>>,
    /// The link that gave a token, or [`UNDECIDED`].
    chosen: AtomicUsize,
}

impl Chain {
    async fn first(
        &self,
        request: &TokenRequest,
        context: &FetchContext,
    ) -> Result<AccessToken, AuthError> {
        let chosen = self.links.get(self.chosen.load(Ordering::Relaxed));
        if let Some(Ok(link)) = chosen {
            return link.fetch(request, context).await;
        }
        let mut outcomes = Vec::new();
        for (index, link) in self.links.iter().enumerate() {
            let outcome = match link {
                Ok(link) => link.fetch(request, context).await,
                Err(error) => Err(error.clone()),
            };
            match outcome {
                Ok(token) => {
                    tracing::debug!(link = index, "the chain stays with this source");
                    self.chosen.store(index, Ordering::Relaxed);
                    return Ok(token);
                }
                Err(error) if error.kind() == AuthErrorKind::Unavailable => {
                    tracing::debug!(link = index, %error, "not here");
                    outcomes.push(error);
                }
                Err(error) => return Err(error.with_outcomes(outcomes)),
            }
        }
        let message = format!("none of the {} sources is there", outcomes.len());
        Err(AuthError::new(AuthErrorKind::Unavailable, NAME, message).with_outcomes(outcomes))
    }
}

impl TokenSource for Chain {
    fn name(&self) -> &'static str {
        NAME
    }

    fn fetch<'a>(
        &'a self,
        request: &'a TokenRequest,
        context: &'a FetchContext,
    ) -> BoxFuture<'a, Result<AccessToken, AuthError>> {
        Box::pin(self.first(request, context))
    }

    fn input_version(&self) -> u64 {
        let links = self.links.iter().filter_map(|link| link.as_ref().ok());
        links.fold(0, |sum, link| sum.wrapping_add(link.source_version()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};
    use std::time::{Duration, SystemTime};

    /// Fails in one way, or gives its name as the token; counts.
    #[derive(Debug)]
    struct Link(&'static str, Arc<Mutex<Vec<&'static str>>>, Option<AuthErrorKind>);

    impl TokenSource for Link {
        fn name(&self) -> &'static str {
            self.0
        }

        fn fetch<'a>(
            &'a self,
            _: &'a TokenRequest,
            _: &'a FetchContext,
        ) -> BoxFuture<'a, Result<AccessToken, AuthError>> {
            self.1.lock().unwrap().push(self.0);
            let end = SystemTime::now() + Duration::from_secs(3600);
            let outcome = match self.2 {
                Some(kind) => Err(AuthError::new(kind, self.0, "scripted").with_hint("mend it")),
                None => AccessToken::new(self.0, end),
            };
            Box::pin(async move { outcome })
        }
    }

    type Asked = Arc<Mutex<Vec<&'static str>>>;

    fn chain(kinds: [Option<AuthErrorKind>; 3]) -> (Credential, Asked) {
        let asked = Asked::default();
        let links = ["one", "two", "three"].into_iter().zip(kinds);
        let links =
            links.map(|(name, kind)| Credential::from_source(Link(name, Arc::clone(&asked), kind)));
        let chain = links.fold(Credential::chain(), ChainBuilder::then);
        (chain.build().unwrap(), asked)
    }

    fn request(scope: &str) -> TokenRequest {
        TokenRequest::new([scope]).unwrap()
    }

    #[tokio::test]
    async fn the_first_source_that_is_there_is_kept_to() {
        let (chain, asked) = chain([Some(AuthErrorKind::Unavailable), None, None]);
        chain.token(&request("a")).await.unwrap();
        chain.token(&request("b")).await.unwrap();
        assert_eq!(*asked.lock().unwrap(), ["one", "two", "two"]);
    }

    #[tokio::test]
    async fn a_source_that_exists_but_fails_ends_the_chain() {
        for kind in [
            AuthErrorKind::Config,
            AuthErrorKind::Rejected,
            AuthErrorKind::InteractionRequired,
            AuthErrorKind::Transient,
            AuthErrorKind::Timeout,
            AuthErrorKind::Protocol,
            AuthErrorKind::Denied,
        ] {
            let (chain, asked) = chain([Some(AuthErrorKind::Unavailable), Some(kind), None]);
            let error = chain.token(&request("a")).await.unwrap_err();
            assert_eq!((error.kind(), error.source_name()), (kind, "two"));
            assert_eq!(error.outcomes().len(), 1);
            assert_eq!(*asked.lock().unwrap(), ["one", "two"]);
        }
    }

    #[tokio::test]
    async fn the_error_tells_what_became_of_each_source() {
        let gone = Some(AuthErrorKind::Unavailable);
        let (chain, _) = chain([gone, gone, gone]);
        let error = chain.token(&request("a")).await.unwrap_err();
        assert_eq!(error.kind(), AuthErrorKind::Unavailable);
        let line = error.to_string();
        for name in ["one: scripted", "two: scripted", "three: scripted"] {
            assert!(line.contains(name), "{line}");
        }
        assert!(!line.contains('\n'));
    }

    #[tokio::test]
    async fn links_that_could_not_be_made_count_as_not_there_unless_they_are_wrong() {
        let gone = AuthError::new(AuthErrorKind::Unavailable, "gone", "not set");
        let asked = Asked::default();
        let there = Credential::from_source(Link("there", Arc::clone(&asked), None));
        let chain = Credential::chain().then(Err(gone.clone())).then(there);
        chain.build().unwrap().token(&request("a")).await.unwrap();
        let error = Credential::chain().then(Err(gone.clone())).build().unwrap();
        let error = error.token(&request("a")).await.unwrap_err();
        assert!(error.to_string().contains("gone: not set"), "{error}");
        let wrong = AuthError::new(AuthErrorKind::Config, "wrong", "no tenant");
        let error = Credential::chain().then(Err(gone)).then(Err(wrong)).build().unwrap_err();
        assert_eq!(error.source_name(), "wrong");
        assert!(Credential::chain().build().is_err());
    }
}
