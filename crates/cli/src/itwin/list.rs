//! Lists of the platform, shown while they come: it may have many items. It must
//! not know what is listed.

use std::io;

use anyhow::Result;
use serde::Serialize;
use twinkit::itwin::{Items, ListEnd, Paged};

use crate::output::Output;
use crate::table::Table;

/// Rows that are gathered before they are shown, so that columns fit.
const GATHERED: usize = 50;

/// How a list is shown: columns for people, documents for programs.
pub(super) struct Shape<const N: usize, R, D> {
    pub(super) head: [&'static str; N],
    pub(super) row: R,
    /// What of an item programs get: no signed address, for one.
    pub(super) document: D,
}

/// What was shown of a list.
pub(super) struct Shown {
    pub(super) count: usize,
    /// Why it ended, if it was shown to its end.
    pub(super) end: Option<ListEnd>,
}

/// Shows the items as they come, at most `limit` of them.
pub(super) async fn show<P, const N: usize, R, D, T>(
    mut items: Items<P>,
    output: Output,
    limit: Option<usize>,
    shape: Shape<N, R, D>,
) -> Result<Shown>
where
    P: Paged,
    R: Fn(P::Item) -> [String; N],
    D: Fn(P::Item) -> T,
    T: Serialize,
{
    let Shape { head, row, document } = shape;
    let mut table = Table::new(&head);
    let mut count = 0;
    while limit.is_none_or(|limit| count < limit) {
        let Some(item) = items.next_item().await else { break };
        let item = match item {
            Ok(item) => item,
            Err(error) => {
                // What came before is no less true.
                if table.waiting() > 0 {
                    table.show(&mut io::stdout().lock())?;
                }
                return Err(error.into());
            }
        };
        count += 1;
        if output.json {
            Output::document(&document(item))?;
            continue;
        }
        table.row(row(item));
        if table.waiting() == GATHERED {
            table.show(&mut io::stdout().lock())?;
        }
    }
    if !output.json {
        table.show(&mut io::stdout().lock())?;
    }
    Ok(Shown { count, end: items.end() })
}

/// A value that may be missing, as a cell.
pub(super) fn cell(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}
