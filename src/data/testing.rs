//! Arbitrary tables for property tests.

use std::sync::Arc;

use proptest::collection::vec;
use proptest::prelude::*;

use super::schema::{ColumnType, Field, Schema};
use super::table::{Column, Table};

/// Tables of 0 to 40 rows and 1 to 8 columns of every type, with missing cells.
pub fn tables() -> impl Strategy<Value = Table> {
    (0_usize..40, vec(any::<prop::sample::Index>(), 1..8))
        .prop_flat_map(|(rows, kinds)| {
            kinds
                .iter()
                .enumerate()
                .map(|(i, kind)| column(format!("c{i}"), kind.index(6), rows))
                .collect::<Vec<_>>()
        })
        .prop_map(|columns| {
            let (fields, columns) = columns.into_iter().unzip();
            Table::new(Arc::new(Schema::new(fields).unwrap()), columns).unwrap()
        })
}

fn column(name: String, kind: usize, rows: usize) -> BoxedStrategy<(Field, Column)> {
    let named = move |kind| Field::new(name.clone(), kind).with_missing();
    match kind {
        0 => vec(
            prop_oneof![3 => finite(), 1 => Just(f64::NAN), 1 => (-9_i8..9).prop_map(f64::from)],
            rows,
        )
        .prop_map(move |values| (named(ColumnType::Number), Column::Number(values)))
        .boxed(),
        1 => vec(any::<Option<i64>>(), rows)
            .prop_map(move |values| (named(ColumnType::Integer), Column::Integer(values)))
            .boxed(),
        2 => vec(any::<Option<bool>>(), rows)
            .prop_map(move |values| (named(ColumnType::Boolean), Column::Boolean(values)))
            .boxed(),
        3 => (1_u32..6)
            .prop_flat_map(move |levels| {
                let code = prop_oneof![4 => 0..levels, 1 => Just(Column::NO_LEVEL)];
                (Just(levels), vec(code, rows))
            })
            .prop_map(move |(levels, codes)| {
                let levels = (0..levels).map(|level| format!("nível {level}")).collect();
                let field = Field {
                    levels: Some(levels),
                    ..named(ColumnType::Category)
                };
                (field, Column::Category(codes))
            })
            .boxed(),
        4 => vec(proptest::option::weighted(0.8, ".{0,12}"), rows)
            .prop_map(move |values| (named(ColumnType::Text), Column::Text(values)))
            .boxed(),
        _ => vec(any::<Option<i64>>(), rows)
            .prop_map(move |values| (named(ColumnType::Timestamp), Column::Timestamp(values)))
            .boxed(),
    }
}

/// Finite numbers that also fit 32 bits.
fn finite() -> impl Strategy<Value = f64> {
    any::<f32>()
        .prop_filter("finite", |value| value.is_finite())
        .prop_map(f64::from)
}
