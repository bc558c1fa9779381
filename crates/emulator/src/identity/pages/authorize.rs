//! The authorize endpoint: who signs in, and a code for the application.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{Path, RawQuery, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};

use super::{
    super::{
        challenge, client_info,
        directory::User,
        error::{Ids, TokenError},
        form::Form,
        grants::entitlement,
        new_id,
        sign_ins::{Code, Family, Pending, SignIn},
        token::Authority,
    },
    AuthorizeRequest, COOKIE, Reply, browser,
    html::{Choice, notice},
    request::Refused,
};

/// Seconds that a code is good for.
const CODE_SECONDS: i64 = 600;
/// Seconds that a page waits for its user.
const PAGE_SECONDS: i64 = 900;
/// Seconds that a browser is known: a day.
const BROWSER_SECONDS: i64 = 24 * 3600;

type Shared = State<Arc<Authority>>;

pub(super) async fn show(
    State(authority): Shared,
    Path(tenant): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let query = Form::parse(query.unwrap_or_default().as_bytes());
    let request = match AuthorizeRequest::read(&authority, &tenant, &query) {
        Ok(request) => request,
        Err(refused) => {
            return match *refused {
                Refused::OnPage(error) => on_page(&authority, &error),
                Refused::To(reply, error) => to_application(&authority, &reply, &error, None),
            };
        }
    };
    match without_page(&authority, &request, &headers) {
        Ok(Some(user)) => accept(&authority, &request, &user),
        Ok(None) => ask(&authority, request),
        Err(error) => to_application(&authority, &request.reply, &error, None),
    }
}

pub(super) async fn refuse_version_one(State(authority): Shared) -> Response {
    on_page(&authority, &TokenError::version_one())
}

/// The user who signs in without being asked, if there is one.
fn without_page(
    authority: &Authority,
    request: &AuthorizeRequest,
    headers: &HeaderMap,
) -> Result<Option<User>, TokenError> {
    let directory = &authority.directory;
    if request.prompt.as_deref() == Some("none") {
        let user = directory
            .automatic_user()
            .or_else(|| signed_in(authority, headers))
            .ok_or_else(TokenError::login_required)?;
        let checked =
            entitlement::check(directory, &request.application, &user, &request.scopes, &[]);
        if let Err(error) = checked {
            // On the front channel a missing consent has a word of its own.
            let error_word =
                if error.error == "invalid_grant" { "consent_required" } else { error.error };
            return Err(TokenError { error: error_word, ..error });
        }
        return Ok(Some(user));
    }
    if !request.is_automatic {
        return Ok(directory.automatic_user());
    }
    let hint = request.login_hint.as_deref().unwrap_or_default();
    let user = directory.user_named(hint).filter(|user| belongs(request, user));
    user.map(Some).ok_or_else(|| TokenError::user_unknown(hint, &request.tenant.name))
}

fn belongs(request: &AuthorizeRequest, user: &User) -> bool {
    request.tenant.id.as_ref().is_none_or(|id| *id == user.tenant_id)
}

fn signed_in(authority: &Authority, headers: &HeaderMap) -> Option<User> {
    let now = authority.clock.unix_seconds();
    let id = authority.sign_ins.browsers.with(browser(headers)?, now, |id| id.clone()).ok()?;
    authority.directory.user(&id)
}

/// Shows the page.
fn ask(authority: &Authority, request: AuthorizeRequest) -> Response {
    let mut users = authority.directory.users(request.tenant.id.as_deref());
    let hint = request.login_hint.clone().unwrap_or_default();
    // The hinted user comes first and so is the one chosen.
    users.sort_by_key(|user| !user.user_name.eq_ignore_ascii_case(&hint));
    let scopes = if request.application.requires_consent {
        let names = request.scopes.names.iter();
        names.map(|name| format!("{}/{name}", request.scopes.audience)).collect()
    } else {
        Vec::new()
    };
    let question = format!("Who signs in to {}?", request.application.display_name);
    let target = request.reply.redirect_uri.clone();
    let expires_at = authority.clock.unix_seconds().saturating_add(PAGE_SECONDS);
    let ticket = authority.sign_ins.pending.put("", Pending { request }, expires_at);
    Choice {
        question,
        state: ("ticket", &ticket),
        users: users
            .into_iter()
            .map(|user| (user.object_id, format!("{} ({})", user.display_name, user.user_name)))
            .collect(),
        scopes,
        target: Some(&target),
    }
    .show()
}

/// Takes the page's form. Its ticket is good for one answer, and nobody who did
/// not see the page knows it.
pub(super) async fn decide(State(authority): Shared, headers: HeaderMap, body: Bytes) -> Response {
    let form = Form::of_body(&headers, &body);
    let field = |name| form.get(name).ok().flatten().unwrap_or_default();
    let now = authority.clock.unix_seconds();
    let Some(Pending { request }) = authority.sign_ins.pending.take(field("ticket"), now) else {
        let text = "This page is no longer good. Start again in the application.";
        return notice(StatusCode::BAD_REQUEST, "Sign in", text);
    };
    let user = authority.directory.user(field("user")).filter(|user| belongs(&request, user));
    match user {
        Some(user) if field("decision") == "accept" => {
            let mut response = accept(&authority, &request, &user);
            let expires_at = now.saturating_add(BROWSER_SECONDS);
            let cookie = authority.sign_ins.browsers.put("", user.object_id, expires_at);
            let cookie = format!("{COOKIE}={cookie}; Path=/; HttpOnly; SameSite=Lax");
            if let Ok(value) = HeaderValue::from_str(&cookie) {
                response.headers_mut().insert(header::SET_COOKIE, value);
            }
            response
        }
        _ => to_application(
            &authority,
            &request.reply,
            &TokenError::user_cancelled(),
            Some("cancel"),
        ),
    }
}

/// Answers with a code; the user agrees to what was asked for.
fn accept(authority: &Authority, request: &AuthorizeRequest, user: &User) -> Response {
    let directory = &authority.directory;
    let client_id = &request.application.client_id;
    let is_silent = request.prompt.as_deref() == Some("none");
    let mut wants_second_factor = false;
    if !is_silent && let Ok((resource, names)) = entitlement::resolve(directory, &request.scopes) {
        for name in names {
            directory.record_consent(&user.object_id, client_id, &resource.key, &name);
        }
        wants_second_factor = directory.wants_interaction(&resource.key);
    }
    let contexts = if is_silent {
        Vec::new()
    } else {
        challenge::satisfied(&request.contexts, wants_second_factor)
    };
    let code = Code {
        sign_in: SignIn {
            user_id: user.object_id.clone(),
            client_id: client_id.clone(),
            scopes: request.scopes.clone(),
            contexts,
            nonce: request.nonce.clone(),
        },
        redirect_uri: request.reply.redirect_uri.clone(),
        challenge: request.challenge.clone(),
        is_used: false,
        family: Family::default(),
    };
    let expires_at = authority.clock.unix_seconds().saturating_add(CODE_SECONDS);
    let code = authority.sign_ins.codes.put("1.C", code, expires_at);
    let mut fields = vec![("code", code), ("session_state", new_id())];
    if request.wants_client_info {
        fields.push(("client_info", client_info(&user.object_id, &user.tenant_id)));
    }
    request.reply.send(fields)
}

fn to_application(
    authority: &Authority,
    reply: &Reply,
    error: &TokenError,
    subcode: Option<&str>,
) -> Response {
    let mut fields =
        vec![("error", error.error.to_owned()), ("error_description", describe(authority, error))];
    if let Some(subcode) = subcode {
        fields.push(("error_subcode", subcode.to_owned()));
    }
    if let Some(claims) = &error.claims {
        fields.push(("claims", claims.clone()));
    }
    reply.send(fields)
}

fn on_page(authority: &Authority, error: &TokenError) -> Response {
    notice(StatusCode::BAD_REQUEST, "Sign in", &describe(authority, error))
}

fn describe(authority: &Authority, error: &TokenError) -> String {
    let ids = Ids { trace: new_id(), correlation: new_id() };
    error.description(authority.clock.now(), &ids)
}
