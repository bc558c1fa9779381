//! Keys and the values of API tokens: carried or made anew on request only, shown by
//! nothing, and never lost in silence.

use serde_json::{Value, json};
use tempfile::TempDir;
use twinkit_iot_central::archive::{
    Action, ArchiveError, Collection, Existing, Export, Outcome, Plan, Restore, RestoreReport,
};
use twinkit_tests::support::application::{Application, Fate};

use super::super::client;
use super::super::seed::ADMINISTRATOR;
use super::{archive, outcome, reason, restore, target, writes};

const AHEAD: &str = "2090-01-01T00:00:00.000Z";

#[tokio::test]
async fn keys_and_new_tokens_are_carried_on_request_and_shown_by_nothing() {
    let (folder, application) = (archive(true).await, target().await);
    let client = client(&application);
    let plan: Plan<'_> =
        Restore::new(&client, folder.path()).recreate_api_tokens().plan().await.unwrap();
    let planned = format!("{plan:?} {plan}");
    let report = plan.apply().await.unwrap();
    let attestation = application.document("devices/pump-3/attestation").unwrap();
    assert_eq!(attestation["symmetricKey"]["primaryKey"], "canary-3");
    let group = application.document("enrollmentGroups/keys").unwrap();
    assert_eq!(group["attestation"]["symmetricKey"]["secondaryKey"], "canary-2");
    assert_eq!(report.tokens[0].id, "ops");
    assert_eq!(report.tokens[0].token.expose(), "SharedAccessSignature canary ops");
    let roles = json!([{"role": ADMINISTRATOR}]);
    assert_eq!(application.document("apiTokens/ops").unwrap()["roles"], roles);
    let shown = format!("{planned} {report:?} {report}");
    assert!(!shown.contains("canary"), "{shown}");
    let again = Restore::new(&client, folder.path()).recreate_api_tokens().plan().await.unwrap();
    let token = again.items().iter().find(|item| item.collection == Collection::ApiTokens);
    assert!(matches!(token.unwrap().action, Action::Skip { .. }));
}

#[tokio::test]
async fn groups_that_are_there_keep_their_keys_if_the_archive_has_none() {
    let (folder, application) = (archive(false).await, target().await);
    let keys = json!({"type": "symmetricKey", "symmetricKey": {"primaryKey": "here"}});
    let group = json!({"id": "keys", "displayName": "Other", "type": "iot", "attestation": keys});
    application.list("enrollmentGroups", [group]);
    let report = restore(&application, folder.path(), Existing::Replace).await.unwrap();
    assert_eq!(outcome(&report, Collection::EnrollmentGroups, "keys"), &Outcome::Replaced);
    let group = application.document("enrollmentGroups/keys").unwrap();
    assert_eq!((&group["displayName"], &group["attestation"]), (&json!("Keys"), &keys));
    assert!(
        writes(&application).contains(&("PATCH".to_owned(), "enrollmentGroups/keys".to_owned()))
    );
}

/// An archive with these API tokens, by id and end.
async fn tokens(tokens: &[(&str, Value)]) -> TempDir {
    let (application, folder) = (target().await, TempDir::new().unwrap());
    let token = |(id, expiry): &(&str, Value)| json!({"id": id, "roles": [{"role": ADMINISTRATOR}], "expiry": expiry});
    application.list("apiTokens", tokens.iter().map(token));
    Export::new(&client(&application), folder.path()).run().await.unwrap();
    folder
}

#[tokio::test]
async fn new_tokens_end_as_those_of_the_archive_do() {
    let over = json!("2024-01-01T00:00:00.000Z");
    let all = [("over", over), ("ahead", json!(AHEAD)), ("untold", json!(null))];
    let (folder, application) = (tokens(&all).await, target().await);
    let client = client(&application);
    let restore = || Restore::new(&client, folder.path()).replace_api_tokens();
    let report = restore().plan().await.unwrap().apply().await.unwrap();
    assert!(reason(&report, Collection::ApiTokens, "over").contains("it ended at 2024-01-01"));
    let made = |id: &str| application.document(&format!("apiTokens/{id}"));
    assert_eq!(made("over"), None);
    assert_eq!(made("ahead").unwrap()["expiry"], AHEAD);
    assert_eq!(made("untold").unwrap().get("expiry"), None);
    let notes = |report: &RestoreReport, id: &str| {
        report.items.iter().find(|item| item.id == id).unwrap().notes.join("; ")
    };
    assert!(notes(&report, "untold").contains("set by the service"));
    assert!(!notes(&report, "ahead").contains("end"), "{}", notes(&report, "ahead"));

    // The service may choose another end, and one that has ended is not revoked.
    let ended = json!({"id": "over", "roles": [{"role": ADMINISTRATOR}]});
    application.list("apiTokens", [ended.clone()]);
    application.rule(|_, asked| match (asked.method.as_str(), asked.path.as_str()) {
        ("PUT", "apiTokens/ahead") => {
            let made =
                json!({"id": "ahead", "roles": [], "token": "t", "expiry": "2031-01-01T00:00:00Z"});
            Fate::Body(made.to_string())
        }
        _ => Fate::Served,
    });
    let report = restore().plan().await.unwrap().apply().await.unwrap();
    let told = notes(&report, "ahead");
    assert!(told.contains("it ends at 2031-01-01T00:00:00Z, not at 2090"), "{told}");
    assert!(application.items("apiTokens").contains(&ended));
}

#[tokio::test]
async fn a_value_that_is_lost_ends_the_making_of_tokens() {
    let ids = ["one", "two", "three"];
    let all = ids.map(|id| (id, json!(AHEAD)));
    let folder = tokens(&all).await;
    let there = || async {
        let application = target().await;
        let token = |id: &str| json!({"id": id, "roles": [{"role": ADMINISTRATOR}]});
        application.list("apiTokens", ids.map(token));
        application
    };
    let of_tokens = |application: &Application| -> Vec<String> {
        let writes = writes(application).into_iter();
        writes.map(|(method, path)| format!("{method} {path}")).collect()
    };

    let application = there().await;
    application.rule(|_, _| Fate::Served);
    let client_here = client(&application);
    let mut kept = 0;
    let restore = Restore::new(&client_here, folder.path()).replace_api_tokens();
    let restore = restore.on_api_token(|_| {
        kept += 1;
        if kept < 2 { Ok(()) } else { Err(std::io::Error::other("the disk is full")) }
    });
    let report = restore.plan().await.unwrap().apply().await.unwrap();
    let second = reason(&report, Collection::ApiTokens, "two");
    assert!(second.contains("the disk is full") && second.contains("revoked again"), "{second}");
    let third = reason(&report, Collection::ApiTokens, "three");
    assert!(third.contains("left alone, since two was lost"), "{third}");
    assert_eq!(report.tokens.len(), 1);
    let expected = [
        "DELETE apiTokens/one",
        "PUT apiTokens/one",
        "DELETE apiTokens/two",
        "PUT apiTokens/two",
        "DELETE apiTokens/two",
    ];
    assert_eq!(of_tokens(&application), expected);
    assert_eq!(kept, 2);

    // Neither is another one revoked where one could not be made anew.
    for status in [422, 503] {
        let application = there().await;
        application.rule(move |_, asked| match asked.method.as_str() {
            "PUT" => Fate::Status(status),
            _ => Fate::Served,
        });
        let client = client(&application);
        let restore = Restore::new(&client, folder.path()).replace_api_tokens();
        let report = match restore.plan().await.unwrap().apply().await {
            Ok(report) => report,
            Err(ArchiveError::Stopped { report, .. }) => *report,
            Err(error) => panic!("{error}"),
        };
        assert!(reason(&report, Collection::ApiTokens, "one").contains("it was revoked"));
        assert_eq!(of_tokens(&application), ["DELETE apiTokens/one", "PUT apiTokens/one"]);
    }
}
