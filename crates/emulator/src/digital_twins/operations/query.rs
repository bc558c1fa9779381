//! Queries over the twins and relationships as the index sees them.

use serde_json::Value;

use crate::digital_twins::{Instance, errors::ApiError, query};

/// One page of the answer to a query.
#[derive(Debug, Clone, PartialEq)]
pub struct QueryPage {
    /// The rows.
    pub rows: Vec<Value>,
    /// Where the next page begins; none at the end.
    pub continuation: Option<String>,
    /// What the page cost, in query units.
    pub charge: f64,
    /// How many twins and relationships were looked at.
    pub visited: usize,
}

impl Instance {
    /// `Query_QueryTwins`: a page of `text`, or of the query that
    /// `continuation` goes on with.
    pub fn query(
        &self,
        text: &str,
        continuation: Option<&str>,
        size: Option<usize>,
    ) -> Result<QueryPage, ApiError> {
        let pages = &self.config.pages;
        let size = size.unwrap_or(pages.query).min(pages.query_max);
        let page = self
            .indexed(|tables| query::run(tables, text, size, continuation))
            .map_err(|error| ApiError::bad_request(error.code, error.message))?;
        Ok(QueryPage {
            rows: page.rows,
            continuation: page.continuation,
            charge: page.charge,
            visited: page.visited,
        })
    }
}
