//! The iTwin part: a service application makes an iTwin, lets another one in by a
//! role, stores a file that the other one fetches, and makes an iModel with a named
//! version. It remembers what it created, so that nothing else is ever removed.

use std::future::Future;

use anyhow::{Context as _, Result, anyhow, bail};
use twinkit::auth::{Credential, SecretString, TokenRequest};
use twinkit::itwin::access_control::types::RoleCreate;
use twinkit::itwin::imodels::types::{IModelCreate, NamedVersionCreate};
use twinkit::itwin::itwins::enums::{ITwinClass, ITwinSubClass};
use twinkit::itwin::itwins::types::ITwinCreate;
use twinkit::itwin::{Error, ITwin, RoleGrant, Standing, TOKEN_SCOPE};
use twinkit_emulator::Emulator;
use twinkit_emulator::ims::ImsClient;

use super::transcript::{Done, Transcript, done};

/// What the other application gets to do.
const PERMISSIONS: [&str; 2] = ["storage_read", "imodels_read"];
/// Bytes of the file.
const FILE_BYTES: usize = 256 * 1024;

pub(super) struct Platform {
    client: ITwin,
    /// Who makes everything, and who is let in.
    owner: Credential,
    program: Credential,
    prefix: String,
    /// The iTwin is being made: an answer may be lost.
    begun: bool,
    itwin: Option<String>,
    role: Option<String>,
    member: Option<String>,
    file: Option<String>,
    imodel: Option<String>,
}

impl Platform {
    /// `program` is let in by the owner of `owner`.
    pub(super) fn new(
        endpoint: String,
        owner: Credential,
        program: Credential,
        prefix: &str,
    ) -> Result<Self> {
        Ok(Self {
            client: ITwin::builder(owner.clone()).endpoint(endpoint).build()?,
            owner,
            program,
            prefix: prefix.to_owned(),
            begun: false,
            itwin: None,
            role: None,
            member: None,
            file: None,
            imodel: None,
        })
    }

    /// The same in an emulator, with an application that is new there.
    pub(super) fn on(emulator: &Emulator, prefix: &str) -> Result<Self> {
        let (id, secret) = (format!("service-{prefix}"), format!("secret-of-{prefix}"));
        let program = ImsClient::service(&id, SecretString::from(secret.clone()));
        emulator.ims().add_client(program)?;
        let credential = |id: &str, secret: &str| {
            Credential::ims_service(id, secret.to_owned()).host(emulator.ims_url()).build()
        };
        let owner = credential(
            twinkit_emulator::ims::SERVICE_CLIENT_ID,
            twinkit_emulator::ims::SERVICE_CLIENT_SECRET,
        )?;
        Self::new(emulator.itwin_url().to_owned(), owner, credential(&id, &secret)?, prefix)
    }

    /// Runs the steps in order until one fails.
    pub(super) async fn play(&mut self, transcript: &mut Transcript) {
        // The steps show themselves; what is left to know is whether all ran.
        let _ = self.steps(transcript).await;
    }

    async fn steps(&mut self, transcript: &mut Transcript) -> Option<()> {
        transcript.step("sign in at IMS", self.sign_in()).await?;
        transcript.step("get_me", self.me()).await?;
        transcript.step("create_itwin", self.create_itwin()).await?;
        transcript.step("create_role", self.create_role()).await?;
        transcript.step("add_user_members", self.let_in()).await?;
        transcript.step("get_my_permissions", self.prove()).await?;
        transcript.step("create_file", self.upload()).await?;
        transcript.step("download_file", self.download()).await?;
        transcript.step("create_imodel", self.create_imodel()).await?;
        transcript.step("create_named_version", self.name_version()).await
    }

    /// Removes what was created, the last first.
    pub(super) async fn clear(&mut self, transcript: &mut Transcript) {
        // One that fails does not keep the others from what they can remove.
        if let Some(imodel) = self.imodel.take() {
            let delete = self.client.imodels().delete_imodel().id(imodel);
            transcript.step("delete_imodel", removed(delete.send(), "iModels")).await;
        }
        if let Some(file) = self.file.take() {
            let delete = self.client.storage().delete_file().file_id(file);
            transcript.step("delete_file", removed(delete.send(), "files")).await;
        }
        let itwin = self.itwin.clone().unwrap_or_default();
        if let Some(member) = self.member.take() {
            let remove = self.client.access_control().remove_user_member().id(itwin.as_str());
            let remove = remove.member_id(member);
            transcript.step("remove_user_member", removed(remove.send(), "members")).await;
        }
        if let Some(role) = self.role.take() {
            let delete = self.client.access_control().delete_role().id(itwin.as_str());
            transcript.step("delete_role", removed(delete.role_id(role).send(), "roles")).await;
        }
        if self.begun {
            transcript.step("delete_itwin", self.delete_itwin()).await;
        }
    }

    async fn sign_in(&self) -> Result<((), Done)> {
        self.owner.token(&TokenRequest::new([TOKEN_SCOPE])?).await?;
        done(None, format!("token for {TOKEN_SCOPE}"))
    }

    async fn me(&self) -> Result<((), Done)> {
        let me = self.client.whoami().await?;
        let kind = if me.is_service_application() { "service application" } else { "person" };
        let sees = if me.sees_itwins { "sees iTwins" } else { "sees no iTwin" };
        done(None, format!("{kind} {}, {sees}", me.user.email))
    }

    async fn create_itwin(&mut self) -> Result<((), Done)> {
        let body = ITwinCreate {
            class: ITwinClass::Endeavor,
            sub_class: ITwinSubClass::Project,
            display_name: format!("{}-itwin", self.prefix),
            number: Some(self.prefix.clone()),
            data_center_location: None,
            geographic_location: None,
            iana_time_zone: None,
            latitude: None,
            longitude: None,
            parent_id: None,
            status: None,
            type_: None,
        };
        // Noted before it is sent: an answer may be lost.
        self.begun = true;
        let made = self.client.itwins().create_itwin().body(body).send().await?;
        let status = made.status().as_u16();
        let itwin = made.into_inner().itwin;
        self.itwin = Some(itwin.id.clone());
        done(Some(status), format!("{} {}", itwin.id, itwin.display_name))
    }

    fn itwin(&self) -> Result<&str> {
        self.itwin.as_deref().ok_or_else(|| anyhow!("there is no iTwin"))
    }

    async fn create_role(&mut self) -> Result<((), Done)> {
        let body = RoleCreate {
            display_name: format!("{}-role", self.prefix),
            description: "A role of the demo".to_owned(),
            permissions: Some(PERMISSIONS.map(str::to_owned).to_vec()),
        };
        let create = self.client.access_control().create_role().id(self.itwin()?).body(body);
        let made = create.send().await?;
        let status = made.status().as_u16();
        let role = made.into_inner().role;
        self.role = Some(role.id);
        done(Some(status), format!("{}: {}", role.display_name, PERMISSIONS.join(", ")))
    }

    async fn let_in(&mut self) -> Result<((), Done)> {
        let role = self.role.clone().context("there is no role")?;
        let onboarding = self.client.onboard_credential(self.itwin()?, &self.program);
        let report = onboarding.role(RoleGrant::by_id(role)).apply().await?;
        if let Standing::Member(member) = &report.standing {
            self.member = Some(member.id.clone());
        }
        done(None, report.to_string())
    }

    async fn prove(&self) -> Result<((), Done)> {
        let proof = self.client.prove_access(&self.program).on(self.itwin()?);
        let proven = proof.run().await?;
        let permissions = proven.permissions.join(", ");
        done(None, format!("{} may do: {permissions}", proven.user.email))
    }

    async fn upload(&mut self) -> Result<((), Done)> {
        let storage = self.client.storage();
        let root = storage.root_folder(self.itwin()?).await?;
        let upload = storage.upload_file(root, format!("{}.bin", self.prefix), contents());
        let file = upload.run().await.map_err(Error::from)?;
        let detail = format!("{}: {FILE_BYTES} bytes by a signed address", file.display_name);
        self.file = Some(file.id);
        done(None, detail)
    }

    /// As the one who was let in.
    async fn download(&self) -> Result<((), Done)> {
        let file = self.file.as_deref().context("there is no file")?;
        let program = self.client.with_credential(self.program.clone())?;
        let bytes = program.storage().fetch_file(file).bytes(2 * FILE_BYTES).await?;
        if bytes != contents() {
            bail!("{} bytes came, which are not those that were stored", bytes.len());
        }
        done(None, format!("{} bytes, as they were stored", bytes.len()))
    }

    async fn create_imodel(&mut self) -> Result<((), Done)> {
        let body = IModelCreate {
            itwin_id: self.itwin()?.to_owned(),
            name: format!("{}-imodel", self.prefix),
            description: None,
            baseline_file: None,
            containers_enabled: None,
            creation_mode: None,
            extent: None,
            geographic_coordinate_system: None,
            template: None,
        };
        let made = self.client.imodels().create_imodel().body(body).send().await?;
        let status = made.status().as_u16();
        let imodel = made.into_inner().imodel;
        let detail = format!("{} {} ({})", imodel.id, imodel.name, imodel.state);
        self.imodel = Some(imodel.id);
        done(Some(status), detail)
    }

    async fn name_version(&self) -> Result<((), Done)> {
        let imodel = self.imodel.as_deref().context("there is no iModel")?;
        let name = format!("{}-version", self.prefix);
        let body = NamedVersionCreate { changeset_id: None, description: None, name };
        let create = self.client.imodels().create_named_version().id(imodel).body(body);
        let made = create.send().await?;
        let status = made.status().as_u16();
        let version = made.into_inner().named_version;
        done(Some(status), format!("{} of changeset {}", version.name, version.changeset_index))
    }

    async fn delete_itwin(&mut self) -> Result<((), Done)> {
        let id = match &self.itwin {
            Some(id) => Some(id.clone()),
            // The answer was lost: the number tells it from others.
            None => {
                let list = self.client.itwins().list_itwins().number(self.prefix.as_str());
                list.send().await?.into_inner().itwins.into_iter().next().map(|it| it.id)
            }
        };
        self.begun = false;
        let Some(id) = id else { return done(None, "no iTwin was made".to_owned()) };
        removed(self.client.itwins().delete_itwin().id(id).send(), "iTwins").await
    }
}

/// The bytes of the file, which no service could make up.
fn contents() -> Vec<u8> {
    (0..FILE_BYTES).map(|index| (index.wrapping_mul(31) >> 3) as u8).collect()
}

/// A deletion; what is not there is no failure.
async fn removed<T>(
    call: impl Future<Output = Result<twinkit::itwin::Response<T>, Error>>,
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
