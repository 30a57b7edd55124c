//! Stops, kills and Ctrl-C: nothing is lost, nothing is half there.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{
    Connection, Folder, Recipe, Running, Server, customers, get, good_customer, post, wait_at_most, wait_for,
};

/// A folder in which a small model is in production, so that something could be lost.
fn with_a_model() -> Folder {
    let folder = Folder::new();
    folder.file("customers.csv", customers(200));
    folder.file(
        "recipe.toml",
        Recipe::quick("leavers", "customers.csv", "left").toml(),
    );
    folder.run(&["train", "recipe.toml"]).done();
    folder
}

/// Starts a training on the server, and waits until it is under way. Gives the job's id and its run's.
fn under_way(server: &Server, recipe: &Recipe) -> (String, String) {
    let job = server.send(&post("/api/v1/jobs", &json!({"recipe": recipe.toml()})));
    assert_eq!(job.status, 202);
    let id = job.json()["id"].as_str().unwrap().to_owned();
    let run = wait_for("the training to fit", || {
        let job = server.json(&format!("/api/v1/jobs/{id}"));
        assert!(
            matches!(job["state"].as_str(), Some("queued" | "running")),
            "{job}"
        );
        let is_fitting = job["phase"] == "folds" && job["progress"].as_f64().unwrap() > 0.1;
        is_fitting.then(|| job["run_id"].as_str().unwrap().to_owned())
    });
    (id, run)
}

fn status_of_run(folder: &Folder, run: &str) -> Value {
    folder.json(&["runs", "show", run])["status"].clone()
}

fn models(folder: &Folder) -> Vec<String> {
    let models = folder.json(&["models", "list"])["models"]
        .as_array()
        .unwrap()
        .clone();
    models
        .iter()
        .map(|model| model["id"].as_str().unwrap().to_owned())
        .collect()
}

/// Long enough to be interrupted, short enough to be waited for.
fn some_seconds() -> Recipe {
    Recipe {
        trees: 400,
        ..Recipe::long("slow")
    }
}

#[test]
fn a_stop_answers_what_is_under_way_and_leaves_the_training_for_the_next_start() {
    let folder = with_a_model();
    let server = folder.serve();
    let (job, run) = under_way(&server, &some_seconds());

    let mut idle = Connection::open(server.address);
    assert_eq!(idle.send(&get("/health")).status, 200);
    let request = post(
        "/api/v1/predict",
        &json!({"model": "leavers", "features": good_customer()}),
    );
    let (first, rest) = request.body.split_at(20);
    let mut in_flight = Connection::open(server.address);
    assert!(in_flight.write(&request.head(server.address)) && in_flight.write(first));
    // A request that was answered after the head arrived shows that the head was read.
    assert_eq!(server.send(&get("/health")).status, 200);
    let address = server.address;
    server.running.signal("TERM");
    wait_for("the port to be closed", || {
        std::net::TcpStream::connect(address).is_err().then_some(())
    });
    assert!(in_flight.write(rest));
    assert!(in_flight.read(false).unwrap().json()["prediction"].is_array());
    let stopped = server.running.wait();
    assert_eq!(stopped.code, Some(0), "{stopped:?}");
    assert!(idle.read(false).is_err(), "an idle connection is closed");
    assert!(!folder.data().join("usina.sock").exists());

    let waiting = folder.json(&["jobs", "show", &job]);
    assert_eq!(
        (&waiting["state"], &waiting["ended_at"]),
        (&"queued".into(), &Value::Null)
    );
    assert_eq!(waiting["attempts"], 0, "being stopped is not the job's fault");
    assert_eq!(status_of_run(&folder, &run), "KILLED");
    assert_eq!(models(&folder), ["leavers"]);

    let server = folder.serve();
    ends_well(&server, &job, &run);
    assert_eq!(status_of_run(&folder, &run), "KILLED");
    server.stop();
}

/// The job that was interrupted ends with one whole version and a new run.
fn ends_well(server: &Server, job: &str, interrupted: &str) {
    let done = server.job_end(job);
    assert_eq!(
        (&done["state"], &done["version"]),
        (&"done".into(), &"v1.0.0".into()),
        "{done}"
    );
    assert_ne!(done["run_id"], interrupted);
    let run = server.json(&format!("/api/v1/runs/{}", done["run_id"].as_str().unwrap()));
    assert_eq!(run["status"], "FINISHED");
    let versions = server.json("/api/v1/models/slow/versions");
    assert_eq!(versions["versions"].as_array().unwrap().len(), 1);
    assert_eq!(versions["versions"][0]["run_id"], done["run_id"]);
    assert_eq!(versions["versions"][0]["stage"], "production");
}

#[test]
fn a_training_that_is_killed_is_taken_up_again_and_leaves_no_half_version() {
    let folder = with_a_model();
    let server = folder.serve();
    let before = folder.run(&["models", "show", "leavers", "--json"]).done();
    let (job, run) = under_way(&server, &some_seconds());
    server.running.kill();

    // The socket is still there, and nobody answers on it: commands open the folder themselves.
    assert!(folder.data().join("usina.sock").exists());
    assert_eq!(models(&folder), ["leavers"]);
    let server = folder.serve();
    assert_eq!(
        folder.run(&["models", "show", "leavers", "--json"]).done(),
        before
    );
    ends_well(&server, &job, &run);
    let done = server.json(&format!("/api/v1/jobs/{job}"));
    assert_eq!(done["attempts"], 2);
    assert_eq!(status_of_run(&folder, &run), "KILLED");
    server.stop();
}

#[test]
fn a_training_that_takes_the_process_down_each_time_is_given_up() {
    let folder = Folder::new();
    let mut server = folder.serve();
    let (job, _) = under_way(&server, &Recipe::long("deadly"));
    for attempt in 2..=3 {
        server.running.kill();
        server = folder.serve();
        wait_for("the training to be taken up again", || {
            let job = server.json(&format!("/api/v1/jobs/{job}"));
            (job["attempts"] == attempt && job["phase"] == "folds").then_some(())
        });
    }
    server.running.kill();
    let server = folder.serve();
    let failed = server.job_end(&job);
    assert_eq!(failed["state"], "failed");
    assert!(
        failed["error"].as_str().unwrap().contains("interrupted 3 times"),
        "{failed}"
    );
    let runs = server.json("/api/v1/runs");
    let statuses = runs["runs"].as_array().unwrap().iter().map(|run| &run["status"]);
    assert_eq!(statuses.collect::<Vec<_>>(), ["KILLED"; 3]);
    server.stop();
}

/// Sends a signal to `usina train` once it fits, and checks what is left of it.
fn interrupt(folder: &Folder, training: Running, signal: &str) {
    wait_for("the training to fit", || {
        training.told().contains("fold 1").then_some(())
    });
    training.signal(signal);
    let ran = ended_soon(training);
    assert_eq!(ran.code, Some(130), "{ran:?}");
    assert!(
        ran.err.ends_with("usina: interrupted\n") && ran.out.is_empty(),
        "{ran:?}"
    );
    // A server that was told may still be in the middle of a step.
    let job = wait_at_most(Duration::from_secs(10), "the job to be cancelled", || {
        let job = folder.json(&["jobs", "list"])["jobs"][0].clone();
        (job["state"] == "cancelled").then_some(job)
    });
    assert!(job["version"].is_null() && !job["ended_at"].is_null(), "{job}");
    assert_eq!(status_of_run(folder, job["run_id"].as_str().unwrap()), "KILLED");
    assert_eq!(models(folder), Vec::<String>::new());
}

/// About a second is what it takes; ten are the bound, for machines that are busy.
fn ended_soon(mut running: Running) -> crate::support::Ran {
    wait_at_most(Duration::from_secs(10), "the interrupted command to end", || {
        running.has_ended().then_some(())
    });
    running.wait()
}

#[test]
fn ctrl_c_or_sigterm_ends_a_training_and_marks_its_run_as_killed() {
    for signal in ["INT", "TERM"] {
        let folder = Folder::new();
        folder.file("long.toml", Recipe::long("slow").toml());
        interrupt(&folder, folder.start(&["train", "long.toml"]), signal);
        assert!(
            !folder.data().join("usina.sock").exists(),
            "a socket on which nobody answers"
        );
        let server = folder.serve();
        let jobs = server.json("/api/v1/jobs");
        assert_eq!(
            jobs["jobs"][0]["state"], "cancelled",
            "nothing is left to a server"
        );
        server.stop();
    }

    let folder = Folder::new();
    folder.file("long.toml", Recipe::long("slow").toml());
    let server = folder.serve();
    interrupt(&folder, folder.start(&["train", "long.toml"]), "TERM");
    assert_eq!(
        server.json("/ready"),
        json!({"status": "ready"}),
        "the server goes on"
    );
    folder.file("customers.csv", customers(200));
    folder.file(
        "recipe.toml",
        Recipe::quick("leavers", "customers.csv", "left").toml(),
    );
    folder.run(&["train", "recipe.toml"]).done();
    server.stop();
}

#[test]
fn ctrl_c_while_rows_are_read_leaves_nothing_behind() {
    let folder = Folder::new();
    let rows = "generate = { kind = \"card-fraud\", rows = 5000000 }".to_owned();
    folder.file(
        "big.toml",
        Recipe {
            data: rows,
            ..Recipe::long("big")
        }
        .toml(),
    );
    let training = folder.start(&["train", "big.toml"]);
    wait_for("rows to be generated", || {
        training.told().contains("generated").then_some(())
    });
    training.signal("INT");
    assert_eq!(ended_soon(training).code, Some(130));
    assert_eq!(folder.json(&["jobs", "list"])["jobs"][0]["state"], "cancelled");
    assert_eq!(folder.json(&["runs", "list"])["runs"], json!([]));
    assert_eq!(folder.json(&["data", "list"])["datasets"], json!([]));
    assert_eq!(models(&folder), Vec::<String>::new());
}

#[test]
fn a_job_that_waits_is_cancelled_at_once_and_one_that_runs_soon() {
    let folder = Folder::new();
    let server = folder.serve();
    let (running, run) = under_way(&server, &Recipe::long("slow"));
    let waiting = server
        .send(&post("/api/v1/jobs", &json!({"shipped": "customer-churn"})))
        .json();
    let waiting = waiting["id"].as_str().unwrap();
    let cancel = |id: &str| server.send(&post(&format!("/api/v1/jobs/{id}/cancel"), &json!({})));
    let cancelled = cancel(waiting).json();
    assert_eq!(
        (&cancelled["state"], &cancelled["attempts"]),
        (&"cancelled".into(), &0.into())
    );
    cancel(waiting).refused(409, "job_ended");
    assert_eq!(cancel(&running).status, 200);
    assert_eq!(server.job_end(&running)["state"], "cancelled");
    assert_eq!(status_of_run(&folder, &run), "KILLED");
    assert_eq!(models(&folder), Vec::<String>::new());
    server.stop();
}
