//! Points in time.

use super::*;

fn fitted(toml: &str) -> Result<FittedFeatures, FeatureError> {
    let schema = Schema::new(vec![Field::new("at", ColumnType::Timestamp).with_missing()]);
    let moments = vec![
        Some(1_709_251_170_000_000),
        Some(-86_400_000_000),
        None,
        Some(1_761_977_228_500_000),
    ];
    let table = Table::new(Arc::new(schema.unwrap()), vec![Column::Timestamp(moments)]).unwrap();
    fit(&toml::from_str(toml).unwrap(), &table, &[0, 1, 2, 3], &[])
}

const ALL: &str = "timestamp = { encode = \"parts\", parts = [\"year\", \"quarter\", \"month\", \"day\", \
    \"day_of_year\", \"weekday\", \"hour\", \"minute\", \"is_weekend\", \"epoch\"] }";

#[test]
fn parts_are_those_of_pandas() {
    let fitted = fitted(ALL).unwrap();
    // t = pandas.to_datetime([…], format="ISO8601"); t.year, t.quarter, t.month, t.day, t.day_of_year,
    // t.day_of_week, t.hour, t.minute, t.timestamp()
    for (text, expected) in [
        (
            "2024-02-29T23:59:30Z",
            [
                2024.0,
                1.0,
                2.0,
                29.0,
                60.0,
                3.0,
                23.0,
                59.0,
                0.0,
                1_709_251_170.0,
            ],
        ),
        (
            "1969-12-31T00:00:00Z",
            [1969.0, 4.0, 12.0, 31.0, 365.0, 2.0, 0.0, 0.0, 0.0, -86_400.0],
        ),
        (
            "2025-11-01T06:07:08.5Z",
            [2025.0, 4.0, 11.0, 1.0, 305.0, 5.0, 6.0, 7.0, 1.0, 1_761_977_228.5],
        ),
    ] {
        let out = encoded(&fitted, &[Cell::text(text)]).unwrap();
        assert_eq!(out, expected.map(|value| value as f32));
    }
}

#[test]
fn a_text_is_read_as_a_table_has_it() {
    let fitted = fitted(ALL).unwrap();
    let of = |cell| encoded(&fitted, &[cell]).unwrap();
    let moment = of(Cell::Timestamp(1_709_251_170_000_000));
    for text in [
        "2024-02-29T23:59:30Z",
        "2024-02-29 23:59:30",
        "2024-03-01T00:59:30+01:00",
    ] {
        assert_eq!(of(Cell::text(text)), moment);
    }
    let error = encoded(&fitted, &[Cell::text("yesterday")])
        .unwrap_err()
        .to_string();
    assert_eq!(
        error,
        r#"field "at": expected a value of type timestamp such as "2026-01-31T12:00:00Z", got "yesterday""#
    );
    assert!(encoded(&fitted, &[Cell::Integer(5)]).is_err());
    let error = encoded(&fitted, &[Cell::Timestamp(i64::MAX)])
        .unwrap_err()
        .to_string();
    assert!(error.contains("between the years"), "{error}");
    assert!(of(Cell::Missing).iter().all(|value| value.is_nan()));
}

#[test]
fn parts_that_come_again_lie_on_a_circle() {
    let fitted =
        fitted("timestamp = { encode = \"parts\", parts = [\"year\", \"month\", \"hour\"], cyclic = true }")
            .unwrap();
    assert_eq!(
        names(&fitted),
        [
            "at_year",
            "at_month",
            "at_month_sin",
            "at_month_cos",
            "at_hour",
            "at_hour_sin",
            "at_hour_cos"
        ]
    );
    let out = encoded(&fitted, &[Cell::text("2024-04-01T18:00:00Z")]).unwrap();
    for (found, expected) in out.iter().zip([2024.0, 4.0, 1.0, 0.0, 18.0, -1.0, 0.0]) {
        assert!((found - expected).abs() < 1e-6, "{out:?}");
    }
}

#[test]
fn a_recipe_asks_for_them() {
    assert_eq!(fitted("").unwrap_err(), FeatureError::NoFeatures);
    for toml in [
        "timestamp.encode = \"parts\"",
        "[[rules]]\ncolumns = [\"at\"]",
        "[[rules]]\ncolumns = [\"at\"]\nencode = \"parts\"",
    ] {
        let fitted = fitted(toml).unwrap();
        assert_eq!(
            names(&fitted),
            ["at_year", "at_month", "at_day", "at_weekday", "at_hour"]
        );
        let input = &fitted.inputs()[0];
        assert_eq!(input.example, Some(Value::Text("2024-02-29T23:59:30Z".into())));
    }
}

#[test]
fn a_missing_one_is_imputed() {
    for (impute, year) in [
        ("\"median\"", 2024.0),
        ("\"most_frequent\"", 1969.0),
        ("{ constant = \"1984-05-06\" }", 1984.0),
    ] {
        let toml = format!(
            "timestamp = {{ encode = \"parts\", parts = [\"year\"], impute = {impute}, indicator = true }}"
        );
        let fitted = fitted(&toml).unwrap();
        assert_eq!(names(&fitted), ["at_year", "missingindicator_at"]);
        assert_eq!(encoded(&fitted, &[Cell::Missing]).unwrap(), [year, 1.0]);
    }
}

#[test]
fn a_point_in_time_is_kept_as_text_to_the_microsecond() {
    let fitted = fitted("timestamp = { encode = \"parts\", parts = [\"epoch\", \"minute\"] }").unwrap();
    for moment in [1_761_977_228_500_001, -1, 0] {
        let cell = Cell::Timestamp(moment);
        let Some(Value::Text(text)) = Value::of(&cell) else {
            panic!("{cell}")
        };
        assert_eq!(fitted.inputs()[0].moment(&Cell::text(&text)), Ok(Some(moment)));
        assert_eq!(encoded(&fitted, &[Cell::text(&text)]), encoded(&fitted, &[cell]));
    }
}
