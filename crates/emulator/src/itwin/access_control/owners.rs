//! Owners of an iTwin.

use serde_json::{Value, json};

use super::{INVALID, assign, changed, look, look_as_member, no_member, show};
use crate::itwin::{
    ApiError,
    errors::Detail,
    routes::{Answer, Call},
    rules::Body,
    state::{Invited, Team},
};

pub(super) fn answer(call: &Call, id: &str, path: &[&str]) -> Result<Answer, ApiError> {
    match (call.method(), path) {
        ("GET", []) => list(call, id),
        ("POST", []) => add(call, id),
        ("DELETE", [member]) => remove(call, id, &member.to_ascii_lowercase()),
        _ => Err(ApiError::no_route()),
    }
}

fn list(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let people = show::People::of(call);
    let state = call.platform.read();
    let (itwin, _) = look_as_member(call, &state, id)?;
    let page = call.page(INVALID)?;
    let owners: Vec<Value> = itwin.team.owners.iter().map(|id| people.owner(id)).collect();
    Ok(Answer::ok(show::page(call, page, "members", &owners)))
}

fn add(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let people = show::People::of(call);
    let mut state = call.platform.write();
    let (itwin, standing) = look(call, &state, id)?;
    standing.require_owner()?;
    let given = call.object(INVALID)?;
    let mut body = Body::new(&given);
    let email = body.email("email");
    body.verdict(INVALID)?;
    let email = email.unwrap_or_default();
    let user = assign::joins_at_once(&call.platform, itwin, email);
    let known = call.platform.user_named(email);
    let is_owner = known.as_ref().is_some_and(|user| itwin.team.is_owner(&user.id));
    if is_owner || is_invited(&itwin.team, email, call.platform.now()) {
        let told = "The user is an owner already, or invited as one.";
        let detail = Detail::invalid_value("email", told);
        let error = ApiError::conflict("OwnerAlreadyExists", told).at("email");
        return Err(error.with_detail(detail));
    }
    let team = &mut changed(&mut state, id)?.team;
    let answer = match user {
        Some(user) => {
            team.admit(&user.id, Invited::Owner);
            json!({"member": people.owner(&user.id), "invitation": null})
        }
        None => {
            let id = assign::invite(call, team, email, Invited::Owner);
            let invitation = team.invitations.get(&id);
            let invitation = invitation.map(|it| show::invitation(team, &id, it));
            json!({"member": null, "invitation": invitation})
        }
    };
    Ok(Answer::created(answer))
}

fn is_invited(team: &Team, email: &str, now: jiff::Timestamp) -> bool {
    team.invitations.values().any(|it| {
        it.to_be == Invited::Owner
            && !it.accepted
            && show::is_open(it, now)
            && it.email.eq_ignore_ascii_case(email)
    })
}

fn remove(call: &Call, id: &str, member_id: &str) -> Result<Answer, ApiError> {
    let mut state = call.platform.write();
    let (itwin, standing) = look(call, &state, id)?;
    standing.require_owner()?;
    if !itwin.team.is_owner(member_id) {
        return Err(no_member());
    }
    changed(&mut state, id)?.team.owners.retain(|owner| owner != member_id);
    Ok(Answer::no_content())
}
