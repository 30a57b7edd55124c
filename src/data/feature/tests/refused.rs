//! What a recipe cannot ask for.

use super::*;

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
    let fit = |rows: &[usize]| fit(&FeatureSpec::default(), &table, rows, &[TARGET]).unwrap_err();
    assert_eq!(fit(&[]), FeatureError::NoRows);
    assert_eq!(fit(&[4]), FeatureError::NoSuchRow { row: 4, rows: 4 });
}

#[test]
fn a_column_that_is_no_feature_is_called_what_it_is() {
    let roles = [
        ("churn", Role::Target, "it is the target"),
        ("charge", Role::Weight, "rows are weighed with (data.weight)"),
        ("plan", Role::Group, "rows are grouped by (validation.group)"),
    ];
    let exclude = roles.map(|(column, role, _)| Excluded { column, role });
    for (column, _, words) in roles {
        let refused = |toml: String| {
            let spec = toml::from_str(&toml).unwrap();
            fit(&spec, &customers(), &[0, 1, 2, 3], &exclude)
                .unwrap_err()
                .to_string()
        };
        let ruled = refused(format!("[[rules]]\ncolumns = [\"{column}\"]"));
        assert!(ruled.contains(words), "{ruled}");
        let crossed = refused(format!(
            "[[interactions]]\noperation = \"sum\"\ncolumns = [\"tenure\", \"{column}\"]"
        ));
        assert!(crossed.contains(words), "{crossed}");
    }
    let gone = [Excluded {
        column: "weights",
        role: Role::Weight,
    }];
    let told = fit(&FeatureSpec::default(), &customers(), &[0], &gone).unwrap_err();
    assert!(
        told.to_string()
            .starts_with("data.weight names the column \"weights\""),
        "{told}"
    );
}

#[test]
fn a_setting_that_does_not_go_with_its_column_names_what_does() {
    let rule = |column: &str, settings: &str| {
        let toml = format!(
            "[[rules]]\ncolumns = [\"{column}\"]\n{}",
            settings.replace("; ", "\n")
        );
        fitted(&toml).unwrap_err().to_string()
    };
    for (column, settings, words) in [
        (
            "tenure",
            "smooth = 3",
            "smooth does not go with \"tenure\", which is of type integer; numbers take",
        ),
        (
            "senior",
            "scale = \"robust\"",
            "booleans take impute and indicator",
        ),
        (
            "plan",
            "transform = \"log\"",
            "categories take impute, indicator, encode",
        ),
        (
            "plan",
            "encode = \"parts\"",
            "categories take native, onehot, ordinal",
        ),
        ("plan", "smooth = \"auto\"", "it goes with encode = \"target\""),
        ("plan", "levels = [\"year\"]", "it goes with encode = \"ordinal\""),
        (
            "plan",
            "encode = \"target\"; min_count = 3",
            "\"native\" and \"onehot\"",
        ),
        (
            "plan",
            "encode = \"ordinal\"; levels = [\"week\", \"month\"]",
            "leave out \"year\"",
        ),
        (
            "plan",
            "encode = \"ordinal\"; levels = [\"a\", \"a\"]",
            "name \"a\" twice",
        ),
        ("since", "scale = \"robust\"", "timestamps take impute"),
        (
            "since",
            "encode = \"onehot\"",
            "timestamps take encode = \"parts\"",
        ),
        ("since", "parts = []", "name at least one part"),
        ("since", "parts = [\"day\", \"day\"]", "each once"),
        (
            "since",
            "impute = { constant = \"soon\" }",
            "which is no point in time",
        ),
        (
            "since",
            "impute = { constant = 3 }",
            "a constant of the column's type",
        ),
        (
            "tenure",
            "transform = \"quantile\"; scale = \"standard\"",
            "is scaled already",
        ),
        (
            "tenure",
            "transform = \"log\"; impute = { constant = -2 }",
            "numbers above -1",
        ),
        ("note", "impute = \"none\"", "text is not a feature"),
    ] {
        let told = rule(column, settings);
        assert!(told.contains(words), "{settings} of {column}: {told}");
    }
    // A scale for all numbers passes over those that a rule gives a quantile transform.
    let toml = "numeric.scale = \"standard\"\n[[rules]]\ncolumns = [\"tenure\"]\ntransform = \"quantile\"";
    let fitted = fitted(toml).unwrap();
    assert_eq!(encoded(&fitted, &with(0, Cell::Integer(4))).unwrap()[0], 1.0);
}

#[test]
fn a_number_without_a_log_is_refused_in_training_and_in_serving() {
    let log = |toml: &str| fitted(toml);
    let fitted = log("numeric.transform = \"log\"").unwrap();
    assert_eq!(encoded(&fitted, &with(0, Cell::Integer(0))).unwrap()[0], 0.0);
    let error = encoded(&fitted, &with(0, Cell::Integer(-1))).unwrap_err();
    assert_eq!(
        error.to_string(),
        "field \"tenure\": -1 is out of range: transform = \"log\" takes numbers above -1"
    );
    assert_eq!(error.field(), Some("tenure"));
    let toml = "[[interactions]]\ncolumns = [\"tenure\", \"charge\"]\noperation = \"difference\"\ntransform = \"log\"";
    let error = log(toml).unwrap_err();
    assert_eq!(
        error.to_string(),
        "row 0: field \"tenure-charge\": -9 is out of range: transform = \"log\" takes numbers above -1"
    );
}

#[test]
fn numbers_too_big_to_scale_are_told() {
    let schema = Arc::new(Schema::new(vec![Field::new("x", ColumnType::Number)]).unwrap());
    let table = Table::new(schema, vec![Column::Number(vec![f64::MAX, f64::MIN])]).unwrap();
    for scale in ["standard", "minmax"] {
        let spec = toml::from_str(&format!("numeric.scale = \"{scale}\"")).unwrap();
        let error = fit(&spec, &table, &[0, 1], &[]).unwrap_err();
        assert!(matches!(error, FeatureError::TooBigToScale(name) if name == "x"));
    }
}
