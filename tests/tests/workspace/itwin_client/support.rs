//! What the tests beside it share: iTwins, iModels and roles made, transfers
//! looked at.

use serde_json::{Value, json};
use twinkit_emulator::itwin::Config;
use twinkit_emulator::requests::Recorded;
use twinkit_emulator::{Emulator, EmulatorBuilder};
use twinkit_itwin::access_control::types::RoleCreate;
use twinkit_itwin::imodels::types::Changeset;
use twinkit_itwin::imodels::types::{ChangesetCreate, IModelCreate};
use twinkit_itwin::itwins::types::ITwinCreate;
use twinkit_itwin::{Bytes, ITwin, Upload};
use twinkit_tests::support::itwin_stage::ITwinStage;

/// A GUID that nothing has.
pub(crate) const MISSING: &str = "00000000-0000-4000-8000-000000000000";

pub(crate) async fn stage() -> ITwinStage {
    ITwinStage::start().await.unwrap()
}

/// A stage whose platform has these settings.
pub(crate) async fn stage_with(config: Config) -> ITwinStage {
    let builder: EmulatorBuilder = Emulator::builder().itwin(config);
    ITwinStage::with(builder).await.unwrap()
}

/// A body, read from JSON.
pub(crate) fn body<T: serde::de::DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

/// Makes an iTwin of somebody's; gives its id.
pub(crate) async fn new_itwin(whose: &ITwin, name: &str) -> String {
    let new: ITwinCreate =
        body(json!({"class": "Thing", "subClass": "Asset", "displayName": name}));
    whose.itwins().create_itwin().body(new).send().await.unwrap().into_inner().itwin.id
}

/// Makes a role; gives its id.
pub(crate) async fn new_role(
    whose: &ITwin,
    itwin: &str,
    name: &str,
    permissions: &[&str],
) -> String {
    let new: RoleCreate =
        body(json!({"displayName": name, "description": "d", "permissions": permissions}));
    let made = whose.access_control().create_role().id(itwin).body(new).send().await.unwrap();
    made.into_inner().role.id
}

/// Makes an empty iModel; gives its id.
pub(crate) async fn new_imodel(whose: &ITwin, itwin: &str, name: &str) -> String {
    let new: IModelCreate = body(json!({"iTwinId": itwin, "name": name, "creationMode": "empty"}));
    whose.imodels().create_imodel().body(new).send().await.unwrap().into_inner().imodel.id
}

/// Acquires a briefcase; gives its number.
pub(crate) async fn new_briefcase(whose: &ITwin, imodel: &str) -> i64 {
    let acquire = whose
        .imodels()
        .acquire_briefcase()
        .id(imodel)
        .body(body::<twinkit_itwin::imodels::types::BriefcaseAcquire>(json!({})));
    acquire.send().await.unwrap().into_inner().briefcase.briefcase_id
}

/// The id of the changeset of a number.
pub(crate) fn changeset_id(number: u32) -> String {
    format!("{number:040x}")
}

/// The push of a changeset, behind the one before it.
pub(crate) fn push(
    whose: &ITwin,
    imodel: &str,
    briefcase: i64,
    number: u32,
    contents: Vec<u8>,
) -> Upload<Changeset> {
    let mut new = json!({"id": changeset_id(number), "briefcaseId": briefcase,
        "fileSize": contents.len(), "containingChanges": 1});
    if number > 1 {
        new["parentId"] = changeset_id(number - 1).into();
    }
    let new: ChangesetCreate = body(new);
    whose.imodels().push_changeset(imodel, new, Bytes::from(contents))
}

/// Bytes that repeat late.
pub(crate) fn bytes(count: usize) -> Vec<u8> {
    (0..count).map(|at| (at ^ (at >> 8) ^ (at >> 16)) as u8).collect()
}

/// The transfers so far, none of which carried a token or another header of the
/// platform's.
#[track_caller]
pub(crate) fn bare_transfers(stage: &ITwinStage) -> Vec<Recorded> {
    let transfers = stage.transfers();
    assert!(!transfers.is_empty(), "nothing was transferred");
    for transfer in &transfers {
        for name in ["authorization", "cookie", "x-correlation-id", "traceparent"] {
            assert!(!transfer.headers.contains_key(name), "{name} in {transfer:?}");
        }
        let accept = transfer.headers.get("accept").map_or("", String::as_str);
        assert!(!accept.contains("bentley"), "{transfer:?}");
        assert!(transfer.query.contains("sig=[redacted]"), "{transfer:?}");
    }
    transfers
}

/// Transfers in short: method, `comp` or range, status.
pub(crate) fn steps(transfers: &[Recorded]) -> Vec<String> {
    let step = |it: &Recorded| {
        let part = |name: &str| it.query.split('&').find_map(|pair| pair.strip_prefix(name));
        let what = match (part("comp="), part("blockid="), it.headers.get("range")) {
            (Some("block"), Some(id), _) => format!(" block {}", id.trim_start_matches('0')),
            (Some(comp), ..) => format!(" {comp}"),
            (None, _, Some(range)) => format!(" {range}"),
            _ => String::new(),
        };
        let status = it.status.map_or("-".to_owned(), |status| status.to_string());
        format!("{}{what} {status}", it.method)
    };
    transfers.iter().map(step).collect()
}
