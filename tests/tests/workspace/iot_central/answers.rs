//! Answers that are documented, new to the client, or wrong.

use futures_util::StreamExt as _;
use serde_json::{Value, json};
use twinkit_iot_central::kinds::{Attestation, JobData, JobScheduleEnd, User};
use twinkit_iot_central::{DeviceTemplate, ErrorKind, Json, OPERATIONS, enums, types};
use twinkit_tests::support::recorder::Canned;

use super::Service;

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
