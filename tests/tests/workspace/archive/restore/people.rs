//! Users: known by who they are, and whose rights nobody is to lose unawares.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use tempfile::TempDir;
use twinkit_iot_central::Client;
use twinkit_iot_central::archive::{Collection, Existing, Export, Outcome, Restore};
use twinkit_tests::support::application::Application;

use super::super::seed::ADMINISTRATOR;
use super::super::{client, client_of};
use super::{archive, outcome, reason, restore, target};

#[tokio::test]
async fn the_same_person_under_another_id_is_not_made_twice() {
    let (folder, application) = (archive(false).await, target().await);
    let user = json!({"id": "boss", "type": "email", "email": "U0@X.example", "roles": []});
    application.list("users", [user]);
    let report = restore(&application, folder.path(), Existing::Replace).await.unwrap();
    assert!(reason(&report, Collection::Users, "user-0").contains("boss"));
    assert!(application.document("users/user-0").is_none());
}

/// The same with a caller whose token tells who it is.
fn client_of_person(application: &Application, address: &str) -> Client {
    let claims = URL_SAFE_NO_PAD.encode(json!({"oid": "o", "upn": address}).to_string());
    client_of(application, &format!("e30.{claims}.c2ln"))
}

#[tokio::test]
async fn the_user_who_calls_keeps_its_roles_and_the_last_administrator_is_told() {
    let user = |id: &str, email: &str, role: &str| json!({"id": id, "type": "email", "email": email, "roles": [{"role": role}]});
    let (from, folder) = (target().await, TempDir::new().unwrap());
    from.list("users", ["0", "1"].map(|id| user(id, &format!("{id}@x"), "other-a")));
    Export::new(&client(&from), folder.path()).run().await.unwrap();
    // The first one is another person here.
    let application = target().await;
    application.list("users", [user("0", "me@x", ADMINISTRATOR), user("1", "1@x", ADMINISTRATOR)]);

    let warns = async |client: &Client, existing| {
        let plan = Restore::new(client, folder.path()).existing(existing).plan().await.unwrap();
        assert_eq!(plan.takes_last_administrator(), plan.to_string().contains("beware"), "{plan}");
        plan.takes_last_administrator()
    };
    let (stranger, me) = (client(&application), client_of_person(&application, "Me@x"));
    assert!(warns(&stranger, Existing::Replace).await);
    assert!(!warns(&stranger, Existing::Skip).await);
    assert!(!warns(&me, Existing::Replace).await, "the caller stays one");

    let restore = Restore::new(&me, folder.path()).existing(Existing::Replace);
    let report = restore.plan().await.unwrap().apply().await.unwrap();
    assert!(reason(&report, Collection::Users, "0").contains("who calls"));
    assert_eq!(application.document("users/0").unwrap(), user("0", "me@x", ADMINISTRATOR));
    assert_eq!(outcome(&report, Collection::Users, "1"), &Outcome::Replaced);
}
