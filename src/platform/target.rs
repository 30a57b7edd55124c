//! The target: the column that is predicted, as the engine wants it.

mod error;
mod watch;

use crate::data::cell::Cell;
use crate::data::schema::{ColumnType, Schema};
use crate::data::table::{Column, Table};
use crate::engine::task::{Quantile, Task};

pub use error::TargetError;
pub use watch::TargetWatch;

/// What of a column is to be predicted.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Aim {
    /// Of two classes, the one whose probability a model gives.
    pub positive: Option<String>,
    /// Of numbers, the quantile; their mean where it is none.
    pub quantile: Option<Quantile>,
}

/// The column that is predicted.
#[derive(Debug, Clone)]
pub struct Target {
    /// What is predicted.
    pub task: Task,
    /// One value a row: the class' index, or the number.
    pub values: Vec<f32>,
}

/// Whole numbers of more distinct values than this are predicted as numbers, of fewer as classes only
/// when there are two: 0 and 1.
const BINARY: usize = 2;

impl Target {
    /// Reads the column called `target` of `table`.
    ///
    /// # Errors
    /// It is not there, cannot be predicted, is missing in a row, or is the same in every row.
    pub fn read(table: &Table, target: &str, aim: &Aim) -> Result<Self, TargetError> {
        let mut watch = TargetWatch::new(table.schema(), target, aim)?;
        watch.see(table)?;
        let mut read = Self::new(watch.finish()?.task, table.rows());
        read.extend(table, target)?;
        Ok(read)
    }

    /// The target of no row yet, with room for `rows`; what is predicted, a [`TargetWatch`] has found out.
    pub fn new(task: Task, rows: usize) -> Self {
        Self {
            task,
            values: Vec::with_capacity(rows),
        }
    }

    /// Takes in the next rows. They are rows that were watched: what is missing or no class counts as NaN.
    ///
    /// # Errors
    /// The column is not there, or cannot be predicted.
    pub fn extend(&mut self, batch: &Table, target: &str) -> Result<(), TargetError> {
        let index = column(batch.schema(), target)?;
        let class = |text: &str| {
            let classes = self.task.classes();
            classes
                .iter()
                .position(|class| class == text)
                .map_or(f32::NAN, |at| at as f32)
        };
        match &batch.columns()[index] {
            // Each level is looked up once, and not each row's.
            Column::Category(codes) => {
                let of_level: Vec<f32> = batch.levels(index).iter().map(|level| class(level)).collect();
                let of = |code: &u32| of_level.get(*code as usize).copied().unwrap_or(f32::NAN);
                self.values.extend(codes.iter().map(of));
            }
            Column::Boolean(values) => {
                let of_value = [class("false"), class("true")];
                let of = |value: &Option<bool>| value.map_or(f32::NAN, |value| of_value[usize::from(value)]);
                self.values.extend(values.iter().map(of));
            }
            Column::Integer(values) if !self.task.is_number() => {
                let classes = self.task.classes().iter().map(|class| class.parse::<i64>().ok());
                let classes: Vec<Option<i64>> = classes.collect();
                let of = |value: &Option<i64>| {
                    let at = classes.iter().position(|class| class == value);
                    at.filter(|_| value.is_some()).map_or(f32::NAN, |at| at as f32)
                };
                self.values.extend(values.iter().map(of));
            }
            Column::Integer(values) => {
                let of = |value: &Option<i64>| value.map_or(f32::NAN, |value| value as f32);
                self.values.extend(values.iter().map(of));
            }
            Column::Number(values) => self.values.extend(values.iter().map(|value| *value as f32)),
            Column::Text(_) | Column::Timestamp(_) => {}
        }
        Ok(())
    }

    /// What rows are kept in proportion when they are split: the class, or nothing.
    pub fn strata(&self) -> Vec<u32> {
        self.strata_of(0..self.values.len())
    }

    /// As [`Target::strata`], of these rows alone, in their order.
    pub fn strata_of(&self, rows: impl Iterator<Item = usize>) -> Vec<u32> {
        match self.task {
            Task::Regression | Task::Quantile { .. } => rows.map(|_| 0).collect(),
            Task::Binary { .. } | Task::Multiclass { .. } => {
                rows.map(|row| self.values[row] as u32).collect()
            }
        }
    }
}

/// What is predicted, as far as the schema tells it; none where the values decide: whole numbers are
/// classes only when there are two of them, and what is missing is no class and no number.
///
/// # Errors
/// The target is not there or cannot be predicted, or the positive class is none of its classes.
pub fn known_task(schema: &Schema, target: &str, aim: &Aim) -> Result<Option<Task>, TargetError> {
    let field = &schema.fields()[column(schema, target)?];
    if field.missing {
        return Ok(None);
    }
    let name = || target.to_owned();
    let classes = match (field.kind, &field.levels) {
        (ColumnType::Number, _) => return number(&name, aim).map(Some),
        (ColumnType::Boolean, _) => ["false", "true"].map(str::to_owned).to_vec(),
        (ColumnType::Category, Some(levels)) if levels.len() >= BINARY => {
            let mut classes = levels.clone();
            classes.sort_unstable();
            classes
        }
        _ => return Ok(None),
    };
    classification(&name, classes, aim).map(|(task, _)| Some(task))
}

fn column(schema: &Schema, target: &str) -> Result<usize, TargetError> {
    let column = schema.index_of(target).ok_or_else(|| TargetError::NotThere {
        target: target.to_owned(),
        columns: schema
            .fields()
            .iter()
            .map(|field| field.name.clone())
            .take(50)
            .collect(),
    })?;
    match schema.fields()[column].kind {
        kind @ (ColumnType::Text | ColumnType::Timestamp) => Err(TargetError::Type {
            target: target.to_owned(),
            kind,
        }),
        _ => Ok(column),
    }
}

fn number(target: &dyn Fn() -> String, aim: &Aim) -> Result<Task, TargetError> {
    match (&aim.positive, aim.quantile) {
        (Some(_), _) => Err(TargetError::NotBinary {
            target: target(),
            classes: "numbers".to_owned(),
        }),
        (None, Some(quantile)) => Ok(Task::Quantile { quantile }),
        (None, None) => Ok(Task::Regression),
    }
}

fn classification(
    target: &dyn Fn() -> String,
    mut classes: Vec<String>,
    aim: &Aim,
) -> Result<(Task, Vec<String>), TargetError> {
    if aim.quantile.is_some() {
        return Err(TargetError::NotNumbers {
            target: target(),
            classes: classes.len(),
        });
    }
    let positive = aim.positive.as_deref();
    if let [first, second] = classes.as_slice() {
        let positive = match positive {
            Some(positive) if positive != first && positive != second => {
                return Err(TargetError::NoSuchClass {
                    target: target(),
                    positive: positive.to_owned(),
                    classes,
                });
            }
            Some(positive) => positive,
            // Of yes and no, or 1 and 0, everyone means the same one.
            None => [first, second]
                .into_iter()
                .find(|class| matches!(class.to_lowercase().as_str(), "1" | "true" | "yes" | "y"))
                .unwrap_or(second),
        };
        if positive == first {
            classes.reverse();
        }
        let task = Task::Binary {
            classes: [classes[0].clone(), classes[1].clone()],
        };
        return Ok((task, classes));
    }
    match positive {
        Some(_) => Err(TargetError::NotBinary {
            target: target(),
            classes: format!("{} classes", classes.len()),
        }),
        None => Ok((
            Task::Multiclass {
                classes: classes.clone(),
            },
            classes,
        )),
    }
}

fn spelled(cell: &Cell<'_>) -> String {
    match cell {
        Cell::Text(text) => text.clone().into_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::source::{CsvBatches, CsvOptions, scan};
    use std::sync::Arc;

    pub(super) fn table(csv: &str) -> Table {
        let options = CsvOptions::default();
        let schema = Arc::new(scan("t.csv", csv.as_bytes(), &options).unwrap().schema);
        CsvBatches::new("t.csv", csv.as_bytes(), &options, schema, 100)
            .unwrap()
            .next()
            .unwrap()
            .unwrap()
    }

    pub(super) fn positive(class: Option<&str>) -> Aim {
        Aim {
            positive: class.map(str::to_owned),
            quantile: None,
        }
    }

    fn read(csv: &str, class: Option<&str>) -> Result<Target, TargetError> {
        Target::read(&table(csv), "y", &positive(class))
    }

    #[test]
    fn two_values_are_classes_and_the_positive_one_is_last() {
        let target = read("x,y\n1,no\n2,yes\n3,no\n", None).unwrap();
        assert_eq!(
            target.task,
            Task::Binary {
                classes: ["no".into(), "yes".into()]
            }
        );
        assert_eq!(target.values, [0.0, 1.0, 0.0]);
        let target = read("x,y\n1,good\n2,bad\n", Some("bad")).unwrap();
        assert_eq!(target.values, [0.0, 1.0]);
        let target = read("x,y\n1,0\n2,1\n", None).unwrap();
        assert_eq!(
            target.task,
            Task::Binary {
                classes: ["0".into(), "1".into()]
            }
        );
    }

    #[test]
    fn more_values_are_classes_or_numbers_by_their_type() {
        let target = read("x,y\n1,a\n2,b\n3,c\n", None).unwrap();
        assert_eq!(target.task.name(), "multiclass");
        assert_eq!(target.values, [0.0, 1.0, 2.0]);
        let target = read("x,y\n1,10\n2,20\n3,30\n", None).unwrap();
        assert_eq!(
            (target.task, target.values),
            (Task::Regression, vec![10.0, 20.0, 30.0])
        );
    }

    #[test]
    fn a_quantile_is_one_of_numbers() {
        let quantile = Quantile::new(0.9).unwrap();
        let aim = Aim {
            positive: None,
            quantile: Some(quantile),
        };
        for csv in ["x,y\n1,10\n2,20\n3,30\n", "x,y\n1,0.5\n2,1.5\n"] {
            let target = Target::read(&table(csv), "y", &aim).unwrap();
            assert_eq!(target.task, Task::Quantile { quantile });
            assert!(target.strata().iter().all(|stratum| *stratum == 0));
        }
        for (csv, classes) in [("x,y\n1,0\n2,1\n", 2), ("x,y\n1,a\n2,b\n3,c\n", 3)] {
            assert_eq!(
                Target::read(&table(csv), "y", &aim).unwrap_err(),
                TargetError::NotNumbers {
                    target: "y".into(),
                    classes
                }
            );
        }
    }

    #[test]
    fn what_cannot_be_learnt_is_refused_with_the_reason() {
        assert!(matches!(
            read("x,y\n1,a\n2,a\n", None),
            Err(TargetError::OneClass { .. })
        ));
        assert!(matches!(
            read("x,y\n1,0.5\n2,0.5\n", None),
            Err(TargetError::OneClass { .. })
        ));
        assert_eq!(
            read("x,y\n1,a\n2,\n3,b\n", None).unwrap_err(),
            TargetError::Missing {
                target: "y".into(),
                row: 2,
                line: None,
            }
        );
        for class in [None, Some("yes")] {
            assert_eq!(
                read("x,y\n1,\n2,\n", class).unwrap_err(),
                TargetError::MissingEverywhere("y".into())
            );
            let known = known_task(table("x,y\n1,\n").schema(), "y", &positive(class));
            assert_eq!(known, Ok(None));
        }
        assert!(matches!(
            read("x,z\n1,a\n", None),
            Err(TargetError::NotThere { .. })
        ));
        assert!(matches!(
            read("x,y\n1,a\n2,b\n", Some("c")),
            Err(TargetError::NoSuchClass { .. })
        ));
        assert!(matches!(
            read("x,y\n1,0.1\n2,0.2\n", Some("1")),
            Err(TargetError::NotBinary { .. })
        ));
        assert!(matches!(
            read("x,y\n1,2020-01-01\n2,2020-01-02\n", None),
            Err(TargetError::Type { .. })
        ));
    }
}
