//! The targets of each level, kept apart by fold.

use super::super::cross_fit::Folds;
use super::super::encoder::Level;
use super::super::level_values::LevelValues;
use super::super::moments::Moments;
use super::super::spec::{Encode, Smooth, Unknown};
use super::super::target::TargetKind;

/// The targets of each fold and level, and of missing cells behind the last level.
#[derive(Debug)]
pub(super) struct Means {
    levels: usize,
    sums: Sums,
}

#[derive(Debug)]
enum Sums {
    /// `[folds, levels + 1]`.
    Numbers(Vec<Moments>),
    /// In how many rows each class is: `[folds, levels + 1, classes]`.
    Classes { classes: usize, counts: Vec<u64> },
}

/// How means become numbers of levels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Smoothing {
    pub(super) smooth: Smooth,
    pub(super) unknown: Unknown,
    /// The level that missing cells count as; without one, they are a level of their own.
    pub(super) missing_as: Option<usize>,
}

impl Means {
    pub(super) fn new(levels: usize, target: &TargetKind) -> Self {
        let places = Folds::COUNT * (levels + 1);
        let sums = match target {
            TargetKind::Number => Sums::Numbers(vec![Moments::default(); places]),
            TargetKind::Binary => Sums::of_classes(places, 2),
            TargetKind::Classes(classes) => Sums::of_classes(places, classes.len()),
        };
        Self { levels, sums }
    }

    /// `target`: one of the kind that this was made for.
    pub(super) fn see(&mut self, level: Level, fold: usize, target: f32) {
        let level = match level {
            Level::Known(level) => level,
            Level::Missing | Level::Unknown => self.levels,
        };
        let place = fold * (self.levels + 1) + level;
        match &mut self.sums {
            Sums::Numbers(moments) => moments[place].see(f64::from(target)),
            Sums::Classes { classes, counts } => counts[place * *classes + target as usize] += 1,
        }
    }

    /// The numbers of each level, from all folds but `without`.
    pub(super) fn values(
        &self,
        without: Option<usize>,
        smoothing: Smoothing,
        target: &TargetKind,
    ) -> LevelValues {
        let outputs: Vec<usize> = match target {
            TargetKind::Number => vec![0],
            // The class whose probability is predicted.
            TargetKind::Binary => vec![1],
            TargetKind::Classes(classes) => (0..classes.len()).collect(),
        };
        let columns = outputs
            .iter()
            .map(|&output| self.column(output, without, smoothing));
        let columns: Vec<(Vec<f64>, f64)> = columns.collect();
        let of = |level: usize| columns.iter().map(move |(values, _)| values[level]);
        let missing = smoothing.missing_as.unwrap_or(self.levels);
        LevelValues {
            encode: Encode::Target,
            classes: target.named().to_vec(),
            values: (0..self.levels).flat_map(of).collect(),
            unknown: (smoothing.unknown == Unknown::Other)
                .then(|| columns.iter().map(|(_, mean)| *mean).collect()),
            missing: Some(of(missing).collect()),
        }
    }

    /// The numbers of all levels and of missing cells, and the mean of all rows.
    fn column(&self, output: usize, without: Option<usize>, smoothing: Smoothing) -> (Vec<f64>, f64) {
        let folds = (0..Folds::COUNT).filter(|&fold| Some(fold) != without);
        let of = |level: usize| {
            let parts = folds
                .clone()
                .map(|fold| self.sums.of(fold * (self.levels + 1) + level, output));
            parts.fold(Moments::default(), Moments::with)
        };
        let mut levels: Vec<Moments> = (0..=self.levels).map(of).collect();
        let all = levels.iter().copied().fold(Moments::default(), Moments::with);
        if let Some(level) = smoothing.missing_as {
            levels[level] = levels[level].with(levels[self.levels]);
        }
        // Without a row there is no mean.
        let mean = if all.count == 0 { f64::NAN } else { all.mean };
        let values = levels
            .iter()
            .map(|level| smooth(smoothing.smooth, *level, all, mean));
        (values.collect(), mean)
    }
}

impl Sums {
    fn of_classes(places: usize, classes: usize) -> Self {
        Self::Classes {
            classes,
            counts: vec![0; places * classes],
        }
    }

    /// The moments of the targets, of a class those of being it.
    fn of(&self, place: usize, class: usize) -> Moments {
        match self {
            Self::Numbers(moments) => moments[place],
            Self::Classes { classes, counts } => {
                let counts = &counts[place * classes..(place + 1) * classes];
                let (count, own) = (counts.iter().sum::<u64>(), counts[class]);
                if count == 0 {
                    return Moments::default();
                }
                let mean = own as f64 / count as f64;
                Moments {
                    count,
                    mean,
                    squares: own as f64 * (1.0 - mean),
                }
            }
        }
    }
}

/// The mean of a level, drawn towards the mean of all.
///
/// Source: Micci-Barreca 2001; `auto` with the weights that scikit-learn's TargetEncoder has.
fn smooth(smooth: Smooth, level: Moments, all: Moments, mean: f64) -> f64 {
    if level.count == 0 {
        return mean;
    }
    let count = level.count as f64;
    match smooth {
        Smooth::Rows(rows) => (level.mean * count + rows * mean) / (count + rows),
        Smooth::Auto => {
            let weight = all.variance() * count;
            let share = weight / (weight + level.variance());
            if share.is_nan() {
                mean
            } else {
                share * level.mean + (1.0 - share) * mean
            }
        }
    }
}
