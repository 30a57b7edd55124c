//! Names a table by what it says: the same cells give the same id, however they were spelled in a file.

use std::sync::Arc;

use super::schema::Schema;
use super::table::{Column, Table, TableError};
use crate::base::ContentId;

/// What a cell's encoding starts with. The numbers are part of every dataset version's name: they never change.
mod tag {
    pub const MISSING: u8 = 0;
    pub const NUMBER: u8 = 1;
    pub const INTEGER: u8 = 2;
    pub const BOOLEAN: u8 = 3;
    pub const TEXT: u8 = 4;
    pub const TIMESTAMP: u8 = 5;
}

/// Sets these ids apart from every other use of BLAKE3.
const CONTEXT: &str = "usina dataset version 1";

/// Computes a dataset version's id from its cells.
///
/// Each column has a BLAKE3 hasher of its own, fed cell by cell: a tag, then for text its length
/// (u64) and bytes, for all else the value's 8 bytes (one byte for a boolean), little-endian. The id
/// is the BLAKE3 hash, in a derivation context of its own, of the number of columns, the number of
/// rows, and each column's name (with its length), type and digest. So the id knows neither how rows
/// were cut into batches nor a category's order or unused levels, nor a file's bytes. −0 is 0.
#[derive(Debug, Clone)]
pub struct ContentHasher {
    schema: Arc<Schema>,
    columns: Vec<blake3::Hasher>,
    rows: u64,
    buffer: Vec<u8>,
}

impl ContentHasher {
    /// A hasher for tables of this schema.
    pub fn new(schema: Arc<Schema>) -> Self {
        let columns = vec![blake3::Hasher::new(); schema.len()];
        Self {
            schema,
            columns,
            rows: 0,
            buffer: Vec::new(),
        }
    }

    /// Takes in the next rows.
    ///
    /// # Errors
    /// When the table has another schema.
    pub fn update(&mut self, table: &Table) -> Result<(), TableError> {
        if !Arc::ptr_eq(&self.schema, table.schema()) && self.schema != *table.schema() {
            return Err(TableError::DifferentSchemas);
        }
        for (index, column) in table.columns().iter().enumerate() {
            self.buffer.clear();
            encode(column, table.levels(index), &mut self.buffer);
            self.columns[index].update(&self.buffer);
        }
        self.rows += table.rows() as u64;
        Ok(())
    }

    /// How many rows were taken in.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// The id of all rows that were taken in.
    pub fn finish(&self) -> ContentId {
        let mut whole = blake3::Hasher::new_derive_key(CONTEXT);
        whole.update(&(self.columns.len() as u64).to_le_bytes());
        whole.update(&self.rows.to_le_bytes());
        for (field, column) in self.schema.fields().iter().zip(&self.columns) {
            // The type's name, not its position in the enum: a new type must not rename old content.
            for text in [field.name.as_str(), &field.kind.to_string()] {
                whole.update(&(text.len() as u64).to_le_bytes());
                whole.update(text.as_bytes());
            }
            whole.update(column.finalize().as_bytes());
        }
        ContentId::from_bytes(*whole.finalize().as_bytes())
    }
}

fn encode(column: &Column, levels: &[String], out: &mut Vec<u8>) {
    let fixed = |out: &mut Vec<u8>, tag: u8, bytes: [u8; 8]| {
        out.push(tag);
        out.extend_from_slice(&bytes);
    };
    let text = |out: &mut Vec<u8>, text: &str| {
        fixed(out, tag::TEXT, (text.len() as u64).to_le_bytes());
        out.extend_from_slice(text.as_bytes());
    };
    match column {
        Column::Number(values) => values.iter().for_each(|&value| match value {
            missing if missing.is_nan() => out.push(tag::MISSING),
            // Adding 0 turns −0 into 0 and leaves everything else.
            value => fixed(out, tag::NUMBER, (value + 0.0).to_le_bytes()),
        }),
        Column::Integer(values) => values.iter().for_each(|value| match value {
            None => out.push(tag::MISSING),
            Some(value) => fixed(out, tag::INTEGER, value.to_le_bytes()),
        }),
        Column::Boolean(values) => values.iter().for_each(|value| match value {
            None => out.push(tag::MISSING),
            Some(value) => out.extend_from_slice(&[tag::BOOLEAN, u8::from(*value)]),
        }),
        Column::Category(codes) => codes.iter().for_each(|&code| match code {
            Column::NO_LEVEL => out.push(tag::MISSING),
            code => text(out, &levels[code as usize]),
        }),
        Column::Text(values) => values.iter().for_each(|value| match value {
            None => out.push(tag::MISSING),
            Some(value) => text(out, value),
        }),
        Column::Timestamp(values) => values.iter().for_each(|value| match value {
            None => out.push(tag::MISSING),
            Some(value) => fixed(out, tag::TIMESTAMP, value.to_le_bytes()),
        }),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::data::schema::{ColumnType, Field};
    use crate::data::testing::tables;

    fn id(table: &Table) -> ContentId {
        let mut hasher = ContentHasher::new(table.schema().clone());
        hasher.update(table).unwrap();
        hasher.finish()
    }

    fn one(field: Field, column: Column) -> Table {
        Table::new(Arc::new(Schema::new(vec![field]).unwrap()), vec![column]).unwrap()
    }

    proptest! {
        #[test]
        fn an_id_does_not_depend_on_batches(table in tables(), cut in 0_usize..40) {
            let cut = cut.min(table.rows());
            let mut hasher = ContentHasher::new(table.schema().clone());
            hasher.update(&table.take(&(0..cut).collect::<Vec<_>>())).unwrap();
            hasher.update(&table.take(&(cut..table.rows()).collect::<Vec<_>>())).unwrap();
            prop_assert_eq!(hasher.finish(), id(&table));
        }

        #[test]
        fn the_order_of_rows_is_content(table in tables()) {
            let backwards = table.take(&(0..table.rows()).rev().collect::<Vec<_>>());
            let same = (0..table.rows()).all(|row| (0..table.columns().len())
                .all(|column| table.cell(row, column) == backwards.cell(row, column)));
            prop_assert_eq!(same, id(&table) == id(&backwards));
        }
    }

    #[test]
    fn an_id_does_not_know_the_order_or_the_unused_levels_of_a_category() {
        let a = one(Field::category("c", ["x", "y"]), Column::Category(vec![0, 1, 0]));
        let b = one(
            Field::category("c", ["z", "y", "x"]),
            Column::Category(vec![2, 1, 2]),
        );
        let c = one(Field::category("c", ["x", "y"]), Column::Category(vec![1, 0, 1]));
        assert_eq!(id(&a), id(&b));
        assert_ne!(id(&a), id(&c));
    }

    #[test]
    fn names_types_and_cells_are_content_and_the_sign_of_zero_is_not() {
        let number = |name: &str, value| {
            one(
                Field::new(name, ColumnType::Number).with_missing(),
                Column::Number(vec![value]),
            )
        };
        assert_eq!(id(&number("a", 0.0)), id(&number("a", -0.0)));
        assert_eq!(id(&number("a", f64::NAN)), id(&number("a", -f64::NAN)));
        assert_ne!(id(&number("a", 0.0)), id(&number("a", f64::NAN)));
        assert_ne!(id(&number("a", 1.0)), id(&number("b", 1.0)));
        let integer = one(
            Field::new("a", ColumnType::Integer),
            Column::Integer(vec![Some(1)]),
        );
        assert_ne!(id(&number("a", 1.0)), id(&integer));
    }

    #[test]
    fn text_cannot_flow_from_one_cell_into_the_next() {
        let text = |values: [&str; 2]| {
            let values = values.map(|value| Some(value.to_owned())).to_vec();
            one(Field::new("t", ColumnType::Text), Column::Text(values))
        };
        assert_ne!(id(&text(["ab", "c"])), id(&text(["a", "bc"])));
        assert_ne!(id(&text(["", "abc"])), id(&text(["abc", ""])));
    }

    #[test]
    fn content_has_the_same_id_in_every_version() {
        let schema = Schema::new(vec![
            Field::new("n", ColumnType::Number).with_missing(),
            Field::new("i", ColumnType::Integer),
            Field::new("b", ColumnType::Boolean),
            Field::category("c", ["não", "sim"]),
            Field::new("t", ColumnType::Text).with_missing(),
            Field::new("w", ColumnType::Timestamp),
        ]);
        let columns = vec![
            Column::Number(vec![1.5, f64::NAN]),
            Column::Integer(vec![Some(-1), Some(i64::MAX)]),
            Column::Boolean(vec![Some(true), Some(false)]),
            Column::Category(vec![1, 0]),
            Column::Text(vec![Some("a".into()), None]),
            Column::Timestamp(vec![Some(0), Some(-1)]),
        ];
        let table = Table::new(Arc::new(schema.unwrap()), columns).unwrap();
        insta::assert_snapshot!(id(&table), @"8b4902d83efa4f2d8ea28f81e75f5bd1d05758fc358b28b4215fc5df2b453fda");
    }
}
