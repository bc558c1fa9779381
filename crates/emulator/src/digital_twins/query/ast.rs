//! A query as written: names are not resolved and limits not checked yet.
//!
//! `at` is always the byte offset in the text, for messages.

use serde_json::Value;

use super::values::{Comparison, TextTest};

/// A name and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Name {
    pub(super) text: String,
    pub(super) at: usize,
}

/// `SELECT ... FROM ... [JOIN ...] [MATCH ...] [WHERE ...]`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Query {
    pub(super) selection: Selection,
    pub(super) source: Source,
    pub(super) joins: Vec<Join>,
    pub(super) pattern: Option<Match>,
    pub(super) condition: Option<Condition>,
}

/// What stands between `SELECT` and `FROM`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Selection {
    pub(super) at: usize,
    /// The number in `TOP(n)`.
    pub(super) top: Option<Count>,
    pub(super) items: Items,
}

/// A whole number as written, which may be too large or too small for its use.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Count {
    pub(super) at: usize,
    pub(super) value: u64,
}

/// The selected things.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Items {
    /// `*`, or nothing behind `TOP(n)`.
    All,
    /// `COUNT()`.
    Count,
    /// A list of items.
    List(Vec<Item>),
}

/// `path [AS alias]`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Item {
    pub(super) path: Path,
    pub(super) alias: Option<Name>,
}

/// Names joined by dots; never empty.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Path {
    pub(super) first: Name,
    pub(super) rest: Vec<Name>,
}

/// The collection behind `FROM`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Source {
    pub(super) at: usize,
    pub(super) relationships: bool,
    pub(super) alias: Option<Name>,
}

/// `JOIN twin RELATED from.relationship [variable]`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Join {
    pub(super) twin: Name,
    pub(super) from: Name,
    pub(super) relationship: Name,
    pub(super) variable: Option<Name>,
}

/// `MATCH (first) edge (node) ...`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Match {
    pub(super) at: usize,
    pub(super) first: Node,
    pub(super) steps: Vec<(Edge, Node)>,
}

/// `(name)` or `()`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Node {
    pub(super) at: usize,
    pub(super) name: Option<Name>,
}

/// `-[variable:a|b*hops]->`, `<-[...]-` or `-[...]-`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Edge {
    pub(super) at: usize,
    pub(super) variable: Option<Name>,
    /// The relationship names; none means any.
    pub(super) names: Vec<String>,
    pub(super) hops: Option<Hops>,
    pub(super) direction: Direction,
}

/// Which way an edge points as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    Right,
    Left,
    Either,
}

/// The number of hops as written.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Hops {
    /// `*n`
    Exactly(Count),
    /// `*..n`
    UpTo(Count),
    /// `*a..b`
    Between(Count, Count),
}

/// A condition tree. `And` and `Or` have two members or more.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Condition {
    And(Vec<Condition>),
    Or(Vec<Condition>),
    Not(Box<Condition>),
    Compare { left: Operand, comparison: Comparison, right: Operand },
    In { operand: Operand, list: Vec<Literal> },
    Text { test: TextTest, text: Operand, part: Operand },
    ArrayContains { array: Path, item: Operand },
    Is { test: TypeTest, path: Path },
    OfModel { at: usize, collection: Option<Name>, model: String, exact: bool },
}

/// A literal in a list and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Literal {
    pub(super) at: usize,
    pub(super) value: Value,
}

/// One side of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Operand {
    Path(Path),
    Literal(Value),
}

/// The functions that ask for a property's presence or type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TypeTest {
    Defined,
    Null,
    Boolean,
    Number,
    String,
    Object,
    Primitive,
}
