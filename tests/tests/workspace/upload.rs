//! Uploading a large model set: order, batches, and an exact account of what
//! was stored whatever happens.

use std::collections::HashSet;

use serde_json::{Value, json};
use twinkit_digital_twins::{ModelId, ModelSetError, UploadError, UploadFailure, UploadReport};
use twinkit_emulator::faults::Fault;
use twinkit_tests::support::stage::Stage;

use crate::support::hasty;

/// Models of the set; three batches of at most 250.
const MODELS: usize = 600;

/// A set in which each model extends one far before it and every tenth has the
/// one before it as a component; given in the worst order.
fn models() -> Vec<Value> {
    let id = |number: usize| format!("dtmi:test:upload:M{number};1");
    let mut models: Vec<Value> = (0..MODELS)
        .map(|number| {
            let mut model = json!({
                "@id": id(number), "@type": "Interface", "@context": "dtmi:dtdl:context;3",
                "contents": [{"@type": "Property", "name": format!("p{number}"), "schema": "string"}]
            });
            if number % 100 != 0 {
                // Chains of extension may be ten long at most.
                let parent = if number % 10 == 0 { number - number % 100 } else { number - 1 };
                model["extends"] = json!([id(parent)]);
            }
            if number % 100 == 99 {
                let component = json!({"@type": "Component", "name": "c", "schema": id(number - 99)});
                model["contents"].as_array_mut().unwrap().push(component);
            }
            model
        })
        .collect();
    models.reverse();
    models
}

/// Each model stands behind those that it extends.
fn assert_in_order(stored: &[ModelId]) {
    let mut seen: HashSet<&str> = HashSet::new();
    let all = models();
    let by_id = |id: &str| all.iter().find(|model| model["@id"] == id).unwrap();
    for id in stored {
        if let Some(parent) = by_id(id.as_str())["extends"][0].as_str() {
            assert!(seen.contains(parent), "{id} was stored before {parent}");
        }
        seen.insert(id.as_str());
    }
}

fn uploads(stage: &Stage) -> usize {
    let log = stage.emulator.requests().list();
    log.iter().filter(|request| request.method == "POST" && request.path == "/models").count()
}

fn counts(error: &UploadError) -> (usize, usize, usize, usize) {
    (error.stored.len(), error.skipped.len(), error.in_doubt.len(), error.not_stored.len())
}

fn stored(stage: &Stage) -> usize {
    stage.emulator.instance("digital-twins").unwrap().counts().0
}

async fn complete(stage: &Stage) -> UploadReport {
    stage.emulator.faults().clear();
    let report = hasty(stage).upload_models(models()).skip_existing().send().await.unwrap();
    assert_eq!(report.stored.len() + report.skipped.len(), MODELS);
    assert_eq!(stored(stage), MODELS);
    report
}

#[tokio::test]
async fn the_set_is_stored_in_order_and_in_batches_with_progress() {
    let stage = Stage::start().await.unwrap();
    let mut progress = Vec::new();
    let upload = stage.client.upload_models(models());
    let upload = upload.on_progress(|now| progress.push((now.stored, now.skipped, now.total)));
    let report = upload.send().await.unwrap();
    assert_eq!(progress, [(250, 0, 600), (500, 0, 600), (600, 0, 600)]);
    assert_eq!((report.stored.len(), report.skipped.len()), (MODELS, 0));
    assert_eq!((uploads(&stage), stored(&stage)), (3, MODELS));
    assert_in_order(&report.stored);
}

#[tokio::test]
async fn what_is_there_is_skipped_on_request_and_refused_otherwise() {
    let stage = Stage::start().await.unwrap();
    let client = &stage.client;
    client.upload_models(models()).batch_size(100).send().await.unwrap();
    assert_eq!(uploads(&stage), 6);
    let again = client.upload_models(models()).skip_existing().send().await.unwrap();
    assert_eq!((again.stored.len(), again.skipped.len()), (0, MODELS));
    assert_eq!(uploads(&stage), 6);
    let error = client.upload_models(models()).send().await.unwrap_err();
    let UploadFailure::Service(cause) = &error.failure else { panic!("{error}") };
    assert_eq!(cause.code(), Some("ModelAlreadyExists"));
    assert_eq!(counts(&error), (0, 0, 0, MODELS));
}

#[tokio::test]
async fn a_refusal_half_way_is_accounted_for_and_a_second_run_completes() {
    let stage = Stage::start().await.unwrap();
    stage
        .emulator
        .faults()
        .next(Fault::status(400).method("POST").path_contains("/models").after(1));
    let error = stage.client.upload_models(models()).send().await.unwrap_err();
    assert_eq!(counts(&error), (250, 0, 0, 350), "{error}");
    assert_eq!(stored(&stage), 250);
    assert_in_order(&error.stored);
    let report = complete(&stage).await;
    assert_eq!((report.stored.len(), report.skipped.len()), (350, 250));
}

#[tokio::test]
async fn a_lost_answer_of_a_stored_batch_stops_nothing() {
    let stage = Stage::start().await.unwrap();
    let lost = Fault::lose_answer().method("POST").path_contains("/models").after(1);
    let fault = stage.emulator.faults().next(lost);
    let report = hasty(&stage).upload_models(models()).send().await.unwrap();
    assert_eq!(stage.emulator.faults().served(fault), 1);
    assert_eq!((report.stored.len(), stored(&stage)), (MODELS, MODELS));
    assert_in_order(&report.stored);
}

#[tokio::test]
async fn a_connection_that_breaks_before_a_batch_is_stored_counts_it_as_not_stored() {
    let stage = Stage::start().await.unwrap();
    stage.emulator.faults().next(Fault::reset().method("POST").path_contains("/models").after(1));
    let error = hasty(&stage).upload_models(models()).send().await.unwrap_err();
    assert_eq!(counts(&error), (250, 0, 0, 350), "{error}");
    assert_eq!(stored(&stage), 250);
    assert_eq!(complete(&stage).await.skipped.len(), 250);
}

#[tokio::test]
async fn a_batch_whose_fate_cannot_be_asked_is_in_doubt_and_a_second_run_completes() {
    let stage = Stage::start().await.unwrap();
    let faults = stage.emulator.faults();
    faults.next(Fault::lose_answer().method("POST").path_contains("/models").after(1));
    faults.next(Fault::status(503).method("GET").path_contains("/models").always());
    let error = hasty(&stage).upload_models(models()).send().await.unwrap_err();
    assert_eq!(counts(&error), (250, 0, 250, 100), "{error}");
    assert_eq!(stored(&stage), 500, "the service did store the batch in doubt");
    assert!(error.to_string().contains("skip_existing"), "{error}");
    let report = complete(&stage).await;
    assert_eq!((report.stored.len(), report.skipped.len()), (100, 500));
}

#[tokio::test]
async fn a_set_that_cannot_be_uploaded_is_refused_before_anything_is_sent() {
    let stage = Stage::start().await.unwrap();
    let mut set = models();
    set.push(set[0].clone());
    let error = stage.client.upload_models(set).send().await.unwrap_err();
    assert!(matches!(error.failure, UploadFailure::Models(ModelSetError::Duplicate { .. })));
    let none: Vec<Value> = Vec::new();
    assert_eq!(stage.client.upload_models(none).send().await.unwrap(), UploadReport::default());
    assert_eq!(uploads(&stage), 0);
}
