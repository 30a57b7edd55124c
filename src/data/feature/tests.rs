use std::sync::Arc;

use super::*;
use crate::data::cell::Cell;
use crate::data::schema::{ColumnType, Field, Schema};
use crate::data::table::{Column, Table};

mod cross_fit;
mod interactions;
mod parity;
mod plain;
mod properties;
mod random;
mod refused;
mod stored;
mod times;

/// What is predicted of customers.
const TARGET: Excluded<'static> = Excluded {
    column: "churn",
    role: Role::Target,
};

fn customers() -> Table {
    let schema = Schema::new(vec![
        Field::new("tenure", ColumnType::Integer),
        Field::new("charge", ColumnType::Number).with_missing(),
        Field::new("senior", ColumnType::Boolean),
        Field::category("plan", ["year", "month", "week"]),
        Field::new("note", ColumnType::Text),
        Field::new("since", ColumnType::Timestamp),
        Field::category("churn", ["no", "yes"]),
    ]);
    let columns = vec![
        Column::Integer(vec![Some(1), Some(2), Some(3), Some(4)]),
        Column::Number(vec![10.0, f64::NAN, 30.0, 20.0]),
        Column::Boolean(vec![Some(true), Some(false), Some(false), Some(true)]),
        Column::Category(vec![0, 1, 1, 2]),
        Column::Text(vec![Some(String::new()); 4]),
        Column::Timestamp(vec![Some(0); 4]),
        Column::Category(vec![0, 1, 0, 1]),
    ];
    Table::new(Arc::new(schema.unwrap()), columns).unwrap()
}

fn fitted(toml: &str) -> Result<FittedFeatures, FeatureError> {
    fit(
        &toml::from_str(toml).unwrap(),
        &customers(),
        &[0, 1, 2, 3],
        &[TARGET],
    )
}

fn names(fitted: &FittedFeatures) -> Vec<&str> {
    fitted
        .outputs()
        .iter()
        .map(|output| output.name.as_str())
        .collect()
}

fn encoded(fitted: &FittedFeatures, cells: &[Cell<'_>]) -> Result<Vec<f32>, EncodeError> {
    let mut out = vec![0.0; fitted.width()];
    fitted.encode_row(cells, &mut out).map(|()| out)
}

const ROW: [Cell<'static>; 4] = [
    Cell::Integer(5),
    Cell::Number(12.5),
    Cell::Boolean(true),
    Cell::Text(std::borrow::Cow::Borrowed("month")),
];

fn with(index: usize, cell: Cell<'static>) -> Vec<Cell<'static>> {
    let mut row = ROW.to_vec();
    row[index] = cell;
    row
}
