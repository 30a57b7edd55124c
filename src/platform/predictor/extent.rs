//! How many rows one request may have answered: a row of a thousand classes answers a thousand numbers.

use super::super::bundles::Predicts;

/// The largest answer, as it is written.
const MAX_ANSWER: usize = 64 << 20;

/// What a number takes, with what stands around it; in memory it takes less.
const NUMBER: usize = 16;

/// The rows that are answered at once where `predicts` is predicted: at least one.
///
/// A row answers a class or a number, and one probability, or one a class with the class's name.
pub(super) fn max_rows(predicts: &Predicts) -> usize {
    let classes = || predicts.classes().iter().map(String::len);
    let prediction = classes().max().unwrap_or(NUMBER);
    let probability = match predicts {
        Predicts::Binary { .. } => NUMBER,
        Predicts::Multiclass { .. } => classes().map(|name| name + NUMBER).sum(),
        Predicts::Regression { .. }
        | Predicts::Quantile { .. }
        | Predicts::Forecast { .. }
        | Predicts::Recommendation { .. } => 0,
    };
    (MAX_ANSWER / (prediction + probability)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::task::Task;

    fn of(task: &Task) -> usize {
        max_rows(&Predicts::new(task, "y", 0.5))
    }

    #[test]
    fn the_more_a_row_answers_the_fewer_rows_are_answered_at_once() {
        let yes_or_no = Task::Binary {
            classes: ["no".to_owned(), "yes".to_owned()],
        };
        assert!(of(&yes_or_no) > 1_000_000 && of(&Task::Regression) > 1_000_000);
        let classes = |count: usize, length: usize| {
            let classes = vec!["c".repeat(length); count];
            of(&Task::Multiclass { classes })
        };
        assert_eq!(classes(1_000, 4), MAX_ANSWER / (4 + 1_000 * (4 + NUMBER)));
        assert!(classes(3, 4) > 100_000, "as many as a request may have");
        assert_eq!(classes(3, 100_000), MAX_ANSWER / (4 * 100_000 + 3 * NUMBER));
        assert_eq!(classes(100, 1 << 20), 1, "one row is always answered");
    }
}
