//! Answers and refusals of the iTwin Platform that the vendor's own clients are
//! tested with: read by our types and written again without loss, and described
//! by our specifications.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use twinkit_itwin::imodels::Conflict;
use twinkit_itwin::{Error, ErrorDetail, ErrorKind};
use twinkit_tests::contract::Subject;
use twinkit_tests::coverage::{itwin, itwin_spec, root};
use twinkit_tests::generated::{Answer, Failure, Values};
use twinkit_tests::spec::{Document, Operation, Purpose, example};
use twinkit_tests::support::recorder::{Canned, Recorder};

fn samples(name: &str) -> Vec<Value> {
    let path = root().join("tests/fixtures/itwin").join(name);
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The APIs that samples are of, each with its specification and its client.
#[derive(Default)]
struct Apis {
    documents: BTreeMap<String, Document>,
    access_control: itwin::AccessControl,
    imodels: itwin::IModels,
    itwins: itwin::ITwins,
    storage: itwin::Storage,
}

impl Apis {
    /// The specification of a sample's API, and the sample's operation.
    fn described(&mut self, sample: &Value) -> (&Document, Operation) {
        let api = sample["api"].as_str().unwrap();
        let document = self
            .documents
            .entry(api.to_owned())
            .or_insert_with(|| Document::from_file(&itwin_spec(api)).unwrap());
        let operations = document.operations().unwrap();
        let id = sample["operation"].as_str().unwrap();
        let operation = operations.into_iter().find(|operation| operation.id == id).unwrap();
        (document, operation)
    }

    async fn call(&self, sample: &Value, url: &str, values: &Values) -> Result<Answer, Failure> {
        let id = sample["operation"].as_str().unwrap();
        match sample["api"].as_str().unwrap() {
            "access-control" => self.access_control.call(url, id, values, &[]).await,
            "imodels" => self.imodels.call(url, id, values, &[]).await,
            "itwins" => self.itwins.call(url, id, values, &[]).await,
            "storage" => self.storage.call(url, id, values, &[]).await,
            other => panic!("no sample is of {other}"),
        }
    }
}

/// Values for a call of the operation: the sample's, and made-up ones for what it
/// does not tell.
fn values(document: &Document, operation: &Operation, sample: &Value) -> Values {
    let mut given = Map::new();
    for parameter in operation.parameters.iter().filter(|parameter| parameter.required) {
        given.insert(parameter.name.clone(), "some-id".into());
    }
    if let Some(parameters) = sample["parameters"].as_object() {
        given.extend(parameters.clone());
    }
    if let Some(body) = &operation.body {
        let made = || example(document, &body.schema, Purpose::Request, 0, "body").unwrap();
        let told = sample.get("body").cloned();
        given.insert("body".to_owned(), told.unwrap_or_else(made));
    }
    given.into()
}

/// A value without members that are null: to the types, these are not there.
fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let kept = members.iter().filter(|(_, member)| !member.is_null());
            Value::Object(kept.map(|(name, it)| (name.clone(), without_nulls(it))).collect())
        }
        Value::Array(elements) => elements.iter().map(without_nulls).collect(),
        // 34 and 34.0 are one number.
        Value::Number(number) => number.as_f64().map_or(Value::Null, Value::from),
        other => other.clone(),
    }
}

#[tokio::test]
async fn every_answer_is_read_and_written_again_without_loss() {
    let recorder = Recorder::start().await.unwrap();
    let mut apis = Apis::default();
    let mut lost = Vec::new();
    let mut read = 0;
    for sample in samples("answers.json") {
        let status = u16::try_from(sample["status"].as_u64().unwrap()).unwrap();
        let (document, operation) = apis.described(&sample);
        let values = values(document, &operation, &sample);
        let id = &operation.id;
        let answer = sample.get("answer").cloned().unwrap_or_default();
        let content = sample.get("answer").map(|it| ("application/json".to_owned(), it.clone()));
        recorder.answer_with(Canned { status, headers: Vec::new(), content });
        let outcome = apis.call(&sample, recorder.url(), &values).await;
        let sent = recorder.take().pop().unwrap();
        // What the client sends is what the vendor's clients send.
        if let Some(body) = sample.get("body") {
            let sent: Value = serde_json::from_slice(&sent.body).unwrap();
            assert_eq!(without_nulls(&sent), without_nulls(body), "{id}");
        }
        match outcome {
            Ok(kept) if status < 300 => {
                read += 1;
                let mut kept = kept;
                // A full answer is read as one.
                if operation.representation.is_some() {
                    let values = values.with("Prefer", "return=representation");
                    kept = apis.call(&sample, recorder.url(), &values).await.unwrap();
                    drop(recorder.take());
                }
                if without_nulls(&kept.value) != without_nulls(&answer) {
                    lost.push(format!("{id}: of {answer} stayed {}", kept.value));
                }
            }
            Err(Failure::Call(error)) if status >= 300 => {
                read += 1;
                assert_eq!(error.status().unwrap().as_u16(), status);
                lost.extend(unlike(&error, &answer["error"]).map(|it| format!("{id}: {it}")));
            }
            other => lost.push(format!("{id} {status}: {other:?}")),
        }
    }
    assert!(lost.is_empty(), "{}", lost.join("\n"));
    assert_eq!(read, 91);
}

/// What of an error's object does not stand in the error.
fn unlike(error: &Error, object: &Value) -> Option<String> {
    let same = |kept: Option<&str>, name: &str| object.get(name).and_then(Value::as_str) == kept;
    let message = object.get("message").is_none() || same(error.message(), "message");
    let detail = |(kept, sent): (&ErrorDetail, &Value)| {
        let text = |name: &str| sent.get(name).and_then(Value::as_str).map(str::to_owned);
        kept.code == text("code")
            && kept.message == text("message")
            && kept.target == text("target")
    };
    let empty = Vec::new();
    let sent = object.get("details").and_then(Value::as_array).unwrap_or(&empty);
    let details =
        error.details().len() == sent.len() && error.details().iter().zip(sent).all(detail);
    let whole = same(error.code(), "code") && message && same(error.target(), "target") && details;
    (!whole).then(|| format!("of {object} stayed {error:?}"))
}

#[tokio::test]
async fn refusals_keep_code_details_targets_and_conflicts() {
    let recorder = Recorder::start().await.unwrap();
    let mut apis = Apis::default();
    let mut conflicts = 0;
    for sample in samples("refusals.json") {
        let status = sample["statuses"][0].as_u64().unwrap_or(409);
        let status = u16::try_from(status).unwrap();
        if status < 300 || sample["error"] == serde_json::json!({}) {
            continue;
        }
        let (document, operation) = apis.described(&sample);
        let values = values(document, &operation, &sample);
        let body = serde_json::json!({"error": sample["error"]});
        let content = Some(("application/json".to_owned(), body));
        recorder.answer_with(Canned { status, headers: Vec::new(), content });
        let Err(Failure::Call(error)) = apis.call(&sample, recorder.url(), &values).await else {
            panic!("{sample}")
        };
        assert_eq!(unlike(&error, &sample["error"]), None, "{}", operation.id);
        let conflict = Conflict::of(&error);
        let sent = |name: &str| {
            sample["error"].get(name).cloned().unwrap_or_else(|| Value::Array(Vec::new()))
        };
        assert_eq!(serde_json::to_value(&conflict.locks).unwrap(), sent("conflictingLocks"));
        assert_eq!(serde_json::to_value(&conflict.object_ids).unwrap(), sent("objectIds"));
        conflicts += usize::from(conflict != Conflict::default());
    }
    assert_eq!(conflicts, 2);
}

#[test]
fn every_refusal_that_was_seen_is_described() {
    let mut apis = Apis::default();
    let mut unknown = Vec::new();
    let refused = |sample: &Value| {
        let statuses = sample["statuses"].as_array().cloned().unwrap_or_default();
        let statuses: Vec<u64> = statuses.iter().filter_map(Value::as_u64).collect();
        (statuses, sample["error"]["code"].as_str().map(str::to_owned))
    };
    let answered = |sample: &Value| {
        let code = sample["answer"]["error"]["code"].as_str().map(str::to_owned);
        (vec![sample["status"].as_u64().unwrap()], code)
    };
    let mut seen: Vec<_> =
        samples("refusals.json").into_iter().map(|it| (refused(&it), it)).collect();
    seen.extend(samples("answers.json").into_iter().map(|it| (answered(&it), it)));
    for ((statuses, code), sample) in seen {
        // The gateway's own, whatever the operation.
        if code.as_deref() == Some("ResourceNotFound") {
            continue;
        }
        let (_, operation) = apis.described(&sample);
        let described = operation.responses.iter().any(|response| {
            let status = response.code().map(u64::from);
            let known = |code: &String| response.error_codes.contains(code);
            (statuses.is_empty() || status.is_some_and(|status| statuses.contains(&status)))
                && code.as_ref().is_none_or(known)
        });
        // One mock answers a list with 201, which no service does.
        if !described && (operation.id.as_str(), statuses.as_slice()) != ("list_owners", &[201]) {
            unknown.push(format!("{}: {statuses:?} {code:?}", operation.id));
        }
    }
    assert!(unknown.is_empty(), "{unknown:#?}");
}

#[tokio::test]
async fn bodies_of_other_forms_leave_what_they_have() {
    let recorder = Recorder::start().await.unwrap();
    let apis = Apis::default();
    let mut told = Vec::new();
    for sample in samples("error_bodies.json") {
        let status = u16::try_from(sample["status"].as_u64().unwrap()).unwrap();
        let content = Some(("application/json".to_owned(), sample["answer"].clone()));
        recorder.answer_with(Canned { status, headers: Vec::new(), content });
        let values = Values::new().with("id", "i");
        let outcome = apis.imodels.call(recorder.url(), "get_imodel", &values, &[]).await;
        let Err(Failure::Call(error)) = outcome else { panic!("{sample}") };
        assert_eq!(error.status().unwrap().as_u16(), status);
        told.push((error.code().map(str::to_owned), error.details().len()));
        if status == 446 {
            assert_eq!(error.member("unknownProperty").unwrap(), "unknown value");
        }
    }
    let code = |code: &str| Some(code.to_owned());
    let expected = [
        (code("InvalidiModelsRequest"), 3),
        (code("iModels API code"), 0),
        (code("unwrapped error code"), 0),
        (None, 0),
        (None, 0),
        (None, 0),
    ];
    assert_eq!(told, expected);

    let content = Some(("text/plain".to_owned(), Value::from("upstream failed")));
    recorder.answer_with(Canned { status: 500, headers: Vec::new(), content });
    let values = Values::new().with("id", "i");
    let outcome = apis.imodels.call(recorder.url(), "get_imodel", &values, &[]).await;
    let Err(Failure::Call(error)) = outcome else { panic!("{outcome:?}") };
    assert_eq!((error.kind(), error.message()), (ErrorKind::Service, Some("upstream failed")));
}
