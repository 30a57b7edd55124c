//! A recipe that forecasts goes the way of every other: run, folds, gates, version, forecasts, card.

use super::*;
use crate::platform::predictor::Ahead;

/// Days of two years with a week in them and a promotion on some; a few days are missing, and the rows are not in order.
fn days() -> String {
    let mut rows: Vec<String> = (0..730)
        .filter(|day| day % 97 != 5)
        .map(|day| {
            let date = crate::data::cell::Cell::Timestamp(day * 86_400_000_000).to_string();
            let promotion = i64::from(day * 31 % 17 < 3);
            let noise = (day * 7919 % 101) as f64 / 100.0;
            let week = [5.0, 6.0, 6.5, 6.0, 7.0, 2.0, 1.0][(day % 7) as usize];
            let sold = 20.0 + 3.0 * week + 6.0 * promotion as f64 + noise + day as f64 * 0.01;
            format!("{date},{sold:.2},{promotion}\n")
        })
        .collect();
    rows.rotate_left(300);
    format!("date,sold,promotion\n{}", rows.concat())
}

fn recipe(more: &str) -> String {
    format!(
        "name = \"plant\"\n[data]\ndataset = \"plant\"\ntarget = \"sold\"\n[forecast]\ntime = \"date\"\nhorizon = 7\n\
         known = [\"promotion\"]\n[validation]\nfolds = 3\n{more}"
    )
}

/// A period as a request sends it.
fn period(day: i64, fields: &[(&'static str, f64)]) -> Row<'static> {
    let date = Cell::Timestamp(day * 86_400_000_000).to_string();
    let mut row = vec![("date".into(), Cell::Text(date.into()))];
    row.extend(
        fields
            .iter()
            .map(|(name, value)| ((*name).into(), Cell::Number(*value))),
    );
    Row::Named(row)
}

fn promotions(days: std::ops::Range<i64>, value: f64) -> Vec<Row<'static>> {
    days.map(|day| period(day, &[("promotion", value)])).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_series_is_forecast_by_every_algorithm_and_beats_what_needs_no_learning() {
    for algorithm in [
        "[algorithm.lstm]\nhidden_layer_sizes = [16]\nepochs = 40\nlearning_rate = 0.02",
        "[algorithm.boost]\nn_estimators = 60",
        "[algorithm.linear]",
    ] {
        let plant = Plant::new(2).await;
        plant.add(days()).await;
        let gates = "[gates]\nbeats = \"baseline\"\nmase = \"< 1\"\nlatency = \"<= 1 s\"\n";
        let job = plant.train_recipe(&recipe(&format!("{gates}{algorithm}"))).await;
        assert_eq!(job.state, State::Done, "{algorithm}: {:?}", job.error);
        let registry = &plant.trainer.registry;
        let version = registry.version(&name(), VersionRef::Latest).await.unwrap();
        assert_eq!(
            (version.task.as_deref(), version.stage),
            (Some("forecast"), Stage::Production)
        );
        assert!(version.headline().unwrap().beats_baseline(), "{algorithm}");
        let content = registry.content(&version).await.unwrap();
        let measured = content.measured.as_ref().unwrap();
        let forecast = measured.forecast.as_ref().unwrap();
        assert_eq!(forecast.steps.len(), 7);
        assert!(forecast.beside.iter().any(|other| other.name == "seasonal_naive"));
        assert_eq!(measured.folds[0].values.len(), 3);
        let coverage = measured.metric("coverage").unwrap().value;
        assert!((0.8..=1.0).contains(&coverage), "{algorithm}: {coverage}");
        assert_eq!(forecast.mended.filled, 8, "days that are missing");
        let importance = measured.importance.as_ref().unwrap();
        assert!(
            importance
                .inputs
                .iter()
                .any(|input| input.input == "promotion" && input.worse > 0.0)
        );
        for told in [
            "7 periods",
            "seasonal naive",
            "straight line",
            "Known ahead",
            "coverage",
        ] {
            assert!(content.card.contains(told), "{told}: {}", content.card);
        }
        let servable = plant.predictor.in_production(Some("plant")).unwrap();
        let ahead = |future, horizon| Ahead {
            history: None,
            future,
            horizon,
        };
        let with = servable.forecast(ahead(promotions(730..737, 1.0), None)).unwrap();
        let without = servable
            .forecast(ahead(promotions(730..737, 0.0), Some(3)))
            .unwrap();
        assert_eq!((with.values.len(), without.values.len()), (7, 3));
        assert!(
            with.values[0] > without.values[0] + 3.0,
            "{algorithm}: a promotion sells"
        );
        assert_eq!(with.times[0], 730 * 86_400_000_000);
        let (low, high) = with.intervals.as_ref().unwrap()[0];
        assert!(low < with.values[0] && with.values[0] < high);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forecast_goes_on_from_the_history_that_is_sent() {
    let plant = Plant::new(2).await;
    plant.add(days()).await;
    let job = plant.train_recipe(&recipe("[algorithm.linear]\n")).await;
    assert_eq!(job.state, State::Done, "{:?}", job.error);
    let servable = plant.predictor.in_production(Some("plant")).unwrap();
    let needs = servable.plan().unwrap().needs() as i64;
    let week = [35.0, 38.0, 39.5, 38.0, 41.0, 26.0, 23.0];
    let history = |days: std::ops::Range<i64>| -> Vec<Row<'static>> {
        let sold = |day: i64| week[(day % 7) as usize];
        days.map(|day| period(day, &[("sold", sold(day)), ("promotion", 0.0)]))
            .collect()
    };
    let asked = |history, future| {
        servable.forecast(Ahead {
            history: Some(history),
            future,
            horizon: Some(2),
        })
    };
    let mut rows = history(2100..2100 + needs);
    rows.reverse();
    let answer = asked(rows, promotions(2100 + needs..2102 + needs, 0.0)).unwrap();
    assert_eq!(answer.origin, (2099 + needs) * 86_400_000_000);
    for (step, value) in answer.values.iter().enumerate() {
        let due = week[(2100 + needs + step as i64) as usize % 7];
        assert!((value - due).abs() < 3.0, "{value} {due}");
    }
    let told = |history, future| asked(history, future).unwrap_err().to_string();
    let few = told(
        history(2100..2099 + needs),
        promotions(2099 + needs..2101 + needs, 0.0),
    );
    assert!(
        few.contains("are too few") && few.contains(&needs.to_string()),
        "{few}"
    );
    let none = told(history(2100..2100 + needs), Vec::new());
    assert!(
        none.contains("promotion is known ahead, and is not sent for"),
        "{none}"
    );
    let late = told(history(2100..2100 + needs), promotions(3000..3002, 0.0));
    assert!(late.contains("is none of the 7 periods after"), "{late}");
    let stray = told(vec![period(1, &[("price", 1.0)])], Vec::new());
    assert!(stray.contains("price is not a feature"), "{stray}");
    let far = servable.forecast(Ahead {
        horizon: Some(8),
        ..Ahead::default()
    });
    assert!(far.unwrap_err().to_string().contains("expected 1 to 7"));
    let rows = servable.rows().unwrap_err();
    assert!(rows.to_string().contains("forecasts a series"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_series_is_refused_with_the_remedy() {
    let constant: String = (0..200)
        .map(|day| format!("{},5\n", Cell::Timestamp(day * 86_400_000_000)))
        .collect();
    let uneven: String = (0..200)
        .map(|day| format!("{},{day}\n", Cell::Timestamp(day * day * 7_919_000_003)))
        .collect();
    let short: String = (0..30)
        .map(|day| format!("{},{day}\n", Cell::Timestamp(day * 86_400_000_000)))
        .collect();
    for (rows, told) in [
        (constant, "there is nothing to forecast"),
        (uneven, "forecast.frequency"),
        (short, "30 periods are too few"),
        (
            "2026-01-01,1\n2026-01-01,2\n2026-01-02,3\n2026-01-03,3\n".to_owned(),
            "forecast.aggregate",
        ),
        ("2026-01-01,1\n,2\n2026-01-02,3\n".to_owned(), "row 2 has no date"),
    ] {
        let plant = Plant::new(1).await;
        plant.add(format!("date,sold\n{rows}")).await;
        let text = recipe("[algorithm.linear]\n").replace("known = [\"promotion\"]\n", "");
        let job = plant.train_recipe(&text).await;
        assert_eq!(job.state, State::Failed, "{told}");
        let error = job.error.unwrap();
        assert!(error.contains(told), "{told}: {error}");
    }
}
