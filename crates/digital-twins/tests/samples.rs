//! The shapes that the platform's published examples have, and those that
//! differ from them on the wire, read into the client's types.

#![cfg(test)]

use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use twinkit_digital_twins::{
    Component, Relationship, Twin,
    enums::{DeleteJobStatus, ImportJobStatus},
    types,
};

fn read<T: DeserializeOwned>(sample: Value) -> T {
    serde_json::from_str(&sample.to_string()).unwrap()
}

/// Both ways to write a moment, with seven digits, are the same moment.
#[test]
fn times_come_with_an_offset_or_with_z() {
    let mut times = Vec::new();
    for time in ["2024-02-28T00:30:00.1234567+00:00", "2024-02-28T00:30:00.1234567Z"] {
        let model: types::DigitalTwinsModelData =
            read(json!({"id": "dtmi:ex:A;1", "uploadTime": time}));
        let upload = model.upload_time.unwrap();
        assert_eq!(serde_json::to_value(&upload).unwrap(), time);
        times.push(upload.to_system_time().unwrap());
    }
    let since = times[0].duration_since(std::time::UNIX_EPOCH).unwrap();
    assert_eq!(since, Duration::new(1_709_080_200, 123_456_700));
    assert_eq!(times[0], times[1]);
}

/// The examples leave out what is empty; the wire has `{}` and null.
#[test]
fn models_are_read_with_and_without_their_texts() {
    let time = "2024-01-01T00:00:00.0000000+00:00";
    let bare: types::DigitalTwinsModelData =
        read(json!({"id": "dtmi:ex:A;1", "uploadTime": time, "decommissioned": false}));
    assert!(bare.display_name.is_none() && bare.model.is_none());
    let full: types::DigitalTwinsModelData = read(json!({
        "id": "dtmi:ex:A;1", "displayName": {"en": "A"}, "description": {},
        "uploadTime": time, "decommissioned": true, "model": {"@id": "dtmi:ex:A;1"},
    }));
    assert_eq!(full.display_name.unwrap()["en"], "A");
    assert_eq!(full.description.unwrap().len(), 0);
    assert_eq!(full.model.unwrap().parse::<Value>().unwrap()["@id"], "dtmi:ex:A;1");
}

#[test]
fn jobs_are_read_in_every_state() {
    let mut sample = json!({
        "id": "j", "inputBlobUri": "https://s/c/in", "outputBlobUri": "https://s/c/out",
        "createdDateTime": "2024-01-01T00:00:00.0000000+00:00",
        "lastActionDateTime": "2024-01-01T00:01:00.0000000+00:00",
        "purgeDateTime": "2024-01-31T00:00:00.0000000+00:00", "status": "cancelling",
    });
    let job: types::ImportJob = read(sample.clone());
    assert_eq!(job.status, Some(ImportJobStatus::Cancelling));
    assert!(job.finished_date_time.is_none() && job.error.is_none());
    sample["finishedDateTime"] = Value::Null;
    sample["error"] = Value::Null;
    sample["status"] = json!("notstarted");
    let job: types::ImportJob = read(sample.clone());
    assert_eq!(job.status, Some(ImportJobStatus::NotStarted));
    assert!(job.finished_date_time.is_none() && job.error.is_none());
    sample["finishedDateTime"] = json!("2024-01-01T00:02:00.0000000+00:00");
    sample["status"] = json!("failed");
    sample["error"] = json!({"code": "DTDLParsingError", "message": "m",
                             "details": [{"code": "X", "message": "n"}],
                             "innererror": {"code": "Y", "innererror": {"code": "Z"}}});
    let job: types::ImportJob = read(sample);
    let error = job.error.unwrap();
    assert_eq!(error.code.as_deref(), Some("DTDLParsingError"));
    assert_eq!(error.details.unwrap()[0].message.as_deref(), Some("n"));
    assert_eq!(error.innererror.unwrap().innererror.unwrap().code.as_deref(), Some("Z"));
    let job: types::DeleteJob = read(json!({
        "id": "d", "createdDateTime": "2024-01-01T00:00:00.0000000+00:00",
        "finishedDateTime": null, "status": "running", "error": null,
    }));
    assert_eq!(job.status, Some(DeleteJobStatus::Running));
}

/// The example's link is a path; the wire's is an absolute address.
#[test]
fn incoming_relationships_are_read_whatever_their_link() {
    for link in [
        "/digitaltwins/a/relationships/feeds/r1",
        "https://x.api.weu.digitaltwins.azure.net/digitaltwins/a/relationships/r1?api-version=2023-10-31",
    ] {
        let page: types::IncomingRelationshipCollection = read(json!({
            "value": [{"$sourceId": "a", "$relationshipId": "r1", "$relationshipName": "feeds",
                       "$relationshipLink": link}],
            "nextLink": null,
        }));
        let row = serde_json::to_value(&page.value[0]).unwrap();
        assert_eq!((&row["$sourceId"], &row["$relationshipLink"]), (&json!("a"), &json!(link)));
        assert!(page.next_link.is_none());
    }
}

/// Source times may have nine digits, rows no etag, components a time of their own.
#[test]
fn twins_of_the_examples_go_out_as_they_came() {
    let stamp = json!({"lastUpdateTime": "2024-02-28T00:30:00.1234567Z"});
    let component = json!({
        "set": 1,
        "$metadata": {"$lastUpdateTime": "2024-02-28T00:30:00.1234567Z", "set": stamp},
    });
    let row = json!({
        "$dtId": "t1", "temp": 79, "part": component,
        "$metadata": {
            "$model": "dtmi:ex:A;1", "$lastUpdateTime": "2024-02-28T00:30:00.1234567Z",
            "temp": {"lastUpdateTime": "2024-02-28T00:30:00.1234567Z",
                     "sourceTime": "2024-02-28T00:29:00.000125009Z"},
        },
    });
    let twin: Twin = read(row.clone());
    assert!(twin.etag.is_none());
    assert_eq!(serde_json::to_value(twin).unwrap(), row);
    let part: Component = read(component.clone());
    assert_eq!(serde_json::to_value(part).unwrap(), component);
    let relationship = json!({
        "$relationshipId": "r1", "$etag": "W/\"9c2876c2-aff0-40b3-9fba-0c6be9d020a6\"",
        "$sourceId": "a", "$relationshipName": "feeds", "$targetId": "b", "load": 1.5,
    });
    let read_back: Relationship = read(relationship.clone());
    assert_eq!(serde_json::to_value(read_back).unwrap(), relationship);
}
