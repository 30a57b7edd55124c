//! The target while its rows come in, batch by batch.

use std::collections::BTreeMap;

use super::{Aim, BINARY, TargetError, classification, column, number, spelled};
use crate::data::cell::Cell;
use crate::data::schema::{ColumnType, Schema};
use crate::data::table::Table;
use crate::engine::task::Task;

/// Looks at a target while its rows come in, so that a table that cannot be learnt from is refused
/// before it is stored.
#[derive(Debug)]
pub struct TargetWatch {
    target: String,
    aim: Aim,
    kind: ColumnType,
    /// The rows of each class so far; of numbers, as many as it takes to know that they are no classes.
    seen: BTreeMap<String, usize>,
    rows: usize,
    /// The first row, from 1, in which it is missing, while no row has had it.
    missing: Option<usize>,
}

/// What a target is, by all of its rows.
#[derive(Debug, PartialEq)]
pub struct Watched {
    /// What is predicted.
    pub task: Task,
    /// How many rows there are.
    pub rows: usize,
    /// How many of each class, in the order of the task's classes; none of a number.
    pub class_rows: Vec<usize>,
}

impl TargetWatch {
    /// Watches the column called `target`.
    ///
    /// # Errors
    /// It is not there, or cannot be predicted.
    pub fn new(schema: &Schema, target: &str, aim: &Aim) -> Result<Self, TargetError> {
        let column = column(schema, target)?;
        Ok(Self {
            target: target.to_owned(),
            aim: aim.clone(),
            kind: schema.fields()[column].kind,
            seen: BTreeMap::new(),
            rows: 0,
            missing: None,
        })
    }

    /// Looks at the next rows.
    ///
    /// # Errors
    /// The target is missing in one of them, or not there.
    pub fn see(&mut self, batch: &Table) -> Result<(), TargetError> {
        // By name: a batch may hold fewer columns than the table.
        let column = column(batch.schema(), &self.target)?;
        for row in 0..batch.rows() {
            let cell = batch.cell(row, column);
            if cell.is_missing() {
                self.missing.get_or_insert(self.rows + row + 1);
                if self.seen.is_empty() {
                    // It may be missing everywhere, which is told otherwise.
                    continue;
                }
            }
            if let Some(row) = self.missing {
                return Err(TargetError::Missing {
                    target: self.target.clone(),
                    row,
                    line: None,
                });
            }
            let known = match &cell {
                Cell::Text(text) => self.seen.get_mut(&**text),
                _ if self.seen.len() > BINARY => continue,
                _ => None,
            };
            match known {
                Some(rows) => *rows += 1,
                None => *self.seen.entry(spelled(&cell)).or_default() += 1,
            }
        }
        self.rows += batch.rows();
        Ok(())
    }

    /// What is predicted, by all the rows that were seen.
    ///
    /// # Errors
    /// The target was missing or the same in every row, or the positive class is none of its classes.
    pub fn finish(self) -> Result<Watched, TargetError> {
        if self.missing.is_some() {
            return Err(TargetError::MissingEverywhere(self.target));
        }
        if let (1, Some((value, _))) = (self.seen.len(), self.seen.first_key_value()) {
            return Err(TargetError::OneClass {
                target: self.target,
                value: value.clone(),
            });
        }
        let is_number = match self.kind {
            ColumnType::Number => true,
            ColumnType::Integer => self.seen.len() > BINARY,
            _ => false,
        };
        let name = || self.target.clone();
        let task = if is_number {
            number(&name, &self.aim)?
        } else {
            let classes = self.seen.keys().cloned().collect();
            classification(&name, classes, &self.aim)?.0
        };
        let rows_of = |class: &String| self.seen.get(class).copied().unwrap_or(0);
        Ok(Watched {
            class_rows: task.classes().iter().map(rows_of).collect(),
            rows: self.rows,
            task,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{positive, table};
    use super::super::{Target, known_task};
    use super::*;

    #[test]
    fn a_watch_refuses_what_reading_would_refuse() {
        let watch = |csv: &str, class: Option<&str>| {
            let table = table(csv);
            let mut watch = TargetWatch::new(table.schema(), "y", &positive(class))?;
            watch.see(&table)?;
            watch.finish()
        };
        assert!(matches!(
            watch("x,y\n1,a\n2,a\n", None),
            Err(TargetError::OneClass { .. })
        ));
        assert!(matches!(
            watch("x,y\n1,0.5\n2,0.5\n", None),
            Err(TargetError::OneClass { .. })
        ));
        assert!(matches!(
            watch("x,y\n1,a\n2,\n", None),
            Err(TargetError::Missing { row: 2, .. })
        ));
        assert!(matches!(
            watch("x,y\n1,\n2,\n3,a\n", None),
            Err(TargetError::Missing { row: 1, .. })
        ));
        assert!(matches!(
            watch("x,y\n1,\n2,\n", Some("yes")),
            Err(TargetError::MissingEverywhere(_))
        ));
        assert!(matches!(
            watch("x,z\n1,a\n2,b\n", None),
            Err(TargetError::NotThere { .. })
        ));
        assert!(matches!(
            watch("x,y\n1,a\n2,b\n", Some("c")),
            Err(TargetError::NoSuchClass { .. })
        ));
        assert!(matches!(
            watch("x,y\n1,1\n2,2\n3,3\n", Some("1")),
            Err(TargetError::NotBinary { .. })
        ));
    }

    #[test]
    fn a_watch_finds_the_task_that_reading_finds() {
        for csv in [
            "x,y\n1,a\n2,b\n",
            "x,y\n1,no\n2,yes\n3,no\n",
            "x,y\n1,0\n2,1\n3,1\n",
            "x,y\n1,true\n2,false\n",
            "x,y\n1,a\n2,b\n3,c\n",
            "x,y\n1,1\n2,2\n3,3\n4,3\n",
            "x,y\n1,0.5\n2,1.5\n",
        ] {
            let table = table(csv);
            let mut watch = TargetWatch::new(table.schema(), "y", &Aim::default()).unwrap();
            watch.see(&table).unwrap();
            let task = watch.finish().unwrap().task;
            assert_eq!(
                task,
                Target::read(&table, "y", &Aim::default()).unwrap().task,
                "{csv}"
            );
            let known = known_task(table.schema(), "y", &Aim::default()).unwrap();
            assert!(known.is_none_or(|known| known == task), "{csv}");
        }
    }
}
