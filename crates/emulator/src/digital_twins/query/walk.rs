//! Patterns: from the anchored twin over one edge after the other.
//!
//! Rows come in a fixed order: by the first twin's id, then by its first hop.
//! A page starts again at the first hop where the last one ended, so that only
//! what lies behind that one hop is walked twice.
//!
//! Behind one `MATCH`, a row uses each relationship once, so that a cycle is
//! walked once and then left; `JOIN`s may use one again. (Our reading.)

use std::ops::Bound;

use super::bound::Query;
use super::evaluate::{Element, Scope};
use super::graph::{Graph, Relationship, RelationshipKey, Twin};
use super::page::{Collector, Flow};
use super::plan::{Step, Walk};
use super::token::{Hop, Position};

/// The direction and name of relationships that one edge follows.
#[derive(Clone, Copy)]
struct Lane<'q> {
    outgoing: bool,
    name: Option<&'q str>,
}

/// A walk in progress.
struct Walker<'a, 'q, 'g> {
    graph: &'g dyn Graph,
    walk: &'a Walk<'q>,
    page: &'a mut Collector<'q>,
    bindings: Vec<Option<Element<'g>>>,
    /// Relationships that this row may not use again.
    used: Vec<(&'g str, &'g str)>,
    /// The first twin.
    start: &'g str,
    /// The first hop taken from it.
    hop: Option<Hop>,
    /// Rows found behind that hop.
    rows: usize,
    /// The hop to start again from, until it is reached.
    resume: Option<&'a Hop>,
    /// Rows behind the hop to start again from that were given out before.
    skip: usize,
}

/// Collects the rows behind `after`. Nothing if `after` is not a place in a
/// walk.
pub(super) fn walk<'q>(
    query: &'q Query,
    walk: &Walk<'q>,
    graph: &dyn Graph,
    after: Option<&Position>,
    page: &mut Collector<'q>,
) -> Option<Flow> {
    let (first, hop, rows) = match after {
        None => (None, None, 0),
        Some(Position::Walk { start, hop, rows }) => (Some(start), hop.as_ref(), *rows),
        Some(_) => return None,
    };
    let from = first.map_or(Bound::Unbounded, |first| Bound::Included(first.clone()));
    let mut starts = walk.ids.range((from, Bound::Unbounded));
    Some(starts.try_for_each(|id| {
        let Some(twin) = graph.twin(id) else { return Flow::Continue(()) };
        let resumed = first == Some(id);
        let mut walker = Walker {
            graph,
            walk,
            page: &mut *page,
            bindings: vec![None; query.variables.len()],
            used: Vec::new(),
            start: twin.id,
            hop: None,
            rows: 0,
            resume: hop.filter(|_| resumed),
            skip: if resumed { rows } else { 0 },
        };
        walker.begin(twin)
    }))
}

impl<'q, 'g> Walker<'_, 'q, 'g> {
    fn begin(&mut self, twin: Twin<'g>) -> Flow {
        self.page.visit()?;
        self.bind(self.walk.start, Some(Element::Twin(twin)));
        if !self.scope().accepts(self.walk.conditions.iter().copied()) {
            return Flow::Continue(());
        }
        self.step(0)
    }

    fn scope(&self) -> Scope<'_, 'g> {
        Scope { graph: self.graph, bindings: &self.bindings }
    }

    fn bind(&mut self, variable: usize, element: Option<Element<'g>>) {
        if let Some(binding) = self.bindings.get_mut(variable) {
            *binding = element;
        }
    }

    fn bound(&self, variable: usize) -> Option<&'g str> {
        match self.bindings.get(variable) {
            Some(Some(Element::Twin(twin))) => Some(twin.id),
            _ => None,
        }
    }

    /// Takes the step with this number, or the row if there is none.
    fn step(&mut self, depth: usize) -> Flow {
        let walk = self.walk;
        let Some(step) = walk.steps.get(depth) else { return self.row() };
        let Some(from) = self.bound(step.from) else { return Flow::Continue(()) };
        self.hop(step, depth, from, 1)
    }

    fn row(&mut self) -> Flow {
        self.rows += 1;
        if self.rows <= self.skip {
            return Flow::Continue(());
        }
        let (start, hop, rows) = (self.start, &self.hop, self.rows);
        let scope = Scope { graph: self.graph, bindings: &self.bindings };
        self.page.take(&scope, || Position::Walk {
            start: start.to_owned(),
            hop: hop.clone(),
            rows,
        })
    }

    /// Follows every relationship of an edge from one twin; this is the
    /// `number`th hop on that edge.
    fn hop(&mut self, step: &Step<'q>, depth: usize, from: &'g str, number: usize) -> Flow {
        let first = depth == 0 && number == 1;
        for (index, lane) in lanes(step).into_iter().enumerate() {
            let resume = self.resume.filter(|_| first);
            if resume.is_some_and(|hop| index < hop.lane) {
                continue;
            }
            let key = resume.filter(|hop| hop.lane == index).map(|hop| RelationshipKey {
                name: &hop.name,
                source: &hop.source,
                id: &hop.id,
            });
            let relationships = if lane.outgoing {
                self.graph.outgoing(from, lane.name, key)
            } else {
                self.graph.incoming(from, lane.name, key)
            };
            for relationship in relationships {
                self.page.visit()?;
                if first {
                    self.set_out(index, &relationship);
                }
                self.follow(step, depth, number, lane, relationship)?;
            }
        }
        Flow::Continue(())
    }

    /// Notes the first hop of the rows that follow. Behind any other hop than
    /// the one to start again from, no row was given out before.
    fn set_out(&mut self, lane: usize, relationship: &Relationship<'_>) {
        let hop = Hop {
            lane,
            name: relationship.name.to_owned(),
            source: relationship.source.to_owned(),
            id: relationship.id.to_owned(),
        };
        if self.resume.take() != Some(&hop) {
            self.skip = 0;
        }
        self.hop = Some(hop);
        self.rows = 0;
    }

    fn follow(
        &mut self,
        step: &Step<'q>,
        depth: usize,
        number: usize,
        lane: Lane<'q>,
        relationship: Relationship<'g>,
    ) -> Flow {
        let key = (relationship.source, relationship.id);
        if step.edge.once {
            if self.used.contains(&key) {
                return Flow::Continue(());
            }
            self.used.push(key);
        }
        let next = if lane.outgoing { relationship.target } else { relationship.source };
        if number >= *step.edge.hops.start() {
            self.arrive(step, depth, next, relationship)?;
        }
        if number < *step.edge.hops.end() {
            self.hop(step, depth, next, number + 1)?;
        }
        if step.edge.once {
            self.used.pop();
        }
        Flow::Continue(())
    }

    /// Ends an edge at a twin and takes the next step from there.
    fn arrive(
        &mut self,
        step: &Step<'q>,
        depth: usize,
        id: &str,
        relationship: Relationship<'g>,
    ) -> Flow {
        let known = self.bound(step.to);
        if known.is_some_and(|known| known != id) {
            return Flow::Continue(());
        }
        if known.is_none() {
            self.page.visit()?;
            let Some(twin) = self.graph.twin(id) else { return Flow::Continue(()) };
            self.bind(step.to, Some(Element::Twin(twin)));
        }
        if let Some(variable) = step.edge.relationship {
            self.bind(variable, Some(Element::Relationship(relationship)));
        }
        let flow = if self.scope().accepts(step.conditions.iter().copied()) {
            self.step(depth + 1)
        } else {
            Flow::Continue(())
        };
        if known.is_none() {
            self.bind(step.to, None);
        }
        if let Some(variable) = step.edge.relationship {
            self.bind(variable, None);
        }
        flow
    }
}

/// The lanes of a step, always in the same order.
fn lanes<'q>(step: &Step<'q>) -> Vec<Lane<'q>> {
    let edge = step.edge;
    let directions: &[bool] = match (edge.either, step.from == edge.source) {
        (true, _) => &[true, false],
        (false, true) => &[true],
        (false, false) => &[false],
    };
    let names: Vec<Option<&str>> = if edge.names.is_empty() {
        vec![None]
    } else {
        edge.names.iter().map(|name| Some(name.as_str())).collect()
    };
    directions
        .iter()
        .flat_map(|&outgoing| names.iter().map(move |&name| Lane { outgoing, name }))
        .collect()
}
