//! An emulator, callers of its iTwin platform, and answers to be checked.

use reqwest::{
    Client, Method, StatusCode,
    header::{AUTHORIZATION, HeaderMap},
    redirect,
};
use serde_json::{Value, json};
use twinkit_emulator::{
    Emulator, EmulatorBuilder,
    ims::{
        ImsClient, ImsUser, NATIVE_CLIENT_ID, NATIVE_REDIRECT_URI, SCOPE, SERVICE_CLIENT_ID,
        SERVICE_CLIENT_SECRET, USER_EMAIL,
    },
};
use url::Url;

/// Verifier and challenge of RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A GUID that nothing has.
pub(crate) const MISSING: &str = "00000000-0000-4000-8000-000000000000";

/// An emulator, the seeded person, who administrates the organization, and the
/// seeded service application.
pub(crate) struct Stage {
    pub(crate) emulator: Emulator,
    pub(crate) ada: Caller,
    pub(crate) service: Caller,
}

/// Somebody who calls the platform.
#[derive(Clone)]
pub(crate) struct Caller {
    client: Client,
    base: String,
    authorization: String,
    version: u32,
    pub(crate) email: String,
    pub(crate) id: String,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

pub(crate) fn client() -> Client {
    Client::builder().no_proxy().redirect(redirect::Policy::none()).build().unwrap()
}

impl Stage {
    pub(crate) async fn new() -> Self {
        Self::with(Emulator::builder()).await
    }

    pub(crate) async fn with(builder: EmulatorBuilder) -> Self {
        let emulator = builder.start().await.unwrap();
        let ada = signed_in(&emulator, USER_EMAIL).await;
        let service = service(&emulator, SERVICE_CLIENT_ID, SERVICE_CLIENT_SECRET).await;
        Self { emulator, ada, service }
    }

    /// Ada, signed in anew: after the clock was moved far.
    pub(crate) async fn again(&self) -> Caller {
        signed_in(&self.emulator, USER_EMAIL).await
    }

    /// A new person of the organization, who is no member of anything.
    pub(crate) async fn person(&self, name: &str) -> Caller {
        let email = format!("{}@twinkit.example", name.to_lowercase().replace(' ', "."));
        let id = uuid(name);
        let user = ImsUser { id, email: email.clone(), name: name.to_owned() };
        self.emulator.ims().add_user(user).unwrap();
        signed_in(&self.emulator, &email).await
    }

    /// A new service application.
    pub(crate) async fn service_named(&self, client_id: &str) -> Caller {
        let client = ImsClient::service(client_id, "its secret".into());
        self.emulator.ims().add_client(client).unwrap();
        service(&self.emulator, client_id, "its secret").await
    }

    /// A new person who is a member of an iTwin of Ada's with these permissions.
    pub(crate) async fn member(&self, itwin: &str, name: &str, permissions: &[&str]) -> Caller {
        let person = self.person(name).await;
        let role = self.ada.new_role(itwin, name, permissions).await;
        self.ada.add_member(itwin, &person.email, &role).await;
        person
    }
}

/// A GUID made of a text.
fn uuid(text: &str) -> String {
    let digits: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    let digits = format!("{digits:0<12.12}");
    format!("77777777-7777-4777-8777-{digits}")
}

async fn token(emulator: &Emulator, form: &[(&str, &str)]) -> String {
    let request = client().post(format!("{}/connect/token", emulator.ims_url())).form(form);
    let answer: Value = request.send().await.unwrap().json().await.unwrap();
    answer["access_token"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
}

async fn service(emulator: &Emulator, client_id: &str, secret: &str) -> Caller {
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", client_id),
        ("client_secret", secret),
        ("scope", SCOPE),
    ];
    Caller::new(emulator, &token(emulator, &form).await).await
}

async fn signed_in(emulator: &Emulator, email: &str) -> Caller {
    let fields = [
        ("client_id", NATIVE_CLIENT_ID),
        ("response_type", "code"),
        ("redirect_uri", NATIVE_REDIRECT_URI),
        ("scope", "openid itwin-platform"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
        ("auto", "1"),
        ("login_hint", email),
    ];
    let url = format!("{}/connect/authorize", emulator.ims_url());
    let url = Url::parse_with_params(&url, fields).unwrap();
    let answer = client().get(url).send().await.unwrap();
    let location = answer.headers()["location"].to_str().unwrap();
    let handed = Url::parse(location).unwrap();
    let code = handed.query_pairs().find(|(name, _)| name == "code");
    let code = code.unwrap_or_else(|| panic!("{handed}")).1.into_owned();
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", NATIVE_CLIENT_ID),
        ("code", &code),
        ("redirect_uri", NATIVE_REDIRECT_URI),
        ("code_verifier", VERIFIER),
    ];
    Caller::new(emulator, &token(emulator, &form).await).await
}

impl Caller {
    async fn new(emulator: &Emulator, token: &str) -> Self {
        let mut caller = Self {
            client: client(),
            base: emulator.itwin_url().to_owned(),
            authorization: format!("Bearer {token}"),
            version: 1,
            email: String::new(),
            id: String::new(),
        };
        let me = caller.get("/users/me").await.expect(200).json();
        caller.email = me["user"]["email"].as_str().unwrap().to_owned();
        caller.id = me["user"]["id"].as_str().unwrap().to_owned();
        caller
    }

    /// The same requests with another `Authorization`; empty: none.
    pub(crate) fn as_whom(&self, authorization: &str) -> Self {
        Self { authorization: authorization.to_owned(), ..self.clone() }
    }

    /// The token without its scheme.
    pub(crate) fn token(&self) -> &str {
        self.authorization.split(' ').next_back().unwrap()
    }

    /// The same caller with another version of the API; 0: no `Accept`.
    pub(crate) fn version(&self, version: u32) -> Self {
        Self { version, ..self.clone() }
    }

    /// Sends a request to a path or a whole address. Paths of Access Control
    /// and iModels go in their own version, unless the caller has another one.
    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Vec<u8>>,
    ) -> Answer {
        let url =
            if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.base) };
        let mut request = self.client.request(Method::from_bytes(method.as_bytes()).unwrap(), &url);
        let path = url.strip_prefix(&self.base).unwrap_or(&url).to_lowercase();
        let is_second = ["/accesscontrol/", "/imodels"].iter().any(|api| path.starts_with(api));
        let version = if self.version == 1 && is_second { 2 } else { self.version };
        if version > 0 {
            let accept = format!("application/vnd.bentley.itwin-platform.v{version}+json");
            request = request.header("accept", accept);
        }
        if !self.authorization.is_empty() {
            request = request.header(AUTHORIZATION, &self.authorization);
        }
        if let Some(body) = body {
            request = request.body(body);
            if !headers.iter().any(|(name, _)| *name == "content-type") {
                request = request.header("content-type", "application/json");
            }
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        Answer { status, headers, text: response.text().await.unwrap() }
    }

    async fn send_json(&self, method: &str, path: &str, body: &Value) -> Answer {
        self.send(method, path, &[], Some(body.to_string().into_bytes())).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], None).await
    }

    /// With everything there is.
    pub(crate) async fn get_all_of(&self, path: &str) -> Answer {
        self.send("GET", path, &[("prefer", "return=representation")], None).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send_json("POST", path, body).await
    }

    /// A `POST` without a body.
    pub(crate) async fn mark(&self, path: &str) -> Answer {
        self.send("POST", path, &[], None).await
    }

    pub(crate) async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.send_json("PATCH", path, body).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, &[], None).await
    }

    /// Makes an asset of this name; answers its id.
    pub(crate) async fn new_itwin(&self, name: &str) -> String {
        let body = json!({"class": "Thing", "subClass": "Asset", "displayName": name});
        let made = self.post("/itwins", &body).await.expect(201).json();
        made["iTwin"]["id"].as_str().unwrap().to_owned()
    }

    /// Makes a role; answers its id.
    pub(crate) async fn new_role(&self, itwin: &str, name: &str, permissions: &[&str]) -> String {
        let body = json!({"displayName": name, "description": "", "permissions": permissions});
        let path = format!("/accesscontrol/itwins/{itwin}/roles");
        let made = self.post(&path, &body).await.expect(201).json();
        made["role"]["id"].as_str().unwrap().to_owned()
    }

    /// Makes somebody a member with one role.
    pub(crate) async fn add_member(&self, itwin: &str, email: &str, role: &str) {
        let body = json!({"members": [{"email": email, "roleIds": [role]}]});
        let path = format!("/accesscontrol/itwins/{itwin}/members/users");
        let added = self.post(&path, &body).await.expect(201).json();
        assert_eq!(added["invitations"], Value::Null, "{added}");
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

    /// Checks status and code of an error; gives its code and target pairs.
    #[track_caller]
    pub(crate) fn refused(self, status: u16, code: &str) -> Vec<(String, String)> {
        let error = self.expect(status);
        let body = error.json();
        assert_eq!(body["error"]["code"], code, "{}", error.text);
        assert!(!body["error"]["message"].as_str().unwrap().is_empty());
        assert_eq!(error.headers["content-type"], "application/json");
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let details = body["error"]["details"].as_array().cloned().unwrap_or_default();
        details.iter().map(|detail| (text(&detail["code"]), text(&detail["target"]))).collect()
    }

    /// Checks that an error has this one detail.
    #[track_caller]
    pub(crate) fn refused_for(self, code: &str, detail: &str, target: &str) {
        let details = self.refused(422, code);
        assert_eq!(details, [(detail.to_owned(), target.to_owned())]);
    }
}

/// The values of a member in a list.
pub(crate) fn each(list: &Value, member: &str) -> Vec<String> {
    let list = list.as_array().unwrap_or_else(|| panic!("a list: {list}"));
    list.iter().map(|item| item[member].as_str().unwrap_or_default().to_owned()).collect()
}
