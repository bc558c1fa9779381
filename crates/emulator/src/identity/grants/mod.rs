//! The grants of the token endpoint: each judges its own fields and says what
//! is to be given out. Making the answer is the same for all.

mod authorization_code;
mod client_credentials;
pub(crate) mod device_code;
pub(crate) mod entitlement;
mod on_behalf_of;
mod refresh_token;

use axum::http::HeaderMap;
use serde_json::{Map, Value, json};

use super::{
    challenge::ClaimsRequest,
    client::{self, Client, required},
    client_info,
    directory::User,
    error::TokenError,
    form::Form,
    sign_ins::{Family, Refresh, SignIn},
    tenant::Tenant,
    token::{Authority, ForUser, Order},
};

const CLIENT_CREDENTIALS: &str = "client_credentials";
const ON_BEHALF_OF: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const AUTHORIZATION_CODE: &str = "authorization_code";
const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// The older name of the same, which Microsoft's library for JavaScript sends.
const OLD_DEVICE_CODE: &str = "device_code";
const REFRESH_TOKEN: &str = "refresh_token";
const GRANTS: [&str; 6] = [
    CLIENT_CREDENTIALS,
    ON_BEHALF_OF,
    AUTHORIZATION_CODE,
    DEVICE_CODE,
    OLD_DEVICE_CODE,
    REFRESH_TOKEN,
];

/// Days that a refresh token lives without use: Entra's ninety.
const REFRESH_SECONDS: i64 = 90 * 24 * 3600;

/// A token request, its application known.
pub(crate) struct Request<'a> {
    pub(crate) authority: &'a Authority,
    pub(crate) tenant: &'a Tenant,
    pub(crate) form: &'a Form,
    pub(crate) client: Client,
    pub(crate) claims: ClaimsRequest,
}

/// What a grant lets out.
pub(crate) enum Outcome {
    /// A token for the application itself.
    Application { audience: String },
    /// Tokens for a user.
    User(Box<UserTokens>),
}

/// What a user's grant lets out.
pub(crate) struct UserTokens {
    pub(crate) user: User,
    /// What the user agreed to, with the scopes of this answer.
    pub(crate) sign_in: SignIn,
    /// The names of the resource's scopes that are granted.
    pub(crate) granted: Vec<String>,
    /// What the refresh token belongs to.
    pub(crate) family: Family,
}

/// Judges a token request and makes the body of its answer.
pub(crate) fn answer(
    authority: &Authority,
    tenant: &Tenant,
    form: &Form,
    headers: &HeaderMap,
) -> Result<Value, TokenError> {
    let grant = required(form, "grant_type")?;
    let is_for_users = GRANTS.contains(&grant) && grant != CLIENT_CREDENTIALS;
    if tenant.id.is_none() && !is_for_users {
        return Err(TokenError::tenant_missing());
    }
    if !GRANTS.contains(&grant) {
        return Err(TokenError::grant_unsupported(grant));
    }
    let client = client::authenticate(authority, tenant, form, headers)?;
    let claims = ClaimsRequest::parse(form.get("claims")?)?;
    let request = Request { authority, tenant, form, client, claims };
    let outcome = match grant {
        CLIENT_CREDENTIALS => client_credentials::judge(&request)?,
        ON_BEHALF_OF => on_behalf_of::judge(&request)?,
        AUTHORIZATION_CODE => authorization_code::judge(&request)?,
        DEVICE_CODE | OLD_DEVICE_CODE => device_code::judge(&request)?,
        _ => refresh_token::judge(&request)?,
    };
    let mut body = request.body(&outcome)?;
    // Of a user only, asked for or not: libraries file the token under the user
    // it tells of, where they do not look for an application's own.
    if let Outcome::User(tokens) = &outcome
        && form.get("client_info")? == Some("1")
    {
        let info = client_info(&tokens.user.object_id, &tokens.user.tenant_id);
        body.insert("client_info".to_owned(), info.into());
    }
    Ok(body.into())
}

impl Request<'_> {
    fn body(&self, outcome: &Outcome) -> Result<Map<String, Value>, TokenError> {
        match outcome {
            Outcome::Application { audience } => {
                let tenant_id = &self.client.application.tenant_id;
                self.access_token(audience, tenant_id, None)
            }
            Outcome::User(tokens) => self.user_tokens(tokens),
        }
    }

    fn access_token(
        &self,
        audience: &str,
        tenant_id: &str,
        user: Option<ForUser<'_>>,
    ) -> Result<Map<String, Value>, TokenError> {
        let order = Order {
            client: &self.client,
            issuer: self.tenant.issuer(self.authority, tenant_id),
            audience,
            user,
            handles_challenges: self.claims.handles_challenges,
        };
        let issued = self.authority.issue(order).map_err(|_| TokenError::signing_failed())?;
        let mut body = Map::new();
        body.insert("token_type".to_owned(), "Bearer".into());
        body.insert("expires_in".to_owned(), json!(issued.lifetime_seconds));
        body.insert("ext_expires_in".to_owned(), json!(issued.lifetime_seconds));
        body.insert("access_token".to_owned(), issued.token.into());
        if let Some(seconds) = issued.refresh_in {
            body.insert("refresh_in".to_owned(), json!(seconds));
        }
        Ok(body)
    }

    fn user_tokens(&self, tokens: &UserTokens) -> Result<Map<String, Value>, TokenError> {
        let UserTokens { user, sign_in, granted, family } = tokens;
        let scopes = &sign_in.scopes;
        let part = ForUser { user, scopes: granted, contexts: &sign_in.contexts };
        let mut body = self.access_token(&scopes.audience, &user.tenant_id, Some(part))?;
        let mut names: Vec<String> =
            granted.iter().map(|name| format!("{}/{name}", scopes.audience)).collect();
        if scopes.wants_all() {
            // Clients look their tokens up by what they asked for.
            names.push(format!("{}/.default", scopes.audience));
        }
        let open_id = scopes.open_id.iter().filter(|name| *name != "offline_access").cloned();
        names.extend(open_id);
        body.insert("scope".to_owned(), names.join(" ").into());
        if scopes.wants("offline_access") {
            let token = self.refresh_token(sign_in, family);
            body.insert("refresh_token".to_owned(), token.into());
        }
        if scopes.wants("openid") {
            let issuer = self.tenant.issuer(self.authority, &user.tenant_id);
            let client_id = &self.client.application.client_id;
            let token = self
                .authority
                .issue_id_token(client_id, &issuer, user, sign_in.nonce.as_deref())
                .map_err(|_| TokenError::signing_failed())?;
            body.insert("id_token".to_owned(), token.into());
        }
        Ok(body)
    }

    fn refresh_token(&self, sign_in: &SignIn, family: &Family) -> String {
        let refresh = Refresh {
            sign_in: sign_in.clone(),
            serial: self.authority.directory.next_refresh_token(),
            is_used: false,
            family: family.clone(),
        };
        let expires_at = self.now().saturating_add(REFRESH_SECONDS);
        self.authority.sign_ins.refresh_tokens.put("1.A", refresh, expires_at)
    }

    fn now(&self) -> i64 {
        self.authority.clock.unix_seconds()
    }

    /// What a sign-in lets out, after all checks but the grant's own.
    fn let_out(&self, sign_in: SignIn, family: Family) -> Result<Outcome, TokenError> {
        let application = &self.client.application;
        let user = self
            .authority
            .directory
            .user(&sign_in.user_id)
            .ok_or_else(|| TokenError::user_unknown(&sign_in.user_id, &self.tenant.name))?;
        let is_lacking = |context: &String| !sign_in.contexts.contains(context);
        if self.claims.contexts.iter().any(is_lacking) {
            return Err(TokenError::context_lacking(&self.claims.contexts));
        }
        let directory = &self.authority.directory;
        let granted =
            entitlement::check(directory, application, &user, &sign_in.scopes, &sign_in.contexts)?;
        Ok(Outcome::User(Box::new(UserTokens { user, sign_in, granted, family })))
    }
}
