//! What the authorize endpoint is asked, checked in two steps: first whom to
//! answer, then what is wanted. Only who is known is told what was wrong.

use serde::{Deserialize, Serialize};

use super::{
    super::{
        challenge::ClaimsRequest,
        client::{self, required},
        directory::{Application, ApplicationForm},
        error::TokenError,
        form::Form,
        grants::entitlement,
        pkce,
        scope::Scopes,
        tenant::Tenant,
        token::Authority,
    },
    Mode, Reply,
};

/// A sound request of the authorize endpoint.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct AuthorizeRequest {
    pub(crate) tenant: Tenant,
    #[serde(with = "ApplicationForm")]
    pub(crate) application: Application,
    pub(crate) reply: Reply,
    pub(crate) scopes: Scopes,
    pub(crate) challenge: Option<String>,
    pub(crate) nonce: Option<String>,
    pub(crate) contexts: Vec<String>,
    pub(crate) prompt: Option<String>,
    pub(crate) login_hint: Option<String>,
    /// Our own parameter: the hinted user signs in without a page.
    pub(crate) is_automatic: bool,
    pub(crate) wants_client_info: bool,
}

/// A refusal, and to whom it is told.
pub(crate) enum Refused {
    /// To the user: the application is not known, or its address is not.
    OnPage(TokenError),
    /// To the application.
    To(Reply, TokenError),
}

impl AuthorizeRequest {
    pub(crate) fn read(
        authority: &Authority,
        tenant: &str,
        query: &Form,
    ) -> Result<Self, Box<Refused>> {
        let on_page = |error: TokenError| Box::new(Refused::OnPage(error));
        let tenant = Tenant::find(authority, tenant).map_err(on_page)?;
        let (application, mut reply) =
            whom_to_answer(authority, &tenant, query).map_err(on_page)?;
        match Self::what(authority, tenant, application, &mut reply, query) {
            Ok(request) => Ok(request),
            Err(error) => Err(Box::new(Refused::To(reply, error))),
        }
    }

    fn what(
        authority: &Authority,
        tenant: Tenant,
        application: Application,
        reply: &mut Reply,
        query: &Form,
    ) -> Result<Self, TokenError> {
        let response_type = required(query, "response_type")?;
        if response_type != "code" {
            if response_type.contains("token") {
                reply.mode = Mode::Fragment;
            }
            return Err(TokenError::response_type_unsupported(response_type));
        }
        match query.get("response_mode")? {
            None | Some("query") => {}
            Some("form_post") => reply.mode = Mode::FormPost,
            Some(other) => {
                return Err(TokenError::value_unknown(
                    "response_mode",
                    other,
                    "query or form_post",
                ));
            }
        }
        let scopes = Scopes::parse(required(query, "scope")?)?;
        entitlement::resolve(&authority.directory, &scopes)?;
        let challenge = challenge(&application, query)?;
        let claims = ClaimsRequest::parse(query.get("claims")?)?;
        let text = |field| query.get(field).map(|value| value.map(str::to_owned));
        Ok(Self {
            tenant,
            reply: reply.clone(),
            scopes,
            challenge,
            nonce: text("nonce")?,
            contexts: claims.contexts,
            prompt: text("prompt")?,
            login_hint: text("login_hint")?,
            is_automatic: query.get("auto")? == Some("1"),
            wants_client_info: query.get("client_info")? == Some("1"),
            application,
        })
    }
}

fn whom_to_answer(
    authority: &Authority,
    tenant: &Tenant,
    query: &Form,
) -> Result<(Application, Reply), TokenError> {
    let application = client::find(authority, tenant, required(query, "client_id")?)?;
    let redirect_uri = required(query, "redirect_uri")?;
    if !application.takes_redirect(redirect_uri) {
        return Err(TokenError::redirect_unknown(redirect_uri, &application.client_id));
    }
    let reply = Reply {
        redirect_uri: redirect_uri.to_owned(),
        mode: Mode::Query,
        state: query.get("state")?.map(str::to_owned),
    };
    Ok((application, reply))
}

fn challenge(application: &Application, query: &Form) -> Result<Option<String>, TokenError> {
    let challenge = query.get("code_challenge")?;
    let method = query.get("code_challenge_method")?;
    match challenge {
        None if application.is_public => Err(TokenError::challenge_missing()),
        None => Ok(None),
        Some(challenge) if method == Some("S256") && pkce::is_challenge(challenge) => {
            Ok(Some(challenge.to_owned()))
        }
        Some(_) => Err(TokenError::challenge_malformed()),
    }
}
