//! Free-form documents kept as the text they came in, to be decoded once, into
//! the caller's own type. It must not know any document's shape.

use std::fmt;

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::{Error, finite};

/// A JSON document as text: nothing of it is lost and nothing is decoded until
/// [`parse`](Self::parse).
///
/// ```
/// use twinkit_runtime::Json;
///
/// #[derive(serde::Deserialize)]
/// struct Room { temperature: f64 }
///
/// let document = Json::from(serde_json::json!({"temperature": 21.5, "more": []}));
/// let room: Room = document.parse()?;
/// assert_eq!(room.temperature, 21.5);
/// # Ok::<(), twinkit_runtime::Error>(())
/// ```
///
/// It can only be read by `serde_json` itself: as a member of a type that
/// serde buffers (`untagged`, `flatten`), use `serde_json::Value` instead. That holds
/// as well for types that are flattened into another one by a client crate.
#[derive(Clone)]
pub struct Json(Box<RawValue>);

impl Json {
    /// Decodes the document.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`](crate::ErrorKind::Decode), with the path of the
    /// member that does not fit `T`.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, Error> {
        crate::decode::from_json(self.0.get().as_bytes())
    }

    /// The document's text.
    #[must_use]
    pub fn get(&self) -> &str {
        self.0.get()
    }

    /// Encodes a value.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest) if it
    /// has no form in JSON, such as a map with keys that are not text, or a
    /// number that is not finite: with the path to it.
    pub fn from_serialize<T: Serialize + ?Sized>(value: &T) -> Result<Self, Error> {
        let written = serde_json::value::to_raw_value(value);
        // Numbers without a form become `null`: only where it stands, they are looked for.
        let doubtful = written.as_ref().map_or(true, |text| text.get().contains("null"));
        let checked = if doubtful { finite::check(value) } else { Ok(()) };
        match (written, checked) {
            (Ok(text), Ok(())) => Ok(Self(text)),
            (_, Err(fault)) => Err(no_form(&fault)),
            (Err(error), Ok(())) => Err(no_form(&error)),
        }
    }

    pub(crate) fn into_bytes(self) -> Bytes {
        Bytes::from(String::from(Box::<str>::from(self.0)))
    }

    /// Takes a text over after checking that it is JSON.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest) with
    /// line and column of the first fault.
    pub fn from_text(text: impl Into<String>) -> Result<Self, Error> {
        RawValue::from_string(text.into())
            .map(Self)
            .map_err(|e| Error::InvalidRequest(format!("the text is not JSON: {e}")))
    }
}

/// Not generic, so that it is compiled once.
fn no_form(reason: &dyn fmt::Display) -> Error {
    Error::InvalidRequest(format!("the value has no JSON form: {reason}"))
}

/// The size only: documents belong to the caller.
impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Json({} bytes)", self.0.get().len())
    }
}

/// The text itself.
impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.get())
    }
}

/// Equal if the texts are; use [`Json::parse`] to compare values.
impl PartialEq for Json {
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl Eq for Json {}

impl From<serde_json::Value> for Json {
    fn from(value: serde_json::Value) -> Self {
        // A value always has a JSON form: its keys are text, its numbers finite.
        let text = value.to_string();
        Self(RawValue::from_string(text).unwrap_or_else(|_| RawValue::NULL.to_owned()))
    }
}

impl From<&serde_json::Value> for Json {
    fn from(value: &serde_json::Value) -> Self {
        value.clone().into()
    }
}

impl From<serde_json::Map<String, serde_json::Value>> for Json {
    fn from(map: serde_json::Map<String, serde_json::Value>) -> Self {
        serde_json::Value::Object(map).into()
    }
}

impl From<Box<RawValue>> for Json {
    fn from(raw: Box<RawValue>) -> Self {
        Self(raw)
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Box::<RawValue>::deserialize(deserializer).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn text_is_kept_as_it_came() {
        #[derive(Deserialize, Serialize)]
        struct Page {
            value: Vec<Json>,
        }
        let text = r#"{"value":[{"b":1.50, "a":12345678901234567890123}]}"#;
        let page: Page = serde_json::from_str(text).unwrap();
        assert_eq!(page.value[0].get(), r#"{"b":1.50, "a":12345678901234567890123}"#);
        assert_eq!(serde_json::to_string(&page).unwrap(), text);
    }

    #[test]
    fn values_go_in_and_come_out() {
        let document = Json::from(json!({"a": [1, 2]}));
        assert_eq!(document, Json::from_text(r#"{"a":[1,2]}"#).unwrap());
        assert_eq!(document.parse::<serde_json::Value>().unwrap(), json!({"a": [1, 2]}));
        assert_eq!(Json::from_serialize("x").unwrap().to_string(), "\"x\"");
    }

    #[test]
    fn faults_are_errors_that_say_where() {
        let error = Json::from(json!({"a": {"b": "x"}}))
            .parse::<std::collections::BTreeMap<String, std::collections::BTreeMap<String, u8>>>()
            .unwrap_err();
        assert!(error.to_string().contains("a.b"), "{error}");
        assert!(Json::from_text("{").is_err());
        let keys = std::collections::BTreeMap::from([(vec![1], 1)]);
        assert!(Json::from_serialize(&keys).is_err());
    }

    #[test]
    fn numbers_that_json_has_no_form_for_are_not_made_null() {
        let values = std::collections::BTreeMap::from([("a", Some(f64::NAN)), ("b", None)]);
        let error = Json::from_serialize(&values).unwrap_err();
        assert_eq!(error.kind(), crate::ErrorKind::InvalidRequest);
        assert!(error.to_string().contains("no JSON form: a: NaN"), "{error}");
        assert!(Json::from_serialize(&f32::INFINITY).is_err());
        let values = std::collections::BTreeMap::from([("null", Some(1.5)), ("b", None)]);
        assert_eq!(Json::from_serialize(&values).unwrap().get(), r#"{"b":null,"null":1.5}"#);
    }

    #[test]
    fn debug_shows_no_content() {
        assert_eq!(format!("{:?}", Json::from(json!("canary"))), "Json(8 bytes)");
    }
}
