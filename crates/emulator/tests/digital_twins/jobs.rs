//! Import and delete jobs.

use std::time::Duration;

use serde_json::{Value, json};
use twinkit_emulator::digital_twins::{Config, JobPace};

use crate::support::{Api, all_pages, models};

const INPUT: &str = "https://store.example/in/file.ndjson?sig=x";
const OUTPUT: &str = "https://store.example/out/log.ndjson?sig=x";

/// A job at this pace, on a clock that stands still unless waited for.
fn slow() -> Api {
    let jobs = JobPace { start_delay: Duration::from_secs(1), item_delay: Duration::from_secs(1) };
    Api::with(Config { jobs, ..Config::default() })
}

fn put_input(api: &Api, lines: &[Value]) {
    let head = [json!({"Section": "Header"}), json!({"fileVersion": "1.0.0", "author": "a"})];
    let text: String = head.iter().chain(lines).map(|line| format!("{line}\n")).collect();
    api.blobs.0.lock().unwrap().insert(INPUT.to_owned(), text.into_bytes());
}

fn whole_input(api: &Api) {
    let mut lines = vec![json!({"Section": "Models"})];
    lines.extend(models());
    lines.extend([
        json!({"Section": "Twins"}),
        json!({"$dtId": "f", "$metadata": {"$model": "dtmi:test:Floor;1"}, "name": "F"}),
        json!({"$dtId": "r", "$metadata": {"$model": "dtmi:test:Room;1"},
               "thermostat": {"$metadata": {}}}),
        json!({"Section": "Relationships"}),
        json!({"$dtId": "f", "$relationshipId": "1", "$targetId": "r",
               "$relationshipName": "contains", "since": "2024-01-01"}),
    ]);
    put_input(api, &lines);
}

fn log(api: &Api) -> Vec<Value> {
    let blobs = api.blobs.0.lock().unwrap();
    let text = blobs.get(OUTPUT).cloned().unwrap_or_default();
    let text = String::from_utf8(text).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn uris() -> Value {
    json!({"inputBlobUri": INPUT, "outputBlobUri": OUTPUT})
}

/// Polls until the job has ended. Time passes while it waits.
async fn ended(api: &Api, path: &str) -> Value {
    loop {
        let job = api.get(path).await.expect(200).json();
        let status = job["status"].as_str().unwrap();
        if !["notstarted", "running", "cancelling"].contains(&status) {
            return job;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn status(api: &Api, path: &str) -> String {
    api.get(path).await.expect(200).json()["status"].as_str().unwrap().to_owned()
}

#[tokio::test(start_paused = true)]
async fn an_import_runs_and_tells_its_story() {
    let api = slow();
    whole_input(&api);
    let job = api.put("/jobs/imports/j1", &uris()).await.expect(201).json();
    let created = job["createdDateTime"].as_str().unwrap();
    assert!(created.len() == 33 && created.ends_with("+00:00"), "{created}");
    assert_eq!(
        job,
        json!({
            "id": "j1", "inputBlobUri": INPUT, "outputBlobUri": OUTPUT, "status": "notstarted",
            "createdDateTime": created, "lastActionDateTime": created, "finishedDateTime": null,
            "purgeDateTime": job["purgeDateTime"], "error": null,
        })
    );
    let days = |time: &Value| {
        let time: jiff::Timestamp = time.as_str().unwrap().parse().unwrap();
        time.as_second() / 86_400
    };
    assert_eq!(days(&job["purgeDateTime"]) - days(&job["createdDateTime"]), 30);
    assert_eq!(status(&api, "/jobs/imports/j1").await, "notstarted");
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(status(&api, "/jobs/imports/j1").await, "running");
    let job = ended(&api, "/jobs/imports/j1").await;
    assert_eq!((&job["status"], &job["error"]), (&json!("succeeded"), &Value::Null));
    assert!(job["finishedDateTime"].is_string());
    assert_eq!(api.instance.counts(), (4, 2, 1));
    assert_eq!(api.get("/digitaltwins/f/relationships/1").await.json()["since"], "2024-01-01");
    let story: Vec<Value> = log(&api).iter().map(|line| line["details"].clone()).collect();
    let step = |section: &str, status: &str| json!({"section": section, "status": status});
    assert_eq!(
        story,
        [
            json!({"status": "Started"}),
            step("Models", "Started"),
            step("Models", "Succeeded"),
            step("Twins", "Started"),
            step("Twins", "Succeeded"),
            step("Relationships", "Started"),
            step("Relationships", "Succeeded"),
            json!({"status": "Succeeded"}),
        ]
    );
    let line = &log(&api)[0];
    assert_eq!((&line["jobId"], &line["jobType"]), (&json!("j1"), &json!("Import")));
    assert_eq!(line["logType"], "Info");
}

#[tokio::test(start_paused = true)]
async fn items_that_cannot_be_imported_are_listed() {
    let api = Api::with_models();
    api.room("r").await;
    let before = api.get("/digitaltwins/r").await.json();
    put_input(
        &api,
        &[
            json!({"Section": "Models"}),
            models().remove(0),
            json!({"Section": "Twins"}),
            json!({"$dtId": "r", "$metadata": {"$model": "dtmi:test:Floor;1"}}),
            json!({"$dtId": "x", "$metadata": {"$model": "dtmi:none:None;1"}}),
            json!({"$metadata": {"$model": "dtmi:test:Floor;1"}}),
            json!({"$dtId": "f", "$metadata": {"$model": "dtmi:test:Floor;1"}}),
            json!({"Section": "Relationships"}),
            json!({"$dtId": "f", "$relationshipId": "1", "$targetId": "none", "$relationshipName": "near"}),
            json!({"$dtId": "f", "$relationshipId": "2", "$targetId": "r", "$relationshipName": "near"}),
        ],
    );
    api.put("/jobs/imports/j", &uris()).await.expect(201);
    let job = ended(&api, "/jobs/imports/j").await;
    assert_eq!(job["status"], "failed");
    assert_eq!(job["error"]["code"], "ValidationFailed");
    assert_eq!(api.instance.counts(), (4, 2, 1));
    assert_eq!(api.get("/digitaltwins/r").await.json(), before);
    let errors: Vec<(Value, Value, Value)> = log(&api)
        .iter()
        .filter(|line| line["logType"] == "Error")
        .map(|line| &line["details"])
        .map(|it| (it["section"].clone(), it["line"].clone(), it["error"]["code"].clone()))
        .collect();
    let error = |section: &str, line: u32, code: &str| (json!(section), json!(line), json!(code));
    assert_eq!(
        errors,
        [
            error("Models", 4, "ModelAlreadyExists"),
            error("Twins", 6, "PreconditionFailed"),
            error("Twins", 7, "ValidationFailed"),
            error("Twins", 8, "ValidationFailed"),
            error("Relationships", 11, "TargetTwinNotFound"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn imports_that_cannot_begin_fail() {
    let api = Api::new();
    let fail = |id: &'static str| {
        let api = &api;
        async move {
            let path = format!("/jobs/imports/{id}");
            api.put(&path, &uris()).await.expect(201);
            let job = ended(api, &path).await;
            assert_eq!(job["status"], "failed");
            job["error"].clone()
        }
    };
    let missing = api.put("/jobs/imports/1", &uris()).await.refused(400, "InvalidArgument");
    assert!(missing["error"]["message"].as_str().unwrap().contains("is not there"));
    api.blobs.0.lock().unwrap().insert(INPUT.to_owned(), b"{}".to_vec());
    assert!(fail("2").await["message"].as_str().unwrap().contains("first section"));
    put_input(&api, &[json!({"Section": "Models"}), models().remove(0)]);
    let error = fail("3").await;
    assert_eq!(error["code"], "DTDLParsingError");
    assert!(error["message"].as_str().unwrap().contains("dtmi:test:Space;1"), "{error}");
    assert_eq!(api.instance.counts(), (0, 0, 0));
}

#[tokio::test(start_paused = true)]
async fn import_requests_are_checked() {
    let api = slow();
    let faults = api.put("/jobs/imports/j", &json!({"inputBlobUri": 1})).await.faults();
    assert_eq!(
        faults,
        ["inputBlobUri is missing or not a string", "outputBlobUri is missing or not a string"]
    );
    for bad in ["x", "ftp://store.example/in/file", "https://store.example/in"] {
        let body = json!({"inputBlobUri": bad, "outputBlobUri": OUTPUT});
        api.put("/jobs/imports/j", &body).await.refused(400, "InvalidArgument");
    }
    for (method, path) in [
        ("GET", "/jobs/imports/none"),
        ("DELETE", "/jobs/imports/none"),
        ("POST", "/jobs/imports/none/cancel"),
    ] {
        api.send(method, path, &[], None).await.refused(404, "ImportJobNotFound");
    }
    let long = format!("/jobs/imports/{}", "a".repeat(129));
    api.put(&long, &uris()).await.refused(400, "ValidationFailed");
    api.delete(&long).await.refused(400, "ValidationFailed");
    let cancel = format!("{long}/cancel");
    api.send("POST", &cancel, &[], None).await.refused(400, "ValidationFailed");
    whole_input(&api);
    api.put("/jobs/imports/a", &uris()).await.expect(201);
    api.put("/jobs/imports/a", &uris()).await.refused(409, "JobIdAlreadyExists");
    api.put("/jobs/imports/b", &uris()).await.refused(400, "JobLimitReached");
    api.send("POST", "/jobs/deletions", &[], None).await.refused(400, "JobLimitReached");
    let faults = api.delete("/jobs/imports/a").await.faults();
    assert_eq!(faults, ["it is notstarted; cancel it first"]);
    ended(&api, "/jobs/imports/a").await;
    api.put("/jobs/imports/a", &uris()).await.refused(409, "JobIdAlreadyExists");
    api.delete("/jobs/imports/a").await.empty();
    api.put("/jobs/imports/a", &uris()).await.expect(201);
    ended(&api, "/jobs/imports/a").await;
    api.put("/jobs/imports/b", &uris()).await.expect(201);
    let size = [("max-items-per-page", "1")];
    let pages = all_pages(&api, "/jobs/imports", &size).await;
    let ids: Vec<&Value> = pages.iter().flatten().map(|job| &job["id"]).collect();
    assert_eq!(ids, ["a", "b"]);
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_import_leaves_what_it_wrote() {
    let api = slow();
    whole_input(&api);
    api.put("/jobs/imports/j", &uris()).await.expect(201);
    tokio::time::sleep(Duration::from_millis(1500)).await;
    let job = api.send("POST", "/jobs/imports/j/cancel", &[], None).await.expect(200).json();
    assert_eq!(job["status"], "cancelling");
    let job = ended(&api, "/jobs/imports/j").await;
    assert_eq!(job["status"], "cancelled");
    assert_eq!(api.instance.counts(), (4, 1, 0));
    assert_eq!(log(&api).last().unwrap()["details"], json!({"status": "Cancelled"}));
    let again = api.send("POST", "/jobs/imports/j/cancel", &[], None).await.expect(200).json();
    assert_eq!(again, job);
    api.put("/jobs/imports/early", &uris()).await.expect(201);
    api.send("POST", "/jobs/imports/early/cancel", &[], None).await.expect(200);
    assert_eq!(ended(&api, "/jobs/imports/early").await["status"], "cancelled");
}

#[tokio::test(start_paused = true)]
async fn a_delete_job_empties_the_instance() {
    let api = slow();
    api.instance.create_models(&models()).unwrap();
    let floor = crate::support::floor(json!({}));
    for id in ["f", "g"] {
        api.put(&format!("/digitaltwins/{id}"), &floor).await.expect(200);
    }
    let near = json!({"$targetId": "g", "$relationshipName": "near"});
    api.put("/digitaltwins/f/relationships/1", &near).await.expect(200);
    let route = json!({"endpointName": "events", "filter": "true"});
    api.put("/eventroutes/r", &route).await.empty();

    let id = [("operation-id", "d 1")];
    let path = "/jobs/deletions?timeoutInMinutes=15";
    let answer = api.send("POST", path, &id, None).await.expect(202);
    assert_eq!(
        answer.header("operation-location"),
        Some("http://adt.example:8443/jobs/deletions/d%201?api-version=2023-10-31")
    );
    assert_eq!(answer.header("operation-id"), Some("d 1"));
    let job = answer.json();
    assert_eq!(
        job,
        json!({"id": "d 1", "status": "notstarted", "createdDateTime": job["createdDateTime"],
               "finishedDateTime": null, "purgeDateTime": job["purgeDateTime"], "error": null})
    );
    let whole = [("operation-id", "d 1")];
    api.send("POST", "/jobs/deletions", &whole, None).await.refused(400, "ValidationFailed");
    api.send("POST", "/jobs/deletions", &[], None).await.refused(400, "JobLimitReached");
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(status(&api, "/jobs/deletions/d%201").await, "running");
    assert_eq!(ended(&api, "/jobs/deletions/d%201").await["status"], "succeeded");
    assert_eq!(api.instance.counts(), (0, 0, 0));
    api.get("/eventroutes/r").await.expect(200);
    let other = api.send("POST", "/jobs/deletions", &[], None).await.expect(202).json();
    assert_eq!(other["id"].as_str().unwrap().len(), 36);
    let pages = all_pages(&api, "/jobs/deletions", &[("max-items-per-page", "1")]).await;
    assert_eq!(pages.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn delete_requests_are_checked() {
    let api = slow();
    for bad in ["14", "1441", "x", "", "-1"] {
        let path = format!("/jobs/deletions?timeoutInMinutes={bad}");
        api.send("POST", &path, &[], None).await.refused(400, "ValidationFailed");
    }
    api.get("/jobs/deletions/none").await.refused(404, "DeleteJobNotFound");
    // Deletions cannot be deleted or cancelled.
    api.delete("/jobs/deletions/none").await.expect(405);
    api.send("POST", "/jobs/deletions/none/cancel", &[], None).await.expect(404);
}

#[tokio::test(start_paused = true)]
async fn a_delete_job_that_takes_too_long_fails() {
    let api = slow();
    api.instance.create_models(&models()).unwrap();
    let path = "/jobs/deletions?timeoutInMinutes=15";
    api.send("POST", path, &[("operation-id", "d")], None).await.expect(202);
    tokio::time::sleep(Duration::from_millis(1500)).await;
    api.clock.advance(Duration::from_secs(15 * 60));
    let job = ended(&api, "/jobs/deletions/d").await;
    assert_eq!((&job["status"], &job["error"]["code"]), (&json!("failed"), &json!("TimeoutError")));
    assert_eq!(api.instance.counts().0, 3);
}

#[tokio::test(start_paused = true)]
async fn records_are_purged_after_thirty_days() {
    let api = Api::new();
    whole_input(&api);
    api.put("/jobs/imports/j", &uris()).await.expect(201);
    ended(&api, "/jobs/imports/j").await;
    let id = [("operation-id", "d")];
    api.send("POST", "/jobs/deletions", &id, None).await.expect(202);
    ended(&api, "/jobs/deletions/d").await;
    api.clock.advance(Duration::from_secs(31 * 86_400));
    api.get("/jobs/imports/j").await.refused(404, "ImportJobNotFound");
    api.get("/jobs/deletions/d").await.refused(404, "DeleteJobNotFound");
}
