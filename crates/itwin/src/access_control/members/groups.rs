//! Adding groups as members of an iTwin.

use std::collections::VecDeque;
use std::fmt;

use progenitor_client::{Error, Refused};

use super::batch::{FailedAddition, check_roles, concerns_content, join, parted};
use crate::access_control::Client;
use crate::access_control::types::{AddGroupMember, AddGroupMembers, GroupMember};
use crate::{GroupId, ITwinId};

impl Client {
    /// Adds any number of groups as members of an iTwin, in calls of at most 50
    /// assigned roles, and tells what became of each.
    ///
    /// Operation `Add iTwin group members`.
    pub fn add_groups<I>(&self, itwin: I) -> AddGroups<'_>
    where
        I: TryInto<ITwinId>,
        I::Error: fmt::Display,
    {
        let itwin = itwin.try_into().map_err(Refused::because);
        AddGroups { client: self, itwin, groups: Vec::new() }
    }
}

/// Groups to be added, by [`send`](Self::send).
#[must_use = "nothing is sent until `send` is awaited"]
#[derive(Debug)]
pub struct AddGroups<'a> {
    client: &'a Client,
    itwin: Result<ITwinId, Refused>,
    groups: Vec<AddGroupMember>,
}

/// What became of groups that were to be added.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct AddedGroups {
    /// The groups that are members now, as the platform answered.
    pub members: Vec<GroupMember>,
    /// Those whose call was refused or broke, with the reason.
    pub failed: Vec<FailedAddition<AddGroupMember>>,
    /// Those that were not sent, because an earlier failure would have met them too.
    pub unsent: Vec<AddGroupMember>,
}

impl AddGroups<'_> {
    /// A group, by id, with the ids of the roles it is to have. A group that is
    /// given twice is added once, with the roles of both.
    pub fn group<R: Into<String>>(
        mut self,
        group_id: impl Into<String>,
        role_ids: impl IntoIterator<Item = R>,
    ) -> Self {
        let group_id = group_id.into();
        let roles = role_ids.into_iter().map(Into::into).collect();
        let known =
            self.groups.iter_mut().find(|known| known.group_id.eq_ignore_ascii_case(&group_id));
        match known {
            Some(known) => join(&mut known.role_ids, roles),
            None => {
                let mut role_ids = Vec::new();
                join(&mut role_ids, roles);
                self.groups.push(AddGroupMember { group_id, role_ids });
            }
        }
        self
    }

    /// Adds them.
    ///
    /// # Errors
    /// Before anything is sent: an id that cannot be one, no group to add, a group
    /// without a role or with more than 50. Whatever happens later stands in the
    /// report.
    #[inline]
    pub async fn send(self) -> Result<AddedGroups, Error> {
        Box::pin(self.add()).await
    }

    #[inline]
    async fn add(self) -> Result<AddedGroups, Error> {
        let itwin = self.itwin?;
        if self.groups.is_empty() {
            return Err(Error::InvalidRequest("no group is named to be added".to_owned()));
        }
        for group in &self.groups {
            GroupId::new(group.group_id.as_str())?;
            check_roles(&group.group_id, &group.role_ids)?;
        }
        let mut added = AddedGroups::default();
        let mut calls: VecDeque<_> = parted(self.groups, |group| group.role_ids.len()).into();
        while let Some(members) = calls.pop_front() {
            let body = AddGroupMembers { members: members.clone() };
            match self.client.add_group_members().id(&itwin).body(body).send().await {
                Ok(answer) => added.members.extend(answer.into_inner().members),
                Err(error) => {
                    let goes_on = concerns_content(&error);
                    let (failed, others) =
                        FailedAddition::parted(members, error, |it| &it.role_ids);
                    added.failed.push(failed);
                    if !others.is_empty() {
                        calls.push_front(others);
                    }
                    if !goes_on {
                        break;
                    }
                }
            }
        }
        added.unsent.extend(calls.into_iter().flatten());
        Ok(added)
    }
}

impl AddedGroups {
    /// Whether no call failed.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.failed.is_empty() && self.unsent.is_empty()
    }
}

impl fmt::Display for AddedGroups {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let failed: usize = self.failed.iter().map(|call| call.entries.len()).sum();
        write!(f, "{} added, {failed} failed, {} not sent", self.members.len(), self.unsent.len())
    }
}
