//! Documents, read member by member.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::{Map, Value};

use super::Document;

/// Reads a document. For generated code.
///
/// # Errors
/// It is no object, a member does not fit, or one is missing.
pub fn read_document<'de, T: Document, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    deserializer.deserialize_map(Reader(PhantomData))
}

/// Reads a member that must be there, or one whose `null` is a value. For generated
/// code.
///
/// # Errors
/// The value does not fit.
pub fn read_member<'de, T: Deserialize<'de>, A: MapAccess<'de>>(
    member: &mut Option<T>,
    map: &mut A,
) -> Result<(), A::Error> {
    *member = Some(map.next_value()?);
    Ok(())
}

/// Reads a member that `null` stands for as well as absence. For generated code.
///
/// # Errors
/// The value does not fit.
pub fn read_optional<'de, T: Deserialize<'de>, A: MapAccess<'de>>(
    member: &mut Option<T>,
    map: &mut A,
) -> Result<(), A::Error> {
    *member = map.next_value()?;
    Ok(())
}

/// What was read of a member that must be there. For generated code.
///
/// # Errors
/// It was not there.
pub fn required<T, E: serde::de::Error>(member: Option<T>, name: &'static str) -> Result<T, E> {
    member.ok_or_else(|| E::missing_field(name))
}

struct Reader<T>(PhantomData<T>);

impl<'de, T: Document> Visitor<'de> for Reader<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<T, A::Error> {
        let (mut members, mut extra) = (T::unread(), Map::new());
        while let Some(name) = map.next_key::<Name<'de>>()? {
            match T::member(&mut members, &name.0, &mut map) {
                Some(read) => read?,
                None if T::OPEN => keep(&mut extra, name, map.next_value()?),
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        T::whole(members, extra)
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
    use super::super::Writer;
    use super::*;
    use serde::de::Error as _;
    use serde::ser::SerializeMap;
    use serde_json::json;

    #[derive(Debug)]
    struct Thing {
        id: String,
        size: Option<u8>,
        extra: Map<String, Value>,
    }

    struct Members {
        id: Option<String>,
        size: Option<u8>,
    }

    impl Document for Thing {
        const OPEN: bool = true;
        type Members = Members;

        fn unread() -> Members {
            Members { id: None, size: None }
        }

        fn member<'de, A: MapAccess<'de>>(
            members: &mut Members,
            name: &str,
            map: &mut A,
        ) -> Option<Result<(), A::Error>> {
            Some(match name {
                "id" => read_member(&mut members.id, map),
                "size" => read_optional(&mut members.size, map),
                _ => return None,
            })
        }

        fn whole<E: serde::de::Error>(
            members: Members,
            extra: Map<String, Value>,
        ) -> Result<Self, E> {
            Ok(Self { id: required(members.id, "id")?, size: members.size, extra })
        }

        fn write<M: SerializeMap>(&self, _: &mut Writer<M>) {}
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

            fn unread() -> Members {
                Thing::unread()
            }

            fn member<'de, A: MapAccess<'de>>(
                members: &mut Members,
                name: &str,
                map: &mut A,
            ) -> Option<Result<(), A::Error>> {
                Thing::member(members, name, map)
            }

            fn whole<E: serde::de::Error>(
                members: Members,
                extra: Map<String, Value>,
            ) -> Result<Self, E> {
                assert!(extra.is_empty(), "{extra:?}");
                Ok(Self(members.size))
            }

            fn write<M: SerializeMap>(&self, _: &mut Writer<M>) {}
        }
        let text = r#"{"new":{"a":[1]},"size":3,"newer":null}"#;
        let read: Closed = read_document(&mut serde_json::Deserializer::from_str(text)).unwrap();
        assert_eq!(read, Closed(Some(3)));
    }
}
