//! Numbers with a fraction, written as services and people write them: whole
//! ones without `.0`.

use serde::{Serialize, Serializer};

use crate::finite;

/// Beyond it a double is no longer every whole number.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// A number on its way out, which is refused if it is not finite: JSON has no form
/// for it. For generated code.
#[derive(Debug, Clone, Copy)]
pub struct Number(pub f64);

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(number) = *self;
        finite::check_number(number)?;
        let is_whole = number.fract() == 0.0 && number.abs() < EXACT;
        if is_whole && !(number == 0.0 && number.is_sign_negative()) {
            #[expect(clippy::cast_possible_truncation, reason = "it is whole and below 2^53")]
            let whole = number as i64;
            serializer.serialize_i64(whole)
        } else {
            serializer.serialize_f64(number)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_stay_whole() {
        for (number, expected) in [
            (3.0, "3"),
            (-25.0, "-25"),
            (0.5, "0.5"),
            (0.0, "0"),
            (-0.0, "-0.0"),
            (9_007_199_254_740_991.0, "9007199254740991"),
            (1e300, "1e+300"),
        ] {
            assert_eq!(serde_json::to_string(&Number(number)).unwrap(), expected);
        }
    }

    #[test]
    fn what_is_not_finite_is_refused_and_not_null() {
        for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let error = serde_json::to_string(&Number(number)).unwrap_err();
            assert_eq!(error.to_string(), format!("{number} is not a number in JSON"));
        }
    }
}
