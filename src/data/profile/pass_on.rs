//! What of a profile may leave the store with a model.

use super::{PointShare, Profile, Summary};

impl Profile {
    /// Rows in which a number has to be before it is passed on by itself.
    const SEVERAL: u64 = 10;

    /// What may be passed on with a model, of the columns that `is_taken` names: no text, and no count of
    /// single numbers where fewer than ten rows have one of them; the ends of what a column holds and its quantiles stay. Levels stay: whoever asks
    /// the model has to know them.
    #[must_use]
    pub fn to_pass_on(mut self, is_taken: impl Fn(&str) -> bool) -> Self {
        self.columns.retain(|column| is_taken(&column.name));
        for column in &mut self.columns {
            match &mut column.summary {
                Some(Summary::Texts(texts)) => (texts.top, texts.top_lost) = (Vec::new(), 0),
                Some(Summary::Numbers(numbers)) => {
                    // All of them or none: whoever reads them takes them for all.
                    if numbers.top.iter().any(|number| number.count < Self::SEVERAL) {
                        numbers.top.clear();
                    }
                    let is_few =
                        |point: &PointShare| point.share * (column.count as f64) < Self::SEVERAL as f64;
                    let points = &mut numbers.histogram.points;
                    *points = points.take().filter(|points| !points.iter().any(is_few));
                }
                Some(Summary::Levels(_)) | None => {}
            }
        }
        self
    }
}
