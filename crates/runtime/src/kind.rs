//! Documents that come in kinds, told apart by one member. The types of the
//! kinds are generated; this reads the member, and keeps what none of them is.

use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Json;

/// A document of a kind that the client does not know, as it came. It goes
/// back the same, letter by letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownKind {
    kind: Option<String>,
    document: Json,
}

impl UnknownKind {
    /// A document of a kind that the service knows and the client does not yet.
    /// The document itself holds the member that names the kind.
    #[must_use]
    pub fn new(kind: impl Into<String>, document: impl Into<Json>) -> Self {
        Self { kind: Some(kind.into()), document: document.into() }
    }

    /// The kind, if the document names one.
    #[must_use]
    pub fn kind(&self) -> Option<&str> {
        self.kind.as_deref()
    }

    /// The whole document.
    #[must_use]
    pub fn document(&self) -> &Json {
        &self.document
    }

    /// Reads any document and the member `tag`, which names its kind. For
    /// generated code, which then [`decode`](Self::decode)s the kinds it knows.
    ///
    /// # Errors
    /// It is not an object.
    pub fn read<'de, D: Deserializer<'de>>(
        deserializer: D,
        tag: &'static str,
    ) -> Result<Self, D::Error> {
        let document = Json::deserialize(deserializer)?;
        let kind = tag_of(document.get(), tag).map_err(|error| D::Error::custom(plain(&error)))?;
        Ok(Self { kind, document })
    }

    /// Decodes the document as a kind that is known. For generated code.
    ///
    /// # Errors
    /// It is not as that kind is.
    pub fn decode<T: DeserializeOwned, E: serde::de::Error>(&self) -> Result<T, E> {
        serde_json::from_slice(self.document.get().as_bytes())
            .map_err(|error| E::custom(plain(&error)))
    }
}

impl Serialize for UnknownKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.document.serialize(serializer)
    }
}

/// The text of one member; everything else is skipped without being decoded.
fn tag_of(text: &str, tag: &'static str) -> Result<Option<String>, serde_json::Error> {
    struct Find(&'static str);
    impl<'de> serde::de::Visitor<'de> for Find {
        type Value = Option<String>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "an object whose kind stands in `{}`", self.0)
        }

        fn visit_map<M: serde::de::MapAccess<'de>>(
            self,
            mut map: M,
        ) -> Result<Self::Value, M::Error> {
            let mut found = None;
            while let Some(name) = map.next_key::<std::borrow::Cow<'de, str>>()? {
                if name == self.0 {
                    // A kind that is no text is none that is known.
                    let value: serde_json::Value = map.next_value()?;
                    found = value.as_str().map(str::to_owned);
                } else {
                    map.next_value::<serde::de::IgnoredAny>()?;
                }
            }
            Ok(found)
        }
    }
    let mut deserializer = serde_json::Deserializer::from_str(text);
    Deserializer::deserialize_map(&mut deserializer, Find(tag))
}

/// What does not fit, without the place: it is one within the inner document,
/// and would be taken for one within the whole.
fn plain(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.as_str(), |(reason, _)| reason).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[derive(Debug)]
    enum Shape {
        Circle(Circle),
        Unknown(UnknownKind),
    }

    #[derive(Debug, Deserialize)]
    struct Circle {
        radius: Json,
    }

    impl<'de> Deserialize<'de> for Shape {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let read = UnknownKind::read(deserializer, "type")?;
            match read.kind() {
                Some("circle") => read.decode().map(Self::Circle),
                _ => Ok(Self::Unknown(read)),
            }
        }
    }

    #[test]
    fn known_kinds_are_decoded_and_others_kept_as_they_came() {
        let text =
            r#"[{"radius":1.50,"type":"circle"},{"type":"s\u0071uare", "a":[1.0]},{},{"type":7}]"#;
        let shapes: Vec<Shape> = serde_json::from_str(text).unwrap();
        let Shape::Circle(circle) = &shapes[0] else { panic!("{shapes:?}") };
        assert_eq!(circle.radius.get(), "1.50");
        let kinds: Vec<_> = shapes[1..]
            .iter()
            .map(|shape| match shape {
                Shape::Unknown(unknown) => (unknown.kind(), unknown.document().get()),
                Shape::Circle(_) => panic!("{shape:?}"),
            })
            .collect();
        assert_eq!(
            kinds,
            [
                (Some("square"), r#"{"type":"s\u0071uare", "a":[1.0]}"#),
                (None, "{}"),
                (None, r#"{"type":7}"#),
            ],
        );
        let from_value: Shape = serde_json::from_value(json!({"type": "x"})).unwrap();
        let Shape::Unknown(unknown) = from_value else { panic!("{from_value:?}") };
        assert_eq!(serde_json::to_value(unknown).unwrap(), json!({"type": "x"}));
    }

    #[test]
    fn faults_name_the_list_and_the_reason() {
        #[derive(Debug, Deserialize)]
        struct Page {
            #[expect(dead_code, reason = "only its type matters")]
            value: Vec<Shape>,
        }
        for (item, reason) in [("7", "an object"), (r#"{"type":"circle"}"#, "`radius`")] {
            let text = format!("{{\"value\":[\n{{}},\n{item}]}}");
            let error = crate::decode::from_json::<Page>(text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(" at value") && error.contains(reason), "{error}");
        }
    }

    proptest! {
        #[test]
        fn any_object_is_kept_letter_by_letter_and_nothing_else_is_read(
            members in proptest::collection::btree_map("\\PC{0,8}|type", "\\PC{0,8}", 0..5),
            junk in "\\PC{0,30}",
        ) {
            let text = serde_json::to_string(&members).unwrap();
            let read: Shape = match serde_json::from_str(&text) {
                Ok(read) => read,
                // A circle without a radius.
                Err(_) => return Ok(()),
            };
            if let Shape::Unknown(unknown) = read {
                prop_assert_eq!(unknown.kind(), members.get("type").map(String::as_str));
                prop_assert_eq!(serde_json::to_string(&unknown).unwrap(), text);
            }
            let _ = serde_json::from_str::<Shape>(&junk);
        }
    }
}
