//! A recipe beside how many rows there are: whether they can be held out and cut into folds as it says.

use super::locate::keys;
use super::{RecipeError, WrittenRecipe};
use crate::data::split::{SplitError, holdout_rows};
use crate::engine::task::Task;

impl WrittenRecipe {
    /// Checks the recipe beside its rows, and those of each class, `class_rows`: `[classes]`, before they are
    /// split. What passes here may still fail once it is known which rows are held out.
    ///
    /// # Errors
    /// Nothing to hold out or to learn from, or a class with too few rows to be held out and in every fold.
    pub fn check_rows(&self, task: &Task, rows: usize, class_rows: &[usize]) -> Result<(), RecipeError> {
        let validation = &self.recipe().validation;
        let (share, folds) = (validation.holdout, validation.folds);
        let held_out = holdout_rows(rows, share);
        if held_out == 0 || held_out >= rows {
            return Err(self.of_split(&SplitError::EmptyPart { rows, share }));
        }
        // How far numbers are off is told from two on.
        let least = if task.is_number() { 2 } else { 1 };
        let learnt = rows - held_out;
        if learnt < folds * least {
            return Err(self.too_few_for_folds(learnt, folds * least));
        }
        if held_out < least {
            let message = format!(
                "the hold-out has {}, and how far numbers are off is measured on {least} or more; hold out more, or bring \
                 more rows",
                counted(held_out)
            );
            return Err(self.of_holdout(&message));
        }
        // One to hold out, and one for every fold or to learn from.
        let needed = folds.max(1) + 1;
        match rarest_below(task, class_rows, needed) {
            Some((class, rows)) if folds > 0 => Err(self.too_rare_for_folds(class, rows, needed)),
            Some((class, rows)) => {
                let message = format!(
                    "{}, and it takes one to learn from and one to hold out; bring more such rows",
                    self.is_in(class, rows)
                );
                Err(self.of_holdout(&message))
            }
            None => Ok(()),
        }
    }

    /// Checks the recipe beside the rows of each class that are learnt from and that are held out: `[classes]`.
    ///
    /// # Errors
    /// A class that is not held out or not learnt from, or has fewer rows than there are folds.
    pub fn check_split(&self, task: &Task, train: &[usize], holdout: &[usize]) -> Result<(), RecipeError> {
        if let Some((class, _)) = rarest_below(task, holdout, 1) {
            let rows = train.iter().zip(task.classes()).find(|(_, name)| *name == class);
            return Err(self.too_rare_for_holdout(class, rows.map_or(0, |(rows, _)| *rows)));
        }
        let folds = self.recipe().validation.folds;
        match rarest_below(task, train, folds.max(1)) {
            Some((class, rows)) if folds > 0 => Err(self.too_rare_for_folds(class, rows, folds)),
            Some((class, _)) => {
                let target = &self.recipe().data.target;
                let message = format!(
                    "all rows in which \"{target}\" is \"{class}\" are held out, and none is left to learn from; \
                     hold out less, or bring more such rows"
                );
                Err(self.of_holdout(&message))
            }
            None => Ok(()),
        }
    }

    /// Checks the recipe beside the rows of each class that fold `fold`, from 1, learns from and is measured on:
    /// `[classes]`. Whole groups and stretches of time do not hold each class in proportion.
    ///
    /// # Errors
    /// A class that is not learnt from or not measured on in the fold.
    pub fn check_fold(
        &self,
        task: &Task,
        fold: usize,
        learnt: &[usize],
        tested: &[usize],
    ) -> Result<(), RecipeError> {
        let missing = |rows, verb| rarest_below(task, rows, 1).map(|(class, _)| (class, verb));
        let Some((class, verb)) =
            missing(learnt, "learns from").or_else(|| missing(tested, "is measured on"))
        else {
            return Ok(());
        };
        let (target, validation) = (&self.recipe().data.target, &self.recipe().validation);
        let by = match &validation.time {
            Some(time) => format!("in the order of \"{time}\""),
            None => format!("by \"{}\"", validation.group.as_deref().unwrap_or(target)),
        };
        let message = format!(
            "validation.folds: no row that fold {fold} of {} {verb} has \"{class}\" as its \"{target}\", since rows are \
             split {by}; use fewer folds, or 0 for none",
            validation.folds
        );
        Err(self.mistake(&keys(&["validation", "folds"]), message))
    }

    /// Why the rows cannot be split, told where the recipe says how.
    pub fn of_split(&self, error: &SplitError) -> RecipeError {
        let key = match error {
            SplitError::Folds { .. } | SplitError::Groups { .. } | SplitError::Moments { .. } => "folds",
            SplitError::OneGroup { .. } => "group",
            SplitError::OneMoment { .. } => "time",
            SplitError::Share(_) | SplitError::EmptyPart { .. } | SplitError::TooManyRows(_) => "holdout",
        };
        self.mistake(&keys(&["validation", key]), format!("validation.{key}: {error}"))
    }

    fn too_few_for_folds(&self, rows: usize, needed: usize) -> RecipeError {
        let folds = self.recipe().validation.folds;
        let message = format!(
            "validation.folds: {} are learnt from, and {folds} folds take {needed} or more; use fewer folds, or 0 \
             for none, or bring more rows",
            counted(rows)
        );
        self.mistake(&keys(&["validation", "folds"]), message)
    }

    fn too_rare_for_folds(&self, class: &str, rows: usize, needed: usize) -> RecipeError {
        let folds = self.recipe().validation.folds;
        let message = format!(
            "validation.folds: {} that can be learnt from, and {folds} folds take {needed} or more; use fewer \
             folds, or 0 for none, or bring more such rows",
            self.is_in(class, rows)
        );
        self.mistake(&keys(&["validation", "folds"]), message)
    }

    fn too_rare_for_holdout(&self, class: &str, rows: usize) -> RecipeError {
        let share = self.recipe().validation.holdout;
        self.of_holdout(&format!(
            "{}, none of which is among the {share} of the rows that are held out; hold out more, or bring more \
             such rows",
            self.is_in(class, rows)
        ))
    }

    fn of_holdout(&self, message: &str) -> RecipeError {
        let key = keys(&["validation", "holdout"]);
        self.mistake(&key, format!("validation.holdout: {message}"))
    }

    /// In how many rows the target is `class`.
    fn is_in(&self, class: &str, rows: usize) -> String {
        let target = &self.recipe().data.target;
        format!("\"{target}\" is \"{class}\" in {}", counted(rows))
    }
}

/// The class with the fewest rows, if it has fewer than `needed`.
fn rarest_below<'a>(task: &'a Task, class_rows: &[usize], needed: usize) -> Option<(&'a str, usize)> {
    let classes = task.classes().iter().zip(class_rows);
    let (class, &rows) = classes.min_by_key(|(_, rows)| **rows)?;
    (rows < needed).then_some((class.as_str(), rows))
}

fn counted(rows: usize) -> String {
    match rows {
        1 => "1 row".to_owned(),
        _ => format!("{rows} rows"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recipe(validation: &str) -> WrittenRecipe {
        let text =
            format!("name = \"m\"\n[data]\ndataset = \"d\"\ntarget = \"y\"\n[validation]\n{validation}\n");
        WrittenRecipe::parse("r.toml", &text).unwrap()
    }

    fn task() -> Task {
        Task::Multiclass {
            classes: ["a", "b", "ja"].map(str::to_owned).to_vec(),
        }
    }

    #[test]
    fn a_fold_without_a_class_is_named_before_anything_is_fitted() {
        let by_time = recipe("time = \"day\"\nfolds = 3");
        by_time.check_fold(&task(), 1, &[9, 1, 1], &[5, 1, 1]).unwrap();
        let told = |learnt: &[usize], tested: &[usize]| {
            let refused = by_time.check_fold(&task(), 2, learnt, tested);
            refused.unwrap_err().to_string()
        };
        let unlearnt = told(&[9, 1, 0], &[5, 1, 1]);
        assert!(
            unlearnt
                .starts_with("r.toml:7:1: validation.folds: no row that fold 2 of 3 learns from has \"ja\""),
            "{unlearnt}"
        );
        let untested = told(&[9, 1, 1], &[5, 0, 1]);
        assert!(
            untested.contains("is measured on has \"b\"") && untested.contains("in the order of \"day\""),
            "{untested}"
        );
        by_time.check_fold(&Task::Regression, 1, &[], &[]).unwrap();
    }

    #[test]
    fn a_class_that_is_too_rare_is_named_where_the_recipe_says_how_to_split() {
        let five = recipe("folds = 5");
        five.check_rows(&task(), 112, &[100, 6, 6]).unwrap();
        let told = five
            .check_rows(&task(), 112, &[100, 7, 5])
            .unwrap_err()
            .to_string();
        assert!(
            told.starts_with("r.toml:6:1: validation.folds: \"y\" is \"ja\" in 5 rows"),
            "{told}"
        );
        let told = five
            .check_split(&task(), &[80, 6, 4], &[20, 2, 2])
            .unwrap_err()
            .to_string();
        assert!(told.contains("5 folds take 5 or more"), "{told}");
        let none = recipe("holdout = 0.1\nfolds = 0");
        none.check_split(&task(), &[80, 1, 1], &[20, 1, 1]).unwrap();
        let told = none
            .check_split(&task(), &[80, 3, 1], &[20, 1, 0])
            .unwrap_err()
            .to_string();
        assert!(
            told.starts_with("r.toml:6:1: validation.holdout") && told.contains("\"ja\" in 1 row,"),
            "{told}"
        );
        let told = none.check_rows(&task(), 84, &[80, 3, 1]).unwrap_err().to_string();
        assert!(
            told.contains("\"ja\" in 1 row, and it takes one to learn from"),
            "{told}"
        );
        let told = none
            .check_split(&task(), &[80, 3, 0], &[20, 1, 1])
            .unwrap_err()
            .to_string();
        assert!(told.contains("none is left to learn from"), "{told}");
        let told = none
            .check_rows(&Task::Regression, 12, &[])
            .unwrap_err()
            .to_string();
        assert!(told.contains("the hold-out has 1 row"), "{told}");
        five.check_rows(&Task::Regression, 13, &[]).unwrap();
        let told = five
            .check_rows(&Task::Regression, 10, &[])
            .unwrap_err()
            .to_string();
        assert!(
            told.contains("8 rows are learnt from, and 5 folds take 10"),
            "{told}"
        );
        let told = five
            .check_rows(&Task::Regression, 2, &[])
            .unwrap_err()
            .to_string();
        assert!(
            told.starts_with("r.toml:") && told.contains("leaves one part empty"),
            "{told}"
        );
    }
}
