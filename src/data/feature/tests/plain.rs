//! What becomes of columns without much ado.

use super::*;

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
