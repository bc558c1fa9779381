//! What answers may look like: documented samples, members and values that are
//! not known here, nulls, nothing at all.

use serde::Deserialize;
use serde_json::{Value, json};
use twinkit_digital_twins::enums::{DeleteJobStatus, ImportJobStatus};
use twinkit_digital_twins::{Client, ErrorKind, Json, QueryCharge, Twin, types};
use twinkit_tests::support::recorder::{Canned, Recorder};
use twinkit_tests::support::token;

async fn answering(status: u16, headers: &[(&str, &str)], body: Value) -> (Recorder, Client) {
    let recorder = Recorder::start().await.unwrap();
    recorder.answer_with(Canned {
        status,
        headers: headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect(),
        content: Some(("application/json; charset=utf-8".to_owned(), body)),
    });
    let client = Client::builder(recorder.url(), token::fixed("t")).build().unwrap();
    (recorder, client)
}

fn twin() -> Value {
    json!({
        "$dtId": "room-1",
        "$etag": "W/\"e59ce8f5-03c0-4356-aea9-249ecbdc07f9\"",
        "temperature": 21.5,
        "name": null,
        "thermostat": {
            "setPoint": 20,
            "$metadata": {"setPoint": {"lastUpdateTime": "2024-01-01T00:00:00.1234567Z"}}
        },
        "$metadata": {
            "$model": "dtmi:test:Room;1",
            "$lastUpdateTime": "2024-01-01T00:00:00.1234567Z",
            "temperature": {
                "lastUpdateTime": "2024-01-01T00:00:00.1234567Z",
                "sourceTime": "2023-12-31T23:59:59Z",
                "somethingNew": {"a": [1]}
            }
        }
    })
}

#[tokio::test]
async fn a_twin_is_decoded_once_into_the_callers_type_and_kept_whole() {
    #[derive(Debug, Deserialize)]
    struct Room {
        temperature: f64,
        name: Option<String>,
    }
    let tag = "W/\"e59ce8f5-03c0-4356-aea9-249ecbdc07f9\"";
    let (_recorder, client) = answering(200, &[("ETag", tag)], twin()).await;
    let answer = client.get_twin().id("room-1").send().await.unwrap();
    assert_eq!(answer.etag().unwrap().as_str(), tag);
    assert_eq!(answer.get(), twin().to_string());
    let room: Room = answer.parse().unwrap();
    assert_eq!((room.temperature, room.name), (21.5, None));
    let whole: Twin = answer.parse().unwrap();
    assert_eq!(serde_json::to_value(whole).unwrap(), twin());
}

#[tokio::test]
async fn a_mismatch_names_the_member_and_not_its_content() {
    #[derive(Debug, Deserialize)]
    struct Wrong {
        #[serde(rename = "thermostat")]
        _thermostat: Thermostat,
    }
    #[derive(Debug, Deserialize)]
    struct Thermostat {
        #[serde(rename = "setPoint")]
        _set_point: bool,
    }
    let (_recorder, client) = answering(200, &[], twin()).await;
    let answer = client.get_twin().id("room-1").send().await.unwrap();
    let error = answer.parse::<Wrong>().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(error.to_string().contains("thermostat.setPoint"), "{error}");
}

#[tokio::test]
async fn values_that_are_new_to_the_client_are_kept() {
    let job = json!({
        "id": "j", "inputBlobUri": "https://a/in", "outputBlobUri": "https://a/out",
        "status": "Paused-By-Moonlight", "createdDateTime": "2024-01-01T00:00:00.0000000Z",
        "finishedDateTime": null, "error": null, "somethingNew": {"deep": [null]}
    });
    let (_recorder, client) = answering(200, &[], job).await;
    let job = client.get_import_job().id("j").send().await.unwrap().into_inner();
    assert_eq!(job.status, Some(ImportJobStatus::Unknown("Paused-By-Moonlight".to_owned())));
    assert!(job.finished_date_time.is_none());
    let again = serde_json::to_value(&job).unwrap();
    assert_eq!(again["status"], "Paused-By-Moonlight");
    assert_eq!(DeleteJobStatus::from("running"), DeleteJobStatus::Running);
}

#[tokio::test]
async fn lists_may_be_empty_and_links_null_or_absent() {
    for body in [
        json!({"value": [], "nextLink": null}),
        json!({"value": []}),
        json!({"value": [], "nextLink": ""}),
    ] {
        let (recorder, client) = answering(200, &[], body).await;
        let page = client.list_models().send().await.unwrap();
        assert!(page.value.is_empty());
        let mut items = client.list_relationships().id("a").items();
        assert!(futures_util::StreamExt::next(&mut items).await.is_none());
        assert_eq!(recorder.take().len(), 2);
    }
}

#[tokio::test]
async fn models_and_rows_with_nulls_and_news_are_read() {
    let models = json!({"value": [{
        "id": "dtmi:test:Room;1", "displayName": {"en": "Room"}, "description": {},
        "uploadTime": "2024-01-01T00:00:00.0000000+00:00", "decommissioned": false,
        "model": null, "brandNew": 1
    }], "nextLink": null, "alsoNew": true});
    let (_recorder, client) = answering(200, &[], models).await;
    let page = client.list_models().send().await.unwrap();
    let model: &types::DigitalTwinsModelData = &page.value[0];
    assert_eq!(model.id, "dtmi:test:Room;1");
    assert_eq!(model.decommissioned, Some(false));

    let rows =
        json!({"value": [{"a": null}, {}, {"b": [1, {"c": "ü"}]}], "continuationToken": null});
    let (_recorder, client) = answering(200, &[("query-charge", "3.5")], rows.clone()).await;
    let mut pages = client.query("SELECT *").pages::<Json>();
    let page = pages.next_page().await.unwrap().unwrap();
    assert_eq!(page.query_charge(), Some(3.5));
    let texts: Vec<Value> = page.rows.iter().map(|row| row.parse().unwrap()).collect();
    assert_eq!(Value::Array(texts), rows["value"]);
    assert!(pages.next_page().await.is_none());
}

#[tokio::test]
async fn answers_that_are_no_answers_become_errors_with_their_status() {
    for (body, part) in [
        (json!(null), "does not fit"),
        (json!([]), "does not fit"),
        (json!({"value": {}}), "value"),
        (json!({"value": [7]}), "value"),
    ] {
        let (_recorder, client) = answering(200, &[], body).await;
        let error = client.list_models().send().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode, "{error}");
        assert_eq!(error.status().unwrap(), 200);
        assert!(error.to_string().contains(part), "{error}");
    }
}

#[tokio::test]
async fn only_a_page_that_does_not_fit_is_told_of_the_shapes_of_rows() {
    let gzip = ("content-encoding", "gzip");
    for (headers, text, part, advice) in [
        (&[][..], r#"{"value":[{"T":{"t":1}}]}"#, "missing field", "SELECT T"),
        (&[], r#"[[{"t":1}],null]"#, "an object with the rows", "SELECT T"),
        (&[], r#"{"value":[{"t":1e400}]}"#, "value[0].t: a number", "Json"),
        (&[], r#"{"value":[{"t":1}"#, "ends too early", "proxy"),
        (&[], "", "no body", "proxy"),
        (&[gzip], "\u{1f}\u{8b}", "content-encoding: gzip", "proxy"),
    ] {
        let (recorder, client) = answering(200, &[], Value::Null).await;
        recorder.answer_with(Canned {
            status: 200,
            headers: headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect(),
            content: Some(("text/plain".to_owned(), json!(text))),
        });
        let mut rows = client.query("SELECT * FROM DIGITALTWINS").rows::<Row>();
        let error = rows.next_row().await.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode, "{error}");
        assert!(error.to_string().contains(part), "{text}: {error}");
        assert!(error.hint().unwrap().contains(advice), "{text}: {:?}", error.hint());
    }
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "only its type matters")]
struct Row {
    t: f64,
}
