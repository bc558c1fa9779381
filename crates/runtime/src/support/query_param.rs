//! One query parameter in the form that URLs take: repeated for a list, left
//! out for nothing. It must not know which parameters there are.

use serde::ser::Error as _;
use serde::{Serialize, Serializer};
use serde_json::Value;

/// A named query parameter; serialise it with `RequestBuilder::query`.
#[derive(Clone, Copy, Debug)]
pub struct QueryParam<'a, T> {
    name: &'a str,
    value: &'a T,
}

impl<'a, T> QueryParam<'a, T> {
    /// The parameter `name` with `value`: a text, number or truth value goes
    /// out once, a list once per item, nothing (`None`) not at all.
    #[must_use]
    pub fn new(name: &'a str, value: &'a T) -> Self {
        Self { name, value }
    }
}

impl<T: Serialize> Serialize for QueryParam<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let texts = match serde_json::to_value(self.value).map_err(S::Error::custom)? {
            Value::Null => Vec::new(),
            Value::Array(items) => {
                let texts: Result<Vec<_>, _> = items.into_iter().map(plain).collect();
                texts.map_err(S::Error::custom)?
            }
            single => vec![plain(single).map_err(S::Error::custom)?],
        };
        serializer.collect_seq(texts.iter().map(|text| (self.name, text)))
    }
}

fn plain(value: Value) -> Result<String, &'static str> {
    match value {
        Value::String(text) => Ok(text),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(truth) => Ok(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => {
            Err("a query parameter holds texts, numbers and truth values only")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query<T: Serialize>(value: &T) -> Result<Option<String>, reqwest::Error> {
        let request = reqwest::Client::new().get("http://h.example/");
        let request = request.query(&QueryParam::new("p", value)).build()?;
        Ok(request.url().query().map(str::to_owned))
    }

    #[test]
    fn values_take_their_url_form() {
        assert_eq!(query(&"a b&c").unwrap().as_deref(), Some("p=a+b%26c"));
        assert_eq!(query(&Some(7)).unwrap().as_deref(), Some("p=7"));
        assert_eq!(query(&true).unwrap().as_deref(), Some("p=true"));
        assert_eq!(query(&vec!["a", "b"]).unwrap().as_deref(), Some("p=a&p=b"));
        assert_eq!(query(&None::<u8>).unwrap(), None);
        assert_eq!(query(&Some(Vec::<u8>::new())).unwrap(), None);
    }

    #[test]
    fn nested_values_are_refused() {
        assert!(query(&vec![vec![1]]).is_err());
        assert!(query(&std::collections::BTreeMap::from([("a", 1)])).is_err());
    }
}
