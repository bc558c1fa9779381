//! Numbers that JSON has no form for. `serde_json` writes them as `null`, which says
//! something else: that there is no value, or in a patch that it is to be taken away.
//! It must not know what is done with a value.

use std::fmt;

use serde::{Serialize, ser};

/// Refuses a value that is such a number, or holds one.
///
/// # Errors
/// Where the number stands. Also what the value says when it cannot be written.
pub(crate) fn check<T: Serialize + ?Sized>(value: &T) -> Result<(), Fault> {
    value.serialize(Finite { deep: true })
}

/// Refuses a value that is such a number. What it holds is not looked at.
///
/// # Errors
/// It is one.
pub(crate) fn check_alone<T: Serialize + ?Sized>(value: &T) -> Result<(), Fault> {
    value.serialize(Finite { deep: false })
}

/// Refuses such a number.
///
/// # Errors
/// It is one.
pub(crate) fn check_number<E: ser::Error>(number: f64) -> Result<(), E> {
    if number.is_finite() {
        return Ok(());
    }
    Err(E::custom(format_args!("{number} is not a number in JSON")))
}

/// What is wrong, and where.
#[derive(Debug)]
pub(crate) struct Fault {
    /// Such as `values[1].speed`; empty for the value itself.
    path: String,
    reason: String,
}

impl Fault {
    fn below(mut self, name: &str) -> Self {
        let dot = if self.path.is_empty() || self.path.starts_with('[') { "" } else { "." };
        self.path = format!("{name}{dot}{}", self.path);
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.reason)
    }
}

impl std::error::Error for Fault {}

impl ser::Error for Fault {
    fn custom<T: fmt::Display>(reason: T) -> Self {
        Self { path: String::new(), reason: reason.to_string() }
    }
}

/// Goes through a value and writes nothing.
#[derive(Clone, Copy)]
struct Finite {
    deep: bool,
}

impl Finite {
    fn part<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Fault> {
        if self.deep { value.serialize(self) } else { Ok(()) }
    }

    fn parts(self, within: Option<&'static str>) -> Result<Parts, Fault> {
        Ok(Parts { finite: self, within, at: 0 })
    }
}

macro_rules! harmless {
    ($($name:ident: $kind:ty),*) => {$(
        fn $name(self, _: $kind) -> Result<(), Fault> {
            Ok(())
        }
    )*};
}

impl ser::Serializer for Finite {
    type Ok = ();
    type Error = Fault;
    type SerializeSeq = Parts;
    type SerializeTuple = Parts;
    type SerializeTupleStruct = Parts;
    type SerializeTupleVariant = Parts;
    type SerializeMap = Parts;
    type SerializeStruct = Parts;
    type SerializeStructVariant = Parts;

    harmless!(
        serialize_bool: bool, serialize_char: char, serialize_str: &str, serialize_bytes: &[u8],
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_i128: i128, serialize_u8: u8, serialize_u16: u16, serialize_u32: u32,
        serialize_u64: u64, serialize_u128: u128, serialize_unit_struct: &'static str
    );

    fn serialize_f32(self, number: f32) -> Result<(), Fault> {
        check_number(number.into())
    }

    fn serialize_f64(self, number: f64) -> Result<(), Fault> {
        check_number(number)
    }

    fn serialize_none(self) -> Result<(), Fault> {
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Fault> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Fault> {
        Ok(())
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, _: &'static str) -> Result<(), Fault> {
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Fault> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Fault> {
        self.part(value).map_err(|fault| fault.below(variant))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Parts, Fault> {
        self.parts(None)
    }

    fn serialize_tuple(self, _: usize) -> Result<Parts, Fault> {
        self.parts(None)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Parts, Fault> {
        self.parts(None)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Parts, Fault> {
        self.parts(Some(variant))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Parts, Fault> {
        self.parts(None)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Parts, Fault> {
        self.parts(None)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Parts, Fault> {
        self.parts(Some(variant))
    }
}

/// Goes through the parts of a value.
struct Parts {
    finite: Finite,
    /// The variant that they are of.
    within: Option<&'static str>,
    at: usize,
}

impl Parts {
    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fault> {
        let checked =
            self.finite.part(value).map_err(|fault| self.of(fault, &format!("[{}]", self.at)));
        self.at += 1;
        checked
    }

    fn member<T: Serialize + ?Sized>(&self, name: &str, value: &T) -> Result<(), Fault> {
        self.finite.part(value).map_err(|fault| self.of(fault, name))
    }

    fn of(&self, fault: Fault, step: &str) -> Fault {
        let fault = fault.below(step);
        match self.within {
            Some(variant) => fault.below(variant),
            None => fault,
        }
    }
}

macro_rules! parts {
    ($($kind:ident $method:ident ($($name:ident)?)),*) => {$(
        impl ser::$kind for Parts {
            type Ok = ();
            type Error = Fault;

            fn $method<T: Serialize + ?Sized>(
                &mut self,
                $($name: &'static str,)?
                value: &T,
            ) -> Result<(), Fault> {
                parts!(@ self, value, $($name)?)
            }

            fn end(self) -> Result<(), Fault> {
                Ok(())
            }
        }
    )*};
    (@ $parts:ident, $value:ident, $name:ident) => { $parts.member($name, $value) };
    (@ $parts:ident, $value:ident,) => { $parts.item($value) };
}

parts!(
    SerializeSeq serialize_element (),
    SerializeTuple serialize_element (),
    SerializeTupleStruct serialize_field (),
    SerializeTupleVariant serialize_field (),
    SerializeStruct serialize_field (name),
    SerializeStructVariant serialize_field (name)
);

impl ser::SerializeMap for Parts {
    type Ok = ();
    type Error = Fault;

    fn serialize_key<K: Serialize + ?Sized>(&mut self, _: &K) -> Result<(), Fault> {
        Ok(())
    }

    /// Its name is told by who writes so, or not at all.
    fn serialize_value<V: Serialize + ?Sized>(&mut self, value: &V) -> Result<(), Fault> {
        self.finite.part(value)
    }

    fn serialize_entry<K: Serialize + ?Sized, V: Serialize + ?Sized>(
        &mut self,
        name: &K,
        value: &V,
    ) -> Result<(), Fault> {
        self.finite.part(value).map_err(|fault| {
            let name = serde_json::to_string(name).unwrap_or_default();
            self.of(fault, name.trim_matches('"'))
        })
    }

    fn end(self) -> Result<(), Fault> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;
    use crate::{Json, Number};

    #[derive(Serialize)]
    struct Pump {
        name: &'static str,
        speed: f32,
        #[serde(flatten)]
        more: BTreeMap<&'static str, Reading>,
    }

    #[derive(Serialize)]
    enum Reading {
        None,
        Plain(f64),
        Pair(u8, f64),
        Span { from: Option<f64>, to: Number },
        List(Vec<(char, f64)>),
    }

    fn pump(reading: Reading) -> Pump {
        Pump { name: "p", speed: 1.0, more: BTreeMap::from([("last", reading)]) }
    }

    #[test]
    fn what_json_has_a_form_for_passes() {
        let finite = || Some(f64::MAX);
        for reading in [
            Reading::None,
            Reading::Plain(-0.0),
            Reading::Pair(1, f64::MIN_POSITIVE),
            Reading::Span { from: finite(), to: Number(0.5) },
            Reading::Span { from: None, to: Number(0.5) },
            Reading::List(vec![('a', 1.0)]),
        ] {
            check(&pump(reading)).unwrap();
        }
        check(&Json::from(json!({"a": [null, 1.5, {}]}))).unwrap();
        check(&(u128::MAX, i128::MIN, (), "NaN")).unwrap();
    }

    #[test]
    fn what_it_has_none_for_is_found_wherever_it_stands() {
        for (reading, place) in [
            (Reading::Plain(f64::NAN), "last.Plain: NaN is"),
            (Reading::Pair(1, f64::INFINITY), "last.Pair[1]: inf is"),
            (Reading::Span { from: Some(f64::NAN), to: Number(1.0) }, "last.Span.from: NaN is"),
            (Reading::Span { from: None, to: Number(f64::NAN) }, "last.Span.to: NaN is"),
            (Reading::List(vec![('a', 1.0), ('b', f64::NEG_INFINITY)]), "last.List[1][1]: -inf is"),
        ] {
            let pumps = [pump(Reading::None), pump(reading)];
            let said = check(&pumps).unwrap_err().to_string();
            assert!(said.starts_with(&format!("[1].{place}")), "{said}");
        }
        let said = check(&Pump { speed: f32::NAN, ..pump(Reading::None) }).unwrap_err();
        assert_eq!(said.to_string(), "speed: NaN is not a number in JSON");
        assert_eq!(check(&f64::NAN).unwrap_err().to_string(), "NaN is not a number in JSON");
    }

    #[test]
    fn a_value_alone_is_looked_at_without_what_it_holds() {
        assert!(check_alone(&Some(f64::NAN)).is_err());
        check_alone(&[f64::NAN]).unwrap();
        check_alone(&pump(Reading::Plain(f64::NAN))).unwrap();
    }
}
