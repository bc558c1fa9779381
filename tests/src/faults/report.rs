//! The matrix as a table: how often each operation was tried under each fault.

use std::fmt;

use super::cell::Cell;
use super::fault::Fault;

/// What was played: a row per operation, a cell per fault.
#[derive(Debug, Clone)]
pub struct Matrix {
    rows: Vec<Vec<Cell>>,
}

impl Matrix {
    pub(super) fn new(rows: Vec<Vec<Cell>>) -> Self {
        Self { rows }
    }

    /// All cells, row by row.
    pub fn cells(&self) -> impl Iterator<Item = &Cell> {
        self.rows.iter().flatten()
    }

    /// The cells in which something was not as it should be.
    pub fn failed(&self) -> impl Iterator<Item = &Cell> {
        self.cells().filter(|cell| !cell.holds())
    }

    /// How many operations were called. A `PATCH` with and without a condition
    /// is one.
    #[must_use]
    pub fn operations(&self) -> usize {
        let mut names: Vec<_> = self.cells().map(|cell| (cell.api, &cell.operation)).collect();
        names.dedup();
        names.len()
    }

    /// One operation at length: what came of every fault.
    pub fn details(&self) -> impl fmt::Display {
        Details(&self.rows)
    }

    /// One line per difference.
    pub fn differences(&self) -> impl fmt::Display {
        Differences(self)
    }
}

/// The rows under the numbers of the faults, and what the numbers mean.
impl fmt::Display for Matrix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Attempts per call, by operation and fault; `!` where something differs.\n")?;
        for (fault, number) in Fault::all().into_iter().zip(1..) {
            let cells = || self.rows.iter().filter_map(|row| row.get(number - 1));
            let held = cells().filter(|cell| cell.holds()).count();
            writeln!(f, "{number:>4}  {:<38} {held:>4} of {} hold", fault.name(), cells().count())?;
        }
        let mut api = "";
        for row in &self.rows {
            let Some(first) = row.first() else { continue };
            if first.api != api {
                api = first.api;
                write!(f, "\n{api:<44}")?;
                (1..=row.len()).try_for_each(|number| write!(f, "{number:>3}"))?;
                writeln!(f)?;
            }
            write!(f, "  {:<42}", title(first))?;
            row.iter().try_for_each(|cell| match cell.holds() {
                true => write!(f, "{:>3}", cell.attempts),
                false => write!(f, " {:>1}!", cell.attempts),
            })?;
            writeln!(f)?;
        }
        let (operations, cells) = (self.operations(), self.cells().count());
        let failed = self.failed().count();
        writeln!(f, "\n{operations} operations, {cells} cells, {failed} of them with differences")?;
        write!(f, "{}", self.differences())
    }
}

fn title(cell: &Cell) -> String {
    let condition = if cell.conditional { " (If-Match)" } else { "" };
    format!("{}{condition}", cell.operation)
}

struct Details<'a>(&'a [Vec<Cell>]);

impl fmt::Display for Details<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for row in self.0 {
            let Some(first) = row.first() else { continue };
            writeln!(f, "{}, {}", first.api, title(first))?;
            writeln!(f, "  {:<36} tried  sent  seconds  outcome", "fault")?;
            for cell in row {
                let Cell { fault, attempts, requests, seconds, outcome, .. } = cell;
                write!(f, "  {fault:<36} {attempts:>5} {requests:>5} {seconds:>8.2}  {outcome}")?;
                writeln!(f, "{}", if cell.holds() { "" } else { "  !" })?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

struct Differences<'a>(&'a Matrix);

impl fmt::Display for Differences<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for cell in self.0.failed() {
            let differences = cell.differences.join("; ");
            writeln!(f, "{}, {}, {}: {differences}", cell.api, title(cell), cell.fault)?;
        }
        Ok(())
    }
}
