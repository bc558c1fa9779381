//! Client assertions (RFC 7523): tokens by which an application proves who it
//! is. It signs them itself with a registered certificate, or brings one that a
//! foreign issuer signed and that a federated credential lets in.
//!
//! The vendor's: PS256 and RS256, the thumbprint in `x5t#S256` or `x5t` in
//! either base64 alphabet, and the codes. Ours: that no life is too long, that
//! the only foreign issuers whose keys are known are the emulator's own, and
//! that a repeated `jti` is refused only if the directory is told so.

use base64::{
    Engine as _,
    alphabet::{STANDARD, URL_SAFE},
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

use super::{
    certificate::Certificate, directory::Application, error::TokenError, jwt::Jwt, tenant::Tenant,
    token::Authority,
};

/// Seconds by which a client's clock may differ.
const LEEWAY_SECONDS: f64 = 300.0;
/// Seconds that a `jti` is remembered at the least.
const REMEMBERED_SECONDS: i64 = 3600;
const ALGORITHMS: [&str; 2] = ["PS256", "RS256"];

/// Checks the assertion that `application` sent to the token endpoint.
pub(crate) fn check(
    authority: &Authority,
    tenant: &Tenant,
    application: &Application,
    assertion: &str,
) -> Result<(), TokenError> {
    let jwt = Jwt::split(assertion)
        .ok_or_else(|| TokenError::assertion_malformed("it is not three parts of base64url"))?;
    let issuer = jwt.text("iss").ok_or_else(|| missing("iss"))?;
    if issuer.eq_ignore_ascii_case(&application.client_id) {
        check_own(authority, tenant, application, &jwt)?;
    } else {
        check_foreign(authority, application, issuer, &jwt)?;
    }
    check_times(authority, &jwt)?;
    if authority.directory.refuses_repeated_assertions() {
        refuse_repeated(authority, application, &jwt)?;
    }
    Ok(())
}

/// An assertion by the application's own certificate.
fn check_own(
    authority: &Authority,
    tenant: &Tenant,
    application: &Application,
    jwt: &Jwt<'_>,
) -> Result<(), TokenError> {
    let algorithm = jwt.header("alg").unwrap_or_default();
    if !ALGORITHMS.contains(&algorithm) {
        return Err(TokenError::assertion_malformed("'alg' is neither PS256 nor RS256"));
    }
    let certificates = application.certificates.iter().filter_map(|der| Certificate::read(der));
    let certificate = certificates
        .into_iter()
        .find(|certificate| is_named(certificate, jwt))
        .ok_or_else(|| TokenError::assertion_key("no certificate has the thumbprint sent"))?;
    if !certificate.verifies(algorithm, jwt.signed, &jwt.signature) {
        return Err(TokenError::assertion_key("the certificate's key did not make it"));
    }
    if !jwt.text("sub").is_some_and(|sub| sub.eq_ignore_ascii_case(&application.client_id)) {
        return Err(TokenError::assertion_subject(&application.client_id));
    }
    let endpoint = tenant.token_endpoint(authority);
    let accepted = [
        &endpoint,
        &tenant.named(&application.tenant_id).token_endpoint(authority),
        &tenant.issuer(authority, &application.tenant_id),
    ];
    if !accepted.iter().any(|audience| jwt.is_for(audience)) {
        return Err(TokenError::assertion_audience(&endpoint));
    }
    Ok(())
}

fn is_named(certificate: &Certificate, jwt: &Jwt<'_>) -> bool {
    let thumbprint = |name: &str| jwt.header(name).and_then(decode_either);
    match (thumbprint("x5t#S256"), thumbprint("x5t")) {
        (Some(sha256), _) => sha256 == certificate.sha256,
        (None, Some(sha1)) => sha1 == certificate.sha1,
        (None, None) => false,
    }
}

fn decode_either(text: &str) -> Option<Vec<u8>> {
    let config =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    [URL_SAFE, STANDARD]
        .iter()
        .find_map(|alphabet| GeneralPurpose::new(alphabet, config).decode(text).ok())
}

/// An assertion that a foreign issuer signed.
fn check_foreign(
    authority: &Authority,
    application: &Application,
    issuer: &str,
    jwt: &Jwt<'_>,
) -> Result<(), TokenError> {
    let subject = jwt.text("sub").ok_or_else(|| missing("sub"))?;
    let credentials = &application.federated_credentials;
    if !credentials.iter().any(|known| known.issuer == issuer) {
        return Err(TokenError::federated_issuer(issuer));
    }
    let mut fitting = credentials
        .iter()
        .filter(|known| known.issuer == issuer && known.subject == subject)
        .peekable();
    if fitting.peek().is_none() {
        return Err(TokenError::federated_subject(subject));
    }
    if !fitting.any(|known| jwt.is_for(&known.audience)) {
        return Err(TokenError::federated_audience(&jwt.audience()));
    }
    let tenant_id = jwt.text("tid").unwrap_or_default();
    let is_signed = if issuer == authority.foreign.issuer() {
        authority.foreign.signed(jwt)
    } else {
        issuer == authority.issuer(tenant_id) && jwt.is_signed_by(&authority.key)
    };
    if is_signed {
        Ok(())
    } else {
        Err(TokenError::assertion_key("the issuer's keys did not make it"))
    }
}

fn check_times(authority: &Authority, jwt: &Jwt<'_>) -> Result<(), TokenError> {
    // Seconds since the epoch fit a double exactly for some million years.
    let now = authority.clock.unix_seconds() as f64;
    let expires = jwt.time("exp").ok_or_else(|| missing("exp"))?;
    let is_early = jwt.time("nbf").is_some_and(|from| from > now + LEEWAY_SECONDS);
    if expires <= now || is_early {
        return Err(TokenError::assertion_time(authority.clock.unix_seconds()));
    }
    Ok(())
}

fn refuse_repeated(
    authority: &Authority,
    application: &Application,
    jwt: &Jwt<'_>,
) -> Result<(), TokenError> {
    let id = jwt.text("jti").ok_or_else(|| missing("jti"))?;
    let now = authority.clock.unix_seconds();
    let key = format!("{} {id}", application.client_id);
    let used = &authority.sign_ins.assertions;
    if used.with(&key, now, |()| ()).is_ok() {
        return Err(TokenError::assertion_malformed("its 'jti' was used before"));
    }
    used.put_under(key, (), now.saturating_add(REMEMBERED_SECONDS));
    Ok(())
}

fn missing(claim: &str) -> TokenError {
    TokenError::assertion_malformed(&format!("it has no '{claim}'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_alphabets_with_and_without_padding_are_read() {
        for text in ["-_8=", "-_8", "+/8=", "+/8"] {
            assert_eq!(decode_either(text), Some(vec![0xfb, 0xff]), "{text}");
        }
        assert_eq!(decode_either("%"), None);
    }
}
