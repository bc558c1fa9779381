//! Which index answers a query.
//!
//! The planner only narrows: every condition is evaluated on every candidate
//! all the same.

use std::collections::BTreeSet;

use super::bound::{Condition, Edge, Kind, Operand, Path, Query, Source, Variable};
use super::graph::Graph;
use super::values::Comparison;

/// Ids that a query names.
pub(super) type Ids = BTreeSet<String>;

/// How the candidates of a plain collection are found.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// Twins by `$dtId`.
    Twins(Ids),
    /// Twins by model index.
    Model { model: String, exact: bool },
    /// Every twin.
    AllTwins,
    /// Relationships by `$sourceId`.
    Outgoing(Ids),
    /// Relationships by `$targetId`.
    Incoming(Ids),
    /// Every relationship.
    AllRelationships,
}

/// One step of walking a pattern: from a twin that is known over an edge.
#[derive(Debug)]
pub(super) struct Step<'q> {
    pub(super) edge: &'q Edge,
    pub(super) from: Variable,
    pub(super) to: Variable,
    /// Conditions whose variables are all known behind this step, and were not
    /// before it.
    pub(super) conditions: Vec<&'q Condition>,
}

/// How a pattern is walked.
#[derive(Debug)]
pub(super) struct Walk<'q> {
    /// The twin where the walk starts, and its possible ids.
    pub(super) start: Variable,
    pub(super) ids: Ids,
    /// Conditions that speak of the first twin alone.
    pub(super) conditions: Vec<&'q Condition>,
    pub(super) steps: Vec<Step<'q>>,
}

/// The access path of a plain collection.
pub(super) fn access(query: &Query, graph: &dyn Graph) -> Access {
    let named = |path: &[&str]| ids(&query.conditions, 0, path);
    if matches!(query.source, Source::Relationships) {
        return named(&["$sourceId"])
            .map(Access::Outgoing)
            .or_else(|| named(&["$targetId"]).map(Access::Incoming))
            .unwrap_or(Access::AllRelationships);
    }
    if let Some(ids) = named(&["$dtId"]) {
        return Access::Twins(ids);
    }
    let tested = query.conditions.iter().filter_map(|condition| match condition {
        Condition::OfModel { model, exact, .. } => Some((model.clone(), *exact)),
        _ => None,
    });
    // One index serves one model; twins of several named models are scanned.
    let named = named(&["$metadata", "$model"]).filter(|models| models.len() <= 1);
    let named = named.into_iter().flatten().map(|model| (model, true));
    tested
        .chain(named)
        .min_by_key(|(model, exact)| graph.twin_count_of_model(model, *exact))
        .map_or(Access::AllTwins, |(model, exact)| Access::Model { model, exact })
}

/// The twin with the fewest possible ids among those whose `$dtId` is filtered
/// by `=` or `IN`. `None` if no twin is.
pub(super) fn anchor(kinds: &[Kind], conditions: &[Condition]) -> Option<(Variable, Ids)> {
    let twins = kinds.iter().enumerate().filter(|(_, kind)| **kind == Kind::Twin);
    twins
        .filter_map(|(variable, _)| Some((variable, ids(conditions, variable, &["$dtId"])?)))
        .min_by_key(|(_, ids)| ids.len())
}

/// The walk of a pattern. `None` if no twin is anchored, which checking has
/// ruled out.
pub(super) fn walk<'q>(query: &'q Query, edges: &'q [Edge]) -> Option<Walk<'q>> {
    let (start, ids) = anchor(&query.variables, &query.conditions)?;
    let mut known = vec![start];
    let mut waiting: Vec<&Condition> = query.conditions.iter().collect();
    let conditions = ready(&mut waiting, &known);
    let mut left: Vec<&Edge> = edges.iter().collect();
    let mut steps = Vec::new();
    let is_near = |edge: &Edge, known: &[Variable]| {
        known.contains(&edge.source) || known.contains(&edge.target)
    };
    while let Some(next) = left.iter().position(|edge| is_near(edge, &known)) {
        let edge = left.remove(next);
        let (from, to) = if known.contains(&edge.source) {
            (edge.source, edge.target)
        } else {
            (edge.target, edge.source)
        };
        known.push(to);
        known.extend(edge.relationship);
        let conditions = ready(&mut waiting, &known);
        steps.push(Step { edge, from, to, conditions });
    }
    Some(Walk { start, ids, conditions, steps })
}

/// Takes out the conditions that speak of known variables only.
fn ready<'q>(waiting: &mut Vec<&'q Condition>, known: &[Variable]) -> Vec<&'q Condition> {
    waiting
        .extract_if(.., |condition| !condition.mentions(&|variable| !known.contains(&variable)))
        .collect()
}

/// The texts that a path into a variable's document can have if all conditions
/// hold. `None` if they do not limit it.
fn ids(conditions: &[Condition], variable: Variable, path: &[&str]) -> Option<Ids> {
    conditions
        .iter()
        .filter_map(|condition| ids_of(condition, variable, path))
        .reduce(|left, right| left.intersection(&right).cloned().collect())
}

fn ids_of(condition: &Condition, variable: Variable, path: &[&str]) -> Option<Ids> {
    let is_path = |operand: &Operand| {
        matches!(operand, Operand::Path(Path { variable: of, segments })
            if *of == variable && segments == path)
    };
    match condition {
        Condition::And(members) => ids(members, variable, path),
        Condition::Or(members) => {
            let mut all = Ids::new();
            for part in members {
                all.extend(ids_of(part, variable, path)?);
            }
            Some(all)
        }
        Condition::Compare { left, comparison: Comparison::Equal, right } => {
            let value = match (left, right) {
                (side, Operand::Literal(value)) | (Operand::Literal(value), side)
                    if is_path(side) =>
                {
                    value
                }
                _ => return None,
            };
            Some(value.as_str().map(str::to_owned).into_iter().collect())
        }
        Condition::In { operand, list } if is_path(operand) => {
            Some(list.iter().filter_map(|item| item.as_str()).map(str::to_owned).collect())
        }
        _ => None,
    }
}
