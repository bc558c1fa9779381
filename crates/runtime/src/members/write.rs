//! Documents, written member by member.

use serde::ser::{Error, Serialize, SerializeMap, Serializer};
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
    let map = serializer.serialize_map(None)?;
    let mut to = Writer { map, written: Ok(()), declared: None, has_extra: false };
    document.write(&mut to);
    if to.has_extra && to.written.is_ok() {
        // Once more, for the names of what has been written: no name comes twice.
        to.declared = Some(Vec::new());
        document.write(&mut to);
    }
    to.written?;
    to.map.end()
}

/// Takes the members of a document. After the first failure it takes nothing more,
/// so that documents need not ask after each member.
pub struct Writer<M: SerializeMap> {
    map: M,
    written: Result<(), M::Error>,
    /// Where the names of declared members are kept while nothing is written but
    /// undeclared ones.
    declared: Option<Vec<String>>,
    has_extra: bool,
}

impl<M: SerializeMap> Writer<M> {
    /// A member that is always written.
    pub fn member<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) {
        if self.begins(name) {
            let written = self.map.serialize_value(value);
            self.ended(name, written);
        }
    }

    /// A member that is left out where it is unset.
    pub fn optional<T: Serialize>(&mut self, name: &str, value: &Option<T>) {
        if let Some(value) = value {
            self.member(name, value);
        }
    }

    /// The members that nobody declared. One that has the name of a declared member
    /// which is set is refused: a document with a name twice means something else to
    /// each who reads it.
    pub fn extra(&mut self, members: &Map<String, Value>) {
        let Some(declared) = self.declared.take() else {
            self.has_extra = !members.is_empty();
            return;
        };
        if let Some(name) = members.keys().find(|name| declared.contains(name)) {
            let reason = "it is set, and stands among the undeclared members as well";
            self.written = Err(in_member(name, &reason));
        }
        members.iter().for_each(|(name, value)| self.member(name, value));
    }
}

/// What members have in common whatever their type, so that it is compiled once.
impl<M: SerializeMap> Writer<M> {
    /// Whether the value is to be written, behind its name.
    fn begins(&mut self, name: &str) -> bool {
        if let Some(declared) = &mut self.declared {
            declared.push(name.to_owned());
            return false;
        }
        if self.written.is_ok() {
            self.written = self.map.serialize_key(name);
        }
        self.written.is_ok()
    }

    fn ended(&mut self, name: &str, written: Result<(), M::Error>) {
        self.written = written.map_err(|error| in_member(name, &error));
    }
}

/// So that a failure says where.
fn in_member<E: Error>(name: &str, reason: &dyn std::fmt::Display) -> E {
    E::custom(format_args!("{name}: {reason}"))
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
    fn no_name_is_written_twice() {
        let extra = || json!({"new": 1, "size": 2}).as_object().unwrap().clone();
        let error = written(&Thing("a", Some(3), extra())).unwrap_err().to_string();
        assert!(error.starts_with("size: it is set"), "{error}");
        // What is not set may stand there: an older client than the document's author.
        let unset = written(&Thing("a", None, extra())).unwrap();
        assert_eq!(unset, r#"{"id":"a","new":1,"size":2}"#);
    }

    #[test]
    fn a_failure_names_the_members_that_lead_to_it() {
        struct Outer(Thing<crate::Number>);
        impl Serialize for Outer {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                write_document(&self.0, serializer)
            }
        }
        let inner = || Outer(Thing(crate::Number(f64::NAN), None, Map::new()));
        let error = written(&Thing(inner(), None, Map::new())).unwrap_err().to_string();
        assert_eq!(error, "id: id: NaN is not a number in JSON");
        let error = crate::Json::from_serialize(&inner()).unwrap_err();
        assert!(error.to_string().contains("form: id: NaN"), "{error}");
    }

    #[test]
    fn the_first_failure_is_told() {
        let unfit = std::collections::BTreeMap::from([((1, 2), 3)]);
        let error = written(&Thing(unfit, Some(3), Map::new())).unwrap_err();
        assert!(error.to_string().contains("key must be a string"), "{error}");
    }
}
