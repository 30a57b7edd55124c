//! How good the version is, how that was measured, and for whom it is better or worse.

use std::fmt::{Result, Write};

use super::super::measure::Quality;
use super::cell;
use crate::engine::metric::{RegressionReport, Report};
use crate::platform::bundles::Measured;
use crate::platform::bundles::measured::{Interval, Segment};
use crate::platform::recipes::Recipe;

pub(super) fn measuring(card: &mut String, recipe: &Recipe, quality: &Quality) -> Result {
    writeln!(card, "## How it was measured\n")?;
    let baseline = match quality.holdout {
        Report::Regression(RegressionReport { pinball: Some(_), .. }) => "the quantile",
        Report::Regression(_) => "the mean",
        _ => "the class frequencies",
    };
    writeln!(
        card,
        "- {} rows to learn from, {} held out: the model has not seen them, and nothing was chosen on them",
        quality.train_rows, quality.holdout_rows
    )?;
    if quality.watched_rows > 0 {
        writeln!(
            card,
            "- {} of the rows to learn from were only watched, to end the training in time",
            quality.watched_rows
        )?;
    }
    let validation = &recipe.validation;
    match (&validation.group, &validation.time) {
        (Some(group), _) => writeln!(
            card,
            "- Rows of one `{group}` are on one side of every split: it is measured on others than it has learnt from"
        )?,
        (None, Some(time)) => writeln!(
            card,
            "- In the order of `{time}`: what is measured on is later than what is learnt from"
        )?,
        (None, None) => {}
    }
    if let Some(weight) = &recipe.data.weight {
        writeln!(
            card,
            "- Rows count as `{weight}` says when the model learns, and all the same when it is measured"
        )?;
    }
    writeln!(card, "- The baseline always answers with {baseline}")?;
    if let Some(folds) = &quality.folds {
        writeln!(
            card,
            "- Cross-validation: {} models, each measured on a part of the {} rows that it has not learnt from",
            folds.folds.len(),
            quality.train_rows
        )?;
    }
    let measured = &quality.measured;
    if let Some(on) = measured
        .threshold
        .as_ref()
        .and_then(|line| line.chosen_on.as_ref())
    {
        writeln!(
            card,
            "- The threshold was found on {on}, never on the held-out rows"
        )?;
        match recipe.validation.inner_folds {
            0 if quality.folds.is_some() => writeln!(
                card,
                "- The folds are measured with the threshold that they chose, so what they say of decisions is a little \
                 too kind"
            )?,
            0 => {}
            inner => writeln!(
                card,
                "- Each fold is measured with a threshold of its own, which {inner} inner folds of the rows that it \
                 learnt from chose"
            )?,
        }
    }
    if let Some(confidence) = measured.confidence {
        writeln!(
            card,
            "- Intervals: {}% of what {} tables give that were drawn from the held-out rows; they say how much the \
             choice of these rows matters, not how much that of the training rows does",
            percent(confidence),
            measured.resamples
        )?;
    }
    if !recipe.validation.segments.is_empty() {
        writeln!(card, "- By segment: {}", codes(&recipe.validation.segments))?;
    }
    writeln!(card)
}

pub(super) fn quality(card: &mut String, measured: &Measured) -> Result {
    writeln!(card, "## Quality\n")?;
    let mut heading = vec!["metric".to_owned(), "hold-out".to_owned()];
    heading.extend(
        measured
            .confidence
            .map(|confidence| format!("{}% interval", percent(confidence))),
    );
    heading.push("baseline".to_owned());
    let folds = measured.folds.first().map(|metric| metric.values.len());
    heading.extend(folds.map(|folds| format!("{folds} folds, mean ± sd")));
    writeln!(card, "| {} |", heading.join(" | "))?;
    writeln!(card, "| --- |{}", " ---: |".repeat(heading.len() - 1))?;
    for metric in &measured.metrics {
        let mut row = vec![metric.name.clone(), number(metric.value)];
        if measured.confidence.is_some() {
            row.push(metric.interval.map_or_else(nothing, range));
        }
        row.push(metric.baseline.map_or_else(nothing, number));
        if folds.is_some() {
            let over_folds = measured.folds.iter().find(|folds| folds.name == metric.name);
            row.push(over_folds.map_or_else(nothing, |folds| {
                format!("{} ± {}", number(folds.mean), number(folds.sd))
            }));
        }
        writeln!(card, "| {} |", row.join(" | "))?;
    }
    writeln!(card)
}

pub(super) fn by_class(card: &mut String, measured: &Measured) -> Result {
    if measured.classes.is_empty() {
        return Ok(());
    }
    writeln!(card, "### By class\n")?;
    writeln!(card, "| class | rows | precision | recall | f1_score |")?;
    writeln!(card, "| --- | ---: | ---: | ---: | ---: |")?;
    for class in &measured.classes {
        let scores = &class.scores;
        writeln!(
            card,
            "| {} | {} | {} | {} | {} |",
            cell(&class.class),
            scores.support,
            number(scores.precision),
            number(scores.recall),
            number(scores.f1_score)
        )?;
    }
    writeln!(card)
}

pub(super) fn by_segment(card: &mut String, measured: &Measured) -> Result {
    if measured.segments.is_empty() {
        return Ok(());
    }
    writeln!(card, "## By segment\n")?;
    if let Some(worst) = measured.worst() {
        writeln!(card, "{}\n", worst_of(measured, worst))?;
    }
    for of_column in measured.segments.chunk_by(|a, b| a.column == b.column) {
        let shown = of_column.iter().find(|segment| !segment.metrics.is_empty());
        let names: Vec<&str> = shown.map_or_else(Vec::new, |segment| {
            segment
                .metrics
                .iter()
                .map(|metric| metric.name.as_str())
                .collect()
        });
        let names = if names.is_empty() { vec!["quality"] } else { names };
        writeln!(
            card,
            "| {} | rows | {} |",
            cell(&of_column[0].column),
            names.join(" | ")
        )?;
        writeln!(card, "| --- | ---: |{}", " ---: |".repeat(names.len()))?;
        for segment in of_column {
            write!(card, "| {} | {} |", cell(&segment.level), segment.rows)?;
            for (position, name) in names.iter().enumerate() {
                let metric = segment.metrics.iter().find(|metric| metric.name == *name);
                match (metric, &segment.note) {
                    (Some(metric), _) => {
                        write!(card, " {}", number(metric.value))?;
                        // The others stay readable without.
                        if let Some(interval) = metric.interval.filter(|_| position == 0) {
                            write!(card, " ({})", range(interval))?;
                        }
                        write!(card, " |")?;
                    }
                    (None, Some(note)) if position == 0 => write!(card, " {} |", cell(note))?,
                    (None, _) => write!(card, " – |")?,
                }
            }
            writeln!(card)?;
        }
        writeln!(card)?;
    }
    Ok(())
}

/// Which segment is worst, and whether that may be chance.
fn worst_of(measured: &Measured, worst: &Segment) -> String {
    let metric = &worst.metrics[0];
    let whole = measured.metric(&metric.name).map(|metric| metric.value);
    let overall = whole.map_or_else(String::new, |whole| format!(" ({} over all)", number(whole)));
    let apart = match (metric.interval, whole) {
        (Some(interval), Some(whole)) if interval.low > whole || interval.high < whole => {
            "; its interval does not reach what holds over all"
        }
        (Some(_), Some(_)) => "; its interval reaches what holds over all, so this may be chance",
        _ => "",
    };
    format!(
        "Worst: `{}` is `{}`, {} rows, {} {}{overall}{apart}.",
        worst.column,
        worst.level,
        worst.rows,
        metric.name,
        number(metric.value)
    )
}

fn codes(names: &[String]) -> String {
    let codes: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    codes.join(", ")
}

fn nothing() -> String {
    "–".to_owned()
}

/// Four decimals, or six digits of what is large.
pub(super) fn number(value: f64) -> String {
    if value.abs() < 1000.0 {
        format!("{value:.4}")
    } else if value.abs() < 1e9 {
        format!("{value:.1}")
    } else {
        format!("{value:.4e}")
    }
}

fn range(interval: Interval) -> String {
    format!("{} to {}", number(interval.low), number(interval.high))
}

/// A share in percent, without digits that say nothing: 95, 99.9.
pub(super) fn percent(share: f64) -> f64 {
    (share * 1e6).round() / 1e4
}
