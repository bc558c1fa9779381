//! A state that outlives its emulator.

use std::{collections::BTreeMap, fs, path::Path, time::Duration};

use reqwest::Method;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use tempfile::TempDir;
use twinkit_emulator::{
    DataError, Emulator, EmulatorBuilder, EmulatorError,
    digital_twins::{Config, IfMatch, JobPace},
    identity::{Application, User},
    ims::{ImsClient, SCOPE},
    managed_identity::Host,
    seed::Seed,
    storage::Permissions,
};

use crate::support::{client, token};

const HOUR: Duration = Duration::from_secs(3600);
const THERMOSTAT: &str = "dtmi:example:Thermostat;1";

/// A place for one emulator after the other.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn builder(&self) -> EmulatorBuilder {
        Emulator::builder().data(self.path())
    }

    async fn start(&self) -> Emulator {
        self.builder().start().await.unwrap()
    }

    fn path(&self) -> std::path::PathBuf {
        self.0.path().join("state")
    }

    fn file(&self, part: &str) -> std::path::PathBuf {
        self.path().join(part)
    }
}

async fn send(method: Method, url: &str, token: &str, body: Option<Value>) -> (u16, Value) {
    let media = if method == Method::PATCH && url.contains("api-version=2023-10-31") {
        "application/json-patch+json"
    } else {
        "application/json"
    };
    let mut request = client().request(method, url).bearer_auth(token);
    if ["/imodels", "/accesscontrol"].iter().any(|api| url.contains(api)) {
        request = request.header("accept", "application/vnd.bentley.itwin-platform.v2+json");
    }
    if let Some(body) = body {
        request = request.header("content-type", media).body(body.to_string());
    }
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    (status, serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or_default())
}

async fn get(url: &str, token: &str) -> Value {
    let (status, body) = send(Method::GET, url, token, None).await;
    assert_eq!(status, 200, "{url}: {body}");
    body
}

async fn done(method: Method, url: &str, token: &str, body: Option<Value>) -> Value {
    let (status, answer) = send(method, url, token, body).await;
    assert!((200..300).contains(&status), "{url}: {status} {answer}");
    answer
}

/// Tokens for the three platforms.
struct Tokens {
    twins: String,
    central: String,
    itwin: String,
}

impl Tokens {
    async fn new(emulator: &Emulator) -> Self {
        let central = [("scope", "https://apps.azureiotcentral.com/.default")];
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", twinkit_emulator::ims::SERVICE_CLIENT_ID),
            ("client_secret", twinkit_emulator::ims::SERVICE_CLIENT_SECRET),
            ("scope", SCOPE),
        ];
        let itwin = client().post(format!("{}/connect/token", emulator.ims_url())).form(&form);
        let itwin: Value = itwin.send().await.unwrap().json().await.unwrap();
        Self {
            twins: token(emulator, &[]).await,
            central: token(emulator, &central).await,
            itwin: itwin["access_token"].as_str().unwrap().to_owned(),
        }
    }
}

fn twins_url(emulator: &Emulator, path: &str) -> String {
    let separator = if path.contains('?') { '&' } else { '?' };
    format!("{}{path}{separator}api-version=2023-10-31", emulator.digital_twins_url())
}

fn central_url(emulator: &Emulator, path: &str) -> String {
    format!("{}/api{path}?api-version=2022-07-31", emulator.iot_central_url())
}

/// Something of every kind on every platform.
async fn furnish(emulator: &Emulator, tokens: &Tokens) {
    let put = async |url: String, token: &str, body: Value| {
        done(Method::PUT, &url, token, Some(body)).await;
    };
    let context = "dtmi:dtdl:context;3";
    let models = json!([
        {"@id": "dtmi:x:Room;1", "@type": "Interface", "@context": context, "extends": "dtmi:x:Space;1"},
        {"@id": "dtmi:x:Space;1", "@type": "Interface", "@context": context, "contents": [
            {"@type": "Property", "name": "size", "schema": "double"},
            {"@type": "Relationship", "name": "beside"}]},
        {"@id": "dtmi:x:Old;1", "@type": "Interface", "@context": context},
        {"@id": "dtmi:x:Gone;1", "@type": "Interface", "@context": context},
    ]);
    let token = &tokens.twins;
    done(Method::POST, &twins_url(emulator, "/models"), token, Some(models)).await;
    let patch = json!([{"op": "replace", "path": "/decommissioned", "value": true}]);
    let old = twins_url(emulator, "/models/dtmi:x:Old;1");
    done(Method::PATCH, &old, token, Some(patch)).await;
    done(Method::DELETE, &twins_url(emulator, "/models/dtmi:x:Gone;1"), token, None).await;
    for (id, size) in [("a", 0.1), ("b", 1e-300), ("c", 123_456_789.123_456_78), ("d", -0.0)] {
        let twin = json!({"$metadata": {"$model": "dtmi:x:Room;1"}, "size": size});
        put(twins_url(emulator, &format!("/digitaltwins/{id}")), token, twin).await;
    }
    let patch = json!([{"op": "replace", "path": "/size", "value": 0.3}]);
    let b = twins_url(emulator, "/digitaltwins/b");
    done(Method::PATCH, &b, token, Some(patch)).await;
    for (id, target) in [("r1", "b"), ("r2", "c")] {
        let body = json!({"$targetId": target, "$relationshipName": "beside"});
        let path = format!("/digitaltwins/a/relationships/{id}");
        put(twins_url(emulator, &path), token, body).await;
    }
    for path in ["/digitaltwins/a/relationships/r2", "/digitaltwins/d"] {
        done(Method::DELETE, &twins_url(emulator, path), token, None).await;
    }
    let endpoint = json!({"name": "hub"});
    let control = format!("{}/endpoints", emulator.control_url());
    done(Method::POST, &control, "", Some(endpoint)).await;
    let route = json!({"endpointName": "hub", "filter": "type = 'x'"});
    put(twins_url(emulator, "/eventroutes/e"), token, route).await;

    let token = &tokens.central;
    let template = json!({
        "@type": ["ModelDefinition", "DeviceModel"], "displayName": "Thermostat",
        "capabilityModel": {"@id": "dtmi:example:Model;1", "@type": "Interface",
            "displayName": "Thermostat", "contents": [
                {"@type": "Property", "name": "goal", "schema": "double", "writable": true,
                    "displayName": "Goal"}]},
    });
    put(central_url(emulator, &format!("/deviceTemplates/{THERMOSTAT}")), token, template).await;
    for id in ["d1", "d2", "d3"] {
        let device = json!({"displayName": id, "template": THERMOSTAT, "simulated": id == "d1"});
        put(central_url(emulator, &format!("/devices/{id}")), token, device).await;
    }
    done(Method::DELETE, &central_url(emulator, "/devices/d3"), token, None).await;
    let goal = json!({"goal": 21.5});
    done(Method::PATCH, &central_url(emulator, "/devices/d1/properties"), token, Some(goal)).await;
    let roles = json!({"roles": [{"role": "ca310b8d-2f4a-44e0-a36e-957c202cd8d4"}]});
    put(central_url(emulator, "/apiTokens/nightly"), token, roles).await;

    let token = &tokens.itwin;
    let itwin = json!({"class": "Endeavor", "subClass": "Project", "displayName": "Tower"});
    let itwins = format!("{}/itwins", emulator.itwin_url());
    let made = done(Method::POST, &itwins, token, Some(itwin)).await;
    let id = made["iTwin"]["id"].as_str().unwrap();
    let top = get(&format!("{}/storage?iTwinId={id}", emulator.itwin_url()), token).await;
    let folder = top["_links"]["folder"]["href"].as_str().unwrap();
    for name in ["one", "two"] {
        let url = format!("{folder}/folders");
        done(Method::POST, &url, token, Some(json!({"displayName": name}))).await;
    }
    let imodel = json!({"iTwinId": id, "name": "Model"});
    let imodels = format!("{}/imodels", emulator.itwin_url());
    done(Method::POST, &imodels, token, Some(imodel)).await;

    emulator.storage().put("box", "a/b", "text");
}

/// What the services answer, by address.
async fn picture(emulator: &Emulator, tokens: &Tokens) -> BTreeMap<String, Value> {
    let mut seen = BTreeMap::new();
    for path in [
        "/models?includeModelDefinition=true",
        "/digitaltwins/a",
        "/digitaltwins/b",
        "/digitaltwins/c",
        "/digitaltwins/a/relationships",
        "/digitaltwins/b/incomingrelationships",
        "/eventroutes",
    ] {
        let url = twins_url(emulator, path);
        seen.insert(url.clone(), get(&url, &tokens.twins).await);
    }
    for path in [
        "/deviceTemplates",
        "/devices",
        "/devices/d1/properties",
        "/devices/d2/credentials",
        "/apiTokens",
        "/users",
        "/roles",
        "/enrollmentGroups",
    ] {
        let url = central_url(emulator, path);
        seen.insert(url.clone(), get(&url, &tokens.central).await);
    }
    let root = emulator.itwin_url();
    let itwins = get(&format!("{root}/itwins"), &tokens.itwin).await;
    let id = itwins["iTwins"][0]["id"].as_str().unwrap();
    for url in [
        format!("{root}/itwins/{id}"),
        format!("{root}/storage?iTwinId={id}"),
        format!("{root}/imodels?iTwinId={id}"),
        format!("{root}/accesscontrol/itwins/{id}/roles"),
    ] {
        seen.insert(url.clone(), get(&url, &tokens.itwin).await);
    }
    for url in [
        format!("{}/common/discovery/v2.0/keys", emulator.authority_url()),
        format!("{}/.well-known/openid-configuration/jwks", emulator.ims_url()),
        format!("{}/services", emulator.control_url()),
    ] {
        seen.insert(url.clone(), get(&url, "").await);
    }
    seen
}

#[tokio::test]
async fn an_emulator_goes_on_where_the_last_one_ended() {
    let place = Place::new();
    let emulator = place.builder().iot_central_application("second").start().await.unwrap();
    let tokens = Tokens::new(&emulator).await;
    furnish(&emulator, &tokens).await;
    let mut other = Application::new("another secret".into());
    other.client_id = "c0ffee00-0000-4000-8000-000000000000".to_owned();
    emulator.directory().add_application(other).unwrap();
    emulator.directory().add_user(User::new("eve@twinkit.onmicrosoft.com")).unwrap();
    emulator.ims().add_client(ImsClient::service("service-other", "its secret".into())).unwrap();
    emulator.clock().advance(Duration::from_secs(60));
    let before = picture(&emulator, &tokens).await;
    let key = emulator.storage().account_key();
    let blob = emulator.storage().signed_url("box", "a/b", Permissions::read(), HOUR);
    let second = emulator.iot_central("second").unwrap().id().to_owned();
    let host = emulator.managed_identity_env(Host::AppService);
    let time = emulator.clock().now();
    emulator.shutdown().await;

    let emulator = place.builder().iot_central_application("second").start().await.unwrap();
    let after = picture(&emulator, &tokens).await;
    assert_eq!(after.keys().collect::<Vec<_>>(), before.keys().collect::<Vec<_>>());
    for (url, seen) in &before {
        assert_eq!(after[url].to_string(), seen.to_string(), "{url}");
    }
    assert_eq!(emulator.storage().account_key().expose_secret(), key.expose_secret());
    assert_eq!(client().get(&blob).send().await.unwrap().text().await.unwrap(), "text");
    assert_eq!(emulator.iot_central("second").unwrap().id(), second);
    assert_eq!(emulator.managed_identity_env(Host::AppService), host);
    assert!(emulator.clock().now() > time, "time does not go back");
    let changes = [
        ("client_id", "c0ffee00-0000-4000-8000-000000000000"),
        ("client_secret", "another secret"),
    ];
    token(&emulator, &changes).await;
    assert!(emulator.directory().add_user(User::new("eve@twinkit.onmicrosoft.com")).is_err());
    let again = ImsClient::service("service-other", "its secret".into());
    assert!(emulator.ims().add_client(again).is_err());
    // Serial numbers go on: a token from before is told from one given out since.
    let fresh = token(&emulator, &[]).await;
    emulator.directory().revoke_tokens();
    for old in [&tokens.twins, &fresh] {
        let models = twins_url(&emulator, "/models");
        assert_eq!(send(Method::GET, &models, old, None).await.0, 401);
    }
    get(&twins_url(&emulator, "/models"), &token(&emulator, &[]).await).await;
}

#[tokio::test]
async fn sign_ins_go_on_after_a_restart() {
    let place = Place::new();
    let emulator = place.start().await;
    let tenant = format!("{}/{}/oauth2/v2.0", emulator.authority_url(), emulator.tenant_id());
    let native = twinkit_emulator::identity::NATIVE_CLIENT_ID;
    let ask = async |path: &str, form: &[(&str, &str)]| -> Value {
        let request = client().post(format!("{tenant}/{path}")).form(form);
        request.send().await.unwrap().json().await.unwrap()
    };
    let scope = "https://digitaltwins.azure.net/.default offline_access";
    let codes = ask("devicecode", &[("client_id", native), ("scope", scope)]).await;
    emulator.shutdown().await;

    // The user approves what was shown before the restart.
    let emulator = place.start().await;
    let user = twinkit_emulator::identity::USER_NAME;
    assert!(emulator.approve_device(codes["user_code"].as_str().unwrap(), user));
    emulator.directory().use_refresh_tokens_once(true);
    emulator.shutdown().await;

    let emulator = place.start().await;
    let device = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ("client_id", native),
        ("device_code", codes["device_code"].as_str().unwrap()),
    ];
    let first = ask("token", &device).await;
    assert!(first["refresh_token"].is_string(), "{first}");
    emulator.shutdown().await;

    let _emulator = place.start().await;
    let refresh = async |tokens: &Value| {
        let text = tokens["refresh_token"].as_str().unwrap();
        let form =
            [("grant_type", "refresh_token"), ("client_id", native), ("refresh_token", text)];
        ask("token", &form).await
    };
    let second = refresh(&first).await;
    assert!(second["refresh_token"].is_string(), "{second}");
    drop(_emulator);

    let _emulator = restarted(&place).await;
    assert_eq!(refresh(&first).await["error"], "invalid_grant", "used before the restart");
    assert_eq!(refresh(&second).await["error"], "invalid_grant", "and its family ended by that");
}

/// Starts one as soon as what was dropped has let go of the folder and the ports.
async fn restarted(place: &Place) -> Emulator {
    for _ in 0..200 {
        match place.builder().start().await {
            Ok(emulator) => return emulator,
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
    place.start().await
}

fn seed() -> Seed {
    let model =
        json!({"@id": "dtmi:x:Room;1", "@type": "Interface", "@context": "dtmi:dtdl:context;3"});
    let twin = json!({"$dtId": "a", "$metadata": {"$model": "dtmi:x:Room;1"}});
    Seed {
        models: vec![model],
        twins: vec![twin],
        endpoints: vec!["hub".to_owned()],
        ..Seed::default()
    }
}

#[tokio::test]
async fn a_seed_goes_into_a_new_folder_only() {
    let place = Place::new();
    let emulator = place.builder().seed(seed()).start().await.unwrap();
    let instance = emulator.instance("digital-twins").unwrap();
    instance.delete_twin("a", &IfMatch::Any, None).unwrap();
    emulator.shutdown().await;
    let emulator = place.builder().seed(seed()).start().await.unwrap();
    let instance = emulator.instance("digital-twins").unwrap();
    assert_eq!(instance.counts(), (1, 0, 0), "what was deleted stays so");
    assert!(instance.endpoints().contains(&"hub".to_owned()));
    emulator.shutdown().await;
    let emulator = place.builder().instance("more").start().await.unwrap();
    let names = emulator.instance("digital-twins").unwrap().endpoints();
    assert_eq!(names, ["events", "hub"]);
    assert_eq!(emulator.instance("more").unwrap().counts(), (0, 0, 0));
}

#[tokio::test]
async fn a_folder_is_for_one_emulator_and_a_torn_end_is_dropped_and_damage_told() {
    let place = Place::new();
    let emulator = place.start().await;
    let refused = place.builder().start().await.unwrap_err();
    assert!(matches!(refused, EmulatorError::Data(DataError::InUse(_))), "{refused}");
    let tokens = Tokens::new(&emulator).await;
    furnish(&emulator, &tokens).await;
    let twin = json!({"$metadata": {"$model": "dtmi:x:Room;1"}});
    let last = twins_url(&emulator, "/digitaltwins/last");
    done(Method::PUT, &last, &tokens.twins, Some(twin)).await;
    let (models, twins, relationships) = emulator.instance("digital-twins").unwrap().counts();
    emulator.shutdown().await;

    let file = place.file("digital-twins%20digital-twins.journal");
    let whole = fs::read(&file).unwrap();
    fs::write(&file, &whole[..whole.len() - 5]).unwrap();
    let emulator = place.start().await;
    let counts = emulator.instance("digital-twins").unwrap().counts();
    assert_eq!(counts, (models, twins - 1, relationships));
    emulator.shutdown().await;

    let mut damaged = whole.clone();
    damaged[whole.len() / 2] ^= 1;
    fs::write(&file, &damaged).unwrap();
    let refused = place.builder().start().await.unwrap_err();
    let EmulatorError::Data(DataError::Damaged { path, .. }) = &refused else {
        panic!("{refused}");
    };
    assert_eq!(*path, file);
    assert_eq!(fs::read(&file).unwrap(), damaged, "nothing is changed");
    fs::write(&file, &whole).unwrap();
    let emulator = place.start().await;
    assert_eq!(
        emulator.instance("digital-twins").unwrap().counts(),
        (models, twins, relationships)
    );
    for_owner_only(&place.path());
}

fn for_owner_only(folder: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(folder), 0o700);
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let usual = if path.is_dir() { 0o700 } else { 0o600 };
            assert_eq!(mode(&path), usual, "{}", path.display());
        }
    }
    #[cfg(not(unix))]
    let _ = folder;
}

#[tokio::test]
async fn jobs_at_work_go_on_after_a_restart() {
    let place = Place::new();
    let pace = JobPace { item_delay: Duration::from_millis(2), ..JobPace::default() };
    let config = Config { jobs: pace, ..Config::default() };
    let builder = || place.builder().digital_twins(config.clone());
    let emulator = builder().start().await.unwrap();
    let token = token(&emulator, &[]).await;
    let mut lines = vec![
        json!({"Section": "Header"}),
        json!({"fileVersion": "1.0.0"}),
        json!({"Section": "Models"}),
        json!({"@id": "dtmi:x:Room;1", "@type": "Interface", "@context": "dtmi:dtdl:context;3"}),
        json!({"Section": "Twins"}),
        json!({"$dtId": "bad", "$metadata": {"$model": "dtmi:x:None;1"}}),
    ];
    let twin = |n: i32| json!({"$dtId": format!("t{n}"), "$metadata": {"$model": "dtmi:x:Room;1"}});
    lines.extend((0..200).map(twin));
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    emulator.storage().put("in", "file", text);
    let uris = json!({
        "inputBlobUri": emulator.storage().blob_url("in", "file"),
        "outputBlobUri": emulator.storage().blob_url("out", "log"),
    });
    let output = emulator.storage().blob_url("out", "log");
    let url = twins_url(&emulator, "/jobs/imports/j");
    done(Method::PUT, &url, &token, Some(uris)).await;
    wait(async || emulator.instance("digital-twins").unwrap().counts().1 > 20).await;
    emulator.shutdown().await;

    let emulator = builder().start().await.unwrap();
    let at_start = emulator.instance("digital-twins").unwrap().counts().1;
    assert!((20..200).contains(&at_start), "{at_start}");
    wait(async || get(&url, &token).await["finishedDateTime"].is_string()).await;
    let job = get(&url, &token).await;
    assert_eq!(emulator.instance("digital-twins").unwrap().counts(), (1, 200, 0), "{job}");
    assert!(job["error"]["message"].as_str().unwrap().starts_with("1 item"), "{job}");
    let log = String::from_utf8(emulator.storage().read(&output).unwrap().to_vec()).unwrap();
    assert!(log.contains("Resumed") && log.contains("dtmi:x:None;1"), "{log}");

    let delete = twins_url(&emulator, "/jobs/deletions");
    let made = done(Method::POST, &delete, &token, None).await;
    let url = twins_url(&emulator, &format!("/jobs/deletions/{}", made["id"].as_str().unwrap()));
    emulator.shutdown().await;
    let emulator = builder().start().await.unwrap();
    wait(async || get(&url, &token).await["status"] == "succeeded").await;
    assert_eq!(emulator.instance("digital-twins").unwrap().counts(), (0, 0, 0));
}

async fn wait(is_so: impl AsyncFn() -> bool) {
    for _ in 0..1000 {
        if is_so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it did not come about");
}

#[tokio::test]
async fn certificates_stay_and_other_ports_move_the_own_issuer() {
    let place = Place::new();
    let emulator = place.builder().tls(true).start().await.unwrap();
    let (ca, url) = (emulator.ca_pem().unwrap().to_owned(), emulator.itwin_url().to_owned());
    emulator.shutdown().await;
    let emulator = place.builder().tls(true).start().await.unwrap();
    assert_eq!((emulator.ca_pem().unwrap(), emulator.itwin_url()), (&*ca, &*url));
    emulator.shutdown().await;
    // Without TLS the addresses are others: tokens of the foreign issuer go on to open
    // the seeded application.
    let emulator = place.start().await;
    let subject = twinkit_emulator::identity::GITHUB_SUBJECT;
    let audience = twinkit_emulator::identity::FEDERATION_AUDIENCE;
    let assertion = emulator.federated_token(subject, audience).await.unwrap();
    let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    let changes = [
        ("client_secret", ""),
        ("client_assertion_type", kind),
        ("client_assertion", assertion.expose_secret()),
    ];
    token(&emulator, &changes).await;
}

#[tokio::test]
async fn blobs_of_any_size_and_blocks_that_were_sent_are_there_after_a_restart() {
    let place = Place::new();
    let emulator = place.start().await;
    let url = |name| emulator.storage().signed_url("box", name, Permissions::all(), HOUR);
    let (large, small, log, blocks) = (url("large"), url("small"), url("log"), url("blocks"));
    let put = async |url: &str, headers: &[(&str, &str)], body: String| {
        let headers = headers.iter().map(|(name, value)| {
            (name.parse().unwrap(), reqwest::header::HeaderValue::from_str(value).unwrap())
        });
        let request = client().put(url).headers(headers.collect()).body(body);
        assert_eq!(request.send().await.unwrap().status(), 201, "{url}");
    };
    let block_blob = [("x-ms-blob-type", "BlockBlob"), ("x-ms-meta-a", "1")];
    let long = "0123456789".repeat(30_000);
    put(&large, &block_blob, "gone".repeat(50_000)).await;
    put(&large, &block_blob, long.clone()).await;
    put(&small, &block_blob, "small".to_owned()).await;
    put(&log, &[("x-ms-blob-type", "AppendBlob")], String::new()).await;
    for number in 0..30 {
        put(&format!("{log}&comp=appendblock"), &[], format!("{number}\n").repeat(2000)).await;
    }
    for (id, body) in [("QQ", long.clone()), ("Qg", "b".to_owned())] {
        put(&format!("{blocks}&comp=block&blockid={id}"), &[], body).await;
    }
    let read = async |url: &str| client().get(url).send().await.unwrap().text().await.unwrap();
    let told = read(&log).await;
    emulator.shutdown().await;
    let files = || fs::read_dir(place.file("blobs")).unwrap().count();
    assert_eq!(files(), 2, "the folder keeps what is large, and not what was replaced");

    // What came in for an emulator that was killed before it could say so.
    fs::write(place.file("blobs").join("stranger"), "half of a bl").unwrap();
    let emulator = place.start().await;
    assert_eq!(files(), 2, "nothing refers to it");
    assert!(read(&large).await == long && read(&log).await == told);
    assert_eq!(read(&small).await, "small");
    assert_eq!(client().head(&small).send().await.unwrap().headers()["x-ms-meta-a"], "1");
    let list = "<BlockList><Latest>Qg</Latest><Latest>QQ</Latest></BlockList>".to_owned();
    put(&format!("{blocks}&comp=blocklist"), &[], list).await;
    assert!(read(&blocks).await == format!("b{long}"));
    emulator.shutdown().await;

    let emulator = place.start().await;
    assert!(read(&blocks).await == format!("b{long}"));
    emulator.shutdown().await;
    let lost = fs::read_dir(place.file("blobs")).unwrap().next().unwrap().unwrap().path();
    fs::remove_file(&lost).unwrap();
    let refused = place.builder().start().await.unwrap_err();
    assert!(refused.to_string().contains(&*lost.to_string_lossy()), "{refused}");
}

#[tokio::test]
async fn a_long_history_is_written_anew() {
    let place = Place::new();
    let emulator = place.start().await;
    let url = emulator.storage().signed_url("box", "log", Permissions::all(), HOUR);
    let block = "x".repeat(60_000);
    for _ in 0..120 {
        let put = client().put(&url).header("x-ms-blob-type", "BlockBlob").body(block.clone());
        assert_eq!(put.send().await.unwrap().status(), 201);
    }
    let size = fs::metadata(place.file("storage.journal")).unwrap().len();
    assert!(size < 6 * 1024 * 1024, "{size}");
    emulator.shutdown().await;
    let _emulator = place.start().await;
    assert_eq!(client().get(&url).send().await.unwrap().text().await.unwrap(), block);
}
