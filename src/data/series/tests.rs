//! Rows on a grid.

use super::*;

const HOUR: i64 = 3_600_000_000;

fn rule() -> Rule {
    Rule {
        frequency: None,
        aggregate: None,
        gaps: Gaps::Interpolate,
        longest_gap: 5,
        exogenous: 0,
    }
}

fn rows(of: &[(i64, f64)]) -> Vec<Observation> {
    let row = |&(at, value): &(i64, f64)| Observation {
        at: at * HOUR,
        values: vec![value],
    };
    of.iter().map(row).collect()
}

fn series(of: &[(i64, f64)], rule: &Rule) -> Result<(Series, Mended), SeriesError> {
    Series::new(&["y".to_owned()], rows(of), rule)
}

#[test]
fn rows_in_any_order_are_put_on_the_grid_and_gaps_are_filled_by_the_rule() {
    let of = [
        (3, 4.0),
        (0, 1.0),
        (1, 2.0),
        (6, 10.0),
        (7, 11.0),
        (8, f64::NAN),
        (9, 13.0),
    ];
    let (line, mended) = series(&of, &rule()).unwrap();
    assert_eq!(
        line.target(),
        [1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 10.0, 11.0, 12.0, 13.0]
    );
    let filled: Vec<usize> = (0..10).filter(|at| line.filled[*at]).collect();
    assert_eq!(filled, [2, 4, 5, 8], "the row without a value is filled in, too");
    assert_eq!((mended.filled, mended.longest, mended.joined), (4, 2, 0));
    assert_eq!(line.time(1), "1970-01-01T01:00:00Z");
    let previous = Rule {
        gaps: Gaps::Previous,
        ..rule()
    };
    let (flat, _) = series(&of, &previous).unwrap();
    assert_eq!(flat.target()[3..7], [4.0, 4.0, 4.0, 10.0]);
    let tail = line.tail(3);
    assert_eq!(
        (tail.target(), tail.time(0)),
        (&[11.0, 12.0, 13.0][..], line.time(7))
    );
    assert_eq!(line.tail(99), line);
}

#[test]
fn what_is_no_series_is_told_with_the_remedy() {
    let told = |of: &[(i64, f64)], rule: Rule| series(of, &rule).unwrap_err().to_string();
    assert!(told(&[], rule()).contains("two different times"));
    assert!(told(&[(1, 1.0)], rule()).contains("two different times"));
    assert!(told(&[(1, 1.0), (1, 2.0)], rule()).contains("two different times"));
    let uneven = [(0, 1.0), (7, 1.0), (18, 1.0), (31, 1.0)];
    assert!(told(&uneven, rule()).contains("forecast.frequency"));
    let twice = [(0, 1.0), (1, 1.0), (1, 2.0), (2, 2.0)];
    assert!(told(&twice, rule()).contains("forecast.aggregate"));
    let gap = [(0, 1.0), (1, 1.0), (2, 1.0), (9, 2.0)];
    let error = told(&gap, rule());
    assert!(
        error.contains("6 periods from 1970-01-01T03:00:00Z") && error.contains("longest_gap"),
        "{error}"
    );
    let refuse = Rule {
        gaps: Gaps::Refuse,
        ..rule()
    };
    assert!(told(&[(0, 1.0), (1, 1.0), (2, 1.0), (4, 2.0)], refuse).contains("at most 0"));
    let empty = [(0, f64::NAN), (1, f64::NAN), (2, f64::NAN)];
    assert!(told(&empty, rule()).contains("no value at all"));
    assert!(told(&[(0, 1.0), (1, 1e202), (2, 2.0)], rule()).contains("too large to be reckoned with"));
    let far = [(0, 1.0), (1, 1.0), (2, 1.0), (9_000_000, 1.0)];
    assert!(told(&far, rule()).contains("is forecast.frequency"));
}

#[test]
fn several_rows_of_a_period_become_one_as_the_rule_says() {
    let of = [(0, 1.0), (2, 3.0), (24, 5.0), (49, 7.0), (50, 9.0)];
    for (aggregate, values) in [
        (Aggregate::Sum, [4.0, 5.0, 16.0]),
        (Aggregate::Mean, [2.0, 5.0, 8.0]),
        (Aggregate::Last, [3.0, 5.0, 9.0]),
    ] {
        let rule = Rule {
            frequency: Some("1d".parse().unwrap()),
            aggregate: Some(aggregate),
            ..rule()
        };
        let (series, mended) = series(&of, &rule).unwrap();
        assert_eq!(series.target(), values);
        assert_eq!(mended.joined, 2);
    }
}

#[test]
fn what_is_not_known_ahead_is_filled_with_what_was_known() {
    let rows = [(0, 1.0, 5.0), (1, 2.0, f64::NAN), (2, 3.0, 9.0)].map(|(at, value, beside)| Observation {
        at: at * HOUR,
        values: vec![value, beside],
    });
    let names = ["y".to_owned(), "x".to_owned()];
    for (exogenous, filled) in [(1, 5.0), (0, 7.0)] {
        let rule = Rule { exogenous, ..rule() };
        let (series, _) = Series::new(&names, rows.to_vec(), &rule).unwrap();
        assert_eq!(series.columns[1][1], filled);
    }
}
