//! Requests to predict that are wrong, each with its status, its code and the field's name.

use serde_json::{Value, json};

use crate::support::{
    Folder, Recipe, Refusal, Request, Server, customers, get, good_customer, patients, post,
};

fn served() -> (Folder, Server) {
    let folder = Folder::new();
    folder.file("customers.csv", customers(300));
    folder.file("patients.csv", patients(300));
    folder.file(
        "leavers.toml",
        Recipe::quick("leavers", "customers.csv", "left").toml(),
    );
    folder.file("days.toml", Recipe::quick("days", "patients.csv", "days").toml());
    folder.run(&["train", "leavers.toml"]).done();
    folder.run(&["train", "days.toml"]).done();
    let server = folder.serve();
    (folder, server)
}

/// A request with `body` as it stands, JSON or not.
fn raw(body: impl Into<Vec<u8>>) -> Request {
    post("/api/v1/predict", &Value::Null).body(body)
}

fn ask(features: &Value) -> Request {
    raw(json!({"model": "leavers", "features": features}).to_string())
}

/// The good row with one field changed, in JSON's own words: NaN is no JSON, and 1e999 no number.
fn changed(field: &str, value: &str) -> String {
    let good = good_customer();
    let fields = good.as_object().unwrap().iter().map(|(name, good)| {
        let value = if name == field {
            value.to_owned()
        } else {
            good.to_string()
        };
        format!("\"{name}\":{value}")
    });
    format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
}

fn with(features: &str) -> Request {
    raw(format!("{{\"model\":\"leavers\",\"features\":{features}}}"))
}

#[test]
fn wrong_features_are_refused_with_the_field_s_name() {
    let (_folder, server) = served();
    let good = server.send(&ask(&good_customer())).json();
    a_value_that_a_field_does_not_take(&server);
    a_row_with_other_fields(&server);
    one_bad_row_of_several(&server);
    rows_that_are_none(&server);
    another_model_or_version(&server);

    // Nothing of it changed the model, or is told as a fault of the server.
    let after = server.send(&ask(&good_customer())).json();
    assert_eq!(
        (&after["prediction"], &after["probability"]),
        (&good["prediction"], &good["probability"])
    );
    let metrics = server.send(&get("/metrics")).text();
    assert!(
        metrics.contains("ml_predictions_total{model=\"leavers\",version=\"v1.0.0\",outcome=\"refused\"}")
    );
    let log = server.stop().err;
    assert!(!log.contains("ERROR") && !log.contains("WARN"), "{log}");
}

fn a_value_that_a_field_does_not_take(server: &Server) {
    let cases = [
        ("age", "null", "missing_value", json!({"expected": "integer"})),
        ("plan", "null", "missing_value", json!({"expected": "category"})),
        ("age", "\"old\"", "wrong_type", json!({"expected": "integer"})),
        ("age", "\"33\"", "wrong_type", json!({"expected": "integer"})),
        ("age", "33.5", "wrong_type", json!({"expected": "integer"})),
        ("age", "true", "wrong_type", json!({"expected": "integer"})),
        ("age", "1e300", "number_too_big", json!({})),
        ("income", "\"\"", "wrong_type", json!({"expected": "number"})),
        ("income", "false", "wrong_type", json!({"expected": "number"})),
        ("income", "1e39", "number_too_big", json!({})),
        ("income", "-1e39", "number_too_big", json!({})),
        ("active", "1", "wrong_type", json!({"expected": "boolean"})),
        ("active", "\"true\"", "wrong_type", json!({"expected": "boolean"})),
        ("plan", "3", "wrong_type", json!({"expected": "category"})),
        (
            "plan",
            "\"platinum\"",
            "unknown_category",
            json!({"known": ["basic", "family", "gold"]}),
        ),
        (
            "plan",
            "\"Gold\"",
            "unknown_category",
            json!({"known": ["basic", "family", "gold"]}),
        ),
        (
            "plan",
            "\"gold \"",
            "unknown_category",
            json!({"known": ["basic", "family", "gold"]}),
        ),
        (
            "plan",
            "\"\"",
            "unknown_category",
            json!({"known": ["basic", "family", "gold"]}),
        ),
    ];
    for (field, value, code, detail) in cases {
        let refusal = server.send(&with(&changed(field, value))).refused(422, code);
        names(&refusal, field);
        for (key, wanted) in detail.as_object().unwrap() {
            assert_eq!(refusal.detail[key], *wanted, "{field} {value}: {refusal:?}");
        }
        // The same value at its place in a list.
        let position = good_customer()
            .as_object()
            .unwrap()
            .keys()
            .position(|name| name == field)
            .unwrap();
        let mut listed: Vec<String> = good_customer()
            .as_object()
            .unwrap()
            .values()
            .map(Value::to_string)
            .collect();
        value.clone_into(&mut listed[position]);
        let listed = server
            .send(&with(&format!("[{}]", listed.join(","))))
            .refused(422, code);
        assert_eq!(listed.detail, refusal.detail, "{field} {value}");
    }
    // What is no JSON value at all is told by the parser, with the field and the place.
    for value in [
        "NaN",
        "Infinity",
        "-Infinity",
        "1e999",
        "-1e999",
        "[1]",
        "{\"years\": 3}",
        "nul",
        "'33'",
        "",
    ] {
        let refusal = server
            .send(&with(&changed("income", value)))
            .refused(400, "bad_body");
        assert!(
            refusal.message.contains("the feature income: "),
            "{value}: {refusal:?}"
        );
        assert!(
            refusal.message.contains("at line 1 column"),
            "{value}: {refusal:?}"
        );
    }
}

#[track_caller]
fn names(refusal: &Refusal, field: &str) {
    assert_eq!(refusal.detail["field"], field, "{refusal:?}");
    assert!(refusal.message.contains(field), "{refusal:?}");
}

fn a_row_with_other_fields(server: &Server) {
    for (field, value) in good_customer().as_object().unwrap() {
        let mut row = good_customer();
        row.as_object_mut().unwrap().remove(field);
        let refusal = server.send(&ask(&row)).refused(422, "missing_feature");
        names(&refusal, field);
        assert_eq!(
            refusal.message.contains("null"),
            field == "income",
            "says how a value is left out where it may be: {refusal:?}"
        );

        let twice = changed("", "").replacen('{', &format!("{{\"{field}\":{value},"), 1);
        names(
            &server.send(&with(&twice)).refused(422, "duplicate_feature"),
            field,
        );
    }
    for extra in ["shoe_size", "Age", "age ", "left", "", "__proto__"] {
        let mut row = good_customer();
        row[extra] = json!(44);
        let refusal = server.send(&ask(&row)).refused(422, "unknown_feature");
        assert_eq!(refusal.detail["field"], extra, "{refusal:?}");
        assert!(
            refusal.message.contains("age, income, plan, active"),
            "{refusal:?}"
        );
    }
    let long = "x".repeat(1_000_000);
    let refusal = server
        .send(&ask(&json!({ long: 1 })))
        .refused(422, "unknown_feature");
    assert!(
        refusal.message.len() < 1_000,
        "what was sent is not sent back whole"
    );

    for row in [json!([]), json!([33]), json!([33, 1.5, "gold", true, 0])] {
        let refusal = server.send(&ask(&row)).refused(
            422,
            if row == json!([]) {
                "no_rows"
            } else {
                "wrong_length"
            },
        );
        if let Some(got) = row.as_array().filter(|row| !row.is_empty()) {
            assert_eq!(refusal.detail, json!({"expected": 4, "got": got.len()}));
            assert!(
                refusal.message.contains("age, income, plan, active"),
                "{refusal:?}"
            );
        }
    }
}

fn one_bad_row_of_several(server: &Server) {
    let (good, mut bad) = (good_customer(), good_customer());
    bad["plan"] = json!("platinum");
    let refusal = server
        .send(&ask(&json!([good, good, bad, good])))
        .refused(422, "unknown_category");
    names(&refusal, "plan");
    assert_eq!(refusal.detail["row"], 3);
    assert!(refusal.message.contains("row 3"), "{refusal:?}");

    let refusal = server
        .send(&ask(&json!([good, [33, 1.5, "gold"]])))
        .refused(422, "wrong_length");
    assert_eq!(refusal.detail, json!({"expected": 4, "got": 3, "row": 2}));
    let refusal = server
        .send(&ask(&json!([good, {"age": 33}])))
        .refused(422, "missing_feature");
    assert_eq!(refusal.detail, json!({"field": "income", "row": 2}));

    let nan = format!("[{good},{}]", changed("income", "NaN"));
    let refusal = server.send(&with(&nan)).refused(400, "bad_body");
    assert!(
        refusal
            .message
            .contains("place 2 of features: the feature income: "),
        "{refusal:?}"
    );
    // A row in the middle of a large request, which is computed elsewhere.
    let mut rows = vec![good; 1_000];
    rows[777] = bad;
    assert_eq!(
        server
            .send(&ask(&json!(rows)))
            .refused(422, "unknown_category")
            .detail["row"],
        778
    );
}

fn rows_that_are_none(server: &Server) {
    for features in [
        "3",
        "\"gold\"",
        "true",
        "null",
        "[1,[2]]",
        "[[1],2]",
        "[[[1]]]",
        "[{\"age\":{}}]",
    ] {
        let refusal = server.send(&with(features)).refused(400, "bad_body");
        assert!(
            refusal.message.contains("line 1 column"),
            "{features}: {refusal:?}"
        );
    }
    let many = format!("[{}[]]", "[],".repeat(100_000));
    let refusal = server.send(&with(&many)).refused(413, "too_many_rows");
    assert_eq!(refusal.detail, json!({"limit": 100_000}));
    let deep = format!("{}1{}", "[".repeat(200_000), "]".repeat(200_000));
    server.send(&with(&deep)).refused(400, "bad_body");
    let deep = format!("{}1{}", "{\"age\":".repeat(200_000), "}".repeat(200_000));
    server.send(&with(&deep)).refused(400, "bad_body");
}

fn another_model_or_version(server: &Server) {
    let of = |model: &str, version: &str| {
        raw(json!({"model": model, "model_version": version, "features": good_customer()}).to_string())
    };
    for model in [
        "stayers",
        "",
        "Leavers",
        "no name",
        "../leavers",
        &"x".repeat(10_000),
    ] {
        let refusal = server.send(&raw(json!({"model": model, "features": [1]}).to_string()));
        let refusal = refusal.refused(404, "unknown_model");
        assert!(refusal.message.len() < 500, "{refusal:?}");
        server.send(&of(model, "v1.0.0")).refused(404, "unknown_model");
    }
    for version in [
        "v9.0.0",
        "2",
        "0",
        "staging",
        "",
        "1.0.0",
        "v1",
        "newest",
        "-1",
        "99999999999999999999",
    ] {
        let refusal = server
            .send(&of("leavers", version))
            .refused(404, "unknown_version");
        assert!(refusal.message.contains("leavers"), "{refusal:?}");
        assert_eq!(
            refusal.detail,
            json!({"field": "model_version", "model": "leavers", "version": version})
        );
    }
    for version in ["v1.0.0", "1", "production", "latest"] {
        assert_eq!(
            server.send(&of("leavers", version)).json()["version"],
            "v1.0.0",
            "{version}"
        );
    }
    let by_number = json!({"model": "leavers", "model_version": 1, "features": good_customer()});
    assert_eq!(
        server.send(&raw(by_number.to_string())).json()["version"],
        "v1.0.0"
    );
    // The oldest model is the default one, and another one's features are not its own.
    let refusal = server
        .send(&raw(r#"{"features": {"pulse": 70}}"#))
        .refused(422, "unknown_feature");
    names(&refusal, "pulse");
}

#[test]
fn a_body_that_is_no_request_is_refused() {
    let (_folder, server) = served();
    for body in [
        "",
        " ",
        "{",
        "nothing",
        "[]",
        "3",
        "null",
        "{}",
        "{\"features\"}",
        "\u{feff}{}",
        "{}{}",
    ] {
        server.send(&raw(body)).refused(400, "bad_body");
    }
    let told = |body: &str| server.send(&raw(body)).refused(400, "bad_body").message;
    assert!(told("{}").contains("features"));
    assert!(told("{\"features\": [1], \"modle\": \"leavers\"}").contains("modle"));
    assert!(told("{\"features\": [1], \"features\": [2]}").contains("features"));
    assert!(told("{\"features\": [1], \"model\": 3}").contains("line 1 column"));
    server
        .send(&raw(b"{\"features\": [\"\xff\xfe\"]}".as_slice()))
        .refused(400, "bad_body");
    server
        .send(&raw("{\"features\": [\"\\ud800\"]}"))
        .refused(400, "bad_body");

    // One byte more than fits, by its length and by what arrives.
    let largest = 8 << 20;
    let fits = format!("{{\"features\": [1]{}}}", " ".repeat(largest - 17));
    assert_eq!(fits.len(), largest);
    server.send(&raw(fits.clone())).refused(422, "wrong_length");
    let refusal = server.send(&raw(fits + " ")).refused(413, "body_too_large");
    assert_eq!(refusal.detail, json!({"limit_bytes": largest}));
    server
        .send(&raw(vec![b'['; 4 * largest]))
        .refused(413, "body_too_large");
    let chunked = "800001\r\n".to_owned() + &" ".repeat(largest + 1) + "\r\n0\r\n\r\n";
    let chunked = raw(chunked)
        .header("Transfer-Encoding", "chunked")
        .header("Content-Length", "0");
    assert!(
        [400, 413].contains(&server.send(&chunked).status),
        "a length and chunks at once is an old trick"
    );

    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/vnd.api+json",
        "",
    ] {
        let request = ask(&good_customer()).header("Content-Type", kind);
        let refusal = server.send(&request).refused(415, "wrong_content_type");
        assert_eq!(refusal.detail, json!({"expected": "application/json"}));
    }
    let right = ask(&good_customer()).header("Content-Type", "application/json; charset=utf-8");
    assert_eq!(server.send(&right).status, 200);
    server.stop();
}
