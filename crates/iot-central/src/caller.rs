//! Whether a user is the one who calls, as far as the caller's own token tells:
//! nobody is to lose rights unawares that they need to go on. It must not know
//! what is changed.

use twinkit_auth::TokenClaims;

use crate::kinds::User;

/// Claims in which a person's mail address may stand.
const ADDRESSES: [&str; 4] = ["upn", "preferred_username", "unique_name", "email"];

/// Whether `user` is who the claims are of. Whoever is let in by a group cannot be
/// told.
pub(crate) fn is(claims: &TokenClaims, user: &User) -> bool {
    let same = |claim: Option<&str>, told: &str| {
        claim.is_some_and(|claim| claim.eq_ignore_ascii_case(told.trim()))
    };
    match user {
        User::ServicePrincipal(user) => same(claims.object_id(), &user.object_id),
        User::Email(user) => {
            claims.is_person() && ADDRESSES.iter().any(|name| same(claims.text(name), &user.email))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};
    use std::time::SystemTime;
    use twinkit_auth::AccessToken;

    fn claims(claims: &Value) -> TokenClaims {
        use base64::Engine as _;
        let payload = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(claims.to_string());
        TokenClaims::of(&AccessToken::new(format!("e30.{payload}.s"), SystemTime::now()).unwrap())
            .unwrap()
    }

    fn user(user: Value) -> User {
        serde_json::from_value(user).unwrap()
    }

    #[test]
    fn programs_are_known_by_object_id_and_people_by_address() {
        let program = |id: &str| {
            user(json!({"type": "servicePrincipal", "tenantId": "t", "objectId": id, "roles": []}))
        };
        let person = |email: &str| user(json!({"type": "email", "email": email, "roles": []}));
        let app = claims(&json!({"oid": "AA", "tid": "t", "idtyp": "app", "email": "ann@x"}));
        assert!(is(&app, &program("aa")) && !is(&app, &program("bb")));
        assert!(!is(&app, &person("ann@x")), "no person");
        let ann = claims(&json!({"oid": "aa", "upn": "Ann@x"}));
        assert!(is(&ann, &person("ann@X")) && !is(&ann, &person("bob@x")));
        let group = json!({"type": "adGroup", "tenantId": "t", "objectId": "aa", "roles": []});
        assert!(!is(&ann, &user(group)));
    }
}
