//! Who calls, and why a list is empty.

use serde_json::{Value, json};

use crate::support::{Answer, Server, refusal};

async fn platform(email: &'static str, itwins: Value) -> Server {
    Server::start(move |seen| match seen.line.split(['?', ' ']).nth(1) {
        Some("/users/me") => Answer::json(200, json!({"user": {"id": "u-1", "email": email}})),
        Some("/itwins/") | Some("/itwins") => {
            Answer::json(200, json!({"iTwins": itwins, "_links": {}}))
        }
        _ => refusal(404, "ResourceNotFound"),
    })
    .await
}

#[tokio::test]
async fn an_application_that_sees_nothing_is_told_which_address_to_add() {
    let server = platform("service-x@apps.imsoidc.bentley.com", json!([])).await;
    let me = server.platform().whoami().await.unwrap();
    assert!(me.is_service_application() && !me.sees_itwins);
    let advice = me.advice().unwrap();
    assert!(advice.contains("adds service-x@apps.imsoidc.bentley.com"), "{advice}");
    assert!(me.to_string().starts_with("service application service-x@"), "{me}");
    let lines = server.lines();
    assert_eq!(lines[0], "GET /users/me");
    assert!(lines[1].contains("top=1") && lines[1].contains("includeInactive=true"), "{lines:?}");
    assert_eq!(server.seen()[1].header("accept"), "application/vnd.bentley.itwin-platform.v1+json");
}

#[tokio::test]
async fn a_person_gets_other_advice_and_who_sees_something_none() {
    let server = platform("ann@contoso.com", json!([])).await;
    let me = server.platform().whoami().await.unwrap();
    assert!(me.advice().unwrap().contains("invitation"), "{me}");
    let one = json!([{"id": "i", "class": "Endeavor", "subClass": "Project", "displayName": "P"}]);
    let server = platform("ann@contoso.com", one).await;
    let me = server.platform().whoami().await.unwrap();
    assert!(me.sees_itwins && me.advice().is_none(), "{me}");
}
