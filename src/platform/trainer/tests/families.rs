//! Every family of models goes the same way: recipe, run, version, answers, explanations, card.

use super::*;

/// Of each family a recipe's algorithm, how its weights are written, and what its card says of importance.
const FAMILIES: [(&str, &str, &str); 3] = [
    (
        "[algorithm.boost]\nn_estimators = 20",
        "xgboost-json",
        "its splits took away",
    ),
    (
        "[algorithm.linear]\nalpha = 0.001",
        "linear-json",
        "the movement of its scores",
    ),
    (
        "[algorithm.mlp]\nhidden_layer_sizes = [16]\nbatch_size = 32\nlearning_rate = 0.02",
        "safetensors",
        "## Features",
    ),
];

fn recipe(target: &str, algorithm: &str) -> String {
    format!(
        "name = \"plant\"\n[data]\ndataset = \"plant\"\ntarget = \"{target}\"\n[validation]\nfolds = 3\n{algorithm}\n"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn every_family_is_trained_registered_and_answers() {
    for (algorithm, format, card) in FAMILIES {
        for (target, width) in [("fails", 1), ("wear", 1), ("grade", 3)] {
            let plant = Plant::new(2).await;
            let mut csv = "heat,kind,wear,grade,fails\n".to_owned();
            for row in 0..300 {
                let (heat, kind) = (row * 7 % 101, if row % 3 == 0 { "b" } else { "a" });
                let wear = heat * 2 + if kind == "b" { 30 } else { 0 };
                let grade = ["good", "fair", "poor"][usize::from(wear > 80) + usize::from(wear > 150)];
                let heat = if row % 20 == 0 {
                    String::new()
                } else {
                    heat.to_string()
                };
                let _ = writeln!(
                    csv,
                    "{heat},{kind},{wear}.5,{grade},{}",
                    if wear > 120 { "yes" } else { "no" }
                );
            }
            plant.add(csv).await;
            let drop = if target == "wear" {
                "\"fails\", \"grade\""
            } else {
                "\"wear\", \"fails\", \"grade\""
            };
            let drop = drop
                .split(", ")
                .filter(|column| column.trim_matches('"') != target);
            let drop = drop.collect::<Vec<_>>().join(", ");
            let text = recipe(target, &format!("{algorithm}\n[features]\ndrop = [{drop}]"));
            let job = plant.train_recipe(&text).await;
            assert_eq!(job.state, State::Done, "{algorithm} {target}: {:?}", job.error);

            let registry = &plant.trainer.registry;
            let version = registry.version(&name(), VersionRef::Latest).await.unwrap();
            let headline = version.headline().unwrap();
            assert!(headline.beats_baseline(), "{algorithm} {target}: {headline:?}");
            let content = registry.content(&version).await.unwrap();
            assert_eq!(content.fitted.rows().unwrap().model.format().as_str(), format);
            assert!(content.card.contains(card), "{}", content.card);
            let measured = content.measured.as_ref().unwrap();
            let importance = measured.importance.as_ref().unwrap();
            assert_eq!(
                importance.inputs[0].input, "heat",
                "{algorithm} {target}: {importance:?}"
            );
            assert!(importance.inputs[0].worse > 0.0 && importance.metric == headline.metric);
            let exported = registry.as_xgboost(&version).await;
            assert_eq!(exported.is_ok(), format == "xgboost-json", "{:?}", exported.err());

            let servable = plant.predictor.in_production(Some("plant")).unwrap();
            let row = |heat: Cell<'static>| Row::Listed(vec![heat, Cell::text("b")]);
            let rows = [row(Cell::Integer(90)), row(Cell::Integer(5)), row(Cell::Missing)];
            let (answers, explained) = servable.rows().unwrap().explain(&rows, 10).unwrap();
            let answers: Vec<Vec<f32>> = answers.rows().map(<[f32]>::to_vec).collect();
            assert!(
                answers
                    .iter()
                    .all(|answer| answer.len() == width && answer[0].is_finite())
            );
            assert!(answers[0] != answers[1], "{answers:?}");
            assert_eq!(explained.len(), 3);
            let by = match format {
                "xgboost-json" => "tree_shap",
                "linear-json" => "linear",
                _ => "sampled",
            };
            assert_eq!(servable.rows().unwrap().explained_by(), by);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_family_does_not_know_is_told_where_it_stands() {
    let plant = Plant::new(1).await;
    plant.add_rows(60).await;
    for (algorithm, told) in [
        ("[algorithm.linear]\nmax_depth = 3", "unknown key max_depth"),
        ("[algorithm.linear]\nl1_ratio = 2", "a number from 0 to 1"),
        ("[algorithm.linear]\nmax_iter = 0", "algorithm.linear.max_iter"),
        ("[algorithm.linear]\n[algorithm.boost]", "one algorithm"),
        ("[algorithm.mlp]\ndropout = 1", "algorithm.mlp.dropout"),
        ("[algorithm.mlp]\nactivation = \"sigmoid\"", "sigmoid"),
        ("[algorithm.mlp]\nhidden_layer_sizes = 5", "hidden_layer_sizes"),
        ("[algorithm.forest]", "forest"),
    ] {
        let recipe = recipe("fails", algorithm);
        let asked = plant.jobs.train("r.toml", &recipe, None, "a tester").await;
        let refused = asked.unwrap_err().to_string();
        assert!(refused.contains(told), "{refused}");
    }
    let quantile = recipe("heat", "[algorithm.linear]").replace("[data]", "[data]\nquantile = 0.9");
    let asked = plant.jobs.train("r.toml", &quantile, None, "a tester").await;
    let refused = asked.unwrap_err().to_string();
    assert!(
        refused.contains("r.toml:3:1") && refused.contains("algorithm.boost"),
        "{refused}"
    );
}
