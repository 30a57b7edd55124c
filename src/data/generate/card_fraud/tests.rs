use std::io;

use super::*;
use crate::data::content::ContentHasher;
use crate::data::source::{CsvBatches, CsvOptions, scan};

fn text(rows: u64, seed: u64) -> Vec<u8> {
    let mut out = Vec::new();
    write_csv(rows, Seed::new(seed), &mut out, &mut |_| {}, &Stop::new()).unwrap();
    out
}

fn whole(rows: u64, seed: u64, batch_rows: usize) -> Table {
    let mut whole = Table::empty(Arc::new(schema().unwrap()));
    for batch in batches(rows, Seed::new(seed), batch_rows).unwrap() {
        whole.append(batch.unwrap()).unwrap();
    }
    whole
}

#[test]
fn one_transaction_in_a_hundred_is_a_fraud() {
    for seed in [1, 2] {
        let rows = 150_000;
        let table = whole(rows, seed, 10_000);
        let Some(Column::Integer(fraud)) = table.column(TARGET) else {
            panic!("no target")
        };
        let share = fraud.iter().flatten().sum::<i64>() as f64 / rows as f64;
        // Four standard errors of a share of 0.01 among so many rows are 0.001.
        assert!((share - 0.01).abs() < 0.001, "{share}");
    }
}

#[test]
fn a_row_depends_on_its_place_and_the_seed_alone() {
    let (few, many) = (whole(1500, 7, 1), whole(5000, 7, 3000));
    assert_eq!(many.take(&(0..1500).collect::<Vec<_>>()), few);
    assert_ne!(whole(10, 7, 1), whole(10, 8, 1));
    assert!(text(5000, 7).starts_with(&text(1500, 7)));
}

#[test]
fn the_text_and_the_tables_say_the_same() {
    let csv = text(3000, 3);
    let options = CsvOptions::default();
    let scanned = scan("cards.csv", csv.as_slice(), &options).unwrap();
    assert_eq!((scanned.rows, &scanned.schema), (3000, &schema().unwrap()));
    let schema = Arc::new(scanned.schema);
    let mut from_text = ContentHasher::new(schema.clone());
    for batch in CsvBatches::new("cards.csv", csv.as_slice(), &options, schema.clone(), 999).unwrap() {
        from_text.update(&batch.unwrap()).unwrap();
    }
    let mut from_tables = ContentHasher::new(schema);
    from_tables.update(&whole(3000, 3, 2048)).unwrap();
    assert_eq!(from_text.finish(), from_tables.finish());
}

#[test]
fn making_rows_reports_progress_and_can_be_stopped() {
    let stop = Stop::new();
    let mut seen = Vec::new();
    let mut progress = |rows| {
        seen.push(rows);
        if rows > 2000 {
            stop.ask();
        }
    };
    let end = write_csv(1_000_000, Seed::new(1), &mut io::sink(), &mut progress, &stop);
    assert!(matches!(end, Err(GenerateError::Stopped { rows: 2048 })));
    assert_eq!(seen, [1024, 2048]);
}

#[test]
fn decimals_are_written_in_full() {
    let written = |value, decimals| {
        let mut out = Vec::new();
        write_decimal(value, decimals, &mut out);
        String::from_utf8(out).unwrap()
    };
    assert_eq!(written(0, 0), "0");
    assert_eq!(written(0, 2), "0.00");
    assert_eq!(written(-5, 2), "-0.05");
    assert_eq!(written(12_345, 3), "12.345");
    assert_eq!(written(i64::MIN, 0), i64::MIN.to_string());
}
