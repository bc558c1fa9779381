//! What builders do with the values they are given. It stands here once, so that
//! each of a client's many setters is one call.

use std::fmt::{self, Display};

use crate::error::Error;

/// Why a builder has no value.
///
/// What was not set is told by name alone: builders begin that way, and a text would
/// have to be made for each value that is set afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// It is required and was not set.
    Unset(&'static str),
    /// What it was set to cannot be it.
    Value(String),
}

impl Refused {
    /// For the reason of a conversion that failed.
    pub fn because(reason: impl Display) -> Self {
        Self::Value(reason.to_string())
    }
}

impl Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unset(what) => write!(f, "{what} is required and was not set"),
            Self::Value(reason) => f.write_str(reason),
        }
    }
}

impl std::error::Error for Refused {}

/// [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest).
impl From<Refused> for Error {
    fn from(refused: Refused) -> Self {
        Self::InvalidRequest(refused.to_string())
    }
}

/// The value of a setter, or why it cannot be it; `what` names the setter.
///
/// # Errors
/// The reason of the conversion that failed, behind `what`.
pub fn given<T, V>(value: V, what: &str) -> Result<T, Refused>
where
    V: TryInto<T>,
    V::Error: Display,
{
    value.try_into().map_err(|error| refused(what, &error))
}

/// The body that a builder makes; `what` names the operation's body.
///
/// # Errors
/// [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest): a value was
/// refused, or one that is required was not set.
pub fn built<T, B>(builder: Result<B, Refused>, what: &str) -> Result<T, Error>
where
    T: TryFrom<B>,
    T::Error: Display,
{
    Ok(T::try_from(builder?).map_err(|error| refused(what, &error))?)
}

fn refused(what: &str, reason: &dyn Display) -> Refused {
    Refused::Value(format!("{what}: {reason}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn a_value_is_taken_or_refused_with_the_reason() {
        assert_eq!(given::<u8, _>(7_i64, "`size`"), Ok(7));
        let refused = given::<u8, _>(700_i64, "`size`").unwrap_err().to_string();
        assert_eq!(refused, "`size`: out of range integral type conversion attempted");
    }

    #[test]
    fn a_body_is_made_or_the_reason_told_before_anything_is_sent() {
        assert_eq!(built::<u8, _>(Ok(7_i64), "put_x: `body`").unwrap(), 7);
        for (builder, reason) in [
            (Ok(700_i64), "`body`: out of range"),
            (Err(Refused::Value("put_x: `size`: no".to_owned())), "`size`: no"),
            (Err(Refused::Unset("put_x: `size`")), "`size` is required and was not set"),
        ] {
            let error = built::<u8, i64>(builder, "put_x: `body`").unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidRequest);
            assert!(error.to_string().contains(reason), "{error}");
        }
    }
}
