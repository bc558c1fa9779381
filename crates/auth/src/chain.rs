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
    /// Tries `links` in order and stays with the first that gives a token.
    ///
    /// A link is passed over only if its source does not exist here
    /// ([`AuthErrorKind::Unavailable`]): no identity on this machine, no such
    /// tool. Any other failure is the chain's. There is no chain by default: a
    /// program that guesses may call as somebody else than was meant.
    ///
    /// ```
    /// # fn f() -> Result<(), twinkit_auth::AuthError> {
    /// use twinkit_auth::Credential;
    /// let secret = Credential::client_secret("tenant", "app", "secret").build()?;
    /// let chain = Credential::chain([Credential::from_env()?, secret])?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// The links' sources are asked; tokens are kept by the chain.
    ///
    /// # Errors
    /// [`AuthErrorKind::Config`] if there is no link.
    pub fn chain(links: impl IntoIterator<Item = Self>) -> Result<Self, AuthError> {
        let links: Vec<_> = links.into_iter().collect();
        if links.is_empty() {
            return Err(AuthError::new(AuthErrorKind::Config, NAME, "the chain has no link"));
        }
        Ok(Self::from_source(Chain { links, chosen: AtomicUsize::new(UNDECIDED) }))
    }
}

#[derive(Debug)]
struct Chain {
    links: Vec<Credential>,
    /// The link that gave a token, or [`UNDECIDED`].
    chosen: AtomicUsize,
}

impl Chain {
    async fn first(
        &self,
        request: &TokenRequest,
        context: &FetchContext,
    ) -> Result<AccessToken, AuthError> {
        if let Some(link) = self.links.get(self.chosen.load(Ordering::Relaxed)) {
            return link.fetch(request, context).await;
        }
        let mut outcomes = Vec::new();
        for (index, link) in self.links.iter().enumerate() {
            match link.fetch(request, context).await {
                Ok(token) => {
                    tracing::debug!(link = link.source_name(), "the chain stays with this source");
                    self.chosen.store(index, Ordering::Relaxed);
                    return Ok(token);
                }
                Err(error) if error.kind() == AuthErrorKind::Unavailable => {
                    tracing::debug!(link = link.source_name(), %error, "not here");
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
        self.links.iter().fold(0, |sum, link| sum.wrapping_add(link.source_version()))
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
        (Credential::chain(links).unwrap(), asked)
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

    #[test]
    fn an_empty_chain_is_refused() {
        assert!(Credential::chain([]).is_err());
    }
}
