//! The refresh token grant (RFC 6749, section 6).
//!
//! The vendor's: a new token comes with each use, old ones stay good, and any
//! resource may be asked for. The directory's knob makes them good for one use
//! instead; a second use then ends the whole sign-in.

use super::{
    super::{
        client::required, error::TokenError, scope::Scopes, shelf::Missing, sign_ins::Refresh,
    },
    Outcome, Request,
};

pub(super) fn judge(request: &Request<'_>) -> Result<Outcome, TokenError> {
    let text = required(request.form, "refresh_token")?;
    let directory = &request.authority.directory;
    let is_one_time = directory.has_one_time_refresh_tokens();
    let client_id = &request.client.application.client_id;
    let revoked = &request.authority.sign_ins.revoked;
    let take = |refresh: &mut Refresh| {
        if refresh.sign_in.client_id != *client_id {
            return Err(TokenError::refresh_unknown());
        }
        if is_one_time && refresh.is_used {
            revoked.add(&refresh.family);
        }
        let is_revoked = revoked.contains(&refresh.family)
            || directory.is_sign_in_revoked(&refresh.sign_in.user_id, refresh.serial);
        if is_revoked {
            return Err(TokenError::refresh_revoked());
        }
        refresh.is_used = true;
        Ok(refresh.clone())
    };
    let found = request.authority.sign_ins.refresh_tokens.with(text, request.now(), take);
    let refresh = found.map_err(|missing| match missing {
        Missing::Unknown => TokenError::refresh_unknown(),
        Missing::Expired => TokenError::refresh_expired(),
    })??;
    let mut sign_in = refresh.sign_in;
    sign_in.nonce = None;
    if let Some(scope) = request.form.get("scope")? {
        let asked = Scopes::parse(scope)?;
        if !asked.names.is_empty() {
            sign_in.scopes.audience = asked.audience;
            sign_in.scopes.names = asked.names;
        }
    }
    let outcome = request.let_out(sign_in, refresh.family);
    if outcome.is_err() {
        // No other one was given out in its place.
        let keep = |refresh: &mut Refresh| refresh.is_used = false;
        let _ = request.authority.sign_ins.refresh_tokens.with(text, request.now(), keep);
    }
    outcome
}
