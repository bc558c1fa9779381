//! `/connect/authorize`: who signs in, and a code for the application.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{RawQuery, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};

use super::{
    Provider,
    directory::{ImsClient, ImsUser},
    error::OAuthError,
    grants::scopes,
    provider::{Code, Grant, SignInRequest},
};
use crate::identity::{
    form::Form,
    pages::{
        Mode, Reply,
        html::{Choice, notice},
    },
    pkce,
    sign_ins::Family,
};

/// Seconds that a code is good for.
const CODE_SECONDS: i64 = 300;
/// Seconds that a page waits for its user.
const PAGE_SECONDS: i64 = 900;

type Shared = State<Arc<Provider>>;

pub(super) async fn show(State(provider): Shared, RawQuery(query): RawQuery) -> Response {
    let query = Form::parse(query.unwrap_or_default().as_bytes());
    let (client, reply) = match whom_to_answer(&provider, &query) {
        Ok(known) => known,
        Err(error) => {
            let text = format!("{}: {}", error.error, error.description);
            return notice(StatusCode::BAD_REQUEST, "Sign in", &text);
        }
    };
    let judged = read(&query, &client, &reply)
        .and_then(|request| without_page(&provider, &query).map(|user| (request, user)));
    match judged {
        Ok((request, Some(user))) => accept(&provider, request, &user),
        Ok((request, None)) => ask(&provider, &query, &client, request),
        Err(error) => to_application(&provider, &reply, &error),
    }
}

/// Takes the page's form; its ticket is good for one answer.
pub(super) async fn decide(State(provider): Shared, headers: HeaderMap, body: Bytes) -> Response {
    let form = Form::of_body(&headers, &body);
    let field = |name| form.get(name).ok().flatten().unwrap_or_default();
    let Some(request) = provider.pending.take(field("ticket"), provider.now()) else {
        let text = "This page is no longer good. Start again in the application.";
        return notice(StatusCode::BAD_REQUEST, "Sign in", text);
    };
    match provider.directory.user(field("user")) {
        Some(user) if field("decision") == "accept" => accept(&provider, request, &user),
        _ => {
            let error = OAuthError::new("access_denied", "The user cancelled the sign-in.");
            to_application(&provider, &request.reply, &error)
        }
    }
}

fn whom_to_answer(provider: &Provider, query: &Form) -> Result<(ImsClient, Reply), OAuthError> {
    let client_id = query.get("client_id")?.ok_or_else(|| OAuthError::missing("client_id"))?;
    let client = provider
        .directory
        .client(client_id)
        .ok_or_else(|| OAuthError::new("unauthorized_client", "No such client."))?;
    let uri = query.get("redirect_uri")?.ok_or_else(|| OAuthError::missing("redirect_uri"))?;
    if !client.redirect_uris.iter().any(|known| known == uri) {
        let text = "The redirect address is not registered; the port must match too.";
        return Err(OAuthError::new("invalid_request", text));
    }
    let reply = Reply {
        redirect_uri: uri.to_owned(),
        mode: Mode::Query,
        state: query.get("state")?.map(str::to_owned),
    };
    Ok((client, reply))
}

fn read(query: &Form, client: &ImsClient, reply: &Reply) -> Result<SignInRequest, OAuthError> {
    match query.get("response_type")? {
        Some("code") => {}
        None => return Err(OAuthError::missing("response_type")),
        Some(_) => {
            let text = "Only the response type 'code' is supported.";
            return Err(OAuthError::new("unsupported_response_type", text));
        }
    }
    if !matches!(query.get("response_mode")?, None | Some("query")) {
        let text = "Only the response mode 'query' is supported.";
        return Err(OAuthError::new("invalid_request", text));
    }
    let challenge = query
        .get("code_challenge")?
        .filter(|challenge| pkce::is_challenge(challenge))
        .ok_or_else(|| OAuthError::new("invalid_request", "'code_challenge' is no SHA-256."))?;
    if query.get("code_challenge_method")? != Some("S256") {
        let text = "'code_challenge_method' must be 'S256'.";
        return Err(OAuthError::new("invalid_request", text));
    }
    let scope = query.get("scope")?.ok_or_else(|| OAuthError::missing("scope"))?;
    Ok(SignInRequest {
        client_id: client.client_id.clone(),
        reply: reply.clone(),
        scopes: scopes(client, Some(scope))?,
        challenge: challenge.to_owned(),
        nonce: query.get("nonce")?.map(str::to_owned),
    })
}

/// The user who signs in without being asked, if there is one.
fn without_page(provider: &Provider, query: &Form) -> Result<Option<ImsUser>, OAuthError> {
    let refused =
        || OAuthError::new("login_required", "Nobody is signed in who need not be asked.");
    let automatic = provider.directory.automatic_user();
    if query.get("auto")? == Some("1") {
        let hint = query.get("login_hint")?.unwrap_or_default();
        return provider.directory.user_named(hint).map(Some).ok_or_else(refused);
    }
    if query.get("prompt")? == Some("none") {
        return automatic.map(Some).ok_or_else(refused);
    }
    Ok(automatic)
}

fn ask(provider: &Provider, query: &Form, client: &ImsClient, request: SignInRequest) -> Response {
    let hint = query.get("login_hint").ok().flatten().unwrap_or_default();
    let mut users = provider.directory.users();
    // The hinted user comes first and so is the one chosen.
    users.sort_by_key(|user| !user.email.eq_ignore_ascii_case(hint));
    let target = request.reply.redirect_uri.clone();
    let scopes = request.scopes.clone();
    let expires_at = provider.now().saturating_add(PAGE_SECONDS);
    let ticket = provider.pending.put("", request, expires_at);
    Choice {
        question: format!("Who signs in to {}?", client.display_name),
        state: ("ticket", &ticket),
        users: users
            .into_iter()
            .map(|user| (user.id, format!("{} ({})", user.name, user.email)))
            .collect(),
        scopes,
        target: Some(&target),
    }
    .show()
}

fn accept(provider: &Provider, request: SignInRequest, user: &ImsUser) -> Response {
    let code = Code {
        grant: Grant {
            user_id: user.id.clone(),
            client_id: request.client_id,
            scopes: request.scopes,
            nonce: request.nonce,
            family: Family::default(),
        },
        redirect_uri: request.reply.redirect_uri.clone(),
        challenge: request.challenge,
        is_used: false,
    };
    let expires_at = provider.now().saturating_add(CODE_SECONDS);
    let code = provider.codes.put("", code, expires_at);
    request.reply.send(vec![("code", code), ("iss", provider.base_url.clone())])
}

fn to_application(provider: &Provider, reply: &Reply, error: &OAuthError) -> Response {
    reply.send(vec![
        ("error", error.error.to_owned()),
        ("error_description", error.description.clone()),
        ("iss", provider.base_url.clone()),
    ])
}
