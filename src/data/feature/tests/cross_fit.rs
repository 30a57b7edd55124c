//! Encoding by the target.

use super::super::cross_fit::Folds;
use super::*;
use crate::base::Seed;

const SEED: Seed = Seed::new(11);

/// Towns with missing ones, whether something is, and the targets of three kinds.
fn towns(rows: usize) -> (Table, Vec<f32>) {
    let schema = Schema::new(vec![
        Field::category("town", ["a", "b", "c", "d"]).with_missing(),
        Field::new("big", ColumnType::Boolean),
    ]);
    let codes = (0..rows).map(|row| [0, 1, 0, 2, Column::NO_LEVEL, 1, 0, 3, 2][row * row % 9]);
    let big = (0..rows).map(|row| Some(row % 3 == 0));
    let columns = vec![Column::Category(codes.collect()), Column::Boolean(big.collect())];
    let targets = (0..rows).map(|row| (row * row % 13) as f32 / 3.0 - 1.0);
    (
        Table::new(Arc::new(schema.unwrap()), columns).unwrap(),
        targets.collect(),
    )
}

fn spec(smooth: &str) -> FeatureSpec {
    let toml = format!(
        "categorical = {{ encode = \"target\", smooth = {smooth} }}
        [[interactions]]
        columns = [\"town\", \"big\"]
        operation = \"cross\"
        encode = \"target\""
    );
    toml::from_str(&toml).unwrap()
}

#[test]
fn a_training_row_is_encoded_by_the_rows_of_the_other_folds() {
    let (table, numbers) = towns(60);
    let classes = ["x", "y", "z"].map(str::to_owned).to_vec();
    for (kind, targets) in [
        (TargetKind::Number, numbers.clone()),
        (
            TargetKind::Binary,
            numbers.iter().map(|number| f32::from(*number > 1.0)).collect(),
        ),
        (
            TargetKind::Classes(classes),
            numbers
                .iter()
                .map(|number| (number + 1.0).floor() % 3.0)
                .collect(),
        ),
    ] {
        let rows: Vec<usize> = (0..60).filter(|row| row % 7 != 0).collect();
        let of = |rows: &[usize]| rows.iter().map(|&row| targets[row]).collect::<Vec<f32>>();
        for smooth in ["\"auto\"", "2.5"] {
            let spec = spec(smooth);
            let mut encoded = Vec::new();
            let values = of(&rows);
            let given = Targets {
                kind: &kind,
                values: &values,
                seed: SEED,
            };
            let fitted = fit_encode(&spec, &table, &rows, &[], given, &mut encoded).unwrap();
            let mut seen = 0;
            for fold in 0..Folds::COUNT {
                let is_in = |row: usize| Folds::new(SEED).of(row as u64) == fold;
                let others: Vec<usize> = rows.iter().copied().filter(|&row| !is_in(row)).collect();
                let mut fitter = Fitter::new(&spec, table.schema(), &[], &kind, Seed::new(0)).unwrap();
                fitter.see(&table, &others, Some(&of(&others))).unwrap();
                let direct = fitter.finish().unwrap();
                for (&row, encoded) in rows.iter().zip(encoded.chunks_exact(fitted.width())) {
                    if is_in(row) {
                        seen += 1;
                        let mut due = Vec::new();
                        direct.encode_table(&table, &[row], &mut due).unwrap();
                        for (encoded, due) in encoded.iter().zip(due) {
                            assert!(
                                (encoded - due).abs() < 1e-6,
                                "{kind:?} row {row}: {encoded}, not {due}"
                            );
                        }
                    }
                }
            }
            assert_eq!(seen, rows.len());
            // What is not trained on is encoded by all rows, and so by their own targets too.
            let mut served = Vec::new();
            fitted.encode_table(&table, &rows, &mut served).unwrap();
            assert_ne!(served, encoded);
        }
    }
}

#[test]
fn classes_become_a_feature_each() {
    let (table, _) = towns(9);
    let kind = TargetKind::Classes(["x", "y"].map(str::to_owned).to_vec());
    let known = check(&spec("1"), table.schema(), &[], &kind).unwrap();
    let names: Vec<&str> = known.iter().map(|output| output.name.as_str()).collect();
    assert_eq!(names, ["town_x", "town_y", "big", "town:big_x", "town:big_y"]);
}

#[test]
fn a_row_alone_has_nobody_to_be_encoded_by() {
    let (table, _) = towns(1);
    let given = Targets {
        kind: &TargetKind::Number,
        values: &[5.0],
        seed: SEED,
    };
    let mut out = Vec::new();
    let fitted = fit_encode(&spec("1"), &table, &[0], &[], given, &mut out).unwrap();
    assert!(out[0].is_nan());
    out.clear();
    fitted.encode_table(&table, &[0], &mut out).unwrap();
    assert_eq!(out[0], 5.0);
}

#[test]
fn targets_must_be_given_and_go_with_the_rows() {
    let (table, _) = towns(9);
    let error = fit(&spec("1"), &table, &[0, 1], &[]).unwrap_err();
    assert_eq!(error, FeatureError::NoTargets("town".into()));
    let see = |kind: TargetKind, targets: &[f32]| {
        let mut fitter = Fitter::new(&spec("1"), table.schema(), &[], &kind, SEED).unwrap();
        fitter.see(&table, &[0, 1], Some(targets)).unwrap_err()
    };
    let classes = TargetKind::Classes(vec!["x".into(), "y".into()]);
    assert_eq!(
        see(TargetKind::Number, &[1.0]),
        FeatureError::Targets { rows: 2, targets: 1 }
    );
    for (kind, wrong) in [
        (TargetKind::Number, f32::NAN),
        (TargetKind::Binary, 0.5),
        (classes.clone(), 2.0),
        (classes, -1.0),
    ] {
        assert!(matches!(see(kind, &[0.0, wrong]), FeatureError::Targets { .. }));
    }
}

#[test]
fn a_batch_of_other_columns_is_refused() {
    let (table, _) = towns(9);
    let schema = Arc::new(Schema::new(vec![Field::new("other", ColumnType::Integer)]).unwrap());
    let mut fitter = Fitter::new(&spec("1"), table.schema(), &[], &TargetKind::Number, SEED).unwrap();
    let error = fitter.see(&Table::empty(schema), &[], Some(&[])).unwrap_err();
    assert_eq!(error, FeatureError::OtherColumns);
}
