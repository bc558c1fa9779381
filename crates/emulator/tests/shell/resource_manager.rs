//! The control plane, asked as the Azure CLI and its extensions ask it.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use twinkit_emulator::{
    Emulator,
    identity::TENANT_ID,
    resource_manager::{RESOURCE_GROUP, SUBSCRIPTION_ID},
};

use crate::support::{client, token};

struct Arm {
    emulator: Emulator,
    token: String,
}

impl Arm {
    async fn start() -> Self {
        let emulator = Emulator::builder().instance("second").start().await.unwrap();
        // The scope of the Azure CLI, with its two slashes.
        let scope = "https://management.core.windows.net//.default";
        let token = token(&emulator, &[("scope", scope)]).await;
        Self { emulator, token }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}{path}", self.emulator.resource_manager_url());
        client().request(method, url).bearer_auth(&self.token)
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        answer(self.request(Method::GET, path)).await
    }
}

async fn answer(request: RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

fn code(answer: &(u16, Value)) -> (u16, &str) {
    let message = answer.1["error"]["message"].as_str().unwrap();
    assert!(!message.is_empty());
    (answer.0, answer.1["error"]["code"].as_str().unwrap())
}

const TWINS: &str = "providers/Microsoft.DigitalTwins/digitalTwinsInstances";

#[tokio::test]
async fn it_lists_the_subscription_and_the_tenant() {
    let arm = Arm::start().await;
    let (status, list) = arm.get("/subscriptions?api-version=2022-12-01").await;
    assert_eq!((status, list["value"].as_array().unwrap().len()), (200, 1));
    let subscription = &list["value"][0];
    assert_eq!(subscription["id"], format!("/subscriptions/{SUBSCRIPTION_ID}"));
    assert_eq!(subscription["subscriptionId"], SUBSCRIPTION_ID);
    assert_eq!(subscription["state"], "Enabled");
    let (_, one) = arm.get(&format!("/subscriptions/{SUBSCRIPTION_ID}?api-version=1")).await;
    assert_eq!(&one, subscription);
    let (status, list) = arm.get("/tenants?api-version=2022-12-01").await;
    assert_eq!((status, &list["value"][0]["tenantId"]), (200, &json!(TENANT_ID)));
    let groups = format!("/subscriptions/{SUBSCRIPTION_ID}/resourcegroups?api-version=1");
    let (_, list) = arm.get(&groups).await;
    assert_eq!(list["value"][0]["name"], RESOURCE_GROUP);
}

#[tokio::test]
async fn it_finds_every_instance_with_and_without_a_group() {
    let arm = Arm::start().await;
    let root = format!("/subscriptions/{SUBSCRIPTION_ID}");
    let group = format!("{root}/resourceGroups/{RESOURCE_GROUP}");
    let (status, list) = arm.get(&format!("{root}/{TWINS}?api-version=2023-01-31")).await;
    assert_eq!(status, 200);
    let instances = list["value"].as_array().unwrap();
    assert_eq!(instances.len(), 2);
    for instance in instances {
        let name = instance["name"].as_str().unwrap();
        let host = instance["properties"]["hostName"].as_str().unwrap();
        assert_eq!(format!("http://{host}"), arm.emulator.services()[name]);
        assert_eq!(instance["properties"]["provisioningState"], "Succeeded");
        assert_eq!(instance["id"], format!("{group}/{TWINS}/{name}"));
        assert_eq!(instance["type"], "Microsoft.DigitalTwins/digitalTwinsInstances");
        assert!(!instance["location"].as_str().unwrap().is_empty());
        let path = format!("{group}/{TWINS}/{name}?api-version=2023-01-31");
        assert_eq!(arm.get(&path).await, (200, instance.clone()));
        // ARM passes over the case of the whole path.
        assert_eq!(arm.get(&path.to_uppercase()).await, (200, instance.clone()));
    }
    let in_group = arm.get(&format!("{group}/{TWINS}?api-version=2023-01-31")).await;
    assert_eq!(in_group, (200, list));
}

#[tokio::test]
async fn a_name_leads_to_the_twins_with_the_headers_of_the_extension() {
    let arm = Arm::start().await;
    let path = format!("/subscriptions/{SUBSCRIPTION_ID}/{TWINS}?api-version=2023-01-31");
    let (_, list) = arm.get(&path).await;
    let instances = list["value"].as_array().unwrap();
    let found = instances.iter().find(|instance| instance["name"] == "second").unwrap();
    let host = found["properties"]["hostName"].as_str().unwrap();
    let twins = token(&arm.emulator, &[]).await;
    let send = |method: Method, path: &str, media: &str, body: Option<Value>| {
        let url = format!("http://{host}{path}api-version=2023-10-31");
        let mut request = client()
            .request(method, url)
            .bearer_auth(&twins)
            .header("Accept", "application/json")
            .header("Content-Type", format!("{media}; charset=utf-8"));
        if let Some(body) = body {
            request = request.body(body.to_string());
        }
        async move {
            let response = request.send().await.unwrap();
            let status = response.status().as_u16();
            (status, response.json::<Value>().await.unwrap_or_default())
        }
    };
    let json = "application/json";
    let model = json!([{
        "@id": "dtmi:az:Room;1", "@type": "Interface", "@context": "dtmi:dtdl:context;3",
        "contents": [{"@type": "Property", "name": "t", "schema": "double"}],
    }]);
    assert_eq!(send(Method::POST, "/models?", json, Some(model)).await.0, 201);
    let list = "/models?includeModelDefinition=true&";
    assert_eq!(send(Method::GET, list, json, None).await.1["value"].as_array().unwrap().len(), 1);
    let twin = json!({"$dtId": "a", "$metadata": {"$model": "dtmi:az:Room;1"}, "t": 1.0});
    assert_eq!(send(Method::PUT, "/digitaltwins/a?", json, Some(twin)).await.0, 200);
    let patch = json!([{"op": "replace", "path": "/t", "value": 2.0}]);
    let media = "application/json-patch+json";
    let patched = send(Method::PATCH, "/digitaltwins/a?", media, Some(patch)).await;
    assert_eq!(patched.0, 204);
    assert_eq!(send(Method::GET, "/digitaltwins/a?", json, None).await.1["t"], 2.0);
    let query = json!({"query": "SELECT * FROM digitaltwins"});
    let rows = send(Method::POST, "/query?", json, Some(query)).await.1;
    assert_eq!(rows["value"].as_array().unwrap().len(), 1);
    assert_eq!(rows["continuationToken"], Value::Null);
    let relationships = send(Method::GET, "/digitaltwins/a/relationships?", json, None).await;
    assert_eq!(relationships.0, 200);
    assert_eq!(send(Method::DELETE, "/digitaltwins/a?", json, None).await.0, 204);
    assert_eq!(send(Method::GET, "/digitaltwins/a?", json, None).await.0, 404);
}

#[tokio::test]
async fn it_shows_the_storage_account_and_keys_that_sign() {
    let arm = Arm::start().await;
    let group = format!("/subscriptions/{SUBSCRIPTION_ID}/resourceGroups/{RESOURCE_GROUP}");
    let accounts = format!("{group}/providers/Microsoft.Storage/storageAccounts");
    let (_, list) = arm.get(&format!("{accounts}?api-version=2023-05-01")).await;
    let account = &list["value"][0];
    let name = account["name"].as_str().unwrap();
    let blob = account["properties"]["primaryEndpoints"]["blob"].as_str().unwrap();
    assert!(arm.emulator.storage().blob_url("box", "a").starts_with(blob));
    assert_eq!(account["kind"], "StorageV2");
    let path = format!("{accounts}/{name}/listKeys?api-version=2023-05-01");
    let (status, keys) = answer(arm.request(Method::POST, &path)).await;
    assert_eq!((status, keys["keys"].as_array().unwrap().len()), (200, 2));
    let known = arm.emulator.storage().account_key();
    assert_eq!(keys["keys"][0]["value"], secrecy::ExposeSecret::expose_secret(&known));
    assert_eq!(code(&arm.get(&path).await), (405, "MethodNotAllowed"));
    let wrong = format!("{accounts}/other/listKeys?api-version=2023-05-01");
    let refused = answer(arm.request(Method::POST, &wrong)).await;
    assert_eq!(code(&refused), (404, "ResourceNotFound"));
}

#[tokio::test]
async fn iot_central_applications_are_listed_with_their_ids() {
    let arm = Arm::start().await;
    let apps = format!("/subscriptions/{SUBSCRIPTION_ID}/providers/Microsoft.IoTCentral/iotApps");
    let path = format!("{apps}?api-version=2021-11-01-preview");
    let (status, listed) = arm.get(&path).await;
    let app = &listed["value"][0];
    assert_eq!((status, listed["value"].as_array().unwrap().len()), (200, 1));
    assert_eq!((&app["name"], &app["properties"]["subdomain"]), (&json!("myapp"), &json!("myapp")));
    let id = arm.emulator.iot_central("myapp").unwrap().id();
    assert_eq!(app["properties"]["applicationId"], id);
}

#[tokio::test]
async fn what_is_not_there_is_told_in_the_envelope() {
    let arm = Arm::start().await;
    let root = format!("/subscriptions/{SUBSCRIPTION_ID}");
    for (path, expected) in [
        ("/subscriptions/none?api-version=1".to_owned(), (404, "SubscriptionNotFound")),
        (format!("/subscriptions/none/{TWINS}?api-version=1"), (404, "SubscriptionNotFound")),
        (format!("{root}/resourceGroups/none?api-version=1"), (404, "ResourceGroupNotFound")),
        (
            format!("{root}/resourceGroups/none/{TWINS}?api-version=1"),
            (404, "ResourceGroupNotFound"),
        ),
        (
            format!("{root}/resourceGroups/{RESOURCE_GROUP}/{TWINS}/none?api-version=1"),
            (404, "ResourceNotFound"),
        ),
        (format!("{root}/providers/Microsoft.Web/sites?api-version=1"), (404, "NotFound")),
        ("/?api-version=1".to_owned(), (404, "NotFound")),
        ("/subscriptions".to_owned(), (400, "MissingApiVersionParameter")),
        ("/metadata/endpoints?api-version=1".to_owned(), (400, "InvalidApiVersionParameter")),
    ] {
        assert_eq!(code(&arm.get(&path).await), expected, "{path}");
    }
    let put = arm.request(Method::PUT, &format!("{root}?api-version=1"));
    assert_eq!(code(&answer(put).await), (405, "MethodNotAllowed"));
}

#[tokio::test]
async fn a_token_for_it_is_needed() {
    let arm = Arm::start().await;
    let url =
        format!("{}/subscriptions?api-version=2022-12-01", arm.emulator.resource_manager_url());
    let response = client().get(&url).send().await.unwrap();
    let challenge = response.headers()["www-authenticate"].to_str().unwrap();
    let authority = format!("{}/{TENANT_ID}", arm.emulator.authority_url());
    assert!(challenge.starts_with(&format!("Bearer authorization_uri=\"{authority}\"")));
    let body = (response.status().as_u16(), response.json().await.unwrap());
    assert_eq!(code(&body), (401, "AuthenticationFailed"));

    let twins = token(&arm.emulator, &[]).await;
    for wrong in [twins.as_str(), "x"] {
        let refused = answer(client().get(&url).bearer_auth(wrong)).await;
        assert_eq!(code(&refused), (401, "InvalidAuthenticationToken"));
    }
    let scope = "https://management.azure.com/.default";
    let other = token(&arm.emulator, &[("scope", scope)]).await;
    assert_eq!(answer(client().get(&url).bearer_auth(other)).await.0, 200);
    let nowhere = client().get(format!("{}/x", arm.emulator.resource_manager_url()));
    assert_eq!(answer(nowhere).await.0, 401, "who is nobody learns nothing");
    arm.emulator.directory().revoke_tokens();
    assert_eq!(arm.get("/subscriptions?api-version=2022-12-01").await.0, 401);
}

#[tokio::test]
async fn the_metadata_says_where_to_sign_in_to_anybody() {
    let emulator = Emulator::start().await.unwrap();
    let ask = |version: &str| {
        let base = emulator.resource_manager_url();
        answer(client().get(format!("{base}/metadata/endpoints?api-version={version}")))
    };
    let (status, first) = ask("2015-01-01").await;
    assert_eq!(status, 200);
    let audience = json!("https://management.core.windows.net/");
    for member in ["galleryEndpoint", "graphEndpoint"] {
        assert!(first[member].is_string());
    }
    let (_, newest) = ask("2022-09-01").await;
    assert_eq!(newest["resourceManager"], emulator.resource_manager_url());
    assert_eq!(newest["authentication"]["identityProvider"], "AAD");
    let (_, list) = ask("2019-05-01").await;
    assert_eq!(list, json!([newest]));
    for shape in [&first, &newest] {
        assert_eq!(shape["authentication"]["loginEndpoint"], emulator.authority_url());
        assert_eq!(shape["authentication"]["audiences"][0], audience);
    }
}
