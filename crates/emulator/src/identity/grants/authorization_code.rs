//! The authorization code grant (RFC 6749, section 4.1) with PKCE.
//!
//! A second use of a code is refused and ends what came of the first, as RFC
//! 6749 advises.

use super::{
    super::{
        client::required, error::TokenError, pkce, scope::Scopes, shelf::Missing, sign_ins::Code,
    },
    Outcome, Request,
};

pub(super) fn judge(request: &Request<'_>) -> Result<Outcome, TokenError> {
    let form = request.form;
    let text = required(form, "code")?;
    let redirect_uri = required(form, "redirect_uri")?;
    let verifier = form.get("code_verifier")?;
    let client_id = &request.client.application.client_id;
    let redeem = |code: &mut Code| {
        if code.sign_in.client_id != *client_id {
            return Err(TokenError::code_unknown());
        }
        if code.is_used {
            request.authority.sign_ins.revoked.add(&code.family);
            return Err(TokenError::code_used());
        }
        if code.redirect_uri != redirect_uri {
            return Err(TokenError::redirect_differs());
        }
        match (&code.challenge, verifier) {
            (None, None) => {}
            (Some(_), None) => return Err(TokenError::field_missing("code_verifier")),
            (Some(challenge), Some(verifier)) if pkce::belongs(verifier, challenge) => {}
            _ => return Err(TokenError::verifier_wrong()),
        }
        code.is_used = true;
        Ok(code.clone())
    };
    let found = request.authority.sign_ins.codes.with(text, request.now(), redeem);
    let code = found.map_err(|missing| match missing {
        Missing::Unknown => TokenError::code_unknown(),
        Missing::Expired => TokenError::code_expired(),
    })??;
    let mut sign_in = code.sign_in;
    if let Some(scope) = form.get("scope")? {
        let asked = Scopes::parse(scope)?;
        if !asked.names.is_empty() {
            sign_in.scopes.audience = asked.audience;
            sign_in.scopes.names = asked.names;
        }
    }
    request.let_out(sign_in, code.family)
}
