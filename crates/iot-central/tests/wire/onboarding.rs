//! Letting somebody in: what is refused before sending, what is sent, and that
//! doing it twice changes nothing.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use twinkit_iot_central::kinds::User;
use twinkit_iot_central::{
    BuiltInRole, Client, Error, ErrorKind, Onboarding, OnboardingChange, PlannedChange, RoleGrant,
};

use crate::support::{
    ADMINISTRATOR, APP, Answer, BUILDER, OBJECT, OPERATOR, ORG_VIEWER, Seen, Server, TENANT,
    credential, credential_of, list, program, refusal,
};

/// An application with users and roles, that takes what it is given.
async fn application(users: Value) -> Server {
    let users = Mutex::new(users);
    Server::start(move |seen| serve(&mut users.lock().unwrap(), seen)).await
}

fn serve(users: &mut Value, seen: &Seen) -> Answer {
    let users = users.as_array_mut().unwrap();
    let (method, path) = seen.line.split_once(' ').unwrap();
    let id = path.strip_prefix("/api/users/");
    let place = id.and_then(|id| users.iter().position(|user| user["id"] == id));
    match (method, id, place) {
        ("GET", None, _) if path == "/api/users" => list(json!(users)),
        ("GET", None, _) if path == "/api/roles" => list(json!([
            {"id": ADMINISTRATOR, "displayName": "Administrator"},
            {"id": "77777777-7777-7777-7777-777777777777", "displayName": "Plumber"},
        ])),
        ("GET", Some(_), Some(place)) => (200, users[place].clone()),
        ("PUT", Some(id), None) => {
            let mut user = seen.body.clone();
            user["id"] = json!(id);
            users.push(user.clone());
            (200, user)
        }
        ("PATCH", Some(_), Some(place)) => {
            users[place]["roles"] = seen.body["roles"].clone();
            (200, users[place].clone())
        }
        _ => refusal(404, "NotFound"),
    }
}

fn stored(id: &str, roles: Value) -> Value {
    json!({"id": id, "type": "servicePrincipal", "tenantId": TENANT, "objectId": OBJECT,
           "roles": roles})
}

#[tokio::test]
async fn a_principal_is_made_once_and_read_back() {
    let server = application(json!([])).await;
    let client = server.client();
    let plan = || client.onboard_service_principal(TENANT, OBJECT).role(BuiltInRole::Operator);
    let first = plan().plan().await.unwrap();
    assert!(matches!(first.change(), PlannedChange::Create) && !first.is_done());
    assert_eq!(server.lines(), ["GET /api/users"], "a plan changes nothing");
    assert!(first.to_string().starts_with(&format!("create user {OBJECT}")), "{first}");
    let report = first.apply().await.unwrap();
    assert_eq!(report.change, OnboardingChange::Created);
    assert_eq!(report.user_id.as_str(), OBJECT);
    assert!(matches!(report.user, User::ServicePrincipal(_)));
    let seen = server.seen();
    assert_eq!(seen[1].line, format!("PUT /api/users/{OBJECT}"));
    assert_eq!(
        seen[1].body,
        json!({"type": "servicePrincipal", "tenantId": TENANT, "objectId": OBJECT,
               "roles": [{"role": OPERATOR}]})
    );
    assert_eq!(seen[2].line, format!("GET /api/users/{OBJECT}"));

    let again = plan().user_id("another").apply().await.unwrap();
    assert_eq!(again.change, OnboardingChange::Unchanged);
    assert_eq!(again.user_id.as_str(), OBJECT, "found under the id that it has");
    assert!(server.lines()[3..].iter().all(|line| line.starts_with("GET ")));
}

#[tokio::test]
async fn an_existing_user_keeps_its_id_and_what_it_has_beside_the_known() {
    let kept = json!({"role": ORG_VIEWER, "organization": "seattle", "since": [1.5]});
    let roles = json!([kept, {"role": BUILDER}]);
    let server = application(json!([{"type": "robot", "id": "r"}, stored("sp-1", roles)])).await;
    let client = server.client();
    let onboarding = client
        .onboard_service_principal(&TENANT.to_uppercase(), &OBJECT.to_uppercase())
        .role(RoleGrant::from(BuiltInRole::OrgViewer).in_organization("seattle"))
        .role("plumber");
    let plan = onboarding.plan().await.unwrap();
    let PlannedChange::Update { present } = plan.change() else { panic!("{plan}") };
    assert_eq!(present.len(), 2);
    assert!(plan.to_string().contains("Org Viewer in seattle, Builder"), "{plan}");
    let report = plan.apply().await.unwrap();
    assert_eq!((report.change, report.user_id.as_str()), (OnboardingChange::Updated, "sp-1"));
    let seen = server.seen();
    let patch = seen.iter().find(|seen| seen.line == "PATCH /api/users/sp-1").unwrap();
    assert_eq!(patch.content_type, "application/merge-patch+json");
    let plumber = json!({"role": "77777777-7777-7777-7777-777777777777"});
    assert_eq!(
        patch.body,
        json!({ "roles": [kept, plumber] }),
        "only the roles, kept as they were"
    );
}

#[tokio::test]
async fn people_and_groups_are_let_in_alike() {
    let server = application(json!([])).await;
    let client = server.client();
    client.onboard_email("Ann.B@contoso.com").role("App Administrator").apply().await.unwrap();
    client
        .onboard_group(TENANT, OBJECT)
        .user_id("team")
        .role("administrator")
        .apply()
        .await
        .unwrap();
    let seen = server.seen();
    let puts: Vec<&Seen> = seen.iter().filter(|seen| seen.line.starts_with("PUT")).collect();
    assert_eq!(puts[0].line, "PUT /api/users/ann-b-contoso-com");
    assert_eq!(
        puts[0].body,
        json!({"type": "email", "email": "Ann.B@contoso.com", "roles": [{"role": ADMINISTRATOR}]})
    );
    assert_eq!(puts[1].line, "PUT /api/users/team");
    assert_eq!(puts[1].body["type"], "adGroup");
    let again = client.onboard_email("ann.b@CONTOSO.com").role("Administrator");
    assert!(again.plan().await.unwrap().is_done());
}

#[tokio::test]
async fn the_owner_of_a_credential_is_read_from_its_token() {
    let server = application(json!([])).await;
    let client = server.client();
    let program = credential_of(&program(OBJECT));
    let onboarding = client.onboard_credential(&program).role(BuiltInRole::Builder);
    let report = onboarding.apply().await.unwrap();
    assert_eq!(report.principal.object_id(), Some(OBJECT));
    let seen = server.seen();
    assert!(seen.iter().all(|seen| seen.authorization == "Bearer administrator"));
    assert!(!format!("{report:?}").contains("e30."));
    for (credential, said) in [
        (credential("opaque"), "opaque"),
        (credential_of(&json!({"oid": OBJECT, "tid": TENANT, "upn": "ann@x"})), "person"),
        (credential_of(&json!({"tid": TENANT})), "no tenant (tid) or object id"),
    ] {
        let count = server.seen().len();
        let error =
            client.onboard_credential(&credential).role("Builder").plan().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        assert!(error.to_string().contains(said) && error.hint().is_some(), "{error}");
        assert_eq!(server.seen().len(), count, "nothing sent");
    }
}

/// A GUID that is none of the others.
const OTHER: &str = "12121212-3434-5656-7878-909090909090";

fn within(organization: &str) -> RoleGrant {
    RoleGrant::from(BuiltInRole::OrgViewer).in_organization(organization)
}

async fn refused(
    client: &Client,
    object: &str,
    change: impl Fn(Onboarding<'_>) -> Onboarding<'_>,
) -> Error {
    let onboarding = client.onboard_service_principal(TENANT, object).role(BuiltInRole::Builder);
    let error = change(onboarding).plan().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{error}");
    error
}

#[tokio::test]
async fn ids_that_are_mixed_up_are_told_before_anything_is_sent() {
    let server = application(json!([])).await;
    let client = server.client();
    let program = credential_of(&program(OBJECT));

    let error = refused(&client, APP, |o| o.client_id(APP.to_uppercase())).await;
    assert!(error.to_string().contains("is the application (client) id"), "{error}");
    assert!(error.hint().unwrap().contains("az ad sp show"), "{:?}", error.hint());

    let error = refused(&client, APP, |o| o.check_credential(&program)).await;
    assert!(error.to_string().contains("is the application (client) id"), "{error}");
    assert!(error.hint().unwrap().contains(OBJECT), "{:?}", error.hint());

    let error = refused(&client, OTHER, |o| o.check_credential(&program)).await;
    assert!(error.to_string().contains(OBJECT) && error.to_string().contains(OTHER), "{error}");
    assert!(error.hint().unwrap().contains("app registration"), "{:?}", error.hint());

    let elsewhere = credential_of(&json!({"oid": OBJECT, "tid": APP}));
    let error = refused(&client, OBJECT, |o| o.check_credential(&elsewhere)).await;
    assert!(error.to_string().contains("tenant"), "{error}");

    let error = refused(&client, TENANT, |o| o).await;
    assert!(error.to_string().contains("as tenant id and as object id"), "{error}");
    refused(&client, "my-app", |o| o).await;
    let error = refused(&client, OBJECT, |o| o.client_id("zzz")).await;
    assert!(error.to_string().contains("\"zzz\" is no client id"), "{error}");
    refused(&client, OBJECT, |o| o.user_id("my app")).await;
    let error = refused(&client, OBJECT, |o| o.role(within("Seattle"))).await;
    assert!(error.to_string().contains("\"Seattle\" is no organization id"), "{error}");
    refused(&client, OBJECT, |o| o.user_id("x".repeat(49))).await;
    refused(&client, OBJECT, |o| o.role(RoleGrant::by_id("Builder"))).await;
    let error = refused(&client, OBJECT, |o| o.role(BuiltInRole::OrgAdmin)).await;
    assert!(error.to_string().contains("Org Admin"), "{error}");
    let grant = || RoleGrant::from("App Builder").in_organization("seattle");
    assert!(server.lines().is_empty(), "{:?}", server.lines());
    let error = refused(&client, OBJECT, |o| o.role(grant())).await;
    assert!(error.to_string().contains("seattle"), "{error}");
    assert_eq!(server.lines(), ["GET /api/roles"], "a name has to be looked up");

    let fits = client.onboard_service_principal(TENANT, OBJECT).check_credential(&program);
    assert!(!fits.client_id(APP).role(BuiltInRole::Builder).plan().await.unwrap().is_done());
    let none = client.onboard_service_principal(TENANT, OBJECT).plan().await.unwrap_err();
    assert!(none.to_string().contains("at least one role"), "{none}");
}

#[tokio::test]
async fn ids_of_the_caller_itself_are_told_before_anything_is_sent() {
    let server = application(json!([])).await;
    let me = "21212121-4343-6565-8787-090909090909";
    let client = server.client_of(credential_of(&program(me)));
    for (tenant, object, said) in [
        (TENANT, APP, "client) id with which the caller signs in"),
        (OTHER, TENANT, "is the id of the caller's tenant"),
        (me, OBJECT, "is an id of the caller itself"),
        (APP, OBJECT, "is an id of the caller itself"),
        (OTHER, OBJECT, "but the caller is of tenant 11111111-"),
    ] {
        let (tenant, object) = (tenant.to_uppercase(), object.to_uppercase());
        for onboarding in [
            client.onboard_service_principal(&tenant, &object),
            client.onboard_group(&tenant, &object),
        ] {
            let error = onboarding.role(BuiltInRole::Builder).plan().await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidRequest);
            assert!(error.to_string().contains(said) && error.hint().is_some(), "{error}");
        }
    }
    let swapped = client.onboard_service_principal(OBJECT, TENANT).role(BuiltInRole::Builder);
    let error = swapped.plan().await.unwrap_err();
    assert!(error.hint().unwrap().contains("changed places"), "{:?}", error.hint());
    assert!(server.lines().is_empty(), "{:?}", server.lines());

    let elsewhere = || client.onboard_service_principal(OTHER, OBJECT).role(BuiltInRole::Builder);
    assert!(!elsewhere().other_tenant().plan().await.unwrap().is_done());
    let fits = client.onboard_service_principal(TENANT, OBJECT).role(BuiltInRole::Builder);
    assert!(!fits.plan().await.unwrap().is_done());
    // An API token tells nothing of its caller.
    let token = "SharedAccessSignature sr=a&sig=b&skn=c&se=4102444800000";
    let by_token = Client::with_api_token(server.url.as_str(), token).unwrap().build().unwrap();
    let onboarding = by_token.onboard_service_principal(OTHER, OBJECT);
    assert!(!onboarding.role(BuiltInRole::Builder).plan().await.unwrap().is_done());
}

#[tokio::test]
async fn mail_addresses_that_come_to_one_user_id_are_told_apart() {
    let server = application(json!([])).await;
    let client = server.client();
    for (address, id) in [("a.b@x.com", "a-b-x-com"), ("a-b@x.com", "a-b-x-com-2")] {
        let report = client.onboard_email(address).role("Administrator").apply().await.unwrap();
        assert_eq!((report.change, report.user_id.as_str()), (OnboardingChange::Created, id));
    }
    let again = client.onboard_email("a-b@x.com").role("Administrator").plan().await.unwrap();
    assert!(again.is_done() && again.user_id().as_str() == "a-b-x-com-2", "{again}");
}

#[tokio::test]
async fn a_user_id_that_is_somebody_elses_is_not_overwritten() {
    let server = application(json!([{"type": "robot", "id": "ops", "roles": []}])).await;
    let client = server.client();
    let onboarding = client.onboard_service_principal(TENANT, OBJECT).user_id("ops");
    let error = onboarding.role("Administrator").apply().await.unwrap_err();
    assert!(error.to_string().contains("belongs to another user"), "{error}");
    // Whether case matters is not known.
    let onboarding = client.onboard_service_principal(TENANT, OBJECT).user_id("OPS");
    let error = onboarding.role("Administrator").plan().await.unwrap_err();
    assert!(error.to_string().contains("belongs to another user"), "{error}");
    assert!(server.lines().iter().all(|line| line.starts_with("GET ")));
    let error = client.onboard_email("a@b").role("Pilot").plan().await.unwrap_err();
    assert!(error.hint().unwrap().contains("Administrator, Plumber"), "{:?}", error.hint());
}

#[tokio::test(start_paused = true)]
async fn what_is_read_back_must_be_what_was_written() {
    let looks = Arc::new(Mutex::new(0));
    let counted = Arc::clone(&looks);
    let server = Server::start(move |seen| {
        let other = stored("sp", json!([{"role": BUILDER}]));
        match seen.line.split_once(' ').unwrap() {
            ("GET", "/api/users") => list(json!([])),
            ("GET", _) => {
                *counted.lock().unwrap() += 1;
                match *counted.lock().unwrap() {
                    1 => refusal(404, "NotFound"),
                    2.. => (200, other),
                    _ => refusal(500, "InternalServerError"),
                }
            }
            _ => (200, other),
        }
    })
    .await;
    let client = server.client();
    let onboarding = client.onboard_service_principal(TENANT, OBJECT).user_id("sp");
    let error = onboarding.role(BuiltInRole::Operator).apply().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OperationFailed);
    let told = error.to_string();
    assert!(told.contains("written with Operator, but it has Builder"), "{told}");
    assert!(*looks.lock().unwrap() > 2);
}

#[tokio::test]
async fn a_refusal_of_the_service_is_told_with_its_cure() {
    let server = Server::start(|_| refusal(403, "Forbidden")).await;
    let client = server.client();
    let onboarding = client.onboard_service_principal(TENANT, OBJECT).role(BuiltInRole::Builder);
    let error = onboarding.apply().await.unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::Denied, Some("list_users")));
    assert!(error.hint().unwrap().contains("administrator"), "{:?}", error.hint());
    assert!(error.hint().unwrap().contains("its API token needs"), "{:?}", error.hint());
}

#[tokio::test]
async fn who_takes_its_own_roles_away_is_told_before_and_after() {
    let users = json!([
        stored("me", json!([{"role": ADMINISTRATOR}])),
        {"id": "ann", "type": "email", "email": "ann@x", "roles": [{"role": BUILDER}]},
    ]);
    let users = Mutex::new(users);
    let server = Server::start(move |seen| {
        let mut users = users.lock().unwrap();
        match seen.line.as_str() {
            // It is no administrator any more.
            "GET /api/users/me" if users[0]["roles"][0]["role"] == OPERATOR => {
                refusal(403, "Forbidden")
            }
            _ => serve(&mut users, seen),
        }
    });
    let server = server.await;
    let client = server.client_of(credential_of(&program(OBJECT)));
    let of = |role| client.onboard_service_principal(TENANT, OBJECT).role(role);
    let same = of(BuiltInRole::Administrator).plan().await.unwrap();
    assert!(!same.changes_caller() && !same.takes_last_administrator());
    let plan = of(BuiltInRole::Operator).plan().await.unwrap();
    assert!(plan.changes_caller() && plan.takes_last_administrator());
    assert!(plan.to_string().contains("the caller's own roles"), "{plan}");
    let error = plan.apply().await.unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::Denied, Some("get_user")));
    let hint = error.hint().unwrap();
    assert!(hint.contains("the change was made: user me was given Operator"), "{hint}");
    assert!(hint.contains("the caller itself"), "{hint}");

    let other = client.onboard_email("ann@x").role(BuiltInRole::Operator).plan().await.unwrap();
    assert!(!other.changes_caller() && !other.takes_last_administrator());
}
