//! What holds whatever the table and the recipe.

use proptest::prelude::*;

use super::random::{Case, cases};
use super::*;
use crate::base::Seed;

fn cells<'a>(fitted: &FittedFeatures, table: &'a Table, row: usize) -> Vec<Cell<'a>> {
    let column = |input: &InputField| table.schema().index_of(&input.name).unwrap();
    fitted
        .inputs()
        .iter()
        .map(|input| table.cell(row, column(input)))
        .collect()
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}

/// Fits on the training rows, with batches that end before the rows at `cuts`.
fn fit_in_batches(case: &Case, cuts: &[usize]) -> Result<CrossFitted, FeatureError> {
    let mut fitter = Fitter::new(&case.spec, case.table.schema(), &[], &case.kind, Seed::new(3))?;
    for (start, end) in batches(case, cuts) {
        let batch = case.table.take(&(start..end).collect::<Vec<_>>());
        let rows = in_batch(case, start, end);
        let table_rows: Vec<usize> = rows.iter().map(|row| row + start).collect();
        fitter.see(&batch, &rows, Some(&case.targets_of(&table_rows)))?;
    }
    fitter.finish_cross_fitted()
}

fn batches(case: &Case, cuts: &[usize]) -> Vec<(usize, usize)> {
    let mut ends: Vec<usize> = cuts.iter().map(|cut| cut % case.table.rows()).collect();
    ends.extend([0, case.table.rows()]);
    ends.sort_unstable();
    ends.windows(2).map(|ends| (ends[0], ends[1])).collect()
}

/// The training rows from `start` to before `end`, as positions in that batch.
fn in_batch(case: &Case, start: usize, end: usize) -> Vec<usize> {
    let rows = case.train.iter().filter(|row| (start..end).contains(row));
    rows.map(|row| row - start).collect()
}

fn json(features: &FittedFeatures) -> String {
    serde_json::to_string(features).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_table_encodes_to_what_its_rows_encode_to(case in cases()) {
        let table = &case.table;
        let Ok(fitted) = fit_in_batches(&case, &[]) else { return Ok(()) };
        let fitted = fitted.into_features();
        let all: Vec<usize> = (0..table.rows()).collect();
        let mut whole = vec![7.0];
        let encoded = fitted.encode_table(table, &all, &mut whole);
        let mut one_by_one = vec![7.0];
        let mut row_error = None;
        for &row in &all {
            let mut out = vec![f32::NAN; fitted.width()];
            match fitted.encode_row(&cells(&fitted, table, row), &mut out) {
                Ok(()) => one_by_one.extend_from_slice(&out),
                Err(error) => { row_error.get_or_insert((row, error)); }
            }
        }
        match encoded {
            Ok(()) => {
                prop_assert_eq!(row_error, None);
                prop_assert_eq!(whole.len(), 1 + table.rows() * fitted.width());
                prop_assert_eq!(bits(&whole), bits(&one_by_one));
            }
            // Columns are encoded one after the other, so the first error of a table may be in another row.
            Err(FeatureError::Row { row, error }) => {
                prop_assert!(row_error.is_some());
                let mut out = vec![0.0; fitted.width()];
                let again = fitted.encode_row(&cells(&fitted, table, row), &mut out);
                prop_assert_eq!(again.is_err(), true, "{}", error);
                prop_assert_eq!(whole, [7.0]);
            }
            Err(error) => return Err(TestCaseError::fail(error.to_string())),
        }
    }

    #[test]
    fn how_rows_are_cut_into_batches_changes_nothing(
        case in cases(),
        cuts in prop::collection::vec(any::<usize>(), 0..6),
    ) {
        let (whole, parts) = match (fit_in_batches(&case, &[]), fit_in_batches(&case, &cuts)) {
            (Ok(whole), Ok(parts)) => (whole, parts),
            (Err(_), Err(_)) => return Ok(()),
            (whole, parts) => return Err(TestCaseError::fail(format!("{:?} {:?}", whole.err(), parts.err()))),
        };
        prop_assert_eq!(json(whole.features()), json(parts.features()));
        let mut at_once = Vec::new();
        if whole.encode_training(&case.table, 0, &case.train, &mut at_once).is_err() {
            return Ok(());
        }
        let mut in_parts = Vec::new();
        for (start, end) in batches(&case, &cuts) {
            let batch = case.table.take(&(start..end).collect::<Vec<_>>());
            parts.encode_training(&batch, start as u64, &in_batch(&case, start, end), &mut in_parts).unwrap();
        }
        prop_assert_eq!(bits(&at_once), bits(&in_parts));
    }

    #[test]
    fn rows_that_do_not_train_change_nothing(
        case in cases(),
        others in prop::collection::vec(any::<prop::sample::Index>(), 40),
    ) {
        let mut changed = case.clone();
        let rows: Vec<usize> = (0..case.table.rows())
            .map(|row| if case.train.contains(&row) { row } else { others[row].index(case.table.rows()) })
            .collect();
        changed.table = case.table.take(&rows);
        for (row, target) in changed.targets.iter_mut().enumerate() {
            if !case.train.contains(&row) {
                *target = 1.0 - *target;
            }
        }
        match (fit_in_batches(&case, &[]), fit_in_batches(&changed, &[])) {
            (Ok(before), Ok(after)) => prop_assert_eq!(json(before.features()), json(after.features())),
            (before, after) => prop_assert_eq!(before.err(), after.err()),
        }
    }

    #[test]
    fn what_a_training_row_becomes_does_not_depend_on_its_own_target(
        case in cases(),
        row in any::<prop::sample::Index>(),
    ) {
        let position = row.index(case.train.len());
        let row = case.train[position];
        let mut changed = case.clone();
        changed.targets[row] = match case.kind {
            TargetKind::Number => 1000.0,
            _ => 1.0 - case.targets[row].min(1.0),
        };
        let encode = |case: &Case| {
            let fitted = fit_in_batches(case, &[]).ok()?;
            let mut out = Vec::new();
            fitted.encode_training(&case.table, 0, &case.train, &mut out).ok()?;
            Some(bits(&out[position * fitted.features().width()..][..fitted.features().width()]))
        };
        prop_assert_eq!(encode(&case), encode(&changed));
    }

    #[test]
    fn fitted_features_survive_a_bundle(case in cases()) {
        let Ok(fitted) = fit_in_batches(&case, &[]) else { return Ok(()) };
        let fitted = fitted.into_features();
        let read = serde_json::from_str::<FittedFeatures>(&json(&fitted)).unwrap();
        prop_assert_eq!(read, fitted);
    }

    #[test]
    fn the_names_are_known_before_the_rows(case in cases()) {
        let Ok(fitted) = fit_in_batches(&case, &[]) else { return Ok(()) };
        let known = check(&case.spec, case.table.schema(), &[], &case.kind).unwrap();
        let known: std::collections::HashSet<&str> = known.iter().map(|output| output.name.as_str()).collect();
        // Of levels that are joined, all are known.
        for output in fitted.features().outputs() {
            prop_assert!(known.contains(output.name.as_str()), "{} {:?}", output.name, known);
        }
    }
}

#[test]
fn most_random_cases_can_be_fitted() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut fitted = 0;
    for _ in 0..200 {
        let case = cases().new_tree(&mut runner).unwrap().current();
        fitted += usize::from(fit_in_batches(&case, &[]).is_ok());
    }
    assert!(fitted > 100, "the properties would hold of {fitted} in 200");
}

#[test]
fn how_a_long_column_is_cut_changes_nothing() {
    // More values than a sketch keeps whole.
    let rows = 140_000_usize;
    let value = |row: usize| {
        if row.is_multiple_of(11) {
            f64::NAN
        } else {
            (row * 7919 % 100_003) as f64
        }
    };
    let names = ["robust", "standard", "quantile", "frequent"];
    let fields = names.map(|name| Field::new(name, ColumnType::Number).with_missing());
    let schema = Arc::new(Schema::new(fields.to_vec()).unwrap());
    let column = Column::Number((0..rows).map(value).collect());
    let table = Table::new(schema, vec![column; 4]).unwrap();
    let spec = toml::from_str(
        r#"
        numeric = { impute = "median", transform = "log" }
        rules = [
            { columns = ["robust"], scale = "robust" },
            { columns = ["standard"], impute = "mean", scale = "standard" },
            { columns = ["quantile"], transform = "quantile" },
            { columns = ["frequent"], impute = "most_frequent", scale = "minmax" },
        ]
        "#,
    )
    .unwrap();
    let of = |size: usize| {
        let mut fitter = Fitter::new(&spec, table.schema(), &[], &TargetKind::Number, Seed::new(0)).unwrap();
        for start in (0..rows).step_by(size) {
            let batch = table.take(&(start..rows.min(start + size)).collect::<Vec<_>>());
            fitter
                .see(&batch, &(0..batch.rows()).collect::<Vec<_>>(), None)
                .unwrap();
        }
        json(&fitter.finish().unwrap())
    };
    let whole = of(rows);
    assert_eq!(whole, of(8192));
    assert_eq!(whole, of(100_001));
}
