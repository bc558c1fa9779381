//! The IoT Central client over TCP: what is sent, what comes of answers (`answers`),
//! and that nothing is lost on the way there and back.

mod answers;

use serde_json::{Map, Value, json};
use twinkit_iot_central::kinds::{Attestation, JobData, JobScheduleEnd, User};
use twinkit_iot_central::patches::{DevicePatch, JobSchedulePatch, ScheduledJobPatch, UserPatch};
use twinkit_iot_central::{
    Change, Client, ErrorKind, Json, Method, UnknownKind, enums, preview, types,
};
use twinkit_tests::support::recorder::{Canned, Recorded, Recorder};
use twinkit_tests::support::token;

const API_TOKEN: &str = "SharedAccessSignature sr=11111111-2222-3333-4444-555555555555\
                         &sig=c2lnbmF0dXJl%3D&skn=ops&se=4102444800000";

struct Service {
    recorder: Recorder,
    client: Client,
}

impl Service {
    async fn answering(status: u16, body: Value) -> Self {
        let recorder = Recorder::start().await.unwrap();
        let content = Some(("application/json; charset=utf-8".to_owned(), body));
        recorder.answer_with(Canned { status, headers: Vec::new(), content });
        let client = Client::builder(recorder.url(), token::fixed("fixed-token")).build().unwrap();
        Self { recorder, client }
    }

    fn request(&self) -> Recorded {
        self.recorder.take().pop().unwrap()
    }

    fn body(&self) -> Value {
        serde_json::from_slice(&self.request().body).unwrap()
    }
}

fn roles() -> Vec<types::RoleAssignment> {
    let role = "ca310b8d-2f4a-44e0-a36e-957c202cd8d4".to_owned();
    vec![types::RoleAssignment { role, organization: None, extra: Map::default() }]
}

/// What the service added since comes back as it came, in every type that is
/// sent: nothing is lost between reading and writing.
#[test]
fn members_that_are_not_declared_survive_reading_and_writing() {
    fn kept<T: serde::de::DeserializeOwned + serde::Serialize>(document: Value) {
        let read: T = serde_json::from_value(document.clone()).unwrap();
        assert_eq!(serde_json::to_value(read).unwrap(), document);
    }
    let new = json!({"deep": [1, {"x": null}]});
    let roles = json!([{"role": "r", "organization": "o", "new": new}]);
    kept::<User>(json!({"type": "email", "id": "a", "email": "a@b", "roles": roles, "new": new}));
    let ids = json!({"type": "servicePrincipal", "tenantId": "t", "objectId": "o", "roles": roles,
        "new": new});
    kept::<User>(ids);
    let keys = json!({"primaryKey": "a", "secondaryKey": "b", "tertiaryKey": "c"});
    kept::<Attestation>(json!({"type": "symmetricKey", "symmetricKey": keys, "new": new}));
    kept::<JobData>(
        json!({"type": "property", "target": "t", "path": "p", "value": 1, "new": new}),
    );
    kept::<JobScheduleEnd>(json!({"type": "occurrences", "occurrences": 3, "new": new}));
    kept::<types::Device>(json!({"id": "d", "displayName": "D", "new": new}));
    kept::<types::Organization>(json!({"id": "o", "displayName": "O", "new": new}));
    kept::<types::FileUpload>(json!({"connectionString": "c", "container": "u", "new": new}));
    kept::<types::ApiToken>(json!({"id": "t", "roles": roles, "new": new}));
    let group = json!({"displayName": "g", "type": "iot", "new": new,
        "attestation": {"type": "symmetricKey", "symmetricKey": keys, "new": new}});
    kept::<types::EnrollmentGroup>(group);
    let data = json!([{"type": "command", "target": "t", "path": "p", "new": new}]);
    kept::<types::Job>(json!({"group": "g", "data": data, "new": new}));
    let data = json!([{"type": "deviceTemplateMigration", "template": "t", "new": new}]);
    kept::<types::ScheduledJob>(json!({"group": "g", "data": data, "new": new,
        "schedule": {"start": "2024-01-01T00:00:00Z", "new": new}}));
    let authorization = json!({"type": "connectionString", "connectionString": "c",
        "containerName": "n", "new": new});
    kept::<preview::kinds::Destination>(json!({"type": "blobstorage@v1", "displayName": "d",
        "authorization": authorization, "new": new}));
}

#[tokio::test]
async fn the_base_path_is_part_of_every_address() {
    let service = Service::answering(200, json!({"id": "a"})).await;
    let url = service.recorder.url();
    for endpoint in [url.to_owned(), format!("{url}/"), format!("{url}/api"), format!("{url}/api/")]
    {
        let client = Client::builder(endpoint, token::fixed("fixed-token")).build().unwrap();
        client.get_device().device_id("a").send().await.unwrap();
        assert_eq!(service.request().target, "/api/devices/a?api-version=2022-07-31");
    }
    service.client.request(Method::GET, "/api/new").send().await.unwrap();
    assert_eq!(service.request().target, "/api/new?api-version=2022-07-31");
    service.client.preview().get_device().device_id("a").expand("x").send().await.unwrap();
    let target = service.request().target;
    assert!(target.starts_with("/api/devices/a?") && target.contains("2022-10-31-preview"));
}

#[tokio::test]
async fn an_api_token_is_sent_as_it_is_and_shown_nowhere() {
    let service = Service::answering(200, json!({"value": []})).await;
    let client = Client::with_api_token(service.recorder.url(), API_TOKEN).unwrap();
    let client = client.build().unwrap();
    client.list_roles().send().await.unwrap();
    assert_eq!(service.request().header("authorization").as_deref(), Some(API_TOKEN));
    assert!(!format!("{client:?}").contains("c2lnbmF0dXJl"));
    client.preview().list_roles().send().await.unwrap();
    assert_eq!(service.request().header("authorization").as_deref(), Some(API_TOKEN));
}

#[tokio::test]
async fn a_token_that_was_made_can_be_used_and_is_not_shown() {
    let made = json!({"id": "ops", "roles": [{"role": "r"}], "token": API_TOKEN,
                      "expiry": "2023-07-07T17:05:08.407Z"});
    let service = Service::answering(200, made).await;
    let body = types::ApiToken::builder().roles(roles());
    let answer = service.client.create_api_token().token_id("ops").body(body).send().await.unwrap();
    assert!(!format!("{answer:?}").contains("c2lnbmF0dXJl"), "{answer:?}");
    let token = answer.token.clone().unwrap();
    assert_eq!(token.expose(), API_TOKEN);
    assert!(Client::with_api_token("https://a.example", token).is_ok());
    assert_eq!(answer.expiry.as_ref().unwrap().to_string(), "2023-07-07T17:05:08.407Z");
}

#[tokio::test]
async fn a_kind_its_builder_or_a_new_kind_may_be_sent() {
    let answer = json!({"type": "email", "roles": [{"role": "r"}], "email": "a@b.c"});
    let service = Service::answering(200, answer).await;
    let put = || service.client.create_user().user_id("sp");
    let principal = types::ServicePrincipalUser::builder()
        .tenant_id("tenant".to_owned())
        .object_id("object".to_owned())
        .roles(roles());
    let expected = json!({
        "type": "servicePrincipal", "tenantId": "tenant", "objectId": "object",
        "roles": [{"role": "ca310b8d-2f4a-44e0-a36e-957c202cd8d4"}],
    });
    put().body(principal.clone()).send().await.unwrap();
    assert_eq!(service.body(), expected);
    put().body(types::ServicePrincipalUser::try_from(principal).unwrap()).send().await.unwrap();
    assert_eq!(service.body(), expected);
    let robot = json!({"type": "robot", "roles": []});
    put().body(UnknownKind::new("robot", robot.clone())).send().await.unwrap();
    assert_eq!(service.body(), robot);

    let half = types::ServicePrincipalUser::builder().tenant_id("tenant".to_owned());
    let error = put().body(half).send().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidRequest, 0));
    assert!(error.to_string().contains("object_id") || error.to_string().contains("roles"));
    assert!(service.recorder.take().is_empty());
}

#[tokio::test]
async fn a_patch_leaves_alone_takes_away_and_sets() {
    let service = Service::answering(200, json!({"id": "a"})).await;
    let patch = DevicePatch::new()
        .display_name("Pump")
        .enabled(false)
        .template(Change::Remove)
        .organizations(None)
        .etag("tag");
    service.client.update_device().device_id("a").body(patch).send().await.unwrap();
    let request = service.request();
    assert_eq!(request.header("content-type").as_deref(), Some("application/merge-patch+json"));
    assert_eq!(
        serde_json::from_slice::<Value>(&request.body).unwrap(),
        json!({"displayName": "Pump", "enabled": false, "template": null, "organizations": null,
               "etag": "tag"}),
    );
    service.client.update_device().device_id("a").body(DevicePatch::new()).send().await.unwrap();
    assert_eq!(service.body(), json!({}));

    let answer = json!({"schedule": {"start": "2022-10-24T22:29:01Z"}, "group": "g", "data": []});
    let service = Service::answering(200, answer).await;
    let patch = ScheduledJobPatch::new()
        .schedule(
            JobSchedulePatch::new().end(Change::Remove).recurrence(enums::JobRecurrence::Weekly),
        )
        .data(vec![JobData::Property(types::PropertyJobData {
            target: "dtmi:a;1".to_owned(),
            path: "speed".to_owned(),
            value: Some(Json::from(json!(12345678901234567890_u64))),
            extra: Map::new(),
        })]);
    service.client.update_scheduled_job().scheduled_job_id("j").body(patch).send().await.unwrap();
    assert_eq!(
        service.body(),
        json!({
            "schedule": {"end": null, "recurrence": "weekly"},
            "data": [{"type": "property", "target": "dtmi:a;1", "path": "speed",
                      "value": 12345678901234567890_u64}],
        }),
    );

    let answer = json!({"type": "email", "roles": [], "email": "a@b.c"});
    let service = Service::answering(200, answer).await;
    let patch = UserPatch::new().type_("email").roles(roles());
    service.client.update_user().user_id("u").body(patch).send().await.unwrap();
    let role = json!({"role": "ca310b8d-2f4a-44e0-a36e-957c202cd8d4"});
    assert_eq!(service.body(), json!({"type": "email", "roles": [role]}));
}

#[tokio::test]
async fn the_preview_has_tiles_destinations_and_queries() {
    let tile = |configuration: Value| {
        json!({"displayName": "T", "x": 0, "y": 0, "width": 2, "height": 2,
               "configuration": configuration})
    };
    let range = json!({"type": "time", "duration": "PT1H", "resolution": "P9D"});
    let dashboard = json!({"displayName": "D", "tiles": [
        tile(json!({"type": "lineChart", "group": "g", "devices": ["a"], "queryRange": range,
                    "capabilities": [{"capability": "t", "aggregateFunction": "median"}]})),
        tile(json!({"type": "command", "device": "a", "command": "c"})),
        tile(json!({"type": "command", "group": "g", "device": {"id": "a"}, "command": "c"})),
        tile(json!({"type": "hologram", "depth": 3})),
    ]});
    let service = Service::answering(200, dashboard.clone()).await;
    let client = service.client.preview();
    let read = client.get_dashboard().dashboard_id("d").send().await.unwrap();
    let tiles = read.tiles.as_ref().unwrap();
    let kinds: Vec<&str> = tiles.iter().map(|tile| tile.configuration.kind()).collect();
    assert_eq!(kinds, ["lineChart", "command", "command", "hologram"]);
    assert_eq!(
        serde_json::to_value(&*read).unwrap()["tiles"][0]["configuration"],
        dashboard["tiles"][0]["configuration"]
    );
    assert_eq!(
        serde_json::to_value(&*read).unwrap()["tiles"][3]["configuration"],
        dashboard["tiles"][3]["configuration"]
    );

    let destination = json!({"id": "d", "type": "blobstorage@v1", "displayName": "B",
        "authorization": {"type": "connectionString", "connectionString": "canary",
                          "containerName": "c"}, "status": "waiting"});
    let service = Service::answering(200, destination).await;
    let client = service.client.preview();
    let read = client.get_destination().destination_id("d").send().await.unwrap();
    assert!(!format!("{read:?}").contains("canary"), "{read:?}");
    let preview::kinds::Destination::BlobstorageV1(blob) = &*read else { panic!("{read:?}") };
    assert_eq!(blob.authorization.kind(), "connectionString");

    let patch = preview::patches::DestinationPatch::new().display_name("New");
    let update = client.update_destination().destination_id("d").if_match("\"e\"");
    update.body(patch).send().await.unwrap();
    let requests = service.recorder.take();
    let request = requests.last().unwrap();
    assert_eq!(request.header("if-match").as_deref(), Some("\"e\""));
    assert_eq!(request.body, r#"{"displayName":"New"}"#.as_bytes());

    let rows = json!({"results": [{"$id": "a", "avg_t": 1.50}, {}]});
    let service = Service::answering(200, rows).await;
    let query = preview::types::QueryRequest::builder().query("SELECT ...".to_owned());
    let answer = service.client.preview().run_query().body(query).send().await.unwrap();
    assert_eq!(answer.results[0].get(), r#"{"$id":"a","avg_t":1.5}"#);
}
