//! Environment variables as a way in reads them: trimmed, an empty one counting
//! as unset. They are looked up by a function, so that tests need not change
//! the process's own.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::{AuthError, AuthErrorKind};

pub(crate) struct Variables<L> {
    name: &'static str,
    look_up: L,
}

impl<L: Fn(&str) -> Option<OsString>> Variables<L> {
    /// `name` is the way's, for errors.
    pub(crate) fn new(name: &'static str, look_up: L) -> Self {
        Self { name, look_up }
    }

    /// # Errors
    /// The value is not valid UTF-8.
    pub(crate) fn text(&self, variable: &str) -> Result<Option<String>, AuthError> {
        let Some(value) = (self.look_up)(variable) else { return Ok(None) };
        let Ok(text) = value.into_string() else {
            let message = format!("{variable} is not valid UTF-8");
            return Err(AuthError::new(AuthErrorKind::Config, self.name, message));
        };
        Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty()))
    }

    /// `set`, or the variable where that is empty.
    pub(crate) fn text_unless(
        &self,
        set: String,
        variable: &str,
    ) -> Result<Option<String>, AuthError> {
        if set.trim().is_empty() { self.text(variable) } else { Ok(Some(set)) }
    }

    /// A path, which need not be UTF-8.
    pub(crate) fn path(&self, variable: &str) -> Option<PathBuf> {
        let value = (self.look_up)(variable)?;
        let value = match value.into_string() {
            Ok(text) => text.trim().to_owned().into(),
            Err(value) => value,
        };
        Some(PathBuf::from(value)).filter(|path| !path.as_os_str().is_empty())
    }

    /// The error of an environment without the variables for which `is_none`
    /// holds.
    pub(crate) fn missing<const N: usize>(&self, variables: [(&str, bool); N]) -> AuthError {
        let names: Vec<&str> =
            variables.into_iter().filter_map(|(name, is_none)| is_none.then_some(name)).collect();
        let message = format!("{} not set", names.join(", "));
        AuthError::new(AuthErrorKind::Unavailable, self.name, message)
    }
}
