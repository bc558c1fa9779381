//! [`AuthorizationRequest`]: where a web application sends the browser of a
//! person who is to sign in, and reading what it brings back.

use std::fmt;

use reqwest::Url;
use secrecy::SecretString;
use twinkit_http::endpoint;

use super::builder::EntraBuilder;
use super::hints;
use crate::oauth::callback::{self, Asked, NoAnswer, Ties, Wishes};
use crate::oauth::{ClientAuth, Peer, Prompt, ResponseMode, requested_claims};
use crate::{AuthError, AuthErrorKind, TokenRequest};

const NAME: &str = "authorization request";

/// One person's way to the sign-in page, made for one sign-in.
///
/// Send the browser to [`url`](Self::url). Keep [`state`](Self::state),
/// [`nonce`](Self::nonce) and [`verifier`](Self::verifier) on the server, in
/// the session of that browser: whoever has them can take the sign-in over.
/// When the browser comes back, give what it brings to
/// [`read_answer`](Self::read_answer) with that session's state, and the code
/// to [`Credential::authorization_code`](crate::Credential::authorization_code).
///
/// ```
/// # fn example(body: &str) -> Result<(), twinkit_auth::AuthError> {
/// use twinkit_auth::{AuthorizationRequest, Credential, TokenRequest};
///
/// let (tenant, client_id) = ("contoso.onmicrosoft.com", "00000000-0000-0000-0000-000000000000");
/// let redirect_uri = "https://app.contoso.com/signed-in";
/// let wanted = TokenRequest::new(["https://digitaltwins.azure.net/.default"])?;
///
/// let sign_in = AuthorizationRequest::builder(tenant, client_id, redirect_uri).build(&wanted)?;
/// // Redirect the browser to `sign_in.url()`; it comes back with a POST of `body`.
/// let code = AuthorizationRequest::read_answer(body, sign_in.state())?;
/// let credential =
///     Credential::authorization_code(tenant, client_id, code, redirect_uri, sign_in.verifier().clone())
///         .nonce(sign_in.nonce().clone())
///         .client_secret("the application's secret")
///         .build()?;
/// # Ok(())
/// # }
/// ```
///
/// # Coming from the implicit grant
///
/// Instructions of 2018 have the token put into the address
/// (`response_type=token`) by the endpoint without a version. OAuth 2.1 and
/// RFC 9700 retire that, and this crate does not do it: the token would stand
/// in the browser's history, and with the blank `state` of those instructions
/// anybody could slip theirs in. It maps like this:
///
/// | then | now |
/// |---|---|
/// | `response_type=token` | code and PKCE, made here |
/// | `/oauth2/authorize?resource=URI` | `/oauth2/v2.0/authorize?scope=URI/.default` |
/// | `resource=0b07f429-9f4b-4714-9392-cc5e8e80c8b0` | the scope `https://digitaltwins.azure.net/.default` |
/// | `oauth2AllowImplicitFlow: true` | `false`: Authentication, both boxes of the implicit grant empty |
/// | a callback of somebody else's, such as an API tool's | a redirect URI of the application's own; `http://localhost` for native ones |
/// | `state` left blank | made here, compared by `read_answer` |
#[derive(Clone)]
pub struct AuthorizationRequest {
    url: Url,
    ties: Ties,
}

/// What an [`AuthorizationRequest`] is made of.
#[derive(Debug, Clone)]
pub struct AuthorizationPage {
    redirect_uri: String,
    mode: ResponseMode,
    wishes: Wishes,
}

/// The settings of an [`AuthorizationRequest`].
pub type AuthorizationRequestBuilder = EntraBuilder<AuthorizationPage>;

impl AuthorizationRequest {
    /// For the application `client_id`, to return to `redirect_uri`, which is
    /// registered with it in the same letters. Finish with
    /// [`build`](EntraBuilder::<AuthorizationPage>::build).
    pub fn builder(
        tenant: impl Into<String>,
        client_id: impl Into<String>,
        redirect_uri: impl Into<String>,
    ) -> AuthorizationRequestBuilder {
        let way = AuthorizationPage {
            redirect_uri: redirect_uri.into(),
            mode: ResponseMode::default(),
            wishes: Wishes::default(),
        };
        EntraBuilder::new(way, tenant.into(), client_id.into())
    }

    /// Where to send the browser.
    #[must_use]
    pub fn url(&self) -> &str {
        self.url.as_str()
    }

    /// What the browser has to bring back.
    #[must_use]
    pub fn state(&self) -> &SecretString {
        &self.ties.state
    }

    /// What the ID token has to carry.
    #[must_use]
    pub fn nonce(&self) -> &SecretString {
        &self.ties.nonce
    }

    /// What redeems the code.
    #[must_use]
    pub fn verifier(&self) -> &SecretString {
        &self.ties.verifier
    }

    /// The code that a browser brought back: `fields` is the body of its POST
    /// ([`ResponseMode::FormPost`]) or the query of its address
    /// ([`ResponseMode::Query`]), as it came; `state` is that of this browser's
    /// own session.
    ///
    /// # Errors
    /// [`AuthErrorKind::Protocol`] if the fields are no answer to this sign-in;
    /// otherwise what the sign-in page said, such as
    /// [`AuthErrorKind::Denied`] if the person cancelled.
    pub fn read_answer(fields: &str, state: &SecretString) -> Result<SecretString, AuthError> {
        let answer = callback::read(NAME, fields, state, None).unwrap_or_else(|fault| {
            let message = match fault {
                NoAnswer::State => "the browser came back with another sign-in's state or none",
                NoAnswer::Malformed => "the browser came back with neither a code nor an error",
            };
            Err(AuthError::new(AuthErrorKind::Protocol, NAME, message)
                .with_hint("start the sign-in again"))
        });
        answer.map_err(hints::explain)
    }
}

impl EntraBuilder<AuthorizationPage> {
    /// How the browser brings the code back: [`ResponseMode::FormPost`] unless
    /// another is set. A session cookie needs `SameSite=None` to come along with
    /// that POST.
    pub fn response_mode(mut self, mode: ResponseMode) -> Self {
        self.way.mode = mode;
        self
    }

    /// What the page asks of the person.
    pub fn prompt(mut self, prompt: Prompt) -> Self {
        self.way.wishes.prompt = Some(prompt);
        self
    }

    /// The user name to begin with.
    pub fn login_hint(mut self, hint: impl Into<String>) -> Self {
        self.way.wishes.login_hint = Some(hint.into());
        self
    }

    /// The domain whose sign-in page is shown at once.
    pub fn domain_hint(mut self, hint: impl Into<String>) -> Self {
        self.way.wishes.domain_hint = Some(hint.into());
        self
    }

    /// Makes the address for one sign-in, which asks for the scopes and claims
    /// of `request`.
    ///
    /// # Errors
    /// [`AuthErrorKind::Config`] names the setting that is wrong.
    pub fn build(self, request: &TokenRequest) -> Result<AuthorizationRequest, AuthError> {
        let AuthorizationPage { redirect_uri, mode, wishes } = &self.way;
        let redirect_uri = redirect_uri.trim();
        if endpoint::parse(redirect_uri, false).is_err() {
            let message = "the redirect URI is not an https address without query and fragment";
            return Err(AuthError::new(AuthErrorKind::Config, NAME, message));
        }
        let app = self.settings.user_app(NAME, ClientAuth::Public)?;
        app.check(request)?;
        let ties = Ties::new(NAME)?;
        let claims = requested_claims(request);
        let asked = Asked {
            redirect_uri,
            scope: &app.scope(request),
            mode: *mode,
            claims: claims.as_deref(),
            wishes,
            ties: &ties,
        };
        let url = callback::authorization_url(Peer::authorize_url(&app, request)?, &asked);
        Ok(AuthorizationRequest { url, ties })
    }
}

/// The address holds the state.
impl fmt::Debug for AuthorizationRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let page = twinkit_http::redact::url(&self.url);
        f.debug_struct("AuthorizationRequest").field("page", &page).finish_non_exhaustive()
    }
}
