//! How a row is understood, without an answer: what was read of each field, and what it becomes.

use super::RowModel;
use crate::data::cell::Cell;
use crate::data::feature::{EncodeError, OutputKind};

use super::super::{PredictError, Row};

/// How a row is understood.
#[derive(Debug)]
pub struct Understood<'r> {
    /// Each of the version's inputs, in order.
    pub fields: Vec<UnderstoodField<'r>>,
    /// What was sent, and the version does not take.
    pub unknown: Vec<UnknownField>,
    /// The model's columns that are made of several inputs, by position, with their numbers; NaN is missing.
    pub joint: Vec<(usize, f32)>,
    /// What is wrong with the row as a whole.
    pub fault: Option<PredictError>,
}

/// How one input is understood.
#[derive(Debug)]
pub struct UnderstoodField<'r> {
    /// What was read for it.
    pub given: Given<'r>,
    /// Of a category with a value, the level that it counts as.
    pub level: Option<Level>,
    /// The model's columns that are made of it alone, by position, with their numbers; NaN is missing. None
    /// where it is wrong.
    pub encoded: Vec<(usize, f32)>,
    /// What is wrong with it.
    pub fault: Option<PredictError>,
}

/// What was read for an input.
#[derive(Debug, Clone, PartialEq)]
pub enum Given<'r> {
    /// Nothing was sent.
    Absent,
    /// A value, which may be missing.
    Cell(Cell<'r>),
}

/// The level that a category's value counts as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Level {
    /// Whether the dataset had it.
    pub known: bool,
    /// What it is joined into with other levels, such as `(other)`.
    pub joined: Option<String>,
}

/// Something that was sent, and that the version does not take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownField {
    /// Its name.
    pub name: String,
    /// Why the training left out the column of that name, if there was one.
    pub dropped: Option<String>,
}

impl Understood<'_> {
    /// Whether the row would be answered.
    pub fn is_right(&self) -> bool {
        self.fault.is_none()
            && self.unknown.is_empty()
            && self.fields.iter().all(|field| field.fault.is_none())
    }
}

impl RowModel {
    /// How `row` is understood: all that is wrong with it, and what is right. Nothing is predicted or counted.
    pub fn understand<'r>(&self, row: &Row<'r>) -> Understood<'r> {
        let mut understood = self.placed(row);
        let mut cells: Vec<Cell<'_>> = Vec::with_capacity(understood.fields.len());
        for (position, field) in understood.fields.iter_mut().enumerate() {
            match &field.given {
                Given::Cell(cell) => cells.push(cell.clone()),
                Given::Absent => {
                    field.fault.get_or_insert_with(|| self.not_sent(position));
                    cells.push(self.usual(position));
                }
            }
        }
        let mut encoded = vec![0.0; self.features.width()];
        let mut is_replaced = vec![false; cells.len()];
        // A wrong value hides those behind it, so a usual one takes its place; each is replaced once.
        for _ in 0..=cells.len() {
            match self.features.encode_row(&cells, &mut encoded) {
                Ok(()) => {
                    self.distribute(&mut understood, &encoded);
                    return understood;
                }
                Err(error) => match self.position_of(&error) {
                    Some(position) if !is_replaced[position] => {
                        understood.fields[position].fault.get_or_insert(error.into());
                        cells[position] = self.usual(position);
                        is_replaced[position] = true;
                    }
                    _ => {
                        understood.fault.get_or_insert(error.into());
                        return understood;
                    }
                },
            }
        }
        understood
    }

    /// What was sent for each input, and what for none.
    fn placed<'r>(&self, row: &Row<'r>) -> Understood<'r> {
        let absent = || UnderstoodField {
            given: Given::Absent,
            level: None,
            encoded: Vec::new(),
            fault: None,
        };
        let mut understood = Understood {
            fields: self.inputs().iter().map(|_| absent()).collect(),
            unknown: Vec::new(),
            joint: Vec::new(),
            fault: None,
        };
        match row {
            Row::Listed(cells) => {
                if cells.len() != self.inputs().len() {
                    understood.fault = Some(PredictError::Length {
                        expected: self.inputs().len(),
                        got: cells.len(),
                        order: self.names(),
                    });
                }
                for (field, cell) in understood.fields.iter_mut().zip(cells) {
                    field.given = Given::Cell(cell.clone());
                }
            }
            Row::Named(fields) => {
                for (name, cell) in fields {
                    let Some(&position) = self.positions.get(name.as_ref()) else {
                        understood.unknown.push(self.unknown(name));
                        continue;
                    };
                    let field = &mut understood.fields[position];
                    if field.given != Given::Absent {
                        let field_name = name.chars().take(100).collect();
                        field.fault = Some(PredictError::DuplicateField { field: field_name });
                    }
                    field.given = Given::Cell(cell.clone());
                }
            }
        }
        understood
    }

    fn unknown(&self, name: &str) -> UnknownField {
        let dropped = self
            .features
            .dropped()
            .iter()
            .find(|dropped| dropped.name == name);
        UnknownField {
            name: name.chars().take(100).collect(),
            dropped: dropped.map(|dropped| dropped.reason.clone()),
        }
    }

    fn not_sent(&self, position: usize) -> PredictError {
        let input = &self.inputs()[position];
        PredictError::MissingField {
            field: input.name.clone(),
            expected: input.kind,
            nullable: input.nullable,
        }
    }

    /// A usual value of an input, which stands where there is none that could be encoded.
    fn usual(&self, position: usize) -> Cell<'static> {
        use crate::data::feature::Value;
        match self.inputs()[position].example.clone() {
            None => Cell::Missing,
            Some(Value::Boolean(boolean)) => Cell::Boolean(boolean),
            Some(Value::Integer(integer)) => Cell::Integer(integer),
            Some(Value::Number(number)) => Cell::Number(number),
            Some(Value::Text(text)) => Cell::Text(text.into()),
        }
    }

    fn position_of(&self, error: &EncodeError) -> Option<usize> {
        self.positions.get(error.field()?).copied()
    }

    /// Gives each field the numbers that it became; those of wrong fields are of their stand-ins, and left out.
    fn distribute(&self, understood: &mut Understood<'_>, encoded: &[f32]) {
        let is_whole = understood.fields.iter().all(|field| field.fault.is_none());
        for (column, (origin, &number)) in self.features.origins().into_iter().zip(encoded).enumerate() {
            match origin {
                Some(input) => {
                    let field = &mut understood.fields[input];
                    if field.fault.is_none() {
                        field.encoded.push((column, number));
                    }
                }
                None if is_whole => understood.joint.push((column, number)),
                None => {}
            }
        }
        for (position, field) in understood.fields.iter_mut().enumerate() {
            if field.fault.is_none() {
                field.level = self.level(position, field);
            }
        }
    }

    /// The level that the category at `position` counts as.
    fn level(&self, position: usize, field: &UnderstoodField<'_>) -> Option<Level> {
        let input = &self.inputs()[position];
        let (Some(levels), Given::Cell(Cell::Text(text))) = (&input.levels, &field.given) else {
            return None;
        };
        let known = levels.iter().any(|level| level == text);
        let slot = field.encoded.iter().find_map(|&(column, number)| {
            let output = &self.features.outputs()[column];
            match &output.kind {
                // A code: the position in the names.
                OutputKind::Categorical { levels } if number >= 0.0 => levels.get(number as usize).cloned(),
                OutputKind::Categorical { .. } => None,
                // One of several columns, which are called after their level.
                OutputKind::Numeric if number == 1.0 => {
                    let level = output.name.strip_prefix(input.name.as_str())?.strip_prefix('=')?;
                    Some(level.to_owned())
                }
                OutputKind::Numeric => None,
            }
        });
        Some(Level {
            known,
            joined: slot.filter(|slot| slot.as_str() != text.as_ref()),
        })
    }

    /// What the model's column at `position` is called.
    pub fn column_name(&self, position: usize) -> &str {
        &self.features.outputs()[position].name
    }
}
