//! Adding owners of an iTwin.

use std::fmt;

use progenitor_client::{Error, Refused};

use super::batch::{FailedAddition, concerns_content};
use super::users::check_email;
use crate::access_control::Client;
use crate::access_control::types::{AddOwner, Invitation, OwnerMember};
use crate::{ITwinErrorExt as _, ITwinId};

impl Client {
    /// Adds owners to an iTwin, one call each, and tells what became of each.
    /// Adding somebody who is an owner already is no failure.
    ///
    /// Operation `Add iTwin owner member`.
    pub fn add_owners<I>(&self, itwin: I) -> AddOwners<'_>
    where
        I: TryInto<ITwinId>,
        I::Error: fmt::Display,
    {
        let itwin = itwin.try_into().map_err(Refused::because);
        AddOwners { client: self, itwin, emails: Vec::new() }
    }
}

/// Owners to be added, by [`send`](Self::send).
#[must_use = "nothing is sent until `send` is awaited"]
#[derive(Debug)]
pub struct AddOwners<'a> {
    client: &'a Client,
    itwin: Result<ITwinId, Refused>,
    emails: Vec<String>,
}

/// What became of owners that were to be added.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct AddedOwners {
    /// Those who are owners now.
    pub members: Vec<OwnerMember>,
    /// Those who were invited and are owners when they accept.
    pub invitations: Vec<Invitation>,
    /// The addresses of those who were owners before (`OwnerAlreadyExists`).
    pub already: Vec<String>,
    /// Those who were refused, or whose call broke.
    pub failed: Vec<FailedAddition<String>>,
    /// Those who were not sent, because an earlier failure would have met them too.
    pub unsent: Vec<String>,
}

impl AddOwners<'_> {
    /// Somebody who is to be an owner, by email.
    pub fn owner(mut self, email: impl Into<String>) -> Self {
        let email = email.into().trim().to_owned();
        if !self.emails.iter().any(|known| known.eq_ignore_ascii_case(&email)) {
            self.emails.push(email);
        }
        self
    }

    /// Adds them.
    ///
    /// # Errors
    /// Before anything is sent: an id that cannot be one, nobody to add, an address
    /// without `@`. Whatever happens later stands in the report.
    #[inline]
    pub async fn send(self) -> Result<AddedOwners, Error> {
        Box::pin(self.add()).await
    }

    #[inline]
    async fn add(self) -> Result<AddedOwners, Error> {
        let itwin = self.itwin?;
        if self.emails.is_empty() {
            return Err(Error::InvalidRequest("nobody is named to be added".to_owned()));
        }
        self.emails.iter().try_for_each(|email| check_email(email))?;
        let mut added = AddedOwners::default();
        let mut emails = self.emails.into_iter();
        for email in emails.by_ref() {
            let body = AddOwner { email: email.clone() };
            match self.client.add_owner().id(&itwin).body(body).send().await {
                Ok(answer) => {
                    let answer = answer.into_inner();
                    added.members.extend(answer.member);
                    added.invitations.extend(answer.invitation);
                }
                Err(error) if error.is_already_there() => added.already.push(email),
                Err(error) => {
                    let goes_on = concerns_content(&error);
                    added.failed.push(FailedAddition::parted(vec![email], error, |_| &[]).0);
                    if !goes_on {
                        break;
                    }
                }
            }
        }
        added.unsent.extend(emails);
        Ok(added)
    }
}

impl AddedOwners {
    /// Whether everybody is an owner or invited to be one.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.failed.is_empty() && self.unsent.is_empty()
    }
}

impl fmt::Display for AddedOwners {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} added, {} invited, {} owners already, {} failed, {} not sent",
            self.members.len(),
            self.invitations.len(),
            self.already.len(),
            self.failed.len(),
            self.unsent.len()
        )
    }
}
