//! The IoT Central client over TCP: what is sent, and what comes of answers
//! that are documented, new to the client, or wrong.

use futures_util::StreamExt as _;
use serde_json::{Map, Value, json};
use twinkit_iot_central::kinds::{Attestation, JobData, JobScheduleEnd, User};
use twinkit_iot_central::patches::{DevicePatch, JobSchedulePatch, ScheduledJobPatch, UserPatch};
use twinkit_iot_central::{
    Change, Client, DeviceTemplate, ErrorKind, Json, Method, OPERATIONS, UnknownKind, enums,
    preview, types,
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
async fn users_of_all_kinds_are_listed_with_their_own_members() {
    let unknown = json!({"type": "robot", "id": "r", "roles": [], "model": {"big": 1.50}});
    let page = json!({"value": [
        {"id": "1", "type": "email", "roles": [{"role": "r"}], "email": "user5@contoso.com"},
        {"id": "2", "type": "adGroup", "roles": [{"role": "r", "organization": "seattle"}],
         "tenantId": "t", "objectId": "o", "somethingNew": [null]},
        {"type": "servicePrincipal", "roles": [{"role": "r"}], "tenantId": "t", "objectId": "p"},
        unknown,
    ]});
    let service = Service::answering(200, page).await;
    let users: Vec<User> =
        service.client.list_users().items().map(|user| user.unwrap()).collect().await;
    let User::Email(email) = &users[0] else { panic!("{users:?}") };
    assert_eq!((email.id.as_deref(), email.email.as_str()), (Some("1"), "user5@contoso.com"));
    let User::AdGroup(group) = &users[1] else { panic!("{users:?}") };
    assert_eq!(group.roles[0].organization.as_deref(), Some("seattle"));
    let User::ServicePrincipal(principal) = &users[2] else { panic!("{users:?}") };
    assert_eq!((principal.id.as_deref(), principal.object_id.as_str()), (None, "p"));
    let User::Unknown(robot) = &users[3] else { panic!("{users:?}") };
    assert_eq!(robot.document().get(), unknown.to_string());
    let kinds: Vec<&str> = users.iter().map(User::kind).collect();
    assert_eq!(kinds, ["email", "adGroup", "servicePrincipal", "robot"]);

    // What is not known goes back as it came.
    assert_eq!(service.recorder.take().len(), 1);
    service.recorder.answer_with(Canned {
        status: 200,
        headers: Vec::new(),
        content: Some(("application/json".to_owned(), unknown.clone())),
    });
    let again = service.client.create_user().user_id("r").body(users[3].clone()).send().await;
    assert_eq!(again.unwrap().kind(), "robot");
    assert_eq!(service.request().body, unknown.to_string().as_bytes());
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
async fn documented_answers_are_read() {
    let job = json!({
        "id": "job-006", "displayName": "Set target temperature", "group": "4fcbec3b",
        "batch": {"type": "percentage", "value": 25},
        "cancellationThreshold": {"type": "percentage", "value": 10, "batch": false},
        "data": [
            {"type": "command", "target": "dtmi:a;1", "path": "reboot", "value": null},
            {"type": "deviceTemplateMigration", "template": "dtmi:b;1"},
            {"type": "deviceManifestMigration", "manifest": "m"},
        ],
        "status": "hibernating", "progress": {"total": 3, "pending": 3}, "start": null,
        "organizations": null,
    });
    let service = Service::answering(200, job).await;
    let job = service.client.get_job().job_id("job-006").send().await.unwrap().into_inner();
    assert_eq!(job.status, Some(enums::JobStatus::Unknown("hibernating".to_owned())));
    assert_eq!(job.batch.unwrap().type_, enums::JobBatchType::Percentage);
    let kinds: Vec<&str> = job.data.iter().map(JobData::kind).collect();
    assert_eq!(kinds, ["command", "deviceTemplateMigration", "deviceManifestMigration"]);
    assert!(matches!(job.data[2], JobData::Unknown(_)));

    let schedule = json!({"start": "2022-10-24T22:29:01.0000000Z", "recurrence": "daily",
                          "end": {"type": "date", "date": "2022-12-30"}});
    let scheduled = json!({"id": "s", "group": "g", "data": [], "schedule": schedule,
                           "enabled": false, "completed": true, "etag": "\"e\""});
    let service = Service::answering(200, scheduled).await;
    let read = service.client.get_scheduled_job().scheduled_job_id("s").send().await.unwrap();
    let Some(JobScheduleEnd::Date(end)) = &read.schedule.end else { panic!("{read:?}") };
    assert_eq!((end.date.as_str(), read.etag.as_deref()), ("2022-12-30", Some("\"e\"")));

    let key = json!({"type": "symmetricKey",
                     "symmetricKey": {"primaryKey": "canary1", "secondaryKey": "canary2"}});
    let service = Service::answering(200, key).await;
    let read = service.client.get_device_attestation().device_id("a").send().await.unwrap();
    assert!(!format!("{read:?}").contains("canary"), "{read:?}");
    let Attestation::SymmetricKey(key) = &*read else { panic!("{read:?}") };
    assert_eq!(key.symmetric_key.primary_key.expose(), "canary1");

    let command = json!({"response": {"deep": [1.50]}, "responseCode": 200});
    let service = Service::answering(201, command).await;
    let run = service.client.run_device_command().device_id("a").command_name("c");
    let body = types::DeviceCommand::builder().request(Json::from(json!({"speed": 1})));
    let ran = run.body(body).send().await.unwrap();
    assert_eq!(service.body(), json!({"request": {"speed": 1}}));
    assert_eq!((ran.status().as_u16(), ran.response_code), (201, Some(200)));
    assert_eq!(ran.response.as_ref().unwrap().get(), r#"{"deep":[1.5]}"#);
    let service = Service::answering(201, json!({})).await;
    let run = service.client.run_device_command().device_id("a").command_name("c");
    let ran = run.body(types::DeviceCommand::builder()).send().await.unwrap();
    assert!(ran.response.is_none() && ran.response_code.is_none());
    assert_eq!(service.body(), json!({}));
}

#[tokio::test]
async fn groups_credentials_properties_and_uploads_are_read() {
    let group = json!({
        "id": "g", "displayName": "G", "enabled": true, "type": "iotFuture", "etag": "eyJhIjoxfQ==",
        "attestation": {"type": "x509", "x509": {"signingCertificates": {}}},
    });
    let service = Service::answering(200, group.clone()).await;
    let read = service.client.get_enrollment_group().enrollment_group_id("g").send().await.unwrap();
    assert_eq!(read.attestation.kind(), "x509");
    assert_eq!(read.type_, enums::EnrollmentGroupType::Unknown("iotFuture".to_owned()));
    assert_eq!(serde_json::to_value(&*read).unwrap(), group);

    // Without keys: the service makes both.
    let attestation = types::GroupSymmetricKeyAttestation::default();
    let body = types::EnrollmentGroup::builder()
        .display_name("G")
        .type_(enums::EnrollmentGroupType::Iot)
        .attestation(attestation);
    let put = service.client.create_enrollment_group().enrollment_group_id("g").body(body);
    put.send().await.unwrap();
    assert_eq!(
        service.recorder.take().pop().map(|it| it.body).unwrap(),
        r#"{"attestation":{"type":"symmetricKey"},"displayName":"G","type":"iot"}"#.as_bytes()
    );

    let credentials = json!({"idScope": "0ne0", "tpm": null,
                             "symmetricKey": {"primaryKey": "canary", "secondaryKey": "canary"}});
    let service = Service::answering(200, credentials).await;
    let read = service.client.get_device_credentials().device_id("a").send().await.unwrap();
    assert_eq!((read.id_scope.as_str(), read.tpm.is_none()), ("0ne0", true));
    assert!(!format!("{read:?}").contains("canary"));

    let properties = r#"{"speed":1.50,"$metadata":{"speed":{"desiredValue":2,"ackCode":200}}}"#;
    let service = Service::answering(202, serde_json::from_str(properties).unwrap()).await;
    let change = json!({"speed": 2, "mode": null});
    let update = service.client.update_device_properties().device_id("a");
    let answer = update.body(Json::from(change.clone())).send().await.unwrap();
    assert_eq!(answer.status(), 202);
    assert!(answer.get().contains("ackCode"));
    let request = service.request();
    assert_eq!(request.header("content-type").as_deref(), Some("application/merge-patch+json"));
    assert_eq!(serde_json::from_slice::<Value>(&request.body).unwrap(), change);

    let value =
        json!({"value": {"lat": 47.64263, "lon": null}, "timestamp": "2020-08-26T19:15:40Z"});
    let service = Service::answering(200, value).await;
    let telemetry = service.client.get_device_telemetry_value().device_id("a");
    let read = telemetry.telemetry_name("place").send().await.unwrap();
    assert_eq!(read.value.as_ref().unwrap().get(), r#"{"lat":47.64263,"lon":null}"#);

    let upload = json!({"connectionString": "AccountKey=*****", "container": "c", "state": "resting",
                        "sasTtl": "PT1H", "etag": "\"7502ac89\""});
    let service = Service::answering(200, upload).await;
    let read = service.client.get_file_upload().send().await.unwrap();
    assert_eq!(read.state, Some(enums::FileUploadState::Unknown("resting".to_owned())));
    assert!(!format!("{read:?}").contains("AccountKey"));

    let modules = json!({"value": [{"@type": ["EdgeModule"], "name": "m"}, {"@type": "x"}]});
    let service = Service::answering(200, modules).await;
    let read = service.client.list_device_modules().device_id("a").send().await.unwrap();
    assert_eq!(read.value[1].get(), r#"{"@type":"x"}"#);
}

#[tokio::test]
async fn templates_keep_what_is_not_declared() {
    let template = json!({
        "@id": "dtmi:modelDefinition:spzeut3n:n2lteu39u", "@context": ["dtmi:iotcentral:context;2"],
        "@type": ["ModelDefinition", "DeviceModel"], "etag": "\"~F8XUYhRYW\"",
        "displayName": "Thermostat", "capabilityModel": {"@type": "Interface", "contents": []},
    });
    let service = Service::answering(200, template.clone()).await;
    let read = service.client.get_device_template().device_template_id("dtmi:a:b;1").send().await;
    assert!(service.request().target.starts_with("/api/deviceTemplates/dtmi:a:b;1?"));
    let read: DeviceTemplate = read.unwrap().parse().unwrap();
    assert_eq!(read.id.as_deref(), Some("dtmi:modelDefinition:spzeut3n:n2lteu39u"));
    let put = service.client.create_device_template().device_template_id("dtmi:a:b;1");
    put.body(&read).send().await.unwrap();
    assert_eq!(service.body(), template);
}

#[tokio::test]
async fn next_links_are_followed_as_they_are_and_nowhere_else() {
    let service = Service::answering(200, json!({"value": []})).await;
    let url = service.recorder.url().to_owned();
    let answer = |next: String| Canned {
        status: 200,
        headers: Vec::new(),
        content: Some(("application/json".to_owned(), json!({"value": [], "nextLink": next}))),
    };
    let link = "/api/devices?api-version=2022-07-31&%24skiptoken=%257B%2522a%2522%253A1%257D";
    service.recorder.answer_with(answer(format!("{url}{link}")));
    let mut pages = service.client.list_devices().pages();
    pages.next_page().await.unwrap().unwrap();
    pages.next_page().await.unwrap().unwrap();
    let targets: Vec<String> = service.recorder.take().into_iter().map(|it| it.target).collect();
    assert_eq!(targets, ["/api/devices?api-version=2022-07-31", link]);

    service.recorder.answer_with(answer("https://elsewhere.example/api/devices".to_owned()));
    let mut pages = service.client.list_devices().pages();
    pages.next_page().await.unwrap().unwrap();
    let error = pages.next_page().await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Paging, "{error}");
    assert_eq!(service.recorder.take().len(), 1);
}

#[tokio::test]
async fn errors_carry_code_request_id_and_a_hint() {
    let body = json!({"error": {
        "code": "Unauthenticated", "message": "Invalid credentials.", "requestId": "129yztvc",
        "time": "Tue, 25 Apr 2023 11:24:53 GMT",
    }});
    let service = Service::answering(401, body).await;
    let error = service.client.get_device().device_id("a").send().await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Denied, Some("Unauthenticated")));
    assert_eq!(error.request_id(), Some("129yztvc"));
    assert!(error.hint().unwrap().contains("Bearer"), "{:?}", error.hint());

    let timeout = json!({"error": {"code": "RequestTimeout", "message": "No answer."}});
    let service = Service::answering(408, timeout).await;
    let run = service.client.run_device_command().device_id("a").command_name("c");
    let error = run.body(types::DeviceCommand::builder()).send().await.unwrap_err();
    assert_eq!((error.attempts(), service.recorder.take().len()), (1, 1), "never run twice");
    for row in OPERATIONS.iter().filter(|row| row.path.contains("/commands/")) {
        let runs = row.method == "POST";
        assert_eq!((row.answer_seconds.is_some(), row.idempotent), (runs, !runs), "{}", row.id);
    }
    assert!(error.hint().unwrap().contains("responseTimeout"), "{:?}", error.hint());

    let service = Service::answering(200, json!({"value": [{"type": "email", "id": 7}]})).await;
    let error = service.client.list_users().send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(error.to_string().contains(" at value"), "{error}");
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
