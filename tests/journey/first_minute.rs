//! `usina up`: serves at once, trains what is shipped once, answers as the reference system does.

use serde_json::{Value, json};

use crate::support::{Folder, Server, get, post, wait_for};

/// Each recipe that is shipped, and what its model does.
const SHIPPED: [(&str, &str); 7] = [
    ("credit-risk", "binary"),
    ("customer-churn", "binary"),
    ("demand-forecast", "forecast"),
    ("fraud-detection", "binary"),
    ("predictive-maintenance", "binary"),
    ("recommendation", "recommendation"),
    ("weather-forecast", "forecast"),
];

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

fn jobs(server: &Server) -> Vec<Value> {
    server.json("/api/v1/jobs")["jobs"].as_array().unwrap().clone()
}

/// The usual value of every input of a model's production version, as an object by name.
fn usual_row(server: &Server, model: &str) -> Value {
    let version = server.json(&format!("/api/v1/models/{model}/versions/production"));
    let inputs = version["inputs"].as_array().unwrap().iter();
    inputs
        .map(|input| {
            (
                input["name"].as_str().unwrap().to_owned(),
                input["example"].clone(),
            )
        })
        .collect()
}

/// What each shipped model says of its usual row, without the request's id.
fn answers(server: &Server) -> Vec<Value> {
    let ask = |(model, task): &(&str, &str)| {
        let body = match *task {
            "forecast" => json!({"model": model, "horizon": 3}),
            "recommendation" => json!({"model": model, "user": 1, "top_k": 3}),
            _ => json!({"model": model, "features": usual_row(server, model)}),
        };
        let mut answer = server.send(&post("/api/v1/predict", &body)).json();
        answer.as_object_mut().unwrap().remove("request_id").unwrap();
        answer
    };
    SHIPPED.iter().map(ask).collect()
}

#[test]
fn up_serves_at_once_trains_what_is_shipped_once_and_answers_like_the_reference_system() {
    let folder = Folder::new();
    let server = folder.serve_with(&["up"]);
    serves_before_anything_is_trained(&server);

    wait_for("the shipped recipes to be trained", || {
        let jobs = jobs(&server);
        assert!(jobs.iter().all(|job| job["state"] != "failed"), "{jobs:?}");
        (jobs.len() == SHIPPED.len() && jobs.iter().all(|job| job["state"] == "done")).then_some(())
    });
    everything_shipped_is_in_production_and_better_than_its_baseline(&server);
    the_three_calls_of_the_reference_system(&server);
    predictions_are_measured(&server);

    let (before, jobs_before) = (answers(&server), jobs(&server));
    server.stop();
    assert!(
        !folder.data().join("usina.sock").exists(),
        "a socket on which nobody answers"
    );
    let server = folder.serve_with(&["up"]);
    assert_eq!(answers(&server), before, "a restart changes no answer");
    assert_eq!(jobs(&server), jobs_before, "a restart trains nothing again");
    server.stop();
}

fn serves_before_anything_is_trained(server: &Server) {
    assert_eq!(server.json("/health"), json!({"status": "up"}));
    assert_eq!(server.json("/ready"), json!({"status": "ready"}));
    let page = server.send(&get("/"));
    assert_eq!(
        (page.status, page.header("content-type")),
        (200, Some("text/html; charset=utf-8"))
    );
    // The first training takes seconds, and no test machine has spent them by now.
    let nobody = server
        .send(&post("/api/v1/predict", &json!({"features": [1]})))
        .refused(404, "nothing_serves");
    assert!(
        nobody.message.contains("usina up"),
        "names the remedy: {}",
        nobody.message
    );
    let jobs = jobs(server);
    assert_eq!(jobs.len(), SHIPPED.len());
    assert_eq!(
        jobs.last().unwrap()["model"],
        "fraud-detection",
        "the default model is trained first"
    );
}

fn everything_shipped_is_in_production_and_better_than_its_baseline(server: &Server) {
    let answer = server.json("/api/v1/models");
    assert_eq!(keys(&answer), ["models"]);
    let models = answer["models"].as_array().unwrap();
    let names: Vec<_> = models.iter().map(|model| model["id"].as_str().unwrap()).collect();
    assert_eq!(names, SHIPPED.map(|(name, _)| name));
    for (model, (name, task)) in models.iter().zip(SHIPPED) {
        let is = |key: &str, wanted: Value| assert_eq!(model[key], wanted, "{key} of {model}");
        is("version", json!("v1.0.0"));
        is("number", json!(1));
        is("status", json!("production"));
        is("task", json!(task));
        is("serving", json!(true));
        is("versions", json!(1));
        is(
            "generated",
            json!(["fraud-detection", "recommendation"].contains(&name)),
        );
        is("default", json!(model["id"] == "fraud-detection"));
        let headline = &model["headline"];
        let value = headline["value"].as_f64().unwrap();
        let baseline = headline["baseline"].as_f64().unwrap();
        match task {
            "forecast" => assert!(headline["metric"] == "rmse" && value < 0.95 * baseline, "{model}"),
            "recommendation" => assert!(headline["metric"] == "ndcg" && value > baseline, "{model}"),
            _ => assert!(
                headline["metric"] == "roc_auc" && baseline == 0.5 && value > 0.65,
                "{model}"
            ),
        }
    }
}

/// `POST /predict`, `GET /models` and `GET /models/{id}/metrics`, to the key.
fn the_three_calls_of_the_reference_system(server: &Server) {
    let inputs = usual_row(server, "fraud-detection");
    let listed: Vec<Value> = inputs.as_object().unwrap().values().cloned().collect();
    let ask = |features: &Value| {
        let body = json!({"features": features, "model_version": "v1.0.0"});
        server.send(&post("/api/v1/predict", &body)).json()
    };
    let answer = ask(&json!(listed));
    assert_eq!(
        keys(&answer),
        ["prediction", "probability", "model", "version", "request_id"]
    );
    assert_eq!(answer["model"], "fraud-detection");
    assert_eq!(answer["version"], "v1.0.0");
    assert_eq!(answer["prediction"], json!(["0"]), "a usual payment is no fraud");
    let probability = answer["probability"][0].as_f64().unwrap();
    assert!((0.0..0.5).contains(&probability), "{answer}");
    for features in [inputs, json!([listed, listed])] {
        let same = ask(&features);
        let rows = if features.is_array() { 2 } else { 1 };
        assert_eq!(same["prediction"], json!(vec!["0"; rows]));
        assert_eq!(
            same["probability"],
            json!(vec![answer["probability"][0].clone(); rows])
        );
        assert_ne!(
            same["request_id"], answer["request_id"],
            "every request has a name of its own"
        );
    }

    let metrics = server.json("/api/v1/models/fraud-detection/metrics");
    for name in ["accuracy", "precision", "recall", "f1_score", "roc_auc"] {
        assert!(
            (0.0..=1.0).contains(&metrics[name].as_f64().unwrap()),
            "{name} in {metrics}"
        );
    }
    assert_eq!(metrics, server.json("/api/v1/models/fraud-detection")["metrics"]);
}

fn predictions_are_measured(server: &Server) {
    let count = || {
        let text = server.send(&get("/metrics")).text();
        let line = "ml_predictions_total{model=\"customer-churn\",version=\"v1.0.0\",outcome=\"ok\"} ";
        let found = text.lines().find_map(|counted| counted.strip_prefix(line));
        assert!(
            text.contains("ml_prediction_duration_seconds_bucket{model=\"customer-churn\""),
            "{text}"
        );
        found
            .unwrap_or_else(|| panic!("no {line} in {text}"))
            .parse::<u64>()
            .unwrap()
    };
    let before = count();
    let row = usual_row(server, "customer-churn");
    let body = json!({"model": "customer-churn", "features": [row, row, row]});
    server.send(&post("/api/v1/predict", &body)).json();
    assert_eq!(count(), before + 3, "one a row");
}

#[test]
fn a_shipped_recipe_is_taken_out_with_its_data_and_trains() {
    let folder = Folder::new();
    let out = ["recipes", "customer-churn", "--to", "mine/churn"];
    let told = folder.run(&out).done();
    for file in ["recipe.toml", "churn_telco.csv", "NOTICE.md"] {
        let path = format!("mine/churn/{file}");
        assert!(told.lines().any(|line| line == path), "{told}");
        let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/models/customer-churn/");
        let shipped = std::fs::read(format!("{shipped}{file}")).unwrap();
        assert_eq!(std::fs::read(folder.path(&path)).unwrap(), shipped, "{file}");
    }
    assert!(!folder.data().exists(), "it needs no data folder");
    let told = folder.run(&out).refused(2);
    assert!(told.contains("is there already"), "{told}");

    let recipe = folder.path("mine/churn/recipe.toml");
    let text = std::fs::read_to_string(&recipe).unwrap();
    let quick = text.replace("n_estimators = 100", "n_estimators = 5");
    std::fs::write(&recipe, quick).unwrap();
    let trained = folder.run(&["train", "mine/churn/recipe.toml"]).done();
    assert!(trained.contains("customer-churn v1.0.0 is in"), "{trained}");
}
