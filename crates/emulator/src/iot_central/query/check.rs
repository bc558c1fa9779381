//! What the names in a query are, and whether they go together.

use std::collections::BTreeMap;

use super::ast::Query;
use crate::iot_central::{
    state::{Document, State},
    syntax::Fault,
    target,
    twin::Place,
};

const TELEMETRY_ROWS: usize = 10_000;
const PROPERTY_ROWS: usize = 1000;

/// What a query is about.
#[derive(Debug)]
pub(super) struct Bound {
    pub(super) is_telemetry: bool,
    /// Where each kind of telemetry is, and its name there.
    pub(super) telemetry: BTreeMap<String, (Place, String)>,
    /// Rows at the most.
    pub(super) rows: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    /// Of the device itself, in queries of both sorts.
    Own,
    Telemetry,
    Property,
}

pub(super) fn check(query: &Query, text: &str, state: &State) -> Result<Bound, Fault> {
    let fault = |byte: usize, what: String| Fault::new(text, byte, what);
    let template = state.device_templates.get(&query.template).ok_or_else(|| {
        fault(query.template_byte, format!("there is no device template {:?}", query.template))
    })?;
    let mut telemetry = BTreeMap::new();
    let mut first = None;
    let items = query.items.iter().map(|item| (&item.name, item.byte));
    let uses = query.uses.iter().map(|each| (&each.name, each.byte));
    for (name, byte) in items.chain(uses) {
        let sort = sort(&template.document, name, &mut telemetry)
            .ok_or_else(|| fault(byte, format!("{name:?} is nothing of the template")))?;
        if sort != Sort::Own && *first.get_or_insert(sort) != sort {
            return Err(fault(byte, "telemetry and properties do not go together".to_owned()));
        }
    }
    let is_telemetry = first == Some(Sort::Telemetry);
    for each in query.uses.iter().filter(|each| each.is_in) {
        if each.name != "$id" && !is_telemetry {
            return Err(fault(each.byte, "IN is for telemetry and $id".to_owned()));
        }
    }
    check_aggregates(query, text, is_telemetry)?;
    let rows = if is_telemetry { TELEMETRY_ROWS } else { PROPERTY_ROWS };
    if query.top.is_some_and(|top| top > rows) {
        return Err(fault(query.top_byte, format!("there are {rows} rows at the most")));
    }
    if let Some(order) = &query.order
        && order.key != "$ts"
        && !query.items.iter().any(|item| item.key() == order.key || item.name == order.key)
    {
        return Err(fault(order.byte, format!("{:?} is not selected", order.key)));
    }
    Ok(Bound { is_telemetry, telemetry, rows })
}

fn sort(
    template: &Document,
    name: &str,
    telemetry: &mut BTreeMap<String, (Place, String)>,
) -> Option<Sort> {
    match name {
        "$id" | "$provisioned" | "$simulated" => return Some(Sort::Own),
        "$ts" => return Some(Sort::Telemetry),
        _ => {}
    }
    if let Some(found) = target::find(template, "Telemetry", name) {
        let here = (found.place, found.content.name().to_owned());
        telemetry.insert(name.to_owned(), here);
        return Some(Sort::Telemetry);
    }
    target::find(template, "Property", name).map(|_| Sort::Property)
}

/// Functions are for telemetry, and then all items are functions, `$ts` aside.
fn check_aggregates(query: &Query, text: &str, is_telemetry: bool) -> Result<(), Fault> {
    let is_aggregated = query.items.iter().any(|item| item.function.is_some());
    for item in &query.items {
        let is_value = is_telemetry && !item.name.starts_with('$');
        if item.function.is_some() && !is_value {
            return Err(Fault::new(text, item.byte, "functions are for telemetry"));
        }
        let is_alone = item.function.is_none() && item.name != "$ts";
        if is_alone && (is_aggregated || query.window.is_some()) {
            let what = format!("{:?} needs a function beside others, or with WINDOW", item.name);
            return Err(Fault::new(text, item.byte, what));
        }
    }
    Ok(())
}
