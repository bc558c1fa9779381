//! The managed identity endpoints, each host as its clients speak to it.

use std::{collections::BTreeMap, fs, path::PathBuf};

use reqwest::{Method, Response};
use serde_json::{Value, json};
use twinkit_emulator::{
    Emulator,
    faults::Fault,
    identity::{
        SYSTEM_IDENTITY_CLIENT_ID, SYSTEM_IDENTITY_OBJECT_ID, USER_IDENTITY_CLIENT_ID,
        USER_IDENTITY_OBJECT_ID, USER_IDENTITY_RESOURCE_ID,
    },
    managed_identity::{ExpiresOn, Host},
};

use crate::support::{claims, client, models, token};

const RESOURCE: &str = "https://digitaltwins.azure.net";

/// The way to one host.
struct Endpoint<'e> {
    emulator: &'e Emulator,
    env: BTreeMap<String, String>,
    url: String,
    version: &'static str,
    headers: Vec<(&'static str, String)>,
}

impl<'e> Endpoint<'e> {
    fn new(emulator: &'e Emulator, host: Host) -> Self {
        let env = emulator.managed_identity_env(host);
        let (url, version, headers) = match host {
            Host::Imds => {
                let base = &env["AZURE_POD_IDENTITY_AUTHORITY_HOST"];
                let url = format!("{base}/metadata/identity/oauth2/token");
                (url, "2018-02-01", vec![("Metadata", "true".to_owned())])
            }
            Host::AppService => {
                let secret = env["IDENTITY_HEADER"].clone();
                let url = env["IDENTITY_ENDPOINT"].clone();
                (url, "2019-08-01", vec![("X-IDENTITY-HEADER", secret)])
            }
            Host::AzureMl => {
                let secret = env["MSI_SECRET"].clone();
                (env["MSI_ENDPOINT"].clone(), "2017-09-01", vec![("secret", secret)])
            }
            Host::CloudShell => {
                (env["MSI_ENDPOINT"].clone(), "", vec![("Metadata", "true".to_owned())])
            }
            Host::Arc => {
                let url = env["IDENTITY_ENDPOINT"].clone();
                (url, "2020-06-01", vec![("Metadata", "true".to_owned())])
            }
            other => panic!("{other:?}"),
        };
        Self { emulator, env, url, version, headers }
    }

    /// Asks with the parameters changed or, where the value is empty, left out.
    async fn ask(&self, changes: &[(&str, &str)]) -> Response {
        let mut query = vec![("api-version", self.version), ("resource", RESOURCE)];
        for &(name, value) in changes {
            query.retain(|(known, _)| *known != name);
            query.push((name, value));
        }
        query.retain(|(_, value)| !value.is_empty());
        self.send(Method::GET, &query, &self.headers).await
    }

    async fn send(
        &self,
        method: Method,
        query: &[(&str, &str)],
        headers: &[(&str, String)],
    ) -> Response {
        let url = url::Url::parse_with_params(&self.url, query).unwrap();
        let mut request = client().request(method, url);
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        request.send().await.unwrap()
    }

    async fn document(&self, changes: &[(&str, &str)]) -> Value {
        let response = self.ask(changes).await;
        assert_eq!(response.status(), 200, "{changes:?}");
        response.json().await.unwrap()
    }

    /// The object id that the token was given to; the token must open the twins.
    async fn owner(&self, document: &Value) -> String {
        let token = document["access_token"].as_str().unwrap();
        assert_eq!(models(self.emulator, token).await.status(), 200);
        let claims = claims(token);
        assert_eq!(claims["aud"], RESOURCE);
        claims["oid"].as_str().unwrap().to_owned()
    }
}

async fn refused(response: Response) -> (u16, Value) {
    (response.status().as_u16(), response.json().await.unwrap())
}

fn members(document: &Value) -> Vec<&str> {
    document.as_object().unwrap().keys().map(String::as_str).collect()
}

/// Every id by which a host may be asked for the user-assigned identity.
fn user_ids<'n>(client: &'n str, object: &'n str, resource: &'n str) -> [(&'n str, &'n str); 3] {
    [
        (client, USER_IDENTITY_CLIENT_ID),
        (object, USER_IDENTITY_OBJECT_ID),
        (resource, USER_IDENTITY_RESOURCE_ID),
    ]
}

#[tokio::test]
async fn imds_answers_in_strings() {
    let emulator = Emulator::start().await.unwrap();
    let imds = Endpoint::new(&emulator, Host::Imds);
    assert_eq!(imds.env.len(), 1);
    let before = emulator.clock().unix_seconds();
    let document = imds.document(&[]).await;
    assert_eq!(
        members(&document),
        [
            "access_token",
            "client_id",
            "expires_in",
            "expires_on",
            "ext_expires_in",
            "not_before",
            "resource",
            "token_type"
        ]
    );
    assert!(document.as_object().unwrap().values().all(Value::is_string));
    assert_eq!(document["expires_in"], "3599");
    assert_eq!(document["client_id"], SYSTEM_IDENTITY_CLIENT_ID);
    assert_eq!(
        (&document["resource"], &document["token_type"]),
        (&json!(RESOURCE), &json!("Bearer"))
    );
    let expires: i64 = document["expires_on"].as_str().unwrap().parse().unwrap();
    assert!((before + 3599..=before + 3659).contains(&expires));
    assert_eq!(imds.owner(&document).await, SYSTEM_IDENTITY_OBJECT_ID);
    for id in user_ids("client_id", "object_id", "msi_res_id") {
        let document = imds.document(&[id]).await;
        assert_eq!(document["client_id"], USER_IDENTITY_CLIENT_ID);
        assert_eq!(imds.owner(&document).await, USER_IDENTITY_OBJECT_ID, "{id:?}");
    }
    imds.document(&[("api-version", "2021-12-13")]).await;
    let upper = USER_IDENTITY_RESOURCE_ID.to_uppercase();
    imds.document(&[("msi_res_id", &upper)]).await;
}

#[tokio::test]
async fn the_audience_is_the_resource_as_it_stands() {
    let emulator = Emulator::start().await.unwrap();
    let imds = Endpoint::new(&emulator, Host::Imds);
    let resource = "https://management.core.windows.net/";
    let document = imds.document(&[("resource", resource)]).await;
    let claims = claims(document["access_token"].as_str().unwrap());
    assert_eq!((&claims["aud"], &claims["tid"]), (&json!(resource), &json!(emulator.tenant_id())));
}

#[tokio::test]
async fn imds_refuses_what_is_not_meant_for_it() {
    let emulator = Emulator::start().await.unwrap();
    let imds = Endpoint::new(&emulator, Host::Imds);
    let query = [("api-version", "2018-02-01"), ("resource", RESOURCE)];
    for (headers, code) in [
        (vec![], "bad_request_102"),
        (vec![("Metadata", "false".to_owned())], "bad_request_102"),
        (
            vec![("Metadata", "true".to_owned()), ("X-Forwarded-For", "10.0.0.1".to_owned())],
            "invalid_request",
        ),
    ] {
        let (status, body) = refused(imds.send(Method::GET, &query, &headers).await).await;
        assert_eq!((status, &body["error"]), (400, &json!(code)), "{headers:?}");
        assert!(!body["error_description"].as_str().unwrap().is_empty());
    }
    let post = imds.send(Method::POST, &query, &imds.headers).await;
    assert_eq!(post.status(), 405);
    for (changes, code) in [
        (vec![("api-version", "")], "invalid_request"),
        (vec![("api-version", "2017-12-01")], "invalid_request"),
        (vec![("resource", "")], "invalid_request"),
        (vec![("resource", "https://nowhere.example")], "invalid_resource"),
        (vec![("resource", "https://digitaltwins.azure.net/.default")], "invalid_resource"),
        (vec![("client_id", "nobody")], "invalid_request"),
        (vec![("msi_res_id", "/subscriptions/x")], "invalid_request"),
        // The name that App Service has for it is none here.
        (
            vec![("client_id", USER_IDENTITY_CLIENT_ID), ("object_id", USER_IDENTITY_OBJECT_ID)],
            "invalid_request",
        ),
    ] {
        let (status, body) = refused(imds.ask(&changes).await).await;
        assert_eq!((status, &body["error"]), (400, &json!(code)), "{changes:?}");
    }
    let (_, body) = refused(imds.ask(&[("client_id", "nobody")]).await).await;
    assert_eq!(body["error_description"], "Identity not found");
    let elsewhere = format!("{}/metadata/instance", emulator.managed_identity_url());
    assert_eq!(client().get(elsewhere).send().await.unwrap().status(), 404);
}

#[tokio::test]
async fn a_busy_imds_is_made_by_the_schedule_of_faults() {
    let emulator = Emulator::start().await.unwrap();
    let imds = Endpoint::new(&emulator, Host::Imds);
    for status in [410, 429, 500] {
        emulator.faults().next(Fault::status(status).on("managed-identity"));
        assert_eq!(imds.ask(&[]).await.status(), status);
    }
    assert_eq!(imds.ask(&[]).await.status(), 200);
}

#[tokio::test]
async fn app_service_has_a_secret_header_and_tells_when_the_token_ends() {
    let emulator = Emulator::start().await.unwrap();
    let service = Endpoint::new(&emulator, Host::AppService);
    assert_eq!(service.env["MSI_ENDPOINT"], service.env["IDENTITY_ENDPOINT"]);
    let document = service.document(&[]).await;
    assert_eq!(
        members(&document),
        ["access_token", "expires_on", "resource", "token_type", "client_id"]
    );
    let expires: i64 = document["expires_on"].as_str().unwrap().parse().unwrap();
    assert!(expires > emulator.clock().unix_seconds());
    assert_eq!(service.owner(&document).await, SYSTEM_IDENTITY_OBJECT_ID);
    for id in user_ids("client_id", "object_id", "mi_res_id")
        .into_iter()
        .chain([("principal_id", USER_IDENTITY_OBJECT_ID)])
    {
        let document = service.document(&[id]).await;
        assert_eq!(service.owner(&document).await, USER_IDENTITY_OBJECT_ID, "{id:?}");
    }
    // The metadata service's name for the resource id says nothing here.
    let other = service.document(&[("msi_res_id", USER_IDENTITY_RESOURCE_ID)]).await;
    assert_eq!(service.owner(&other).await, SYSTEM_IDENTITY_OBJECT_ID);

    for (changes, expected) in [
        (("client_id", "nobody"), 400),
        (("api-version", "2018-02-01"), 400),
        (("api-version", ""), 400),
        (("resource", ""), 400),
        (("resource", "https://nowhere.example"), 500),
    ] {
        let (status, body) = refused(service.ask(&[changes]).await).await;
        assert_eq!((status, &body["statusCode"]), (expected, &json!(expected)), "{changes:?}");
        assert_eq!(members(&body), ["statusCode", "message", "correlationId"]);
    }
    let query = [("api-version", "2019-08-01"), ("resource", RESOURCE)];
    let wrong = [("X-IDENTITY-HEADER", "wrong".to_owned())];
    for headers in [&wrong[..], &[]] {
        assert_eq!(service.send(Method::GET, &query, headers).await.status(), 401);
    }
    let log = format!("{:?}", emulator.requests().list());
    assert!(!log.contains(&service.env["IDENTITY_HEADER"]));
    assert!(!log.contains("wrong"));
}

#[tokio::test]
async fn the_older_form_has_dates_and_is_asked_by_the_azure_cli() {
    for (form, expected) in [
        (None, "06/20/2019 14:57:58 +00:00"),
        (Some(ExpiresOn::WindowsDate), "6/20/2019 2:57:58 PM +00:00"),
        (Some(ExpiresOn::Epoch), "1561042678"),
    ] {
        let start = "2019-06-20T13:57:59Z".parse().unwrap();
        let clock = twinkit_emulator::clock::Clock::starting_at(start);
        let mut builder = Emulator::builder().clock(clock);
        if let Some(form) = form {
            builder = builder.expires_on(form);
        }
        let emulator = builder.start().await.unwrap();
        let env = emulator.managed_identity_env(Host::AppService);
        // Put together as the Azure CLI does it, without percent-encoding.
        let url = format!(
            "{}/?resource={RESOURCE}&api-version=2017-09-01&clientid={USER_IDENTITY_CLIENT_ID}",
            env["MSI_ENDPOINT"]
        );
        let ask = |secret: &str| client().get(&url).header("secret", secret).send();
        let document: Value = ask(&env["MSI_SECRET"]).await.unwrap().json().await.unwrap();
        let text = document["expires_on"].as_str().unwrap();
        // A start may take some seconds; the date and its form are what counts.
        assert_eq!(text.len(), expected.len(), "{text}");
        if form != Some(ExpiresOn::Epoch) {
            assert_eq!(text.split(' ').next(), expected.split(' ').next());
            assert!(text.ends_with("+00:00") && text.contains("PM") == expected.contains("PM"));
        }
        assert_eq!(document["client_id"], USER_IDENTITY_CLIENT_ID);
        assert_eq!(ask("wrong").await.unwrap().status(), 401);
    }
}

#[tokio::test]
async fn azure_ml_has_a_secret_of_its_own_and_seconds() {
    let emulator = Emulator::start().await.unwrap();
    let ml = Endpoint::new(&emulator, Host::AzureMl);
    assert_eq!(members(&json!(ml.env)), ["MSI_ENDPOINT", "MSI_SECRET"]);
    let document = ml.document(&[]).await;
    assert!(document["expires_on"].as_str().unwrap().parse::<i64>().is_ok());
    assert_eq!(document.get("expires_in"), None);
    assert_eq!(ml.owner(&document).await, SYSTEM_IDENTITY_OBJECT_ID);
    let document = ml.document(&[("clientid", USER_IDENTITY_CLIENT_ID)]).await;
    assert_eq!(ml.owner(&document).await, USER_IDENTITY_OBJECT_ID);
    let app_service = emulator.managed_identity_env(Host::AppService);
    let foreign = [("secret", app_service["MSI_SECRET"].clone())];
    let query = [("api-version", "2017-09-01"), ("resource", RESOURCE)];
    assert_eq!(ml.send(Method::GET, &query, &foreign).await.status(), 401);
    assert_eq!(ml.ask(&[("clientid", "nobody")]).await.status(), 400);
}

#[tokio::test]
async fn cloud_shell_takes_a_form_and_no_choice_of_identity() {
    let emulator = Emulator::start().await.unwrap();
    let shell = Endpoint::new(&emulator, Host::CloudShell);
    assert_eq!(members(&json!(shell.env)), ["MSI_ENDPOINT"]);
    let ask = |fields: Vec<(&'static str, &'static str)>| {
        client().post(&shell.url).header("Metadata", "true").form(&fields).send()
    };
    let document: Value = ask(vec![("resource", RESOURCE)]).await.unwrap().json().await.unwrap();
    assert_eq!(document["expires_in"], "3599");
    assert_eq!(shell.owner(&document).await, SYSTEM_IDENTITY_OBJECT_ID);
    for id in user_ids("client_id", "object_id", "msi_res_id") {
        let response = ask(vec![("resource", RESOURCE), id]).await.unwrap();
        assert_eq!(response.status(), 400, "{id:?}");
    }
    assert_eq!(ask(vec![]).await.unwrap().status(), 400);
    let plain = client().post(&shell.url).form(&[("resource", RESOURCE)]).send().await.unwrap();
    assert_eq!(plain.status(), 400);
    assert_eq!(shell.ask(&[]).await.status(), 405);
}

/// The path in a challenge.
fn realm(response: &Response) -> PathBuf {
    assert_eq!(response.status(), 401);
    let challenge = response.headers()["www-authenticate"].to_str().unwrap();
    PathBuf::from(challenge.strip_prefix("Basic realm=").unwrap())
}

#[tokio::test]
async fn arc_asks_for_a_file_that_only_its_owner_reads() {
    let emulator = Emulator::start().await.unwrap();
    let arc = Endpoint::new(&emulator, Host::Arc);
    assert_eq!(members(&json!(arc.env)), ["IDENTITY_ENDPOINT", "IMDS_ENDPOINT"]);
    let query = [("api-version", "2020-06-01"), ("resource", RESOURCE)];
    assert_eq!(arc.send(Method::GET, &query, &[]).await.status(), 400, "no Metadata");
    for id in [None, Some(("client_id", USER_IDENTITY_CLIENT_ID))]
        .into_iter()
        .chain(user_ids("client_id", "object_id", "msi_res_id").map(Some))
    {
        let changes: Vec<_> = id.into_iter().collect();
        let path = realm(&arc.ask(&changes).await);
        assert_eq!(path.parent(), Some(emulator.arc_key_folder()));
        assert_eq!(path.extension().unwrap(), "key");
        let key = fs::read_to_string(&path).unwrap();
        let answer = |key: String| {
            let mut headers = arc.headers.clone();
            headers.push(("Authorization", format!("Basic {key}")));
            let query: Vec<_> = query.iter().copied().chain(id).collect();
            let arc = &arc;
            async move { arc.send(Method::GET, &query, &headers).await }
        };
        assert_eq!(answer("wrong".to_owned()).await.status(), 401);
        let document: Value = answer(key.clone()).await.json().await.unwrap();
        let owner = arc.owner(&document).await;
        match id {
            None => assert_eq!(owner, SYSTEM_IDENTITY_OBJECT_ID),
            Some((name, value)) => {
                assert_eq!(
                    (owner.as_str(), &document[name]),
                    (USER_IDENTITY_OBJECT_ID, &json!(value))
                );
            }
        }
        assert_ne!(realm(&answer(key).await), path, "a key opens once");
    }
}

#[tokio::test]
async fn the_key_files_of_arc_are_gone_when_the_emulator_is() {
    let emulator = Emulator::start().await.unwrap();
    let own = realm(&Endpoint::new(&emulator, Host::Arc).ask(&[]).await);
    assert!(own.exists());
    emulator.shutdown().await;
    assert!(!own.parent().unwrap().exists());

    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("azcmagent/tokens");
    let emulator = Emulator::builder().arc_key_folder(&folder).start().await.unwrap();
    assert_eq!(emulator.arc_key_folder(), folder);
    let named = realm(&Endpoint::new(&emulator, Host::Arc).ask(&[]).await);
    assert_eq!(named.parent(), Some(folder.as_path()));
    drop(emulator);
    assert!(!named.exists() && folder.exists());
    fs::write(folder.join("file"), "").unwrap();
    let blocked = Emulator::builder().arc_key_folder(folder.join("file/x")).start().await;
    let error = blocked.unwrap_err().to_string();
    assert_eq!(error, "the managed identity endpoints could not be set up");
}

#[tokio::test]
async fn managed_identities_stay_plain_beside_tls_and_own_every_instance() {
    let emulator = Emulator::builder().tls(true).start().await.unwrap();
    assert!(emulator.managed_identity_url().starts_with("http://127.0.0.1:"));
    assert!(emulator.resource_manager_url().starts_with("https://localhost:"));
    assert_eq!(Endpoint::new(&emulator, Host::Imds).ask(&[]).await.status(), 200);
    drop(emulator);

    let emulator = Emulator::builder().instance("second").start().await.unwrap();
    let document = Endpoint::new(&emulator, Host::Imds).document(&[]).await;
    let url = format!("{}/models?api-version=2023-10-31", emulator.services()["second"]);
    let token = document["access_token"].as_str().unwrap();
    assert_eq!(client().get(url).bearer_auth(token).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_managed_identity_cannot_sign_in_with_a_secret() {
    let emulator = Emulator::start().await.unwrap();
    for secret in ["x", "%20"] {
        let changes = [("client_id", SYSTEM_IDENTITY_CLIENT_ID), ("client_secret", secret)];
        let response = crate::support::ask_token(&emulator, &changes).await;
        assert_eq!(response.status(), 401);
    }
    // The application still can.
    assert_eq!(models(&emulator, &token(&emulator, &[]).await).await.status(), 200);
}
