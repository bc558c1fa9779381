//! Who calls, why lists are empty, and how somebody is let in.

use serde_json::json;
use twinkit_auth::Credential;
use twinkit_emulator::ims::{SERVICE_CLIENT_ID, SERVICE_CLIENT_SECRET};
use twinkit_itwin::ITwin;
use twinkit_itwin::access_control::enums::ShareContract;
use twinkit_itwin::access_control::types::ShareCreate;

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn it_is_told_who_calls_and_why_lists_are_empty() {
    let machine = machine().await;
    let said = succeeded(&as_program(&machine, &["me"]));
    for part in ["service application", &address(PROGRAM), "sees iTwins   no", "itwin onboard"] {
        assert!(said.contains(part), "{part} is missing: {said}");
    }
    assert!(!said.contains("onboard_"), "a name of the library: {said}");
    let told = document(&succeeded(&as_program(&machine, &["me", "--json"])));
    assert_eq!(told["user"]["email"], address(PROGRAM));
    assert_eq!((&told["seesITwins"], &told["iTwin"]), (&json!(false), &json!(null)));

    // A list that is empty says why, beside it.
    let list = as_program(&machine, &["itwins", "list"]);
    assert_eq!(succeeded(&list).lines().count(), 1);
    assert!(errors(&list).contains(&address(PROGRAM)), "{}", texts(&list));
    assert_eq!(succeeded(&as_program(&machine, &["itwins", "list", "--json"])), "");

    // What is not for the caller looks as if it were not there; the cure is told.
    let itwin = new_itwin(&machine, "Bridge");
    for args in [
        &["itwins", "show", &itwin][..],
        &["members", "list", &itwin],
        &["imodels", "list", &itwin],
        &["files", "list", &itwin],
    ] {
        let output = as_program(&machine, args);
        assert_eq!(code(&output), 1, "{args:?}: {}", texts(&output));
        let cure = format!("onboard ID --email {}", address(PROGRAM));
        assert!(errors(&output).contains(&cure), "{args:?}: {}", texts(&output));
        assert_no_secret(&output);
    }
    let there = as_program(&machine, &["me", "--itwin", &itwin]);
    assert_eq!(code(&there), 1);
    let command = format!("itwin onboard {itwin} --email {}", address(PROGRAM));
    assert!(texts(&there).contains(&command), "{}", texts(&there));
    let sees = document(&done(&machine, &["me", "--itwin", &itwin, "--json"]));
    assert_eq!(sees["seesITwins"], true);
    assert!(sees["iTwin"]["permissions"].as_array().unwrap().len() > 3, "{sees}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_is_let_in_by_plan_and_proven() {
    let machine = machine().await;
    let itwin_id = new_itwin(&machine, "Bridge");
    let before = writes(&machine).len();
    let role = ["--make-role", "Reader", "--permission", "imodels_read"];
    let by_id = [&["onboard", &itwin_id, "--client-id", PROGRAM], &role[..]].concat();

    let alone = run(&machine, &by_id);
    assert_eq!(code(&alone), 2);
    assert!(errors(&alone).contains("--yes"), "{}", texts(&alone));
    let plan = done(&machine, &[&by_id[..], &["--dry-run"]].concat());
    assert!(plan.contains("Reader") && plan.contains(&address(PROGRAM)), "{plan}");
    let plan = document(&done(&machine, &[&by_id[..], &["--dry-run", "--json"]].concat()));
    assert_eq!((&plan["change"], &plan["applied"]), (&json!("add"), &json!(false)));
    assert_eq!(plan["roles"][0]["change"], "create");
    assert_eq!(writes(&machine).len(), before);

    // Whom the platform does not know is invited.
    let other = [&["onboard", &itwin_id, "--client-id", "service-other"], &role[..]].concat();
    let invited = made(&machine, &other);
    assert_eq!(invited["standing"]["kind"], "invited");
    let again = made(&machine, &other);
    assert_eq!((&again["change"], &again["roles"][0]["change"]), (&json!("none"), &json!("none")));

    let base = ["onboard", itwin_id.as_str(), "--from-env", "--role", "reader", "--prove"];
    let args = [&base[..], &["--yes", "--json"]].concat();
    let missing = run(&machine, &args);
    assert_eq!(code(&missing), 2);
    assert!(errors(&missing).contains("ONBOARD_ITWIN_CLIENT_SECRET"), "{}", texts(&missing));
    let with_program = |args: &[&str]| {
        let mut command = itwin(&machine, args);
        command.env("ONBOARD_ITWIN_CLIENT_ID", PROGRAM);
        command.env("ONBOARD_ITWIN_CLIENT_SECRET", SECRET).output().unwrap()
    };
    let output = with_program(&args);
    assert_no_secret(&output);
    let report = document(&succeeded(&output));
    assert_eq!((&report["change"], &report["applied"]), (&json!("add"), &json!(true)));
    assert_eq!(report["standing"]["kind"], "member");
    assert_eq!(report["proven"]["permissions"], json!(["imodels_read"]));

    // Again, nothing is left to do, and nobody is asked.
    let again = succeeded(&with_program(&[&base[..], &["--yes"]].concat()));
    assert!(again.contains("already") && again.contains("proven"), "{again}");
    let other = with_program(&[&other[..], &["--prove", "--yes"]].concat());
    assert_eq!(code(&other), 1);
    assert!(errors(&other).contains("is of service-program@"), "{}", texts(&other));
    succeeded(&as_program(&machine, &["me", "--itwin", &itwin_id]));

    // And out again.
    let off = ["offboard", itwin_id.as_str(), "--client-id", PROGRAM];
    let plan = done(&machine, &[&off[..], &["--dry-run"]].concat());
    assert!(plan.contains("end the membership with \"Reader\""), "{plan}");
    let gone = made(&machine, &off);
    let outcomes = gone["outcomes"].as_array().unwrap();
    assert_eq!(outcomes.len(), 1, "{gone}");
    assert_eq!(
        (&outcomes[0]["kind"], &outcomes[0]["outcome"]),
        (&json!("member"), &json!("removed"))
    );
    let again = made(&machine, &off);
    assert_eq!((&again["change"], &again["applied"]), (&json!("none"), &json!(true)));
    let again = done(&machine, &[&off[..], &["--yes"]].concat());
    assert!(again.contains("had no access of their own"), "{again}");
    assert_eq!(code(&as_program(&machine, &["me", "--itwin", &itwin_id])), 1);
    let last = ["offboard", itwin_id.as_str(), "--email", &owner(), "--dry-run"];
    assert!(done(&machine, &last).contains("BEWARE"));

    // A role that is not there is told with those that are.
    let args = ["onboard", &itwin_id, "--client-id", PROGRAM, "--role", "Plumber", "--yes"];
    let output = run(&machine, &args);
    assert_eq!(code(&output), 1);
    let said = errors(&output);
    assert!(said.contains("there are: Reader") && said.contains("--make-role"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_share_key_calls_without_a_sign_in_and_is_not_shown() {
    let machine = machine().await;
    let itwin_id = new_itwin(&machine, "Bridge");
    made(&machine, &["imodels", "create", &itwin_id, "Deck"]);
    let credential = Credential::ims_service(SERVICE_CLIENT_ID, SERVICE_CLIENT_SECRET);
    let credential = credential.host(machine.emulator.ims_url()).build().unwrap();
    let owner = ITwin::builder(credential).endpoint(machine.emulator.itwin_url()).build().unwrap();
    let share = owner.access_control().create_share().id(itwin_id.as_str());
    let contract = ShareCreate { expiration: None, share_contract: Some(ShareContract::Default) };
    let share = share.body(contract).send().await.unwrap();
    let key = share.share.share_key.expose();
    let file = machine.state.path().join("key");
    std::fs::write(&file, format!("{key}\n")).unwrap();

    let bare = |args: &[&str]| {
        let mut command = machine.bare(&["itwin"]);
        command.args(args).env("ITWIN_API_URL", machine.emulator.itwin_url());
        command
    };
    let list = ["imodels", "list", &itwin_id, "--share-key-file"];
    let output = bare(&list).arg(&file).output().unwrap();
    assert!(succeeded(&output).contains("Deck") && !texts(&output).contains(key));
    let args = ["files", "list", &itwin_id];
    let refused = bare(&args).env("ITWIN_SHARE_KEY", key).output().unwrap();
    assert_eq!(code(&refused), 1);
    assert!(errors(&refused).contains("share key opens only"), "{}", texts(&refused));
    assert!(!texts(&refused).contains(key));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_calls_the_platform_and_gives_the_command_that_lets_in() {
    let machine = machine().await;
    let mut command = machine.with_variables(&["doctor", "--for", "itwin"]);
    command.env("ITWIN_CLIENT_ID", PROGRAM).env("ITWIN_CLIENT_SECRET", SECRET);
    let output = command.output().unwrap();
    let said = succeeded(&output);
    let command = format!("twinkit itwin onboard ITWIN --email {} --role ROLE", address(PROGRAM));
    for part in ["sees no iTwin", &address(PROGRAM), &command, machine.emulator.itwin_url()] {
        assert!(said.contains(part), "{part} is missing: {said}");
    }
    assert_no_secret(&output);

    new_itwin(&machine, "Bridge");
    let well = machine.with_variables(&["doctor", "--for", "itwin", "--json"]).output().unwrap();
    let report = document(&succeeded(&well));
    assert_eq!((&report["probe"]["ok"], &report["next"]), (&json!(true), &json!([])));

    // The token is taken by nobody, or there is no platform.
    machine.emulator.itwin().set_client_known(SERVICE_CLIENT_ID, false);
    let unknown = machine.with_variables(&["doctor", "--for", "itwin"]).output().unwrap();
    assert_eq!(code(&unknown), 1);
    assert!(texts(&unknown).contains("401"), "{}", texts(&unknown));
    let args = ["doctor", "--for", "itwin", "--endpoint", "http://127.0.0.1:9"];
    assert_eq!(code(&machine.with_variables(&args).output().unwrap()), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_meant_is_wrong_usage_and_sends_nothing() {
    let machine = machine().await;
    let nowhere = machine.state.path().join("none").display().to_string();
    for args in [
        &[][..],
        &["me", "--endpoint", "ftp://x"],
        &["me", "--share-key-file", &nowhere],
        &["me", "--with", "azure-cli"],
        &["itwins", "show", ".."],
        &["itwins", "create", "x", "--kind", "castle", "--yes"],
        &["itwins", "create", "x"],
        &["itwins", "delete", "x", "--yes", "--dry-run"],
        &["onboard", "i", "--role", "x", "--yes"],
        &["onboard", "i", "--email", "a@b", "--client-id", "c", "--role", "x", "--yes"],
        &["onboard", "i", "--email", "a@b", "--permission", "p", "--yes"],
        &["members", "add", "i", "--role", "x", "--yes"],
        &["members", "add", "i", "a@b", "--yes"],
        &["members", "add", "i", "--from", &nowhere, "--role", "x", "--yes"],
        &["imodels", "create", "i", "n", "--baseline", &nowhere, "--yes"],
        &["imodels", "clone", "i", "--changeset", "..", "--yes"],
        &["imodels", "checkpoint", "i", "--again"],
        &["files", "upload", "i", &nowhere, "--yes"],
        &["files", "list", "i", "/a/../b"],
        &["files", "download", "i", "/a", "--out", "-", "--json"],
        &["webhooks", "create", "https://x", "--event", "a.b.v1", "--yes"],
        &["offboard", "i", "--yes"],
        &["webhooks", "verify", "--signature", "x", "--body", &nowhere],
    ] {
        let output = run(&machine, args);
        assert_eq!(code(&output), 2, "{args:?}: {}", texts(&output));
    }
    assert_eq!(writes(&machine), [""; 0]);
}
