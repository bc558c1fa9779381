//! Callers of every operation, one generated file per API, and what they
//! share. This file is written by hand; the others by `cargo xtask generate`.
//!
//! A caller turns values from outside into a call of the client's builder. It
//! must not know what ought to be sent: the contract tests read that from the
//! spec.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::sync::{Arc, Mutex, PoisonError};

use progenitor_client::{Error, ResponseValue};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

#[rustfmt::skip]
pub mod digital_twins;
#[rustfmt::skip]
pub mod iot_central;
#[rustfmt::skip]
pub mod iot_central_preview;
#[rustfmt::skip]
pub mod itwin_access_control;
#[rustfmt::skip]
pub mod itwin_imodels;
#[rustfmt::skip]
pub mod itwin_itwins;
#[rustfmt::skip]
pub mod itwin_reality_management;
#[rustfmt::skip]
pub mod itwin_storage;
#[rustfmt::skip]
pub mod itwin_users;
#[rustfmt::skip]
pub mod itwin_webhooks;

/// Values for the parameters of one call, by their names on the wire; the
/// request body is called `body`.
#[derive(Debug, Clone, Default)]
pub struct Values {
    given: Map<String, Value>,
    /// What a caller looked for, given or not.
    asked: Arc<Mutex<BTreeSet<String>>>,
}

impl Values {
    /// No values: nothing optional is set.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a value.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.given.insert(name.to_owned(), value.into());
        self
    }

    /// The names of all parameters that callers of these values have.
    #[must_use]
    pub fn asked(&self) -> BTreeSet<String> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The names of the parameters that have a value.
    #[must_use]
    pub fn given(&self) -> BTreeSet<String> {
        self.given.keys().cloned().collect()
    }

    /// The value for a parameter, if there is one, as the type it needs.
    fn get<T: DeserializeOwned + Debug>(&self, name: &str) -> Result<Option<T>, Failure> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned());
        let Some(value) = self.given.get(name) else { return Ok(None) };
        let value = serde_json::from_value(value.clone())
            .map_err(|error| Failure::Value(format!("{name}: {error}")))?;
        all_declared(&value).map_err(|what| Failure::Value(format!("{name}: {what}")))?;
        Ok(Some(value))
    }
}

impl From<Map<String, Value>> for Values {
    fn from(given: Map<String, Value>) -> Self {
        Self { given, ..Self::default() }
    }
}

/// What a successful call answered.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The response headers, by lower-case name.
    pub headers: Vec<(String, String)>,
    /// What the client decoded, encoded again; null for an empty body.
    pub value: Value,
}

impl Answer {
    pub(crate) fn new<T: Serialize + Debug>(response: ResponseValue<T>) -> Result<Self, Failure> {
        let status = response.status().as_u16();
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| {
                (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
            })
            .collect();
        let value = response.into_inner();
        all_declared(&value).map_err(|what| Failure::Value(format!("answer: {what}")))?;
        let value = serde_json::to_value(value)
            .map_err(|error| Failure::Value(format!("answer: {error}")))?;
        Ok(Self { status, headers, value })
    }

    /// The first response header of that name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

/// Types that keep undeclared members give them back as if they knew them. What
/// is called here has declared members only, so none may be among the kept.
fn all_declared(value: &impl Debug) -> Result<(), String> {
    const KEPT: &str = "extra: {\"";
    let text = format!("{value:?}");
    match text.split_once(KEPT) {
        None => Ok(()),
        Some((_, kept)) => {
            let name = kept.split('"').next().unwrap_or_default();
            Err(format!("the client's type does not declare the member `{name}`"))
        }
    }
}

/// Why a call gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// There is no operation of this id.
    #[error("there is no caller for the operation `{0}`")]
    UnknownOperation(String),
    /// A value does not have the type its parameter needs.
    #[error("a value cannot be handed over: {0}")]
    Value(String),
    /// The client's own error.
    #[error(transparent)]
    Call(#[from] Error),
}
