//! Users: the people and the service applications of the identity service.
//!
//! A service application is a user with an email address made of its client id,
//! in an account of its own. The identity service knows no id of it; ours is made
//! of the client id, too, so that it is the same in every emulator.

use aws_lc_rs::digest;
use uuid::Uuid;

use crate::{
    ims::{ImsClient, ImsUser, ORGANIZATION_ID, ORGANIZATION_NAME},
    itwin::Platform,
};

/// Domain of the addresses of service applications.
const SERVICE_DOMAIN: &str = "apps.imsoidc.bentley.com";

/// A user of the platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The id, a GUID.
    pub id: String,
    /// The email address.
    pub email: String,
    /// The given name.
    pub given_name: String,
    /// The family name.
    pub surname: String,
    /// The account that the user is of.
    pub account_id: String,
    /// The name of that account.
    pub organization: String,
    /// Whether it is a service application.
    pub is_service: bool,
}

impl User {
    fn of_person(person: &ImsUser) -> Self {
        let (given_name, surname) = person.name.rsplit_once(' ').unwrap_or((&person.name, ""));
        Self {
            id: person.id.to_ascii_lowercase(),
            email: person.email.clone(),
            given_name: given_name.to_owned(),
            surname: surname.to_owned(),
            account_id: ORGANIZATION_ID.to_owned(),
            organization: ORGANIZATION_NAME.to_owned(),
            is_service: false,
        }
    }

    pub(super) fn of_service(client_id: &str) -> Self {
        Self {
            id: derived_id("user", client_id),
            email: format!("{client_id}@{SERVICE_DOMAIN}"),
            given_name: client_id.to_owned(),
            surname: "Service application".to_owned(),
            account_id: derived_id("account", client_id),
            organization: format!("Account of {client_id}"),
            is_service: true,
        }
    }

    /// Whoever has the key of a share: nobody in particular.
    pub(super) fn anonymous() -> Self {
        let nil = Uuid::nil().to_string();
        Self {
            id: nil.clone(),
            email: String::new(),
            given_name: String::new(),
            surname: String::new(),
            account_id: nil,
            organization: String::new(),
            is_service: false,
        }
    }
}

/// The id of a service application as a user.
fn derived_id(kind: &str, client_id: &str) -> String {
    let digest = digest::digest(&digest::SHA256, format!("{kind}:{client_id}").as_bytes());
    let mut bytes = [0; 16];
    for (byte, given) in bytes.iter_mut().zip(digest.as_ref()) {
        *byte = *given;
    }
    uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
}

fn is_service(client: &ImsClient) -> bool {
    client.redirect_uris.is_empty() && !client.secrets.is_empty()
}

impl Platform {
    /// Everybody, people first.
    pub(in crate::itwin) fn users(&self) -> Vec<User> {
        let people = self.ims.users();
        let clients = self.ims.clients();
        let services = clients.iter().filter(|client| is_service(client));
        people
            .iter()
            .map(User::of_person)
            .chain(services.map(|client| User::of_service(&client.client_id)))
            .collect()
    }

    /// A user by id.
    #[must_use]
    pub fn user(&self, id: &str) -> Option<User> {
        self.users().into_iter().find(|user| user.id.eq_ignore_ascii_case(id))
    }

    /// A user by email address.
    #[must_use]
    pub fn user_named(&self, email: &str) -> Option<User> {
        self.users().into_iter().find(|user| user.email.eq_ignore_ascii_case(email))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_application_is_the_same_user_in_every_emulator() {
        let user = User::of_service("service-a");
        assert_eq!(user, User::of_service("service-a"));
        assert_eq!(user.email, "service-a@apps.imsoidc.bentley.com");
        assert_eq!(user.id.len(), 36);
        assert_ne!(user.id, user.account_id);
        assert_ne!(user.id, User::of_service("service-b").id);
    }

    #[test]
    fn the_last_word_of_a_name_is_the_surname() {
        let person = |name: &str| {
            let user = ImsUser { id: "A".into(), email: "a@b".into(), name: name.into() };
            let user = User::of_person(&user);
            (user.given_name, user.surname)
        };
        assert_eq!(person("Ada Mary Owner"), ("Ada Mary".into(), "Owner".into()));
        assert_eq!(person("Ada"), ("Ada".into(), String::new()));
    }
}
