//! What tests turn: lifetimes, revocation, and the policies that get in a
//! user's way. All of it is off at the start.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Application, Directory, DirectoryError, State};

/// Lifetime of a token when nothing else is said: Entra's 3,599 seconds.
pub const TOKEN_LIFETIME: Duration = Duration::from_secs(3599);
/// Lifetime of a token for a client that says that it handles claims
/// challenges: 28 hours.
pub const LONG_TOKEN_LIFETIME: Duration = Duration::from_secs(28 * 3600);

#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Knobs {
    token_lifetime: Option<Duration>,
    /// How many tokens to come are short-lived, and how long they live.
    short_tokens: Option<(u32, Duration)>,
    /// Keys of the resources that want an interaction.
    pub(super) interaction: Vec<String>,
    pub(super) blocks_device_flow: bool,
    pub(super) one_time_refresh_tokens: bool,
    pub(super) refuses_repeated_assertions: bool,
    pub(super) automatic_user: Option<String>,
}

impl Directory {
    /// How long tokens live from now on, unless an application says otherwise.
    pub fn set_token_lifetime(&self, lifetime: Duration) {
        self.write().knobs.token_lifetime = Some(lifetime);
    }

    /// The next `count` tokens live only for `lifetime`.
    pub fn shorten_next_tokens(&self, count: u32, lifetime: Duration) {
        self.write().knobs.short_tokens = Some((count, lifetime));
    }

    /// Every access token given out so far is refused from now on. Refresh
    /// tokens stay good.
    pub fn revoke_tokens(&self) {
        let serials = &mut self.write().serials;
        serials.revoked_up_to = serials.issued;
    }

    /// Every refresh token that the user got so far is refused from now on.
    ///
    /// # Errors
    /// There is no such user.
    pub fn revoke_sign_ins(&self, user_name: &str) -> Result<(), DirectoryError> {
        let user = self.known_user(user_name)?;
        let serials = &mut self.write().serials;
        let issued = serials.issued;
        serials.sign_ins_revoked_up_to.insert(user.object_id, issued);
        Ok(())
    }

    /// Tokens of users for this resource need a second factor, which a
    /// sign-in page gives and a silent flow does not: the latter ends in
    /// `interaction_required` with claims for the next sign-in.
    ///
    /// # Errors
    /// There is no such resource.
    pub fn require_interaction(&self, resource: &str, on: bool) -> Result<(), DirectoryError> {
        let key = self
            .resource(resource)
            .ok_or_else(|| DirectoryError::NoSuchResource(resource.to_owned()))?
            .key;
        let interaction = &mut self.write().knobs.interaction;
        interaction.retain(|known| *known != key);
        if on {
            interaction.push(key);
        }
        Ok(())
    }

    /// Device codes end in an access policy's refusal (AADSTS53003).
    pub fn block_device_flow(&self, on: bool) {
        self.write().knobs.blocks_device_flow = on;
    }

    /// A refresh token is good for one use, and a second use ends the sign-in
    /// it came of. Off, as at Entra, old ones stay good.
    pub fn use_refresh_tokens_once(&self, on: bool) {
        self.write().knobs.one_time_refresh_tokens = on;
    }

    /// A client assertion is good for one use, by its `jti`. Off, as at Entra:
    /// Microsoft's own libraries send one several times within its life.
    pub fn refuse_repeated_assertions(&self, on: bool) {
        self.write().knobs.refuses_repeated_assertions = on;
    }

    /// The authorize page signs this user in without asking, and agrees to what
    /// is asked for. `None` shows the page again.
    ///
    /// # Errors
    /// There is no such user.
    pub fn sign_in_automatically(&self, user_name: Option<&str>) -> Result<(), DirectoryError> {
        let user = user_name.map(|name| self.known_user(name)).transpose()?;
        self.write().knobs.automatic_user = user.map(|user| user.object_id);
        Ok(())
    }

    /// The application's secrets count as expired from now on.
    ///
    /// # Errors
    /// There is no such application.
    pub fn expire_secrets(&self, client_id: &str) -> Result<(), DirectoryError> {
        self.update_application(client_id, |application| {
            application.expired_secrets.append(&mut application.secrets);
        })
    }

    pub(crate) fn wants_interaction(&self, resource_key: &str) -> bool {
        self.read().knobs.interaction.iter().any(|known| known == resource_key)
    }

    pub(crate) fn blocks_device_flow(&self) -> bool {
        self.read().knobs.blocks_device_flow
    }

    pub(crate) fn has_one_time_refresh_tokens(&self) -> bool {
        self.read().knobs.one_time_refresh_tokens
    }

    pub(crate) fn refuses_repeated_assertions(&self) -> bool {
        self.read().knobs.refuses_repeated_assertions
    }

    /// The serial number and the lifetime of the access token about to be given
    /// out; `long` if its client handles claims challenges.
    pub(crate) fn next_token(&self, application: &Application, long: bool) -> (u64, Duration) {
        let state = &mut *self.write();
        let serial = next_serial(state);
        let lifetime = match state.knobs.short_tokens {
            Some((count @ 1.., lifetime)) => {
                state.knobs.short_tokens = Some((count - 1, lifetime));
                lifetime
            }
            _ => application.token_lifetime.or(state.knobs.token_lifetime).unwrap_or(if long {
                LONG_TOKEN_LIFETIME
            } else {
                TOKEN_LIFETIME
            }),
        };
        (serial, lifetime)
    }

    /// The serial number of a refresh token about to be given out.
    pub(crate) fn next_refresh_token(&self) -> u64 {
        next_serial(&mut self.write())
    }

    pub(crate) fn is_revoked(&self, serial: u64) -> bool {
        serial <= self.read().serials.revoked_up_to
    }

    pub(crate) fn is_sign_in_revoked(&self, user_id: &str, serial: u64) -> bool {
        self.read().serials.sign_ins_revoked_up_to.get(user_id).is_some_and(|last| serial <= *last)
    }
}

fn next_serial(state: &mut State) -> u64 {
    state.serials.issued += 1;
    state.serials.issued
}

#[cfg(test)]
mod tests {
    use super::{
        super::{CLIENT_ID, TENANT_ID, USER_NAME, USER_OBJECT_ID},
        *,
    };

    #[test]
    fn short_tokens_are_counted() {
        let directory = Directory::seeded("one", "x");
        let owner = directory.application(Some(TENANT_ID), CLIENT_ID).unwrap();
        directory.shorten_next_tokens(1, Duration::from_secs(2));
        assert_eq!(directory.next_token(&owner, true), (1, Duration::from_secs(2)));
        assert_eq!(directory.next_token(&owner, true), (2, LONG_TOKEN_LIFETIME));
        assert_eq!(directory.next_token(&owner, false), (3, TOKEN_LIFETIME));
        directory.revoke_tokens();
        assert!(directory.is_revoked(3));
        assert!(!directory.is_revoked(directory.next_token(&owner, false).0));
        directory.set_token_lifetime(Duration::from_secs(9));
        assert_eq!(directory.next_token(&owner, true).1, Duration::from_secs(9));
    }

    #[test]
    fn sign_ins_are_revoked_per_user() {
        let directory = Directory::seeded("one", "x");
        let serial = directory.next_refresh_token();
        assert!(!directory.is_sign_in_revoked(USER_OBJECT_ID, serial));
        directory.revoke_sign_ins(USER_NAME).unwrap();
        assert!(directory.is_sign_in_revoked(USER_OBJECT_ID, serial));
        assert!(!directory.is_sign_in_revoked("another", serial));
        assert!(directory.revoke_sign_ins("nobody").is_err());
    }

    #[test]
    fn an_interaction_is_wanted_for_every_name_of_a_resource() {
        let directory = Directory::seeded("one", "x");
        let id = "0b07f429-9f4b-4714-9392-cc5e8e80c8b0";
        directory.require_interaction(id, true).unwrap();
        let key = directory.resource("https://digitaltwins.azure.net/").unwrap().key;
        assert!(directory.wants_interaction(&key));
        directory.require_interaction("https://digitaltwins.azure.net", false).unwrap();
        assert!(!directory.wants_interaction(&key));
        assert!(directory.require_interaction("https://unknown.example", true).is_err());
    }
}
