//! Letting somebody in: what is sent, that doing it twice changes nothing, and
//! the proof.

use std::sync::Mutex;
use std::time::Duration;

use serde_json::{Value, json};
use twinkit_itwin::{
    ErrorKind, ITwinErrorExt as _, OnboardingChange, PlannedChange, RoleChange, RoleGrant, Standing,
};

use crate::support::{Answer, ITWIN, Seen, Server, credential, refusal};

const APP: &str = "service-x@apps.imsoidc.bentley.com";

/// An iTwin with roles, members and invitations, that takes what it is given.
#[derive(Default)]
struct Team {
    roles: Vec<Value>,
    members: Vec<Value>,
    invitations: Vec<Value>,
    invites: bool,
    is_owned_by_others: bool,
}

impl Team {
    fn named(&self, ids: &Value) -> Value {
        let roles = ids.as_array().unwrap().iter().map(|id| {
            let role = self.roles.iter().find(|role| role["id"] == *id).unwrap();
            json!({"id": id, "displayName": role["displayName"]})
        });
        roles.collect()
    }

    fn serve(&mut self, seen: &Seen) -> Answer {
        let (method, path) = seen.line.split_once(' ').unwrap();
        let path = path.split('?').next().unwrap();
        if path == "/users/me" {
            let (id, email) = match seen.header("authorization") {
                "Bearer program" => ("app-1", APP),
                _ => ("admin-1", "admin@b.c"),
            };
            return Answer::json(200, json!({"user": {"id": id, "email": email}}));
        }
        let rest = path.strip_prefix(&format!("/accesscontrol/itwins/{ITWIN}/")).unwrap();
        let rest: Vec<&str> = rest.split('/').collect();
        let body = seen.json();
        match (method, &rest[..]) {
            ("GET", ["roles"]) => Answer::json(200, json!({"roles": self.roles})),
            ("POST", ["roles"]) => {
                let mut role = body;
                role["id"] = json!(format!("r-{}", self.roles.len()));
                self.roles.push(role.clone());
                Answer::json(201, json!({ "role": role }))
            }
            ("PATCH", ["roles", id]) => {
                let role = self.roles.iter_mut().find(|role| role["id"] == *id).unwrap();
                role["permissions"] = body["permissions"].clone();
                Answer::json(200, json!({ "role": role }))
            }
            ("GET", ["members", "users"]) => Answer::json(200, json!({"members": self.members})),
            ("GET", ["members", "owners"]) => {
                let id = if self.is_owned_by_others { "other-1" } else { "ADMIN-1" };
                Answer::json(200, json!({"members": [{"id": id}]}))
            }
            ("GET", ["members", "invitations"]) => {
                Answer::json(200, json!({"invitations": self.invitations}))
            }
            ("POST", ["members", "users"]) => {
                let asked = &body["members"][0];
                let roles = self.named(&asked["roleIds"]);
                if self.invites {
                    let invitation = json!({"id": "inv-1", "email": asked["email"],
                        "invitedByEmail": "a@b.c", "status": "Pending", "roles": roles,
                        "createdDate": "2026-01-01T00:00:00Z",
                        "expirationDate": "2026-01-08T00:00:00Z"});
                    self.invitations.push(invitation.clone());
                    let answer = json!({"members": null, "invitations": [invitation]});
                    return Answer::json(201, answer);
                }
                let member = json!({"id": "app-1", "email": asked["email"], "roles": roles});
                self.members.push(member.clone());
                Answer::json(201, json!({"members": [member], "invitations": null}))
            }
            ("POST", ["members", "invitations", "inv-1", "accept"]) => {
                assert_eq!(seen.header("authorization"), "Bearer program");
                let invitation = self.invitations.pop().unwrap();
                self.members.push(json!({"id": "app-1", "email": invitation["email"],
                    "roles": invitation["roles"]}));
                Answer::new(204)
            }
            ("DELETE", ["members", "invitations", _]) => {
                self.invitations.clear();
                Answer::new(204)
            }
            ("GET", ["members", "users", id]) => {
                match self.members.iter().find(|member| member["id"] == *id) {
                    Some(member) => Answer::json(200, json!({ "member": member })),
                    None => refusal(404, "TeamMemberNotFound"),
                }
            }
            ("PATCH", ["members", "users", id]) => {
                let roles = self.named(&body["roleIds"]);
                let member = self.members.iter_mut().find(|member| member["id"] == *id).unwrap();
                member["roles"] = roles.clone();
                Answer::json(200, json!({"member": {"id": id, "roles": roles}}))
            }
            ("GET", ["permissions"]) if self.members.is_empty() => refusal(404, "ItwinNotFound"),
            ("GET", ["permissions"]) => Answer::json(200, json!({"permissions": ["read"]})),
            other => panic!("{other:?}"),
        }
    }
}

async fn itwin(team: Team) -> Server {
    let team = Mutex::new(team);
    Server::start(move |seen| team.lock().unwrap().serve(seen)).await
}

fn role(id: &str, name: &str) -> Value {
    json!({"id": id, "displayName": name, "description": "", "permissions": ["read"]})
}

fn changes(server: &Server) -> Vec<String> {
    server.lines().into_iter().filter(|line| !line.starts_with("GET ")).collect()
}

#[tokio::test]
async fn a_program_is_let_in_once_and_proven() {
    let server = itwin(Team { roles: vec![role("r-0", "Other")], ..Team::default() }).await;
    let platform = server.platform();
    let program = credential("program");
    let reader = RoleGrant::made("Reader", "May read", ["read"]);
    let plan = || platform.onboard_credential(ITWIN, &program).role(reader.clone()).plan();
    let first = plan().await.unwrap();
    assert!(changes(&server).is_empty(), "a plan changes nothing");
    assert!(matches!(first.change(), PlannedChange::Add) && !first.is_done());
    assert!(matches!(first.roles()[0].change, RoleChange::Create { .. }));
    assert_eq!(
        first.to_string(),
        format!("add {APP} to iTwin {ITWIN} with \"Reader\" (to be made, with read)")
    );
    let report = first.apply().await.unwrap();
    assert_eq!(report.change, OnboardingChange::Added);
    assert_eq!(report.changed_roles, ["Reader"]);
    let seen = server.seen();
    let posts: Vec<_> = seen.iter().filter(|seen| seen.line.starts_with("POST ")).collect();
    assert_eq!(
        posts[0].json(),
        json!({"displayName": "Reader", "description": "May read", "permissions": ["read"]})
    );
    assert_eq!(posts[1].json(), json!({"members": [{"email": APP, "roleIds": ["r-1"]}]}));
    // Who the program is, is asked in its name; who calls, in the caller's.
    let as_program: Vec<_> =
        seen.iter().filter(|one| one.header("authorization") == "Bearer program").collect();
    assert_eq!(as_program.len(), 1);
    assert_eq!(as_program[0].line, "GET /users/me");

    let proof = platform.prove_access(&program).of(&report).run().await.unwrap();
    assert_eq!(
        (proof.permissions.as_slice(), proof.user.id.as_str()),
        (&["read".to_owned()][..], "app-1")
    );
    assert_eq!(server.seen().last().unwrap().header("authorization"), "Bearer program");

    let count = changes(&server).len();
    let again = plan().await.unwrap();
    assert!(again.is_done() && again.to_string().ends_with("nothing to do"), "{again}");
    assert_eq!(again.apply().await.unwrap().change, OnboardingChange::Unchanged);
    assert_eq!(changes(&server).len(), count);
}

#[tokio::test]
async fn roles_are_replaced_or_kept_as_asked() {
    let team = || Team {
        roles: vec![role("r-0", "One"), role("r-1", "Two")],
        members: vec![json!({"id": "m", "email": "Ann@b.c", "roles": [{"id": "R-0"}]})],
        ..Team::default()
    };
    let server = itwin(team()).await;
    let platform = server.platform();
    let report = platform.onboard_email(ITWIN, " ann@B.c ").role("two").apply().await.unwrap();
    assert_eq!(report.change, OnboardingChange::RolesSet);
    let patch = server.seen().into_iter().find(|seen| seen.line.starts_with("PATCH")).unwrap();
    assert_eq!(patch.json(), json!({"roleIds": ["r-1"]}));

    let mut kept = team();
    kept.members[0]["roles"] = json!([{"id": "r-0"}]);
    let server = itwin(kept).await;
    let platform = server.platform();
    platform.onboard_email(ITWIN, "ann@b.c").role("Two").keep_roles().apply().await.unwrap();
    let patch = server.seen().into_iter().find(|seen| seen.line.starts_with("PATCH")).unwrap();
    assert_eq!(patch.json(), json!({"roleIds": ["r-1", "r-0"]}));
}

#[tokio::test]
async fn an_invitation_waits_for_a_person_and_is_accepted_for_a_program() {
    let team = || Team { roles: vec![role("r-0", "One")], invites: true, ..Team::default() };
    let server = itwin(team()).await;
    let platform = server.platform();
    let onboard = || platform.onboard_service_application(ITWIN, "service-x").role("One");
    let report = onboard().apply().await.unwrap();
    assert!(matches!(report.standing, Standing::Invited(_)) && report.member().is_none());
    assert!(report.to_string().contains("invited"), "{report}");
    let error = platform.prove_access(&credential("program")).of(&report).run().await.unwrap_err();
    assert!(error.to_string().contains("accept"), "{error}");
    let count = changes(&server).len();
    assert!(onboard().plan().await.unwrap().is_done());
    onboard().apply().await.unwrap();
    assert_eq!(changes(&server).len(), count, "not invited twice");
    let program = credential("program");
    let report = platform.onboard_credential(ITWIN, &program).role("One").apply().await.unwrap();
    assert_eq!(report.change, OnboardingChange::Accepted);
    assert_eq!(report.member().unwrap().id, "app-1");
}

#[tokio::test]
async fn an_invitation_to_other_roles_is_made_again() {
    let open = json!({"id": "inv-0", "email": APP, "invitedByEmail": "a@b.c", "status": "Pending",
        "roles": [{"id": "r-1"}], "createdDate": "2026-01-01T00:00:00Z",
        "expirationDate": "2026-01-08T00:00:00Z"});
    let server = itwin(Team {
        roles: vec![role("r-0", "One"), role("r-1", "Two")],
        invitations: vec![open],
        invites: true,
        ..Team::default()
    })
    .await;
    let platform = server.platform();
    let onboarding = platform.onboard_email(ITWIN, APP).role("One").message("Hello");
    let report = onboarding.apply().await.unwrap();
    assert_eq!(report.change, OnboardingChange::Invited);
    let base = format!("/accesscontrol/itwins/{ITWIN}/members");
    assert_eq!(
        changes(&server),
        [format!("DELETE {base}/invitations/inv-0"), format!("POST {base}/users")]
    );
    assert_eq!(server.seen().last().unwrap().json()["customMessage"], "Hello");
}

#[tokio::test]
async fn who_is_no_owner_is_told_that_invitations_of_others_are_not_seen() {
    for is_owned_by_others in [true, false] {
        let roles = vec![role("r-0", "One")];
        let server = itwin(Team { roles, is_owned_by_others, ..Team::default() }).await;
        let platform = server.platform();
        let plan = platform.onboard_email(ITWIN, "ann@b.c").role("One").plan().await.unwrap();
        assert_eq!(plan.sees_invitations(), !is_owned_by_others);
        assert_eq!(plan.to_string().contains("seen by owners only"), is_owned_by_others, "{plan}");
        assert_eq!(platform.is_owner_of(ITWIN).await.unwrap(), !is_owned_by_others);
    }
}

#[tokio::test]
async fn what_cannot_be_meant_is_told_before_anything_is_sent() {
    let server = itwin(Team::default()).await;
    let platform = server.platform();
    for onboarding in [
        platform.onboard_email(ITWIN, "ann@b.c"),
        platform.onboard_email("..", "ann@b.c").role("One"),
        platform.onboard_email(ITWIN, "ann").role("One"),
    ] {
        assert_eq!(onboarding.plan().await.unwrap_err().kind(), ErrorKind::InvalidRequest);
    }
    assert!(server.lines().is_empty());
    let error = platform.onboard_email(ITWIN, "ann@b.c").role("One").plan().await.unwrap_err();
    assert!(error.hint().unwrap().contains("RoleGrant::made"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_proof_that_fails_says_what_to_check() {
    let server = itwin(Team::default()).await;
    let platform = server.platform();
    let program = credential("program");
    let proof = platform.prove_access(&program).on(ITWIN).within(Duration::ZERO);
    let error = proof.run().await.unwrap_err();
    assert!(error.is_itwin_not_found());
    assert!(error.hint().unwrap().contains(APP), "{:?}", error.hint());
    assert!(platform.prove_access(&program).run().await.is_err());
}
