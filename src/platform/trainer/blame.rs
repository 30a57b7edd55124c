//! Whose fault it is that a training made no version: the recipe's or the data's, or usina's and the machine's.
//!
//! Who sent the recipe is told to mend it in the first case alone. So every error that can come up here is
//! placed by name, and one that is new has to be.

use super::TrainError;
use crate::data::feature::{EncodeError, FeatureError};
use crate::engine::fit::FitError;
use crate::engine::matrix::MatrixError;
use crate::engine::metric::MetricError;
use crate::engine::task::TaskError;
use crate::engine::validate::{CrossError, ThresholdError};
use crate::platform::datasets::DatasetError;

/// Whether the recipe or the data are to blame, and not usina or the machine.
pub(super) fn is_input(error: &TrainError) -> bool {
    match error {
        TrainError::Recipe(_)
        | TrainError::NotShipped(_)
        | TrainError::Target { .. }
        | TrainError::Series { .. }
        | TrainError::NoTime { .. }
        | TrainError::ShortFolds { .. }
        | TrainError::Rating { .. }
        | TrainError::Ratings { .. }
        | TrainError::LongSeries { .. }
        | TrainError::Split(_) => true,
        TrainError::SeriesFold { source, .. } => fit(source),
        TrainError::Dataset(error) => dataset(error),
        TrainError::Features(error) => features(error),
        TrainError::Matrix(error) => matrix(error),
        TrainError::Fit(error) => fit(error),
        TrainError::Folds(error) => folds(error),
        TrainError::Metric(error) => metric(error),
        TrainError::Threshold(ThresholdError::NotPrecise { .. }) => true,
        TrainError::Threshold(ThresholdError::Metric(error)) => metric(error),
        TrainError::Stopped
        | TrainError::Factor(_)
        | TrainError::Rank(_)
        | TrainError::Recommend(_)
        | TrainError::Gates { .. }
        | TrainError::Intervals(_)
        | TrainError::Device(_)
        | TrainError::Generate(_)
        | TrainError::Table(_)
        | TrainError::Predict(_)
        | TrainError::Bundle(_)
        | TrainError::WarmUp(_)
        | TrainError::Load(_)
        | TrainError::Entropy(_)
        | TrainError::Json(_)
        | TrainError::Schema(_)
        | TrainError::Tracking(_)
        | TrainError::Job(_)
        | TrainError::Registry(_)
        | TrainError::Store(_) => false,
    }
}

fn dataset(error: &DatasetError) -> bool {
    match error {
        DatasetError::Unknown(_)
        | DatasetError::UnknownVersion { .. }
        | DatasetError::Source(_)
        | DatasetError::Target { .. }
        | DatasetError::Recipe(_)
        | DatasetError::Violated(_)
        | DatasetError::Expectation(_)
        | DatasetError::TooManyToTellApart(_)
        | DatasetError::Version(_) => true,
        DatasetError::Codec(_)
        | DatasetError::Table(_)
        | DatasetError::Generate(_)
        | DatasetError::Io(_)
        | DatasetError::Stopped
        | DatasetError::Malformed { .. }
        | DatasetError::PageToken(_)
        | DatasetError::Entropy(_)
        | DatasetError::Store(_) => false,
    }
}

fn features(error: &FeatureError) -> bool {
    match error {
        FeatureError::NoRows
        | FeatureError::NoSuchColumn { .. }
        | FeatureError::RuleForDropped { .. }
        | FeatureError::TwoRules(_)
        | FeatureError::DoesNotFit { .. }
        | FeatureError::NoSuchLevel { .. }
        | FeatureError::NoSuchTime { .. }
        | FeatureError::LevelWithoutPlace { .. }
        | FeatureError::LevelTwice { .. }
        | FeatureError::Interaction { .. }
        | FeatureError::TooBigToScale(_)
        | FeatureError::NothingToImpute(_)
        | FeatureError::NoFeatures
        | FeatureError::SameOutput(_) => true,
        FeatureError::Row { error, .. } => match error {
            EncodeError::Missing { .. }
            | EncodeError::WrongType { .. }
            | EncodeError::NotFinite { .. }
            | EncodeError::TooBig { .. }
            | EncodeError::OutOfRange { .. }
            | EncodeError::UnknownCategory { .. } => true,
            EncodeError::Count { .. } | EncodeError::Width { .. } => false,
        },
        // Features that were fitted on this very table a moment ago.
        FeatureError::NoSuchRow { .. }
        | FeatureError::NoTargets(_)
        | FeatureError::Targets { .. }
        | FeatureError::OtherColumns
        | FeatureError::ColumnNotThere(_)
        | FeatureError::NewerFormat(_)
        | FeatureError::Damaged(_) => false,
    }
}

fn matrix(error: &MatrixError) -> bool {
    match error {
        MatrixError::NoFeatures | MatrixError::DuplicateFeature(_) | MatrixError::Levels { .. } => true,
        // Features that are fitted encode a right table into right numbers, or say themselves what is wrong.
        MatrixError::Shape { .. } | MatrixError::Value { .. } | MatrixError::NoSuchRow { .. } => false,
    }
}

fn fit(error: &FitError) -> bool {
    match error {
        FitError::NoRows(_)
        | FitError::TargetNotFinite { .. }
        | FitError::OneClass { .. }
        | FitError::BadWeight { .. }
        | FitError::NoWeight(_)
        | FitError::NothingToWatch
        | FitError::TooManyColumns { .. }
        | FitError::Diverged { .. }
        | FitError::Constant { .. }
        | FitError::SeriesTooShort { .. }
        | FitError::OtherData { .. }
        | FitError::Task(TaskError::TooFewClasses(_))
        | FitError::Param(_) => true,
        // What is put together here, and what happens inside of the fit.
        FitError::Matrix(error) => matrix(error),
        FitError::Stopped
        | FitError::TargetLength { .. }
        | FitError::NotAClass { .. }
        | FitError::WeightsLength { .. }
        | FitError::ValidFeatures
        | FitError::Task(TaskError::DuplicateClass(_))
        | FitError::Device { .. }
        | FitError::Booster(_)
        | FitError::Stored(_) => false,
    }
}

fn folds(error: &CrossError<TrainError>) -> bool {
    match error {
        CrossError::Encode { source, .. } => is_input(source),
        CrossError::Fit { source, .. } => fit(source),
        CrossError::Metric { source, .. } => metric(source),
        CrossError::NoFolds
        | CrossError::OtherRows { .. }
        | CrossError::TestedTwice { .. }
        | CrossError::WeightsLength { .. }
        | CrossError::Predictions { .. } => false,
    }
}

fn metric(error: &MetricError) -> bool {
    match error {
        MetricError::Empty
        | MetricError::Threshold(_)
        | MetricError::MissingClass(_)
        | MetricError::TooFewRows(_) => true,
        // Labels come from the target, which has been read, and predictions from the model.
        MetricError::Quantile(_)
        | MetricError::Length { .. }
        | MetricError::Label { .. }
        | MetricError::Prediction { .. } => false,
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use super::*;
    use crate::data::split::SplitError;
    use crate::engine::fit::Part;

    fn in_a_fold(source: FitError) -> TrainError {
        Box::new(CrossError::Fit { fold: 2, source }).into()
    }

    #[test]
    fn a_recipe_or_data_that_cannot_be_learnt_from_is_wrong_input() {
        let one_class = || FitError::OneClass {
            part: Part::Train,
            class: "no".to_owned(),
        };
        let encoding = CrossError::Encode {
            fold: 1,
            source: FeatureError::NoFeatures.into(),
        };
        let wrong: [TrainError; 7] = [
            SplitError::Folds { rows: 3, folds: 5 }.into(),
            FeatureError::NothingToImpute("age".to_owned()).into(),
            MatrixError::NoFeatures.into(),
            one_class().into(),
            in_a_fold(one_class()),
            Box::new(encoding).into(),
            MetricError::MissingClass(1).into(),
        ];
        for error in wrong {
            assert!(is_input(&error), "{error}");
        }
    }

    #[test]
    fn what_goes_wrong_inside_is_not_told_as_wrong_input() {
        let lengths = || FitError::TargetLength {
            part: Part::Train,
            rows: 3,
            targets: 2,
        };
        let numbers = || MetricError::Prediction {
            row: 0,
            value: f32::NAN,
            expected: "a finite number",
        };
        let encoding = CrossError::Encode {
            fold: 1,
            source: MatrixError::NoSuchRow { row: 9, rows: 3 }.into(),
        };
        let measuring = CrossError::Metric {
            fold: 1,
            source: numbers(),
        };
        let faults: [TrainError; 9] = [
            lengths().into(),
            in_a_fold(lengths()),
            FitError::ValidFeatures.into(),
            MatrixError::Shape {
                rows: 3,
                columns: 2,
                got: 5,
            }
            .into(),
            FeatureError::Damaged("age".to_owned()).into(),
            numbers().into(),
            Box::new(encoding).into(),
            Box::new(measuring).into(),
            Box::new(CrossError::NoFolds).into(),
        ];
        for error in faults {
            assert!(!is_input(&error), "{error}");
        }
    }

    #[test]
    fn a_fold_s_failure_keeps_what_caused_it() {
        let error = in_a_fold(FitError::NoWeight(Part::Train));
        assert_eq!(
            error.to_string(),
            "cross-validation: fold 2: all weights of the training part are 0; nothing can be learnt or watched"
        );
        let causes = std::iter::successors(error.source(), |cause| (*cause).source());
        assert!(causes.last().unwrap().is::<FitError>());
    }
}
