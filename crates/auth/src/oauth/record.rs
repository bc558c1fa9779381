//! What a store keeps of a sign-in: the refresh token and whose it is, as JSON.

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::account::Account;

/// A person's sign-in.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    pub(crate) refresh_token: SecretString,
    pub(crate) account: Option<Account>,
}

/// Borrows, so that the token is written without a copy of its own.
#[derive(Serialize)]
struct Written<'a> {
    refresh_token: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<&'a Account>,
}

#[derive(Deserialize)]
struct Read {
    refresh_token: String,
    account: Option<Account>,
}

impl Record {
    /// `None` if the text is no record: what wrote it was another program, and
    /// signing in again mends it.
    pub(crate) fn parse(text: &SecretString) -> Option<Self> {
        let Read { refresh_token, account } = serde_json::from_str(text.expose_secret()).ok()?;
        let refresh_token = SecretString::from(refresh_token);
        (!refresh_token.expose_secret().is_empty()).then_some(Self { refresh_token, account })
    }

    pub(crate) fn to_text(&self) -> SecretString {
        let written = Written {
            refresh_token: self.refresh_token.expose_secret(),
            account: self.account.as_ref(),
        };
        // Strings and options of strings always are JSON.
        SecretString::from(serde_json::to_string(&written).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_survive_a_store_and_foreign_texts_are_none() {
        let account = Account { username: Some("a@b".into()), ..Account::default() };
        let record = Record { refresh_token: "canary\"\\".into(), account: Some(account) };
        assert!(!format!("{record:?}").contains("canary"));
        let again = Record::parse(&record.to_text()).unwrap();
        assert_eq!(again.refresh_token.expose_secret(), "canary\"\\");
        assert_eq!(again.account, record.account);
        for foreign in ["", "x", "{}", r#"{"refresh_token":""}"#, "[]"] {
            assert!(Record::parse(&foreign.into()).is_none(), "{foreign}");
        }
    }
}
