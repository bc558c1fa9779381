//! Arguments and variables, and those that do not go together or cannot be meant:
//! told like those that clap refuses, with exit code 2.

use std::fmt;

/// What is wrong with the arguments.
#[derive(Debug)]
pub(crate) struct WrongUsage {
    text: String,
    hint: Option<String>,
}

impl WrongUsage {
    /// What cures it, if that is known.
    pub(crate) fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}

impl fmt::Display for WrongUsage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for WrongUsage {}

/// An error that ends the program with exit code 2.
pub(crate) fn wrong(text: impl Into<String>) -> anyhow::Error {
    WrongUsage { text: text.into(), hint: None }.into()
}

/// The same with what cures it.
pub(crate) fn wrong_with(text: impl Into<String>, hint: Option<&str>) -> anyhow::Error {
    WrongUsage { text: text.into(), hint: hint.map(str::to_owned) }.into()
}

/// A variable's text without blanks around it; an empty one counts as unset.
pub(crate) fn variable(name: &str) -> anyhow::Result<Option<String>> {
    match std::env::var(name) {
        Ok(text) => Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty())),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => Err(wrong(format!("{name} is not valid UTF-8"))),
    }
}

/// The id as it is, if the library's type takes it: a `value_parser`.
pub(crate) fn id<T>(text: &str) -> Result<String, T::Error>
where
    T: TryFrom<String>,
    String: From<T>,
{
    T::try_from(text.to_owned()).map(String::from)
}

/// A mail address, as far as one can be told from other texts: a `value_parser`.
pub(crate) fn address(text: &str) -> Result<String, String> {
    let text = text.trim();
    let fits =
        text.rsplit_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty());
    if !fits || text.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err(format!("{text:?} is no mail address"));
    }
    Ok(text.to_owned())
}

/// A number of calls at a time: a `value_parser`.
pub(crate) fn at_a_time(text: &str) -> Result<usize, String> {
    let number = text.parse().map_err(|_| "give a whole number".to_owned())?;
    if number == 0 { Err("at least 1 is needed".to_owned()) } else { Ok(number) }
}

/// What was named, each once, in the order of first mention.
pub(crate) fn once<T: PartialEq>(named: Vec<T>) -> Vec<T> {
    let mut each = Vec::with_capacity(named.len());
    for one in named {
        if !each.contains(&one) {
            each.push(one);
        }
    }
    each
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_from_other_texts() {
        assert_eq!(address(" ann@a.example\t"), Ok("ann@a.example".to_owned()));
        assert_eq!(address("\"odd@local\"@a"), Ok("\"odd@local\"@a".to_owned()));
        for odd in ["", "ann", "@a.example", "ann@", "ann @a.example", "ann@a\u{1b}.example"] {
            assert!(address(odd).is_err(), "{odd:?}");
        }
    }
}
