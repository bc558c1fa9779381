//! Jobs: changes of many members at once.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{INVALID, assign, changed, look, look_as_member};
use crate::itwin::{
    ApiError,
    access::Permission,
    routes::{Answer, Call},
    rules::{Body, is_guid},
    state::{Document, ITwin, Job},
};

/// Most roles of one kind of action, and most members to remove.
const MOST: usize = 100;

pub(super) fn answer(call: &Call, id: &str, path: &[&str]) -> Result<Answer, ApiError> {
    match (call.method(), path) {
        ("POST", []) => create(call, id),
        ("GET", [job]) => get(call, id, &job.to_ascii_lowercase()),
        ("GET", [job, "actions"]) => actions(call, id, &job.to_ascii_lowercase()),
        _ => Err(ApiError::no_route()),
    }
}

/// Looks the actions over; there must be one at least.
fn check(given: &Document) -> Result<(), ApiError> {
    let mut body = Body::new(given);
    if let Some(actions) = body.object("actions") {
        let count = |name: &str| actions.get(name).and_then(Value::as_array).map_or(0, Vec::len);
        let is_empty = count("assignRoles") + count("unassignRoles") + count("removeMembers") == 0;
        if is_empty {
            body.invalid("actions", "There must be an action in it.");
        }
        body.part("actions", actions, |part| {
            for name in ["assignRoles", "unassignRoles"] {
                let Some(list) = part.optional_list(name) else { continue };
                let mut roles = 0;
                part.each(name, list, |action| {
                    action.email("email");
                    roles += check_roles(action);
                });
                if roles > MOST {
                    part.invalid(name, "It has more than 100 roles.");
                }
            }
            let Some(list) = part.optional_list("removeMembers") else { return };
            part.each("removeMembers", list, |action| {
                action.email("email");
            });
            if list.len() > MOST {
                part.invalid("removeMembers", "It has more than 100 members.");
            }
        });
    }
    body.verdict(INVALID)
}

fn check_roles(action: &mut Body<'_>) -> usize {
    let Some(ids) = action.list("roleIds") else { return 0 };
    if !ids.iter().all(|id| id.as_str().is_some_and(is_guid)) {
        action.invalid("roleIds", "It must be a list of GUIDs.");
    }
    ids.len()
}

fn create(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let mut state = call.platform.write();
    let (itwin, standing) = look(call, &state, id)?;
    let itwin_id = itwin.id.clone();
    let given = call.object(INVALID)?;
    check(&given)?;
    let actions = given.get("actions").and_then(Value::as_object).cloned().unwrap_or_default();
    for (name, permission) in [
        ("assignRoles", Permission::INVITE_MEMBER),
        ("unassignRoles", Permission::INVITE_MEMBER),
        ("removeMembers", Permission::REMOVE_MEMBER),
    ] {
        if actions.contains_key(name) {
            standing.require(permission)?;
        }
    }
    let itwin = changed(&mut state, &itwin_id)?;
    let (done, errors) = run(call, itwin, &actions);
    let outcome = match (done, errors.is_empty()) {
        (_, true) => "Completed",
        (0, false) => "Failed",
        _ => "PartialCompleted",
    };
    let now = call.platform.now();
    let duration = SignedDuration::try_from(call.platform.config.job).unwrap_or_default();
    let job = Job {
        actions,
        done: now.saturating_add(duration).unwrap_or(Timestamp::MAX),
        outcome: outcome.to_owned(),
        errors,
    };
    let job_id = Uuid::new_v4().to_string();
    let answer = show(call, &itwin_id, &job_id, &job);
    itwin.team.jobs.insert(job_id, job);
    Ok(Answer::created(answer))
}

/// Does what is asked for; answers how much was done, and what was not.
fn run(call: &Call, itwin: &mut ITwin, actions: &Document) -> (usize, Vec<Document>) {
    let mut errors = Vec::new();
    let mut done = 0;
    for name in ["assignRoles", "unassignRoles", "removeMembers"] {
        let list = actions.get(name).and_then(Value::as_array).into_iter().flatten();
        for (index, action) in list.enumerate() {
            let email = action.get("email").and_then(Value::as_str).unwrap_or_default();
            let role_ids = assign::role_ids(action.get("roleIds"));
            match act(call, itwin, name, email, &role_ids) {
                Ok(()) => done += 1,
                Err(code) => errors.push(error(code, &format!("{name}[{index}]"))),
            }
        }
    }
    (done, errors)
}

fn error(code: &str, target: &str) -> Document {
    let message = "The action could not be carried out.";
    [("code", code), ("message", message), ("target", target)]
        .map(|(name, text)| (name.to_owned(), Value::from(text)))
        .into_iter()
        .collect()
}

fn act(
    call: &Call,
    itwin: &mut ITwin,
    name: &str,
    email: &str,
    role_ids: &[String],
) -> Result<(), &'static str> {
    if role_ids.iter().any(|id| !itwin.team.roles.contains_key(id)) {
        return Err("RoleNotFound");
    }
    if name == "assignRoles" {
        let user = assign::joins_at_once(&call.platform, itwin, email).ok_or("UserNotFound")?;
        assign::add_roles(call, itwin, &user.id, role_ids);
        return Ok(());
    }
    let user = call.platform.user_named(email).ok_or("TeamMemberNotFound")?;
    let roles = itwin.team.users.get(&user.id).ok_or("TeamMemberNotFound")?;
    if name == "removeMembers" {
        assign::remove(call, itwin, &user.id);
        return Ok(());
    }
    let left = roles.iter().filter(|id| !role_ids.contains(id)).cloned().collect();
    assign::set_roles(call, itwin, &user.id, left);
    Ok(())
}

/// The name of the iTwin's id has a small `t` here.
fn show(call: &Call, itwin_id: &str, job_id: &str, job: &Job) -> Value {
    let is_done = job.done <= call.platform.now();
    let status = if is_done { job.outcome.as_str() } else { "Active" };
    let mut shown = json!({"id": job_id, "itwinId": itwin_id, "status": status});
    if call.wants_representation()
        && let Some(members) = shown.as_object_mut()
    {
        let errors = if is_done { job.errors.clone() } else { Vec::new() };
        members.insert("error".to_owned(), json!(errors));
    }
    shown
}

fn missing() -> ApiError {
    ApiError::not_found("JobNotFound", "job")
}

fn get(call: &Call, id: &str, job_id: &str) -> Result<Answer, ApiError> {
    let state = call.platform.read();
    let (itwin, _) = look_as_member(call, &state, id)?;
    let job = itwin.team.jobs.get(job_id).ok_or_else(missing)?;
    Ok(Answer::ok(show(call, &itwin.id, job_id, job)))
}

fn actions(call: &Call, id: &str, job_id: &str) -> Result<Answer, ApiError> {
    let state = call.platform.read();
    let (itwin, _) = look_as_member(call, &state, id)?;
    let job = itwin.team.jobs.get(job_id).ok_or_else(missing)?;
    Ok(Answer::ok(json!({"actions": job.actions})))
}
