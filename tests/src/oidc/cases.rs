//! The cases, one function each, and the table of how they went.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use futures_util::future::join_all;
use twinkit_auth::{
    AuthErrorKind, ClientCertificate, Credential, DeviceCode, ExposeSecret as _, ResponseMode,
    TokenRequest,
};

use super::browser::Browser;
use super::provider::{ITWIN_SCOPE, ODD_CLIENT_ID, Provider, SCOPE, SECRET, TENANT, fixture};
use super::steps;

/// The password of the encrypted test keys.
const PASSWORD: &str = "canary-pass";
/// The user of every sign-in.
const USER: &str = "ann";
/// How long user tokens live: so short that they are refreshed while we watch.
const USER_SECONDS: u64 = 4;
/// Callers that want a token at the same time.
const CALLERS: usize = 50;

/// Runs all cases against the server at `script`; returns how many failed.
///
/// # Errors
/// The server cannot be started.
pub async fn run(script: &Path) -> Result<usize> {
    let redirect = format!("http://localhost:{}/signin-callback", free_port()?);
    let provider = &Provider::start(script, USER_SECONDS, &redirect).await?;
    let mut failed = 0;
    let mut show = |name: &str, outcome: Result<String>| {
        let error = outcome.as_ref().err().map(|error| format!("{error:#}"));
        match outcome {
            Ok(detail) => println!("ok      {name:<44} {detail}"),
            Err(error) => {
                failed += 1;
                println!("FAILED  {name:<44} {error:#}");
            }
        }
        steps::note(name, error.as_deref());
    };
    show("secret in the form", secret_post(provider).await);
    show("secret in the form, wrong", secret_wrong(provider).await);
    show("IMS: secret in the form", ims_post(provider).await);
    show("IMS: secret as Basic, odd characters", ims_basic(provider).await);
    for (name, certificate) in certificates()? {
        show(
            &format!("certificate PS256, {name}"),
            by_certificate(provider, certificate.clone()).await,
        );
        let rs256 = certificate.with_rs256();
        show(&format!("certificate RS256, {name}"), by_certificate(provider, rs256).await);
    }
    show("certificate of somebody else", certificate_wrong(provider).await);
    show("on-behalf-of", on_behalf_of(provider).await);
    show("on-behalf-of, a person is needed", on_behalf_of_challenge(provider).await);
    for (name, mode) in [("query", ResponseMode::Query), ("form_post", ResponseMode::FormPost)] {
        show(&format!("code + PKCE by {name}"), code(provider, mode).await);
    }
    show("IMS: code + PKCE, exact redirect", ims_code(provider, &redirect).await);
    show("refresh rotation, 50 callers, 3 scopes", rotation(provider).await);
    show("device code, slow_down", device(provider).await);
    println!("{failed} failed");
    Ok(failed)
}

fn wanted() -> Result<TokenRequest> {
    Ok(TokenRequest::new([SCOPE])?)
}

/// A token for the API, told by its length only.
async fn token_of(credential: &Credential, request: &TokenRequest) -> Result<String> {
    let token = credential.token(request).await?;
    ensure!(!token.secret().expose_secret().is_empty());
    Ok(format!("a token of {} characters", token.secret().expose_secret().len()))
}

async fn refused(credential: &Credential, code: &str) -> Result<String> {
    match credential.token(&wanted()?).await {
        Ok(_) => bail!("it was let in"),
        Err(error) => {
            ensure!(error.kind() == AuthErrorKind::Rejected, "{error}");
            ensure!(error.error() == Some(code), "{error}");
            ensure!(error.attempts() == 1, "{error}");
            Ok(format!("{code}, as it should be"))
        }
    }
}

async fn secret_post(provider: &Provider) -> Result<String> {
    let credential = Credential::client_secret(TENANT, "post-app", SECRET)
        .authority(provider.entra())
        .build()?;
    token_of(&credential, &wanted()?).await
}

async fn secret_wrong(provider: &Provider) -> Result<String> {
    let credential = Credential::client_secret(TENANT, "post-app", "another")
        .authority(provider.entra())
        .build()?;
    refused(&credential, "invalid_client").await
}

async fn ims_post(provider: &Provider) -> Result<String> {
    let credential =
        Credential::ims_service("service-post", SECRET).host(provider.ims()).build()?;
    token_of(&credential, &TokenRequest::new([ITWIN_SCOPE])?).await
}

async fn ims_basic(provider: &Provider) -> Result<String> {
    let credential =
        Credential::ims_service(ODD_CLIENT_ID, SECRET).host(provider.ims()).basic().build()?;
    token_of(&credential, &TokenRequest::new([ITWIN_SCOPE])?).await
}

/// The test certificate in every kind of file.
fn certificates() -> Result<Vec<(&'static str, ClientCertificate)>> {
    let pems = |key: &str| -> Result<ClientCertificate> {
        let read = |name: &str| std::fs::read_to_string(fixture(name)).context("a test key");
        Ok(ClientCertificate::from_pem(read("leaf.pem")? + &read(key)?))
    };
    let pfx = |name: &str| ClientCertificate::from_file(fixture(name));
    Ok(vec![
        ("PEM, PKCS#8", pems("key.pem")?),
        ("PEM, PKCS#1", pems("key.pkcs1.pem")?),
        ("PEM, encrypted", pems("key.encrypted.pem")?.with_password(PASSWORD)),
        ("PFX, modern", pfx("modern.pfx").with_password(PASSWORD)),
        ("PFX, legacy", pfx("legacy.pfx").with_password(PASSWORD)),
        ("PFX, empty password", pfx("empty-password.pfx")),
    ])
}

async fn by_certificate(provider: &Provider, certificate: ClientCertificate) -> Result<String> {
    let credential = Credential::client_certificate(TENANT, "certificate-app", certificate)
        .authority(provider.entra())
        .build()?;
    token_of(&credential, &wanted()?).await?;
    // Another assertion, as the server takes each `jti` once.
    token_of(&credential, &wanted()?.with_force_refresh()).await
}

async fn certificate_wrong(provider: &Provider) -> Result<String> {
    let certificate = ClientCertificate::from_files(fixture("other.pem"), fixture("other.key.pem"));
    let credential = Credential::client_certificate(TENANT, "certificate-app", certificate)
        .authority(provider.entra())
        .build()?;
    refused(&credential, "invalid_client").await
}

fn middle_tier(provider: &Provider) -> Result<Credential> {
    Ok(Credential::on_behalf_of(TENANT, "middle-tier")
        .secret(SECRET)
        .authority(provider.entra())
        .build()?)
}

async fn on_behalf_of(provider: &Provider) -> Result<String> {
    let middle = middle_tier(provider)?;
    let mut tokens = BTreeSet::new();
    for user in ["token-of-ann", "token-of-bob", "token-of-ann"] {
        let token = middle.for_user(user).token(&wanted()?).await?;
        ensure!(token.granted_scopes() == [SCOPE], "scopes {:?}", token.granted_scopes());
        tokens.insert(token.secret().expose_secret().to_owned());
    }
    ensure!(tokens.len() == 2, "{} tokens of two users", tokens.len());
    Ok("two users, two tokens".to_owned())
}

async fn on_behalf_of_challenge(provider: &Provider) -> Result<String> {
    let user = middle_tier(provider)?.for_user("needs-a-person");
    let error = user.token(&wanted()?).await.err().context("it was let in")?;
    ensure!(error.kind() == AuthErrorKind::InteractionRequired, "{error}");
    let claims = error.claims().context("no claims")?.to_owned();
    ensure!(error.challenge().is_some_and(|value| value.contains("insufficient_claims")));
    token_of(&user, &wanted()?.with_claims(&claims)?).await?;
    Ok("claims reach the caller, and answer the challenge".to_owned())
}

/// Opens sign-in pages in a browser of ours, on a task of its own.
fn browser() -> impl Fn(&str) -> io::Result<()> + Send + Sync + 'static {
    let runtime = tokio::runtime::Handle::current();
    move |url| {
        let url = url.to_owned();
        runtime.spawn(async move {
            let signed_in = match Browser::new(USER) {
                Ok(mut browser) => browser.sign_in(&url).await,
                Err(error) => Err(error),
            };
            if let Err(error) = signed_in {
                eprintln!("the browser stopped: {error:#}");
            }
        });
        Ok(())
    }
}

async fn code(provider: &Provider, mode: ResponseMode) -> Result<String> {
    let session = Credential::interactive(TENANT, "native-app")
        .authority(provider.entra())
        .response_mode(mode)
        .open_with(browser())
        .session()?;
    let account = session.sign_in(&wanted()?).await?.context("no account")?;
    token_of(&session.credential(), &wanted()?).await?;
    Ok(format!("signed in: {account:?}"))
}

async fn ims_code(provider: &Provider, redirect: &str) -> Result<String> {
    let credential = Credential::ims_native("native-app")
        .host(provider.ims())
        .redirect_uri(redirect)
        .open_with(browser())
        .build()?;
    let request = TokenRequest::new([ITWIN_SCOPE])?;
    token_of(&credential, &request).await?;
    // The second one comes by the refresh token, without the browser.
    token_of(&credential, &request.with_force_refresh()).await
}

/// Many callers, several scopes, tokens that end while we watch: each refresh
/// token must be used once, as the server ends the whole sign-in otherwise.
async fn rotation(provider: &Provider) -> Result<String> {
    let session = Credential::interactive(TENANT, "native-app")
        .authority(provider.entra())
        .open_with(browser())
        .session()?;
    session.sign_in(&wanted()?).await?;
    let credential = session.credential();
    let requests =
        [wanted()?, TokenRequest::new([SCOPE, "openid"])?, TokenRequest::new([SCOPE, "profile"])?];
    let tokens = Arc::new(Mutex::new(BTreeSet::new()));
    for _ in 0..3 {
        let callers = (0..CALLERS).map(|index| {
            let (credential, tokens) = (credential.clone(), Arc::clone(&tokens));
            let request = requests.get(index % requests.len()).cloned();
            async move {
                let token = credential.token(&request.context("no request")?).await?;
                let text = token.secret().expose_secret().to_owned();
                tokens.lock().map_err(|_| anyhow::anyhow!("a caller panicked"))?.insert(text);
                anyhow::Ok(())
            }
        });
        for outcome in join_all(callers).await {
            outcome?;
        }
        // The server's clock is its own: its tokens end by real time.
        tokio::time::sleep(Duration::from_secs(USER_SECONDS)).await;
    }
    let counts = provider.counts().await?;
    ensure!(counts.refreshes.len() >= 6, "only {} refresh tokens", counts.refreshes.len());
    ensure!(counts.refreshes.iter().all(|times| *times == 1), "{:?}", counts.refreshes);
    let tokens = tokens.lock().map_or(0, |tokens| tokens.len());
    Ok(format!("{} refresh tokens, each used once; {tokens} access tokens", counts.refreshes.len()))
}

async fn device(provider: &Provider) -> Result<String> {
    let runtime = tokio::runtime::Handle::current();
    let show = move |code: &DeviceCode| {
        let url = code.verification_uri_complete.clone().unwrap_or_default();
        runtime.spawn(async move {
            // The person comes after two polls: 5 seconds each, as the server
            // names no interval, and 5 more after the second.
            tokio::time::sleep(Duration::from_secs(12)).await;
            let signed_in = match Browser::new(USER) {
                Ok(mut browser) => browser.sign_in(&url).await,
                Err(error) => Err(error),
            };
            if let Err(error) = signed_in {
                eprintln!("the browser stopped: {error:#}");
            }
        });
    };
    let credential =
        Credential::device_code(TENANT, "native-app", show).authority(provider.entra()).build()?;
    token_of(&credential, &wanted()?).await?;
    let counts = provider.counts().await?;
    ensure!(counts.slow_downs == 1, "told to go slower {} times", counts.slow_downs);
    ensure!(counts.pending == 2, "{} polls before the person came", counts.pending);
    Ok("pending, slow_down, then a token".to_owned())
}

/// A port that nobody listens at, for a redirect that is registered beforehand.
fn free_port() -> Result<u16> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
