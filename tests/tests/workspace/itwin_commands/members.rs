//! Members, owners, roles and groups.

use serde_json::json;
use twinkit_emulator::ims::USER_EMAIL;

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn many_are_added_and_it_is_told_what_became_of_each() {
    let machine = machine().await;
    let itwin = new_itwin(&machine, "Bridge");
    let role = ["members", "roles", "create", &itwin, "Reader", "--permission", "imodels_read"];
    let made_role = made(&machine, &role);
    assert_eq!(made_role["permissions"], json!(["imodels_read"]));
    assert!(errors(&run(&machine, &[&role[..], &["--yes"]].concat())).contains("already"));

    let file = machine.state.path().join("people");
    std::fs::write(&file, format!("# our people\n{USER_EMAIL}\n\n{}\n", owner())).unwrap();
    let file = file.display().to_string();
    let program = address(PROGRAM);
    let add = ["members", "add", &itwin, &program, &program.to_uppercase()];
    let add = [&add[..], &["--from", &file, "--role", "reader"]].concat();
    let before = writes(&machine).len();
    let plan = done(&machine, &[&add[..], &["--dry-run"]].concat());
    assert_eq!(plan.matches("add ").count(), 3, "{plan}");
    assert_eq!(writes(&machine).len(), before);
    let report = made(&machine, &add);
    let report = &report["report"];
    // Applications are members at once, people of elsewhere are invited.
    let emails = |kind: &str| {
        let all = report[kind].as_array().unwrap().iter();
        all.map(|one| one["email"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(emails("members"), [program.clone(), owner()]);
    assert_eq!(emails("invitations"), [USER_EMAIL]);
    assert_eq!(report["failed"], json!([]));
    let again = run(&machine, &[&add[..], &["--yes"]].concat());
    let said = succeeded(&again);
    assert_eq!(said.matches("was invited").count(), 1, "{said}");
    assert_eq!(said.matches("was there").count(), 2, "{said}");
    assert_eq!(writes(&machine).len(), before + 1, "nobody is added twice");

    let listed = lines(&done(&machine, &["members", "list", &itwin, "--json"]));
    let kinds: Vec<&str> = listed.iter().map(|member| member["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["owner", "member", "member", "invitation"]);
    let shown = done(&machine, &["members", "list", &itwin]);
    assert!(shown.contains("KIND") && shown.contains("until ") && shown.contains("Reader"));

    let remove = ["members", "remove", &itwin, USER_EMAIL, &owner()];
    let plan = done(&machine, &[&remove[..], &["--dry-run"]].concat());
    assert!(plan.contains("withdraw the invitation of ada@"), "{plan}");
    let said = done(&machine, &[&remove[..], &["--yes"]].concat());
    assert_eq!(said.matches("was removed").count(), 2, "{said}");
    let nobody = run(&machine, &["members", "remove", &itwin, "nobody@x.example", "--yes"]);
    assert_eq!(code(&nobody), 1);
    assert!(errors(&nobody).contains("nobody@x.example is neither"), "{}", texts(&nobody));
    let listed = lines(&done(&machine, &["members", "list", &itwin, "--json"]));
    assert_eq!(listed.len(), 2, "{listed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_done_for_some_and_not_for_others_has_a_code_of_its_own() {
    let machine = machine().await;
    let itwin = new_itwin(&machine, "Bridge");
    made(
        &machine,
        &["members", "roles", "create", &itwin, "Reader", "--permission", "imodels_read"],
    );
    // 60 members with a role each are two calls; the second one is refused.
    let people: Vec<String> = (0..60).map(|n| format!("p{n}@x.example")).collect();
    let people: Vec<&str> = people.iter().map(String::as_str).collect();
    let body = r#"{"error":{"code":"TeamMemberNotFound","message":"Nobody.\u001b[31m"}}"#;
    let refusal = || {
        twinkit_emulator::faults::Fault::answer(404, "application/json", body)
            .on("itwin")
            .method("POST")
            .path_contains("/members/users")
    };
    machine.emulator.faults().next(refusal().after(1));
    let add = [&["members", "add", &itwin, "--role", "Reader", "--yes"], &people[..]].concat();
    let output = run(&machine, &add);
    assert_eq!(code(&output), 3, "{}", texts(&output));
    let said = texts(&output);
    assert_eq!(said.matches("invited").count(), 50, "{said}");
    assert_eq!(said.matches("FAILED").count(), 10, "{said}");
    assert!(said.contains("TeamMemberNotFound") && !said.contains('\u{1b}'), "{said}");
    assert_eq!(said.matches("the call as a whole: ").count(), 10, "{said}");

    // Whom a refusal names is told apart from its call.
    let named = r#"{"error":{"code":"InvalidRequest","message":"No.","details":[{"code":"InvalidValue","message":"No mail.","target":"members[1].email"}]}}"#;
    let fault = twinkit_emulator::faults::Fault::answer(422, "application/json", named);
    machine
        .emulator
        .faults()
        .next(fault.on("itwin").method("POST").path_contains("/members/users"));
    let three = ["a@x.example", "b@x.example", "c@x.example", "--json"];
    let add = [&["members", "add", &itwin, "--role", "Reader", "--yes"], &three[..]].concat();
    let output = run(&machine, &add);
    assert_eq!(code(&output), 3, "{}", texts(&output));
    let told = document(&String::from_utf8(output.stdout).unwrap());
    let failed = told["report"]["failed"].as_array().unwrap();
    let [failed] = failed.as_slice() else { panic!("{failed:?}") };
    assert_eq!((&failed["who"], &failed["isNamed"]), (&json!("b@x.example"), &json!(true)));
    assert_eq!(told["report"]["invitations"].as_array().unwrap().len(), 2);

    // None at all is a plain failure.
    machine.emulator.faults().next(refusal());
    let output =
        run(&machine, &["members", "add", &itwin, "q@x.example", "--role", "Reader", "-y"]);
    assert_eq!(code(&output), 1, "{}", texts(&output));
    assert!(errors(&output).contains("TeamMemberNotFound"), "{}", texts(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn owners_roles_and_groups_come_and_go() {
    let machine = machine().await;
    let itwin = new_itwin(&machine, "Bridge");
    let permissions = done(&machine, &["members", "roles", "permissions"]);
    assert!(permissions.lines().any(|line| line == "imodels_read"), "{permissions}");
    made(
        &machine,
        &["members", "roles", "create", &itwin, "Reader", "--permission", "imodels_read"],
    );
    let roles = done(&machine, &["members", "roles", "list", &itwin]);
    assert!(roles.contains("Reader") && roles.contains("imodels_read"), "{roles}");

    let report = made(&machine, &["members", "owners", "add", &itwin, USER_EMAIL, &owner()]);
    assert_eq!(report["report"]["already"], json!([owner()]));
    assert_eq!(report["report"]["invitations"][0]["email"], USER_EMAIL);
    let owners = done(&machine, &["members", "owners", "list", &itwin]);
    assert!(owners.contains(&owner()) && !owners.contains(USER_EMAIL), "{owners}");
    assert_eq!(machine.emulator.itwin().accept_invitations(USER_EMAIL), 1);
    let last = ["members", "owners", "remove", &itwin, &owner(), USER_EMAIL, "--dry-run"];
    assert!(done(&machine, &last).contains("BEWARE"));
    let said = done(&machine, &["members", "owners", "remove", &itwin, USER_EMAIL, "--yes"]);
    assert!(said.contains("was removed"), "{said}");
    let nobody = run(&machine, &["members", "owners", "remove", &itwin, USER_EMAIL, "--yes"]);
    assert_eq!(code(&nobody), 1);

    let group = ["members", "groups", "create", &itwin, "Crew", "--description", "all of us"];
    let group = made(&machine, &[&group[..], &["--person", &owner()]].concat());
    assert_eq!(group["members"][0]["email"], owner());
    let listed = done(&machine, &["members", "groups", "list", &itwin]);
    assert!(listed.contains("Crew") && listed.contains(&owner()), "{listed}");
    let add = ["members", "add", &itwin, "--group", "crew", "--role", "Reader"];
    let added = made(&machine, &add);
    assert_eq!(added["report"]["groups"][0]["groupName"], "Crew");
    assert!(done(&machine, &["members", "list", &itwin]).contains("Crew"));
    made(&machine, &["members", "remove", &itwin, "Crew"]);
    let gone = done(&machine, &["members", "groups", "delete", &itwin, "Crew", "--yes"]);
    assert!(gone.contains("was deleted"), "{gone}");
    made(&machine, &["members", "roles", "delete", &itwin, "Reader"]);
    let missing = run(&machine, &["members", "roles", "delete", &itwin, "Reader", "--yes"]);
    assert_eq!(code(&missing), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_no_owner_is_told_what_cannot_be_seen() {
    let machine = machine().await;
    let itwin = new_itwin(&machine, "Bridge");
    let mut role = vec!["members", "roles", "create", &itwin, "Warden"];
    for permission in [
        "administration_invite_member",
        "administration_remove_member",
        "administration_manage_roles",
        "administration_manage_groups",
    ] {
        role.extend(["--permission", permission]);
    }
    made(&machine, &role);
    let program = address(PROGRAM);
    made(&machine, &["members", "add", &itwin, &program, "--role", "Warden"]);
    let add = ["members", "add", &itwin, "eve@x.example", "--role", "Warden"];
    assert_eq!(made(&machine, &add)["seesInvitations"], true);

    let again = as_program(&machine, &[&add[..], &["--dry-run"]].concat());
    assert!(succeeded(&again).contains("BEWARE: only owners"), "{}", texts(&again));
    let onboard = ["onboard", &itwin, "--email", "eve@x.example", "--role", "Warden", "--dry-run"];
    let plan = as_program(&machine, &[&onboard[..], &["--json"]].concat());
    assert_eq!(document(&succeeded(&plan))["seesInvitations"], false);

    let off = ["offboard", &itwin, "--email", "eve@x.example", "--yes", "--json"];
    let blind = as_program(&machine, &off);
    assert_eq!(code(&blind), 3, "{}", texts(&blind));
    let said = String::from_utf8_lossy(&blind.stdout).into_owned();
    let said = document(&said);
    assert_eq!((&said["change"], &said["applied"]), (&json!("none"), &json!(true)));
    assert_eq!(said["unseen"], json!({"invitationsOfOthers": true, "groups": []}));
    let gone = document(&succeeded(&run(&machine, &off)));
    let outcomes = gone["outcomes"].as_array().unwrap();
    assert_eq!(outcomes.len(), 1);
    assert_eq!(
        (&outcomes[0]["kind"], &outcomes[0]["outcome"]),
        (&json!("invitation"), &json!("removed"))
    );
}
