//! Requests that are wrong on every other route.

use serde_json::json;

use crate::support::{Folder, Recipe, Server, customers, get, post};

#[test]
fn what_is_not_there_and_what_cannot_be_asked_is_told_in_one_form() {
    let folder = Folder::new();
    folder.file("customers.csv", customers(200));
    folder.file(
        "recipe.toml",
        Recipe::quick("leavers", "customers.csv", "left").toml(),
    );
    folder.run(&["train", "recipe.toml"]).done();
    let server = folder.serve();
    things_that_are_not_there(&server);
    parameters_that_are_wrong(&server);
    routes_and_methods_that_are_none(&server);
    changes_that_cannot_be(&server);
    jobs_that_cannot_be(&server);
    tables_that_cannot_be(&server);
    heads_that_are_too_large(&server);
    let models = server.json("/api/v1/models");
    assert_eq!(models["models"][0]["version"], "v1.0.0");
    assert_eq!(
        server.json("/api/v1/jobs")["jobs"].as_array().unwrap().len(),
        1,
        "no job came of it"
    );
    let log = server.stop().err;
    assert!(!log.contains("ERROR") && !log.contains("WARN"), "{log}");
}

fn things_that_are_not_there(server: &Server) {
    let id = "0123456789abcdef0123456789abcdef";
    let absent = [
        ("/api/v1/models/stayers".to_owned(), "unknown_model"),
        ("/api/v1/models/stayers/metrics".to_owned(), "unknown_model"),
        ("/api/v1/models/stayers/versions".to_owned(), "unknown_model"),
        (
            "/api/v1/models/stayers/versions/1/card".to_owned(),
            "unknown_model",
        ),
        ("/api/v1/models/leavers/versions/2".to_owned(), "unknown_version"),
        (
            "/api/v1/models/leavers/versions/v2.0.0/card".to_owned(),
            "unknown_version",
        ),
        (
            "/api/v1/models/leavers/versions/staging/export?format=xgboost".to_owned(),
            "unknown_version",
        ),
        (format!("/api/v1/jobs/{id}"), "unknown_job"),
        (format!("/api/v1/runs/{id}"), "unknown_run"),
        (format!("/api/v1/runs/{id}/metrics/roc_auc"), "unknown_run"),
        ("/api/v1/runs?experiment_id=7".to_owned(), "unknown_experiment"),
        ("/api/v1/datasets/people".to_owned(), "unknown_dataset"),
    ];
    for (path, code) in absent {
        let refusal = server.send(&get(&path)).refused(404, code);
        let field = match code {
            "unknown_model" => "model",
            "unknown_version" => "version",
            "unknown_experiment" => "experiment_id",
            "unknown_dataset" => "name",
            _ => "id",
        };
        assert_eq!(refusal.detail["field"], field, "{path}");
    }
    let run = server.json("/api/v1/runs")["runs"][0]["run_id"]
        .as_str()
        .unwrap()
        .to_owned();
    server
        .send(&get(&format!("/api/v1/runs/{run}/metrics/beauty")))
        .refused(404, "unknown_metric");
}

fn parameters_that_are_wrong(server: &Server) {
    let wrong = [
        ("/api/v1/models/no%20name", "model"),
        ("/api/v1/models/%2e%2e%2f%2e%2e%2fetc", "model"),
        ("/api/v1/models/%ff", "path"),
        ("/api/v1/models/a%00b", "model"),
        ("/api/v1/jobs/5", "id"),
        ("/api/v1/jobs/0123456789ABCDEF0123456789ABCDEF", "id"),
        ("/api/v1/runs/x", "id"),
        ("/api/v1/runs?experiment_id=-1", "experiment_id"),
        ("/api/v1/jobs?limit=0", "limit"),
        ("/api/v1/jobs?limit=1001", "limit"),
        ("/api/v1/jobs?limit=ten", "limit"),
        ("/api/v1/jobs?limit=-1", "limit"),
        ("/api/v1/jobs?limits=3", "limits"),
        ("/api/v1/jobs?limit=1&limit=2", "limit"),
        ("/api/v1/models/leavers/versions/1/export", "format"),
        ("/api/v1/models/leavers/versions/1/export?format=pickle", "format"),
    ];
    for (path, parameter) in wrong {
        let refusal = server.send(&get(path)).refused(400, "bad_parameter");
        assert_eq!(
            refusal.detail,
            json!({"parameter": parameter, "field": parameter}),
            "{path}: {}",
            refusal.message
        );
        for inner in ["deserialize", "invalid digit", "field", "string:"] {
            assert!(!refusal.message.contains(inner), "{path}: {}", refusal.message);
        }
    }
    server
        .send(&get("/api/v1/runs?page_token=made-up"))
        .refused(400, "bad_page_token");
    for version in ["one", "0x1", "v1", "-1", "1.0.0", "v1.0.0.0"] {
        let refusal = server
            .send(&get(&format!("/api/v1/models/leavers/versions/{version}")))
            .refused(400, "bad_version");
        assert_eq!(refusal.detail, json!({"field": "version"}), "{version}");
    }
    for (path, message) in [
        (
            "jobs?limit=ten",
            "limit \"ten\": expected a whole number from 1 to 1000",
        ),
        (
            "jobs?limits=3",
            "there is no parameter limits here; those that there are: state, model, limit, page_token",
        ),
        (
            "models/leavers/versions/1/export",
            "the parameter format is missing",
        ),
    ] {
        let refusal = server.send(&get(&format!("/api/v1/{path}")));
        assert_eq!(refusal.refused(400, "bad_parameter").message, message);
    }
}

fn routes_and_methods_that_are_none(server: &Server) {
    for path in [
        "/nowhere",
        "/api",
        "/api/v1",
        "/api/v2/models",
        "/api/v1/models/",
        "/health/",
        "//",
        "/assets/x/y",
    ] {
        let refusal = server.send(&get(path)).refused(404, "no_such_route");
        assert!(refusal.message.contains(path), "{}", refusal.message);
    }
    for (method, path, allowed) in [
        ("PUT", "/api/v1/models", "GET,HEAD"),
        ("DELETE", "/api/v1/models/leavers/metrics", "GET,HEAD"),
        ("PATCH", "/api/v1/datasets/people", "GET,HEAD,POST"),
        ("GET", "/api/v1/predict", "POST"),
        ("HEAD", "/api/v1/predict", "POST"),
        ("POST", "/health", "GET,HEAD"),
        ("POST", "/", "GET,HEAD"),
        ("BREW", "/api/v1/jobs", "GET,HEAD,POST"),
    ] {
        let json = get(path)
            .method(method)
            .header("Content-Type", "application/json");
        // The method is what is wrong, whatever the body would have been.
        let requests = [json.clone().without("Content-Type"), json];
        let [_, answer] = requests.map(|request| {
            let answer = server.send(&request);
            assert_eq!(
                (answer.status, answer.header("allow")),
                (405, Some(allowed)),
                "{method} {path}"
            );
            answer
        });
        if method != "HEAD" {
            let refusal = answer.refused(405, "method_not_allowed");
            assert!(
                refusal.message.contains(method) && refusal.message.contains(path),
                "{}",
                refusal.message
            );
        }
    }
    let head = server.send(&get("/health").method("HEAD"));
    assert_eq!((head.status, head.body.len()), (200, 0));
}

fn changes_that_cannot_be(server: &Server) {
    let promote = |version: &str, body| {
        server.send(&post(
            &format!("/api/v1/models/leavers/versions/{version}/promote"),
            &body,
        ))
    };
    let refusal = promote("1", json!({"stage": "live"})).refused(400, "bad_stage");
    assert!(refusal.message.contains("production"), "{}", refusal.message);
    promote("2", json!({"stage": "production"})).refused(404, "unknown_version");
    promote("one", json!({"stage": "production"})).refused(400, "bad_version");
    assert_eq!(refusal.detail, json!({"field": "stage"}));
    for (body, field) in [
        (json!({"stag": "production"}), "stag"),
        (json!({}), "stage"),
        (json!({"stage": 3}), "stage"),
    ] {
        let refusal = promote("1", body).refused(400, "bad_body");
        assert_eq!(refusal.detail, json!({"field": field}), "{}", refusal.message);
        assert!(refusal.message.contains(field), "{}", refusal.message);
        assert!(
            refusal.message.contains("none, staging, production or archived"),
            "{}",
            refusal.message
        );
    }
    promote("1", json!(["production"])).refused(400, "bad_body");
    let roll_back =
        |model: &str, body| server.send(&post(&format!("/api/v1/models/{model}/rollback"), &body));
    roll_back("leavers", json!({})).refused(409, "nothing_to_roll_back_to");
    let refusal = roll_back("leavers", json!({"to": 1})).refused(400, "bad_body");
    assert_eq!(refusal.detail, json!({"field": "to"}), "{}", refusal.message);
    roll_back("stayers", json!({})).refused(404, "unknown_model");
    server
        .send(&post("/api/v1/models/stayers/default", &json!({})))
        .refused(404, "unknown_model");
}

fn jobs_that_cannot_be(server: &Server) {
    let start = |body| server.send(&post("/api/v1/jobs", &body));
    for name in [
        "no-such-recipe",
        "../customer-churn",
        "",
        "customer-churn/recipe.toml",
    ] {
        start(json!({"shipped": name})).refused(404, "unknown_recipe");
    }
    for (body, detail) in [
        (json!({}), json!({"field": "shipped"})),
        (json!({"recipe": 3}), json!({"field": "recipe"})),
        (json!({"shiped": "customer-churn"}), json!({"field": "shiped"})),
        (json!({"file": "x.toml"}), json!({"field": "recipe"})),
        (
            json!({"shipped": "customer-churn", "recipe": "x"}),
            json!({"field": "recipe"}),
        ),
        (
            json!({"shipped": "customer-churn", "file": "x.toml"}),
            json!({"field": "file"}),
        ),
        (json!([]), json!({})),
        (json!(["customer-churn"]), json!({})),
    ] {
        let refusal = start(body).refused(400, "bad_body");
        assert_eq!(refusal.detail, detail, "{}", refusal.message);
        assert!(
            refusal
                .message
                .contains("`shipped`, or with `recipe` and perhaps `file`"),
            "{}",
            refusal.message
        );
    }
    let twice = post("/api/v1/jobs", &json!({})).body(r#"{"shipped": "a", "shipped": "b"}"#);
    let refusal = server.send(&twice).refused(400, "bad_body");
    assert_eq!(refusal.detail, json!({"field": "shipped"}), "{}", refusal.message);
    let recipe = Recipe::quick("leavers", "/etc/passwd", "left");
    let refusal = start(json!({"recipe": recipe.toml()})).refused(422, "needs_file");
    assert!(refusal.message.contains("/etc/passwd") && refusal.message.contains("usina data add"));
    let wrong = recipe.toml().replace("folds = 2", "folds = 1");
    let refusal = start(json!({"recipe": wrong, "file": "mine.toml"})).refused(422, "bad_recipe");
    let line = 1 + wrong.lines().position(|line| line == "folds = 1").unwrap();
    assert_eq!(
        refusal.detail,
        json!({"line": line, "column": 1, "field": "validation.folds"})
    );
    assert!(
        refusal.message.starts_with(&format!("mine.toml:{line}:1: ")),
        "{}",
        refusal.message
    );

    let done = server.json("/api/v1/jobs")["jobs"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let cancel = |id: &str| server.send(&post(&format!("/api/v1/jobs/{id}/cancel"), &json!({})));
    cancel(&done).refused(409, "job_ended");
    cancel("0123456789abcdef0123456789abcdef").refused(404, "unknown_job");
}

fn tables_that_cannot_be(server: &Server) {
    let add = |path: &str, table: &str| {
        let request =
            post(&format!("/api/v1/datasets/{path}"), &json!({})).header("Content-Type", "text/csv");
        server.send(&request.body(table))
    };
    server
        .send(&post("/api/v1/datasets/people", &json!({"rows": []})))
        .refused(415, "wrong_content_type");
    const TABLES: &str =
        "text/csv, application/x-ndjson, application/vnd.apache.parquet or application/octet-stream";
    let table = post("/api/v1/datasets/people", &json!({}));
    for (request, got) in [
        (
            table.clone().header("Content-Type", "text/plain"),
            "got \"text/plain\"",
        ),
        (table.without("Content-Type"), "and none is there"),
    ] {
        let refusal = server.send(&request).refused(415, "wrong_content_type");
        assert_eq!(
            refusal.message,
            format!("the content type has to be {TABLES}, {got}")
        );
        assert_eq!(refusal.detail, json!({"expected": TABLES}));
    }
    add("no%20name", "x\n1\n").refused(400, "bad_parameter");
    for (csv, words) in [
        ("%7B%22delimeter%22%3A%22%3B%22%7D", "`delimeter`"),
        ("%7B%22delimiter%22%3A3%7D", "delimiter: "),
        ("%7B%22types%22%3A%7B%22x%22%3A3%7D%7D", "types.x: "),
        ("3", "expected an object with `delimiter`, `missing`"),
        ("%5B%5D", "expected an object with `delimiter`, `missing`"),
    ] {
        let refusal = add(&format!("people?csv={csv}"), "x\n1\n").refused(400, "bad_parameter");
        assert!(refusal.message.contains(words), "{}", refusal.message);
    }
    add("people?shape=csv", "x\n1\n").refused(400, "bad_parameter");
    let refusal = add("people?source=people.csv", "x,y\n1,2\n3\n").refused(422, "bad_file");
    assert_eq!(refusal.detail, json!({"line": 3}));
    assert!(
        refusal.message.starts_with("people.csv, line 3: "),
        "{}",
        refusal.message
    );
    let refusal = add("people", "x,y\n1,2\n1,99999999999999999999\n").refused(422, "bad_file");
    assert_eq!(refusal.detail, json!({"line": 3, "column": "y"}));
    add("people?target=z", "x,y\n1,a\n2,b\n").refused(422, "bad_target");
    add("people?target=y", "x,y\n1,a\n2,a\n").refused(422, "bad_target");
    let names = server.json("/api/v1/datasets")["datasets"]
        .as_array()
        .unwrap()
        .len();
    assert_eq!(names, 1, "only the one that was trained on");
}

fn heads_that_are_too_large(server: &Server) {
    let long = "x".repeat(1 << 20);
    for request in [get("/health").header("X-Long", &long), get(&format!("/{long}"))] {
        let status = server.send(&request).status;
        assert!([414, 431].contains(&status), "{status}");
    }
    assert_eq!(server.json("/health"), json!({"status": "up"}));
}
