//! API tokens: made once, never overwritten unasked, replaced without a gap.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use twinkit_iot_central::{
    BuiltInRole, Client, ClientBuilder, Clock, ErrorKind, RoleGrant, Timestamp,
};

use crate::support::{Answer, BUILDER, ORG_VIEWER, Seen, Server, list, refusal};

/// An end that no default gave, if it is not past already.
const SOON: &str = "2026-06-01T00:00:00.000Z";

fn text(id: &str) -> String {
    format!("SharedAccessSignature sr=8a0617aa&sig=canary%3D&skn={id}&se=4102444800000")
}

/// An application with tokens. Callers with a token that begins with `refused`
/// get 401, those with one that begins with `poor` 403.
async fn application(tokens: &[(&str, Value)]) -> Server {
    let tokens = tokens.iter().map(|(id, roles)| ((*id).to_owned(), roles.clone()));
    let tokens: Mutex<BTreeMap<String, Value>> = Mutex::new(tokens.collect());
    Server::start(move |seen| serve(&mut tokens.lock().unwrap(), seen)).await
}

fn serve(tokens: &mut BTreeMap<String, Value>, seen: &Seen) -> Answer {
    let (method, path) = seen.line.split_once(' ').unwrap();
    let id = path.strip_prefix("/api/apiTokens/").unwrap_or_default().replace("%2F", "/");
    let id = id.as_str();
    // A token whose id begins with `short` has an end of its own; one that begins
    // with `silent` tells none.
    let described = |id: &str, roles: &Value| {
        let expiry = match id.get(..5) {
            Some("short") => json!(SOON),
            Some("silen") => Value::Null,
            _ => json!("2100-01-01T00:00:00.000Z"),
        };
        json!({"id": id, "roles": roles, "expiry": expiry})
    };
    match (method, path) {
        ("GET", "/api/devices") if seen.authorization.contains("skn=refused") => {
            refusal(401, "Unauthenticated")
        }
        ("GET", "/api/devices") if seen.authorization.contains("skn=poor") => {
            refusal(403, "Forbidden")
        }
        ("GET", "/api/devices") => list(json!([])),
        ("GET", "/api/apiTokens") => {
            list(tokens.iter().map(|(id, roles)| described(id, roles)).collect())
        }
        ("GET", _) => match tokens.get(id) {
            Some(roles) => (200, described(id, roles)),
            None => refusal(404, "NotFound"),
        },
        ("PUT", _) => {
            tokens.insert(id.to_owned(), seen.body["roles"].clone());
            let mut made = described(id, &seen.body["roles"]);
            made["token"] = json!(text(id));
            (200, made)
        }
        ("DELETE", _) if tokens.remove(id).is_some() => (204, Value::Null),
        _ => refusal(404, "NotFound"),
    }
}

#[tokio::test]
async fn a_token_is_made_with_its_roles_and_told_once() {
    let server = application(&[]).await;
    let client = server.client();
    let expiry: Timestamp = "2099-05-06T07:08:09Z".parse().unwrap();
    let viewer = RoleGrant::from(BuiltInRole::OrgViewer).in_organization("seattle");
    let made = client.make_api_token("a/b").role(viewer).expires(expiry).make().await.unwrap();
    let seen = server.seen();
    assert_eq!(seen[1].line, "PUT /api/apiTokens/a%2Fb");
    assert_eq!(
        seen[1].body,
        json!({"roles": [{"role": ORG_VIEWER, "organization": "seattle"}],
               "expiry": "2099-05-06T07:08:09Z"})
    );
    assert!(!format!("{made:?}").contains("canary"), "{made:?}");
    let token = made.token().unwrap();
    assert_eq!((token.app_id(), token.id()), (Some("8a0617aa"), Some("a/b")));
    assert!(token.expires_at().is_some());
    assert!(Client::with_api_token(server.url.as_str(), made.secret).is_ok());

    let error = client.make_api_token("a/b").role(BuiltInRole::Builder).make().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert!(error.hint().unwrap().contains("rotate_api_token"), "{:?}", error.hint());
    let again = client.make_api_token("a/b").role(BuiltInRole::Builder).replace_existing();
    assert_eq!(again.make().await.unwrap().roles[0].role, BUILDER);
    assert!(client.revoke_api_token("a/b").await.unwrap());
    assert!(!client.revoke_api_token("a/b").await.unwrap());
}

#[tokio::test]
async fn what_cannot_be_meant_is_refused_before_sending() {
    let server = application(&[]).await;
    let client = server.client();
    let past: Timestamp = "2020-01-01T00:00:00Z".parse().unwrap();
    for (new, said) in [
        (client.make_api_token("t").role(BuiltInRole::Builder).expires(past), "has passed"),
        (client.make_api_token("").role(BuiltInRole::Builder), "must not be empty"),
        (client.make_api_token("t"), "at least one role"),
        (client.make_api_token("t").role(BuiltInRole::OrgAdmin), "Org Admin"),
    ] {
        let error = new.make().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        assert!(error.to_string().contains(said), "{error}");
    }
    assert!(server.lines().is_empty());
}

#[tokio::test]
async fn a_token_is_replaced_after_the_new_one_was_used() {
    let roles = json!([{"role": BUILDER, "since": 1.5}]);
    let server = application(&[("ops", roles.clone()), ("ops-2", roles.clone())]).await;
    let client = server.client();
    let rotated = client.rotate_api_token("ops").rotate().await.unwrap();
    assert_eq!((rotated.old.as_str(), rotated.old_revoked), ("ops", true));
    assert_eq!(rotated.new.id.as_str(), "ops-3");
    let expected = [
        "GET /api/apiTokens/ops",
        "GET /api/apiTokens",
        "PUT /api/apiTokens/ops-3",
        "GET /api/devices",
        "DELETE /api/apiTokens/ops",
    ];
    assert_eq!(server.lines(), expected);
    let seen = server.seen();
    assert_eq!(seen[2].body, json!({ "roles": roles }), "with all that its roles hold");
    assert_eq!(seen[3].authorization, text("ops-3"), "as it is, without Bearer");

    // A token that may not list devices is known all the same.
    let poor = client.rotate_api_token("ops-3").new_id("poor").keep_old().rotate().await.unwrap();
    assert!(!poor.old_revoked);
    let error = client.rotate_api_token("poor").new_id("ops-3").rotate().await.unwrap_err();
    assert!(error.to_string().contains("already"), "{error}");
    let error = client.rotate_api_token("nothing").rotate().await.unwrap_err();
    assert!(error.is_not_found(), "{error}");
}

#[tokio::test]
async fn a_short_life_does_not_become_a_long_one_unasked() {
    let roles = json!([{ "role": BUILDER }]);
    let server = application(&[("short", roles.clone()), ("silent", roles.clone())]).await;
    let client = server.client();
    for (id, said) in [("short", "ends at 2026-06-01"), ("silent", "does not tell when")] {
        let error = client.rotate_api_token(id).rotate().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        assert!(error.to_string().contains(said), "{error}");
        assert!(error.hint().unwrap().contains("default_lifetime"), "{:?}", error.hint());
    }
    assert!(server.lines().iter().all(|line| line.starts_with("GET /api/apiTokens/")));

    let expiry: Timestamp = "2099-05-06T07:08:09Z".parse().unwrap();
    let rotation = client.rotate_api_token("short").expires(expiry).keep_old();
    let rotated = rotation.new_id("next").rotate().await.unwrap();
    let told = rotated.to_string();
    assert!(told.contains("next (ends 2100-01-01") && told.contains("short"), "{told}");
    assert!(told.contains("2026-06-01") && !told.contains("canary"), "{told}");
    let put = |id: &str| {
        let line = format!("PUT /api/apiTokens/{id}");
        server.seen().into_iter().find(|seen| seen.line == line).unwrap().body
    };
    assert_eq!(put("next"), json!({"roles": roles, "expiry": "2099-05-06T07:08:09Z"}));
    let rotation = client.rotate_api_token("silent").default_lifetime().new_id("year");
    let rotated = rotation.rotate().await.unwrap();
    assert_eq!((rotated.old_expiry, rotated.old_revoked), (None, true));
    assert_eq!(put("year"), json!({ "roles": roles }), "the service chooses");
}

#[tokio::test(start_paused = true)]
async fn a_new_token_that_is_refused_goes_and_the_old_one_stays() {
    let server = application(&[("ops", json!([{ "role": BUILDER }]))]).await;
    let client = server.client();
    let error = client.rotate_api_token("ops").new_id("refused").rotate().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Denied);
    assert!(error.hint().unwrap().contains("refused was revoked again"), "{:?}", error.hint());
    let lines = server.lines();
    assert_eq!(lines.last().unwrap(), "DELETE /api/apiTokens/refused");
    assert!(!lines.contains(&"DELETE /api/apiTokens/ops".to_owned()));
}

#[test]
fn tokens_that_cannot_do_are_refused_with_their_cure() {
    let ended = text("old").replace("4102444800000", "1688749508407");
    for (token, said) in [
        (format!("Bearer {}", text("ops")), "without the word Bearer"),
        (ended, "\"old\" ended"),
        ("eyJ0.eyJ1.c2ln".to_owned(), "not an API token"),
    ] {
        let made = Client::with_api_token("https://a.example", token);
        let error = made.and_then(ClientBuilder::build).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(error.to_string().contains(said), "{error}");
        assert!(error.hint().unwrap().contains("PUT /api/apiTokens"), "{:?}", error.hint());
        assert!(!format!("{error:?}").contains("canary"));
    }
}

/// A clock that stands still.
#[derive(Debug)]
struct At(SystemTime);

impl Clock for At {
    fn now(&self) -> SystemTime {
        self.0
    }
}

#[tokio::test]
async fn the_end_of_a_token_is_judged_by_the_clock_of_the_client() {
    let server = application(&[]).await;
    let ended = text("old").replace("4102444800000", "1688749508407");
    let before = SystemTime::UNIX_EPOCH + Duration::from_secs(1_688_749_508 - 60);
    let at = |time| {
        let builder = Client::with_api_token(server.url.as_str(), ended.as_str()).unwrap();
        builder.clock(Arc::new(At(time))).build()
    };
    assert!(at(before).unwrap().list_devices().send().await.is_ok());
    let error = at(before + Duration::from_secs(86_400)).unwrap_err();
    assert!(error.to_string().contains("\"old\" ended"), "{error}");
}

#[tokio::test]
async fn the_end_of_a_token_to_be_is_told_beforehand() {
    let server = application(&[]).await;
    let client = server.client();
    let soon = Timestamp::from(SystemTime::now() + Duration::from_secs(86_400));
    let far = Timestamp::from(SystemTime::now() + Duration::from_secs(350 * 86_400));
    let past = Timestamp::from(SystemTime::now() - Duration::from_secs(86_400));
    let rotation = || client.rotate_api_token("ops");
    assert_eq!(rotation().end_after(Some(&far)).unwrap(), None);
    for old in [None, Some(&soon), Some(&past)] {
        let error = rotation().end_after(old).unwrap_err();
        assert!(error.hint().unwrap().contains("default_lifetime"), "{:?}", error.hint());
        assert_eq!(rotation().default_lifetime().end_after(old).unwrap(), None);
        let said = rotation().expires(far.clone()).end_after(old).unwrap();
        assert_eq!(said.as_ref(), Some(&far));
    }
    assert!(rotation().expires(past).end_after(None).is_err());
    assert!(server.lines().is_empty());
}
