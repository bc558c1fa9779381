//! The way through a value.

use serde::{Serialize, ser};

use super::{Fault, check_number};

/// Goes through a value and writes nothing.
#[derive(Clone, Copy)]
pub(super) struct Finite {
    pub(super) deep: bool,
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
pub(super) struct Parts {
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
