//! Jobs: many members at once.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Caller, MISSING, Stage, each};

const INVALID: &str = "InvalidAccessControlRequest";

async fn run(stage: &Stage, caller: &Caller, list: &str, actions: &Value) -> Value {
    let job = caller.post(list, &json!({"actions": actions})).await.expect(201).json();
    assert_eq!(job["status"], "Active");
    stage.emulator.clock().advance(Duration::from_secs(2));
    let path = format!("{list}/{}", job["id"].as_str().unwrap());
    let asked = caller.get(&format!("{path}/actions")).await.expect(200).json();
    assert_eq!(asked["actions"], *actions);
    assert!(caller.get(&path).await.expect(200).json().get("error").is_none());
    caller.get_all_of(&path).await.expect(200).json()
}

#[tokio::test]
async fn a_job_does_what_it_can_and_tells_the_rest() {
    let stage = Stage::new().await;
    let id = stage.ada.new_itwin("A").await;
    let (bob, eve) = (stage.person("Bob").await, stage.person("Eve").await);
    let (one, two) =
        (stage.ada.new_role(&id, "One", &[]).await, stage.ada.new_role(&id, "Two", &[]).await);
    let list = format!("/accesscontrol/itwins/{id}/jobs");
    let actions = json!({"assignRoles": [
        {"email": bob.email, "roleIds": [one, two]}, {"email": eve.email, "roleIds": [one]},
    ]});
    let job = run(&stage, &stage.ada, &list, &actions).await;
    assert_eq!((&job["itwinId"], &job["status"]), (&json!(id), &json!("Completed")));
    assert_eq!(job["error"], json!([]));
    let actions = json!({
        "assignRoles": [{"email": "nobody@twinkit.example", "roleIds": [one]}],
        "unassignRoles": [{"email": bob.email, "roleIds": [one]}],
        "removeMembers": [{"email": eve.email}, {"email": stage.ada.email}],
    });
    let job = run(&stage, &stage.ada, &list, &actions).await;
    assert_eq!(job["status"], "PartialCompleted");
    assert_eq!(each(&job["error"], "target"), ["assignRoles[0]", "removeMembers[1]"]);
    assert_eq!(each(&job["error"], "code"), ["UserNotFound", "TeamMemberNotFound"]);
    let members = format!("/accesscontrol/itwins/{id}/members/users");
    let members = stage.ada.get(&members).await.expect(200).json();
    assert_eq!(each(&members["members"], "email"), [bob.email.as_str()]);
    assert_eq!(each(&members["members"][0]["roles"], "id"), [two.as_str()]);
    let actions = json!({"assignRoles": [{"email": bob.email, "roleIds": [MISSING]}]});
    let job = run(&stage, &stage.ada, &list, &actions).await;
    assert_eq!(
        (&job["status"], &job["error"][0]["code"]),
        (&json!("Failed"), &json!("RoleNotFound"))
    );
    bob.post(&list, &json!({"actions": actions})).await.refused(403, "InsufficientPermissions");
    for path in [format!("{list}/{MISSING}"), format!("{list}/{MISSING}/actions")] {
        stage.ada.get(&path).await.refused(404, "JobNotFound");
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_job_is_told() {
    let stage = Stage::new().await;
    let id = stage.ada.new_itwin("A").await;
    let list = format!("/accesscontrol/itwins/{id}/jobs");
    let roles = |count: usize| -> Vec<&str> { (0..count).map(|_| MISSING).collect() };
    let assign = |email: &str, roles: Vec<&str>| json!({"assignRoles": [{"email": email, "roleIds": roles}]});
    let many: Vec<Value> = (0..101).map(|_| json!({"email": "a@b"})).collect();
    let invalid = "InvalidValue";
    for (actions, detail, target) in [
        (Value::Null, "MissingRequiredProperty", "actions"),
        (json!({}), invalid, "actions"),
        (assign("nobody", roles(1)), invalid, "actions.assignRoles[0].email"),
        (assign("", roles(1)), invalid, "actions.assignRoles[0].email"),
        (assign("a@b", vec![]), invalid, "actions.assignRoles[0].roleIds"),
        (assign("a@b", vec!["x"]), invalid, "actions.assignRoles[0].roleIds"),
        (assign("a@b", roles(101)), invalid, "actions.assignRoles"),
        (json!({"removeMembers": many}), invalid, "actions.removeMembers"),
    ] {
        let answer = stage.ada.post(&list, &json!({"actions": actions})).await;
        answer.refused_for(INVALID, detail, target);
    }
}
