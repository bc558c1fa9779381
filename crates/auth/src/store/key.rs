//! [`StoreKey`]: whose sign-in it is.

use std::fmt::Write as _;

use aws_lc_rs::digest;

/// Tells kept sign-ins apart: one client, at one identity service and tenant,
/// for one account.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct StoreKey {
    authority: String,
    client_id: String,
    tenant: String,
    account: String,
}

impl StoreKey {
    /// A key of these parts. Letter case of authority, client id and tenant
    /// does not matter.
    #[must_use]
    pub fn new(authority: &str, client_id: &str, tenant: &str, account: &str) -> Self {
        Self {
            authority: authority.to_ascii_lowercase(),
            client_id: client_id.to_ascii_lowercase(),
            tenant: tenant.to_ascii_lowercase(),
            account: account.to_owned(),
        }
    }

    /// The identity service's address.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// The client that somebody signed in to.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The tenant signed in at; empty where the service has none.
    #[must_use]
    pub fn tenant(&self) -> &str {
        &self.tenant
    }

    /// The name that tells several sign-ins of one client apart; mostly empty.
    #[must_use]
    pub fn account(&self) -> &str {
        &self.account
    }

    /// The whole key as 64 characters from `0-9a-f`, fit for a file's name: the
    /// SHA-256 of its parts.
    #[must_use]
    pub fn name(&self) -> String {
        let mut context = digest::Context::new(&digest::SHA256);
        for part in [&self.authority, &self.client_id, &self.tenant, &self.account] {
            // The length goes first, so that parts cannot run into each other.
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part.as_bytes());
        }
        let mut name = String::with_capacity(64);
        for byte in context.finish().as_ref() {
            // Writing to a `String` does not fail.
            let _ = write!(name, "{byte:02x}");
        }
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_differ_where_keys_do() {
        let name = |parts: [&str; 4]| {
            let [authority, client_id, tenant, account] = parts;
            StoreKey::new(authority, client_id, tenant, account).name()
        };
        let one = name(["https://a", "b", "c", ""]);
        assert_eq!(one.len(), 64);
        assert_eq!(one, name(["https://A", "B", "C", ""]));
        for other in [["https://a", "bc", "", ""], ["https://a", "b", "", "c"]] {
            assert_ne!(one, name(other));
        }
        assert_ne!(name(["a", "b", "c", "d"]), name(["a", "b", "c", "D"]));
    }
}
