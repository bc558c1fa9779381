//! Adding many: how calls are filled, and what the report says of each entry.

use serde_json::{Value, json};
use twinkit_itwin::access_control::FailedAddition;
use twinkit_itwin::access_control::types::AddUserMember;
use twinkit_itwin::{ErrorKind, ITwinErrorExt as _};

use crate::support::{Answer, ITWIN, Seen, Server, refusal};

fn invitation(email: &Value) -> Value {
    json!({"id": "inv-1", "email": email, "invitedByEmail": "a@b.c", "status": "Pending",
           "createdDate": "2026-01-01T00:00:00Z", "expirationDate": "2026-01-08T00:00:00Z"})
}

/// Adds those of contoso.com, invites others; refuses a call that names `nobody`.
fn add(seen: &Seen) -> Answer {
    let asked = seen.json();
    let asked = asked["members"].as_array().unwrap();
    if asked.iter().any(|one| one["email"] == "nobody@contoso.com") {
        return refusal(404, "RoleNotFound");
    }
    let is_own = |one: &&Value| one["email"].as_str().unwrap().ends_with("@contoso.com");
    let members: Vec<_> = asked
        .iter()
        .filter(is_own)
        .map(|one| json!({"id": "m", "email": one["email"], "roles": []}))
        .collect();
    let invitations: Vec<_> =
        asked.iter().filter(|one| !is_own(one)).map(|one| invitation(&one["email"])).collect();
    let or_null = |list: Vec<Value>| if list.is_empty() { Value::Null } else { json!(list) };
    Answer::json(201, json!({"members": or_null(members), "invitations": or_null(invitations)}))
}

fn roles(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("r-{number}")).collect()
}

#[tokio::test]
async fn many_members_go_in_calls_of_fifty_assignments() {
    let server = Server::start(add).await;
    let platform = server.platform();
    let mut adding = platform.access_control().add_members(ITWIN).message("Welcome");
    for number in 0..20 {
        adding = adding.member(format!("p{number}@contoso.com"), roles(3));
    }
    let adding =
        adding.member("bob@elsewhere.com", ["r-1"]).member("BOB@elsewhere.com", ["R-1", "r-2"]);
    let added = adding.send().await.unwrap();
    assert!(added.is_complete(), "{added}");
    assert_eq!((added.members.len(), added.invitations.len()), (20, 1));
    assert_eq!(added.to_string(), "20 added, 1 invited");
    let seen = server.seen();
    let assigned = |seen: &Seen| -> usize {
        let body = seen.json();
        let members = body["members"].as_array().unwrap();
        members.iter().map(|one| one["roleIds"].as_array().unwrap().len()).sum()
    };
    assert_eq!(seen.iter().map(assigned).collect::<Vec<_>>(), [48, 14]);
    for one in &seen {
        assert_eq!(one.line, format!("POST /accesscontrol/itwins/{ITWIN}/members/users"));
        assert_eq!(one.json()["customMessage"], "Welcome");
        assert_eq!(one.header("accept"), "application/vnd.bentley.itwin-platform.v2+json");
    }
    let last = seen[1].json();
    assert_eq!(
        last["members"].as_array().unwrap().last().unwrap(),
        &json!({"email": "bob@elsewhere.com", "roleIds": ["r-1", "r-2"]})
    );
}

#[tokio::test]
async fn a_refused_call_stops_neither_the_others_nor_the_account() {
    let server = Server::start(add).await;
    let platform = server.platform();
    let adding = platform.access_control().add_members(ITWIN);
    let adding = adding.member("nobody@contoso.com", roles(30)).member("a@contoso.com", roles(30));
    let added = adding.send().await.unwrap();
    assert!(!added.is_complete() && added.unsent.is_empty());
    assert_eq!(added.to_string(), "1 added, 0 invited, 1 failed");
    assert!(added.failed[0].error.is_role_not_found());
    assert_eq!(added.failed[0].entries[0].email, "nobody@contoso.com");
}

/// Names what is wrong with the first wrong entry, as the platform does.
fn picky(seen: &Seen) -> Answer {
    let asked = seen.json();
    let asked = asked["members"].as_array().unwrap();
    let refused = |code: &str, target: String| {
        let error = json!({"code": code, "message": "No.", "target": target});
        Answer::json(404, json!({"error": error}))
    };
    for (at, one) in asked.iter().enumerate() {
        let roles = one["roleIds"].as_array().unwrap();
        if let Some(role) = roles.iter().position(|role| role == "gone") {
            return refused("RoleNotFound", format!("members[{at}].roleIds[{role}]"));
        }
    }
    if let Some(at) = asked.iter().position(|one| one["email"].as_str().unwrap().contains("bad")) {
        let details = json!([{"code": "InvalidValue", "message": "No address.",
            "target": format!("members[{at}].email")}]);
        let error = json!({"code": "InvalidRequest", "message": "No.", "details": details});
        return Answer::json(422, json!({"error": error}));
    }
    add(seen)
}

#[tokio::test]
async fn a_wrong_entry_is_told_and_the_others_of_its_call_are_sent_without_it() {
    let server = Server::start(picky).await;
    let platform = server.platform();
    let mut adding = platform.access_control().add_members(ITWIN);
    for at in 0..60 {
        let email = if at == 10 || at == 40 { "bad" } else { "p" };
        let role = if at % 20 == 5 { "gone" } else { "r" };
        adding = adding.member(format!("{email}{at}@contoso.com"), ["s", role]);
    }
    let added = adding.send().await.unwrap();
    assert_eq!(added.to_string(), "55 added, 0 invited, 5 failed");
    assert!(added.unsent.is_empty() && added.unmentioned.is_empty());
    let told = |failed: &FailedAddition<AddUserMember>| {
        let entries = failed.entries.iter().map(|entry| entry.email.clone());
        (failed.culprit().unwrap().email.clone(), entries.collect::<Vec<_>>())
    };
    let one = |name: &str| format!("{name}@contoso.com");
    assert_eq!(
        added.failed.iter().map(told).collect::<Vec<_>>(),
        [
            (one("p5"), vec![one("p5")]),
            (one("bad10"), vec![one("bad10")]),
            (one("p25"), vec![one("p25"), one("p45")]),
            (one("bad40"), vec![one("bad40")]),
        ]
    );
    // The place is that in the call as it was sent again, without `p5`.
    assert!(added.failed[1].error.to_string().contains("members[9].email"), "{:?}", added.failed);
}

#[tokio::test]
async fn a_wrong_role_is_not_tried_once_for_everybody_who_is_to_have_it() {
    let server = Server::start(picky).await;
    let platform = server.platform();
    let mut adding = platform.access_control().add_members(ITWIN);
    for at in 0..40 {
        let role = if at % 2 == 0 { "gone" } else { "r" };
        adding = adding.member(format!("p{at}@contoso.com"), [role]);
    }
    let added = adding.send().await.unwrap();
    assert_eq!(added.to_string(), "20 added, 0 invited, 20 failed");
    let [failed] = added.failed.as_slice() else { panic!("{added:?}") };
    assert_eq!(
        (failed.culprit().unwrap().email.as_str(), server.lines().len()),
        ("p0@contoso.com", 2)
    );
}

#[tokio::test]
async fn what_would_meet_the_others_too_ends_it() {
    for (status, code) in [(403, "InsufficientPermissions"), (404, "ItwinNotFound"), (500, "X")] {
        let server = Server::start(move |_| refusal(status, code)).await;
        let platform = server.platform();
        let adding = platform.access_control().add_members(ITWIN);
        let adding = adding.member("a@contoso.com", roles(30)).member("b@contoso.com", roles(30));
        let added = adding.send().await.unwrap();
        assert_eq!((added.failed.len(), added.unsent.len()), (1, 1), "{code}");
        assert_eq!(added.unsent[0].email, "b@contoso.com");
        assert_eq!(server.lines().len(), 1);
    }
}

#[tokio::test]
async fn members_that_the_answer_does_not_name_are_told() {
    let server =
        Server::start(|_| Answer::json(201, json!({"members": null, "invitations": null}))).await;
    let platform = server.platform();
    let added = platform.access_control().add_members(ITWIN).member("a@b.c", ["r"]).send().await;
    let added = added.unwrap();
    assert_eq!(added.unmentioned[0].email, "a@b.c");
    assert!(!added.is_complete());
}

#[tokio::test]
async fn what_cannot_be_meant_is_refused_before_anything_is_sent() {
    let server = Server::start(add).await;
    let platform = server.platform();
    let access = platform.access_control();
    for adding in [
        access.add_members(ITWIN),
        access.add_members("").member("a@b.c", ["r"]),
        access.add_members(ITWIN).member("ann", ["r"]),
        access.add_members(ITWIN).member("a@b.c", roles(0)),
        access.add_members(ITWIN).member("a@b.c", roles(51)),
    ] {
        assert_eq!(adding.send().await.unwrap_err().kind(), ErrorKind::InvalidRequest);
    }
    assert!(access.add_groups(ITWIN).send().await.is_err());
    assert!(access.add_groups(ITWIN).group("..", ["r"]).send().await.is_err());
    assert!(access.add_owners(ITWIN).owner("x").send().await.is_err());
    assert!(server.lines().is_empty());
}

#[tokio::test]
async fn groups_and_owners_are_accounted_for_alike() {
    let server = Server::start(|seen| {
        let body = seen.json();
        if seen.line.ends_with("/members/groups") {
            let members: Vec<_> = body["members"]
                .as_array()
                .unwrap()
                .iter()
                .map(|one| {
                    json!({"id": one["groupId"], "groupName": "g", "groupDescription": "",
                           "roles": []})
                })
                .collect();
            return Answer::json(201, json!({ "members": members }));
        }
        match body["email"].as_str().unwrap() {
            "old@b.c" => refusal(409, "OwnerAlreadyExists"),
            "bad@b.c" => refusal(422, "InvalidValue"),
            "own@b.c" => Answer::json(
                201,
                json!({"member": {"id": "m", "email": "own@b.c"}, "invitation": null}),
            ),
            _ => {
                Answer::json(201, json!({"member": null, "invitation": invitation(&body["email"])}))
            }
        }
    })
    .await;
    let platform = server.platform();
    let access = platform.access_control();
    let groups = access.add_groups(ITWIN).group("g-1", roles(40)).group("g-2", roles(40));
    let groups = groups.send().await.unwrap();
    assert!(groups.is_complete() && groups.members.len() == 2, "{groups}");
    let mut owners = access.add_owners(ITWIN);
    for email in ["old@b.c", "bad@b.c", "own@b.c", "OWN@b.c", "new@b.c"] {
        owners = owners.owner(email);
    }
    let owners = owners.send().await.unwrap();
    assert_eq!(owners.to_string(), "1 added, 1 invited, 1 owners already, 1 failed, 0 not sent");
    assert_eq!(owners.already, ["old@b.c"]);
    assert_eq!(owners.failed[0].entries, ["bad@b.c"]);
}

#[tokio::test]
async fn what_is_there_already_is_known_by_its_code_whatever_the_status() {
    for status in [400, 409, 422] {
        let server = Server::start(move |_| refusal(status, "OwnerAlreadyExists")).await;
        let platform = server.platform();
        let added = platform.access_control().add_owners(ITWIN).owner("a@b.c").send().await;
        assert_eq!(added.unwrap().already, ["a@b.c"], "{status}");
    }
    let server = Server::start(|_| refusal(409, "NewerChangesExist")).await;
    let error = server.platform().access_control().list_roles().id(ITWIN).send().await;
    assert!(!error.unwrap_err().is_already_there());
}
