//! Which field each of a model's columns comes from.

use super::encode::FittedFeatures;

impl FittedFeatures {
    /// For each of [`Self::outputs`], the position of the input that it is made of; none where it is made of
    /// several.
    pub fn origins(&self) -> Vec<Option<usize>> {
        let widths = self
            .encoders
            .iter()
            .map(super::encoder::Encoder::width)
            .enumerate();
        widths
            .flat_map(|(input, width)| std::iter::repeat_n(Some(input), width))
            .collect()
    }
}
