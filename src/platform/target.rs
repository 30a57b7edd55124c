//! The target: the column that is predicted, as the engine wants it.

mod error;
mod watch;

use crate::data::cell::Cell;
use crate::data::schema::{ColumnType, Schema};
use crate::data::table::Table;
use crate::engine::task::Task;

pub use error::TargetError;
pub use watch::TargetWatch;

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
    /// Reads the column called `target` of `table`; `positive` is the class whose probability a binary
    /// model gives.
    ///
    /// # Errors
    /// It is not there, cannot be predicted, is missing in a row, or is the same in every row.
    pub fn read(table: &Table, target: &str, positive: Option<&str>) -> Result<Self, TargetError> {
        let column = column(table.schema(), target)?;
        let kind = table.schema().fields()[column].kind;
        let cells = || (0..table.rows()).map(|row| table.cell(row, column));
        if let Some(row) = cells().position(|cell| cell.is_missing()) {
            let target = target.to_owned();
            return Err(if cells().all(|cell| cell.is_missing()) {
                TargetError::MissingEverywhere(target)
            } else {
                TargetError::Missing {
                    target,
                    row: row + 1,
                    line: None,
                }
            });
        }
        let classes = classes_of(kind, cells());
        let name = || target.to_owned();
        match classes {
            Some(classes) => {
                if let [value] = classes.as_slice() {
                    return Err(TargetError::OneClass {
                        target: name(),
                        value: value.clone(),
                    });
                }
                let (task, classes) = classification(&name, classes, positive)?;
                let index = |cell: Cell<'_>| {
                    let text = spelled(&cell);
                    classes.iter().position(|class| *class == text).unwrap_or(0) as f32
                };
                Ok(Self {
                    task,
                    values: cells().map(index).collect(),
                })
            }
            None => {
                let task = regression(&name, positive)?;
                let values: Vec<f32> = cells().map(|cell| number(&cell)).collect();
                match values.first() {
                    Some(first) if values.iter().all(|value| value == first) => Err(TargetError::OneClass {
                        target: name(),
                        value: first.to_string(),
                    }),
                    _ => Ok(Self { task, values }),
                }
            }
        }
    }

    /// What rows are kept in proportion when they are split: the class, or nothing.
    pub fn strata(&self) -> Vec<u32> {
        match self.task {
            Task::Regression => vec![0; self.values.len()],
            Task::Binary { .. } | Task::Multiclass { .. } => {
                self.values.iter().map(|class| *class as u32).collect()
            }
        }
    }
}

/// What is predicted, as far as the schema tells it; none where the values decide: whole numbers are
/// classes only when there are two of them, and what is missing is no class and no number.
///
/// # Errors
/// The target is not there or cannot be predicted, or the positive class is none of its classes.
pub fn known_task(
    schema: &Schema,
    target: &str,
    positive: Option<&str>,
) -> Result<Option<Task>, TargetError> {
    let field = &schema.fields()[column(schema, target)?];
    if field.missing {
        return Ok(None);
    }
    let name = || target.to_owned();
    let classes = match (field.kind, &field.levels) {
        (ColumnType::Number, _) => return regression(&name, positive).map(Some),
        (ColumnType::Boolean, _) => ["false", "true"].map(str::to_owned).to_vec(),
        (ColumnType::Category, Some(levels)) if levels.len() >= BINARY => {
            let mut classes = levels.clone();
            classes.sort_unstable();
            classes
        }
        _ => return Ok(None),
    };
    classification(&name, classes, positive).map(|(task, _)| Some(task))
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

/// The classes in their order, or none when it is a number that is predicted.
fn classes_of<'a>(kind: ColumnType, cells: impl Iterator<Item = Cell<'a>>) -> Option<Vec<String>> {
    let mut classes = std::collections::BTreeSet::new();
    for cell in cells {
        classes.insert(spelled(&cell));
        if kind == ColumnType::Integer && classes.len() > BINARY {
            return None;
        }
    }
    (kind != ColumnType::Number).then(|| classes.into_iter().collect())
}

fn regression(target: &dyn Fn() -> String, positive: Option<&str>) -> Result<Task, TargetError> {
    match positive {
        Some(_) => Err(TargetError::NotBinary {
            target: target(),
            classes: "numbers".to_owned(),
        }),
        None => Ok(Task::Regression),
    }
}

fn classification(
    target: &dyn Fn() -> String,
    mut classes: Vec<String>,
    positive: Option<&str>,
) -> Result<(Task, Vec<String>), TargetError> {
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

fn number(cell: &Cell<'_>) -> f32 {
    match cell {
        Cell::Number(number) => *number as f32,
        Cell::Integer(integer) => *integer as f32,
        _ => f32::NAN,
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

    fn read(csv: &str, positive: Option<&str>) -> Result<Target, TargetError> {
        Target::read(&table(csv), "y", positive)
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
        for positive in [None, Some("yes")] {
            assert_eq!(
                read("x,y\n1,\n2,\n", positive).unwrap_err(),
                TargetError::MissingEverywhere("y".into())
            );
            assert_eq!(known_task(table("x,y\n1,\n").schema(), "y", positive), Ok(None));
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
