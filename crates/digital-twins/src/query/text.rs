//! Puts values into query text with correct escaping, so that nobody builds
//! query text from strings. The service itself has no parameters; this is done
//! before the text is sent. It must not know how a query travels.

use std::fmt::Write;

use super::value::QueryValue;

/// Names that start with `$` in the service's own query language where no dot
/// stands before them. They are never parameters.
const SERVICE_NAMES: &[&str] =
    &["dtId", "etag", "metadata", "relationshipId", "relationshipName", "sourceId", "targetId"];

/// Why a query's text and its values do not fit together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BindError {
    /// The text names a parameter that has no value.
    #[error("the query names ${name}, which has no value; give it with .bind({name:?}, ...)")]
    Unbound {
        /// The parameter, without `$`.
        name: String,
    },
    /// A value's name does not stand in the text as a parameter.
    #[error("a value is bound to {name:?}, but the query text has no parameter ${name}")]
    Unused {
        /// The name given to `bind`.
        name: String,
    },
    /// The same name was bound twice.
    #[error("{name:?} is bound twice")]
    Twice {
        /// The name given to `bind`.
        name: String,
    },
    /// The service uses this name itself.
    #[error("${name} is a name of the query language itself; choose another parameter name")]
    Reserved {
        /// The name given to `bind`.
        name: String,
    },
    /// A name of other characters than letters, digits and `_`.
    #[error("{name:?} cannot be a parameter name; use letters, digits and _")]
    BadName {
        /// The name given to `bind`.
        name: String,
    },
    /// A value that the query language cannot express.
    #[error("the value bound to {name:?} cannot be written in a query: {reason}")]
    BadValue {
        /// The name given to `bind`.
        name: String,
        /// What is wrong with the value.
        reason: &'static str,
    },
    /// A string literal or an escaped name without its end.
    #[error("the query text ends within {within}")]
    Unclosed {
        /// What is not closed.
        within: &'static str,
    },
}

/// The text with every parameter `$name` replaced by its value's literal.
/// Parameters are looked for outside string literals, outside `[[names]]` and
/// not after a dot, where `$` starts a member name.
pub(super) fn bind(text: &str, values: &[(String, QueryValue)]) -> Result<String, BindError> {
    check_names(values)?;
    let mut used = vec![false; values.len()];
    let mut bound = String::with_capacity(text.len() + 16 * values.len());
    let mut rest = text;
    let mut previous = ' ';
    while let Some(character) = rest.chars().next() {
        let length = match character {
            '\'' => string_length(rest)?,
            '[' if rest.starts_with("[[") => {
                rest.find("]]").ok_or(BindError::Unclosed { within: "[[ ]]" })? + 2
            }
            '$' if previous != '.' => {
                let name = name_after_dollar(rest);
                match values.iter().zip(&mut used).find(|((bound, _), _)| bound == name) {
                    Some(((_, value), used)) => {
                        *used = true;
                        write_literal(&mut bound, name, value)?;
                        rest = after(rest, 1 + name.len());
                        previous = ' ';
                        continue;
                    }
                    None if name.is_empty() || SERVICE_NAMES.contains(&name) => 1 + name.len(),
                    None => return Err(BindError::Unbound { name: name.to_owned() }),
                }
            }
            other => other.len_utf8(),
        };
        bound.push_str(rest.get(..length).unwrap_or(rest));
        rest = after(rest, length);
        previous = character;
    }
    match values.iter().zip(used).find(|(_, used)| !used) {
        Some(((name, _), _)) => Err(BindError::Unused { name: name.clone() }),
        None => Ok(bound),
    }
}

fn check_names(values: &[(String, QueryValue)]) -> Result<(), BindError> {
    for (position, (name, _)) in values.iter().enumerate() {
        let name = name.clone();
        if name.is_empty() || name_length(&name) != name.len() {
            return Err(BindError::BadName { name });
        }
        if SERVICE_NAMES.contains(&name.as_str()) {
            return Err(BindError::Reserved { name });
        }
        if values.iter().take(position).any(|(earlier, _)| *earlier == name) {
            return Err(BindError::Twice { name });
        }
    }
    Ok(())
}

fn name_after_dollar(text: &str) -> &str {
    let name = after(text, 1);
    name.get(..name_length(name)).unwrap_or_default()
}

/// Bytes of the leading letters, digits and `_`.
fn name_length(text: &str) -> usize {
    text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(text.len())
}

/// Bytes of the string literal that `text` starts with, quotes included.
fn string_length(text: &str) -> Result<usize, BindError> {
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '\'' => return Ok(at + 1),
            _ => {}
        }
    }
    Err(BindError::Unclosed { within: "a string literal" })
}

fn after(text: &str, length: usize) -> &str {
    text.get(length..).unwrap_or_default()
}

fn write_literal(into: &mut String, name: &str, value: &QueryValue) -> Result<(), BindError> {
    let bad = |reason| BindError::BadValue { name: name.to_owned(), reason };
    match value {
        QueryValue::String(text) => {
            into.push('\'');
            for character in text.chars() {
                if matches!(character, '\'' | '\\') {
                    into.push('\\');
                }
                into.push(character);
            }
            into.push('\'');
        }
        QueryValue::Integer(number) => {
            let _ = write!(into, "{number}");
        }
        QueryValue::Number(number) if number.is_finite() => {
            let _ = write!(into, "{number}");
        }
        QueryValue::Number(_) => return Err(bad("it is not a finite number")),
        QueryValue::Bool(flag) => into.push_str(if *flag { "true" } else { "false" }),
        QueryValue::List(items) if items.is_empty() => return Err(bad("the list is empty")),
        QueryValue::List(items) => {
            into.push('[');
            for (position, item) in items.iter().enumerate() {
                if position > 0 {
                    into.push_str(", ");
                }
                if matches!(item, QueryValue::List(_)) {
                    return Err(bad("lists cannot hold lists"));
                }
                write_literal(into, name, item)?;
            }
            into.push(']');
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Reads the string literal at the start of `text` as the language does,
    /// and gives its value and what follows it.
    fn literal(text: &str) -> Option<(String, &str)> {
        let mut value = String::new();
        let mut characters = text.strip_prefix('\'')?.chars();
        loop {
            match characters.next()? {
                '\'' => return Some((value, characters.as_str())),
                '\\' => value.push(characters.next()?),
                other => value.push(other),
            }
        }
    }

    proptest! {
        #[test]
        fn a_text_stays_one_literal_and_keeps_its_value(value in r"(['\\\[\]$a\n]|\PC){0,20}") {
            let text = bound("$v AND $v", &[("v", value.as_str().into())]).unwrap();
            let (first, rest) = literal(&text).unwrap();
            let (second, rest) = literal(rest.strip_prefix(" AND ").unwrap()).unwrap();
            prop_assert_eq!((&first, &second, rest), (&value, &value, ""));
        }

        #[test]
        fn no_text_panics(text in r"(['\\\[\]$.a]|\PC){0,30}") {
            let _ = bound(&text, &[("a", "'".into())]);
        }
    }

    fn bound(text: &str, values: &[(&str, QueryValue)]) -> Result<String, BindError> {
        let values: Vec<_> = values.iter().map(|(n, v)| ((*n).to_owned(), v.clone())).collect();
        bind(text, &values)
    }

    #[test]
    fn each_kind_of_value_becomes_its_literal() {
        let cases: [(QueryValue, &str); 6] = [
            ("O'Brien \\ $x".into(), r"'O\'Brien \\ $x'"),
            (7.into(), "7"),
            ((-0.5).into(), "-0.5"),
            (true.into(), "true"),
            (vec!["a", "b'c"].into(), r"['a', 'b\'c']"),
            (vec![1, 2].into(), "[1, 2]"),
        ];
        for (value, literal) in cases {
            assert_eq!(
                bound("x = $v AND y = $v", &[("v", value)]).unwrap(),
                format!("x = {literal} AND y = {literal}")
            );
        }
    }

    #[test]
    fn the_languages_own_dollar_names_and_quoted_text_are_left_alone() {
        let text = r"SELECT T FROM DIGITALTWINS T WHERE T.$dtId = $id AND $dtId != '$id \' $id' AND T.$metadata.$model = 'x' AND T.[[$id]] = 1 AND T.$id = 2";
        assert_eq!(
            bound(text, &[("id", "r".into())]).unwrap(),
            text.replacen("= $id AND", "= 'r' AND", 1)
        );
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let unbound = |name: &str| BindError::Unbound { name: name.into() };
        assert_eq!(bound("x = $ab", &[]).unwrap_err(), unbound("ab"));
        assert_eq!(bound("x = $ab", &[("a", 1.into())]).unwrap_err(), unbound("ab"));
        assert!(matches!(bound("x", &[("a", 1.into())]), Err(BindError::Unused { .. })));
        assert!(matches!(bound("$dtId", &[("dtId", 1.into())]), Err(BindError::Reserved { .. })));
        assert!(matches!(bound("$a b", &[("a b", 1.into())]), Err(BindError::BadName { .. })));
        let twice = [("a", 1.into()), ("a", 2.into())];
        assert!(matches!(bound("$a", &twice), Err(BindError::Twice { .. })));
        for bad in [f64::NAN.into(), QueryValue::List(vec![]), vec![vec![1]].into()] {
            assert!(matches!(bound("$a", &[("a", bad)]), Err(BindError::BadValue { .. })));
        }
        assert!(matches!(bound("x = 'abc\\'", &[]), Err(BindError::Unclosed { .. })));
        assert!(matches!(bound("[[x", &[]), Err(BindError::Unclosed { .. })));
    }
}
