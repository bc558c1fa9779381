//! The secrets of every way to sign in: each way is gone once to its end, with
//! all that it uses looked at from without, and once against a server that sends
//! back what it got.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, json};
use tokio::net::TcpListener;
use twinkit_auth::{
    AuthorizationRequest, ClientCertificate, Credential, EntraBuilder, ExposeSecret as _,
    ResponseMode, SecretString, TokenRequest,
};
use twinkit_digital_twins::TOKEN_SCOPE;
use twinkit_emulator::Emulator;
use twinkit_emulator::faults::Fault;
use twinkit_emulator::identity::{
    API_CLIENT_ID, API_CLIENT_SECRET, API_SCOPE, Application, CLIENT_ID, NATIVE_CLIENT_ID,
    PIPELINES_CONNECTION_ID, TENANT_ID, USER_NAME,
};
use twinkit_emulator::ims::{ImsClient, SCOPE, USER_EMAIL};
use twinkit_emulator::managed_identity::Host;

use super::peers::{Browser, Echo, Open};
use super::shown;

const IMS_SECRET: &str = "CANARY-ims.secret+5/x";
const WEB_SECRET: &str = "CANARY-web~application";
const DEVICE_CODE: &str = "CANARY-device-code-9d2";
const REFRESH_TOKEN: &str = "CANARY-refresh-token-4b1";

/// The ways, as the log calls them.
pub(crate) const WAYS: [&str; 16] = [
    "client certificate",
    "GitHub Actions",
    "Azure Pipelines",
    "workload identity",
    "interactive sign-in",
    "refresh token",
    "on behalf of",
    "device code",
    "authorization code",
    "managed identity of this machine",
    "managed identity of App Service",
    "managed identity of Azure Machine Learning",
    "managed identity of Cloud Shell",
    "managed identity of Azure Arc",
    "IMS service application",
    "IMS sign-in",
];

/// What was seen, and what must not be in it.
#[derive(Default)]
struct Watch {
    text: String,
    secrets: Vec<String>,
}

impl Watch {
    /// A credential with the outcome of its use.
    async fn ask(&mut self, credential: &Credential, wanted: &TokenRequest) {
        let outcome = credential.token(wanted).await;
        writeln!(self.text, "{credential:?} {credential:#?} {wanted:?} {outcome:?}").unwrap();
        match outcome {
            Ok(token) => self.secrets.push(token.secret().expose_secret().to_owned()),
            Err(error) => self.text.push_str(&shown(&error)),
        }
    }

    /// The same, then at servers that send back what they got.
    async fn ask_in_all_weathers(
        &mut self,
        address: &str,
        credential: impl Fn(&str) -> Credential,
        wanted: &TokenRequest,
    ) {
        self.ask(&credential(address), wanted).await;
        for kind in [
            "400 Bad Request\r\ncontent-type: application/json",
            "401 Unauthorized\r\ncontent-type: text/plain",
            "403 Forbidden\r\ncontent-type: text/html",
            "200 OK\r\ncontent-type: application/json",
            "200 OK\r\ncontent-type: text/html",
        ] {
            let echo = Echo::start(kind).await;
            self.ask(&credential(&echo.url), wanted).await;
            let got = std::mem::take(&mut *echo.got.lock().unwrap());
            assert!(!got.is_empty(), "it was asked");
        }
    }
}

fn twins() -> TokenRequest {
    TokenRequest::new([TOKEN_SCOPE]).unwrap()
}

fn at<W>(emulator: &Emulator, builder: EntraBuilder<W>) -> EntraBuilder<W> {
    builder.authority(emulator.authority_url())
}

/// Goes all ways; gives what could be seen, and the secrets that were used.
pub(crate) async fn play() -> (String, Vec<String>) {
    let emulator = Emulator::start().await.unwrap();
    let mut watch = Watch::default();
    certificate(&emulator, &mut watch).await;
    federated(&emulator, &mut watch).await;
    person(&emulator, &mut watch).await;
    device(&emulator, &mut watch).await;
    web(&emulator, &mut watch).await;
    managed_identity(&emulator, &mut watch).await;
    ims(&emulator, &mut watch).await;
    (watch.text, watch.secrets)
}

async fn certificate(emulator: &Emulator, watch: &mut Watch) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/auth/tests/certificates");
    let key = std::fs::read_to_string(folder.join("key.pem")).unwrap();
    let leaf = std::fs::read_to_string(folder.join("leaf.pem")).unwrap();
    // Any line of the key gives it away.
    watch.secrets.extend(key.lines().filter(|line| line.len() == 64).map(str::to_owned));
    let body: String = leaf.lines().filter(|line| !line.starts_with('-')).collect();
    let der = STANDARD.decode(body).unwrap();
    let change = |application: &mut Application| application.certificates.push(der);
    emulator.directory().update_application(CLIENT_ID, change).unwrap();
    let certificate = ClientCertificate::from_pem(SecretString::from(leaf + &key));
    writeln!(watch.text, "{certificate:?}").unwrap();
    let credential = |authority: &str| {
        let builder = Credential::client_certificate(TENANT_ID, CLIENT_ID, certificate.clone());
        builder.authority(authority).build().unwrap()
    };
    watch.ask_in_all_weathers(emulator.authority_url(), credential, &twins()).await;
    let pfx = std::fs::read(folder.join("modern.pfx")).unwrap();
    let locked = ClientCertificate::from_pfx(pfx).with_password("CANARY-wrong-password");
    watch.secrets.push("CANARY-wrong-password".to_owned());
    let locked = at(emulator, Credential::client_certificate(TENANT_ID, CLIENT_ID, locked));
    match locked.build() {
        Ok(credential) => watch.ask(&credential, &twins()).await,
        Err(error) => watch.text.push_str(&shown(&error)),
    }
}

async fn federated(emulator: &Emulator, watch: &mut Watch) {
    let (github, pipelines) = (emulator.github_env(), emulator.pipelines_env());
    let job = &github["ACTIONS_ID_TOKEN_REQUEST_TOKEN"];
    let task = &pipelines["SYSTEM_ACCESSTOKEN"];
    watch.secrets.extend([job.clone(), task.clone()]);
    let home = emulator.authority_url();
    let github = |authority: &str, issuer: &str| {
        let url = github["ACTIONS_ID_TOKEN_REQUEST_URL"].replace(home, issuer);
        let builder = Credential::github_actions(TENANT_ID, CLIENT_ID);
        builder.id_token_request(url, job.as_str()).authority(authority).build().unwrap()
    };
    let pipelines = |authority: &str, issuer: &str| {
        Credential::azure_pipelines(TENANT_ID, CLIENT_ID, PIPELINES_CONNECTION_ID)
            .request_uri(pipelines["SYSTEM_OIDCREQUESTURI"].replace(home, issuer))
            .system_access_token(task.as_str())
            .authority(authority)
            .build()
            .unwrap()
    };
    // Either server may be the one that sends back what it got.
    watch.ask_in_all_weathers(home, |echo| github(echo, home), &twins()).await;
    watch.ask_in_all_weathers(home, |echo| github(home, echo), &twins()).await;
    watch.ask_in_all_weathers(home, |echo| pipelines(echo, home), &twins()).await;
    watch.ask_in_all_weathers(home, |echo| pipelines(home, echo), &twins()).await;
    let file = tempfile::NamedTempFile::new().unwrap();
    emulator.write_federated_token(file.path()).await.unwrap();
    watch.secrets.push(std::fs::read_to_string(file.path()).unwrap());
    let pod = |authority: &str| {
        let builder = Credential::workload_identity().tenant(TENANT_ID).client_id(CLIENT_ID);
        builder.token_file(file.path()).authority(authority).build().unwrap()
    };
    watch.ask_in_all_weathers(home, pod, &twins()).await;
}

/// A browser sign-in, the refresh tokens that come of it, and a web API that is
/// called with its token.
async fn person(emulator: &Emulator, watch: &mut Watch) {
    let store = Open::default();
    let browser = Browser::default();
    let builder = Credential::interactive(TENANT_ID, NATIVE_CLIENT_ID)
        .response_mode(ResponseMode::Query)
        .open_with(browser.opener(USER_NAME));
    let session = at(emulator, builder).store(store.clone()).session().unwrap();
    let of_the_api = TokenRequest::new([API_SCOPE]).unwrap();
    let incoming = session.credential().token(&of_the_api).await.unwrap();
    writeln!(watch.text, "{session:?} {:?} {store:?}", session.account().await).unwrap();
    watch.secrets.push(incoming.secret().expose_secret().to_owned());
    watch.secrets.extend(browser.take());
    watch.secrets.extend(store.take());
    watch.ask(&session.credential(), &twins()).await;
    watch.secrets.extend(store.take());
    let builder = Credential::interactive(TENANT_ID, NATIVE_CLIENT_ID).without_interaction();
    let quiet = at(emulator, builder).store(store.clone()).build().unwrap();
    watch.ask(&quiet, &twins()).await;
    watch.secrets.extend(store.take());
    emulator.directory().revoke_sign_ins(USER_NAME).unwrap();
    watch.ask(&quiet, &twins().with_force_refresh()).await;

    let home = emulator.authority_url();
    watch.secrets.push(REFRESH_TOKEN.to_owned());
    let had = |authority: &str| {
        let builder = Credential::refresh_token(TENANT_ID, NATIVE_CLIENT_ID, REFRESH_TOKEN);
        builder.authority(authority).build().unwrap()
    };
    watch.ask_in_all_weathers(home, had, &twins()).await;

    watch.secrets.push(API_CLIENT_SECRET.to_owned());
    let api = |authority: &str| {
        let builder = Credential::on_behalf_of(TENANT_ID, API_CLIENT_ID).secret(API_CLIENT_SECRET);
        builder.authority(authority).build().unwrap().for_user(incoming.secret().clone())
    };
    watch.ask_in_all_weathers(home, api, &twins()).await;
    let other = API_CLIENT_SECRET.replace("local", "wrong");
    watch.secrets.push(other.clone());
    let wrong = Credential::on_behalf_of(TENANT_ID, API_CLIENT_ID).secret(other);
    let user = twins().with_user_assertion(incoming.secret().clone());
    watch.ask(&at(emulator, wrong).build().unwrap(), &user).await;
}

/// The device code is the emulator's to choose, so that it is known here; it
/// then knows it no more.
async fn device(emulator: &Emulator, watch: &mut Watch) {
    watch.secrets.push(DEVICE_CODE.to_owned());
    let members = Map::from_iter([
        ("device_code".to_owned(), json!(DEVICE_CODE)),
        ("interval".to_owned(), json!(1)),
    ]);
    let said = json!({"error": "x", "error_description": format!("AADSTS1: {DEVICE_CODE}")});
    let echo = Fault::answer(400, "application/json", &said.to_string());
    for polled in [None, Some(echo)] {
        emulator.faults().next(Fault::set_members(members.clone()).path_contains("/devicecode"));
        if let Some(fault) = polled {
            emulator.faults().next(fault.path_contains("/token"));
        }
        let seen = Arc::new(Mutex::new(Vec::new()));
        let board = Arc::clone(&seen);
        let builder = Credential::device_code(TENANT_ID, NATIVE_CLIENT_ID, move |code| {
            board.lock().unwrap().push((format!("{code:?}"), code.user_code.clone()));
        });
        watch.ask(&at(emulator, builder).build().unwrap(), &twins()).await;
        emulator.faults().clear();
        for (debug, user_code) in seen.lock().unwrap().drain(..) {
            watch.text.push_str(&debug);
            watch.secrets.push(user_code);
        }
    }
}

async fn web(emulator: &Emulator, watch: &mut Watch) {
    watch.secrets.push(WEB_SECRET.to_owned());
    // Where nobody need answer: the browser does not go there.
    let (browser, redirect_uri) = (Browser::default(), "http://localhost:9/signed-in".to_owned());
    let application = Application {
        redirect_uris: vec![redirect_uri.clone()],
        ..Application::new(SecretString::from(WEB_SECRET))
    };
    let id = application.client_id.clone();
    emulator.directory().add_application(application).unwrap();
    for is_right in [true, false] {
        let builder = AuthorizationRequest::builder(TENANT_ID, &id, &redirect_uri);
        let sign_in = at(emulator, builder)
            .response_mode(ResponseMode::Query)
            .login_hint(USER_NAME)
            .build(&twins())
            .unwrap();
        writeln!(watch.text, "{sign_in:?}").unwrap();
        let ties = [sign_in.state(), sign_in.nonce(), sign_in.verifier()];
        watch.secrets.extend(ties.map(|secret| secret.expose_secret().to_owned()));
        let query = browser.sign_in(sign_in.url(), USER_NAME).await;
        watch.secrets.extend(browser.take());
        let elsewhere = SecretString::from("CANARY-other-state");
        let error = AuthorizationRequest::read_answer(&query, &elsewhere).unwrap_err();
        watch.text.push_str(&shown(&error));
        let code = AuthorizationRequest::read_answer(&query, sign_in.state()).unwrap();
        let verifier = if is_right { sign_in.verifier() } else { sign_in.state() }.clone();
        let redeem = || {
            let (code, verifier) = (code.clone(), verifier.clone());
            let builder =
                Credential::authorization_code(TENANT_ID, &id, code, &redirect_uri, verifier);
            at(emulator, builder).client_secret(WEB_SECRET).build()
        };
        match redeem() {
            Ok(credential) => watch.ask(&credential, &twins()).await,
            Err(error) => watch.text.push_str(&shown(&error)),
        }
        watch.ask(&redeem().unwrap(), &twins()).await;
    }
}

async fn managed_identity(emulator: &Emulator, watch: &mut Watch) {
    for host in Host::ALL {
        let env = emulator.managed_identity_env(host);
        for name in ["IDENTITY_HEADER", "MSI_SECRET"] {
            watch.secrets.extend(env.get(name).cloned());
        }
        let with = |env: &BTreeMap<String, String>| {
            let env = env.clone();
            Credential::managed_identity()
                .environment(move |name| env.get(name).map(Into::into))
                .arc_key_folder(emulator.arc_key_folder())
                .build()
                .unwrap()
        };
        let home = emulator.managed_identity_url();
        let on = |address: &str| {
            let there =
                env.iter().map(|(name, value)| (name.clone(), value.replace(home, address)));
            with(&there.collect())
        };
        watch.ask_in_all_weathers(home, on, &twins()).await;
        let mut wrong = env.clone();
        for name in ["IDENTITY_HEADER", "MSI_SECRET"] {
            wrong.entry(name.to_owned()).and_modify(|value| *value = "CANARY-header".to_owned());
        }
        watch.ask(&with(&wrong), &twins()).await;
    }
    watch.secrets.push("CANARY-header".to_owned());
}

async fn ims(emulator: &Emulator, watch: &mut Watch) {
    let service = ImsClient::service("service-canary", SecretString::from(IMS_SECRET));
    emulator.ims().add_client(service).unwrap();
    let encoded: String = url::form_urlencoded::byte_serialize(IMS_SECRET.as_bytes()).collect();
    let basic = STANDARD.encode(format!("service-canary:{encoded}"));
    watch.secrets.extend([IMS_SECRET.to_owned(), encoded, basic]);
    let platform = TokenRequest::new([SCOPE]).unwrap();
    let at_host = |host: &str| Credential::ims_service("service-canary", IMS_SECRET).host(host);
    writeln!(watch.text, "{:?}", at_host(emulator.ims_url())).unwrap();
    let post = |host: &str| at_host(host).build().unwrap();
    let basic = |host: &str| at_host(host).basic().build().unwrap();
    watch.ask_in_all_weathers(emulator.ims_url(), post, &platform).await;
    watch.ask_in_all_weathers(emulator.ims_url(), basic, &platform).await;

    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let uri = format!("http://localhost:{free}/signin-callback");
    emulator.ims().add_client(ImsClient::native("native-canary", &uri)).unwrap();
    let (store, browser) = (Open::default(), Browser::default());
    let native = Credential::ims_native("native-canary")
        .host(emulator.ims_url())
        .redirect_uri(uri)
        .store(store.clone())
        .open_with(browser.opener(USER_EMAIL))
        .build()
        .unwrap();
    watch.ask(&native, &platform).await;
    watch.ask(&native, &platform.clone().with_force_refresh()).await;
    watch.secrets.extend(store.take());
    watch.secrets.extend(browser.take());
}
