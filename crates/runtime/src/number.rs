//! Numbers with a fraction, written as services and people write them: whole
//! ones without `.0`.

use serde::Serializer;

/// Beyond it a double is no longer every whole number.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Writes a number. For generated code.
///
/// # Errors
/// The serializer's.
pub fn write_number<S: Serializer>(number: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    let is_whole = number.fract() == 0.0 && number.abs() < EXACT;
    if is_whole && !(*number == 0.0 && number.is_sign_negative()) {
        #[expect(clippy::cast_possible_truncation, reason = "it is whole and below 2^53")]
        let whole = *number as i64;
        serializer.serialize_i64(whole)
    } else {
        serializer.serialize_f64(*number)
    }
}

/// Writes a number that may be unset. For generated code.
///
/// # Errors
/// The serializer's.
pub fn write_optional_number<S: Serializer>(
    number: &Option<f64>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match number {
        Some(number) => write_number(number, serializer),
        None => serializer.serialize_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Serialize)]
    struct Sizes {
        #[serde(serialize_with = "write_number")]
        a: f64,
        #[serde(serialize_with = "write_optional_number")]
        b: Option<f64>,
    }

    #[test]
    fn whole_numbers_stay_whole() {
        for (a, b, expected) in [
            (3.0, Some(-25.0), r#"{"a":3,"b":-25}"#),
            (0.5, None, r#"{"a":0.5,"b":null}"#),
            (0.0, Some(-0.0), r#"{"a":0,"b":-0.0}"#),
            (9_007_199_254_740_991.0, Some(1e300), r#"{"a":9007199254740991,"b":1e+300}"#),
            (f64::NAN, Some(f64::INFINITY), r#"{"a":null,"b":null}"#),
        ] {
            assert_eq!(serde_json::to_string(&Sizes { a, b }).unwrap(), expected);
        }
    }
}
