//! The target while its rows come in, batch by batch.

use super::{TargetError, column, spelled};
use crate::data::schema::Schema;
use crate::data::table::Table;

/// Looks at a target while its rows come in, so that a table that cannot be learnt from is refused
/// before it is stored.
#[derive(Debug)]
pub struct TargetWatch {
    target: String,
    column: usize,
    first: Option<String>,
    differs: bool,
    rows: usize,
}

impl TargetWatch {
    /// Watches the column called `target`.
    ///
    /// # Errors
    /// It is not there, or cannot be predicted.
    pub fn new(schema: &Schema, target: &str) -> Result<Self, TargetError> {
        let column = column(schema, target)?;
        Ok(Self {
            target: target.to_owned(),
            column,
            first: None,
            differs: false,
            rows: 0,
        })
    }

    /// Looks at the next rows.
    ///
    /// # Errors
    /// The target is missing in one of them.
    pub fn see(&mut self, batch: &Table) -> Result<(), TargetError> {
        for row in 0..batch.rows() {
            let cell = batch.cell(row, self.column);
            if cell.is_missing() {
                return Err(TargetError::Missing {
                    target: self.target.clone(),
                    row: self.rows + row + 1,
                });
            }
            if !self.differs {
                let text = spelled(&cell);
                match &self.first {
                    None => self.first = Some(text),
                    Some(first) => self.differs = *first != text,
                }
            }
        }
        self.rows += batch.rows();
        Ok(())
    }

    /// That there was something to learn.
    ///
    /// # Errors
    /// The target was the same in every row.
    pub fn finish(self) -> Result<(), TargetError> {
        match self.first {
            Some(value) if !self.differs => Err(TargetError::OneClass {
                target: self.target,
                value,
            }),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::table;
    use super::*;

    #[test]
    fn a_watch_refuses_what_reading_would_refuse() {
        let watch = |csv: &str| {
            let table = table(csv);
            let mut watch = TargetWatch::new(table.schema(), "y")?;
            watch.see(&table)?;
            watch.finish()
        };
        assert!(matches!(
            watch("x,y\n1,a\n2,a\n"),
            Err(TargetError::OneClass { .. })
        ));
        assert!(matches!(
            watch("x,y\n1,a\n2,\n"),
            Err(TargetError::Missing { .. })
        ));
        assert!(matches!(
            watch("x,z\n1,a\n2,b\n"),
            Err(TargetError::NotThere { .. })
        ));
        assert_eq!(watch("x,y\n1,a\n2,b\n"), Ok(()));
    }
}
