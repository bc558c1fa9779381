//! Plain collections: one candidate after the other, from the best index.

use super::bound::{Condition, Query};
use super::evaluate::{Element, Scope};
use super::graph::{Graph, Relationship, RelationshipKey};
use super::page::{Collector, Flow};
use super::plan::{Access, Ids};
use super::token::Position;

type Elements<'g> = Box<dyn Iterator<Item = Element<'g>> + 'g>;

/// Collects the rows behind `after`. Nothing if `after` is not a place in this
/// kind of list.
pub(super) fn scan<'g>(
    query: &Query,
    access: &Access,
    graph: &'g dyn Graph,
    after: Option<&'g Position>,
    page: &mut Collector<'_>,
) -> Option<Flow> {
    let fits = match after {
        None => true,
        Some(Position::Twin { .. }) => {
            matches!(access, Access::Twins(_) | Access::Model { .. } | Access::AllTwins)
        }
        Some(Position::Relationship { .. }) => {
            matches!(access, Access::Outgoing(_) | Access::Incoming(_) | Access::AllRelationships)
        }
        Some(Position::Walk { .. }) => false,
    };
    if !fits {
        return None;
    }
    let elements = elements(access, graph, after);
    let is_last = |element: &Element<'_>| Some(&position(element, access)) == after;
    Some(elements.skip_while(is_last).try_for_each(|element| {
        page.visit()?;
        let scope = Scope { graph, bindings: &[Some(element)] };
        if scope.accepts(&query.conditions) {
            page.take(&scope, || position(&element, access))?;
        }
        Flow::Continue(())
    }))
}

/// The number of rows, if an index knows it without a visit.
pub(super) fn counted(query: &Query, access: &Access, graph: &dyn Graph) -> Option<usize> {
    match (access, query.conditions.as_slice()) {
        (Access::AllTwins, []) => Some(graph.twin_count()),
        (Access::AllRelationships, []) => Some(graph.relationship_count()),
        (
            Access::Model { model, exact },
            [Condition::OfModel { .. } | Condition::Compare { .. }],
        ) => Some(graph.twin_count_of_model(model, *exact)),
        _ => None,
    }
}

fn position(element: &Element<'_>, access: &Access) -> Position {
    match element {
        Element::Twin(twin) => Position::Twin { id: twin.id.to_owned() },
        Element::Relationship(relationship) => Position::Relationship {
            twin: match access {
                Access::Incoming(_) => relationship.target.to_owned(),
                _ => relationship.source.to_owned(),
            },
            name: relationship.name.to_owned(),
            source: relationship.source.to_owned(),
            id: relationship.id.to_owned(),
        },
    }
}

/// The candidates from `after` on, itself included if it still exists.
fn elements<'g>(
    access: &Access,
    graph: &'g dyn Graph,
    after: Option<&'g Position>,
) -> Elements<'g> {
    let twin = match after {
        Some(Position::Twin { id }) => Some(id.as_str()),
        _ => None,
    };
    match access {
        Access::Twins(ids) => {
            let named: Vec<String> =
                ids.iter().filter(|id| Some(id.as_str()) >= twin).cloned().collect();
            Box::new(named.into_iter().filter_map(|id| graph.twin(&id)).map(Element::Twin))
        }
        Access::Model { model, exact } => {
            Box::new(graph.twins_of_model(model, *exact, twin).map(Element::Twin))
        }
        Access::AllTwins => Box::new(graph.twins(twin).map(Element::Twin)),
        Access::Outgoing(ids) => {
            adjacent(ids, after, move |twin, from| Box::new(graph.outgoing(twin, None, from)))
        }
        Access::Incoming(ids) => {
            adjacent(ids, after, move |twin, from| Box::new(graph.incoming(twin, None, from)))
        }
        Access::AllRelationships => {
            let from = match after {
                Some(Position::Relationship { source, id, .. }) => {
                    Some((source.as_str(), id.as_str()))
                }
                _ => None,
            };
            Box::new(graph.relationships(from).map(Element::Relationship))
        }
    }
}

/// The relationships of some twins, one twin after the other.
fn adjacent<'g>(
    twins: &Ids,
    after: Option<&'g Position>,
    list: impl Fn(&str, Option<RelationshipKey<'_>>) -> Box<dyn Iterator<Item = Relationship<'g>> + 'g>
    + 'g,
) -> Elements<'g> {
    let (first, from) = match after {
        Some(Position::Relationship { twin, name, source, id }) => {
            (Some(twin.as_str()), Some(RelationshipKey { name, source, id }))
        }
        _ => (None, None),
    };
    let twins: Vec<String> =
        twins.iter().filter(|twin| Some(twin.as_str()) >= first).cloned().collect();
    let relationships = twins.into_iter().flat_map(move |twin| {
        let from = from.filter(|_| Some(twin.as_str()) == first);
        list(&twin, from)
    });
    Box::new(relationships.map(Element::Relationship))
}
