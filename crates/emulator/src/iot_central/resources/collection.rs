//! Create or replace, read, change, delete and list: the same for all resources
//! that stand in a table. What differs from kind to kind is said by
//! [`Collection`].

use std::ops::Bound;

use serde_json::Value;

use crate::iot_central::{
    ApiError, Application,
    access::{Access, Area, organizations_of},
    filters::{self, Condition},
    routes::{Answer, Call, ListOptions, nothing_here},
    rules::merge,
    state::{Document, Record, State, Table},
};

/// A request together with the state it meets.
pub(super) struct Context<'c> {
    pub(super) call: &'c Call,
    pub(super) state: &'c State,
}

/// A kind of resource.
pub(super) trait Collection {
    /// What one is called in messages.
    const KIND: &'static str;
    const AREA: Area;
    /// Whether it shows an etag, and takes one in bodies.
    const HAS_ETAG: bool = false;
    /// Members that only the service writes, `id` and `etag` aside.
    const READ_ONLY: &'static [&'static str] = &[];
    const OPTIONS: ListOptions = ListOptions::None;
    /// What filters may ask for, where the list takes them.
    const FILTER_FIELDS: &'static [&'static str] = &["id", "displayName"];
    /// Whether everybody whose role permits it may read all of them, whatever
    /// organization they belong to.
    const COMMON: bool = false;

    fn table(state: &State) -> &Table;
    fn table_mut(state: &mut State) -> &mut Table;
    fn check_id(id: &str) -> Result<(), ApiError>;

    /// The organizations that it belongs to; none: the root.
    fn organizations<'r>(_id: &'r str, record: &'r Record) -> Vec<&'r str> {
        organizations_of(record)
    }

    /// Whether the document may be stored under the id.
    fn check(
        context: &Context<'_>,
        id: &str,
        document: &Document,
        old: Option<&Record>,
    ) -> Result<(), ApiError>;

    /// Adds to a document that passed what the service itself decides.
    fn settle(_context: &Context<'_>, _id: &str, _document: &mut Document, _old: Option<&Record>) {}

    /// The resource as answers show it.
    fn show(_context: &Context<'_>, id: &str, record: &Record) -> Value {
        shown(id, record, Self::HAS_ETAG).into()
    }

    /// Brings along what hangs on one that was stored.
    fn stored(_state: &mut State, _application: &Application, _id: &str) {}

    /// Whether it may be deleted.
    fn check_delete(_context: &Context<'_>, _id: &str) -> Result<(), ApiError> {
        Ok(())
    }

    /// Takes along what hangs on a deleted one.
    fn deleted(_state: &mut State, _id: &str) {}

    /// What a field of a filter stands for in a resource as it is shown.
    fn filter_field(shown: &Value, field: &str) -> Value {
        shown.get(field).cloned().unwrap_or_default()
    }

    /// The operations at this path below the collection's.
    fn answer(call: &Call, path: &[&str]) -> Result<Answer, ApiError>
    where
        Self: Sized,
    {
        match (call.method(), path) {
            ("GET", []) => list::<Self>(call),
            ("GET", [id]) => get::<Self>(call, id),
            ("PUT", [id]) => put::<Self>(call, id),
            ("PATCH", [id]) => patch::<Self>(call, id),
            ("DELETE", [id]) => delete::<Self>(call, id),
            _ => Err(nothing_here()),
        }
    }
}

/// The table of the state that a [`Collection`] stands in.
macro_rules! table {
    ($name:ident) => {
        fn table(state: &$crate::iot_central::state::State) -> &$crate::iot_central::state::Table {
            &state.$name
        }

        fn table_mut(
            state: &mut $crate::iot_central::state::State,
        ) -> &mut $crate::iot_central::state::Table {
            &mut state.$name
        }
    };
}
pub(super) use table;

/// A document with its id in front, and its etag.
pub(super) fn shown(id: &str, record: &Record, with_etag: bool) -> Document {
    let mut members = Document::new();
    members.insert("id".to_owned(), id.into());
    if with_etag {
        members.insert("etag".to_owned(), record.etag.clone().into());
    }
    members.extend(record.document.clone());
    members
}

pub(super) fn list<C: Collection>(call: &Call) -> Result<Answer, ApiError> {
    call.caller.require(C::AREA, Access::Read)?;
    let page = call.page(C::OPTIONS)?;
    let filter = call.filter(C::OPTIONS).map(|text| read_filter::<C>(&text)).transpose()?;
    let order = call.order(C::OPTIONS).map(|text| Order::read(&text)).transpose()?;
    let state = call.application.read();
    let context = Context { call, state: &state };
    let shown = |id: &String, record: &Record| {
        let item = sees::<C>(call, id, record).then(|| C::show(&context, id, record))?;
        let lookup = |field: &str| C::filter_field(&item, field);
        filter.as_ref().is_none_or(|filter| filter.holds(&lookup)).then_some(item)
    };
    let Some(order) = order else {
        let start = page.after.as_ref().map_or(Bound::Unbounded, Bound::Excluded);
        let rest = C::table(&state).range::<String, _>((start, Bound::Unbounded));
        let items = rest.filter_map(|(id, record)| Some((id.clone(), shown(id, record)?)));
        return Ok(call.answer_page(&page, items));
    };
    let records = C::table(&state).iter();
    let mut sorted: Vec<(String, &String, &Record)> =
        records.map(|(id, record)| (order.key(id, record), id, record)).collect();
    sorted.sort_by(|left, right| order.direct(left.0.cmp(&right.0)));
    let passed = |key: &String| {
        page.after.as_ref().is_some_and(|after| order.direct(key.cmp(after)).is_le())
    };
    let rest = sorted.into_iter().skip_while(|(key, _, _)| passed(key));
    let items = rest.filter_map(|(key, id, record)| Some((key, shown(id, record)?)));
    Ok(call.answer_page(&page, items))
}

fn read_filter<C: Collection>(text: &str) -> Result<Condition, ApiError> {
    filters::parse_list(text, C::FILTER_FIELDS)
        .map_err(|fault| ApiError::bad_request(format!("The filter cannot be read {fault}.")))
}

/// `displayName` or `displayName desc`; no other member is documented.
struct Order {
    descending: bool,
}

impl Order {
    fn read(text: &str) -> Result<Self, ApiError> {
        match text.split_whitespace().collect::<Vec<_>>().as_slice() {
            ["displayName"] | ["displayName", "asc"] => Ok(Self { descending: false }),
            ["displayName", "desc"] => Ok(Self { descending: true }),
            _ => Err(ApiError::bad_request("The order must be displayName or displayName desc.")),
        }
    }

    /// Sorts by name and then by id; no two are the same.
    fn key(&self, id: &str, record: &Record) -> String {
        format!("{}\u{0}{id}", record.text("displayName").unwrap_or_default())
    }

    fn direct(&self, ordering: std::cmp::Ordering) -> std::cmp::Ordering {
        if self.descending { ordering.reverse() } else { ordering }
    }
}

pub(super) fn get<C: Collection>(call: &Call, id: &str) -> Result<Answer, ApiError> {
    call.caller.require(C::AREA, Access::Read)?;
    let state = call.application.read();
    let record = visible::<C>(call, &state, id)?;
    Ok(Answer::ok(C::show(&Context { call, state: &state }, id, record)))
}

pub(super) fn put<C: Collection>(call: &Call, id: &str) -> Result<Answer, ApiError> {
    call.caller.require(C::AREA, Access::Write)?;
    C::check_id(id)?;
    let mut document = call.object()?;
    let mut state = call.application.write();
    let old = C::table(&state).get(id).cloned();
    if let Some(old) = &old {
        writable::<C>(call, id, old)?;
    }
    check_etag::<C>(document.get("etag"), id, old.as_ref())?;
    without_read_only::<C>(&mut document);
    store::<C>(call, &mut state, id, document, old)
}

pub(super) fn patch<C: Collection>(call: &Call, id: &str) -> Result<Answer, ApiError> {
    call.caller.require(C::AREA, Access::Write)?;
    let mut patch = call.merge_patch()?;
    let mut state = call.application.write();
    let old = visible::<C>(call, &state, id)?.clone();
    writable::<C>(call, id, &old)?;
    check_if_match::<C>(call, id, &old)?;
    check_etag::<C>(patch.get("etag"), id, Some(&old))?;
    without_read_only::<C>(&mut patch);
    let mut document = old.document.clone();
    merge(&mut document, patch);
    store::<C>(call, &mut state, id, document, Some(old))
}

pub(super) fn delete<C: Collection>(call: &Call, id: &str) -> Result<Answer, ApiError> {
    call.caller.require(C::AREA, Access::Write)?;
    let mut state = call.application.write();
    writable::<C>(call, id, visible::<C>(call, &state, id)?)?;
    C::check_delete(&Context { call, state: &state }, id)?;
    C::table_mut(&mut state).remove(id);
    C::deleted(&mut state, id);
    Ok(Answer::no_content())
}

fn store<C: Collection>(
    call: &Call,
    state: &mut State,
    id: &str,
    mut document: Document,
    old: Option<Record>,
) -> Result<Answer, ApiError> {
    let context = Context { call, state };
    C::check(&context, id, &document, old.as_ref())?;
    C::settle(&context, id, &mut document, old.as_ref());
    let record = Record::new(document);
    writable::<C>(call, id, &record)?;
    C::table_mut(state).insert(id.to_owned(), record.clone());
    C::stored(state, &call.application, id);
    Ok(Answer::ok(C::show(&Context { call, state }, id, &record)))
}

/// The record, if there is one and the caller may see it.
pub(super) fn visible<'s, C: Collection>(
    call: &Call,
    state: &'s State,
    id: &str,
) -> Result<&'s Record, ApiError> {
    let record = C::table(state).get(id).filter(|record| sees::<C>(call, id, record));
    record.ok_or_else(|| ApiError::no_such(C::KIND, id))
}

fn sees<C: Collection>(call: &Call, id: &str, record: &Record) -> bool {
    C::COMMON || call.caller.reaches(C::AREA, Access::Read, &C::organizations(id, record))
}

/// Whether the caller may change it, or put it where it is to belong.
pub(super) fn writable<C: Collection>(
    call: &Call,
    id: &str,
    record: &Record,
) -> Result<(), ApiError> {
    if call.caller.reaches(C::AREA, Access::Write, &C::organizations(id, record)) {
        return Ok(());
    }
    Err(ApiError::forbidden(format!(
        "No role of the caller reaches the organization of this {}.",
        C::KIND
    )))
}

/// Refuses a new one where there are as many as there may be.
pub(super) fn check_room<C: Collection>(
    state: &State,
    old: Option<&Record>,
    most: usize,
) -> Result<(), ApiError> {
    if old.is_some() || C::table(state).len() < most {
        return Ok(());
    }
    Err(ApiError::conflict(format!("There are as many {}s as there may be.", C::KIND)))
}

fn check_etag<C: Collection>(
    given: Option<&Value>,
    id: &str,
    old: Option<&Record>,
) -> Result<(), ApiError> {
    let Some(given) = given.filter(|_| C::HAS_ETAG).and_then(Value::as_str) else { return Ok(()) };
    let fits = given == "*" || old.is_some_and(|old| old.etag == given);
    if fits { Ok(()) } else { Err(ApiError::precondition(C::KIND, id)) }
}

/// `If-Match` is declared for resources without a visible etag too.
fn check_if_match<C: Collection>(call: &Call, id: &str, old: &Record) -> Result<(), ApiError> {
    let fits = call.if_match().is_none_or(|given| given == "*" || given == old.etag);
    if fits { Ok(()) } else { Err(ApiError::precondition(C::KIND, id)) }
}

fn without_read_only<C: Collection>(document: &mut Document) {
    for member in ["id", "etag"].iter().chain(C::READ_ONLY) {
        document.shift_remove(*member);
    }
}
