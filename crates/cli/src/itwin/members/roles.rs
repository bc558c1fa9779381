//! Roles of an iTwin, and the permissions that they are made of.

use std::io;
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::Subcommand;
use serde_json::json;
use twinkit::itwin::access_control::types::{Role, RoleCreate};
use twinkit::itwin::{ITwin, ITwinId};

use super::each_once;
use crate::consent::{Consent, Decision};
use crate::identity::claims::printable;
use crate::itwin::platform::PlatformArgs;
use crate::output::Output;
use crate::table::Table;
use crate::usage::id;

/// List, make and delete roles of an iTwin, and list the permissions that there are.
#[derive(Subcommand)]
pub(in crate::itwin) enum Command {
    /// List the roles, with what they permit.
    List {
        /// Id of the iTwin.
        #[arg(value_parser = id::<ITwinId>)]
        itwin: String,
    },
    /// List all permissions that a role may have.
    Permissions,
    Create(CreateArgs),
    Delete(DeleteArgs),
}

/// Make a role.
#[derive(clap::Args)]
pub(in crate::itwin) struct CreateArgs {
    /// Id of the iTwin.
    #[arg(value_parser = id::<ITwinId>)]
    itwin: String,
    /// Its name.
    name: String,
    /// What it is for.
    #[arg(long, value_name = "TEXT", default_value = "")]
    description: String,
    /// A permission, such as imodels_read. May be repeated.
    #[arg(long = "permission", value_name = "PERMISSION", required = true)]
    permissions: Vec<String>,
    #[command(flatten)]
    consent: Consent,
}

/// Delete a role. Members lose what it permitted.
#[derive(clap::Args)]
pub(in crate::itwin) struct DeleteArgs {
    /// Id of the iTwin.
    #[arg(value_parser = id::<ITwinId>)]
    itwin: String,
    /// The role, by name or id.
    role: String,
    #[command(flatten)]
    consent: Consent,
}

pub(super) async fn run(
    command: Command,
    platform: &PlatformArgs,
    output: Output,
) -> Result<ExitCode> {
    match command {
        Command::List { itwin } => list(&itwin, platform, output).await,
        Command::Permissions => permissions(platform, output).await,
        Command::Create(args) => create(args, platform, output).await,
        Command::Delete(args) => delete(args, platform, output).await,
    }
}

async fn list(itwin: &str, platform: &PlatformArgs, output: Output) -> Result<ExitCode> {
    let client = platform.connect().await?;
    let roles = of(&client, itwin).await?;
    if output.json {
        roles.iter().try_for_each(Output::document)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut table = Table::new(&["ID", "NAME", "PERMISSIONS"]);
    for role in roles {
        let permissions = role.permissions.unwrap_or_default().join(", ");
        table.row([role.id, role.display_name, permissions]);
    }
    table.show(&mut io::stdout().lock())?;
    Ok(ExitCode::SUCCESS)
}

async fn permissions(platform: &PlatformArgs, output: Output) -> Result<ExitCode> {
    let client = platform.connect().await?;
    let all = client.access_control().list_all_permissions().send().await?.into_inner();
    for permission in all.permissions {
        output.either(&permission, &printable(&permission))?;
    }
    Ok(ExitCode::SUCCESS)
}

async fn create(args: CreateArgs, platform: &PlatformArgs, output: Output) -> Result<ExitCode> {
    let CreateArgs { itwin, name, description, permissions, consent } = args;
    consent.check()?;
    let client = platform.connect().await?;
    let is_it = |role: &Role| role.display_name.eq_ignore_ascii_case(&name);
    if let Some(role) = of(&client, &itwin).await?.into_iter().find(is_it) {
        bail!("the iTwin has a role {:?} already, {}", role.display_name, role.id);
    }
    let step = format!("make role {name:?} with {}", permissions.join(", "));
    let plan = json!({
        "change": "create",
        "iTwinId": itwin,
        "displayName": name,
        "permissions": permissions,
        "applied": false,
    });
    if let Decision::Stop(code) = consent.decide(output, &[step], &plan, false).await? {
        return Ok(code);
    }
    let body = RoleCreate { display_name: name, description, permissions: Some(permissions) };
    let made = client.access_control().create_role().id(itwin).body(body).send().await?;
    let role = made.into_inner().role;
    let text = format!("role {} was made: {}", role.id, role.display_name);
    output.done(&role, &printable(&text))
}

async fn delete(args: DeleteArgs, platform: &PlatformArgs, output: Output) -> Result<ExitCode> {
    let DeleteArgs { itwin, role, consent } = args;
    consent.check()?;
    let client = platform.connect().await?;
    let roles = of(&client, &itwin).await?;
    let role = find(&roles, &role)?;
    let step = format!("delete role {} ({:?})", role.id, role.display_name);
    let plan = json!({"change": "delete", "iTwinId": itwin, "role": role, "applied": false});
    if let Decision::Stop(code) = consent.decide(output, &[step], &plan, false).await? {
        return Ok(code);
    }
    let access = client.access_control();
    access.delete_role().id(itwin).role_id(role.id.as_str()).send().await?;
    output.applied(plan, &format!("role {} was deleted", printable(&role.display_name)))
}

async fn of(client: &ITwin, itwin: &str) -> Result<Vec<Role>> {
    Ok(client.access_control().list_roles().id(itwin).send().await?.into_inner().roles)
}

/// The roles that are meant by these names or ids.
pub(super) async fn resolve(client: &ITwin, itwin: &str, said: &[String]) -> Result<Vec<Role>> {
    let roles = of(client, itwin).await?;
    Ok(each_once(said, |said| find(&roles, said))?.into_iter().cloned().collect())
}

/// By id, else by name in any case of letters.
fn find<'a>(roles: &'a [Role], said: &str) -> Result<&'a Role> {
    if let Some(role) = roles.iter().find(|role| role.id.eq_ignore_ascii_case(said)) {
        return Ok(role);
    }
    let mut named = roles.iter().filter(|role| role.display_name.eq_ignore_ascii_case(said));
    match (named.next(), named.next()) {
        (Some(role), None) => Ok(role),
        (Some(_), Some(_)) => bail!("several roles of the iTwin are named {said:?}: give an id"),
        (None, _) => {
            let there: Vec<String> =
                roles.iter().map(|role| format!("{:?}", role.display_name)).collect();
            bail!("the iTwin has no role {said:?}; there are: {}", there.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_found_by_id_or_by_a_name_that_one_has() {
        let role = |id: &str, name: &str| Role {
            id: id.to_owned(),
            display_name: name.to_owned(),
            description: String::new(),
            permissions: None,
            type_: None,
        };
        let roles = [role("1", "Reader"), role("2", "Writer"), role("3", "writer")];
        assert_eq!(find(&roles, "reader").unwrap().id, "1");
        assert_eq!(find(&roles, "3").unwrap().display_name, "writer");
        assert!(find(&roles, "Writer").unwrap_err().to_string().contains("several"));
        assert!(find(&roles, "Owner").unwrap_err().to_string().contains("\"Reader\""));
    }
}
