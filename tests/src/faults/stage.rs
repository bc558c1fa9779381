//! Where the matrix is played: servers that fail, and every client at each of
//! them, with a token that must not be seen. It must not know what is expected.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use anyhow::Context as _;
use progenitor_client::{CallOptions, HeaderMap, RetryPolicy};
use secrecy::SecretString;
use tokio::net::TcpSocket;
use twinkit_auth::{
    AccessToken, AuthError, Authorized, Authorizer, BearerAuthorizer, BoxFuture, Credential,
    Decision, FetchContext, Origin, OriginSet, TokenRequest, TokenSource,
};
use twinkit_emulator::Emulator;

use super::fault::{Fault, Place};
use super::script::Reply;
use super::server::Server;
use super::time::Hourglass;
use crate::generated::{
    Answer, Failure, Values, digital_twins, iot_central, iot_central_preview, itwin_access_control,
    itwin_imodels, itwin_itwins, itwin_reality_management, itwin_storage, itwin_users,
    itwin_webhooks,
};

/// Part of every secret: nothing that a program could show may hold it.
pub(super) const CANARY: &str = "CANARY";
const SECRET: &str = "CANARY-secret.7Q8w";
const SCOPE: &str = "https://matrix.example/.default";
/// Longer than a failure at the token endpoint is remembered.
const FORGOTTEN: Duration = Duration::from_secs(24 * 3600);

/// The servers and clients of one thread.
pub(super) struct Stage {
    pub(super) server: Server,
    pub(super) identity: Server,
    pub(super) emulator: Emulator,
    hourglass: Hourglass,
    caller: Arc<Caller>,
    clients: [(Place, Clients); 4],
    unreachable_identity: Credential,
    failing_identity: Credential,
    /// Bound, but not listening: nobody else can listen there either.
    _nowhere: TcpSocket,
}

/// Every client of one address.
struct Clients {
    twins: twinkit_digital_twins::Client,
    central: twinkit_iot_central::Client,
    itwin: twinkit_itwin::ITwin,
}

impl Stage {
    pub(super) async fn start(hourglass: &Hourglass) -> anyhow::Result<Self> {
        let server = Server::start(hourglass).await?;
        let identity = Server::start(hourglass).await?;
        let emulator = Emulator::builder().tls(true).start().await?;
        let nowhere = TcpSocket::new_v4()?;
        nowhere.bind("127.0.0.1:0".parse()?)?;
        let nowhere_url = format!("http://{}", nowhere.local_addr()?);

        let places = [
            (Place::Server, server.url("http")),
            (Place::Nowhere, nowhere_url.clone()),
            (Place::ServerByTls, server.url("https")),
            (Place::StrangeAuthority, emulator.digital_twins_url().to_owned()),
        ];
        let origins = places.iter().map(|(_, url)| Origin::parse(url));
        let caller = Arc::new(Caller::new(origins.collect::<Result<OriginSet, _>>()?)?);
        let made = |(place, url): (Place, String)| -> anyhow::Result<_> {
            Ok((place, Clients::new(&url, &caller)?))
        };
        let [a, b, c, d] = places;
        let clients = [made(a)?, made(b)?, made(c)?, made(d)?];
        Ok(Self {
            unreachable_identity: real(&nowhere_url)?,
            failing_identity: real(&identity.url("http"))?,
            server,
            identity,
            emulator,
            hourglass: hourglass.clone(),
            caller,
            clients,
            _nowhere: nowhere,
        })
    }

    /// Has everything ready to fail, and nothing remembered of the last call.
    pub(super) async fn set(&self, fault: Fault, answer: &Reply) -> anyhow::Result<()> {
        self.server.play(fault.script(answer));
        self.identity.play(fault.token_script());
        self.caller.now_with(match fault {
            Fault::NoTokenEndpoint => self.unreachable_identity.clone(),
            Fault::TokenEndpointDown => self.failing_identity.clone(),
            _ => Credential::from_source(Numbered::default()),
        })?;
        if matches!(fault, Fault::NoTokenEndpoint | Fault::TokenEndpointDown) {
            self.hourglass.pass(FORGOTTEN).await;
        }
        self.hourglass.begin();
        Ok(())
    }

    /// Calls an operation of an API.
    pub(super) async fn call(
        &self,
        place: Place,
        (api, operation): (&str, &str),
        values: &Values,
        options: CallOptions,
    ) -> anyhow::Result<Result<Answer, Failure>> {
        let clients = self.clients.iter().find(|(known, _)| *known == place);
        let (_, clients) = clients.context("there are clients for every place")?;
        let Clients { twins, central, itwin } = clients;
        let itwin = || itwin.with_options(options.clone());
        // Boxed: together they are large, and only one is needed.
        let call: futures_util::future::LocalBoxFuture<'_, _> = match api {
            "digital-twins" => {
                let client = twins.with_options(options);
                Box::pin(async move { digital_twins::call(&client, operation, values).await })
            }
            "iot-central" => {
                let client = central.with_options(options);
                Box::pin(async move { iot_central::call(&client, operation, values).await })
            }
            "iot-central-preview" => {
                let client = central.preview().with_options(options);
                Box::pin(async move { iot_central_preview::call(&client, operation, values).await })
            }
            "itwin-users" => {
                let itwin = itwin();
                Box::pin(async move { itwin_users::call(itwin.users(), operation, values).await })
            }
            "itwin-itwins" => {
                let itwin = itwin();
                Box::pin(async move { itwin_itwins::call(itwin.itwins(), operation, values).await })
            }
            "itwin-access-control" => {
                let itwin = itwin();
                Box::pin(async move {
                    itwin_access_control::call(itwin.access_control(), operation, values).await
                })
            }
            "itwin-imodels" => {
                let itwin = itwin();
                Box::pin(
                    async move { itwin_imodels::call(itwin.imodels(), operation, values).await },
                )
            }
            "itwin-storage" => {
                let itwin = itwin();
                Box::pin(
                    async move { itwin_storage::call(itwin.storage(), operation, values).await },
                )
            }
            "itwin-reality-management" => {
                let itwin = itwin();
                Box::pin(async move {
                    let client = itwin.reality_management();
                    itwin_reality_management::call(client, operation, values).await
                })
            }
            "itwin-webhooks" => {
                let itwin = itwin();
                Box::pin(
                    async move { itwin_webhooks::call(itwin.webhooks(), operation, values).await },
                )
            }
            unknown => anyhow::bail!("there is no client of the API `{unknown}`"),
        };
        Ok(call.await)
    }
}

impl Clients {
    fn new(url: &str, caller: &Arc<Caller>) -> anyhow::Result<Self> {
        // As clients are by default, but that one call does not pay for another.
        let retry = RetryPolicy::new().budget(u32::MAX);
        let nobody = || Credential::from_source(Numbered::default());
        let authorizer = || Arc::clone(caller) as Arc<dyn Authorizer>;
        let twins = twinkit_digital_twins::Client::builder(url, nobody());
        let central = twinkit_iot_central::Client::builder(url, nobody());
        let itwin = twinkit_itwin::ITwin::builder(nobody()).endpoint(url);
        Ok(Self {
            twins: twins.authorizer(authorizer()).retry(retry.clone()).build()?,
            central: central.authorizer(authorizer()).retry(retry.clone()).build()?,
            itwin: itwin.authorizer(authorizer()).retry(retry).build()?,
        })
    }
}

/// A credential that signs in at `authority`.
fn real(authority: &str) -> Result<Credential, AuthError> {
    let (tenant, client) = ("matrix.example", "00000000-0000-0000-0000-000000000001");
    Credential::client_secret(tenant, client, SECRET).authority(authority).build()
}

/// Signs as whoever calls at present, so that clients need not be made anew: to
/// make one takes longer than to call it.
#[derive(Debug)]
struct Caller {
    origins: OriginSet,
    present: Mutex<BearerAuthorizer>,
}

impl Caller {
    fn new(origins: OriginSet) -> Result<Self, AuthError> {
        let nobody = Credential::from_source(Numbered::default());
        let present = BearerAuthorizer::new(nobody, [SCOPE], origins.clone())?;
        Ok(Self { origins, present: Mutex::new(present) })
    }

    fn now_with(&self, credential: Credential) -> Result<(), AuthError> {
        let present = BearerAuthorizer::new(credential, [SCOPE], self.origins.clone())?;
        *self.present.lock().unwrap_or_else(PoisonError::into_inner) = present;
        Ok(())
    }

    fn present(&self) -> BearerAuthorizer {
        self.present.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Authorizer for Caller {
    fn authorize<'a>(
        &'a self,
        request: &'a mut reqwest::Request,
    ) -> BoxFuture<'a, Result<Authorized, AuthError>> {
        let present = self.present();
        Box::pin(async move { present.authorize(request).await })
    }

    fn on_unauthorized<'a>(
        &'a self,
        used: &'a Authorized,
        headers: &'a HeaderMap,
    ) -> BoxFuture<'a, Decision> {
        let present = self.present();
        Box::pin(async move { present.on_unauthorized(used, headers).await })
    }
}

/// Gives a new token each time: the first one is number 1.
#[derive(Debug, Default)]
struct Numbered(AtomicU32);

/// The token of that number.
pub(super) fn token(number: u32) -> String {
    format!("CANARY-token-{number}")
}

impl TokenSource for Numbered {
    fn name(&self) -> &'static str {
        "numbered tokens"
    }

    fn fetch<'a>(
        &'a self,
        _: &'a TokenRequest,
        _: &'a FetchContext,
    ) -> BoxFuture<'a, Result<AccessToken, AuthError>> {
        const LIFETIME: Duration = Duration::from_secs(3600);
        let number = self.0.fetch_add(1, Ordering::Relaxed) + 1;
        let token = SecretString::from(token(number));
        Box::pin(async { AccessToken::new(token, SystemTime::now() + LIFETIME) })
    }
}
