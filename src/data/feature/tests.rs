use std::sync::Arc;

use proptest::prelude::*;

use super::spec::{CategoryDefaults, Constant, NumericDefaults};
use super::*;
use crate::data::cell::Cell;
use crate::data::schema::{ColumnType, Field, Schema};
use crate::data::table::{Column, Table};
use crate::data::testing::tables;

fn impute() -> impl Strategy<Value = Impute> {
    prop_oneof![
        Just(Impute::None),
        Just(Impute::Median),
        Just(Impute::Mean),
        Just(Impute::MostFrequent),
        (-9.0..9.0).prop_map(|number| Impute::Constant(Constant::Number(number))),
    ]
}

/// Settings of every kind, of which each column takes those that go with its type.
fn specs() -> impl Strategy<Value = FeatureSpec> {
    let scale = prop_oneof![Just(Scale::None), Just(Scale::Standard), Just(Scale::MinMax)];
    let encode = prop_oneof![Just(Encode::Native), Just(Encode::OneHot)];
    let unknown = prop_oneof![Just(None), Just(Some(Unknown::Error)), Just(Some(Unknown::Other))];
    let most = prop_oneof![Just(Impute::None), Just(Impute::MostFrequent)];
    let category = (most, encode, prop::option::of(0_u32..6), unknown);
    (impute(), scale, category).prop_map(
        |(impute, scale, (most, encode, min_count, unknown))| FeatureSpec {
            numeric: NumericDefaults { impute, scale },
            categorical: CategoryDefaults {
                impute: most,
                encode,
                min_count,
                unknown,
            },
            ..FeatureSpec::default()
        },
    )
}

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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_table_encodes_to_what_its_rows_encode_to(
        table in tables(),
        spec in specs(),
        train in prop::collection::vec(any::<prop::sample::Index>(), 1..40),
    ) {
        prop_assume!(table.rows() > 0);
        let train: Vec<usize> = train.iter().map(|index| index.index(table.rows())).collect();
        let Ok(fitted) = fit(&spec, &table, &train, &[]) else { return Ok(()) };
        let all: Vec<usize> = (0..table.rows()).collect();
        let mut whole = vec![7.0];
        let encoded = fitted.encode_table(&table, &all, &mut whole);
        let mut one_by_one = vec![7.0];
        let mut row_error = None;
        for &row in &all {
            let mut out = vec![f32::NAN; fitted.width()];
            match fitted.encode_row(&cells(&fitted, &table, row), &mut out) {
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
                let again = fitted.encode_row(&cells(&fitted, &table, row), &mut out);
                prop_assert_eq!(again.is_err(), true, "{}", error);
                prop_assert_eq!(whole, [7.0]);
            }
            Err(error) => return Err(TestCaseError::fail(error.to_string())),
        }
    }

    #[test]
    fn rows_that_do_not_train_change_nothing(
        table in tables(),
        spec in specs(),
        train in prop::collection::vec(any::<prop::sample::Index>(), 1..20),
        others in prop::collection::vec(any::<prop::sample::Index>(), 40),
    ) {
        prop_assume!(table.rows() > 0);
        let train: Vec<usize> = train.iter().map(|index| index.index(table.rows())).collect();
        let changed: Vec<usize> = (0..table.rows())
            .map(|row| if train.contains(&row) { row } else { others[row].index(table.rows()) })
            .collect();
        let before = fit(&spec, &table, &train, &[]);
        let after = fit(&spec, &table.take(&changed), &train, &[]);
        prop_assert_eq!(before, after);
    }

    #[test]
    fn fitted_features_survive_a_bundle(table in tables(), spec in specs()) {
        prop_assume!(table.rows() > 0);
        let all: Vec<usize> = (0..table.rows()).collect();
        let Ok(fitted) = fit(&spec, &table, &all, &[]) else { return Ok(()) };
        let json = serde_json::to_string(&fitted).unwrap();
        prop_assert_eq!(serde_json::from_str::<FittedFeatures>(&json).unwrap(), fitted);
    }
}

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
        &["churn"],
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

#[test]
fn without_rules_trees_get_what_is_there() {
    let fitted = fitted("").unwrap();
    assert_eq!(names(&fitted), ["tenure", "charge", "senior", "plan"]);
    let levels = ["month", "week", "year"].map(str::to_owned).to_vec();
    assert_eq!(fitted.outputs()[3].kind, OutputKind::Categorical { levels });
    assert_eq!(encoded(&fitted, &ROW).unwrap(), [5.0, 12.5, 1.0, 0.0]);
    assert!(encoded(&fitted, &with(1, Cell::Missing)).unwrap()[1].is_nan());
    let dropped: Vec<&str> = fitted
        .dropped()
        .iter()
        .map(|dropped| dropped.name.as_str())
        .collect();
    assert_eq!(dropped, ["note", "since"]);
}

#[test]
fn inputs_say_what_a_form_needs() {
    let fitted = fitted("").unwrap();
    let [tenure, charge, senior, plan] = fitted.inputs() else {
        panic!("{:?}", fitted.inputs())
    };
    assert_eq!(
        (tenure.min, tenure.median, tenure.max),
        (Some(1.0), Some(2.5), Some(4.0))
    );
    assert_eq!(tenure.example, Some(Value::Integer(2)));
    assert_eq!((tenure.nullable, charge.nullable), (false, true));
    assert_eq!(charge.example, Some(Value::Number(20.0)));
    assert_eq!(senior.example, Some(Value::Boolean(false)));
    assert_eq!(plan.example, Some(Value::Text("month".into())));
    assert_eq!(plan.levels.as_deref().unwrap(), ["month", "week", "year"]);
}

#[test]
fn rules_impute_scale_and_spread_columns() {
    let fitted = fitted(
        r#"
        drop = ["senior"]
        [[rules]]
        columns = ["charge"]
        impute = "mean"
        scale = "minmax"
        [[rules]]
        columns = ["plan"]
        encode = "onehot"
        min_count = 2
        "#,
    )
    .unwrap();
    assert_eq!(names(&fitted), ["tenure", "charge", "plan=month", "plan=(other)"]);
    let row = |charge, plan| encoded(&fitted, &[Cell::Integer(1), charge, plan]).unwrap();
    assert_eq!(row(Cell::Missing, Cell::text("month")), [1.0, 0.5, 1.0, 0.0]);
    assert_eq!(row(Cell::Number(30.0), Cell::text("week")), [1.0, 1.0, 0.0, 1.0]);
    assert_eq!(
        row(Cell::Number(10.0), Cell::text("never heard of")),
        [1.0, 0.0, 0.0, 1.0]
    );
}

#[test]
fn imputation_counts_in_the_scale() {
    let fitted = fitted("numeric = { impute = { constant = 100 }, scale = \"minmax\" }").unwrap();
    assert_eq!(encoded(&fitted, &with(1, Cell::Missing)).unwrap()[1], 1.0);
    assert_eq!(encoded(&fitted, &with(1, Cell::Number(55.0))).unwrap()[1], 0.5);
}

#[test]
fn a_value_that_does_not_fit_is_refused_with_its_fields_name() {
    let fitted = fitted("").unwrap();
    let message = |index, cell| encoded(&fitted, &with(index, cell)).unwrap_err().to_string();
    let unknown = message(3, Cell::text("decade"));
    assert_eq!(
        unknown,
        r#"field "plan": the category "decade" is not known; known are "month", "week", "year""#
    );
    assert_eq!(
        message(1, Cell::text("12")),
        r#"field "charge": expected a value of type number, got "12""#
    );
    assert_eq!(
        message(0, Cell::Number(2.5)),
        r#"field "tenure": expected a value of type integer, got 2.5"#
    );
    assert!(message(0, Cell::Missing).contains("\"tenure\" is missing"));
    assert!(message(2, Cell::Integer(1)).contains("\"senior\": expected a value of type boolean"));
    assert!(message(3, Cell::Boolean(true)).contains("\"plan\": expected a value of type category"));
    assert!(message(1, Cell::Timestamp(0)).contains("\"charge\""));
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert!(message(1, Cell::Number(bad)).contains("not a finite number"));
    }
    assert!(message(1, Cell::Number(1e39)).contains("too big"));
    assert!(
        encoded(&fitted, &ROW[..3])
            .unwrap_err()
            .to_string()
            .contains("expected 4 values")
    );
    let mut narrow = [0.0; 3];
    assert!(matches!(
        fitted.encode_row(&ROW, &mut narrow),
        Err(EncodeError::Width { .. })
    ));
}

#[test]
fn whole_numbers_and_integers_stand_for_each_other() {
    let fitted = fitted("").unwrap();
    assert_eq!(
        encoded(&fitted, &with(0, Cell::Number(5.0))),
        encoded(&fitted, &ROW)
    );
    assert_eq!(encoded(&fitted, &with(1, Cell::Integer(12))).unwrap()[1], 12.0);
}

#[test]
fn a_known_list_in_a_message_has_an_end() {
    let levels: Vec<String> = (0..500).map(|level| format!("level {level:03}")).collect();
    let schema = Schema::new(vec![Field::category("c", levels)]).unwrap();
    let table = Table::new(Arc::new(schema), vec![Column::Category(vec![0])]).unwrap();
    let fitted = fit(&FeatureSpec::default(), &table, &[0], &[]).unwrap();
    let message = encoded(&fitted, &[Cell::text(&"x".repeat(5000))])
        .unwrap_err()
        .to_string();
    assert!(
        message.len() < 500 && message.contains("and 480 more"),
        "{message}"
    );
}

#[test]
fn a_recipe_that_does_not_fit_its_data_is_refused() {
    let message = |toml: &str| fitted(toml).unwrap_err().to_string();
    let rule = |columns: &str, settings: &str| {
        message(&format!(
            "[[rules]]\ncolumns = {columns}\n{}",
            settings.replace(", ", "\n")
        ))
    };
    assert!(message("drop = [\"tenur\"]").contains("features.drop names the column \"tenur\""));
    assert!(rule("[\"x\"]", "").contains("features.rules names the column \"x\""));
    assert!(rule("[\"tenure\", \"tenure\"]", "").contains("two features.rules"));
    assert!(rule("[\"churn\"]", "").contains("it is the target"));
    assert!(rule("[\"note\"]", "").contains("text is not a feature"));
    assert!(rule("[\"plan\"]", "scale = \"minmax\"").contains("scale does not go with \"plan\""));
    assert!(rule("[\"tenure\"]", "encode = \"onehot\"").contains("declare the column as a category"));
    assert!(rule("[\"plan\"]", "impute = \"mean\"").contains("most_frequent"));
    assert!(rule("[\"plan\"]", "impute = { constant = 3 }").contains("constant of the column's type"));
    assert!(rule("[\"plan\"]", "impute = { constant = \"decade\" }").contains("none of its categories"));
    assert!(message("drop = [\"tenure\", \"charge\", \"senior\", \"plan\"]").contains("no column is left"));
    let table = customers();
    let fit = |rows: &[usize]| fit(&FeatureSpec::default(), &table, rows, &["churn"]).unwrap_err();
    assert_eq!(fit(&[]), FeatureError::NoRows);
    assert_eq!(fit(&[4]), FeatureError::NoSuchRow { row: 4, rows: 4 });
}

#[test]
fn another_table_is_encoded_by_its_columns_names() {
    let fitted = fitted("").unwrap();
    // Another order, another order of levels, whole charges, and nothing else.
    let schema = Schema::new(vec![
        Field::category("plan", ["week", "year"]),
        Field::new("senior", ColumnType::Boolean),
        Field::new("charge", ColumnType::Integer),
        Field::new("tenure", ColumnType::Integer),
    ]);
    let columns = vec![
        Column::Category(vec![0, 1]),
        Column::Boolean(vec![Some(true); 2]),
        Column::Integer(vec![Some(9); 2]),
        Column::Integer(vec![Some(7); 2]),
    ];
    let table = Table::new(Arc::new(schema.unwrap()), columns).unwrap();
    let mut out = Vec::new();
    fitted.encode_table(&table, &[1, 0], &mut out).unwrap();
    assert_eq!(out, [7.0, 9.0, 1.0, 2.0, 7.0, 9.0, 1.0, 1.0]);
    let without = Table::empty(Arc::new(
        Schema::new(table.schema().fields()[1..].to_vec()).unwrap(),
    ));
    let error = fitted.encode_table(&without, &[], &mut out).unwrap_err();
    assert_eq!(error, FeatureError::ColumnNotThere("plan".into()));
}

#[test]
fn features_from_a_damaged_bundle_are_refused() {
    let fitted = fitted("[[rules]]\ncolumns = [\"plan\"]\nencode = \"onehot\"").unwrap();
    let json = serde_json::to_string(&fitted).unwrap();
    let read = |json: &str| serde_json::from_str::<FittedFeatures>(json).map_err(|error| error.to_string());
    assert_eq!(read(&json).unwrap(), fitted);
    for (from, to, expected) in [
        ("\"version\":1", "\"version\":2", "later version"),
        ("\"slots\":[0,1,2]", "\"slots\":[0,1,9]", "damaged"),
        ("\"slots\":[0,1,2]", "\"slots\":[0,1]", "damaged"),
        (
            "[\"month\",\"week\",\"year\"]",
            "[\"week\",\"month\",\"year\"]",
            "damaged",
        ),
        ("\"kind\":\"integer\"", "\"kind\":\"category\"", "damaged"),
        ("\"dropped\"", "\"droped\"", "droped"),
    ] {
        assert!(json.contains(from), "{json}");
        let message = read(&json.replacen(from, to, 1)).unwrap_err();
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn the_format_of_fitted_features_is_the_same_in_every_version() {
    let spec = "numeric = { impute = \"median\", scale = \"standard\" }\ndrop = [\"senior\", \"tenure\"]";
    let json = serde_json::to_string(&fitted(spec).unwrap()).unwrap();
    insta::assert_snapshot!(json, @r#"{"version":1,"inputs":[{"name":"charge","kind":"number","nullable":true,"example":20.0,"min":10.0,"median":20.0,"max":30.0},{"name":"plan","kind":"category","nullable":false,"levels":["month","week","year"],"example":"month"}],"encoders":[{"of":[0],"encoder":{"number":{"impute":20.0,"scaling":{"shift":20.0,"divisor":7.0710678118654755}}}},{"of":[1],"encoder":{"category":{"encode":"native","slots":[0,1,2],"unknown":null,"missing":null,"width":3,"other":false}}}],"dropped":[{"name":"tenure","reason":"the recipe drops it"},{"name":"senior","reason":"the recipe drops it"},{"name":"note","reason":"text is not a feature; declare it as a category if it is one"},{"name":"since","reason":"a point in time is not a feature"}]}"#);
}
