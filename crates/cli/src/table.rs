//! Rows of text in aligned columns, for people. What stands in them comes from
//! a service: control characters are made harmless. It must not know what the
//! columns mean.

use std::io::{self, Write};

use console::{measure_text_width, truncate_str};

use crate::identity::claims::printable;

const GAP: &str = "  ";
/// So much of the last column stays, however narrow the terminal is.
const LEAST: usize = 12;

/// A table that may be shown piece by piece: later rows keep the columns of
/// those before them where they fit.
pub(crate) struct Table {
    head: Vec<&'static str>,
    widths: Vec<usize>,
    rows: Vec<Vec<String>>,
    /// Columns of the terminal that it is shown on, if it is one.
    room: Option<usize>,
    head_shown: bool,
}

impl Table {
    /// A table for stdout. On a terminal its last column is cut to fit.
    pub(crate) fn new(head: &[&'static str]) -> Self {
        let room = console::Term::stdout().size_checked().map(|(_, columns)| columns.into());
        Self::within(head, room)
    }

    fn within(head: &[&'static str], room: Option<usize>) -> Self {
        let widths = head.iter().map(|name| name.len()).collect();
        Self { head: head.to_vec(), widths, rows: Vec::new(), room, head_shown: false }
    }

    /// A row to be shown; an empty cell is a hyphen.
    pub(crate) fn row<const N: usize>(&mut self, cells: [String; N]) {
        let shown = |cell: String| {
            let cell = printable(&cell);
            if cell.trim().is_empty() { "-".to_owned() } else { cell }
        };
        let cells: Vec<String> = cells.into_iter().map(shown).collect();
        for (width, cell) in self.widths.iter_mut().zip(&cells) {
            *width = (*width).max(measure_text_width(cell));
        }
        self.rows.push(cells);
    }

    /// How many rows wait to be shown.
    pub(crate) fn waiting(&self) -> usize {
        self.rows.len()
    }

    /// Shows what waits, under the head if that was not shown yet.
    pub(crate) fn show(&mut self, out: &mut impl Write) -> io::Result<()> {
        if !self.head_shown {
            self.head_shown = true;
            let head: Vec<String> = self.head.iter().map(|name| (*name).to_owned()).collect();
            writeln!(out, "{}", self.line(&head))?;
        }
        for row in std::mem::take(&mut self.rows) {
            writeln!(out, "{}", self.line(&row))?;
        }
        Ok(())
    }

    fn line(&self, cells: &[String]) -> String {
        let mut line = String::new();
        let last = cells.len().saturating_sub(1);
        for (index, (cell, width)) in cells.iter().zip(&self.widths).enumerate() {
            if index < last {
                let fill = width.saturating_sub(measure_text_width(cell));
                line.push_str(cell);
                line.push_str(&" ".repeat(fill));
                line.push_str(GAP);
                continue;
            }
            let used = measure_text_width(&line);
            match self.room.map(|room| room.saturating_sub(used).max(LEAST)) {
                Some(room) => line.push_str(&truncate_str(cell, room, "…")),
                None => line.push_str(cell),
            }
        }
        line.trim_end().to_owned()
    }
}

/// Names and values, one below the other.
pub(crate) fn pairs(pairs: &[(&str, String)], out: &mut impl Write) -> io::Result<()> {
    let width = pairs.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    for (name, value) in pairs {
        writeln!(out, "{name:<width$}{GAP}{}", printable(value))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(room: Option<usize>, rows: &[[&str; 2]]) -> String {
        let mut table = Table::within(&["ID", "NAME"], room);
        for [id, name] in rows {
            table.row([(*id).to_owned(), (*name).to_owned()]);
        }
        let mut out = Vec::new();
        table.show(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn columns_are_aligned_by_what_is_seen() {
        let text = shown(None, &[["a", "x"], ["ärzte", ""], ["日本", "y\u{1b}[31m"]]);
        assert_eq!(text, "ID     NAME\na      x\närzte  -\n日本   y [31m\n");
    }

    #[test]
    fn what_is_not_to_be_seen_takes_room_all_the_same() {
        let text = shown(None, &[["a\u{200b}b", "c\u{feff}d\u{e0041}e\u{9b}f\u{202e}g"]]);
        assert_eq!(text, "ID   NAME\na b  c d e f g\n");
    }

    #[test]
    fn a_terminal_cuts_the_last_column_only() {
        let text = shown(Some(20), &[["abcdefgh", "0123456789abcdef"]]);
        assert_eq!(text, "ID        NAME\nabcdefgh  0123456789a…\n");
    }

    #[test]
    fn later_rows_keep_the_columns() {
        let mut table = Table::within(&["ID", "NAME"], None);
        let mut out = Vec::new();
        for id in ["long-one", "x"] {
            table.row([id.to_owned(), "n".to_owned()]);
            table.show(&mut out).unwrap();
        }
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text, "ID        NAME\nlong-one  n\nx         n\n");
    }
}
