//! A query as read.

use jiff::{SignedDuration, Timestamp};

use crate::iot_central::filters::Condition;

#[derive(Debug)]
pub(super) struct Query {
    pub(super) top: Option<usize>,
    pub(super) top_byte: usize,
    pub(super) items: Vec<Item>,
    pub(super) template: String,
    pub(super) template_byte: usize,
    pub(super) condition: Option<Condition>,
    /// Names in the condition.
    pub(super) uses: Vec<Use>,
    /// Start of the time that the condition lets through, if it has a window.
    pub(super) from: Option<Timestamp>,
    pub(super) window: Option<SignedDuration>,
    pub(super) order: Option<Order>,
}

/// Something selected.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) function: Option<Function>,
    pub(super) name: String,
    pub(super) byte: usize,
    alias: Option<String>,
}

impl Item {
    pub(super) fn new(
        function: Option<Function>,
        name: String,
        byte: usize,
        alias: Option<String>,
    ) -> Self {
        Self { function, name, byte, alias }
    }

    /// What it is called in results.
    pub(super) fn key(&self) -> String {
        match (&self.alias, self.function) {
            (Some(alias), _) => alias.clone(),
            (None, Some(function)) => format!("{}_{}", function.word(), self.name),
            (None, None) => self.name.clone(),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Function {
    Sum,
    Max,
    Min,
    Count,
    Avg,
    First,
    Last,
}

impl Function {
    pub(super) const ALL: [Self; 7] =
        [Self::Sum, Self::Max, Self::Min, Self::Count, Self::Avg, Self::First, Self::Last];

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Sum => "sum",
            Self::Max => "max",
            Self::Min => "min",
            Self::Count => "count",
            Self::Avg => "avg",
            Self::First => "first",
            Self::Last => "last",
        }
    }
}

/// A name in a condition.
#[derive(Debug)]
pub(super) struct Use {
    pub(super) name: String,
    pub(super) byte: usize,
    /// Whether a list stands behind it.
    pub(super) is_in: bool,
}

#[derive(Debug)]
pub(super) struct Order {
    /// As it is called in results.
    pub(super) key: String,
    pub(super) byte: usize,
    pub(super) descending: bool,
}
