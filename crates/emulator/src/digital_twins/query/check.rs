//! From a query as written to a [`bound::Query`]: limits, names and the rules
//! that the grammar cannot say. Each refusal names its place in the text.

use super::ast::{self, Direction, Hops, Items, Name};
use super::bound::{self, Kind, Variable};
use super::parser::Parse;
use super::plan;
use super::syntax::Fault;

/// Characters in a query. (Vendor limit.)
const MAX_CHARACTERS: usize = 8_000;
/// `JOIN`s in a query. (Vendor limit.)
const MAX_JOINS: usize = 5;
/// `AND` and `OR` operators in a query. (Vendor limit.)
const MAX_OPERATORS: usize = 50;
/// Items behind `IN`. (Vendor limit; another page of the vendor says 100.)
const MAX_IN_ITEMS: usize = 50;
/// Hops of one edge. (Vendor limit.)
const MAX_HOPS: u64 = 10;
/// Edges in a `MATCH`. (Our choice: it bounds the depth of the walk.)
const MAX_EDGES: usize = 10;

type Checked<T> = Result<T, Fault>;

/// Refuses a text that is too long to be read at all.
pub(super) fn length(text: &str) -> Checked<()> {
    match text.char_indices().nth(MAX_CHARACTERS) {
        Some((at, _)) => {
            Err(Fault::new(at, format!("a query may have {MAX_CHARACTERS} characters")))
        }
        None => Ok(()),
    }
}

/// Resolves and checks a parsed query.
pub(super) fn check(parse: Parse) -> Checked<bound::Query> {
    let Parse { query, operators } = parse;
    if let Some(&at) = operators.get(MAX_OPERATORS) {
        return Err(Fault::new(at, format!("a query may have {MAX_OPERATORS} AND and OR")));
    }
    if let Some(join) = query.joins.get(MAX_JOINS) {
        return Err(Fault::new(join.twin.at, format!("a query may have {MAX_JOINS} JOINs")));
    }
    let mut names = Names::default();
    let source = names.source(&query)?;
    let mut conditions = Vec::new();
    for condition in query.condition.map_or_else(Vec::new, conjuncts) {
        conditions.push(names.condition(condition)?);
    }
    if matches!(source, bound::Source::Pattern(_))
        && plan::anchor(&names.kinds(), &conditions).is_none()
    {
        let at = query.joins.first().map(|join| join.twin.at);
        let at = at.or(query.pattern.map(|pattern| pattern.at)).unwrap_or_default();
        return Err(Fault::new(
            at,
            "JOIN and MATCH need a WHERE filter on the $dtId of one of their twins, by = or IN",
        ));
    }
    let projection = names.projection(query.selection.items, query.selection.at)?;
    let top = query.selection.top.map(top).transpose()?;
    Ok(bound::Query { variables: names.kinds(), source, projection, top, conditions })
}

/// The conditions that must all hold for this one to hold.
fn conjuncts(condition: ast::Condition) -> Vec<ast::Condition> {
    match condition {
        ast::Condition::And(members) => members.into_iter().flat_map(conjuncts).collect(),
        other => vec![other],
    }
}

fn top(count: ast::Count) -> Checked<usize> {
    match usize::try_from(count.value) {
        Ok(top @ 1..) => Ok(top),
        _ => Err(Fault::new(count.at, "TOP needs a number of at least 1")),
    }
}

/// A declared variable.
struct Declared {
    /// Nothing for `()` and for a collection without an alias.
    name: Option<String>,
    kind: Kind,
    at: usize,
}

/// The variables declared so far.
#[derive(Default)]
struct Names {
    declared: Vec<Declared>,
}

impl Names {
    fn kinds(&self) -> Vec<Kind> {
        self.declared.iter().map(|declared| declared.kind).collect()
    }

    fn find(&self, name: &str) -> Option<(Variable, Kind)> {
        let found = |declared: &Declared| declared.name.as_deref() == Some(name);
        let variable = self.declared.iter().position(found)?;
        Some((variable, self.declared.get(variable)?.kind))
    }

    fn declare(&mut self, name: Option<&Name>, kind: Kind, at: usize) -> Checked<Variable> {
        if let Some(name) = name
            && self.find(&name.text).is_some()
        {
            return Err(Fault::new(name.at, format!("'{}' is declared twice", name.text)));
        }
        let at = name.map_or(at, |name| name.at);
        self.declared.push(Declared { name: name.map(|name| name.text.clone()), kind, at });
        Ok(self.declared.len() - 1)
    }

    /// Declares everything behind `FROM`.
    fn source(&mut self, query: &ast::Query) -> Checked<bound::Source> {
        let from = &query.source;
        let plain = query.joins.is_empty() && query.pattern.is_none();
        if plain {
            let kind = if from.relationships { Kind::Relationship } else { Kind::Twin };
            self.declare(from.alias.as_ref(), kind, from.at)?;
            return Ok(match kind {
                Kind::Twin => bound::Source::Twins,
                Kind::Relationship => bound::Source::Relationships,
            });
        }
        if from.relationships {
            return Err(Fault::new(from.at, "JOIN and MATCH work on DIGITALTWINS only"));
        }
        if from.alias.is_some() {
            self.declare(from.alias.as_ref(), Kind::Twin, from.at)?;
        }
        let mut edges = Vec::new();
        for join in &query.joins {
            edges.push(self.join(join)?);
        }
        if let Some(pattern) = &query.pattern {
            self.pattern(pattern, &mut edges)?;
        }
        self.connected(&edges)?;
        Ok(bound::Source::Pattern(edges))
    }

    fn join(&mut self, join: &ast::Join) -> Checked<bound::Edge> {
        let source = self.twin(&join.from)?;
        let target = self.declare(Some(&join.twin), Kind::Twin, join.twin.at)?;
        let relationship = self.relationship(join.variable.as_ref())?;
        let names = vec![join.relationship.text.clone()];
        Ok(bound::Edge {
            source,
            target,
            relationship,
            names,
            hops: 1..=1,
            either: false,
            once: false,
        })
    }

    fn pattern(&mut self, pattern: &ast::Match, edges: &mut Vec<bound::Edge>) -> Checked<()> {
        if let Some((edge, _)) = pattern.steps.get(MAX_EDGES) {
            return Err(Fault::new(edge.at, format!("a MATCH may have {MAX_EDGES} edges")));
        }
        let mut left = self.node(&pattern.first)?;
        for (edge, node) in &pattern.steps {
            let right = self.node(node)?;
            let hops = edge.hops.as_ref().map_or(Ok(1..=1), hops)?;
            if let Some(variable) = &edge.variable
                && hops != (1..=1)
            {
                let message = "a relationship variable needs an edge of a single hop";
                return Err(Fault::new(variable.at, message));
            }
            let relationship = self.relationship(edge.variable.as_ref())?;
            let (source, target) = match edge.direction {
                Direction::Left => (right, left),
                Direction::Right | Direction::Either => (left, right),
            };
            let mut names = edge.names.clone();
            names.sort_unstable();
            names.dedup();
            let either = edge.direction == Direction::Either;
            edges.push(bound::Edge {
                source,
                target,
                relationship,
                names,
                hops,
                either,
                once: true,
            });
            left = right;
        }
        Ok(())
    }

    /// A node of a `MATCH`; a name used before is the same twin again.
    fn node(&mut self, node: &ast::Node) -> Checked<Variable> {
        match &node.name {
            Some(name) if self.find(&name.text).is_some() => self.twin(name),
            name => self.declare(name.as_ref(), Kind::Twin, node.at),
        }
    }

    fn relationship(&mut self, name: Option<&Name>) -> Checked<Option<Variable>> {
        name.map(|name| self.declare(Some(name), Kind::Relationship, name.at)).transpose()
    }

    fn twin(&self, name: &Name) -> Checked<Variable> {
        match self.find(&name.text) {
            Some((variable, Kind::Twin)) => Ok(variable),
            Some((_, Kind::Relationship)) => {
                Err(Fault::new(name.at, format!("'{}' is a relationship, not a twin", name.text)))
            }
            None => Err(unknown(name)),
        }
    }

    /// Every twin must hang together with the first by edges.
    fn connected(&self, edges: &[bound::Edge]) -> Checked<()> {
        let mut reached = vec![0];
        loop {
            let next = edges.iter().find_map(|edge| {
                match (reached.contains(&edge.source), reached.contains(&edge.target)) {
                    (true, false) => Some(edge.target),
                    (false, true) => Some(edge.source),
                    _ => None,
                }
            });
            match next {
                Some(variable) => reached.push(variable),
                None => break,
            }
        }
        let lost = |&(variable, declared): &(Variable, &Declared)| {
            declared.kind == Kind::Twin && !reached.contains(&variable)
        };
        match self.declared.iter().enumerate().find(lost) {
            Some((_, declared)) => {
                let message = "this twin is not connected to the others by a JOIN or MATCH";
                Err(Fault::new(declared.at, message))
            }
            None => Ok(()),
        }
    }

    fn projection(&self, items: Items, at: usize) -> Checked<bound::Projection> {
        match items {
            Items::Count => Ok(bound::Projection::Count),
            Items::All if self.declared.len() > 1 => {
                Err(Fault::new(at, "* is not allowed with JOIN or MATCH: name what to select"))
            }
            Items::All => Ok(bound::Projection::All),
            Items::List(items) => {
                let columns =
                    items.into_iter().map(|item| self.column(item)).collect::<Checked<_>>()?;
                Ok(bound::Projection::Columns(columns))
            }
        }
    }

    fn column(&self, item: ast::Item) -> Checked<bound::Column> {
        let unnamed = matches!(self.declared.as_slice(), [only] if only.name.is_none());
        if !unnamed && self.find(&item.path.first.text).is_none() {
            return Err(unknown(&item.path.first));
        }
        let last = item.path.rest.last().unwrap_or(&item.path.first);
        let name = item.alias.as_ref().unwrap_or(last).text.clone();
        Ok(bound::Column { name, path: self.path(item.path)? })
    }

    /// A path starts with a variable; with a single collection it may also be
    /// a property's own.
    fn path(&self, path: ast::Path) -> Checked<bound::Path> {
        let rest = path.rest.into_iter().map(|name| name.text);
        if let Some((variable, _)) = self.find(&path.first.text) {
            return Ok(bound::Path { variable, segments: rest.collect() });
        }
        if self.declared.len() > 1 {
            return Err(unknown(&path.first));
        }
        let segments = std::iter::once(path.first.text).chain(rest).collect();
        Ok(bound::Path { variable: 0, segments })
    }

    fn operand(&self, operand: ast::Operand) -> Checked<bound::Operand> {
        Ok(match operand {
            ast::Operand::Path(path) => bound::Operand::Path(self.path(path)?),
            ast::Operand::Literal(value) => bound::Operand::Literal(value),
        })
    }

    fn members(&self, members: Vec<ast::Condition>) -> Checked<Vec<bound::Condition>> {
        members.into_iter().map(|member| self.condition(member)).collect()
    }

    fn condition(&self, condition: ast::Condition) -> Checked<bound::Condition> {
        use bound::Condition as Bound;
        Ok(match condition {
            ast::Condition::And(members) => Bound::And(self.members(members)?),
            ast::Condition::Or(members) => Bound::Or(self.members(members)?),
            ast::Condition::Not(inner) => Bound::Not(Box::new(self.condition(*inner)?)),
            ast::Condition::Compare { left, comparison, right } => Bound::Compare {
                left: self.operand(left)?,
                comparison,
                right: self.operand(right)?,
            },
            ast::Condition::In { operand, list } => {
                if let Some(item) = list.get(MAX_IN_ITEMS) {
                    let message = format!("a list may have {MAX_IN_ITEMS} items");
                    return Err(Fault::new(item.at, message));
                }
                let list = list.into_iter().map(|item| item.value).collect();
                Bound::In { operand: self.operand(operand)?, list }
            }
            ast::Condition::Text { test, text, part } => {
                Bound::Text { test, text: self.operand(text)?, part: self.operand(part)? }
            }
            ast::Condition::ArrayContains { array, item } => {
                let at = array.first.at;
                let array = self.path(array)?;
                if self.kind(array.variable) == Some(Kind::Relationship) {
                    let message = "ARRAY_CONTAINS does not work on relationship properties";
                    return Err(Fault::new(at, message));
                }
                Bound::ArrayContains { array, item: self.operand(item)? }
            }
            ast::Condition::Is { test, path } => Bound::Is { test, path: self.path(path)? },
            ast::Condition::OfModel { at, collection, model, exact } => {
                Bound::OfModel { variable: self.of_model(collection, at)?, model, exact }
            }
        })
    }

    fn of_model(&self, collection: Option<Name>, at: usize) -> Checked<Variable> {
        match collection {
            Some(name) => self.twin(&name),
            None if self.declared.len() > 1 => Err(Fault::new(
                at,
                "with several collections IS_OF_MODEL needs the one it is about",
            )),
            None if self.kind(0) == Some(Kind::Twin) => Ok(0),
            None => Err(Fault::new(at, "IS_OF_MODEL works on twins, not on relationships")),
        }
    }

    fn kind(&self, variable: Variable) -> Option<Kind> {
        self.declared.get(variable).map(|declared| declared.kind)
    }
}

fn hops(hops: &Hops) -> Checked<std::ops::RangeInclusive<usize>> {
    let (first, last) = match hops {
        Hops::Exactly(count) => (count.value, count),
        Hops::UpTo(last) => (1, last),
        // The start of a range is exclusive: `*1..3` means 2 or 3 hops.
        Hops::Between(start, last) => (start.value.saturating_add(1), last),
    };
    if last.value == 0 || last.value > MAX_HOPS {
        return Err(Fault::new(last.at, format!("an edge may have 1 to {MAX_HOPS} hops")));
    }
    match (usize::try_from(first), usize::try_from(last.value)) {
        (Ok(first), Ok(last)) if first <= last => Ok(first..=last),
        _ => Err(Fault::new(last.at, "the start of a range of hops must be below its end")),
    }
}

fn unknown(name: &Name) -> Fault {
    Fault::new(name.at, format!("'{}' is not a collection of this query", name.text))
}
