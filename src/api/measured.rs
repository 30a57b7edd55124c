//! What the versions in memory have answered, in Prometheus' text format.

use std::fmt::{self, Write};

use crate::base::durations::SECONDS;
use crate::platform::predictor::{Predictor, Tally};

/// Renders what is measured of each version in memory.
pub(super) fn render(predictor: &Predictor) -> String {
    let versions = predictor.versions();
    let tallies: Vec<_> = versions
        .iter()
        .map(|version| (version.model().as_str(), version.label(), version.tally()))
        .collect();
    let mut text = String::new();
    // Writing to a text does not fail.
    let _ = write(&mut text, &tallies);
    text
}

/// Names and labels hold nothing that the format would have to escape.
fn write(out: &mut String, tallies: &[(&str, &str, Tally)]) -> fmt::Result {
    out.push_str("# HELP ml_predictions_total Rows that a version answered, and requests that it refused\n");
    out.push_str("# TYPE ml_predictions_total counter\n");
    for (model, version, tally) in tallies {
        for (outcome, count) in [("ok", tally.answered), ("refused", tally.refused)] {
            writeln!(
                out,
                r#"ml_predictions_total{{model="{model}",version="{version}",outcome="{outcome}"}} {count}"#
            )?;
        }
    }
    out.push_str(
        "\n# HELP ml_prediction_duration_seconds From the head of a request to predict to its answer\n",
    );
    out.push_str("# TYPE ml_prediction_duration_seconds histogram\n");
    for (model, version, tally) in tallies {
        let name = "ml_prediction_duration_seconds";
        let labels = format!(r#"model="{model}",version="{version}""#);
        let durations = &tally.durations;
        for (bound, count) in SECONDS.iter().zip(durations.at_most) {
            writeln!(out, r#"{name}_bucket{{{labels},le="{bound}"}} {count}"#)?;
        }
        writeln!(out, r#"{name}_bucket{{{labels},le="+Inf"}} {}"#, durations.count)?;
        writeln!(out, "{name}_sum{{{labels}}} {}", durations.sum)?;
        writeln!(out, "{name}_count{{{labels}}} {}", durations.count)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::base::durations::Durations;

    #[test]
    fn a_version_s_measurements_are_written_as_prometheus_reads_them() {
        let durations = Durations::default();
        durations.add(Duration::from_micros(7));
        durations.add(Duration::from_secs(20));
        let tally = Tally {
            answered: 4,
            refused: 1,
            durations: durations.counted(),
        };
        let mut text = String::new();
        write(&mut text, &[("churn", "v1.0.0", tally)]).unwrap();
        for line in [
            "# TYPE ml_predictions_total counter",
            r#"ml_predictions_total{model="churn",version="v1.0.0",outcome="ok"} 4"#,
            r#"ml_predictions_total{model="churn",version="v1.0.0",outcome="refused"} 1"#,
            "# TYPE ml_prediction_duration_seconds histogram",
            r#"ml_prediction_duration_seconds_bucket{model="churn",version="v1.0.0",le="0.000005"} 0"#,
            r#"ml_prediction_duration_seconds_bucket{model="churn",version="v1.0.0",le="0.00001"} 1"#,
            r#"ml_prediction_duration_seconds_bucket{model="churn",version="v1.0.0",le="10"} 1"#,
            r#"ml_prediction_duration_seconds_bucket{model="churn",version="v1.0.0",le="+Inf"} 2"#,
            r#"ml_prediction_duration_seconds_sum{model="churn",version="v1.0.0"} 20.000007"#,
            r#"ml_prediction_duration_seconds_count{model="churn",version="v1.0.0"} 2"#,
        ] {
            assert!(text.lines().any(|written| written == line), "{line} in\n{text}");
        }
    }
}
