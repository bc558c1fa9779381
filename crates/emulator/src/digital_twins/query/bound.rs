//! A query whose names are resolved and whose limits hold: what the planner
//! and the executor work on. No place in the text is left in it.

use std::ops::RangeInclusive;

use serde_json::Value;

use super::ast::TypeTest;
use super::values::{Comparison, TextTest};

/// A variable, as an index into [`Query::variables`].
pub(super) type Variable = usize;

/// What a variable stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Twin,
    Relationship,
}

/// A checked query.
#[derive(Debug)]
pub(super) struct Query {
    pub(super) variables: Vec<Kind>,
    pub(super) source: Source,
    pub(super) projection: Projection,
    /// At most this many rows.
    pub(super) top: Option<usize>,
    /// Conditions that must all hold.
    pub(super) conditions: Vec<Condition>,
}

/// Where rows come from. The variable of a plain collection is variable 0.
#[derive(Debug)]
pub(super) enum Source {
    Twins,
    Relationships,
    /// Twins connected by edges, from `JOIN` and `MATCH`.
    Pattern(Vec<Edge>),
}

/// One edge of a pattern.
#[derive(Debug)]
pub(super) struct Edge {
    /// The twin where relationships start, unless `either`.
    pub(super) source: Variable,
    /// The twin where relationships end, unless `either`.
    pub(super) target: Variable,
    /// The variable that stands for the relationship.
    pub(super) relationship: Option<Variable>,
    /// The accepted names; none means any.
    pub(super) names: Vec<String>,
    pub(super) hops: RangeInclusive<usize>,
    /// Whether relationships count in both directions.
    pub(super) either: bool,
    /// Whether one row may use a relationship only once among such edges.
    pub(super) once: bool,
}

/// What a row holds.
#[derive(Debug)]
pub(super) enum Projection {
    /// The document itself.
    All,
    /// The number of rows.
    Count,
    /// Named members.
    Columns(Vec<Column>),
}

/// One member of a row.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) path: Path,
}

/// A place in the document of a variable; no segments mean the whole.
#[derive(Clone, Debug)]
pub(super) struct Path {
    pub(super) variable: Variable,
    pub(super) segments: Vec<String>,
}

/// One side of a comparison.
#[derive(Debug)]
pub(super) enum Operand {
    Path(Path),
    Literal(Value),
}

/// A condition tree.
#[derive(Debug)]
pub(super) enum Condition {
    And(Vec<Condition>),
    Or(Vec<Condition>),
    Not(Box<Condition>),
    Compare { left: Operand, comparison: Comparison, right: Operand },
    In { operand: Operand, list: Vec<Value> },
    Text { test: TextTest, text: Operand, part: Operand },
    ArrayContains { array: Path, item: Operand },
    Is { test: TypeTest, path: Path },
    OfModel { variable: Variable, model: String, exact: bool },
}

impl Condition {
    /// Whether the condition speaks of a variable for which `f` is true.
    pub(super) fn mentions(&self, f: &dyn Fn(Variable) -> bool) -> bool {
        let path = |path: &Path| f(path.variable);
        let operand =
            |operand: &Operand| matches!(operand, Operand::Path(path) if f(path.variable));
        match self {
            Self::And(members) | Self::Or(members) => members.iter().any(|m| m.mentions(f)),
            Self::Not(inner) => inner.mentions(f),
            Self::Compare { left, right, .. } => operand(left) || operand(right),
            Self::In { operand: left, .. } => operand(left),
            Self::Text { text, part, .. } => operand(text) || operand(part),
            Self::ArrayContains { array, item } => path(array) || operand(item),
            Self::Is { path: of, .. } => path(of),
            Self::OfModel { variable, .. } => f(*variable),
        }
    }
}
