//! Rows on their way out: projection, counting and the end of a page.

use std::ops::ControlFlow;

use serde_json::{Map, Value, json};

use super::bound::Projection;
use super::error::QueryError;
use super::evaluate::Scope;
use super::token::Position;

/// Twins and relationships one page may visit before the query counts as one
/// that the service's limit of 60 s would end.
const MAX_VISITS: usize = 2_000_000;

/// Why a walk over candidates ends early.
#[derive(Debug)]
pub(super) enum Stop {
    /// The page is full and there is at least one more row.
    Full,
    /// Every row that `TOP` allows is there.
    Enough,
    /// The query visits too much.
    TooLong,
}

/// Goes on, or stops.
pub(super) type Flow = ControlFlow<Stop>;

/// Collects the rows of one page.
#[derive(Debug)]
pub(super) struct Collector<'q> {
    projection: &'q Projection,
    size: usize,
    /// Rows that `TOP` still allows.
    left: Option<usize>,
    rows: Vec<Value>,
    count: usize,
    last: Option<Position>,
    visited: usize,
}

/// What one page came to.
#[derive(Debug)]
pub(super) struct Collected {
    pub(super) rows: Vec<Value>,
    pub(super) visited: usize,
    /// Where the next page starts, and what `TOP` leaves for it.
    pub(super) next: Option<(Position, Option<usize>)>,
}

impl<'q> Collector<'q> {
    pub(super) fn new(projection: &'q Projection, size: usize, left: Option<usize>) -> Self {
        Self { projection, size, left, rows: Vec::new(), count: 0, last: None, visited: 0 }
    }

    /// Notes that a twin or relationship was looked at.
    pub(super) fn visit(&mut self) -> Flow {
        self.visited += 1;
        if self.visited > MAX_VISITS {
            return Flow::Break(Stop::TooLong);
        }
        Flow::Continue(())
    }

    /// Takes an accepted candidate.
    pub(super) fn take(
        &mut self,
        scope: &Scope<'_, '_>,
        position: impl FnOnce() -> Position,
    ) -> Flow {
        if matches!(self.projection, Projection::Count) {
            self.count += 1;
            return Flow::Continue(());
        }
        if self.rows.len() == self.size {
            return Flow::Break(Stop::Full);
        }
        self.rows.push(row(self.projection, scope));
        self.last = Some(position());
        if let Some(left) = &mut self.left {
            *left = left.saturating_sub(1);
            if *left == 0 {
                return Flow::Break(Stop::Enough);
            }
        }
        Flow::Continue(())
    }

    /// Adds rows that an index counted, none of them looked at.
    pub(super) fn add(&mut self, count: usize) {
        self.count += count;
    }

    /// Ends the page.
    pub(super) fn finish(mut self, flow: Flow) -> Result<Collected, QueryError> {
        let next = match flow {
            Flow::Break(Stop::TooLong) => return Err(QueryError::too_long()),
            Flow::Break(Stop::Full) => self.last.map(|last| (last, self.left)),
            Flow::Break(Stop::Enough) | Flow::Continue(()) => None,
        };
        if matches!(self.projection, Projection::Count) {
            self.rows.push(json!({ "COUNT": self.count }));
        }
        Ok(Collected { rows: self.rows, visited: self.visited, next })
    }
}

/// The row of a candidate. Members that are not set are left out.
fn row(projection: &Projection, scope: &Scope<'_, '_>) -> Value {
    match projection {
        Projection::Columns(columns) => {
            let mut row = Map::new();
            for column in columns {
                if let Some(value) = scope.value(&column.path) {
                    row.insert(column.name.clone(), value.clone());
                }
            }
            Value::Object(row)
        }
        Projection::All | Projection::Count => {
            let element = scope.bindings.iter().flatten().next();
            element.map_or(Value::Null, |element| element.document().clone())
        }
    }
}
