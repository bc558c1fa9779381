//! The on-behalf-of grant: a middle tier exchanges its caller's access token
//! for one of its own, for the same user.
//!
//! The vendor's: the assertion must be for the middle tier and of a user; a
//! resource's policy ends in `interaction_required` with claims. Ours: what a
//! sign-in with those claims satisfied shows in the assertion as `acrs`.

use super::{
    super::{
        client::required,
        error::TokenError,
        scope::Scopes,
        sign_ins::{Family, SignIn},
    },
    Outcome, Request,
};

const TOKEN_USE: &str = "on_behalf_of";

pub(super) fn judge(request: &Request<'_>) -> Result<Outcome, TokenError> {
    let application = &request.client.application;
    if application.is_public {
        return Err(TokenError::secret_missing());
    }
    let token_use = required(request.form, "requested_token_use")?;
    if token_use != TOKEN_USE {
        return Err(TokenError::value_unknown("requested_token_use", token_use, TOKEN_USE));
    }
    let assertion = required(request.form, "assertion")?;
    let scopes = Scopes::parse(required(request.form, "scope")?)?;
    let authority = request.authority;
    let claims = authority.claims(assertion).ok_or_else(TokenError::user_assertion_malformed)?;
    if !authority.is_current(&claims) {
        return Err(TokenError::user_assertion_expired());
    }
    if !application.is_named(&claims.aud) {
        let client_id = &application.client_id;
        return Err(TokenError::user_assertion_audience(&claims.aud, client_id));
    }
    if claims.idtyp != "user" {
        return Err(TokenError::user_assertion_of_application());
    }
    let sign_in = SignIn {
        user_id: claims.oid,
        client_id: application.client_id.clone(),
        scopes,
        contexts: claims.acrs,
        nonce: None,
    };
    request.let_out(sign_in, Family::default())
}
