//! What the matrix calls: every operation of every API with values that the
//! specification describes, and the answer that it promises.

use progenitor_client::CallOptions;

use super::expected::Nature;
use super::script::Reply;
use crate::contract::answer::answer;
use crate::contract::given::Given;
use crate::coverage;
use crate::generated::Values;
use crate::spec::{Document, Operation};
use crate::support::recorder::Canned;

const IF_MATCH: &str = "If-Match";

/// One row of the matrix.
#[derive(Debug)]
pub(super) struct Work {
    pub(super) api: &'static str,
    pub(super) operation: String,
    /// Whether the call names the state that it is for, and could do without.
    pub(super) conditional: bool,
    pub(super) nature: Nature,
    pub(super) values: Values,
    headers: Vec<(String, String)>,
    pub(super) answer: Canned,
    pub(super) reply: Reply,
}

impl Work {
    /// The options of the call: those given, and the headers that users set.
    pub(super) fn options(&self, options: CallOptions) -> CallOptions {
        self.headers.iter().fold(options, |options, (name, value)| options.header(name, value))
    }
}

/// The rows of the APIs, or of one operation of them.
///
/// # Errors
/// A specification cannot be read.
pub(super) fn rows(apis: &[&'static str], only: Option<&str>) -> anyhow::Result<Vec<Work>> {
    let mut rows = Vec::new();
    for api in apis {
        let document = Document::from_file(&coverage::spec(api)?)?;
        for operation in document.operations()? {
            if only.is_none_or(|only| only == operation.id) {
                rows.extend(of(api, &document, &operation)?);
            }
        }
    }
    Ok(rows)
}

/// A call without a condition, where one may be left out, and a `PATCH` also
/// with it.
fn of(api: &'static str, document: &Document, operation: &Operation) -> anyhow::Result<Vec<Work>> {
    let every = Given::every(document, operation, 0)?;
    let condition = operation.parameters.iter().find(|parameter| parameter.name == IF_MATCH);
    let bare = condition.is_none_or(|condition| !condition.required);
    let conditional = condition.is_some() && operation.method == "PATCH";
    let mut rows = Vec::new();
    if bare {
        rows.push(one(api, document, &every.without(IF_MATCH), false)?);
    }
    if conditional {
        rows.push(one(api, document, &every, true)?);
    }
    Ok(rows)
}

fn one(
    api: &'static str,
    document: &Document,
    given: &Given<'_>,
    conditional: bool,
) -> anyhow::Result<Work> {
    let operation = given.operation;
    let Some(success) = operation.successes().next() else {
        anyhow::bail!("the specification describes no success of {}", operation.id)
    };
    let answer = answer(document, &given.preferred(success), 0)?;
    let (values, headers) = given.for_caller();
    Ok(Work {
        api,
        operation: operation.id.clone(),
        conditional,
        nature: Nature::of(operation, conditional),
        values,
        headers,
        reply: Reply::from(&answer),
        answer,
    })
}
