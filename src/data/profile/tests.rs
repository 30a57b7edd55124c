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
    let rows = 300_000;
    let summary = numbers((0..rows).map(f64::from).collect());
    let quantiles = summary.quantiles.unwrap();
    assert!(!quantiles.exact && !summary.bins.unwrap().exact);
    for quantile in quantiles.values {
        // Four standard errors of a share of 131,072 sampled values are 0.006.
        assert!(
            (quantile.value / f64::from(rows) - quantile.rank).abs() < 0.006,
            "{quantile:?}"
        );
    }
    let histogram = summary.histogram;
    assert_eq!(histogram.sampled, Histogram::SAMPLE as u64);
    assert!((histogram.shares.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    for (decile, edge) in histogram.edges.iter().enumerate() {
        assert!(
            (edge / f64::from(rows) - decile as f64 / 10.0).abs() < 0.006,
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
            sampled: 20,
            points: Some(vec![PointShare {
                value: 5.0,
                share: 1.0
            }]),
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

#[test]
fn a_column_of_numbers_is_described_as_pandas_describes_it() {
    let summary = numbers(vec![9.0, 1.0, f64::NAN, 4.0, 2.0, 4.0]);
    // pandas.Series([9, 1, None, 4, 2, 4]).quantile([.01, .05, .25, .5, .75, .95, .99])
    let expected = [1.04, 1.2, 2.0, 4.0, 4.0, 8.0, 8.8];
    let quantiles = summary.quantiles.unwrap();
    assert!(quantiles.exact);
    for (quantile, expected) in quantiles.values.iter().zip(expected) {
        assert!((quantile.value - expected).abs() < 1e-12, "{quantile:?}");
    }
    let top: Vec<_> = summary
        .top
        .iter()
        .map(|entry| (entry.value, entry.count))
        .collect();
    assert_eq!(top, [(4.0, 2), (1.0, 1), (2.0, 1), (9.0, 1)]);
}

#[test]
fn different_whole_numbers_are_told_apart_beyond_what_a_float_knows() {
    let schema = Schema::new(vec![Field::new("id", ColumnType::Integer)]).unwrap();
    let ids = (0..500).map(|id| Some(i64::MAX - id)).collect();
    let table = Table::new(Arc::new(schema), vec![Column::Integer(ids)]).unwrap();
    let mut profiler = Profiler::new(table.schema().clone(), Seed::new(1));
    profiler.update(&table).unwrap();
    let distinct = profiler.finish().columns[0].distinct.unwrap();
    assert_eq!((distinct.count, distinct.exact), (500, true));
}

#[test]
fn texts_are_counted_and_are_not_passed_on_with_a_model() {
    let schema = Schema::new(vec![Field::new("t", ColumnType::Text)]).unwrap();
    let texts = ["a", "bb", "a"].map(|text| Some(text.to_owned())).to_vec();
    let table = Table::new(Arc::new(schema), vec![Column::Text(texts)]).unwrap();
    let mut profiler = Profiler::new(table.schema().clone(), Seed::new(1));
    profiler.update(&table).unwrap();
    let profile = profiler.finish();
    let Some(Summary::Texts(texts)) = &profile.columns[0].summary else {
        panic!()
    };
    assert_eq!((texts.top.len(), texts.top[0].count, texts.top_lost), (2, 2, 0));
    let passed_on = profile.to_pass_on(|_| true);
    let Some(Summary::Texts(texts)) = &passed_on.columns[0].summary else {
        panic!()
    };
    assert_eq!((texts.top.len(), texts.max_length), (0, 2));
}

#[test]
fn what_is_passed_on_with_a_model_names_its_columns_alone_and_no_number_of_few_rows() {
    let fields = ["income", "paid", "customer"].map(|name| Field::new(name, ColumnType::Number));
    let schema = Schema::new(fields.to_vec()).unwrap();
    let numbers = |of: fn(u32) -> f64| Column::Number((0..24).map(of).collect());
    let columns = vec![
        numbers(|row| if row < 23 { 1_000.0 } else { 987_654.0 }),
        numbers(|row| f64::from(row % 2)),
        numbers(f64::from),
    ];
    let table = Table::new(Arc::new(schema), columns).unwrap();
    let mut profiler = Profiler::new(table.schema().clone(), Seed::new(1));
    profiler.update(&table).unwrap();
    let passed_on = profiler.finish().to_pass_on(|column| column != "customer");
    let told: Vec<_> = passed_on
        .columns
        .iter()
        .map(|column| match &column.summary {
            Some(Summary::Numbers(numbers)) => (column.name.as_str(), numbers.top.len()),
            other => panic!("{other:?}"),
        })
        .collect();
    // What is told of single numbers is told of all of them, or it is not.
    assert_eq!(told, [("income", 0), ("paid", 2)]);
    let json = serde_json::to_string(&passed_on.columns[1]).unwrap();
    assert!(
        json.contains("\"points\":[{\"value\":0.0,\"share\":0.5}"),
        "{json}"
    );
}

#[test]
fn a_profile_of_before_still_reads() {
    let json = r#"{"rows":2,"columns":[{"name":"n","kind":"number","count":2,"missing":0,"summary":{"numbers":
        {"min":1.0,"max":2.0,"mean":1.5,"sd":0.7,"histogram":{"edges":[1.0,2.0],"shares":[1.0],"sampled":2}}}},
        {"name":"t","kind":"text","count":2,"missing":0,"summary":{"texts":
        {"min_length":1,"max_length":2,"mean_length":1.5}}}]}"#;
    let profile: Profile = serde_json::from_str(json).unwrap();
    assert_eq!(profile.columns[0].distinct, None);
}
