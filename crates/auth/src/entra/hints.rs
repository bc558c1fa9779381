//! What to do about Entra ID's numbered errors. The numbers are good for hints
//! only; nothing else may depend on them.

use crate::AuthError;

/// Adds the hint for the first code that has one, before what is known already.
pub(super) fn explain(error: AuthError) -> AuthError {
    let Some(hint) = error.codes().iter().find_map(|code| hint(*code)) else { return error };
    let hint = match error.hint() {
        Some(known) => format!("{hint}; {known}"),
        None => hint.to_owned(),
    };
    error.with_hint(hint)
}

fn hint(code: u64) -> Option<&'static str> {
    Some(match code {
        7_000_215 => {
            "the client secret is wrong; copy the secret's value, not its id, from the \
             application's page Certificates & secrets"
        }
        7_000_222 => {
            "the client secret has expired; make a new one on the application's page \
             Certificates & secrets"
        }
        7_000_216 => "the application needs a secret, a certificate or a federated credential",
        700_016 => {
            "the application is not in this tenant; check client id and tenant id, and that the \
             application was given consent there"
        }
        700_024 => {
            "the assertion is outside its time; check this machine's clock and, where the \
             assertion comes from a file, that somebody renews it"
        }
        700_025 => {
            "the application is a public client and takes no secret; sign a person in, or use a \
             confidential application (no redirect URI for mobile and desktop)"
        }
        700_027 => {
            "the service does not know the certificate, or knows it as expired; upload it on the \
             application's page Certificates & secrets, and check that the key is its own"
        }
        1_000_502 | 7_000_274 => {
            "the certificate is outside its period of validity; make a new one and upload it"
        }
        7_000_214 | 7_000_277 => "the certificate was revoked; make a new one and upload it",
        700_211 => {
            "no federated credential of the application has the issuer of this token; compare \
             the issuer character by character, the slash at its end too"
        }
        700_212 => {
            "no federated credential of the application has the audience of this token, which is \
             api://AzureADTokenExchange unless both were set otherwise"
        }
        700_213 => {
            "no federated credential of the application has the subject of this token; compare \
             the subject, upper and lower case too"
        }
        50_013 => {
            "the user's token was refused: it may be made out to another application, altered, \
             expired, or of another tenant or cloud"
        }
        500_131 => {
            "the user's token is made out to another application; callers must ask for a scope \
             of this web API"
        }
        500_133 => {
            "the user's token has expired; answer the caller with 401, so that it comes again \
             with a new one"
        }
        240_002 => "the user's token is an ID token; callers must send an access token",
        7_000_114 => {
            "the token is an application's, without a user; on-behalf-of needs a user's, and an \
             application is served with the web API's own credential"
        }
        500_011 => {
            "the resource is not known in this tenant; check the scope, and that the tenant is \
             the right one"
        }
        70_011 | 1_002_012 => {
            "the scope is wrong; with client credentials it is the resource's address followed \
             by /.default"
        }
        28_000 => "the scopes belong to several resources; ask for one token per resource",
        50_034 | 90_002 => {
            "the tenant was not found; check the tenant id and the cloud's authority"
        }
        900_023 => "the tenant is neither an id nor a domain; check the tenant id",
        50_076 | 50_079 | 50_158 => "a person has to sign in with another factor",
        53_003 => "a conditional access policy blocks the sign-in; ask the tenant's administrator",
        65_001 => {
            "consent is missing; an administrator grants it on the application's page API \
             permissions (on behalf of users: that of the web API in the middle)"
        }
        50_173 | 700_082 => "the refresh token has expired or was revoked; sign in again",
        700_084 => "the refresh token of a single-page application has ended; sign in again",
        50_011 => "the redirect URI is not registered with the application in the same letters",
        65_004 => "the person did not consent; sign in again, or have an administrator consent",
        7_000_218 => {
            "the application is not allowed to sign people in without a secret; set Allow public \
             client flows on its page Authentication"
        }
        7_000_112 => "the application is disabled in this tenant",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AuthErrorKind;
    use crate::error::ErrorAnswer;

    #[test]
    fn the_first_known_code_gives_the_hint() {
        let answer = ErrorAnswer { codes: vec![1, 7_000_215], ..ErrorAnswer::default() };
        let error = AuthError::new(AuthErrorKind::Rejected, "t", "m").with_answer(401, answer);
        assert!(explain(error).hint().unwrap().contains("not its id"));
        let clock = ErrorAnswer { codes: vec![700_024], ..ErrorAnswer::default() };
        let error = AuthError::new(AuthErrorKind::Rejected, "t", "m")
            .with_answer(401, clock)
            .with_hint("the clock is off");
        let hint = explain(error).hint().unwrap().to_owned();
        assert!(hint.starts_with("the assertion") && hint.ends_with("the clock is off"), "{hint}");
        let plain = AuthError::new(AuthErrorKind::Rejected, "t", "m");
        assert_eq!(explain(plain).hint(), None);
    }
}
