//! API tokens of the application: made, revoked, and replaced without a gap. The
//! service alone makes them and tells each once. It must not know who uses them.
//!
//! Whether a `PUT` on the id of a token that exists is refused or makes a new
//! secret for it is not documented. So nothing here does that unasked: making a
//! token looks first whether its id is free, and a rotation makes a token with a
//! new id.

mod lifetime;
mod rotate;

use std::fmt;

use progenitor_client::{Error, Refused, Secret, Timestamp};
use serde_json::{Map, Value, json};
use twinkit_auth::ApiToken;

pub use rotate::{RotatedApiToken, Rotation};

use crate::{ApiTokenId, Client, Method, OPERATIONS, RoleGrant, types};

const LOST: &str = "the token exists now, but its text is told only once: revoke it and make \
                    another one";

impl Client {
    /// Makes an API token with the roles that are given to the builder. Its text
    /// is in the answer and can never be read again.
    ///
    /// ```no_run
    /// # async fn f(client: twinkit_iot_central::Client) -> Result<(), twinkit_iot_central::Error> {
    /// use std::time::{Duration, SystemTime};
    /// use twinkit_iot_central::{BuiltInRole, Client};
    ///
    /// let made = client
    ///     .make_api_token("nightly")
    ///     .role(BuiltInRole::Operator)
    ///     .expires(SystemTime::now() + Duration::from_secs(90 * 86_400))
    ///     .make()
    ///     .await?;
    /// let nightly = Client::with_api_token("https://myapp.azureiotcentral.com", made.secret)?;
    /// # let _ = nightly;
    /// # Ok(())
    /// # }
    /// ```
    pub fn make_api_token<I>(&self, id: I) -> NewApiToken<'_>
    where
        I: TryInto<ApiTokenId>,
        I::Error: fmt::Display,
    {
        let id = id.try_into().map_err(Refused::because);
        NewApiToken { client: self, id, grants: Vec::new(), expiry: None, replace: false }
    }

    /// The first free id that counts on from `like`: `nightly-2` for `nightly`.
    /// It is what [`rotate_api_token`](Self::rotate_api_token) calls a new token
    /// unless it is told another id.
    ///
    /// # Errors
    /// What `list_api_tokens` says.
    pub async fn next_api_token_id(&self, like: &ApiTokenId) -> Result<ApiTokenId, Error> {
        let listed = self.list_api_tokens().items().into_vec().await?;
        let taken: Vec<String> = listed.into_iter().filter_map(|token| token.id).collect();
        Ok(ApiTokenId::new(rotate::next_id(like.as_str(), &taken))?)
    }

    /// Revokes an API token: it ends at once. Gives whether it was there.
    ///
    /// # Errors
    /// What `delete_api_token` says, but for 404.
    pub async fn revoke_api_token<I>(&self, id: I) -> Result<bool, Error>
    where
        I: TryInto<ApiTokenId>,
        I::Error: fmt::Display,
    {
        match self.delete_api_token().token_id(id).send().await {
            Ok(_) => Ok(true),
            Err(error) if error.is_not_found() => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// A token to be made, by [`make`](Self::make).
#[must_use = "nothing is sent until `make` is awaited"]
#[derive(Debug)]
pub struct NewApiToken<'a> {
    client: &'a Client,
    id: Result<ApiTokenId, Refused>,
    grants: Vec<RoleGrant>,
    expiry: Option<Timestamp>,
    replace: bool,
}

impl NewApiToken<'_> {
    /// Gives a role, beside those given so far.
    pub fn role(mut self, role: impl Into<RoleGrant>) -> Self {
        self.grants.push(role.into());
        self
    }

    /// Gives several roles, beside those given so far.
    pub fn roles(mut self, roles: impl IntoIterator<Item = impl Into<RoleGrant>>) -> Self {
        self.grants.extend(roles.into_iter().map(Into::into));
        self
    }

    /// When it ends. Without it the service chooses, about a year ahead. The
    /// service may choose another time: see the answer.
    pub fn expires(mut self, at: impl Into<Timestamp>) -> Self {
        self.expiry = Some(at.into());
        self
    }

    /// Does not look whether the id is free. What the service does with a token
    /// that has it is not documented: it may refuse, or the old text may end.
    pub fn replace_existing(mut self) -> Self {
        self.replace = true;
        self
    }

    /// Makes the token.
    ///
    /// # Errors
    /// Before anything is sent: no role, a role that does not fit its
    /// organization, an end that has passed. Else: the id is taken; no role of a
    /// name; what the calls say.
    pub async fn make(self) -> Result<IssuedApiToken, Error> {
        Box::pin(self.send()).await
    }

    async fn send(self) -> Result<IssuedApiToken, Error> {
        let client = self.client;
        let id = self.id?;
        check_expiry(client, self.expiry.as_ref())?;
        let roles = client.resolve_roles(&self.grants).await?;
        if !self.replace {
            match client.get_api_token().token_id(&id).send().await {
                Ok(_) => return Err(taken(&id)),
                Err(error) if error.is_not_found() => {}
                Err(error) => return Err(error),
            }
        }
        issue(client, &id, &json!(roles), self.expiry.as_ref()).await
    }
}

fn taken(id: &ApiTokenId) -> Error {
    let message = format!("the application has an API token with the id {:?} already", id.as_str());
    Error::InvalidRequest(message)
        .with_hint("choose another id, rotate the token (rotate_api_token), or revoke it first")
}

/// An end that has passed cannot be meant.
fn check_expiry(client: &Client, expiry: Option<&Timestamp>) -> Result<(), Error> {
    let Some(expiry) = expiry else { return Ok(()) };
    let end = expiry
        .to_system_time()
        .map_err(|error| Error::InvalidRequest(format!("the token's end: {error}")))?;
    if end <= client.inner.clock().now() {
        let message = format!("the token's end {expiry} has passed");
        return Err(Error::InvalidRequest(message));
    }
    Ok(())
}

/// Has the service make a token. The roles are sent as they are given, with
/// whatever members they have.
async fn issue(
    client: &Client,
    id: &ApiTokenId,
    roles: &Value,
    expiry: Option<&Timestamp>,
) -> Result<IssuedApiToken, Error> {
    let mut body = Map::new();
    body.insert("roles".to_owned(), roles.clone());
    if let Some(expiry) = expiry {
        body.insert("expiry".to_owned(), json!(expiry));
    }
    let put = client.inner.request(Method::PUT, &path(id));
    let put = put.operation(OPERATIONS, "create_api_token").json_body(&body);
    let made = put.json::<types::ApiToken>().await?.into_inner();
    let secret = made.token.ok_or_else(|| {
        let message = format!("the answer holds no text of the token {:?}", id.as_str());
        Error::operation_failed(None, message).in_operation("create_api_token").with_hint(LOST)
    })?;
    let id = made.id.map_or_else(|| Ok(id.clone()), ApiTokenId::new)?;
    Ok(IssuedApiToken { id, roles: made.roles, expiry: made.expiry, secret })
}

fn path(id: &ApiTokenId) -> String {
    format!("/api/apiTokens/{}", progenitor_client::PathSegment(id.as_str()))
}

/// A token that was just made. Its text is not shown by `Debug`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct IssuedApiToken {
    /// Its id, by which it is revoked.
    pub id: ApiTokenId,
    /// The roles it carries.
    pub roles: Vec<types::RoleAssignment>,
    /// When it ends.
    pub expiry: Option<Timestamp>,
    /// The text, as it goes into `Authorization`. Keep it: nobody can read it
    /// again.
    pub secret: Secret,
}

impl IssuedApiToken {
    /// The text with its parts: application, id and end.
    ///
    /// # Errors
    /// [`ErrorKind::Auth`](crate::ErrorKind::Auth) if the service gave a text
    /// that is no API token. It is in [`secret`](Self::secret) in any case.
    pub fn token(&self) -> Result<ApiToken, Error> {
        ApiToken::new(twinkit_auth::SecretString::from(self.secret.clone())).map_err(Error::from)
    }
}
