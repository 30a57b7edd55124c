//! What else can be asked of a model: why, and how the input is understood.

use axum::body::Body;
use serde_json::{Value, json};
use usina::api::Limits;

use super::{Models, number, rows};
use crate::support::{Folder, Here, get, post};

#[test]
fn an_explanation_sums_to_the_answer_in_the_fields_that_were_sent() {
    let models = Models::new();
    for (model, row) in rows() {
        let plain = models.predict(&json!({"model": model, "features": row}));
        assert!(plain.get("explanations").is_none());
        let answer = models.predict(&json!({"model": model, "features": [row, row], "explain": true}));
        assert_eq!(answer["prediction"][0], plain["prediction"][0]);
        let explanation = &answer["explanations"][1];
        assert_eq!(explanation, &answer["explanations"][0]);
        let outputs = explanation["outputs"].as_array().unwrap();
        for output in outputs {
            let parts = output["contributions"].as_array().unwrap();
            let names: Vec<_> = parts
                .iter()
                .map(|part| part["feature"].as_str().unwrap())
                .collect();
            assert_eq!(names.len(), row.as_object().unwrap().len(), "{names:?}");
            for part in parts {
                assert_eq!(part["value"], row[part["feature"].as_str().unwrap()]);
            }
            let sum: f64 = parts.iter().map(|part| number(&part["contribution"])).sum();
            let sum = sum + number(&output["base_value"]);
            assert!((sum - number(&output["sum"])).abs() < 1e-9, "{output}");
            let sizes: Vec<_> = parts
                .iter()
                .map(|part| number(&part["contribution"]).abs())
                .collect();
            assert!(sizes.is_sorted_by(|a, b| a >= b), "{sizes:?}");
        }
        let sums: Vec<f64> = outputs.iter().map(|output| number(&output["sum"])).collect();
        match explanation["space"].as_str().unwrap() {
            "log_odds" => {
                let probability = 1.0 / (1.0 + (-sums[0]).exp());
                assert!((probability - number(&answer["probability"][0])).abs() < 1e-4);
                assert_eq!(outputs[0]["class"], "yes");
            }
            "logits" => {
                let whole: f64 = sums.iter().map(|sum| sum.exp()).sum();
                for (output, sum) in outputs.iter().zip(&sums) {
                    let told = &answer["probability"][0][output["class"].as_str().unwrap()];
                    assert!((sum.exp() / whole - number(told)).abs() < 1e-4, "{output}");
                }
                assert_eq!(outputs.len(), 3);
            }
            "target" => {
                assert!((sums[0] - number(&answer["prediction"][0])).abs() < 1e-4);
                assert_eq!(outputs[0]["class"], Value::Null);
            }
            other => panic!("{other}"),
        }
        let short = models.predict(&json!({"model": model, "features": row, "explain": 1}));
        let (long, short) = (&outputs[0], &short["explanations"][0]["outputs"][0]);
        assert_eq!(short["contributions"].as_array().unwrap().len(), 1);
        assert_eq!(short["contributions"][0], long["contributions"][0]);
        let told = number(&short["base_value"]) + number(&short["rest"]);
        let told = told + number(&short["contributions"][0]["contribution"]);
        assert!((told - number(&short["sum"])).abs() < 1e-9);
    }
    let many = vec![rows()[0].1.clone(); 1_001];
    let asked = post(
        "/api/v1/predict",
        &json!({"model": "leavers", "features": many, "explain": true}),
    );
    let refused = models.server.send(&asked).refused(413, "too_many_rows");
    assert_eq!(refused.detail["limit"], 1_000);
    the_command_line_explains(&models);
    a_dry_run_tells_all_of_the_input(&models);
    models.server.stop();
}

fn the_command_line_explains(models: &Models) {
    let row = rows()[0].1.to_string();
    let table = models.folder.run(&["explain", "leavers", "--json", &row]).done();
    for part in ["log-odds of yes", "(base value)", "(sum)", "plan", "family", "│"] {
        assert!(table.contains(part), "{part} in\n{table}");
    }
    let json = models
        .folder
        .run(&["explain", "leavers", "--json", &row, "--as-json", "--top", "2"])
        .done();
    let json: Value = serde_json::from_str(&json).unwrap();
    let parts = &json["explanations"][0]["outputs"][0]["contributions"];
    assert_eq!(parts.as_array().unwrap().len(), 2);
    let twice = r#"{"age": 33, "age": 34}"#;
    let told = models
        .folder
        .run(&["predict", "leavers", "--json", twice])
        .refused(2);
    assert!(told.contains("the feature age is there twice"), "{told}");
}

fn a_dry_run_tells_all_of_the_input(models: &Models) {
    let tally = || {
        let metrics = models.server.send(&get("/metrics")).text();
        let lines = metrics
            .lines()
            .filter(|line| line.starts_with("ml_predictions_total"));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    let before = tally();
    let good = json!({"age": 33, "income": null, "plan": "gold", "active": true});
    let told = models.predict(&json!({"model": "leavers", "features": good, "dry_run": true}));
    assert_eq!(
        (&told["dry_run"], &told["would_answer"], &told["version"]),
        (&json!(true), &json!(true), &json!("v1.0.0"))
    );
    let field = |told: &Value, name: &str| {
        let fields = told["rows"][0]["fields"].as_array().unwrap();
        fields
            .iter()
            .find(|field| field["field"] == name)
            .unwrap()
            .clone()
    };
    let age = field(&told, "age");
    assert_eq!(
        (&age["given"], &age["value"], &age["type"]),
        (&json!("sent"), &json!(33), &json!("integer"))
    );
    assert_eq!(age["encoded"], json!({"age": 33.0}));
    let income = field(&told, "income");
    assert_eq!(
        (&income["given"], &income["encoded"]),
        (&json!("missing"), &json!({"income": null}))
    );
    assert_eq!(field(&told, "plan")["known_level"], true);
    assert_eq!(field(&told, "active")["encoded"], json!({"active": 1.0}));

    let bad = json!({"age": "old", "plan": "platinum", "active": true, "left": "no", "extra": 1});
    let told = models.predict(&json!({"model": "leavers", "features": [bad], "dry_run": true}));
    assert_eq!(told["would_answer"], false);
    assert_eq!(field(&told, "age")["error"]["code"], "wrong_type");
    assert_eq!(field(&told, "income")["error"]["code"], "missing_feature");
    assert_eq!(field(&told, "income")["given"], "absent");
    assert_eq!(field(&told, "active")["error"], Value::Null);
    let unknown = told["rows"][0]["unknown_fields"].as_array().unwrap();
    let unknown: Vec<_> = unknown
        .iter()
        .map(|field| field["field"].as_str().unwrap())
        .collect();
    assert_eq!(unknown, ["left", "extra"]);
    assert_eq!(tally(), before, "nothing was predicted");
}

#[test]
fn what_does_nothing_is_refused_and_failures_are_problem_details_on_request() {
    let folder = Folder::new();
    let server = folder.serve();
    for path in [
        "/api/v1/info?verbose=1",
        "/api/v1/recipes?limit=3",
        "/api/v1/models/x/history?a",
    ] {
        let told = server.send(&get(path)).refused(400, "bad_parameter");
        assert!(told.detail["parameter"].is_string(), "{told:?}");
    }
    let predict = post("/api/v1/predict?model=x", &json!({"features": [1]}));
    let told = server.send(&predict).refused(400, "bad_parameter");
    assert_eq!(told.detail["parameter"], "model");

    let problem = |request: crate::support::Request, status: u16, code: &str| {
        let answer = server.send(&request.header("Accept", "application/problem+json"));
        assert_eq!(answer.status, status, "{}", answer.text());
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
        let told: Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(
            (&told["code"], &told["status"]),
            (&json!(code), &json!(status)),
            "{told}"
        );
        assert_eq!(told["type"], format!("urn:usina:error:{code}"));
        let id = answer.header("x-request-id").unwrap();
        assert_eq!(told["instance"], format!("urn:usina:request:{id}"));
        assert!(told["detail"].is_string() && told["title"].is_string() && told["facts"].is_object());
    };
    problem(get("/api/v1/models/nothing"), 404, "unknown_model");
    problem(get("/nowhere"), 404, "no_such_route");
    problem(
        get("/api/v1/models").header("Host", "evil.example"),
        403,
        "foreign_host",
    );
    problem(
        get("/api/v1/models").header("Via", "1.1 p"),
        400,
        "forwarded_header",
    );
    problem(post("/api/v1/predict", &json!({})), 400, "bad_body");

    let hint = server
        .send(&post("/api/v1/jobs", &json!({"recipe": "customer-churn"})))
        .refused(400, "bad_body");
    assert!(
        hint.message.contains("{\"shipped\": \"customer-churn\"}"),
        "{hint:?}"
    );
    let recipe = "name = \"m\"\n[data]\nfile = \"f.csv\"\ntarget = \"y\"\n[validation]\nfolds = 1\n";
    let told = server
        .send(&post("/api/v1/jobs", &json!({ "recipe": recipe })))
        .refused(422, "bad_recipe");
    assert_eq!(
        (&told.detail["field"], &told.detail["line"]),
        (&json!("validation.folds"), &json!(6))
    );
    server.stop();
}

#[test]
fn what_was_not_changed_is_not_sent_again() {
    let folder = Folder::new();
    folder.file("customers.csv", crate::support::customers(100));
    let server = folder.serve();
    let first = server.send(&get("/api/v1/datasets"));
    let tag = first.header("etag").unwrap().to_owned();
    for known in [
        tag.clone(),
        format!("W/{tag}"),
        format!("\"x\", {tag}"),
        "*".to_owned(),
    ] {
        let answer = server.send(&get("/api/v1/datasets").header("If-None-Match", &known));
        assert_eq!((answer.status, answer.body.len()), (304, 0), "{known}");
        assert_eq!(answer.header("etag"), Some(tag.as_str()));
    }
    let other = server.send(&get("/api/v1/datasets").header("If-None-Match", "\"x\""));
    assert_eq!(other.body, first.body);
    folder.run(&["data", "add", "customers", "customers.csv"]).done();
    let changed = server.send(&get("/api/v1/datasets").header("If-None-Match", &tag));
    assert_eq!(changed.status, 200);
    assert_ne!(changed.header("etag"), Some(tag.as_str()));
    assert_eq!(server.send(&get("/api/v1/models/nothing")).header("etag"), None);
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_with_a_key_is_not_begun_while_the_first_is_under_way() {
    let here = Here::new(Limits::default()).await;
    let request = post("/api/v1/datasets/customers", &json!({}))
        .header("Content-Type", "text/csv")
        .header("Idempotency-Key", "k");
    let (mut sender, body) = arriving();
    let table = crate::support::customers(100);
    let first = here.send_with(&request, body);
    let meanwhile = async {
        sender.send("age,income,plan,active,left\n".to_owned()).await;
        let again = here.send(&request.clone().body(table.clone())).await;
        again.refused(409, "idempotency_under_way");
        assert_eq!(again.header("retry-after"), Some("1"));
        let rows = table.split_once('\n').unwrap().1.to_owned();
        sender.send(rows).await;
        drop(sender);
    };
    let (first, ()) = tokio::join!(first, meanwhile);
    assert_eq!(first.status, 201, "{}", first.text());
    let again = here.send(&request.clone().body(table)).await;
    assert_eq!((again.status, &again.body), (201, &first.body));
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
}

/// The sender of a body that arrives bit by bit.
struct Sender(tokio::sync::mpsc::Sender<String>);

impl Sender {
    async fn send(&mut self, piece: String) {
        self.0.send(piece).await.unwrap();
    }
}

fn arriving() -> (Sender, Body) {
    let (sender, pieces) = tokio::sync::mpsc::channel(1);
    let pieces =
        futures_util::stream::unfold(pieces, async |mut pieces: tokio::sync::mpsc::Receiver<String>| {
            let piece = pieces.recv().await?;
            Some((Ok::<_, std::io::Error>(piece), pieces))
        });
    (Sender(sender), Body::from_stream(pieces))
}

#[test]
fn a_request_with_a_key_is_done_once_also_after_a_restart() {
    let folder = Folder::new();
    let table = crate::support::customers(100);
    let upload = |key: &str, body: &str| {
        post("/api/v1/datasets/customers", &json!({}))
            .header("Content-Type", "text/csv")
            .header("Idempotency-Key", key)
            .body(body)
    };
    let server = folder.serve();
    let first = server.send(&upload("k-1", &table));
    assert_eq!((first.status, first.header("idempotent-replayed")), (201, None));
    let again = server.send(&upload("k-1", &table));
    assert_eq!(
        (again.status, &again.body),
        (201, &first.body),
        "not 200: it was not done again"
    );
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    server
        .send(&upload("k-1", &(table.clone() + "1,2,basic,true,no\n")))
        .refused(422, "idempotency_other_body");
    server
        .send(&upload("k 1", &table))
        .refused(400, "bad_idempotency_key");
    let refused = server.send(&upload("k-2", "a\n1,2\n"));
    assert_eq!(refused.status, 422);
    let right = server.send(&upload("k-2", &table));
    assert_eq!(
        right.status,
        200,
        "what was refused freed its key: {}",
        right.text()
    );
    server.stop();

    let server = folder.serve();
    let again = server.send(&upload("\"k-1\"", &table));
    assert_eq!((again.status, &again.body), (201, &first.body));
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    server.stop();
}
