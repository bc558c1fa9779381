//! Everybody who may use an iTwin: owners, members, groups, and those who were
//! invited.

use std::io;
use std::process::ExitCode;

use anyhow::Result;
use serde_json::{Value, json};
use twinkit::itwin::access_control::types::{GroupMember, Invitation, OwnerMember, UserMember};
use twinkit::itwin::{GroupInvitation, ITwin, ITwinId};

use super::{full_name, names};
use crate::itwin::platform::PlatformArgs;
use crate::output::Output;
use crate::table::Table;
use crate::usage::id;

/// List everybody who may use an iTwin, and the invitations that are open.
///
/// Owners see all invitations, others their own.
#[derive(clap::Args)]
pub(in crate::itwin) struct Args {
    /// Id of the iTwin.
    #[arg(value_parser = id::<ITwinId>)]
    itwin: String,
}

/// Somebody who may use an iTwin, or may soon.
pub(in crate::itwin) enum Member {
    Owner(OwnerMember),
    User(UserMember),
    Group(GroupMember),
    Invited(Invitation),
    /// Lists of the iTwin do not hold it.
    InvitedToGroup(GroupInvitation),
}

pub(super) async fn run(args: Args, platform: &PlatformArgs, output: Output) -> Result<ExitCode> {
    let client = platform.connect().await?;
    let members = everybody(&client, &args.itwin).await?;
    if output.json {
        members
            .iter()
            .map(Member::document)
            .try_for_each(|document| Output::document(&document))?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut table = Table::new(&["KIND", "ID", "WHO", "NAME", "ROLES"]);
    for member in members {
        table.row(member.row());
    }
    table.show(&mut io::stdout().lock())?;
    Ok(ExitCode::SUCCESS)
}

/// Owners first.
pub(super) async fn everybody(client: &ITwin, itwin: &str) -> Result<Vec<Member>> {
    let access = client.access_control();
    let owners = access.list_owners().id(itwin).items().into_vec().await?;
    let mut all: Vec<Member> = owners.into_iter().map(Member::Owner).collect();
    all.extend(but_owners(client, itwin).await?);
    Ok(all)
}

/// Members, groups and invitations.
pub(super) async fn but_owners(client: &ITwin, itwin: &str) -> Result<Vec<Member>> {
    let access = client.access_control();
    let users = access.list_user_members().id(itwin).items().into_vec().await?;
    let groups = access.list_group_members().id(itwin).items().into_vec().await?;
    let invited = access.list_member_invitations().id(itwin).items().into_vec().await?;
    let users = users.into_iter().map(Member::User);
    let groups = groups.into_iter().map(Member::Group);
    Ok(users.chain(groups).chain(invited.into_iter().map(Member::Invited)).collect())
}

impl Member {
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Owner(_) => "owner",
            Self::User(_) => "member",
            Self::Group(_) => "group",
            Self::Invited(_) => "invitation",
            Self::InvitedToGroup(_) => "group invitation",
        }
    }

    pub(super) fn id(&self) -> &str {
        match self {
            Self::Owner(OwnerMember { id, .. })
            | Self::User(UserMember { id, .. })
            | Self::Group(GroupMember { id, .. })
            | Self::Invited(Invitation { id, .. })
            | Self::InvitedToGroup(GroupInvitation { invitation: Invitation { id, .. }, .. }) => id,
        }
    }

    /// The mail address, or the name of a group. Users who were removed from the
    /// identity service have none.
    pub(super) fn who(&self) -> &str {
        match self {
            Self::Owner(OwnerMember { email, .. }) | Self::User(UserMember { email, .. }) => {
                email.as_deref().unwrap_or_default()
            }
            Self::Group(group) => &group.group_name,
            Self::Invited(invitation) => &invitation.email,
            Self::InvitedToGroup(to) => &to.invitation.email,
        }
    }

    pub(super) fn roles(&self) -> String {
        match self {
            Self::Owner(_) => String::new(),
            Self::User(user) => names(&user.roles),
            Self::Group(group) => names(&group.roles),
            Self::Invited(invitation) => names(invitation.roles.as_deref().unwrap_or_default()),
            Self::InvitedToGroup(to) => to.group_name.clone(),
        }
    }

    pub(super) fn document(&self) -> Value {
        let member = match self {
            Self::Owner(owner) => json!(owner),
            Self::User(user) => json!(user),
            Self::Group(group) => json!(group),
            Self::Invited(invitation) => json!(invitation),
            Self::InvitedToGroup(to) => json!(to.invitation),
        };
        json!({"kind": self.kind(), "member": member})
    }

    fn row(self) -> [String; 5] {
        let (kind, id, roles) = (self.kind().to_owned(), self.id().to_owned(), self.roles());
        let who = self.who().to_owned();
        let name = match self {
            Self::Owner(OwnerMember { given_name, surname, .. })
            | Self::User(UserMember { given_name, surname, .. }) => full_name(given_name, surname),
            Self::Group(group) => group.group_description,
            Self::Invited(invitation)
            | Self::InvitedToGroup(GroupInvitation { invitation, .. }) => {
                format!("until {}", invitation.expiration_date)
            }
        };
        [kind, id, who, name, roles]
    }
}
