//! What to mind, as the facts say it.

use std::fmt::{Result, Write};

use super::super::dataset::Source;
use super::super::fit::Trained;
use super::quality::number;
use crate::engine::metric::Report;
use crate::engine::metric::known::{Better, better};
use crate::engine::validate::segment::main_metrics;
use crate::platform::recipes::Recipe;

/// Fewer held-out rows leave wide intervals.
const FEW_ROWS: u64 = 500;

/// Fewer rows of a class say little about how it is told.
const FEW_OF_A_CLASS: usize = 100;

/// A class with a smaller share is rare.
const RARE: f64 = 0.1;

/// Weak segments that are named.
const WEAK: usize = 5;

/// Probabilities that are further off than this on average are not to be taken at their word.
const OFF: f64 = 0.05;

pub(super) fn limits(card: &mut String, recipe: &Recipe, rows: &Source, trained: &Trained) -> Result {
    writeln!(card, "## Limits\n")?;
    if rows.version.generated {
        writeln!(
            card,
            "- The rows are generated: the quality says nothing about the world."
        )?;
    }
    let measured = &trained.quality.measured;
    if measured.rows < FEW_ROWS {
        writeln!(
            card,
            "- Only {} rows are held out: every number above may be far off; mind the intervals.",
            measured.rows
        )?;
    }
    classes(card, rows, trained)?;
    no_better(card, trained)?;
    segments(card, trained)?;
    if let Some(ece) = measured.metric("ece").filter(|ece| ece.value > OFF) {
        writeln!(
            card,
            "- Probabilities are off by {:.1} percentage points on average: take them as a ranking, or calibrate them.",
            100.0 * ece.value
        )?;
    }
    match &recipe.validation.time {
        Some(time) => writeln!(
            card,
            "- The held-out rows follow those that were learnt from, by `{time}`, in the same table: how the model does \
             on data that is later still is not known."
        ),
        None => writeln!(
            card,
            "- The held-out rows come from the same table: how the model does on later data is not known."
        ),
    }
}

fn classes(card: &mut String, rows: &Source, trained: &Trained) -> Result {
    let counts = trained.task.classes().iter().zip(&trained.quality.class_rows);
    let Some((class, &rarest)) = counts.min_by_key(|(_, rows)| **rows) else {
        return Ok(());
    };
    let share = rarest as f64 / rows.version.rows as f64;
    let is_binary = matches!(trained.quality.holdout, Report::Binary(_));
    if is_binary && share < RARE {
        writeln!(
            card,
            "- Only {:.1}% of the rows are of the rarer class: accuracy says little; look at PR AUC, precision and \
             recall.",
            100.0 * share
        )?;
    }
    if rarest < FEW_OF_A_CLASS {
        writeln!(
            card,
            "- Only {rarest} rows are `{class}`: how well it is told is known roughly at best."
        )?;
    }
    Ok(())
}

/// That it is no better than its baseline, or only by chance.
fn no_better(card: &mut String, trained: &Trained) -> Result {
    let first = main_metrics(&trained.task)[0];
    let Some(metric) = trained.quality.measured.metric(first) else {
        return Ok(());
    };
    match (metric.interval, metric.baseline) {
        (Some(interval), Some(baseline)) if interval.low <= baseline && baseline <= interval.high => {
            writeln!(
                card,
                "- The interval of {first} holds the baseline's {baseline:.4}: it is not known to be better than always \
             the same answer."
            )
        }
        (_, Some(baseline)) if is_worse(first, metric.value, baseline) => writeln!(
            card,
            "- Its {first} of {} is worse than the baseline's {baseline:.4}: always the same answer does better.",
            number(metric.value)
        ),
        _ => Ok(()),
    }
}

fn segments(card: &mut String, trained: &Trained) -> Result {
    let measured = &trained.quality.measured;
    let unmeasured = measured
        .segments
        .iter()
        .filter(|segment| segment.note.is_some())
        .count();
    if unmeasured > 0 {
        writeln!(
            card,
            "- {unmeasured} of {} segments have too few rows, or one class alone: nothing is known of them.",
            measured.segments.len()
        )?;
    }
    let mut weak = Vec::new();
    for segment in &measured.segments {
        let first = segment.metrics.first();
        let whole = first.and_then(|metric| measured.metric(&metric.name));
        if let (Some(metric), Some(whole)) = (first, whole)
            && let Some(interval) = metric.interval
            && is_worse(&metric.name, metric.value, whole.value)
            && (whole.value < interval.low || whole.value > interval.high)
        {
            weak.push((segment, metric, whole));
        }
    }
    weak.sort_by(|a, b| a.1.value.total_cmp(&b.1.value));
    if trained.task.is_number() {
        weak.reverse();
    }
    for (segment, metric, whole) in weak.iter().take(WEAK) {
        writeln!(
            card,
            "- It is weaker where `{}` is `{}`: {} {}, {} over all, which is outside of its interval.",
            segment.column,
            segment.level,
            metric.name,
            number(metric.value),
            number(whole.value)
        )?;
    }
    match weak.len().checked_sub(WEAK) {
        None | Some(0) => Ok(()),
        Some(more) => writeln!(
            card,
            "- {more} more segments are weaker by more than their intervals; see the tables."
        ),
    }?;
    match (weak.len(), measured.confidence) {
        (1.., Some(confidence)) => writeln!(
            card,
            "- Of {} segments that were looked at, some {:.0} lie outside of their interval by chance alone.",
            measured.segments.len(),
            (1.0 - confidence) * measured.segments.len() as f64
        ),
        _ => Ok(()),
    }
}

/// Whether `value` of a metric is worse than `other`.
fn is_worse(metric: &str, value: f64, other: f64) -> bool {
    match better(metric) {
        Some(Better::Lower) => value > other,
        _ => value < other,
    }
}
