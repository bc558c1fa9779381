//! Taking access back: what is chosen goes, what only looks alike stays.

use serde_json::{Value, json};
use twinkit_iot_central::{BuiltInRole, Client, ErrorKind, OffboardingReport};

use crate::support::{ADMINISTRATOR, OBJECT, OPERATOR, Seen, Server, TENANT, list, refusal};

fn answer(seen: &Seen) -> (u16, Value) {
    let role = |id: &str| json!([{ "role": id }]);
    match seen.line.as_str() {
        "GET /api/users" => list(json!([
            {"id": "ann", "type": "email", "email": "ann@x", "roles": role(ADMINISTRATOR)},
            {"id": "sp", "type": "servicePrincipal", "tenantId": TENANT, "objectId": OBJECT,
             "roles": role(OPERATOR)},
        ])),
        "GET /api/apiTokens" => list(json!([
            {"id": "job", "roles": role(OPERATOR)}, {"id": "other", "roles": role(OPERATOR)},
            {"id": "chief", "roles": role(ADMINISTRATOR)},
        ])),
        "DELETE /api/apiTokens/chief" => refusal(404, "NotFound"),
        "DELETE /api/users/ann" => refusal(500, "InternalServerError"),
        _ => (204, Value::Null),
    }
}

#[tokio::test]
async fn the_user_and_the_chosen_tokens_go() {
    let server = Server::start(answer).await;
    let client = server.client();
    let offboarding = client.offboard_service_principal(TENANT, OBJECT).token("job");
    let plan = offboarding.tokens_where(|token| token.id.as_deref() == Some("chief"));
    let plan = plan.plan().await.unwrap();
    assert_eq!(server.lines(), ["GET /api/users", "GET /api/apiTokens"], "a plan changes nothing");
    let candidates: Vec<_> = plan.candidates().iter().map(|token| token.id.as_deref()).collect();
    assert_eq!(candidates, [Some("other")]);
    assert!(!plan.takes_last_administrator());
    let told = plan.to_string();
    assert!(told.contains("revoke API token job (Operator)"), "{told}");
    assert!(told.contains("delete user sp (Operator)"), "{told}");
    let report = plan.apply().await.unwrap();
    assert_eq!(report.revoked_tokens, ["job"]);
    assert_eq!(report.deleted_users, ["sp"]);
    assert_eq!(report.gone_already, ["chief"]);
    let deleted =
        ["DELETE /api/apiTokens/job", "DELETE /api/apiTokens/chief", "DELETE /api/users/sp"];
    assert_eq!(server.lines()[2..], deleted);
}

#[tokio::test]
async fn who_is_not_there_is_no_failure_and_what_was_done_is_told() {
    let server = Server::start(answer).await;
    let client = server.client();
    let plan = client.offboard_group(TENANT, OBJECT).plan().await.unwrap();
    assert!(plan.is_done() && plan.to_string() == "nothing to do", "{plan}");
    assert_eq!(plan.apply().await.unwrap(), OffboardingReport::default());

    let error = client.offboard_email("ann@x").token("nothing").plan().await.unwrap_err();
    assert!(error.to_string().contains("\"nothing\""), "{error}");

    let plan = client.offboard_user("ann").tokens(["job"]).plan().await.unwrap();
    assert!(plan.takes_last_administrator());
    let error = plan.apply().await.unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::Service, Some("delete_user")));
    assert!(error.hint().unwrap().contains("revoked API tokens: job"), "{:?}", error.hint());
    assert_eq!(BuiltInRole::from_id(ADMINISTRATOR), Some(BuiltInRole::Administrator));
}

#[tokio::test]
async fn the_token_that_calls_goes_last_of_all() {
    let server = Server::start(answer).await;
    let token = "SharedAccessSignature sr=a&sig=b&skn=job&se=4102444800000";
    let client = Client::with_api_token(server.url.as_str(), token).unwrap().build().unwrap();
    let offboarding = client.offboard_service_principal(TENANT, OBJECT).tokens(["job", "other"]);
    let plan = offboarding.plan().await.unwrap();
    assert_eq!(plan.own_token().and_then(|token| token.id.as_deref()), Some("job"));
    assert!(plan.to_string().ends_with("revoke API token job (Operator), which calls"), "{plan}");
    let report = plan.apply().await.unwrap();
    assert_eq!(report.revoked_tokens, ["other", "job"]);
    let deleted =
        ["DELETE /api/apiTokens/other", "DELETE /api/users/sp", "DELETE /api/apiTokens/job"];
    assert_eq!(server.lines()[2..], deleted);
}
