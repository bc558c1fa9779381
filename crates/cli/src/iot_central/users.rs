//! `twinkit iot-central users`: who may use the application, and the roles that
//! there are.

use std::io;
use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;
use twinkit::iot_central::kinds::User;
use twinkit::iot_central::types::RoleAssignment;
use twinkit::iot_central::{BuiltInRole, Client, RoleScope};

use super::application::ApplicationArgs;
use super::roles::RoleNames;
use crate::output::Output;
use crate::table::{Table, pairs};

/// Show the users of the application, and the roles that there are.
#[derive(Subcommand)]
pub(super) enum Command {
    /// List the users.
    List,
    /// Show one user.
    Show {
        /// Its id.
        id: String,
    },
    /// List the roles that users and API tokens may have.
    Roles,
}

pub(super) async fn run(
    command: Command,
    application: &ApplicationArgs,
    output: Output,
) -> Result<ExitCode> {
    let client = application.connect().await?;
    match command {
        Command::List => list(&client, output).await?,
        Command::Show { id } => show(&client, output, &id).await?,
        Command::Roles => list_roles(&client, output).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn list(client: &Client, output: Output) -> Result<()> {
    let users: Vec<User> = client.list_users().items().into_vec().await?;
    if output.json {
        return users.iter().try_for_each(Output::document);
    }
    let users: Vec<Shown> = users.iter().map(Shown::of).collect();
    let names = RoleNames::of(client, users.iter().flat_map(|user| &user.roles)).await?;
    let mut table = Table::new(&["ID", "KIND", "IDENTITY", "ROLES"]);
    for Shown { id, kind, identity, roles } in users {
        table.row([id, kind, identity, names.shown(&roles)]);
    }
    Ok(table.show(&mut io::stdout().lock())?)
}

async fn show(client: &Client, output: Output, id: &str) -> Result<()> {
    let user = client.get_user().user_id(id).send().await?.into_inner();
    if output.json {
        return Output::document(&user);
    }
    let Shown { id, kind, identity, roles } = Shown::of(&user);
    let names = RoleNames::of(client, &roles).await?;
    let tenant = match user {
        User::ServicePrincipal(user) => user.tenant_id,
        User::AdGroup(user) => user.tenant_id,
        _ => "-".to_owned(),
    };
    let rows = [
        ("id", id),
        ("kind", kind),
        ("identity", identity),
        ("tenant", tenant),
        ("roles", names.shown(&roles)),
    ];
    Ok(pairs(&rows, &mut io::stdout().lock())?)
}

async fn list_roles(client: &Client, output: Output) -> Result<()> {
    let roles = client.list_roles().items().into_vec().await?;
    if output.json {
        return roles.iter().try_for_each(Output::document);
    }
    let mut table = Table::new(&["ID", "NAME", "GIVEN IN"]);
    for role in roles {
        let id = role.id.unwrap_or_default();
        let place = match BuiltInRole::from_id(&id).map(BuiltInRole::scope) {
            Some(RoleScope::Application) => "the whole application",
            Some(RoleScope::Organization) => "an organization",
            // The platform does not tell of roles that were made in the portal.
            _ => "",
        };
        table.row([id, role.display_name.unwrap_or_default(), place.to_owned()]);
    }
    Ok(table.show(&mut io::stdout().lock())?)
}

/// What all kinds of user have.
pub(super) struct Shown {
    pub(super) id: String,
    pub(super) kind: String,
    /// The object id or mail address.
    pub(super) identity: String,
    pub(super) roles: Vec<RoleAssignment>,
}

impl Shown {
    pub(super) fn of(user: &User) -> Self {
        let (id, kind, identity, roles) = match user {
            User::ServicePrincipal(user) => {
                (&user.id, "service principal", user.object_id.clone(), user.roles.clone())
            }
            User::AdGroup(user) => (&user.id, "group", user.object_id.clone(), user.roles.clone()),
            User::Email(user) => (&user.id, "person", user.email.clone(), user.roles.clone()),
            other => return Self::unknown(other),
        };
        let id = id.clone().unwrap_or_default();
        Self { id, kind: kind.to_owned(), identity, roles }
    }

    /// A kind that is not known here, by the names that the others use.
    fn unknown(user: &User) -> Self {
        let document = serde_json::to_value(user).unwrap_or_default();
        let text = |name: &str| {
            document.get(name).and_then(|value| value.as_str()).unwrap_or_default().to_owned()
        };
        let roles = document.get("roles").cloned().unwrap_or_default();
        Self {
            id: text("id"),
            kind: text("type"),
            identity: String::new(),
            roles: serde_json::from_value(roles).unwrap_or_default(),
        }
    }
}
