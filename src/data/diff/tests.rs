use std::sync::Arc;

use rand_chacha::rand_core::Rng;

use super::*;
use crate::base::Seed;
use crate::data::profile::{Profiler, Summary};
use crate::data::table::{Column, Table};

fn described(columns: Vec<(Field, Column)>) -> (Arc<Schema>, Profile) {
    let (fields, columns) = columns.into_iter().unzip();
    let schema = Arc::new(Schema::new(fields).unwrap());
    let table = Table::new(Arc::clone(&schema), columns).unwrap();
    let mut profiler = Profiler::new(Arc::clone(&schema), Seed::new(0));
    profiler.update(&table).unwrap();
    (schema, profiler.finish())
}

fn between(from: Vec<(Field, Column)>, to: Vec<(Field, Column)>) -> Diff {
    let (from, to) = (described(from), described(to));
    diff((&from.0, &from.1), (&to.0, &to.1))
}

/// 20,000 normal numbers, as the sum of twelve uniform ones, around `mean`.
fn normal(seed: u64, mean: f64) -> (Field, Column) {
    let mut rng = Seed::new(seed).rng();
    let mut uniform = || f64::from(rng.next_u32()) / f64::from(u32::MAX);
    let values = (0..20_000).map(|_| mean + (0..12).map(|_| uniform()).sum::<f64>() - 6.0);
    (
        Field::new("x", ColumnType::Number).with_missing(),
        Column::Number(values.collect()),
    )
}

fn flags(ones: usize) -> (Field, Column) {
    let values = (0..1000).map(|row| Some(i64::from(row < ones)));
    (
        Field::new("flag", ColumnType::Integer),
        Column::Integer(values.collect()),
    )
}

#[test]
fn the_indices_are_those_of_their_formulas() {
    let (from, to) = ([0.5, 0.5], [0.25, 0.75]);
    // 0.25 ln 2 + 0.25 ln 1.5
    let expected = 0.25 * 2_f64.ln() + 0.25 * 1.5_f64.ln();
    assert!((psi(&from, &to) - expected).abs() < 1e-12);
    assert!((total_variation(&from, &to) - 0.25).abs() < 1e-12);
    assert_eq!((psi(&from, &from), total_variation(&from, &from)), (0.0, 0.0));
    assert!(psi(&[1.0, 0.0], &[0.0, 1.0]).is_finite());
}

#[test]
fn another_sample_is_no_change_and_a_moved_mean_is_one() {
    let same = between(vec![normal(1, 0.0)], vec![normal(2, 0.0)])
        .columns
        .remove(0);
    assert_eq!(same.change, Change::NoChange);
    assert!(same.psi.unwrap() < 0.01, "{same:?}");
    // The index of two normals whose means differ by d is d²; ten bins lose a little of it.
    let moved = between(vec![normal(1, 0.0)], vec![normal(2, 0.4)])
        .columns
        .remove(0);
    let index = moved.psi.unwrap();
    assert!((0.11..0.18).contains(&index), "{index}");
    assert_eq!(moved.change, Change::Small);
    let far = between(vec![normal(1, 0.0)], vec![normal(2, 3.0)])
        .columns
        .remove(0);
    assert_eq!(far.change, Change::Large);
    let (before, after) = far.mean.unwrap();
    assert!((after - before - 3.0).abs() < 0.05);
    assert_eq!(far.quantiles.len(), 7);
}

#[test]
fn a_column_of_two_numbers_is_compared_by_value() {
    let diff = between(vec![flags(100)], vec![flags(900)]).columns.remove(0);
    // Both deciles are the same, 0 and 1.
    assert_eq!((diff.change, diff.total_variation), (Change::Large, Some(0.8)));
    let same = between(vec![flags(100)], vec![flags(110)]).columns.remove(0);
    assert_eq!(same.change, Change::NoChange);
}

#[test]
fn what_is_missing_is_a_change_too() {
    let gone = |every: usize| {
        let (field, Column::Number(mut values)) = normal(1, 0.0) else {
            panic!()
        };
        values
            .iter_mut()
            .step_by(every)
            .for_each(|value| *value = f64::NAN);
        (field, Column::Number(values))
    };
    let diff = between(vec![normal(1, 0.0)], vec![gone(2)]).columns.remove(0);
    assert_eq!((diff.change, diff.missing), (Change::Large, (0.0, 0.5)));
    let all = between(vec![normal(1, 0.0)], vec![gone(1)]).columns.remove(0);
    assert_eq!((all.change, all.missing), (Change::Large, (0.0, 1.0)));
}

#[test]
fn columns_types_and_levels_that_changed_are_named_and_the_largest_change_comes_first() {
    let plan = |levels: [&str; 2]| {
        (
            Field::category("plan", levels),
            Column::Category(vec![0, 1, 0, 1]),
        )
    };
    let number = |name: &str, value: f64| {
        (
            Field::new(name, ColumnType::Number),
            Column::Number(vec![value; 4]),
        )
    };
    let text = |name: &str| {
        let cells = ["a", "b", "c", "d"].map(|cell| Some(cell.to_owned())).to_vec();
        (
            Field::new(name, ColumnType::Text).with_missing(),
            Column::Text(cells),
        )
    };
    let diff = between(
        vec![
            number("same", 1.0),
            plan(["basic", "gold"]),
            number("kind", 2.0),
            number("old", 1.0),
        ],
        vec![
            text("kind"),
            plan(["gold", "silver"]),
            number("same", 1.0),
            number("new", 1.0),
        ],
    );
    assert_eq!(
        (diff.added.as_slice(), diff.removed.as_slice()),
        (&["new".to_owned()][..], &["old".to_owned()][..])
    );
    assert_eq!(diff.rows, (4, 4));
    let names: Vec<_> = diff.columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, ["kind", "plan", "same"]);
    let [kind, plan, same] = &diff.columns[..] else {
        panic!()
    };
    assert_eq!(kind.kind, (ColumnType::Number, ColumnType::Text));
    assert_eq!((kind.nullable, kind.change), ((false, true), Change::NotCompared));
    assert_eq!(plan.levels_added, ["silver"]);
    assert_eq!(plan.levels_removed, ["basic"]);
    assert_eq!(plan.change, Change::Large);
    assert_eq!((same.psi, same.is_schema_changed()), (Some(0.0), false));
    assert!(diff.is_schema_changed());
}

/// 20,000 amounts, of which the share `zeros` is 0 and the others are all different.
fn amounts(seed: u64, zeros: f64) -> (Field, Column) {
    let mut rng = Seed::new(seed).rng();
    let mut uniform = || (f64::from(rng.next_u32()) + 0.5) / (f64::from(u32::MAX) + 1.0);
    let values = (0..20_000).map(|_| match uniform() < zeros {
        true => 0.0,
        // Skewed as amounts are.
        false => (-uniform().ln()).exp() - 1.0,
    });
    (
        Field::new("amount", ColumnType::Number),
        Column::Number(values.collect()),
    )
}

#[test]
fn a_value_that_many_cells_have_is_compared_by_itself() {
    let index = |from, to| between(vec![from], vec![to]).columns.remove(0).psi.unwrap();
    // Shares of 0 beside a decile, over and over: chance is no change.
    for seed in 0..6 {
        for share in [0.095, 0.398, 0.498] {
            let same = index(amounts(seed, share), amounts(seed + 100, share + 0.004));
            assert!(same < 0.01, "{share}: {same}");
        }
    }
    // (0.5 − 0.95) ln(0.5 / 0.95) + (0.5 − 0.05) ln(0.5 / 0.05), in the bins of the points alone.
    let rarer = index(amounts(1, 0.95), amounts(2, 0.5));
    assert!((1.2..1.5).contains(&rarer), "{rarer}");
    let gone = index(amounts(1, 0.3), amounts(2, 0.0));
    assert!(gone > 1.0, "{gone}");
    let (field, Column::Number(values)) = normal(3, 5.0) else {
        panic!()
    };
    let constant = (field.clone(), Column::Number(vec![5.0; values.len()]));
    let spread = (field, Column::Number(values));
    assert!(index(constant.clone(), spread.clone()) > 1.0);
    assert!(index(spread, constant.clone()) > 1.0);
    assert!(index(constant.clone(), constant) < 1e-9);
}

#[test]
fn a_profile_of_before_that_knows_no_single_values_invents_no_change() {
    let (schema, mut before) = described(vec![amounts(1, 0.08)]);
    let Some(Summary::Numbers(numbers)) = &mut before.columns[0].summary else {
        panic!()
    };
    numbers.histogram.points = None;
    let (later, now) = described(vec![amounts(2, 0.08)]);
    for psi in [
        diff((&schema, &before), (&later, &now)).columns[0].psi,
        diff((&later, &now), (&schema, &before)).columns[0].psi,
    ] {
        assert!(psi.unwrap() < 0.1, "{psi:?}");
    }
}

#[test]
fn levels_that_one_side_does_not_name_are_no_change() {
    let levels: Vec<String> = (0..1_500).map(|level| format!("l{level:04}")).collect();
    let column = |seed: u64| {
        let mut rng = Seed::new(seed).rng();
        let codes = (0..300_000).map(|_| rng.next_u32() % 1_500).collect();
        (Field::category("shop", levels.clone()), Column::Category(codes))
    };
    let same = between(vec![column(1)], vec![column(2)]).columns.remove(0);
    assert!(same.psi.unwrap() < 0.02, "{:?}", same.psi);
}

#[test]
fn whole_numbers_that_are_one_as_floats_are_counted_together() {
    let column = |first: usize| {
        let large = 1_i64 << 53;
        let values = (0..100).map(|row| Some(if row < first { large } else { large + 1 }));
        (
            Field::new("id", ColumnType::Integer),
            Column::Integer(values.collect()),
        )
    };
    let same = between(vec![column(50)], vec![column(10)]).columns.remove(0);
    assert_eq!(same.total_variation, Some(0.0));
}
