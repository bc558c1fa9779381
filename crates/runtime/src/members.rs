//! Documents, read member by member. Generated types say which members they have,
//! and whether they keep those that nobody declared; going through the document is
//! done here, once for all: what serde derives for each type takes longer to compile
//! than the rest of a client. It must not know any of those types.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::{Map, Value};

/// An object. Implemented by generated types.
pub trait Document: Sized {
    /// Whether undeclared members are kept.
    const OPEN: bool;

    /// What has been read of the declared members.
    type Members: Default;

    /// Reads the member's value if the member is declared; tells whether it is.
    ///
    /// # Errors
    /// The value does not fit.
    fn member<'de, A: MapAccess<'de>>(
        members: &mut Self::Members,
        name: &str,
        map: &mut A,
    ) -> Result<bool, A::Error>;

    /// The document, once all members have been read; `extra` has the undeclared
    /// ones if they are kept.
    ///
    /// # Errors
    /// A member is missing that must be there.
    fn whole<E: serde::de::Error>(
        members: Self::Members,
        extra: Map<String, Value>,
    ) -> Result<Self, E>;
}

/// Reads a document. For generated code.
///
/// # Errors
/// It is no object, a member does not fit, or one is missing.
pub fn read_document<'de, T: Document, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    deserializer.deserialize_map(Reader(PhantomData))
}

struct Reader<T>(PhantomData<T>);

impl<'de, T: Document> Visitor<'de> for Reader<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<T, A::Error> {
        let mut read: (T::Members, Map<String, Value>) = Default::default();
        while let Some(name) = map.next_key::<Name<'de>>()? {
            if T::member(&mut read.0, &name.0, &mut map)? {
                continue;
            }
            if T::OPEN {
                keep(&mut read.1, name, map.next_value()?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        T::whole(read.0, read.1)
    }
}

/// Not generic, so that it is compiled once.
fn keep(extra: &mut Map<String, Value>, name: Name<'_>, value: Value) {
    extra.insert(name.0.into_owned(), value);
}

/// A member's name; serde's own `Cow` always copies.
struct Name<'de>(Cow<'de, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a member")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Owned(text.to_owned())))
            }

            fn visit_string<E>(self, text: String) -> Result<Self::Value, E> {
                Ok(Name(Cow::Owned(text)))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::de::Error as _;
    use serde_json::json;

    #[derive(Debug)]
    struct Thing {
        id: String,
        size: Option<u8>,
        extra: Map<String, Value>,
    }

    #[derive(Default)]
    struct Members {
        id: Option<String>,
        size: Option<u8>,
    }

    impl Document for Thing {
        const OPEN: bool = true;
        type Members = Members;

        fn member<'de, A: MapAccess<'de>>(
            members: &mut Members,
            name: &str,
            map: &mut A,
        ) -> Result<bool, A::Error> {
            match name {
                "id" => members.id = Some(map.next_value()?),
                "size" => members.size = map.next_value()?,
                _ => return Ok(false),
            }
            Ok(true)
        }

        fn whole<E: serde::de::Error>(
            members: Members,
            extra: Map<String, Value>,
        ) -> Result<Self, E> {
            let id = members.id.ok_or_else(|| E::missing_field("id"))?;
            Ok(Self { id, size: members.size, extra })
        }
    }

    fn read(text: &str) -> Result<Thing, serde_json::Error> {
        read_document(&mut serde_json::Deserializer::from_str(text))
    }

    #[test]
    fn members_are_told_apart_and_none_is_lost() {
        let thing = read(r#"{"new":{"a":[1]},"\u0069d":"x","size":null,"esc\"aped":1}"#).unwrap();
        assert_eq!((&*thing.id, thing.size), ("x", None));
        assert_eq!(Value::Object(thing.extra), json!({"new": {"a": [1]}, "esc\"aped": 1}));
        let owned: Thing = read_document(json!({"id": "y", "size": 3})).unwrap();
        assert_eq!((&*owned.id, owned.size, owned.extra.len()), ("y", Some(3), 0));
    }

    #[test]
    fn faults_are_told() {
        for (text, reason) in [
            (r#"{"size":1}"#, "missing field `id`"),
            (r#"{"id":"x","size":"big"}"#, "u8"),
            ("[]", "an object"),
            (r#"{"id":"x""#, "EOF"),
        ] {
            let said = read(text).unwrap_err().to_string();
            assert!(said.contains(reason), "{said}");
        }
        assert!(serde_json::Error::missing_field("x").to_string().contains('x'));
    }

    #[test]
    fn what_is_not_kept_is_passed_over() {
        #[derive(Debug, PartialEq)]
        struct Closed(Option<u8>);

        impl Document for Closed {
            const OPEN: bool = false;
            type Members = Members;

            fn member<'de, A: MapAccess<'de>>(
                members: &mut Members,
                name: &str,
                map: &mut A,
            ) -> Result<bool, A::Error> {
                Thing::member(members, name, map)
            }

            fn whole<E: serde::de::Error>(
                members: Members,
                extra: Map<String, Value>,
            ) -> Result<Self, E> {
                assert!(extra.is_empty(), "{extra:?}");
                Ok(Self(members.size))
            }
        }
        let text = r#"{"new":{"a":[1]},"size":3,"newer":null}"#;
        let read: Closed = read_document(&mut serde_json::Deserializer::from_str(text)).unwrap();
        assert_eq!(read, Closed(Some(3)));
    }
}
