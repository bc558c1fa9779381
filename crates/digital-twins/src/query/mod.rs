//! Queries: text with bound values, answers as a stream of rows or of pages,
//! decoded once and straight into the caller's type, with the charge summed.
//! It must not know the query language beyond its literals.

mod rows;
mod text;
mod value;

use std::fmt;
use std::marker::PhantomData;

use futures_core::future::BoxFuture;
use progenitor_client::{
    Error, ErrorKind, Paged, Pages, ResponseValue, read_member, read_optional, required,
};
use serde::de::{DeserializeOwned, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

pub use rows::Rows;
pub use text::BindError;
pub use value::QueryValue;

use crate::Client;
use crate::generated::operations::QUERY_TWINS;

impl Client {
    /// Starts a query (`Query_QueryTwins`). Nothing is sent until rows or
    /// pages are asked for.
    ///
    /// Values go in by name, never by building text:
    ///
    /// ```no_run
    /// # #[derive(serde::Deserialize)] struct Room { temperature: f64 }
    /// # async fn f(client: twinkit_digital_twins::Client) -> Result<(), twinkit_digital_twins::Error> {
    /// let mut rooms = client
    ///     .query("SELECT * FROM DIGITALTWINS T WHERE T.name = $name AND T.temperature > $limit")
    ///     .bind("name", "O'Brien's room")
    ///     .bind("limit", 21.5)
    ///     .rows::<Room>();
    /// while let Some(room) = rooms.next_row().await {
    ///     println!("{}", room?.temperature);
    /// }
    /// println!("{} query units", rooms.query_charge());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Rows have the shape the query asks for: `SELECT *` gives twins bare,
    /// `SELECT T` gives `{"T": {...}}`, a projection gives its names. Decode
    /// into [`Json`](crate::Json) to keep rows as they came. The service's
    /// query index may lag behind writes by seconds.
    pub fn query(&self, text: impl Into<String>) -> Query {
        let values = Vec::new();
        Query { client: self.clone(), text: text.into(), values, page_size: None, resume: None }
    }
}

/// A query to be run, made by [`Client::query`].
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until rows or pages are asked for"]
pub struct Query {
    client: Client,
    text: String,
    values: Vec<(String, QueryValue)>,
    page_size: Option<u32>,
    resume: Option<String>,
}

impl Query {
    /// Puts `value` where the text says `$name`, with the language's quoting
    /// and escaping. A mistake shows as an error of the first page, before
    /// anything is sent.
    pub fn bind(mut self, name: impl Into<String>, value: impl Into<QueryValue>) -> Self {
        self.values.push((name.into(), value.into()));
        self
    }

    /// Asks for at most `rows` per page (`max-items-per-page`); the service
    /// may send fewer, and stops at 1,000.
    pub fn max_items_per_page(mut self, rows: u32) -> Self {
        self.page_size = Some(rows);
        self
    }

    /// Goes on where an earlier run of the same query stopped, by the token of
    /// [`Rows::continuation`] or of a page. Tokens are the service's and
    /// expire; a stale one is a 400 `BadRequest`.
    pub fn resume(mut self, continuation: impl Into<String>) -> Self {
        self.resume = Some(continuation.into());
        self
    }

    /// The text that will be sent, values in place.
    ///
    /// # Errors
    /// [`BindError`] if text and values do not fit together.
    pub fn to_text(&self) -> Result<String, BindError> {
        text::bind(&self.text, &self.values)
    }

    /// The rows as a stream, each decoded into `T`.
    pub fn rows<T: DeserializeOwned + Send + 'static>(self) -> Rows<T> {
        Rows::new(self.pages())
    }

    /// The pages as a stream. Each answer carries its charge
    /// ([`QueryCharge::query_charge`]) and the token to go on with.
    pub fn pages<T: DeserializeOwned + Send + 'static>(self) -> Pages<QueryPage<T>> {
        let first = match (&self.resume, self.to_text()) {
            (Some(token), _) => Ok(Specification::next(token.clone())),
            (None, Ok(text)) => Ok(Specification::first(text)),
            (None, Err(error)) => Err(Error::InvalidRequest(format!("query_twins: {error}"))),
        };
        let (client, page_size) = (self.client, self.page_size);
        let again = client.clone();
        Pages::new(
            "query_twins",
            async move { fetch(client, first?, page_size).await },
            move |token| -> BoxFuture<'static, _> {
                Box::pin(fetch(again.clone(), Specification::next(token), page_size))
            },
        )
    }
}

/// The request body: the text, or the token alone, which then decides.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Specification {
    #[serde(skip_serializing_if = "Option::is_none")]
    query: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    continuation_token: Option<String>,
}

impl Specification {
    fn first(text: String) -> Self {
        Self { query: Some(text), continuation_token: None }
    }

    fn next(token: String) -> Self {
        Self { query: None, continuation_token: Some(token) }
    }
}

/// Sends one page's request through the same pipeline as the generated
/// operation, but decodes rows into `T` at once instead of keeping them as
/// text first.
async fn fetch<T: DeserializeOwned + Send + 'static>(
    client: Client,
    body: Specification,
    page_size: Option<u32>,
) -> Result<ResponseValue<QueryPage<T>>, Error> {
    let mut request = client.client.post(client.inner.address(format_args!("/query"))).json(&body);
    if let Some(rows) = page_size {
        request = request.header("max-items-per-page", rows);
    }
    let answer = client.inner.call(request.build(), &QUERY_TWINS).await?;
    answer.decode().map_err(|error| match error.kind() {
        ErrorKind::Decode => error.or_hint(ROW_SHAPES),
        _ => error,
    })
}

const ROW_SHAPES: &str = "rows have the shape the query asks for: SELECT * gives twins bare, SELECT T \
    gives each as {\"T\": {...}}, and a property that is not set is left out";

/// One page of a query's answer.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct QueryPage<T> {
    /// The rows. An empty page is not the end while there is a continuation.
    pub rows: Vec<T>,
    /// Where the next page starts; `None` on the last page.
    pub continuation: Option<String>,
}

/// Only from an object: what serde derives also takes an array for a page.
impl<'de, T: DeserializeOwned> Deserialize<'de> for QueryPage<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(field_identifier, rename_all = "camelCase")]
        enum Member {
            Value,
            ContinuationToken,
            #[serde(other)]
            Other,
        }

        struct Page<T>(PhantomData<T>);

        impl<'de, T: DeserializeOwned> Visitor<'de> for Page<T> {
            type Value = QueryPage<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object with the rows as `value`")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<QueryPage<T>, A::Error> {
                let (mut rows, mut continuation) = (None, None);
                while let Some(member) = map.next_key()? {
                    match member {
                        Member::Value => read_member(&mut rows, &mut map)?,
                        Member::ContinuationToken => read_optional(&mut continuation, &mut map)?,
                        Member::Other => {
                            map.next_value::<IgnoredAny>()?;
                        }
                    }
                }
                Ok(QueryPage { rows: required(rows, "value")?, continuation })
            }
        }
        deserializer.deserialize_map(Page(PhantomData))
    }
}

impl<T: DeserializeOwned + Send + 'static> Paged for QueryPage<T> {
    type Item = T;

    fn next(&self) -> Option<&str> {
        self.continuation.as_deref()
    }

    fn into_items(self) -> Vec<T> {
        self.rows
    }

    fn len(&self) -> usize {
        self.rows.len()
    }
}

/// Reads what a query page cost.
pub trait QueryCharge {
    /// The page's cost in query units (response header `query-charge`), if the
    /// service said.
    fn query_charge(&self) -> Option<f64>;
}

impl<T> QueryCharge for ResponseValue<T> {
    fn query_charge(&self) -> Option<f64> {
        self.header_f64("query-charge")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_an_object_with_rows() {
        let read = serde_json::from_str::<QueryPage<u8>>;
        let page = read(r#"{"new":[],"continuationToken":"t","value":[1,2]}"#).unwrap();
        assert_eq!((page.rows, page.continuation.as_deref()), (vec![1, 2], Some("t")));
        for last in [r#"{"value":[]}"#, r#"{"value":[],"continuationToken":null}"#] {
            assert_eq!(read(last).unwrap().continuation, None);
        }
        for (odd, reason) in [
            ("[[1,2],null]", "an object with the rows"),
            (r#"{"continuationToken":"t"}"#, "missing field `value`"),
            (r#"{"value":null}"#, "a sequence"),
            ("null", "an object with the rows"),
        ] {
            let error = read(odd).unwrap_err().to_string();
            assert!(error.contains(reason), "{error}");
        }
    }
}
