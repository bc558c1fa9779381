//! People who sign in at a web application: its own pages, its own secret.

use secrecy::{ExposeSecret as _, SecretString};
use twinkit_auth::{
    AuthErrorKind, AuthorizationRequest, AuthorizationRequestBuilder, Credential, ResponseMode,
};
use twinkit_emulator::Emulator;
use twinkit_emulator::identity::{Application, TENANT_ID, USER_NAME, USER_OBJECT_ID};

use super::browser::Form;
use super::support::{at, reach_twins, refused, token_requests, twins};

const SECRET: &str = "web-application's secret";
const REDIRECT_URI: &str = "https://app.contoso.example/signed-in";

/// A web application in the emulator's directory.
struct WebApplication {
    emulator: Emulator,
    id: String,
}

impl WebApplication {
    async fn start() -> Self {
        let emulator = Emulator::start().await.unwrap();
        let application = Application {
            redirect_uris: vec![REDIRECT_URI.to_owned()],
            ..Application::new(SecretString::from(SECRET))
        };
        let id = application.client_id.clone();
        emulator.directory().add_application(application).unwrap();
        emulator.directory().sign_in_automatically(Some(USER_NAME)).unwrap();
        Self { emulator, id }
    }

    fn request(&self) -> AuthorizationRequestBuilder {
        at(&self.emulator, AuthorizationRequest::builder(TENANT_ID, &self.id, REDIRECT_URI))
    }

    fn redeeming(&self, code: SecretString, sign_in: &AuthorizationRequest) -> Credential {
        let verifier = sign_in.verifier().clone();
        let builder =
            Credential::authorization_code(TENANT_ID, &self.id, code, REDIRECT_URI, verifier);
        at(&self.emulator, builder)
            .nonce(sign_in.nonce().clone())
            .client_secret(SECRET)
            .build()
            .unwrap()
    }
}

/// What the browser brings to the web application: it does not go there, as
/// nobody answers at its address.
async fn brought(sign_in: &AuthorizationRequest) -> String {
    let policy = reqwest::redirect::Policy::none();
    let http = reqwest::Client::builder().no_proxy().redirect(policy).build().unwrap();
    let answer = http.get(sign_in.url()).send().await.unwrap();
    if let Some(location) = answer.headers().get("location") {
        let location = location.to_str().unwrap();
        return location.strip_prefix(REDIRECT_URI).unwrap().trim_start_matches('?').to_owned();
    }
    let form = Form::on(&answer.text().await.unwrap()).unwrap();
    assert_eq!(form.action.as_deref(), Some(REDIRECT_URI));
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form.fields).finish()
}

#[tokio::test]
async fn a_code_is_redeemed_once_and_then_renewed_with_the_secret() {
    let web = WebApplication::start().await;
    for mode in [ResponseMode::FormPost, ResponseMode::Query] {
        let sign_in = web.request().response_mode(mode).build(&twins()).unwrap();
        let code =
            AuthorizationRequest::read_answer(&brought(&sign_in).await, sign_in.state()).unwrap();
        let credential = web.redeeming(code.clone(), &sign_in);
        let claims = reach_twins(&web.emulator, &credential).await;
        assert_eq!(
            (&claims["oid"], &claims["azp"]),
            (&USER_OBJECT_ID.into(), &web.id.as_str().into())
        );
        web.emulator.requests().clear();
        credential.token(&twins().with_force_refresh()).await.unwrap();
        assert_eq!(token_requests(&web.emulator), 1, "by the refresh token");

        let second = refused(&web.redeeming(code, &sign_in)).await;
        assert_eq!(second.kind(), AuthErrorKind::Rejected, "{second}");
        assert_eq!(second.error(), Some("invalid_grant"), "{second}");
    }
}

#[tokio::test]
async fn an_answer_to_another_browsers_sign_in_is_not_taken() {
    let web = WebApplication::start().await;
    let (mine, other) = (web.request(), web.request());
    let (mine, other) = (mine.build(&twins()).unwrap(), other.build(&twins()).unwrap());
    let fields = brought(&other).await;
    let error = AuthorizationRequest::read_answer(&fields, mine.state()).unwrap_err();
    assert_eq!(error.kind(), AuthErrorKind::Protocol, "{error}");
    // Nor does the code help, without what the sign-in was begun with.
    let code = AuthorizationRequest::read_answer(&fields, other.state()).unwrap();
    let error = refused(&web.redeeming(code.clone(), &mine)).await;
    assert_eq!(error.error(), Some("invalid_grant"), "{error}");
    let texts = format!("{error}{error:?}{mine:?}");
    for secret in [&code, mine.state(), mine.nonce(), mine.verifier()] {
        assert!(!texts.contains(secret.expose_secret()));
    }
}

#[tokio::test]
async fn a_refusal_at_the_page_comes_with_the_browser() {
    let web = WebApplication::start().await;
    web.emulator.directory().sign_in_automatically(None).unwrap();
    let silent = web.request().prompt(twinkit_auth::Prompt::None).build(&twins()).unwrap();
    let fields = brought(&silent).await;
    let error = AuthorizationRequest::read_answer(&fields, silent.state()).unwrap_err();
    assert_eq!(error.kind(), AuthErrorKind::InteractionRequired, "{error}");
    assert_eq!(error.error(), Some("login_required"), "{error}");
}
