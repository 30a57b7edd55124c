//! Which field each of a model's columns comes from.

use super::encode::FittedFeatures;

impl FittedFeatures {
    /// For each of [`Self::outputs`], the position of the input that it is made of; none where it is made of
    /// several.
    pub fn origins(&self) -> Vec<Option<usize>> {
        let origin = |of: &[usize]| match of {
            [input] => Some(*input),
            _ => None,
        };
        let steps = self.steps.iter();
        steps
            .flat_map(|step| std::iter::repeat_n(origin(&step.of), step.width))
            .collect()
    }
}
