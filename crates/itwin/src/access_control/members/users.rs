//! Adding users as members of an iTwin.

use std::collections::VecDeque;
use std::fmt;

use progenitor_client::{Error, Refused};

use super::batch::{FailedAddition, check_roles, concerns_content, join, parted};
use crate::ITwinId;
use crate::access_control::Client;
use crate::access_control::types::{AddUserMember, AddUserMembers, Invitation, UserMember};

impl Client {
    /// Adds any number of users as members of an iTwin, in calls of at most 50
    /// assigned roles, and tells what became of each.
    ///
    /// People of the owning organization are members at once; all others are
    /// invited for seven days. A service application is added by its email address
    /// (`twinkit_auth::ims_service_email`).
    ///
    /// ```no_run
    /// # async fn f(platform: twinkit_itwin::ITwin) -> Result<(), twinkit_itwin::Error> {
    /// let added = platform
    ///     .access_control()
    ///     .add_members("an-itwin")
    ///     .member("ann@contoso.com", ["a-role-id"])
    ///     .member("bob@elsewhere.com", ["a-role-id", "another-role-id"])
    ///     .send()
    ///     .await?;
    /// println!("{added}");
    /// for failed in &added.failed {
    ///     let who = failed.culprit().map_or("a call", |it| it.email.as_str());
    ///     println!("{who} was refused: {}", failed.error);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Operation `Add iTwin user members`.
    pub fn add_members<I>(&self, itwin: I) -> AddMembers<'_>
    where
        I: TryInto<ITwinId>,
        I::Error: fmt::Display,
    {
        let itwin = itwin.try_into().map_err(Refused::because);
        AddMembers { client: self, itwin, members: Vec::new(), message: None }
    }
}

/// Users to be added, by [`send`](Self::send).
#[must_use = "nothing is sent until `send` is awaited"]
#[derive(Debug)]
pub struct AddMembers<'a> {
    client: &'a Client,
    itwin: Result<ITwinId, Refused>,
    members: Vec<AddUserMember>,
    message: Option<String>,
}

/// What became of users that were to be added.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct AddedMembers {
    /// Those who are members now.
    pub members: Vec<UserMember>,
    /// Those who were invited and are members when they accept.
    pub invitations: Vec<Invitation>,
    /// Those whose call was refused or broke, with the reason.
    pub failed: Vec<FailedAddition<AddUserMember>>,
    /// Those who were not sent, because an earlier failure would have met them too.
    pub unsent: Vec<AddUserMember>,
    /// Those whose call went well and whom its answer does not name. The platform
    /// documents no such case.
    pub unmentioned: Vec<AddUserMember>,
}

impl AddMembers<'_> {
    /// A user, by email, with the ids of the roles they are to have. An address
    /// that is given twice is added once, with the roles of both.
    pub fn member<R: Into<String>>(
        mut self,
        email: impl Into<String>,
        role_ids: impl IntoIterator<Item = R>,
    ) -> Self {
        let email = email.into().trim().to_owned();
        let roles = role_ids.into_iter().map(Into::into).collect();
        let known = self.members.iter_mut().find(|known| known.email.eq_ignore_ascii_case(&email));
        match known {
            Some(known) => join(&mut known.role_ids, roles),
            None => {
                let mut role_ids = Vec::new();
                join(&mut role_ids, roles);
                self.members.push(AddUserMember { email, role_ids });
            }
        }
        self
    }

    /// A text to put into the invitations' mail.
    pub fn message(mut self, text: impl Into<String>) -> Self {
        self.message = Some(text.into());
        self
    }

    /// Adds them.
    ///
    /// # Errors
    /// Before anything is sent: an id that cannot be one, nobody to add, an address
    /// without `@`, a user without a role or with more than 50. Whatever happens
    /// later stands in the report.
    #[inline]
    pub async fn send(self) -> Result<AddedMembers, Error> {
        Box::pin(self.add()).await
    }

    #[inline]
    async fn add(self) -> Result<AddedMembers, Error> {
        let itwin = self.itwin?;
        if self.members.is_empty() {
            return Err(Error::InvalidRequest("nobody is named to be added".to_owned()));
        }
        for member in &self.members {
            check_email(&member.email)?;
            check_roles(&member.email, &member.role_ids)?;
        }
        let mut added = AddedMembers::default();
        let mut calls: VecDeque<_> = parted(self.members, |member| member.role_ids.len()).into();
        while let Some(members) = calls.pop_front() {
            let body =
                AddUserMembers { custom_message: self.message.clone(), members: members.clone() };
            match self.client.add_user_members().id(&itwin).body(body).send().await {
                Ok(answer) => {
                    let answer = answer.into_inner();
                    added.take(
                        members,
                        answer.members.unwrap_or_default(),
                        answer.invitations.unwrap_or_default(),
                    );
                }
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

/// What no address can be.
pub(crate) fn check_email(email: &str) -> Result<(), Error> {
    let parts = email.rsplit_once('@');
    let fits = parts.is_some_and(|(name, host)| !name.is_empty() && !host.is_empty());
    if !fits || email.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err(Error::InvalidRequest(format!("{email:?} is no mail address")));
    }
    Ok(())
}

impl AddedMembers {
    /// Whether everybody was added or invited.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.failed.is_empty() && self.unsent.is_empty() && self.unmentioned.is_empty()
    }

    fn take(
        &mut self,
        asked: Vec<AddUserMember>,
        members: Vec<UserMember>,
        invitations: Vec<Invitation>,
    ) {
        let is = |email: &str, asked: &AddUserMember| asked.email.eq_ignore_ascii_case(email);
        let told = |asked: &AddUserMember| {
            members.iter().filter_map(|member| member.email.as_deref()).any(|to| is(to, asked))
                || invitations.iter().any(|invitation| is(&invitation.email, asked))
        };
        // A member without an address may be any of them.
        let nameless = members.iter().filter(|member| member.email.is_none()).count();
        let missing: Vec<_> = asked.into_iter().filter(|asked| !told(asked)).collect();
        if missing.len() > nameless {
            self.unmentioned.extend(missing);
        }
        self.members.extend(members);
        self.invitations.extend(invitations);
    }
}

impl fmt::Display for AddedMembers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { members, invitations, failed, unsent, unmentioned } = self;
        let failed: usize = failed.iter().map(|call| call.entries.len()).sum();
        write!(f, "{} added, {} invited", members.len(), invitations.len())?;
        for (count, what) in [
            (failed, "failed"),
            (unsent.len(), "not sent"),
            (unmentioned.len(), "not mentioned by the answer"),
        ] {
            if count > 0 {
                write!(f, ", {count} {what}")?;
            }
        }
        Ok(())
    }
}
