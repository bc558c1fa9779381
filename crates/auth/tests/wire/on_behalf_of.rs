//! On-behalf-of on the wire: the form, whose token is whose, and what becomes
//! of refusals.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use twinkit_auth::{AuthErrorKind, Authorizer, BearerAuthorizer, Credential, ExposeSecret, Origin};

use crate::support::{
    Answer, ENCODED, SECRET, Server, Traces, all_texts, fields, json, request, token,
};

const USER: &str = "canary-user.b.c";

fn api(server: &Server) -> Credential {
    Credential::on_behalf_of("contoso.com", "api-id")
        .secret(SECRET)
        .authority(&server.url)
        .build()
        .unwrap()
}

#[tokio::test]
async fn the_request_is_the_documented_form() {
    let server = Server::start([]).await;
    api(&server).for_user(USER).token(&request()).await.unwrap();
    let sent = &server.requests()[0];
    assert!(sent.starts_with("POST /contoso.com/oauth2/v2.0/token HTTP/1.1\r\n"));
    assert_eq!(
        sent.split_once("\r\n\r\n").unwrap().1,
        format!(
            "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer\
             &assertion={USER}&requested_token_use=on_behalf_of\
             &scope=https%3A%2F%2Fdigitaltwins.azure.net%2F.default\
             &client_id=api-id&client_secret={ENCODED}"
        )
    );
}

#[tokio::test]
async fn assertions_prove_the_web_api_as_well() {
    let server = Server::start([]).await;
    let own = Credential::client_secret("t", "identity", SECRET).authority(&server.url);
    let credential = Credential::on_behalf_of("contoso.com", "api-id")
        .assertion(own.build().unwrap())
        .authority(&server.url)
        .build()
        .unwrap();
    let error = credential.for_user(USER).token(&request()).await.unwrap_err();
    assert!(error.to_string().contains("the assertion is not a JWT"), "{error}");

    let server = Server::start([token("own.b.c"), token("t")]).await;
    let own = Credential::client_secret("t", "identity", SECRET).authority(&server.url);
    let credential = Credential::on_behalf_of("contoso.com", "api-id")
        .assertion(own.build().unwrap())
        .authority(&server.url)
        .build()
        .unwrap();
    credential.for_user(USER).token(&request()).await.unwrap();
    let form = fields(&server.requests()[1]);
    assert_eq!((&*form["assertion"], &*form["client_assertion"]), (USER, "own.b.c"));
    assert_eq!(form.get("client_secret"), None);
}

#[cfg(feature = "certificates")]
#[tokio::test]
async fn a_certificate_proves_the_web_api_as_well() {
    let pem =
        concat!(include_str!("../certificates/key.pem"), include_str!("../certificates/leaf.pem"));
    let server = Server::start([]).await;
    let credential = Credential::on_behalf_of("contoso.com", "api-id")
        .certificate(twinkit_auth::ClientCertificate::from_pem(pem))
        .authority(&server.url)
        .build()
        .unwrap();
    credential.for_user(USER).token(&request()).await.unwrap();
    let sent = &server.requests()[0];
    assert_eq!(fields(sent)["assertion"], USER);
    let (header, claims) = crate::jwt::assertion(sent);
    assert_eq!((&header["alg"], &claims["iss"]), (&"PS256".into(), &"api-id".into()));
}

#[tokio::test]
async fn each_user_has_tokens_of_their_own() {
    let server = Server::start([token("for-one"), token("for-two")]).await;
    let api = api(&server);
    for (user, expected) in [("one.b.c", "for-one"), ("two.b.c", "for-two"), ("one.b.c", "for-one")]
    {
        let token = api.for_user(user).token(&request()).await.unwrap();
        assert_eq!(token.secret().expose_secret(), expected);
        let asked = request().with_user_assertion(user);
        let same = api.token(&asked).await.unwrap();
        assert_eq!(same.secret().expose_secret(), expected, "either way is the same user");
    }
    assert_eq!(server.requests().len(), 2);
    assert!(api.token(&request()).await.is_err(), "and nobody has none");
}

#[tokio::test]
async fn a_request_that_names_its_user_is_for_that_user() {
    let server = Server::start([]).await;
    let asked = request().with_user_assertion("two.b.c");
    api(&server).for_user("one.b.c").token(&asked).await.unwrap();
    assert_eq!(fields(&server.requests()[0])["assertion"], "two.b.c");
}

#[tokio::test]
async fn a_401_replaces_the_users_token_only() {
    let server = Server::start([token("one"), token("two"), token("three")]).await;
    let api = api(&server);
    let origin = Origin::parse("https://a.example").unwrap();
    let handle =
        |user: &str| BearerAuthorizer::for_request(api.for_user(user), request(), origin.clone());
    let (one, two) = (handle("one.b.c"), handle("two.b.c"));
    let mut http =
        reqwest::Request::new(reqwest::Method::GET, "https://a.example/".parse().unwrap());
    let used = one.authorize(&mut http).await.unwrap();
    two.authorize(&mut http).await.unwrap();
    let decision = one.on_unauthorized(&used, &reqwest::header::HeaderMap::new()).await;
    assert!(matches!(decision, twinkit_auth::Decision::Retry));
    one.authorize(&mut http).await.unwrap();
    assert_eq!(http.headers()["authorization"], "Bearer three");
    two.authorize(&mut http).await.unwrap();
    assert_eq!(http.headers()["authorization"], "Bearer two");
}

#[tokio::test]
async fn a_claims_challenge_can_be_handed_on() {
    let claims = r#"{"access_token":{"capolids":{"essential":true,"values":["1"]}}}"#;
    let body = serde_json::json!({
        "error": "interaction_required", "error_codes": [50076], "suberror": "basic_action",
        "error_description": "AADSTS50076: more is needed", "claims": claims,
    });
    let server = Server::start([json("400 Bad Request", &body.to_string())]).await;
    let error = api(&server).for_user(USER).token(&request()).await.unwrap_err();
    assert_eq!(error.kind(), AuthErrorKind::InteractionRequired);
    assert_eq!(error.claims(), Some(claims));
    assert_eq!(server.requests().len(), 1, "never tried again");
    let challenge = error.challenge().unwrap();
    let text = challenge
        .strip_prefix("Bearer realm=\"\", error=\"insufficient_claims\", claims=\"")
        .and_then(|rest| rest.strip_suffix('"'))
        .unwrap();
    assert_eq!(STANDARD.decode(text).unwrap(), claims.as_bytes());
    assert!(reqwest::header::HeaderValue::try_from(challenge).is_ok());
}

#[tokio::test]
async fn refusals_say_what_is_wrong_with_the_users_token() {
    for (code, said) in [
        (500_133, "has expired"),
        (500_131, "made out to another application"),
        (240_002, "ID token"),
        (7_000_114, "without a user"),
        (50_013, "refused"),
        (65_001, "consent"),
    ] {
        let body = format!(r#"{{"error":"invalid_grant","error_codes":[{code}]}}"#);
        let server = Server::start([json("400 Bad Request", &body)]).await;
        let error = api(&server).for_user(USER).token(&request()).await.unwrap_err();
        assert!(error.hint().unwrap().contains(said), "{code}: {error}");
        assert_eq!(error.challenge(), None);
        assert_eq!(server.requests().len(), 1);
    }
}

#[tokio::test]
async fn the_users_token_is_never_shown() {
    for answer in [|| Answer::Echo, || Answer::Close, || Answer::Flood] {
        let (traces, _guard) = Traces::start();
        let server = Server::start((0..3).map(|_| answer())).await;
        let user = api(&server).for_user(USER);
        let error = user.token(&request()).await.unwrap_err();
        assert!(server.requests()[0].contains(USER), "on the wire");
        let texts = all_texts(&error) + &traces.text() + &format!("{user:?}{user:#?}");
        for secret in [USER, SECRET, ENCODED] {
            assert!(!texts.contains(secret), "{texts}");
        }
    }
}
