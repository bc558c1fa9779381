//! Authorizers: the credential reaches its origins and nothing else, and a 401
//! leads to one new token.

use crate::support::{Server, credential, json, token};
use reqwest::header::HeaderMap;
use reqwest::{Method, Request};
use twinkit_auth::{
    AuthErrorKind, Authorizer, BearerAuthorizer, Credential, Decision, Origin, OriginSet,
    StaticAuthorizer, TokenRequest,
};

const SCOPE: &str = "https://digitaltwins.azure.net/.default";
const HOME: &str = "https://mine.api.example";

fn get(url: &str) -> Request {
    Request::new(Method::GET, url.parse().unwrap())
}

fn bearer(credential: Credential) -> BearerAuthorizer {
    BearerAuthorizer::new(credential, [SCOPE], Origin::parse(HOME).unwrap()).unwrap()
}

const FOREIGN: [&str; 7] = [
    "http://mine.api.example/",
    "https://mine.api.example:8443/",
    "https://other.api.example/",
    "https://mine.api.example.evil.example/",
    "https://evil.example/https://mine.api.example/",
    "https://mine.api.example@evil.example/",
    "ftp://mine.api.example/",
];

#[tokio::test]
async fn a_bearer_token_goes_to_its_origin_only() {
    let server = Server::start([token("t")]).await;
    let authorizer = bearer(credential(&server.url));
    for url in FOREIGN {
        let mut request = get(&format!("{url}?next=canary"));
        let error = authorizer.authorize(&mut request).await.unwrap_err();
        assert_eq!(error.kind(), AuthErrorKind::Config, "{url}");
        assert!(error.to_string().contains("bound to https://mine.api.example and"), "{error}");
        assert!(!error.to_string().contains("canary"));
        assert!(request.headers().is_empty(), "{url}");
    }
    assert!(server.requests().is_empty(), "not even a token was asked for");
    for url in [HOME, "https://MINE.api.example:443/digitaltwins/x?y#z"] {
        let mut request = get(url);
        authorizer.authorize(&mut request).await.unwrap();
        assert_eq!(request.headers()["authorization"], "Bearer t");
    }
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn a_fixed_value_goes_to_its_origins_only_and_as_it_is() {
    let origins: OriginSet =
        [HOME, "https://second.example"].iter().map(|url| Origin::parse(url).unwrap()).collect();
    let value = "SharedAccessSignature sr=a&sig=b%3D&se=1";
    let authorizer = StaticAuthorizer::new(value, origins).unwrap();
    for url in FOREIGN {
        let mut request = get(url);
        assert!(authorizer.authorize(&mut request).await.is_err(), "{url}");
        assert!(request.headers().is_empty(), "{url}");
    }
    let mut request = get("https://second.example/x");
    let used = authorizer.authorize(&mut request).await.unwrap();
    assert_eq!(request.headers()["authorization"], value);
    assert!(request.headers()["authorization"].is_sensitive());
    let decision = authorizer.on_unauthorized(&used, &HeaderMap::new()).await;
    assert!(matches!(decision, Decision::Give));
}

#[tokio::test]
async fn an_empty_set_of_origins_allows_nothing() {
    let server = Server::start([]).await;
    let authorizer =
        BearerAuthorizer::new(credential(&server.url), [SCOPE], OriginSet::new()).unwrap();
    let error = authorizer.authorize(&mut get(HOME)).await.unwrap_err();
    assert!(error.to_string().contains("bound to no origin"));
}

#[tokio::test]
async fn a_401_replaces_the_token_once() {
    let server = Server::start([token("one"), token("two")]).await;
    let authorizer = bearer(credential(&server.url));
    let headers = HeaderMap::new();
    let mut request = get(HOME);
    let first = authorizer.authorize(&mut request).await.unwrap();
    assert!(matches!(authorizer.on_unauthorized(&first, &headers).await, Decision::Retry));
    let second = authorizer.authorize(&mut request).await.unwrap();
    assert_eq!(request.headers()["authorization"], "Bearer two");
    assert_eq!(request.headers().len(), 1, "replaced, not added");
    assert!(matches!(authorizer.on_unauthorized(&first, &headers).await, Decision::Retry));
    assert!(matches!(authorizer.on_unauthorized(&second, &headers).await, Decision::Give));
    authorizer.authorize(&mut request).await.unwrap();
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn wrong_scopes_are_refused_at_once() {
    let server = Server::start([]).await;
    let origin = Origin::parse(HOME).unwrap();
    let error = BearerAuthorizer::new(credential(&server.url), ["a b"], origin).unwrap_err();
    assert_eq!(error.kind(), AuthErrorKind::Config);
}

/// What a resource answers that wants the claims `{"x":1}`.
fn challenged() -> HeaderMap {
    let line = r#"Bearer error="insufficient_claims", claims="eyJ4IjoxfQ""#;
    [(reqwest::header::WWW_AUTHENTICATE, line.parse().unwrap())].into_iter().collect()
}

#[tokio::test]
async fn a_claims_challenge_is_answered_past_the_cache_and_once() {
    let server = Server::start([token("one"), token("two")]).await;
    let request = TokenRequest::new([SCOPE]).unwrap().with_cae();
    let origin = Origin::parse(HOME).unwrap();
    let authorizer = BearerAuthorizer::for_request(credential(&server.url), request, origin);
    let mut http = get(HOME);
    let first = authorizer.authorize(&mut http).await.unwrap();
    assert!(matches!(authorizer.on_unauthorized(&first, &challenged()).await, Decision::Retry));
    let second = authorizer.authorize(&mut http).await.unwrap();
    assert_eq!(http.headers()["authorization"], "Bearer two");
    // The capability and the challenge, joined.
    let sent = &server.requests()[1];
    let claims = "claims=%7B%22access_token%22%3A%7B%22xms_cc%22%3A%7B%22values%22%3A%5B%22CP1%22\
                  %5D%7D%7D%2C%22x%22%3A1%7D";
    assert!(sent.contains(claims), "{sent}");
    assert!(matches!(authorizer.on_unauthorized(&second, &challenged()).await, Decision::Give));
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn a_challenge_that_only_a_person_can_answer_reaches_the_caller() {
    let refusal = json(
        "400 Bad Request",
        r#"{"error":"interaction_required","error_description":"AADSTS50076: more"}"#,
    );
    let server = Server::start([token("one"), refusal]).await;
    let authorizer = bearer(credential(&server.url));
    let first = authorizer.authorize(&mut get(HOME)).await.unwrap();
    let decision = authorizer.on_unauthorized(&first, &challenged()).await;
    let Decision::Fail(error) = decision else { panic!("{decision:?}") };
    assert_eq!(error.kind(), AuthErrorKind::InteractionRequired);
    assert_eq!(error.claims(), Some(r#"{"x":1}"#));
}

#[tokio::test]
async fn a_header_cannot_move_tokens_elsewhere() {
    let server = Server::start([token("one"), token("two")]).await;
    let elsewhere = Server::start([]).await;
    let authorizer = bearer(credential(&server.url));
    let line = format!(
        r#"Bearer authorization_uri="{0}/t", authorization="{0}", resource="https://evil.example""#,
        elsewhere.url
    );
    let headers =
        [(reqwest::header::WWW_AUTHENTICATE, line.parse().unwrap())].into_iter().collect();
    let first = authorizer.authorize(&mut get(HOME)).await.unwrap();
    assert!(matches!(authorizer.on_unauthorized(&first, &headers).await, Decision::Retry));
    authorizer.authorize(&mut get(HOME)).await.unwrap();
    assert!(elsewhere.requests().is_empty());
    assert!(server.requests().iter().all(|sent| !sent.contains("evil")));
}
