//! Who is in the directory from the start. The ids and secrets are documented
//! constants; they open nothing but emulators.

use secrecy::SecretString;

use super::{
    Directory, Role,
    application::{Api, Application, FEDERATION_AUDIENCE, FederatedCredential, Registered},
    user::User,
};

/// Tenant that every emulator starts with.
pub const TENANT_ID: &str = "22222222-2222-2222-2222-222222222222";
/// Domain name that stands for [`TENANT_ID`] in an authority's path.
pub const TENANT_DOMAIN: &str = "twinkit.onmicrosoft.com";
/// Application (client) id of the seeded owner.
pub const CLIENT_ID: &str = "11111111-1111-1111-1111-111111111111";
/// Secret of the seeded owner. It opens nothing but an emulator.
pub const CLIENT_SECRET: &str = "Emu8Q~local.only-secret";
/// Object id of the seeded owner's enterprise application.
pub const OBJECT_ID: &str = "33333333-3333-3333-3333-333333333333";

/// Client id of the seeded middle tier: a web API that calls others on behalf
/// of its users.
pub const API_CLIENT_ID: &str = "44444444-4444-4444-4444-444444444401";
/// Secret of the seeded middle tier.
pub const API_CLIENT_SECRET: &str = "Emu8Q~local.middle-tier";
/// Object id of the middle tier's enterprise application.
pub const API_OBJECT_ID: &str = "44444444-4444-4444-4444-444444444402";
/// The scope by which others call the seeded middle tier.
pub const API_SCOPE: &str = "api://44444444-4444-4444-4444-444444444401/access_as_user";

/// Client id of the seeded native application, a public client.
pub const NATIVE_CLIENT_ID: &str = "55555555-5555-5555-5555-555555555501";
/// Object id of the native application's enterprise application.
pub const NATIVE_OBJECT_ID: &str = "55555555-5555-5555-5555-555555555502";
/// Redirect addresses of the seeded native application; any port will do.
pub const NATIVE_REDIRECT_URIS: [&str; 2] = ["http://localhost", "http://127.0.0.1"];

/// Object id of the seeded user, Data Owner of every instance.
pub const USER_OBJECT_ID: &str = "66666666-6666-6666-6666-666666666601";
/// Name of the seeded user.
pub const USER_NAME: &str = "ada@twinkit.onmicrosoft.com";
/// Object id of the second seeded user, who has no role.
pub const GUEST_OBJECT_ID: &str = "66666666-6666-6666-6666-666666666602";
/// Name of the second seeded user.
pub const GUEST_NAME: &str = "guest@twinkit.onmicrosoft.com";

/// Subject of the foreign tokens that a GitHub Actions job gets.
pub const GITHUB_SUBJECT: &str = "repo:twinkit/twinkit:ref:refs/heads/main";
/// Subject of the foreign tokens that an Azure Pipelines job gets.
pub const PIPELINES_SUBJECT: &str = "sc://twinkit/emulator/connection";
/// Subject of the foreign tokens that a Kubernetes pod gets.
pub const KUBERNETES_SUBJECT: &str = "system:serviceaccount:default:twinkit";

impl Directory {
    /// The default tenant: its owner, Data Owner on `instance` and opened by
    /// tokens of `foreign_issuer` too, a middle tier, a native application and
    /// two users.
    pub(crate) fn seeded(instance: &str, foreign_issuer: &str) -> Self {
        let directory = Self::empty();
        directory.add_tenant(TENANT_ID, &[TENANT_DOMAIN]);
        let subjects = [GITHUB_SUBJECT, PIPELINES_SUBJECT, KUBERNETES_SUBJECT];
        let owner = Application {
            client_id: CLIENT_ID.to_owned(),
            object_id: OBJECT_ID.to_owned(),
            display_name: "Owner".to_owned(),
            federated_credentials: subjects
                .iter()
                .map(|subject| FederatedCredential {
                    issuer: foreign_issuer.to_owned(),
                    subject: (*subject).to_owned(),
                    audience: FEDERATION_AUDIENCE.to_owned(),
                })
                .collect(),
            ..Application::new(SecretString::from(CLIENT_SECRET))
        };
        let api = Application {
            client_id: API_CLIENT_ID.to_owned(),
            object_id: API_OBJECT_ID.to_owned(),
            display_name: "Middle tier".to_owned(),
            redirect_uris: vec!["http://localhost/signin-oidc".to_owned()],
            api: Some(Api {
                identifier_uri: format!("api://{API_CLIENT_ID}"),
                scopes: vec!["access_as_user".to_owned()],
            }),
            ..Application::new(SecretString::from(API_CLIENT_SECRET))
        };
        let native = Application {
            client_id: NATIVE_CLIENT_ID.to_owned(),
            object_id: NATIVE_OBJECT_ID.to_owned(),
            display_name: "Native application".to_owned(),
            ..Application::public(&NATIVE_REDIRECT_URIS)
        };
        let user = |object_id: &str, name: &str, display_name: &str| User {
            object_id: object_id.to_owned(),
            display_name: display_name.to_owned(),
            ..User::new(name)
        };
        {
            let mut state = directory.write();
            *state.foreign_issuer = foreign_issuer.to_owned();
            for application in [owner, api, native] {
                state.applications.insert(application.client_id.clone(), Registered(application));
            }
            for user in [
                user(USER_OBJECT_ID, USER_NAME, "Ada Owner"),
                user(GUEST_OBJECT_ID, GUEST_NAME, "Guest"),
            ] {
                state.users.insert(user.object_id.clone(), user);
            }
        }
        directory.assign(instance, OBJECT_ID, Role::DataOwner);
        directory.assign(instance, USER_OBJECT_ID, Role::DataOwner);
        directory
    }
}
