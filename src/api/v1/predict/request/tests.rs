//! What is read as a request, and what is refused.

use super::*;
use crate::platform::predictor::Cell;

fn rows(features: &str) -> Vec<Row<'static>> {
    let body: &'static str = Box::leak(format!("{{\"features\":{features}}}").into_boxed_str());
    match parse(body.as_bytes()).unwrap().what {
        What::Rows(rows) => rows,
        _ => panic!("rows are asked for"),
    }
}

fn refusal(body: &str) -> String {
    parse(body.as_bytes()).err().unwrap().to_string()
}

#[test]
fn every_form_of_features_becomes_rows() {
    let listed = || {
        Row::Listed(vec![
            Cell::Integer(1),
            Cell::Number(2.5),
            Cell::Missing,
            Cell::text("a"),
        ])
    };
    assert_eq!(rows("[1, 2.5, null, \"a\"]"), [listed()]);
    assert_eq!(
        rows("[[1, 2.5, null, \"a\"], [true]]"),
        [listed(), Row::Listed(vec![Cell::Boolean(true)])]
    );
    let named = || {
        Row::Named(vec![
            ("x".into(), Cell::Integer(-1)),
            ("y".into(), Cell::text("b")),
        ])
    };
    assert_eq!(rows("{\"x\": -1, \"y\": \"b\"}"), [named()]);
    assert_eq!(rows("[{\"x\": -1, \"y\": \"b\"}]"), [named()]);
    assert_eq!(rows("[]"), []);
}

#[test]
fn too_many_rows_are_refused_while_they_are_read() {
    for row in ["{}", "[]", "[1]"] {
        // What follows is no JSON: it is never looked at.
        let body = format!("{{\"features\": [{},?", [row].repeat(MAX_ROWS + 1).join(","));
        let refused = parse(body.as_bytes()).err().unwrap();
        assert!(
            matches!(refused, ApiError::Predict(PredictError::TooManyRows { .. })),
            "{refused}"
        );
    }
}

#[test]
fn too_many_values_are_refused_while_they_are_read() {
    let of = |count: usize| vec!["0"; count].join(",");
    let too_many = [
        of(MAX_CELLS + 1),
        format!("[{}],[{}]", of(MAX_CELLS / 2), of(MAX_CELLS / 2 + 1)),
        format!("[{}],{{\"x\":0}}", of(MAX_CELLS)),
    ];
    for values in too_many {
        // What follows is no JSON: it is never looked at.
        let body = format!("{{\"features\":[{values},?");
        let refused = parse(body.as_bytes()).err().unwrap();
        assert!(matches!(refused, ApiError::TooManyValues { .. }), "{refused}");
    }
    assert_eq!(rows(&format!("[{}]", of(MAX_CELLS))).len(), 1);
}

#[test]
fn an_empty_row_sets_nothing_aside() {
    for row in rows(&format!("[{}]", ["{}", "[]"].repeat(500).join(","))) {
        let capacity = match row {
            Row::Named(fields) => fields.capacity(),
            Row::Listed(cells) => cells.capacity(),
        };
        assert_eq!(capacity, 0);
    }
}

#[test]
fn what_a_request_says_twice_or_wrongly_is_named() {
    assert!(refusal("{\"features\": [1], \"features\": [2]}").contains("duplicate field `features`"));
    assert!(refusal("[[1]]").contains("an object with features"));
    assert!(refusal("{\"features\": [1], \"model\": 3}").contains("line 1 column"));
    assert!(refusal("{\"features\": [1]} {}").contains("trailing characters"));
    let feature = refusal("{\"features\": {\"there are more than 100000 rows\": [1]}}");
    assert!(feature.contains("invalid type"), "{feature}");
    let asked = parse(b"{\"model\": null, \"model_version\": \"v1\", \"features\": [1]}").unwrap();
    assert_eq!((asked.model, asked.model_version.as_deref()), (None, Some("v1")));
}

#[test]
fn a_version_is_a_text_or_a_number() {
    let version = |written: &str| {
        let body = format!("{{\"features\": [1], \"model_version\": {written}}}");
        let asked = parse(body.as_bytes()).map_err(|error| error.to_string())?;
        Ok::<_, String>(asked.model_version.map(Cow::into_owned))
    };
    for (written, read) in [
        ("\"v1.0.0\"", Some("v1.0.0")),
        ("\"\\u0031\"", Some("1")),
        ("1", Some("1")),
        ("18446744073709551615", Some("18446744073709551615")),
        ("null", None),
    ] {
        assert_eq!(version(written).unwrap().as_deref(), read, "{written}");
    }
    for wrong in ["-1", "1.5", "true", "[1]", "{}"] {
        let told = version(wrong).unwrap_err();
        assert!(
            told.contains("expected a version's label, number or stage"),
            "{told}"
        );
    }
}

#[test]
fn what_is_no_row_is_refused_in_words() {
    assert!(refusal("{\"features\": 3}").contains("features as a list of values"));
    assert!(refusal("{\"features\": [1, [2]]}").contains("mix values and rows"));
    assert!(refusal("{\"features\": {\"age\": [1]}}").contains("the feature age: invalid type"));
    let nan = refusal("{\"features\": [{\"age\": 1}, {\"age\": NaN}]}");
    assert!(
        nan.contains("place 2 of features: the feature age: expected value at line 1 column"),
        "{nan}"
    );
    assert!(refusal("{\"features\": [1, 1e999]}").contains("place 2 of features: number out of range"));
    assert!(refusal("{\"features\": [1], \"modle\": \"x\"}").contains("modle"));
    assert!(refusal("{}").contains("features"));
    let deep = format!("{{\"features\": {}1{}}}", "[".repeat(10_000), "]".repeat(10_000));
    assert!(refusal(&deep).contains("invalid type") || refusal(&deep).contains("recursion"));
}

#[test]
fn a_wrong_field_is_named_with_its_place() {
    for (body, field) in [
        (r#"{"features": {"age": [1]}}"#, Some("features.age")),
        (r#"{"features": {"age": NaN}}"#, Some("features.age")),
        (
            r#"{"features": [{"age": 1}, {"age": NaN}]}"#,
            Some("features[1].age"),
        ),
        (r#"{"features": [1, 1e999]}"#, Some("features[1]")),
        (r#"{"features": [[1], [1, {}]]}"#, Some("features[1][1]")),
        (r#"{"features": 3}"#, Some("features")),
        (r#"{"features": [1, [2]]}"#, Some("features")),
        (r#"{"features": [1], "features": [2]}"#, Some("features")),
        (r#"{"features": [1], "model": 3}"#, Some("model")),
        (
            r#"{"features": [1], "model_version": [1]}"#,
            Some("model_version"),
        ),
        (r#"{"features": [1], "modle": "x"}"#, Some("modle")),
        ("{}", Some("features")),
        ("[1]", None),
        ("{", None),
        ("", None),
    ] {
        let refused = parse(body.as_bytes()).err().unwrap();
        let ApiError::BadBody { field: named, .. } = &refused else {
            panic!("{body}: {refused}");
        };
        assert_eq!(named.as_deref(), field, "{body}: {refused}");
    }
}

#[test]
fn what_else_is_asked_for_is_read() {
    let asked = |more: &str| {
        let body = format!("{{\"features\": [1]{more}}}");
        let asked = parse(body.as_bytes()).map_err(|error| error.to_string())?;
        Ok::<_, String>((asked.explain.top(), asked.dry_run))
    };
    for (more, read) in [
        ("", (None, false)),
        (", \"explain\": null, \"dry_run\": null", (None, false)),
        (", \"explain\": false", (None, false)),
        (", \"explain\": true", (Some(usize::MAX), false)),
        (", \"explain\": 3, \"dry_run\": true", (Some(3), true)),
    ] {
        assert_eq!(asked(more).unwrap(), read, "{more}");
    }
    for wrong in ["0", "-1", "1.5", "\"yes\"", "[]"] {
        let told = asked(&format!(", \"explain\": {wrong}")).unwrap_err();
        assert!(
            told.contains("true, false, or how many features to name"),
            "{wrong}: {told}"
        );
    }
    assert!(asked(", \"dry_run\": 1").is_err());
    assert!(
        asked(", \"dry_run\": true, \"dry_run\": true")
            .unwrap_err()
            .contains("duplicate field")
    );
}

#[test]
fn a_line_is_one_row_and_nothing_else() {
    let row = |line: &'static str| parse_row(line.as_bytes());
    assert_eq!(
        row("[1, null]").unwrap(),
        Row::Listed(vec![Cell::Integer(1), Cell::Missing])
    );
    assert_eq!(
        row(" {\"x\": \"a\"} ").unwrap(),
        Row::Named(vec![("x".into(), Cell::text("a"))])
    );
    for (line, field) in [
        ("3", None),
        ("[[1]]", Some("[0]")),
        ("[{}]", Some("[0]")),
        ("[1] [2]", None),
        ("[1", None),
        ("{\"x\": [1]}", Some("x")),
    ] {
        let Err(ApiError::BadBody {
            field: named,
            message,
        }) = row(line)
        else {
            panic!("{line} passes");
        };
        assert_eq!(named.as_deref(), field, "{line}: {message}");
        assert!(!message.contains("line 1"), "{message}");
    }
}

#[test]
fn a_forecast_is_asked_by_history_future_or_horizon() {
    let ahead = |body: &str| {
        let body: &'static str = Box::leak(body.to_owned().into_boxed_str());
        match parse(body.as_bytes()).unwrap().what {
            What::Forecast(ahead) => ahead,
            _ => panic!("a forecast is asked for"),
        }
    };
    assert_eq!(ahead("{\"horizon\":7}").horizon, Some(7));
    assert_eq!(ahead("{\"horizon\":7}").history, None);
    let both = ahead("{\"history\":[{\"t\":\"2026-01-01\",\"y\":1}],\"future\":[{\"t\":\"2026-01-02\"}]}");
    assert_eq!(
        (
            both.history.map(|rows| rows.len()),
            both.future.len(),
            both.horizon
        ),
        (Some(1), 1, None)
    );
    assert_eq!(ahead("{\"history\":null,\"horizon\":1}").history, None);
    for (body, told) in [
        ("{\"history\":[1,2]}", "a list of objects, one a period"),
        ("{\"history\":{\"t\":1}}", "a list of objects, one a period"),
        ("{\"history\":[{\"t\":[]}]}", "period 1 of history"),
        ("{\"features\":[1],\"horizon\":2}", "send one or the other"),
        ("{\"user\":1,\"horizon\":2}", "send one or the other"),
        ("{\"features\":[1],\"user\":2}", "send one or the other"),
        ("{\"horizon\":-1}", "-1"),
        ("{}", "features"),
    ] {
        assert!(refusal(body).contains(told), "{body}: {}", refusal(body));
    }
}

#[test]
fn recommendations_are_asked_by_user_items_or_likeness() {
    let wanted = |body: &str| match parse(body.as_bytes()).unwrap().what {
        What::Recommend(wanted) => wanted,
        _ => panic!("recommendations are asked for"),
    };
    assert_eq!(wanted("{\"user\":17}").user.as_deref(), Some("17"));
    assert_eq!(wanted("{\"user\":\"anna\",\"top_k\":3}").top_k, Some(3));
    assert_eq!(
        wanted("{\"similar_to\":\"b\",\"keep_seen\":true}")
            .similar_to
            .as_deref(),
        Some("b")
    );
    let items = wanted("{\"items\":[3,\"x\",{\"item\":5,\"value\":4.5}]}")
        .items
        .unwrap();
    let of = |item: &str, value| (item.to_owned(), value);
    assert_eq!(items, [of("3", None), of("x", None), of("5", Some(4.5))]);
    assert!(refusal("{\"user\":[1]}").contains("an id, which is a text"));
}
