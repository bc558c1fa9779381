//! Adding more members, groups and owners than one call takes, and the exact
//! account of what became of each.

use std::collections::BTreeSet;

use serde_json::json;
use twinkit_emulator::faults::Fault;
use twinkit_emulator::ims::USER_EMAIL;
use twinkit_itwin::access_control::types::{GroupCreate, UserMember};
use twinkit_itwin::{CallOptions, ErrorKind, ITwinErrorExt as _};
use twinkit_tests::support::itwin_stage::ITwinStage;

use super::support::{MISSING, body, new_itwin, new_role, stage};

const ADD: &str = "/members/users";

struct Crew {
    stage: ITwinStage,
    itwin: String,
    role: String,
}

impl Crew {
    async fn new() -> Self {
        let stage = stage().await;
        let itwin = new_itwin(&stage.ada, "Bridge").await;
        let role = new_role(&stage.ada, &itwin, "Reader", &["imodels_read"]).await;
        Self { stage, itwin, role }
    }

    /// So many people of the organization.
    fn people(&self, count: usize) -> Vec<String> {
        (0..count).map(|at| self.stage.person(&format!("p{at:03}")).unwrap()).collect()
    }

    async fn members(&self) -> BTreeSet<String> {
        let list = self.stage.ada.access_control().list_user_members().id(&self.itwin).top(25);
        emails(&list.items().into_vec().await.unwrap())
    }

    async fn invited(&self) -> BTreeSet<String> {
        let list = self.stage.ada.access_control().list_member_invitations().id(&self.itwin);
        let list = list.top(25).items().into_vec().await.unwrap();
        list.into_iter().map(|invitation| invitation.email).collect()
    }

    fn posts(&self) -> usize {
        self.stage.calls().iter().filter(|call| call.starts_with("POST")).count()
    }
}

fn emails(members: &[UserMember]) -> BTreeSet<String> {
    members.iter().filter_map(|member| member.email.clone()).collect()
}

#[tokio::test]
async fn a_hundred_and_twenty_are_added_or_invited_in_three_calls() {
    let crew = Crew::new().await;
    let known = crew.people(60);
    crew.stage.emulator.requests().clear();
    let access = crew.stage.ada.access_control();
    let mut adding = access.add_members(&crew.itwin).message("Welcome");
    for (at, email) in known.iter().enumerate() {
        adding = adding.member(email, [&crew.role]);
        adding = adding.member(format!("guest{at}@elsewhere.example"), [&crew.role]);
    }
    let added = adding.send().await.unwrap();
    assert_eq!((crew.posts(), added.to_string()), (3, "60 added, 60 invited".to_owned()));
    assert!(added.is_complete());
    let known: BTreeSet<String> = known.into_iter().collect();
    assert_eq!((emails(&added.members), crew.members().await), (known.clone(), known));
    let invited: BTreeSet<_> = added.invitations.iter().map(|it| it.email.clone()).collect();
    assert_eq!((invited.len(), &invited), (60, &crew.invited().await));
}

#[tokio::test]
async fn a_wrong_entry_takes_nobody_with_it() {
    let crew = Crew::new().await;
    let known = crew.people(120);
    let access = crew.stage.ada.access_control();
    let mut adding = access.add_members(&crew.itwin);
    for (at, email) in known.iter().enumerate() {
        // In the second call is one whose role is not there.
        let role = if at == 70 { MISSING } else { crew.role.as_str() };
        adding = adding.member(email, [role]);
    }
    let added = adding.send().await.unwrap();
    assert_eq!(added.to_string(), "119 added, 0 invited, 1 failed");
    let [failed] = added.failed.as_slice() else { panic!("{added:?}") };
    assert!(failed.error.is_role_not_found(), "{}", failed.error);
    let place = "target members[20].roleIds[0]";
    assert!(failed.error.to_string().contains(place), "{}", failed.error);
    assert_eq!(failed.culprit().map(|entry| &entry.email), known.get(70));
    let there = crew.members().await;
    assert!(there.len() == 119 && !there.contains(&known[70]));
}

#[tokio::test]
async fn a_call_that_breaks_ends_it_and_says_whom_it_may_have_added() {
    let crew = Crew::new().await;
    let known = crew.people(120);
    let platform = crew.stage.ada.with_options(CallOptions::new().no_retry());
    let fault = Fault::lose_answer().on("itwin").method("POST").path_contains(ADD).after(1);
    crew.stage.emulator.faults().next(fault);
    let mut adding = platform.access_control().add_members(&crew.itwin);
    for email in &known {
        adding = adding.member(email, [&crew.role]);
    }
    let added = adding.send().await.unwrap();
    assert_eq!(added.to_string(), "50 added, 0 invited, 50 failed, 20 not sent");
    let [failed] = added.failed.as_slice() else { panic!("{added:?}") };
    assert!(failed.error.kind().is_ambiguous(), "{}", failed.error);
    assert_eq!(crew.members().await.len(), 100, "they were added, and nobody can know");
    // Sent again, all are there, and nobody twice.
    let mut adding = platform.access_control().add_members(&crew.itwin);
    for entry in failed.entries.iter().chain(&added.unsent) {
        adding = adding.member(&entry.email, &entry.role_ids);
    }
    assert!(adding.send().await.unwrap().is_complete());
    assert_eq!(crew.members().await.len(), 120);
}

#[tokio::test]
async fn assignments_are_counted_and_not_members() {
    let crew = Crew::new().await;
    let other = new_role(&crew.stage.ada, &crew.itwin, "Writer", &["imodels_write"]).await;
    let known = crew.people(30);
    crew.stage.emulator.requests().clear();
    let access = crew.stage.ada.access_control();
    let mut adding = access.add_members(&crew.itwin);
    for email in &known {
        adding = adding.member(email, [&crew.role, &other]);
    }
    let added = adding.send().await.unwrap();
    assert!(added.is_complete() && added.members.iter().all(|member| member.roles.len() == 2));
    assert_eq!(crew.posts(), 2, "25 of them make 50");
    // One call of the platform's own would have been refused.
    let all = known.iter().map(|email| json!({"email": email, "roleIds": [crew.role, other]}));
    let all = body(json!({"members": all.collect::<Vec<_>>()}));
    let add = access.add_user_members().id(&crew.itwin);
    let error = add.body::<twinkit_itwin::access_control::types::AddUserMembers>(all).send().await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Rejected);
}

#[tokio::test]
async fn groups_are_added_with_their_roles_and_missing_ones_told() {
    let crew = Crew::new().await;
    let access = crew.stage.ada.access_control();
    let mut adding = access.add_groups(&crew.itwin);
    for at in 0..60 {
        let new: GroupCreate = body(json!({"name": format!("G{at}"), "description": "d"}));
        let made = access.create_group().id(&crew.itwin).body(new).send().await.unwrap();
        adding = adding.group(&made.group.id, [&crew.role]);
    }
    crew.stage.emulator.requests().clear();
    let added = adding.group(MISSING, [&crew.role]).send().await.unwrap();
    assert_eq!(added.to_string(), "60 added, 1 failed, 0 not sent");
    assert_eq!((crew.posts(), added.failed[0].culprit().unwrap().group_id.as_str()), (3, MISSING));
    assert!(added.failed[0].error.is_not_found(), "{}", added.failed[0].error);
    let there = access.list_group_members().id(&crew.itwin).items().into_vec().await.unwrap();
    assert_eq!(there.len(), 60);
}

#[tokio::test]
async fn owners_are_added_invited_or_there_already() {
    let crew = Crew::new().await;
    let access = crew.stage.ada.access_control();
    let bob = crew.stage.person("bob").unwrap();
    let adding = access.add_owners(&crew.itwin).owner(USER_EMAIL).owner(&bob);
    let added = adding.owner("eve@elsewhere.example").send().await.unwrap();
    assert_eq!(added.to_string(), "1 added, 1 invited, 1 owners already, 0 failed, 0 not sent");
    assert_eq!(added.already, [USER_EMAIL]);
    assert_eq!(added.members[0].email.as_deref(), Some(bob.as_str()));
    let owners = access.list_owners().id(&crew.itwin).items().into_vec().await.unwrap();
    assert_eq!(owners.len(), 2);
    // Who is no owner may make none, and learns it with the first.
    let writer = crew.stage.service.access_control().add_owners(&crew.itwin);
    let added = writer.owner("a@b.example").owner("c@d.example").send().await.unwrap();
    assert_eq!((added.failed.len(), added.unsent.len()), (1, 1));
    assert!(added.failed[0].error.is_itwin_not_found());
}
