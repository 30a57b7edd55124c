//! A quantile of a number, from the recipe to what is served.

use super::*;
use crate::platform::bundles::Content;

/// A load whose spread grows with the heat: its mean says little of its peaks.
fn loads() -> String {
    let mut csv = "heat,kind,load\n".to_owned();
    for row in 0..600 {
        let (heat, noise) = (row * 37 % 101, row * 7919 % 97);
        let kind = if row % 3 == 0 { "b" } else { "a" };
        let _ = writeln!(csv, "{heat},{kind},{}.5", 50 + heat * noise / 97);
    }
    csv
}

fn recipe(data: &str, gates: &str) -> String {
    format!(
        "name = \"plant\"\n[data]\ndataset = \"plant\"\ntarget = \"load\"\n{data}\n[validation]\nfolds = 3\nbootstrap = 100\n\
         segments = [\"kind\"]\n[algorithm.boost]\nn_estimators = 30\nmax_depth = 3\n{gates}\n"
    )
}

async fn content(plant: &Plant, version: u64) -> Content {
    let registry = &plant.trainer.registry;
    let version = registry
        .version(&name(), VersionRef::Number(version))
        .await
        .unwrap();
    registry.content(&version).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quantile_is_measured_by_its_own_loss_and_lies_where_it_says() {
    let plant = Plant::new(1).await;
    plant.add(loads()).await;
    let gates = "[gates]\npinball = \"<= 6\"\nbeats = \"baseline\"\n";
    let job = plant.train_recipe(&recipe("quantile = 0.9", gates)).await;
    assert_eq!(job.state, State::Done, "{:?}", job.error);
    let high = content(&plant, 1).await;
    let measured = high.measured.as_ref().unwrap();
    let pinball = measured.metric("pinball").unwrap();
    assert!(pinball.value < pinball.baseline.unwrap(), "{pinball:?}");
    assert!(pinball.interval.is_some() && measured.folds.iter().any(|fold| fold.name == "pinball"));
    assert_eq!(measured.segments[0].metrics[0].name, "pinball");
    assert!(high.card.contains("the 0.9 quantile of `load`"), "{}", high.card);
    let listed = plant
        .trainer
        .registry
        .version(&name(), VersionRef::Number(1))
        .await
        .unwrap();
    assert_eq!(listed.headline().unwrap().metric, "pinball");

    // The lower end of the same rows, beside the upper one: of the hottest rows they are far apart.
    let job = plant.train_recipe(&recipe("quantile = 0.1", "")).await;
    assert_eq!(job.state, State::Done, "{:?}", job.error);
    let low = content(&plant, 2).await;
    let answer = |content: &Content| {
        [100.0, 1.0].map(|heat| {
            let mut answer = [f32::NAN];
            content
                .fitted
                .rows()
                .unwrap()
                .model
                .predict_row(&[heat, 0.0], &mut answer)
                .unwrap();
            answer[0]
        })
    };
    let (high, low) = (answer(&high), answer(&low));
    assert!(high[0] - low[0] > 50.0, "{high:?} {low:?}");
    assert!(high[1] - low[1] < 25.0, "{high:?} {low:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quantile_that_is_none_is_told_where_it_stands() {
    let plant = Plant::new(1).await;
    plant.add(loads()).await;
    for (data, gates, told) in [
        ("quantile = 1", "", "quantile"),
        ("quantile = 0.5\npositive = \"50.5\"", "", "data.positive"),
        ("", "[gates]\npinball = \"<= 1\"\n", "pinball"),
    ] {
        let (recipe, named) = (recipe(data, gates), told);
        let asked = plant.jobs.train("recipe.toml", &recipe, None, "a tester").await;
        let refused = asked.unwrap_err().to_string();
        assert!(refused.contains(named), "{refused}");
    }
}
