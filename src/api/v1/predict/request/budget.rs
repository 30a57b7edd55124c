//! What a request may not have too much of.

use std::cell::Cell as Shared;

use serde::de;

/// The rows that one request may have.
pub(in super::super) const MAX_ROWS: usize = 100_000;

/// The values that one request may have in all its rows: in memory each takes a dozen times its bytes.
pub(in super::super) const MAX_CELLS: usize = 4_000_000;

/// What a request may not have too many of.
#[derive(Debug, Clone, Copy)]
pub(super) enum Bound {
    Rows,
    Cells,
}

/// Counts what is read, and ends the reading where it is too much: a body may be small and its rows large.
///
/// It keeps which bound that was, because the parser's own errors are words alone.
#[derive(Debug, Default)]
pub(super) struct Budget {
    rows: Shared<usize>,
    cells: Shared<usize>,
    pub(super) exceeded: Shared<Option<Bound>>,
}

impl Budget {
    pub(super) fn take_row<E: de::Error>(&self) -> Result<(), E> {
        self.take(&self.rows, MAX_ROWS, Bound::Rows)
    }

    pub(super) fn take_cell<E: de::Error>(&self) -> Result<(), E> {
        self.take(&self.cells, MAX_CELLS, Bound::Cells)
    }

    fn take<E: de::Error>(&self, taken: &Shared<usize>, limit: usize, bound: Bound) -> Result<(), E> {
        if taken.get() == limit {
            self.exceeded.set(Some(bound));
            return Err(E::custom("too much in one request"));
        }
        taken.set(taken.get() + 1);
        Ok(())
    }
}
