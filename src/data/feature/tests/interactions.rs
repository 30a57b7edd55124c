//! Features that are made of several columns.

use super::*;

fn of(operation: &str, columns: &str, settings: &str) -> Result<FittedFeatures, FeatureError> {
    fitted(&format!(
        "[[interactions]]\ncolumns = {columns}\noperation = \"{operation}\"\n{settings}"
    ))
}

/// What the interaction, the last feature, becomes.
fn last(fitted: &FittedFeatures, cells: &[Cell<'_>]) -> f32 {
    *encoded(fitted, cells).unwrap().last().unwrap()
}

#[test]
fn numbers_are_multiplied_divided_and_added() {
    for (operation, sign, expected) in [
        ("product", "*", 62.5),
        ("ratio", "/", 0.4),
        ("sum", "+", 17.5),
        ("difference", "-", -7.5),
    ] {
        let fitted = of(operation, "[\"tenure\", \"charge\"]", "").unwrap();
        assert_eq!(names(&fitted)[4], format!("tenure{sign}charge"));
        assert_eq!(last(&fitted, &ROW), expected);
        assert!(last(&fitted, &with(1, Cell::Missing)).is_nan());
    }
    let fitted = of("ratio", "[\"tenure\", \"charge\"]", "impute = { constant = 9 }").unwrap();
    assert_eq!(
        last(&fitted, &with(1, Cell::Number(0.0))),
        9.0,
        "a division by 0 is missing"
    );
    let fitted = of(
        "product",
        "[\"tenure\", \"senior\", \"charge\"]",
        "scale = \"minmax\"",
    )
    .unwrap();
    // 1*1*10, missing, 3*0*30, 4*1*20
    assert_eq!(last(&fitted, &with(1, Cell::Number(8.0))), 0.5);
}

#[test]
fn levels_are_combined() {
    let fitted = of("cross", "[\"plan\", \"senior\"]", "").unwrap();
    let levels = ["month:false", "week:true", "year:true", "(other)"]
        .map(str::to_owned)
        .to_vec();
    assert_eq!(names(&fitted)[4], "plan:senior");
    assert_eq!(fitted.outputs()[4].kind, OutputKind::Categorical { levels });
    assert_eq!(last(&fitted, &with(2, Cell::Boolean(false))), 0.0);
    assert_eq!(
        last(&fitted, &ROW),
        3.0,
        "month and senior came together in no row"
    );
    let fitted = of("cross", "[\"senior\", \"plan\"]", "encode = \"onehot\"").unwrap();
    assert_eq!(
        names(&fitted)[4..],
        [
            "senior:plan=false:month",
            "senior:plan=true:week",
            "senior:plan=true:year",
            "senior:plan=(other)"
        ]
    );
    let fitted = of("cross", "[\"senior\", \"plan\"]", "encode = \"frequency\"").unwrap();
    assert_eq!(last(&fitted, &with(2, Cell::Boolean(false))), 0.5);
}

#[test]
fn a_column_that_is_dropped_may_stand_in_an_interaction() {
    let toml = "drop = [\"tenure\", \"senior\"]\n[[interactions]]\ncolumns = [\"tenure\", \"charge\"]\noperation = \"sum\"";
    let fitted = fitted(toml).unwrap();
    assert_eq!(names(&fitted), ["charge", "plan", "tenure+charge"]);
    let inputs: Vec<&str> = fitted.inputs().iter().map(|input| input.name.as_str()).collect();
    assert_eq!(inputs, ["tenure", "charge", "plan"]);
    let row = [ROW[0].clone(), ROW[1].clone(), ROW[3].clone()];
    assert_eq!(last(&fitted, &row), 17.5);
    let missing = [Cell::Missing, ROW[1].clone(), ROW[3].clone()];
    assert!(
        encoded(&fitted, &missing)
            .unwrap_err()
            .to_string()
            .contains("\"tenure\" is missing")
    );
}

#[test]
fn an_interaction_that_cannot_be_made_is_refused() {
    let message = |operation: &str, columns: &str, settings: &str| {
        of(operation, columns, settings).unwrap_err().to_string()
    };
    assert_eq!(
        message("sum", "[\"tenure\", \"gone\"]", ""),
        "features.interactions: tenure+gone: the dataset has no column \"gone\"; correct the name or take it out"
    );
    assert!(message("ratio", "[\"tenure\"]", "").contains("takes two columns, got 1"));
    assert!(
        message("ratio", "[\"tenure\", \"charge\", \"senior\"]", "").contains("takes two columns, got 3")
    );
    assert!(
        message("sum", "[\"tenure\", \"plan\"]", "")
            .contains("\"plan\" is of type category; it takes numbers")
    );
    assert!(message("cross", "[\"tenure\", \"plan\"]", "").contains("takes categories and booleans"));
    assert!(
        message("cross", "[\"churn\", \"plan\"]", "").contains("\"churn\" is no feature: it is the target")
    );
    assert!(
        message("sum", "[\"tenure\", \"charge\"]", "encode = \"onehot\"")
            .contains("encode does not go with it")
    );
    assert!(message("cross", "[\"senior\", \"plan\"]", "scale = \"robust\"").contains("a cross takes"));
    assert!(message("cross", "[\"senior\", \"plan\"]", "impute = \"median\"").contains("most_frequent"));
    assert!(message("cross", "[\"senior\", \"plan\"]", "encode = \"ordinal\"").contains("no order"));
    assert!(
        message(
            "sum",
            "[\"tenure\", \"charge\"]",
            "scale = \"robust\"\ntransform = \"quantile\""
        )
        .contains("scaled already")
    );
    let levels: Vec<String> = (0..300).map(|level| format!("{level}")).collect();
    let fields = ["a", "b"].map(|name| Field::category(name, levels.clone()));
    let schema = Schema::new(fields.to_vec()).unwrap();
    let spec = toml::from_str("[[interactions]]\ncolumns = [\"a\", \"b\"]\noperation = \"cross\"").unwrap();
    let error = check(&spec, &schema, &[], &TargetKind::Number)
        .unwrap_err()
        .to_string();
    assert!(error.contains("90000 combinations"), "{error}");
}
