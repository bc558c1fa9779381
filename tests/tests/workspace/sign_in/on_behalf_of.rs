//! A web API that calls Digital Twins as the people who call it.

use reqwest::header::{HeaderMap, HeaderValue, WWW_AUTHENTICATE};
use twinkit_auth::{
    AssertionRequest, AssertionSource, AuthError, AuthErrorKind, BoxFuture, Credential,
    SecretString, TokenRequest, UserSession, claims_challenge,
};
use twinkit_digital_twins::{ErrorKind, TOKEN_SCOPE};
use twinkit_emulator::Emulator;
use twinkit_emulator::identity::{
    API_CLIENT_ID, API_CLIENT_SECRET, API_SCOPE, Application, FEDERATION_AUDIENCE,
    FederatedCredential, GUEST_NAME, GUEST_OBJECT_ID, NATIVE_CLIENT_ID, TENANT_ID, USER_NAME,
    USER_OBJECT_ID,
};

use super::browser::{Browser, Person};
use super::support::{
    at, auth_error, claims, client, list_models, reach_twins, refused, token_requests, twins,
};

const TWINS: &str = "https://digitaltwins.azure.net";

/// The web API's own credential.
fn api(emulator: &Emulator) -> Credential {
    at(emulator, Credential::on_behalf_of(TENANT_ID, API_CLIENT_ID).secret(API_CLIENT_SECRET))
        .build()
        .unwrap()
}

/// A person who uses a program that calls the web API.
fn caller(emulator: &Emulator, name: &'static str) -> UserSession {
    let browser = Browser::of(Person::Known(name));
    let builder = Credential::interactive(TENANT_ID, NATIVE_CLIENT_ID).open_with(browser.opener());
    at(emulator, builder).session().unwrap()
}

fn of_the_api() -> TokenRequest {
    TokenRequest::new([API_SCOPE]).unwrap()
}

/// What the web API finds in the `Authorization` header.
async fn incoming(session: &UserSession) -> SecretString {
    session.credential().token(&of_the_api()).await.unwrap().secret().clone()
}

#[tokio::test]
async fn each_person_reaches_the_data_plane_as_themselves() {
    let emulator = Emulator::start().await.unwrap();
    let (ada, guest) = (caller(&emulator, USER_NAME), caller(&emulator, GUEST_NAME));
    let (ada, guest) = (incoming(&ada).await, incoming(&guest).await);
    let api = api(&emulator);
    emulator.requests().clear();
    for _ in 0..3 {
        let claims = reach_twins(&emulator, &api.for_user(ada.clone())).await;
        assert_eq!(claims["oid"], USER_OBJECT_ID);
        assert_eq!((&claims["azp"], &claims["scp"]), (&API_CLIENT_ID.into(), &"Read.Write".into()));
        let as_guest = api.for_user(guest.clone());
        let error = list_models(&client(&emulator, as_guest.clone())).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Denied, "{error}");
        let token = as_guest.token(&twins()).await.unwrap();
        assert_eq!(super::support::claims(&token)["oid"], GUEST_OBJECT_ID);
    }
    assert_eq!(token_requests(&emulator), 2, "one exchange for each person");
}

#[tokio::test]
async fn a_challenge_goes_to_the_person_and_back() {
    let emulator = Emulator::start().await.unwrap();
    let person = caller(&emulator, USER_NAME);
    let before = incoming(&person).await;
    emulator.directory().require_interaction(TWINS, true).unwrap();
    let api = api(&emulator);
    let error = list_models(&client(&emulator, api.for_user(before))).await.unwrap_err();
    let error = auth_error(&error);
    assert_eq!(error.kind(), AuthErrorKind::InteractionRequired, "{error}");
    assert!(error.claims().is_some() && error.hint().is_some(), "{error}");

    // The web API answers its caller with 401 and this header; the caller's
    // client reads it and has the person sign in with what it asks for.
    let header = HeaderValue::from_str(&error.challenge().unwrap()).unwrap();
    let headers = HeaderMap::from_iter([(WWW_AUTHENTICATE, header)]);
    let asked = claims_challenge(&headers).unwrap();
    assert_eq!(Some(asked.as_str()), error.claims());
    let answer = of_the_api().with_claims(&asked).unwrap();
    let stepped_up = person.credential().token(&answer).await.unwrap();
    assert_eq!(claims(&stepped_up)["acrs"][0], "c1");
    let after = api.for_user(stepped_up.secret().clone());
    assert_eq!(reach_twins(&emulator, &after).await["oid"], USER_OBJECT_ID);
}

#[tokio::test]
async fn a_missing_consent_has_a_hint_and_consent_mends_it() {
    let emulator = Emulator::start().await.unwrap();
    let ask_first = |application: &mut Application| application.requires_consent = true;
    emulator.directory().update_application(API_CLIENT_ID, ask_first).unwrap();
    let user = incoming(&caller(&emulator, USER_NAME)).await;
    let error = refused(&api(&emulator).for_user(user.clone())).await;
    assert_eq!(error.codes(), [65_001], "{error}");
    assert!(error.hint().unwrap().contains("of the web API in the middle"), "{error}");
    emulator.directory().consent(USER_NAME, API_CLIENT_ID, TWINS, &["Read.Write"]).unwrap();
    let fresh = api(&emulator).for_user(user);
    assert_eq!(reach_twins(&emulator, &fresh).await["oid"], USER_OBJECT_ID);
}

#[tokio::test]
async fn tokens_that_cannot_be_exchanged_are_told_apart() {
    let emulator = Emulator::start().await.unwrap();
    let person = caller(&emulator, USER_NAME);
    let good = incoming(&person).await;
    let for_twins = person.credential().token(&twins()).await.unwrap().secret().clone();
    let of_application = {
        let (id, secret) = (emulator.client_id(), emulator.client_secret());
        let credential =
            at(&emulator, Credential::client_secret(TENANT_ID, id, secret)).build().unwrap();
        let scope = format!("api://{API_CLIENT_ID}/.default");
        credential.token(&TokenRequest::new([scope]).unwrap()).await.unwrap().secret().clone()
    };
    let api = api(&emulator);
    for (assertion, code, hint) in [
        (for_twins, 500_131, "callers must ask for a scope of this web API"),
        (of_application, 7_000_114, "without a user"),
    ] {
        let error = refused(&api.for_user(assertion)).await;
        assert_eq!(error.codes(), [code], "{error}");
        assert!(error.hint().unwrap().contains(hint), "{error}");
    }
    emulator.clock().advance(std::time::Duration::from_secs(2 * 3600));
    let error = refused(&api.for_user(good)).await;
    assert_eq!(error.codes(), [500_133], "{error}");
    assert!(error.hint().unwrap().contains("answer the caller with 401"), "{error}");

    emulator.requests().clear();
    let nobody = refused(&api).await;
    assert_eq!(nobody.kind(), AuthErrorKind::Config, "{nobody}");
    assert_eq!(token_requests(&emulator), 0);
}

#[tokio::test]
async fn a_person_on_another_device_is_as_good() {
    let emulator = std::sync::Arc::new(Emulator::start().await.unwrap());
    let (sender, mut codes) = tokio::sync::mpsc::unbounded_channel();
    let builder = Credential::device_code(TENANT_ID, NATIVE_CLIENT_ID, move |code| {
        sender.send(code.user_code.clone()).unwrap();
    });
    let device = at(&emulator, builder).session().unwrap();
    tokio::time::pause();
    let (token, ()) = tokio::join!(incoming(&device), async {
        let code = codes.recv().await.unwrap();
        assert!(emulator.approve_device(&code, USER_NAME));
    });
    let request = TokenRequest::new([TOKEN_SCOPE]).unwrap().with_user_assertion(token);
    let token = api(&emulator).token(&request).await.unwrap();
    assert_eq!(claims(&token)["oid"], USER_OBJECT_ID);
}

#[tokio::test]
async fn the_web_api_may_prove_itself_by_a_certificate_or_a_foreign_token() {
    let emulator = std::sync::Arc::new(Emulator::start().await.unwrap());
    let user = incoming(&caller(&emulator, USER_NAME)).await;
    let issuer = emulator.foreign_issuer().to_owned();
    let change = |application: &mut Application| {
        application.certificates.push(super::certificates::der("leaf.pem"));
        application.federated_credentials.push(FederatedCredential {
            issuer,
            subject: "web-api".to_owned(),
            audience: FEDERATION_AUDIENCE.to_owned(),
        });
    };
    emulator.directory().update_application(API_CLIENT_ID, change).unwrap();
    let builder = || at(&emulator, Credential::on_behalf_of(TENANT_ID, API_CLIENT_ID));
    let foreign = WebApi(std::sync::Arc::clone(&emulator));
    for builder in [builder().certificate(super::certificates::pem()), builder().assertion(foreign)]
    {
        let as_user = builder.build().unwrap().for_user(user.clone());
        assert_eq!(reach_twins(&emulator, &as_user).await["oid"], USER_OBJECT_ID);
    }
}

/// The web API's place at the foreign issuer.
struct WebApi(std::sync::Arc<Emulator>);

impl std::fmt::Debug for WebApi {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WebApi")
    }
}

impl AssertionSource for WebApi {
    fn assertion<'a>(
        &'a self,
        _wanted: AssertionRequest<'a>,
    ) -> BoxFuture<'a, Result<SecretString, AuthError>> {
        Box::pin(async {
            Ok(self.0.federated_token("web-api", FEDERATION_AUDIENCE).await.unwrap())
        })
    }
}
