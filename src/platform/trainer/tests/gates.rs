//! What a recipe wants of a version that is registered, and of one in production.

use super::*;
use crate::platform::registry::{GateRow, VersionInfo};

impl Plant {
    async fn gated(&self, (trees, depth): (usize, usize), gates: &str) -> Job {
        self.train_recipe(&format!(
            "name = \"plant\"\n[data]\ndataset = \"plant\"\ntarget = \"fails\"\n[validation]\nfolds = 0\nbootstrap = 100\n\
             [algorithm.boost]\nn_estimators = {trees}\nmax_depth = {depth}\n[registry]\npromote = \"always\"\n{gates}"
        ))
        .await
    }

    async fn version(&self, wanted: VersionRef) -> VersionInfo {
        self.trainer.registry.version(&name(), wanted).await.unwrap()
    }
}

fn outcome<'a>(gates: &'a [GateRow], name: &str) -> (&'a str, &'a str) {
    let gate = gates.iter().find(|gate| gate.gate == name).unwrap();
    (&gate.outcome, &gate.found)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_is_not_what_the_recipe_wants_is_not_registered() {
    let plant = Plant::new(1).await;
    plant.add_rows(600).await;
    let gates = "[gates]\nroc_auc = \">= 0.9999\"\naccuracy = \"> 0.5\"\nlog_loss = \"<= 0.001\"\nsize = \"<= 10 B\"\n";
    let job = plant.gated((5, 2), gates).await;
    assert_eq!((job.state, job.bad_input), (State::Failed, false));
    let told = job.error.unwrap();
    for gate in [
        "roc_auc = \">= 0.9999\": it is 0.",
        "log_loss = \"<= 0.001\"",
        "size = \"<= 10 B\": it has ",
    ] {
        assert!(told.contains(gate), "{gate} in {told}");
    }
    assert!(!told.contains("accuracy"), "{told}");
    assert!(plant.trainer.registry.model(&name()).await.is_err());
    // What was measured stays, for whoever wants to know how far off it is.
    let run = plant.trainer.tracking.run(job.run_id.unwrap()).await.unwrap();
    assert!(run.metrics.iter().any(|metric| metric.key == "roc_auc") && run.status.as_str() == "FAILED");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_keeps_what_its_gates_found() {
    let plant = Plant::new(1).await;
    plant.add_rows(600).await;
    let gates = "[gates]\nroc_auc = \">= 0.7\"\nbeats = \"baseline\"\nsize = \"<= 20 MB\"\nlatency = \"<= 10 s\"\n\
                 [gates.promotion]\nbeats = \"production\"\n";
    let job = plant.gated((20, 2), gates).await;
    assert_eq!(job.state, State::Done, "{:?}", job.error);
    let version = plant.version(VersionRef::Latest).await;
    assert_eq!(version.stage, Stage::Production);
    let told: Vec<_> = version
        .gates
        .iter()
        .map(|gate| (gate.decides.as_str(), gate.gate.as_str(), gate.outcome.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            ("registration", "beats", "passed"),
            ("registration", "latency", "passed"),
            ("registration", "roc_auc", "passed"),
            ("registration", "size", "passed"),
            ("promotion", "beats", "skipped"),
        ]
    );
    let (_, found) = outcome(&version.gates, "beats");
    assert!(
        found.starts_with("better than always the same answer: roc_auc differs by 0."),
        "{found}"
    );

    // A recipe with other gates makes the same version again.
    let again = plant.gated((20, 2), "[gates]\nsize = \"<= 1 GB\"\n").await;
    assert_eq!(Plant::label(&again), Some("v1.0.1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_is_better_than_production_follows_it_unless_it_is_forced() {
    let plant = Plant::new(2).await;
    plant.add_rows(1_500).await;
    let gates = "[gates.promotion]\nbeats = \"production\"\n";
    assert_eq!(plant.gated((1, 1), gates).await.state, State::Done);

    // The same again is no better, though the recipe promotes always.
    assert_eq!(plant.gated((1, 1), gates).await.state, State::Done);
    let same = plant.version(VersionRef::Latest).await;
    assert_eq!((same.number, same.stage), (2, Stage::None));
    let (told, found) = outcome(&same.gates, "beats");
    assert!(
        told == "failed" && found.starts_with("not surely better than v1.0.0: roc_auc differs by 0,"),
        "{found}"
    );
    assert!(!found.contains("may have learnt"), "{found}");

    let (deployments, name) = (&plant.trainer.deployments, name());
    let promote = |decision| deployments.promote(&name, VersionRef::Number(2), Stage::Production, decision);
    let refused = promote(decision()).await.unwrap_err().to_string();
    assert!(
        refused.contains("beats = \"production\": not surely better") && refused.contains("--force"),
        "{refused}"
    );
    assert_eq!(
        plant.version(VersionRef::Stage(Stage::Production)).await.number,
        1
    );
    let staged = deployments
        .promote(&name, VersionRef::Number(2), Stage::Staging, decision())
        .await;
    assert_eq!(staged.unwrap().stage, Stage::Staging);

    let forced = Decision {
        force: true,
        reason: Some("it is Friday".to_owned()),
        ..decision()
    };
    assert_eq!(promote(forced).await.unwrap().stage, Stage::Production);
    let history = plant
        .trainer
        .registry
        .history(&name, PageOf::first(1))
        .await
        .unwrap();
    let reason = history.items[0].reason.as_deref().unwrap();
    assert!(
        reason.starts_with("it is Friday (forced past beats = \"production\""),
        "{reason}"
    );

    assert_eq!(plant.gated((3, 2), gates).await.state, State::Done);
    let better = plant.version(VersionRef::Latest).await;
    assert_eq!(better.stage, Stage::Production, "{:?}", better.gates);

    // With another seed other rows are held out, of which the one in production has seen some.
    let other = format!("{gates}[validation]\nseed = 7\nfolds = 0\n");
    let recipe = format!(
        "name = \"plant\"\n[data]\ndataset = \"plant\"\ntarget = \"fails\"\n[algorithm.boost]\nn_estimators = 1\nmax_depth = 1\n{other}"
    );
    assert_eq!(plant.train_recipe(&recipe).await.state, State::Done);
    let worse = plant.version(VersionRef::Latest).await;
    let (told, found) = outcome(&worse.gates, "beats");
    assert!(
        told == "failed"
            && found.starts_with("worse than v")
            && found.ends_with("it may have learnt from some of these rows"),
        "{found}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_compared_does_not_pass() {
    let plant = Plant::new(1).await;
    plant.add_rows(600).await;
    assert_eq!(plant.gated((5, 2), "").await.state, State::Done);
    let more = "[gates.promotion]\nbeats = \"production\"\n";
    let of_kind = format!(
        "name = \"plant\"\n[data]\ndataset = \"plant\"\ntarget = \"kind\"\n[validation]\nfolds = 0\n{more}"
    );
    let job = plant.train_recipe(&of_kind).await;
    assert_eq!(job.state, State::Done, "{:?}", job.error);
    let version = plant.version(VersionRef::Latest).await;
    let (told, found) = outcome(&version.gates, "beats");
    assert!(
        told == "failed" && found.starts_with("v1.0.0 cannot be compared: it predicts \"fails\" (binary)"),
        "{found}"
    );

    // A table without a column that the one in production takes.
    let mut csv = "heat,fails\n".to_owned();
    for row in 0..400 {
        let heat = row * 7 % 101;
        let _ = writeln!(csv, "{heat},{}", if heat > 60 { "yes" } else { "no" });
    }
    plant.add(csv).await;
    assert_eq!(plant.gated((5, 2), more).await.state, State::Done);
    let version = plant.version(VersionRef::Latest).await;
    let (told, found) = outcome(&version.gates, "beats");
    assert!(
        told == "failed" && found.contains("cannot be compared") && found.contains("kind"),
        "{found}"
    );
}
