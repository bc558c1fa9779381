//! An emulator, callers of one of its applications, and answers to be checked.

use std::time::Duration;

use reqwest::{
    Client, Method, StatusCode,
    header::{AUTHORIZATION, HeaderMap},
};
use serde_json::{Map, Value, json};
use twinkit_emulator::{
    Emulator, EmulatorBuilder,
    clock::Clock,
    identity::{Application, NATIVE_CLIENT_ID},
    iot_central,
};

pub(crate) const VERSION: &str = "2022-07-31";
pub(crate) const PREVIEW: &str = "2022-10-31-preview";
pub(crate) const OLDER_PREVIEW: &str = "2022-06-30-preview";
pub(crate) const ADMINISTRATOR: &str = "ca310b8d-2f4a-44e0-a36e-957c202cd8d4";
pub(crate) const BUILDER: &str = "344138e9-8de4-4497-8c54-5237e96d6aaf";
pub(crate) const OPERATOR: &str = "ae2c9854-393b-4f97-8c42-479d70ce626e";
pub(crate) const ORG_ADMINISTRATOR: &str = "c495eb57-eb18-489e-9802-62c474e5645c";
pub(crate) const ORG_VIEWER: &str = "84cc62c1-dabe-49d3-b16e-8b291232b285";

/// A published template of [`Stage::with_thermostat`].
pub(crate) const THERMOSTAT: &str = "dtmi:contoso:thermostat;1";
/// Its capability model, which is no template.
pub(crate) const THERMOSTAT_MODEL: &str = "dtmi:contoso:thermostatModel;1";

/// A template with something of every kind.
pub(crate) fn thermostat() -> Value {
    json!({
        "@context": ["dtmi:iotcentral:context;2", "dtmi:dtdl:context;2"],
        "@type": ["ModelDefinition", "DeviceModel"],
        "displayName": "Thermostat",
        "note": "kept",
        "capabilityModel": {
            "@id": THERMOSTAT_MODEL,
            "@type": "Interface",
            "contents": [
                {"@type": ["Telemetry", "Temperature"], "name": "temperature", "schema": "double"},
                {"@type": "Property", "name": "target", "schema": "double", "writable": true},
                {"@type": "Property", "name": "mode", "writable": true, "schema": {
                    "@type": "Object", "fields": [
                        {"name": "fan", "schema": "integer"}, {"name": "heat", "schema": "boolean"},
                    ],
                }},
                {"@type": "Property", "name": "serial", "schema": "string"},
                {"@type": ["Property", "Cloud"], "name": "customer", "schema": "string"},
                {"@type": "Command", "name": "reboot"},
                {"@type": "Command", "name": "report", "request": {
                    "@type": "CommandPayload", "name": "since", "schema": "dateTime",
                }},
                {"@type": "Command", "name": "later", "durable": true},
                {"@type": "Component", "name": "info", "displayName": "Info", "schema": {
                    "@id": "dtmi:contoso:info;1",
                    "@type": "Interface",
                    "contents": [
                        {"@type": "Telemetry", "name": "load", "schema": "integer"},
                        {"@type": "Property", "name": "owner", "schema": "string",
                            "writable": true},
                        {"@type": "Property", "name": "maker", "schema": "string"},
                        {"@type": "Command", "name": "selfTest"},
                    ],
                }},
                {"@type": ["Relationship", "EdgeModule"], "name": "filter", "target": [{
                    "@type": "Interface",
                    "contents": [
                        {"@type": "Telemetry", "name": "rate", "schema": "double"},
                        {"@type": "Property", "name": "level", "schema": "integer",
                            "writable": true},
                        {"@type": "Command", "name": "flush"},
                        {"@type": "Component", "name": "cache", "schema": {"contents": [
                            {"@type": "Telemetry", "name": "hits", "schema": "long"},
                            {"@type": "Property", "name": "size", "schema": "long",
                                "writable": true},
                            {"@type": "Command", "name": "clear"},
                        ]}},
                    ],
                }]},
            ],
        },
    })
}

/// The members of an object.
pub(crate) fn members(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => panic!("an object"),
    }
}

/// An emulator and its first application as the seeded owner sees it.
pub(crate) struct Stage {
    pub(crate) emulator: Emulator,
    pub(crate) owner: Caller,
}

/// Somebody who calls an application.
#[derive(Clone)]
pub(crate) struct Caller {
    client: Client,
    base: String,
    authorization: String,
    version: String,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        Self::with(Emulator::builder()).await
    }

    pub(crate) async fn with(builder: EmulatorBuilder) -> Self {
        let emulator = builder.start().await.unwrap();
        let token = token(&emulator, emulator.client_id(), emulator.client_secret()).await;
        let owner = Caller {
            client: Client::builder().no_proxy().build().unwrap(),
            base: emulator.iot_central_url().to_owned(),
            authorization: format!("Bearer {token}"),
            version: VERSION.to_owned(),
        };
        Self { emulator, owner }
    }

    /// An application with the template [`THERMOSTAT`].
    pub(crate) async fn with_thermostat() -> Self {
        let stage = Self::new().await;
        stage.owner.put(&format!("/deviceTemplates/{THERMOSTAT}"), &thermostat()).await.expect(200);
        stage
    }

    /// An application with a device `dev-1` of that template, simulated and
    /// provisioned, or real and not.
    pub(crate) async fn with_device(simulated: bool) -> Self {
        Self::with_device_at(Clock::new(), simulated).await
    }

    /// The same, with a clock of the test's own.
    pub(crate) async fn with_device_at(clock: Clock, simulated: bool) -> Self {
        let stage = Self::with(Emulator::builder().clock(clock)).await;
        stage.publish_thermostat().await;
        let body = json!({"template": THERMOSTAT, "simulated": simulated});
        stage.owner.put("/devices/dev-1", &body).await.expect(200);
        stage.emulator.clock().advance(Duration::from_secs(2));
        stage
    }

    async fn publish_thermostat(&self) {
        let path = format!("/deviceTemplates/{THERMOSTAT}");
        self.owner.put(&path, &thermostat()).await.expect(200);
    }

    /// The first application, to move its devices.
    pub(crate) fn application(&self) -> &iot_central::Application {
        self.emulator.iot_central(iot_central::MAIN_APPLICATION).unwrap()
    }

    /// The same with an owner who calls by an API token, which outlives what tests
    /// let pass.
    pub(crate) async fn by_api_token(mut self) -> Self {
        let roles = json!({"roles": [{"role": ADMINISTRATOR}]});
        let token = self.owner.put("/apiTokens/owner", &roles).await.expect(200).json();
        self.owner = self.owner.as_whom(token["token"].as_str().unwrap());
        self
    }

    /// A new service principal that is no user yet, and its object id.
    pub(crate) async fn stranger(&self) -> (Caller, String) {
        let application = Application::new("its secret".into());
        let (client_id, object_id) = (application.client_id.clone(), application.object_id.clone());
        self.emulator.directory().add_application(application).unwrap();
        let token = token(&self.emulator, &client_id, "its secret").await;
        (self.owner.as_whom(&format!("Bearer {token}")), object_id)
    }

    /// The `Authorization` of a person who signed in with a code.
    pub(crate) async fn signed_in(&self, user_name: &str) -> String {
        let emulator = &self.emulator;
        let tenant = format!("{}/{}/oauth2/v2.0", emulator.authority_url(), emulator.tenant_id());
        let ask = async |path: &str, form: &[(&str, &str)]| -> Value {
            let request = self.owner.client.post(format!("{tenant}/{path}")).form(form);
            request.send().await.unwrap().json().await.unwrap()
        };
        let scope = "https://apps.azureiotcentral.com/.default";
        let codes = ask("devicecode", &[("client_id", NATIVE_CLIENT_ID), ("scope", scope)]).await;
        assert!(emulator.approve_device(codes["user_code"].as_str().unwrap(), user_name));
        let form = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
            ("client_id", NATIVE_CLIENT_ID),
            ("device_code", codes["device_code"].as_str().unwrap()),
        ];
        let answer = ask("token", &form).await;
        format!("Bearer {}", answer["access_token"].as_str().unwrap())
    }

    /// A service principal that the owner made a user with these roles.
    pub(crate) async fn member(&self, roles: Value) -> Caller {
        let (caller, object_id) = self.stranger().await;
        let user = service_principal(self.emulator.tenant_id(), &object_id, roles);
        self.owner.put(&format!("/users/{object_id}"), &user).await.expect(200);
        caller
    }
}

/// The body that makes a service principal a user.
pub(crate) fn service_principal(tenant_id: &str, object_id: &str, roles: Value) -> Value {
    json!({"type": "servicePrincipal", "tenantId": tenant_id, "objectId": object_id, "roles": roles})
}

async fn token(emulator: &Emulator, client_id: &str, secret: &str) -> String {
    let url = format!("{}/{}/oauth2/v2.0/token", emulator.authority_url(), emulator.tenant_id());
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", client_id),
        ("client_secret", secret),
        ("scope", "https://apps.azureiotcentral.com/.default"),
    ];
    let client = Client::builder().no_proxy().build().unwrap();
    let answer = client.post(url).form(&form).send().await.unwrap();
    let body: Value = answer.json().await.unwrap();
    body["access_token"].as_str().unwrap().to_owned()
}

impl Caller {
    /// The same requests with another `Authorization`; empty: none.
    pub(crate) fn as_whom(&self, authorization: &str) -> Self {
        Self { authorization: authorization.to_owned(), ..self.clone() }
    }

    /// The same caller with another version of the API.
    pub(crate) fn version(&self, version: &str) -> Self {
        Self { version: version.to_owned(), ..self.clone() }
    }

    /// The same caller at another address.
    pub(crate) fn at(&self, base: &str) -> Self {
        Self { base: base.to_owned(), ..self.clone() }
    }

    /// Sends a request to a path below `/api`, or to a whole address; the version
    /// is added unless it is there.
    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Answer {
        let url = if path.starts_with("http") {
            path.to_owned()
        } else {
            format!("{}/api{path}", self.base)
        };
        let url = match (url.contains("api-version"), url.contains('?')) {
            (true, _) => url,
            (false, true) => format!("{url}&api-version={}", self.version),
            (false, false) => format!("{url}?api-version={}", self.version),
        };
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let mut request = self.client.request(method.clone(), url);
        if !self.authorization.is_empty() {
            request = request.header(AUTHORIZATION, &self.authorization);
        }
        let typed = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        if let Some(body) = body {
            request = request.body(body.to_string());
            if !typed {
                let patch = method == Method::PATCH;
                let media = if patch { "application/merge-patch+json" } else { "application/json" };
                request = request.header("content-type", media);
            }
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        Answer { status, headers, text: response.text().await.unwrap() }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], None).await
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> Answer {
        self.send("PUT", path, &[], Some(body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.send("PATCH", path, &[], Some(body)).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, &[], Some(body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, &[], None).await
    }

    /// All items of a list, page after page, and how many pages there were.
    pub(crate) async fn all(&self, path: &str) -> (Vec<Value>, usize) {
        let (mut items, mut pages, mut next) = (Vec::new(), 0, Some(path.to_owned()));
        while let Some(path) = next {
            let page = self.get(&path).await.expect(200).json();
            items.extend(page["value"].as_array().unwrap().iter().cloned());
            pages += 1;
            next = page.get("nextLink").map(|link| link.as_str().unwrap().to_owned());
        }
        (items, pages)
    }
}

impl Answer {
    /// Checks the status.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    /// Checks status, code and the code header of an error; gives its message.
    #[track_caller]
    pub(crate) fn refused(self, status: u16, code: &str) -> String {
        let error = self.expect(status);
        let body = error.json();
        assert_eq!(body["error"]["code"], code, "{}", error.text);
        assert_eq!(error.headers.get("x-ms-error-code").unwrap(), code);
        assert_eq!(error.headers.get("content-type").unwrap(), "application/json; charset=utf-8");
        let request_id = body["error"]["requestId"].as_str().unwrap();
        let time = body["error"]["time"].as_str().unwrap();
        assert!(time.ends_with(" GMT"), "{time}");
        let message = body["error"]["message"].as_str().unwrap();
        assert!(message.contains(request_id) && message.contains(time), "{message}");
        message.to_owned()
    }
}
