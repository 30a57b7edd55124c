use proptest::prelude::*;

use super::*;
use crate::data::testing::tables;

fn numbers(values: Vec<f64>) -> Numbers {
    let schema = Schema::new(vec![Field::new("n", ColumnType::Number).with_missing()]).unwrap();
    let table = Table::new(Arc::new(schema), vec![Column::Number(values)]).unwrap();
    let mut profiler = Profiler::new(table.schema().clone(), Seed::new(1));
    profiler.update(&table).unwrap();
    match profiler.finish().columns.remove(0).summary {
        Some(Summary::Numbers(numbers)) => numbers,
        other => panic!("{other:?}"),
    }
}

proptest! {
    #[test]
    fn batches_do_not_change_a_profile(table in tables(), cut in 0_usize..40) {
        let whole = {
            let mut profiler = Profiler::new(table.schema().clone(), Seed::new(1));
            profiler.update(&table).unwrap();
            profiler.finish()
        };
        let cut = cut.min(table.rows());
        let mut profiler = Profiler::new(table.schema().clone(), Seed::new(1));
        profiler.update(&table.take(&(0..cut).collect::<Vec<_>>())).unwrap();
        profiler.update(&table.take(&(cut..table.rows()).collect::<Vec<_>>())).unwrap();
        prop_assert_eq!(&profiler.finish(), &whole);
        for column in &whole.columns {
            prop_assert_eq!(column.count + column.missing, whole.rows);
        }
        let json = serde_json::to_string(&whole).unwrap();
        prop_assert_eq!(serde_json::from_str::<Profile>(&json).unwrap(), whole);
    }
}

#[test]
fn moments_are_those_of_the_values() {
    let summary = numbers(vec![2.0, f64::NAN, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]);
    assert_eq!((summary.min, summary.max, summary.mean), (2.0, 9.0, 5.0));
    // statistics.stdev([2, 4, 4, 4, 5, 5, 7, 9]); both sums round in the last place at most.
    assert!((summary.sd - 2.138_089_935_299_395).abs() < 1e-14);
    // A large mean must not swallow a small spread.
    let far: Vec<f64> = (0..1000).map(|i| 1e9 + f64::from(i % 2)).collect();
    assert!((numbers(far).sd - 0.500_25).abs() < 1e-4);
}

#[test]
fn a_histogram_follows_the_deciles() {
    let summary = numbers((0..=1000).map(f64::from).collect());
    let expected: Vec<f64> = (0..=10).map(|decile| f64::from(decile * 100)).collect();
    assert_eq!(summary.histogram.edges, expected);
    assert!(
        summary
            .histogram
            .shares
            .iter()
            .all(|share| (share - 0.1).abs() < 0.002)
    );
}

#[test]
fn a_histogram_of_a_long_column_comes_from_a_fair_sample() {
    // Sorted values: a sample of the first ones only would end at a tenth.
    let rows = 100_000;
    let histogram = numbers((0..rows).map(f64::from).collect()).histogram;
    assert_eq!(histogram.sampled, Histogram::SAMPLE as u64);
    assert!((histogram.shares.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    for (decile, edge) in histogram.edges.iter().enumerate() {
        // Four standard errors of a decile of 10,000 sampled values are 0.02.
        assert!(
            (edge / f64::from(rows) - decile as f64 / 10.0).abs() < 0.02,
            "{edge}"
        );
    }
}

#[test]
fn few_different_numbers_have_few_bins() {
    assert_eq!(
        numbers(vec![5.0; 20]).histogram,
        Histogram {
            edges: vec![5.0],
            shares: vec![],
            sampled: 20
        }
    );
    let flags = numbers([vec![0.0; 30], vec![1.0; 10]].concat()).histogram;
    assert_eq!((flags.edges, flags.shares), (vec![0.0, 1.0], vec![1.0]));
}

#[test]
fn the_largest_numbers_give_a_profile_that_json_holds() {
    let summary = numbers(vec![f64::MAX, f64::MIN, f64::MAX]);
    let json = serde_json::to_string(&summary).unwrap();
    assert_eq!(serde_json::from_str::<Numbers>(&json).unwrap(), summary);
}

#[test]
fn levels_beyond_the_first_thousand_are_counted_together() {
    let names: Vec<String> = (0..1200).map(|level| format!("{level:04}")).collect();
    let schema = Schema::new(vec![Field::category("c", names)]).unwrap();
    // Level 0007 comes three times, every other one once.
    let codes = (0..1200).chain([7, 7]).collect();
    let table = Table::new(Arc::new(schema), vec![Column::Category(codes)]).unwrap();
    let mut profiler = Profiler::new(table.schema().clone(), Seed::new(1));
    profiler.update(&table).unwrap();
    let Some(Summary::Levels(levels)) = profiler.finish().columns.remove(0).summary else {
        panic!()
    };
    assert_eq!(
        (levels.distinct, levels.top.len(), levels.other),
        (1200, 1000, 200)
    );
    assert_eq!(
        levels.top[0],
        LevelCount {
            level: "0007".into(),
            count: 3
        }
    );
    assert_eq!(levels.top[1].level, "0000");
}
