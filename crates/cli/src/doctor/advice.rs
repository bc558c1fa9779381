//! What to do next, by what was found. It must not ask anybody anything.

use twinkit::auth::ims_service_email;

use super::Args;
use super::report::{Caller, Finding, Found, Probe};
use crate::identity::sources::Source;
use crate::identity::target::Target;

pub(super) fn advice(
    args: &Args,
    findings: &[Finding],
    used: Option<Source>,
    caller: Option<&Caller>,
    probe: Option<&Probe>,
) -> Vec<String> {
    let Some(used) = used else { return to_sign_in(args, findings) };
    let mut next = Vec::new();
    match &args.target {
        Target::DigitalTwins => {
            if probe.is_none_or(|probe| probe.status == Some(403)) {
                next.extend(caller.and_then(role_assignment));
            }
            if probe.is_none() {
                next.push("call an instance: `twinkit doctor --endpoint https://...`".to_owned());
            }
        }
        Target::IotCentral => {
            // Whoever is let in may still have a role too small for something.
            next.extend(caller.map(|caller| onboarding(args, caller)));
            if probe.is_none() {
                let command = "twinkit doctor --for iot-central --endpoint APP";
                next.push(format!("call an application: `{command}`"));
            }
        }
        Target::Itwin => next.extend(probe.and_then(|probe| itwin(probe, used))),
        Target::Scope(_) => {}
    }
    next
}

fn to_sign_in(args: &Args, findings: &[Finding]) -> Vec<String> {
    let failed = findings.iter().filter(|finding| finding.found == Found::Failed);
    let mend: Vec<String> = failed
        .map(|finding| {
            let hint = finding.hint.as_deref().unwrap_or("see its message above");
            format!("mend {}: {} ({hint})", finding.source, finding.detail)
        })
        .collect();
    if !mend.is_empty() {
        return mend;
    }
    if args.target.is_ims() {
        return vec![
            "as an application: set ITWIN_CLIENT_ID and ITWIN_CLIENT_SECRET".to_owned(),
            "as a person: `twinkit login ims --client-id ID`".to_owned(),
        ];
    }
    vec![
        "as a person: `az login`, or `twinkit login entra --client-id ID`".to_owned(),
        "as an application: set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET"
            .to_owned(),
        "without any account: `twinkit emulate` in another terminal, and the variables that it \
         prints"
            .to_owned(),
    ]
}

/// The command that lets this caller in, with its own object id.
fn role_assignment(caller: &Caller) -> Option<String> {
    let object_id = caller.object_id.as_ref()?;
    let kind = if caller.is_application { "ServicePrincipal" } else { "User" };
    Some(format!(
        "if calls are refused with 403, give this caller a role on the instance; it works after \
         some minutes:\n      az role assignment create --role \"Azure Digital Twins Data Owner\" \
         --assignee-object-id {object_id} --assignee-principal-type {kind} --scope \"$(az dt show \
         --dt-name NAME --query id --output tsv)\""
    ))
}

/// The command by which an administrator lets this caller in, with its own ids.
fn onboarding(args: &Args, caller: &Caller) -> String {
    let app = args.endpoint.as_deref().unwrap_or("APP");
    let command = format!("twinkit iot-central onboard --app {app} --role Builder");
    if !caller.is_application {
        let address = Some(caller.name.as_str()).filter(|name| name.contains('@'));
        let address = address.unwrap_or("ADDRESS");
        return format!(
            "if calls are refused with 403, an administrator of the application lets this person \
             in, or gives other roles in place of the present ones:\n      {command} --email \
             {address}"
        );
    }
    let object_id = caller.object_id.as_deref().unwrap_or("OBJECT_ID");
    let tenant_id = caller.tenant_id.as_deref().unwrap_or("TENANT_ID");
    format!(
        "if calls are refused with 403, an administrator of the application lets this service \
         principal in, or gives it other roles in place of the present ones:\n      {command} --tenant-id {tenant_id} --object-id {object_id}\n      \
         (this object id is the enterprise application's, read from the token; the app \
         registration's own object id and the client id do not work)"
    )
}

/// What is to be done at the platform; of an application with the command by which
/// an owner of an iTwin lets it in.
fn itwin(probe: &Probe, used: Source) -> Option<String> {
    if !probe.ok {
        return Some("mend what the call to the platform says above".to_owned());
    }
    let advice = probe.advice.as_deref()?;
    // What the environment describes is an application, and a user of its own.
    let client_id = std::env::var("ITWIN_CLIENT_ID").ok();
    Some(match client_id.filter(|_| used == Source::Environment) {
        Some(client_id) => format!(
            "{advice}:\n      twinkit itwin onboard ITWIN --email {} --role ROLE",
            ims_service_email(client_id.trim())
        ),
        None => advice.to_owned(),
    })
}
