//! Conditions and paths over bound variables.

use serde_json::Value;

use super::ast::TypeTest;
use super::bound::{Condition, Operand, Path, Variable};
use super::graph::{Graph, Relationship, Twin};
use super::values::{Comparison, all, any, not};

/// What a variable is bound to.
#[derive(Clone, Copy, Debug)]
pub(super) enum Element<'g> {
    Twin(Twin<'g>),
    Relationship(Relationship<'g>),
}

impl<'g> Element<'g> {
    pub(super) fn document(&self) -> &'g Value {
        match self {
            Self::Twin(twin) => twin.document,
            Self::Relationship(relationship) => relationship.document,
        }
    }
}

/// The elements of one candidate row.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a, 'g> {
    pub(super) graph: &'g dyn Graph,
    pub(super) bindings: &'a [Option<Element<'g>>],
}

impl<'g> Scope<'_, 'g> {
    /// Whether every condition holds for certain.
    pub(super) fn accepts<'c>(&self, conditions: impl IntoIterator<Item = &'c Condition>) -> bool {
        conditions.into_iter().all(|condition| self.truth(condition) == Some(true))
    }

    /// The value at a path; nothing if it is not set.
    pub(super) fn value(&self, path: &Path) -> Option<&'g Value> {
        let document = self.element(path.variable)?.document();
        path.segments.iter().try_fold(document, |value, member| value.as_object()?.get(member))
    }

    fn element(&self, variable: Variable) -> Option<&Element<'g>> {
        self.bindings.get(variable)?.as_ref()
    }

    /// Whether a condition holds; `None` if it cannot be told.
    fn truth(&self, condition: &Condition) -> Option<bool> {
        match condition {
            Condition::And(members) => all(members.iter().map(|member| self.truth(member))),
            Condition::Or(members) => any(members.iter().map(|member| self.truth(member))),
            Condition::Not(inner) => not(self.truth(inner)),
            Condition::Compare { left, comparison, right } => {
                comparison.holds(self.operand(left)?, self.operand(right)?)
            }
            Condition::In { operand, list } => {
                let value = self.operand(operand).filter(|value| is_primitive(value))?;
                Some(is_among(value, list))
            }
            Condition::Text { test, text, part } => {
                test.holds(self.operand(text)?, self.operand(part)?)
            }
            Condition::ArrayContains { array, item } => {
                let item = self.operand(item).filter(|item| is_primitive(item))?;
                Some(is_among(item, self.value(array)?.as_array()?))
            }
            Condition::Is { test, path } => Some(is(*test, self.value(path))),
            Condition::OfModel { variable, model, exact } => {
                let document = self.element(*variable)?.document();
                let own = document.get("$metadata")?.get("$model")?.as_str()?;
                Some(own == model || (!exact && self.graph.is_a(own, model)))
            }
        }
    }

    fn operand<'v>(&self, operand: &'v Operand) -> Option<&'v Value>
    where
        'g: 'v,
    {
        match operand {
            Operand::Path(path) => self.value(path),
            Operand::Literal(value) => Some(value),
        }
    }
}

fn is_among(value: &Value, list: &[Value]) -> bool {
    list.iter().any(|item| Comparison::Equal.holds(value, item) == Some(true))
}

fn is_primitive(value: &Value) -> bool {
    !value.is_object() && !value.is_array()
}

/// What is not set is of no type at all.
fn is(test: TypeTest, value: Option<&Value>) -> bool {
    value.is_some_and(|value| match test {
        TypeTest::Defined => true,
        TypeTest::Null => value.is_null(),
        TypeTest::Boolean => value.is_boolean(),
        TypeTest::Number => value.is_number(),
        TypeTest::String => value.is_string(),
        TypeTest::Object => value.is_object(),
        TypeTest::Primitive => is_primitive(value),
    })
}
