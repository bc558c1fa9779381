//! What builders do with the values they are given. It stands here once, so that
//! each of a client's many setters is one call.

use std::fmt::Display;

use crate::error::Error;

/// The value of a setter, or why it cannot be it; `what` names the setter.
///
/// # Errors
/// The reason of the conversion that failed, behind `what`.
pub fn given<T, V>(value: V, what: &str) -> Result<T, String>
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
pub fn built<T, B>(builder: Result<B, String>, what: &str) -> Result<T, Error>
where
    T: TryFrom<B>,
    T::Error: Display,
{
    builder
        .and_then(|builder| T::try_from(builder).map_err(|error| refused(what, &error)))
        .map_err(Error::InvalidRequest)
}

fn refused(what: &str, reason: &dyn Display) -> String {
    format!("{what}: {reason}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn a_value_is_taken_or_refused_with_the_reason() {
        assert_eq!(given::<u8, _>(7_i64, "`size`"), Ok(7));
        let refused = given::<u8, _>(700_i64, "`size`").unwrap_err();
        assert_eq!(refused, "`size`: out of range integral type conversion attempted");
    }

    #[test]
    fn a_body_is_made_or_the_reason_told_before_anything_is_sent() {
        assert_eq!(built::<u8, _>(Ok(7_i64), "put_x: `body`").unwrap(), 7);
        for (builder, reason) in [
            (Ok(700_i64), "`body`: out of range"),
            (Err("put_x: `size`: no".to_owned()), "`size`: no"),
        ] {
            let error = built::<u8, i64>(builder, "put_x: `body`").unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidRequest);
            assert!(error.to_string().contains(reason), "{error}");
        }
    }
}
