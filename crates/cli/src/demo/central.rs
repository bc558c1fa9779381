//! The IoT Central part: a program that is no user yet is let in by create user,
//! works as itself, and makes, uses and revokes an API token. It remembers what
//! it created, so that nothing else is ever removed.

use std::future::Future;
use std::time::Duration;

use anyhow::{Result, anyhow, bail};
use twinkit::auth::{Credential, SecretString, TokenRequest};
use twinkit::iot_central::{
    ApiTokenId, BuiltInRole, Client, DeviceId, Error, PlannedChange, Response, TOKEN_SCOPE, UserId,
};
use twinkit_emulator::Emulator;
use twinkit_emulator::identity::Application;

use super::transcript::{Done, Transcript, done};

/// How long a revoked token may still be known somewhere. The platform names no
/// time; ours.
const FORGETTING: Duration = Duration::from_secs(30);
const LOOK_AGAIN: Duration = Duration::from_secs(1);

pub(super) struct Central {
    /// The administrator's.
    client: Client,
    endpoint: String,
    /// The program that is let in.
    program: Credential,
    device: DeviceId,
    token: ApiTokenId,
    /// The user that was made for the program.
    user: Option<UserId>,
    /// The program's own client, once it was let in.
    own: Option<Client>,
    has_device: bool,
    has_token: bool,
}

impl Central {
    /// `program` is let in by the owner of `credential`, an administrator.
    pub(super) fn new(
        endpoint: String,
        credential: Credential,
        program: Credential,
        prefix: &str,
    ) -> Result<Self> {
        Ok(Self {
            client: Client::builder(&endpoint, credential).build()?,
            endpoint,
            program,
            device: DeviceId::new(format!("{prefix}-device"))?,
            token: ApiTokenId::new(format!("{prefix}-token"))?,
            user: None,
            own: None,
            has_device: false,
            has_token: false,
        })
    }

    /// The same in an emulator, with an application registration that is new and
    /// no user of anything.
    pub(super) fn on(emulator: &Emulator, owner: Credential, prefix: &str) -> Result<Self> {
        let secret = format!("secret-of-{prefix}");
        let registration = Application::new(SecretString::from(secret.clone()));
        let (tenant, client) = (registration.tenant_id.clone(), registration.client_id.clone());
        emulator.directory().add_application(registration)?;
        let program = Credential::client_secret(tenant, client, secret)
            .authority(emulator.authority_url())
            .build()?;
        Self::new(emulator.iot_central_url().to_owned(), owner, program, prefix)
    }

    /// Runs the steps in order until one fails.
    pub(super) async fn play(&mut self, transcript: &mut Transcript) {
        // The steps show themselves; what is left to know is whether all ran.
        let _ = self.steps(transcript).await;
    }

    async fn steps(&mut self, transcript: &mut Transcript) -> Option<()> {
        transcript.step("create_user", self.let_in()).await?;
        transcript.step("sign in as program", self.sign_in()).await?;
        transcript.step("create_device", self.create_device()).await?;
        let with_token = transcript.step("create_api_token", self.make_token()).await?;
        transcript.step("list_devices", self.list_devices(&with_token)).await?;
        transcript.step("delete_api_token", self.revoke_token()).await?;
        transcript.step("list_devices, revoked", refused(&with_token)).await
    }

    /// Removes what was created, the last first.
    pub(super) async fn clear(&mut self, transcript: &mut Transcript) {
        // One that fails does not keep the others from what they can remove.
        if self.has_token {
            transcript.step("delete_api_token", self.revoke_token()).await;
        }
        if self.has_device {
            transcript.step("delete_device", self.delete_device()).await;
        }
        if self.user.is_some() {
            transcript.step("delete_user", self.let_out()).await;
        }
    }

    async fn let_in(&mut self) -> Result<((), Done)> {
        // The program makes an API token itself, which takes an administrator.
        let onboarding = self.client.onboard_credential(&self.program);
        let plan = onboarding.role(BuiltInRole::Administrator).plan().await?;
        match plan.change() {
            // Noted before it is sent: an answer may be lost.
            PlannedChange::Create => self.user = Some(plan.user_id().clone()),
            // It stays when the demo is over.
            PlannedChange::Nothing => {}
            _ => bail!(
                "user {} has other roles than Administrator, which the demo does not change",
                plan.user_id()
            ),
        }
        let report = plan.apply().await?;
        done(None, report.to_string())
    }

    async fn sign_in(&mut self) -> Result<((), Done)> {
        self.program.token(&TokenRequest::new([TOKEN_SCOPE])?).await?;
        let proven = self.client.prove_access(&self.program).run().await?;
        self.own = Some(self.client.with_credential(self.program.clone())?);
        let who = proven.claims.as_ref().and_then(|claims| claims.object_id()).unwrap_or("?");
        done(None, format!("token for {TOKEN_SCOPE}, let in as object id {who}"))
    }

    fn own(&self) -> Result<&Client> {
        self.own.as_ref().ok_or_else(|| anyhow!("the program was not let in"))
    }

    async fn create_device(&mut self) -> Result<((), Done)> {
        let own = self.own()?.clone();
        // To put a device where one is would replace it.
        if there(own.get_device().device_id(&self.device).send()).await? {
            bail!("there is a device {} already", self.device);
        }
        self.has_device = true;
        own.register_device(&self.device).display_name("A pump of the demo").send().await?;
        done(None, self.device.to_string())
    }

    async fn make_token(&mut self) -> Result<(Client, Done)> {
        let own = self.own()?.clone();
        if there(own.get_api_token().token_id(&self.token).send()).await? {
            bail!("there is an API token {} already", self.token);
        }
        self.has_token = true;
        // That the id is free was seen just now.
        let making = own.make_api_token(&self.token).role(BuiltInRole::Operator);
        let made = making.replace_existing().make().await?;
        let ends = made.expiry.as_ref().map(|at| format!(", ends {at}")).unwrap_or_default();
        let detail = format!("{}: Operator{ends}", made.id);
        let caller = Client::with_api_token(&self.endpoint, made.secret)?.build()?;
        Ok((caller, Done { status: None, detail }))
    }

    async fn list_devices(&self, caller: &Client) -> Result<((), Done)> {
        let devices = caller.list_devices().items().into_vec().await?;
        let is_ours =
            |id: &Option<String>| id.as_ref().is_some_and(|id| id == self.device.as_str());
        if !devices.iter().any(|device| is_ours(&device.id)) {
            bail!("the device {} is not among {} devices", self.device, devices.len());
        }
        done(None, format!("by API token: {} devices", devices.len()))
    }

    async fn revoke_token(&mut self) -> Result<((), Done)> {
        // An administrator can, whether or not the program still can.
        self.client.revoke_api_token(&self.token).await?;
        self.has_token = false;
        done(None, format!("{} revoked", self.token))
    }

    async fn delete_device(&mut self) -> Result<((), Done)> {
        let delete = self.client.delete_device().device_id(&self.device);
        let removed = removed(delete.send(), "devices").await?;
        self.has_device = false;
        Ok(removed)
    }

    async fn let_out(&mut self) -> Result<((), Done)> {
        let Some(user) = self.user.clone() else { return done(None, "no user".to_owned()) };
        let removed = removed(self.client.delete_user().user_id(&user).send(), "users").await?;
        self.user = None;
        Ok(removed)
    }
}

/// Whether a call found what it is for; what is not there is no failure.
async fn there<T>(call: impl Future<Output = Result<T, Error>>) -> Result<bool> {
    match call.await {
        Ok(_) => Ok(true),
        Err(error) if error.is_not_found() => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// A deletion; what is not there is no failure.
async fn removed<T>(
    call: impl Future<Output = Result<Response<T>, Error>>,
    what: &str,
) -> Result<((), Done)> {
    match call.await {
        Ok(answer) => done(Some(answer.status().as_u16()), format!("1 {what} removed")),
        Err(error) if error.is_not_found() => {
            done(error.status().map(|status| status.as_u16()), format!("0 {what} removed"))
        }
        Err(error) => Err(error.into()),
    }
}

/// A call that must be refused, with the token that was revoked.
async fn refused(caller: &Client) -> Result<((), Done)> {
    let deadline = tokio::time::Instant::now() + FORGETTING;
    loop {
        match caller.list_devices().send().await {
            Err(error) if error.is_denied() => {
                let status = error.status().map(|status| status.as_u16());
                return done(status, "refused, as it must be".to_owned());
            }
            Err(error) => return Err(error.into()),
            Ok(_) if tokio::time::Instant::now() >= deadline => {
                bail!("the revoked API token still opens the application")
            }
            Ok(_) => tokio::time::sleep(LOOK_AGAIN).await,
        }
    }
}
