//! The example programs, run as they would be: as processes, on an emulator, with what
//! they say and the code that they end with.

#![cfg(test)]

mod file_upload;
mod middle_tier_api;
mod nightly_sync;
mod onboarding;
mod process;
mod webhook_receiver;

use process::{Program, succeeded};

/// What each program says of its work on an emulator of its own.
#[test]
fn each_program_runs_without_an_account() {
    for (program, arguments, said) in [
        (Program::MiddleTierApi, &[][..], "guest@twinkit.onmicrosoft.com: 403"),
        (Program::NightlySync, &[], "8 of 8 steps done, 0 failed"),
        (Program::Onboarding, &["--yes"], "proven: it may do"),
        (Program::FileUpload, &[], "is in reality data"),
        (Program::WebhookReceiver, &[], "has version"),
    ] {
        let output = program.command().args(arguments).output().unwrap();
        let text = succeeded(&output);
        assert!(text.contains(said), "{text}");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(errors.contains("Working on an emulator of my own"), "{errors}");
    }
}

/// What each program says when nobody is where it was told to work.
#[test]
fn each_program_says_what_failed() {
    let nowhere = "http://127.0.0.1:9";
    for (program, arguments) in [
        (Program::NightlySync, &["data/tower.ndjson"][..]),
        (Program::Onboarding, &[]),
        (Program::FileUpload, &["data/tower.ndjson", "--itwin", "x"]),
    ] {
        let mut command = program.command();
        command.args(arguments);
        for name in [
            "AZURE_DIGITALTWINS_URL",
            "AZURE_IOTCENTRAL_URL",
            "ITWIN_API_URL",
            "AZURE_AUTHORITY_HOST",
            "ITWIN_IMS_AUTHORITY",
        ] {
            command.env(name, nowhere);
        }
        command.env("AZURE_TENANT_ID", "contoso.example");
        for name in ["AZURE", "ITWIN", "ONBOARD", "ONBOARD_ITWIN"] {
            command.env(format!("{name}_CLIENT_ID"), "an-id");
            command.env(format!("{name}_CLIENT_SECRET"), "canary");
        }
        command.env("ITWIN_ID", "x");
        let output = command.output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{errors}");
        assert!(errors.starts_with("error: ") && errors.contains(nowhere), "{errors}");
        assert!(!errors.contains("canary"), "{errors}");
    }
}
