//! iModels: latest ones, copies, locks in portions, files and waits.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use twinkit_itwin::imodels::enums::LockLevel;
use twinkit_itwin::imodels::types::{ChangesetCreate, IModelClone, IModelFork};
use twinkit_itwin::{ErrorKind, ITwinErrorExt as _};

use crate::support::{Answer, ITWIN, Server, refusal};

fn changeset(index: u64, links: Value) -> Value {
    json!({"id": format!("c-{index}"), "displayName": index.to_string(), "index": index,
        "briefcaseId": 2, "containingChanges": 0, "creatorId": "u", "fileSize": 3,
        "parentId": "", "pushDateTime": "2026-01-01T00:00:00Z", "state": "fileUploaded",
        "_links": links})
}

fn page(name: &str, items: Value) -> Value {
    json!({name: items, "_links": {"self": {"href": "https://x.example"}, "next": null, "prev": null}})
}

#[tokio::test]
async fn the_latest_changeset_is_asked_for_by_order() {
    let server =
        Server::start(|_| Answer::json(200, page("changesets", json!([changeset(7, json!({}))]))))
            .await;
    let latest = server.platform().imodels().latest_changeset("i-1").await.unwrap().unwrap();
    assert_eq!(latest.index, 7);
    let seen = &server.seen()[0];
    let line = seen.line.replace("%24", "$").replace('+', "%20");
    assert!(line.starts_with("GET /imodels/i-1/changesets?"), "{line}");
    assert!(line.contains("$orderBy=index%20desc") && line.contains("$top=1"), "{line}");
    assert_eq!(seen.header("prefer"), "return=representation");
    let server = Server::start(|_| Answer::json(200, page("changesets", json!([])))).await;
    assert!(server.platform().imodels().latest_changeset("i-1").await.unwrap().is_none());
}

#[tokio::test]
async fn named_versions_are_found_by_exact_name_and_hidden_ones_passed_over() {
    let version = |name: &str, state: &str| {
        json!({"id": name, "displayName": name, "name": name, "state": state,
            "changesetId": "c-1", "description": null, "application": null, "changesetIndex": 1, "createdDateTime": "2026-01-01T00:00:00Z", "_links": {}})
    };
    let versions =
        json!([version("B", "hidden"), version("a", "visible"), version("A", "visible")]);
    let server =
        Server::start(move |_| Answer::json(200, page("namedVersions", versions.clone()))).await;
    let platform = server.platform();
    let latest = platform.imodels().latest_named_version("i-1").await.unwrap().unwrap();
    assert_eq!(latest.name, "a");
    let named = platform.imodels().named_version("i-1", "A").await.unwrap().unwrap();
    assert_eq!(named.name, "A");
    assert!(server.lines()[1].contains("name=A"));
    assert!(platform.imodels().named_version("i-1", "C").await.unwrap().is_none());
}

#[tokio::test(start_paused = true)]
async fn a_clone_is_found_by_the_headers_and_followed() {
    let asked = AtomicUsize::new(0);
    let server = Server::start(move |seen| match seen.line.as_str() {
        "POST /imodels/i-1/clone" => {
            Answer::new(202).header("location", "https://api.bentley.com/imodels/i-2").header(
                "create-imodel-operation",
                "https://api.bentley.com/imodels/i-2/operations/create",
            )
        }
        "POST /imodels/i-1/fork" => Answer::new(202),
        "GET /imodels/i-2/operations/create" => {
            let state = match asked.fetch_add(1, Ordering::SeqCst) {
                0 => "scheduled",
                1 => "successful",
                _ => "mainIModelIsMissingFederationGuids",
            };
            Answer::json(200, json!({"createOperation": {"state": state}}))
        }
        line => panic!("{line}"),
    })
    .await;
    let platform = server.platform();
    let wish: IModelClone = serde_json::from_value(json!({"iTwinId": ITWIN})).unwrap();
    let copy = platform.imodels().start_clone("i-1", wish).await.unwrap();
    assert_eq!(copy.imodel.as_str(), "i-2");
    copy.ready().wait().await.unwrap();
    let error = copy.ready().wait().await.unwrap_err();
    assert_eq!(error.code(), Some("mainIModelIsMissingFederationGuids"));
    assert_eq!(
        error.to_string(),
        "get_create_operation: operation failed mainIModelIsMissingFederationGuids: iModel i-2 \
         was not made"
    );
    assert!(error.hint().unwrap().contains("federation GUID"), "{:?}", error.hint());
    let wish: IModelFork = serde_json::from_value(json!({"iTwinId": ITWIN})).unwrap();
    let error = platform.imodels().start_fork("i-1", wish).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OperationFailed);
    assert!(error.hint().unwrap().contains("list_imodels"));
}

#[tokio::test]
async fn locks_go_in_portions_until_one_is_refused() {
    let calls = AtomicUsize::new(0);
    let server = Server::start(move |seen| {
        if calls.fetch_add(1, Ordering::SeqCst) == 1 {
            return Answer::json(
                409,
                json!({"error": {"code": "ConflictWithAnotherUser",
                "message": "No.", "conflictingLocks": [
                    {"objectId": "0x3e8", "lockLevel": "exclusive", "briefcaseIds": [9]}]}}),
            );
        }
        Answer::json(
            200,
            json!({"lock": {"briefcaseId": 2,
            "lockedObjects": seen.json()["lockedObjects"]}}),
        )
    })
    .await;
    let platform = server.platform();
    let changing = platform.imodels().change_locks("i-1", 2).changeset("c-1");
    let changing = changing.objects(LockLevel::Shared, ["0x1"]);
    let ids = (0..2500).map(|number| format!("0x{number:x}"));
    let changed = changing.objects(LockLevel::Exclusive, ids).send().await.unwrap();
    assert!(!changed.is_complete() && changed.changed == 1000);
    let refused = changed.refused.unwrap();
    assert!(refused.error.is_held_by_others());
    assert_eq!(refused.conflict.locks[0].briefcase_ids, [9]);
    assert_eq!((refused.objects.len(), refused.objects[0].1.as_str()), (1501, "0x3e7"));
    let seen = server.seen();
    assert_eq!((seen.len(), seen[0].line.as_str()), (2, "PATCH /imodels/i-1/locks"));
    let body = seen[0].json();
    assert_eq!((&body["briefcaseId"], &body["changesetId"]), (&json!(2), &json!("c-1")));
    assert_eq!(body["lockedObjects"][0], json!({"lockLevel": "shared", "objectIds": ["0x1"]}));
    assert_eq!(body["lockedObjects"][1]["objectIds"].as_array().unwrap().len(), 999);
}

#[tokio::test]
async fn all_locks_are_released_until_the_last_portion() {
    let calls = AtomicUsize::new(0);
    let server = Server::start(move |_| {
        let is_last = calls.fetch_add(1, Ordering::SeqCst) == 2;
        Answer::json(200, json!({"isLastChunk": is_last}))
    })
    .await;
    let platform = server.platform();
    assert_eq!(platform.imodels().release_all_locks("i-1", 2, None).await.unwrap(), 3);
    assert_eq!(server.seen()[0].json(), json!({"briefcaseId": 2}));
}

#[tokio::test]
async fn a_changeset_is_pushed_in_three_steps_and_asked_for_a_new_address() {
    let storage = Server::start(|seen| match seen.line.contains("sig=old") {
        true => Answer::new(403).header("x-ms-error-code", "AuthenticationFailed"),
        false => Answer::new(201),
    })
    .await;
    let url = storage.url.clone();
    let told = AtomicUsize::new(0);
    let server = Server::start(move |seen| {
        let upload = |sig: &str| {
            let href = format!("{url}/c/b?sig={sig}");
            json!({"upload": {"href": href, "storageType": "azure"}})
        };
        let (status, links) = match seen.line.as_str() {
            // The platform hands addresses out when it is told of a changeset only.
            "POST /imodels/i-1/changesets" => match told.fetch_add(1, Ordering::SeqCst) {
                0 => (201, upload("old")),
                _ => (201, upload("new")),
            },
            "GET /imodels/i-1/changesets/c-1" => (200, json!({})),
            "PATCH /imodels/i-1/changesets/c-1" => (200, json!({})),
            line => panic!("{line}"),
        };
        Answer::json(status, json!({"changeset": changeset(1, links)}))
    })
    .await;
    let platform = server.platform();
    let push: ChangesetCreate =
        serde_json::from_value(json!({"id": "c-1", "briefcaseId": 2, "fileSize": 3})).unwrap();
    let longer = platform.imodels().push_changeset("i-1", push.clone(), &b"abcd"[..]);
    assert!(longer.run().await.unwrap_err().to_string().contains("fileSize"));
    let pushed = platform.imodels().push_changeset("i-1", push, &b"abc"[..]).run().await.unwrap();
    assert_eq!(pushed.id, "c-1");
    let seen = server.seen();
    assert_eq!(seen.len(), 3);
    assert_eq!(seen[2].json(), json!({"briefcaseId": 2, "state": "fileUploaded"}));
    let puts = storage.seen();
    assert_eq!(puts.len(), 2);
    assert!(puts.iter().all(|put| put.header("authorization").is_empty() && put.body == b"abc"));
    let error = platform.imodels().fetch_changeset("i-1", "c-1").bytes(9).await.unwrap_err();
    assert!(error.to_string().contains("no download address"), "{error}");
}

#[tokio::test]
async fn a_changeset_has_the_size_that_the_platform_tells() {
    let storage = Server::start(|seen| {
        let length = if seen.line.contains("whole") { 3 } else { 2 };
        Answer::new(200).header("etag", "\"a\"").bytes("x".repeat(length))
    })
    .await;
    let url = storage.url.clone();
    let server = Server::start(move |seen| {
        let name = seen.line.rsplit('/').next().unwrap();
        let href = match name {
            "bad" => "ftp://storage.example/?sig=canary".to_owned(),
            _ => format!("{url}/c/{name}?sig=canary"),
        };
        let links = json!({"download": {"href": href, "storageType": "azure"}});
        Answer::json(200, json!({"changeset": changeset(1, links)}))
    })
    .await;
    let platform = server.platform();
    let fetch = |name: &str| platform.imodels().fetch_changeset("i-1", name).bytes(9);
    assert_eq!(fetch("whole").await.unwrap(), "xxx");
    let error = fetch("other").await.unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::Decode, Some("fetch_changeset")));
    assert!(error.to_string().contains("2 bytes, and not 3"), "{error}");
    let error = fetch("bad").await.unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::Decode, Some("get_changeset")));
}

#[tokio::test]
async fn a_push_behind_others_is_told_before_anything_is_put() {
    let server = Server::start(|_| refusal(409, "NewerChangesExist")).await;
    let platform = server.platform();
    let push: ChangesetCreate =
        serde_json::from_value(json!({"id": "c-1", "briefcaseId": 2, "fileSize": 3})).unwrap();
    let failed =
        platform.imodels().push_changeset("i-1", push, &b"abc"[..]).run().await.unwrap_err();
    assert!(failed.error.is_behind() && failed.point.is_none());
}

#[tokio::test(start_paused = true)]
async fn checkpoints_and_baselines_are_waited_for() {
    let asked = AtomicUsize::new(0);
    let server = Server::start(move |seen| {
        let checkpoint = |state: &str| {
            Answer::json(
                200,
                json!({"checkpoint": {"changesetId": "c", "changesetIndex": 4,
                "state": state, "_links": {}}}),
            )
        };
        let baseline = |state: &str| {
            Answer::json(
                200,
                json!({"baselineFile": {"id": "b", "displayName": "b",
                "fileSize": 1, "state": state, "_links": {}}}),
            )
        };
        match (seen.line.as_str(), asked.fetch_add(1, Ordering::SeqCst)) {
            ("GET /imodels/i-1/changesets/5/checkpoint", 0) => checkpoint("notGenerated"),
            ("GET /imodels/i-1/changesets/5/checkpoint", 1) => checkpoint("successful"),
            ("GET /imodels/i-1/namedversions/v-1/checkpoint", _) => checkpoint("failed"),
            ("GET /imodels/i-1/baselinefile", 3) => baseline("initializationScheduled"),
            ("GET /imodels/i-1/baselinefile", 4) => baseline("initialized"),
            ("GET /imodels/i-1/baselinefile", _) => baseline("fileIsBriefcase"),
            other => panic!("{other:?}"),
        }
    })
    .await;
    let platform = server.platform();
    let imodels = platform.imodels();
    let checkpoint = imodels.wait_for_checkpoint("i-1", 5).wait().await.unwrap();
    assert_eq!(checkpoint.changeset_index, 4);
    let error = imodels.wait_for_named_version_checkpoint("i-1", "v-1").wait().await.unwrap_err();
    assert!(error.hint().unwrap().contains("update_named_version_checkpoint"));
    assert!(error.to_string().contains("failed: the checkpoint of changeset 4 of iModel i-1"));
    imodels.wait_for_baseline("i-1").wait().await.unwrap();
    let error = imodels.wait_for_baseline("i-1").wait().await.unwrap_err();
    assert_eq!(error.code(), Some("fileIsBriefcase"));
    assert!(error.to_string().contains("fileIsBriefcase: the baseline file of iModel i-1"));
}
