//! The query language: a text in, a page of rows out.
//!
//! It reads an instance through [`Graph`] alone and knows nothing of HTTP, of
//! the store behind that view, or of how models are parsed.
//!
//! A query goes through `parser` (form), `check` (names and limits), `plan`
//! (which index), then `scan` (plain collections) or `walk` (patterns), and
//! `page` collects its rows.
//!
//! # Grammar
//!
//! Keywords, collections and functions are read in any case; names and values
//! are case-sensitive.
//!
//! | rule | form |
//! |---|---|
//! | query | `SELECT` selection `FROM` source { join } \[ match \] \[ `WHERE` condition \] |
//! | selection | `*`, `COUNT()`, items, or `TOP(n)` \[ items \] |
//! | items | path \[ `AS` name \] { `,` path \[ `AS` name \] } |
//! | source | `DIGITALTWINS` or `RELATIONSHIPS`, \[ name \] |
//! | join | `JOIN` twin `RELATED` twin`.`relationship \[ name \] |
//! | match | `MATCH` node { edge node } |
//! | node | `(` \[ name \] `)` |
//! | edge | `-[`e`]->`, `<-[`e`]-`, or `-[`e`]-` for both directions |
//! | e | \[ name \] \[ `:` relationship { `\|` relationship } \] \[ `*` hops \] |
//! | hops | `n` (exactly), `..n` (1 to n), `a..b` (more than a, up to b) |
//! | condition | `OR` of `AND` of \[ `NOT` \] test or `(` condition `)` |
//! | test | operand (`=` `!=` `<` `>` `<=` `>=`) operand; operand \[ `NOT` \] `IN` list; operand `NIN` list; function |
//! | list | `[` literal { `,` literal } `]` |
//! | operand | path or literal |
//! | literal | `'text'`, number, `true`, `false` |
//! | path | name { `.` name } |
//! | function | `ARRAY_CONTAINS(path, operand)`; `CONTAINS`, `STARTSWITH`, `ENDSWITH` `(text, text)`; `IS_DEFINED`, `IS_NULL`, `IS_BOOL`, `IS_NUMBER`, `IS_STRING`, `IS_OBJECT`, `IS_PRIMITIVE` `(path)`; `IS_OF_MODEL(`\[ twin `,` \] `'dtmi'` \[ `, exact` \]`)` |
//!
//! A name equal to a reserved word is written `[[Group]]`. Strings escape `\'`
//! and `\\`.
//!
//! # Rules beyond the grammar
//!
//! - `JOIN` and `MATCH` need a filter by `=` or `IN` on the `$dtId` of one of
//!   their twins, and a selection other than `*`.
//! - 8,000 characters, 5 `JOIN`s, 50 `AND`/`OR`, 50 items behind `IN`, 10 hops
//!   an edge; a relationship's variable needs an edge of one hop.
//! - With several collections a path starts with the name of one, and
//!   `IS_OF_MODEL` names the twin.
//! - `ARRAY_CONTAINS` does not work on relationships.
//!
//! # Our choices, where the service's behaviour is not known
//!
//! - A comparison with a property that is not set, or with one of another type,
//!   holds neither plainly nor negated: `T.a != 1` and `NOT T.a = 1` both leave
//!   out a twin without `a`. Only `IS_DEFINED` and its kin tell.
//! - A function may be compared with `true` or `false`.
//! - Without an alias behind `FROM`, items are properties: `SELECT temp FROM
//!   DIGITALTWINS`. Of two items with one name the later stays.
//! - `null` is no literal. `TOP(n) *` and `TOP(n) COUNT()` are refused.
//! - The `$dtId` filter must hold for every row: under `OR`, on both sides.
//! - A row uses each relationship of its `MATCH` once; two ways to one twin are
//!   two rows. A `MATCH` has at most 10 edges, and conditions nest 64 deep.
//! - Rows come by id (by source, then id); those of a pattern by the first
//!   twin's id, then by its relationships. A query that visits two million
//!   twins and relationships for one page ends with `TimeoutError`.
//! - What `query-charge` costs.

mod ast;
mod bound;
mod check;
mod error;
mod evaluate;
pub mod graph;
mod page;
mod parser;
mod plan;
mod scan;
pub(in crate::digital_twins) mod syntax;
#[cfg(test)]
mod tests;
mod token;
pub(in crate::digital_twins) mod values;
mod walk;

use serde_json::Value;

use bound::{Projection, Source};
pub use error::QueryError;
pub use graph::Graph;
use page::{Collected, Collector, Flow};
use syntax::Fault;
use token::{Position, Token};

/// Rows on a page unless the request says otherwise. (Our choice.)
pub const DEFAULT_PAGE_SIZE: usize = 100;

/// Most rows on a page. (Vendor limit.)
pub const MAX_PAGE_SIZE: usize = 1_000;

/// One page of a query's result.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// The rows, as they stand in the answer's `value`.
    pub rows: Vec<Value>,
    /// The token of the next page; nothing on the last one.
    pub continuation: Option<String>,
    /// What the page costs in query units, for the `query-charge` header.
    pub charge: f64,
    /// How many twins and relationships were looked at for this page.
    pub visited: usize,
}

/// Answers one page of a query.
///
/// With a continuation token the text is ignored: the token has its own. The
/// page size is an upper bound and is held within 1 and [`MAX_PAGE_SIZE`].
///
/// # Errors
/// `SqlQueryError` with line and column for a text that is not a valid query,
/// `BadRequest` for a token that is not ours, `TimeoutError` for a query that
/// visits too much.
pub fn run(
    graph: &dyn Graph,
    text: &str,
    page_size: usize,
    continuation: Option<&str>,
) -> Result<Page, QueryError> {
    let Some(continuation) = continuation else {
        let query = prepare(text).map_err(|fault| QueryError::syntax(text, &fault))?;
        let left = query.top;
        return page(graph, &query, text, page_size, None, left);
    };
    let token = Token::decode(continuation).ok_or_else(QueryError::bad_token)?;
    let query = prepare(&token.query).map_err(|_| QueryError::bad_token())?;
    page(graph, &query, &token.query, page_size, Some(&token.position), token.left)
}

fn prepare(text: &str) -> Result<bound::Query, Fault> {
    check::length(text)?;
    check::check(parser::parse(text)?)
}

fn page(
    graph: &dyn Graph,
    query: &bound::Query,
    text: &str,
    page_size: usize,
    after: Option<&Position>,
    left: Option<usize>,
) -> Result<Page, QueryError> {
    let size = page_size.clamp(1, MAX_PAGE_SIZE);
    let mut collector = Collector::new(&query.projection, size, left);
    let flow = collect(graph, query, after, &mut collector).ok_or_else(QueryError::bad_token)?;
    let Collected { rows, visited, next } = collector.finish(flow)?;
    let continuation =
        next.map(|(position, left)| Token::new(text.to_owned(), position, left).encode());
    let charge = charge(visited, rows.len());
    Ok(Page { rows, continuation, charge, visited })
}

/// Collects one page. Nothing if `after` is not a place in this query.
fn collect<'q>(
    graph: &dyn Graph,
    query: &'q bound::Query,
    after: Option<&Position>,
    page: &mut Collector<'q>,
) -> Option<Flow> {
    if let Source::Pattern(edges) = &query.source {
        return walk::walk(query, &plan::walk(query, edges)?, graph, after, page);
    }
    let access = plan::access(query, graph);
    if matches!(query.projection, Projection::Count)
        && let Some(count) = scan::counted(query, &access, graph)
    {
        page.add(count);
        return Some(Flow::Continue(()));
    }
    scan::scan(query, &access, graph, after, page)
}

/// Query units of a page. The numbers are ours, of the size that recorded
/// answers have: about 2.8 for a small page, growing with what was looked at.
fn charge(visited: usize, rows: usize) -> f64 {
    let hundredths = 250.0 + 12.0 * (visited as f64).sqrt() + 5.0 * rows as f64;
    hundredths.round() / 100.0
}
