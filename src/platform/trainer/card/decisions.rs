//! Where the line between two classes is drawn, and whether probabilities mean what they say.

use std::fmt::{Result, Write};

use super::super::fit::Trained;
use super::super::measure::EXPECTED_COST;
use super::quality::number;
use crate::engine::task::Task;

pub(super) fn decisions(card: &mut String, trained: &Trained) -> Result {
    let measured = &trained.quality.measured;
    let (
        Some(line),
        Task::Binary {
            classes: [negative, positive],
        },
    ) = (&measured.threshold, &trained.task)
    else {
        return calibration(card, trained);
    };
    let confusion = &line.confusion;
    writeln!(card, "## Decisions\n")?;
    let why = match (&line.rule, &line.chosen_on) {
        (Some(rule), Some(on)) => format!(", found by the rule {rule} on {on}"),
        _ => ", as the recipe says".to_owned(),
    };
    writeln!(
        card,
        "A row counts as `{positive}` from a probability of {} on{why}.\n",
        line.threshold
    )?;
    writeln!(
        card,
        "| held-out rows | said `{negative}` | said `{positive}` |\n| --- | ---: | ---: |"
    )?;
    writeln!(
        card,
        "| is `{negative}` | {} | {} |",
        confusion.true_negatives, confusion.false_positives
    )?;
    writeln!(
        card,
        "| is `{positive}` | {} | {} |\n",
        confusion.false_negatives, confusion.true_positives
    )?;
    if let Some(cost) = measured.metric(EXPECTED_COST) {
        let interval = cost.interval.map_or_else(String::new, |interval| {
            format!(" ({} to {})", number(interval.low), number(interval.high))
        });
        let baseline = cost.baseline.map_or_else(String::new, |baseline| {
            format!(
                "; the cheaper of always and never saying `{positive}` costs {}",
                number(baseline)
            )
        });
        writeln!(
            card,
            "With the costs of the rule a held-out row costs {}{interval} on average{baseline}. Below 0 is a gain.\n",
            number(cost.value)
        )?;
    }
    calibration(card, trained)
}

fn calibration(card: &mut String, trained: &Trained) -> Result {
    let Some(ece) = trained.quality.measured.metric("ece") else {
        return Ok(());
    };
    writeln!(card, "## Calibration\n")?;
    let of = match trained.task {
        Task::Multiclass { .. } => "the probability of the likeliest class is",
        _ => "probabilities are",
    };
    writeln!(
        card,
        "On average {of} off by {:.1} percentage points (expected calibration error); they are not calibrated after the \
         fit.\n",
        100.0 * ece.value
    )?;
    let ([class], Task::Binary { .. }) = (&trained.quality.curves.classes[..], &trained.task) else {
        return Ok(());
    };
    writeln!(
        card,
        "| predicted, mean | came true | rows |\n| ---: | ---: | ---: |"
    )?;
    // Of a rare class nearly all rows are near 0, and so would be all bins of equally many.
    let is_rare = class.positives * 10 < class.rows;
    let bins = if is_rare {
        &class.calibration_uniform
    } else {
        &class.calibration_quantile
    };
    for bin in bins {
        writeln!(
            card,
            "| {:.1}% | {:.1}% | {} |",
            100.0 * bin.predicted,
            100.0 * bin.observed,
            bin.rows
        )?;
    }
    writeln!(card)
}
