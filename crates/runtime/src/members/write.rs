//! Documents, written member by member.

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value};

use super::Document;

/// Writes a document. For generated code.
///
/// # Errors
/// The serializer's, or a value's own.
pub fn write_document<T: Document, S: Serializer>(
    document: &T,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut to = Writer { map: serializer.serialize_map(None)?, written: Ok(()) };
    document.write(&mut to);
    to.written?;
    to.map.end()
}

/// Takes the members of a document. After the first failure it takes nothing more,
/// so that documents need not ask after each member.
pub struct Writer<M: SerializeMap> {
    map: M,
    written: Result<(), M::Error>,
}

impl<M: SerializeMap> Writer<M> {
    /// A member that is always written.
    pub fn member<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) {
        if self.written.is_ok() {
            self.written = self.map.serialize_entry(name, value);
        }
    }

    /// A member that is left out where it is unset.
    pub fn optional<T: Serialize>(&mut self, name: &str, value: &Option<T>) {
        if let Some(value) = value {
            self.member(name, value);
        }
    }

    /// The members that nobody declared.
    pub fn extra(&mut self, members: &Map<String, Value>) {
        members.iter().for_each(|(name, value)| self.member(name, value));
    }
}

#[cfg(test)]
mod tests {
    use serde::de::MapAccess;
    use serde_json::json;

    use super::*;

    /// A value and what nobody declared.
    struct Thing<T>(T, Option<u8>, Map<String, Value>);

    impl<T: Serialize> Document for Thing<T> {
        const OPEN: bool = true;
        type Members = ();

        fn unread() {}

        fn member<'de, A: MapAccess<'de>>(
            (): &mut (),
            _: &str,
            _: &mut A,
        ) -> Option<Result<(), A::Error>> {
            None
        }

        fn whole<E: serde::de::Error>((): (), _: Map<String, Value>) -> Result<Self, E> {
            Err(E::custom("nobody reads it"))
        }

        fn write<M: SerializeMap>(&self, to: &mut Writer<M>) {
            to.member("id", &self.0);
            to.optional("size", &self.1);
            to.extra(&self.2);
        }
    }

    fn written<T: Serialize>(thing: &Thing<T>) -> Result<String, serde_json::Error> {
        let mut bytes = Vec::new();
        write_document(thing, &mut serde_json::Serializer::new(&mut bytes))?;
        Ok(String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn unset_members_are_left_out_and_undeclared_ones_are_not() {
        let extra = json!({"x": [1]}).as_object().unwrap().clone();
        assert_eq!(written(&Thing("a", Some(3), extra)).unwrap(), r#"{"id":"a","size":3,"x":[1]}"#);
        assert_eq!(written(&Thing("a", None, Map::new())).unwrap(), r#"{"id":"a"}"#);
    }

    #[test]
    fn the_first_failure_is_told() {
        let unfit = std::collections::BTreeMap::from([((1, 2), 3)]);
        let error = written(&Thing(unfit, Some(3), Map::new())).unwrap_err();
        assert!(error.to_string().contains("key must be a string"), "{error}");
    }
}
