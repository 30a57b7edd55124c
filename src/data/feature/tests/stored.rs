//! Fitted features in a bundle.

use super::*;

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
    insta::assert_snapshot!(json, @r#"{"version":1,"inputs":[{"name":"charge","kind":"number","nullable":true,"example":20.0,"min":10.0,"median":20.0,"max":30.0},{"name":"plan","kind":"category","nullable":false,"levels":["month","week","year"],"example":"month"}],"encoders":[{"of":[0],"encoder":{"number":{"impute":20.0,"scaling":{"shift":20.0,"divisor":7.0710678118654755}}}},{"of":[1],"encoder":{"category":{"encode":"native","slots":[0,1,2],"unknown":null,"missing":null,"width":3,"other":false}}}],"dropped":[{"name":"tenure","reason":"the recipe drops it"},{"name":"senior","reason":"the recipe drops it"},{"name":"note","reason":"text is not a feature; declare it as a category if it is one"},{"name":"since","reason":"a point in time is not a feature, unless the recipe asks for its parts"}]}"#);
}

#[test]
fn the_format_of_every_further_encoder_is_the_same_in_every_version() {
    let toml = r#"
        drop = ["senior"]
        [[rules]]
        columns = ["charge"]
        impute = "median"
        indicator = true
        transform = { quantile = { n_quantiles = 2, output_distribution = "normal" } }
        [[rules]]
        columns = ["tenure"]
        transform = "log"
        [[rules]]
        columns = ["plan"]
        encode = "ordinal"
        levels = ["week", "month", "year"]
        [[rules]]
        columns = ["since"]
        parts = ["month"]
        cyclic = true
        [[interactions]]
        columns = ["tenure", "charge"]
        operation = "ratio"
        [[interactions]]
        columns = ["plan", "senior"]
        operation = "cross"
        encode = "frequency"
    "#;
    let json = serde_json::to_value(fitted(toml).unwrap()).unwrap();
    insta::assert_snapshot!(json["encoders"], @r#"[{"of":[0],"encoder":{"number":{"impute":null,"transform":"log","scaling":null}}},{"of":[1],"encoder":{"number":{"impute":20.0,"transform":{"quantile":{"quantiles":[10.0,30.0],"normal":true}},"scaling":null}}},{"of":[1],"encoder":{"missing":{}}},{"of":[3],"encoder":{"values":{"encode":"ordinal","values":[1.0,0.0,2.0],"unknown":null,"missing":null}}},{"of":[4],"encoder":{"time":{"parts":["month"],"cyclic":true,"impute":null}}},{"of":[0,1],"encoder":{"arithmetic":{"operation":"ratio","number":{"impute":null,"scaling":null}}}},{"of":[3,2],"encoder":{"cross":{"values":{"encode":"frequency","values":[0.5,0.0,0.0,0.25,0.0,0.25],"unknown":[0.0],"missing":null}}}}]"#);
}

#[test]
fn an_encoder_that_is_not_known_is_refused_by_its_name() {
    let json = serde_json::to_string(&fitted("").unwrap()).unwrap();
    let later = json.replacen("{\"number\":", "{\"spline\":", 1);
    let error = serde_json::from_str::<FittedFeatures>(&later)
        .unwrap_err()
        .to_string();
    assert!(error.contains("spline"), "{error}");
}

#[test]
fn further_encoders_from_a_damaged_bundle_are_refused() {
    let toml =
        "categorical.encode = \"frequency\"\ntimestamp.encode = \"parts\"\nnumeric.transform = \"quantile\"
        [[interactions]]\ncolumns = [\"tenure\", \"charge\"]\noperation = \"sum\"
        [[interactions]]\ncolumns = [\"senior\", \"plan\"]\noperation = \"cross\"";
    let json = serde_json::to_string(&fitted(toml).unwrap()).unwrap();
    let read = |json: &str| serde_json::from_str::<FittedFeatures>(json).map(|_| ());
    read(&json).unwrap();
    for (from, to) in [
        ("\"of\":[0,1]", "\"of\":[0,9]"),
        ("\"of\":[0,1]", "\"of\":[0]"),
        ("\"of\":[0,1]", "\"of\":[0,3]"),
        ("\"of\":[0,1]", "\"of\":[]"),
        ("\"of\":[2,3]", "\"of\":[2,2]"),
        ("\"of\":[2,3]", "\"of\":[0,3]"),
        ("\"of\":[4]", "\"of\":[0]"),
        ("\"quantiles\":[1.0,", "\"quantiles\":[99.0,"),
        ("\"values\":[0.5,", "\"values\":["),
        ("\"values\":[0.5,", "\"values\":[1e300,"),
        ("\"encode\":\"frequency\"", "\"encode\":\"onehot\""),
        ("\"parts\":[", "\"parts\":[],\"part\":["),
        (
            "\"parts\":[\"year\",\"month\",\"day\",\"weekday\",\"hour\"]",
            "\"parts\":[]",
        ),
    ] {
        assert!(json.contains(from), "{from} {json}");
        assert!(read(&json.replacen(from, to, 1)).is_err(), "{from} as {to}");
    }
}
