//! Features before any row is looked at: their names and kinds are those of fitted ones.

use super::super::arithmetic::ArithmeticEncoder;
use super::super::category::CategoryEncoder;
use super::super::encoder::{Encoder, LevelEncoder, MissingIndicator, Step};
use super::super::field::InputField;
use super::super::level_values::LevelValues;
use super::super::number::NumberEncoder;
use super::super::spec::{Encode, Unknown};
use super::super::target::TargetKind;
use super::super::time::TimeEncoder;
use super::{Fate, How, LevelPlan, Made, Planned};
use crate::data::schema::Schema;

/// The inputs, and what would be made of them if every level were in enough rows.
pub(super) fn features(
    planned: &Planned,
    schema: &Schema,
    target: &TargetKind,
) -> (Vec<InputField>, Vec<Step>) {
    let (mut inputs, mut steps) = (Vec::new(), Vec::new());
    let mut places = vec![0; schema.len()];
    for (index, (field, fate)) in schema.fields().iter().zip(&planned.fates).enumerate() {
        let Fate::Input(plan) = fate else { continue };
        let place = inputs.len();
        places[index] = place;
        let input = plan.input(field);
        let encoder = match &plan.how {
            How::Number { .. } => Some(Encoder::Number(NumberEncoder::default())),
            How::Levels(plan) => Some(levels(plan, input.level_count(), target).of_one()),
            How::Time { parts, cyclic } => Some(Encoder::Time(TimeEncoder {
                parts: parts.clone(),
                cyclic: *cyclic,
                impute: None,
            })),
            How::Nothing => None,
        };
        inputs.push(input);
        steps.extend(encoder.map(|encoder| Step::new(vec![place], encoder)));
        if plan.indicator {
            steps.push(Step::new(vec![place], Encoder::Missing(MissingIndicator {})));
        }
    }
    for derived in &planned.derived {
        let of: Vec<usize> = derived.columns.iter().map(|&column| places[column]).collect();
        let encoder = match &derived.made {
            Made::Number { operation, .. } => Encoder::Arithmetic(ArithmeticEncoder {
                operation: *operation,
                number: NumberEncoder::default(),
            }),
            Made::Cross(plan) => {
                let combinations = of.iter().map(|&input| inputs[input].level_count()).product();
                Encoder::Cross(levels(plan, combinations, target))
            }
        };
        steps.push(Step::new(of, encoder));
    }
    (inputs, steps)
}

fn levels(plan: &LevelPlan, levels: usize, target: &TargetKind) -> LevelEncoder {
    if matches!(plan.encode, Encode::Native | Encode::OneHot) {
        // Whether rare levels are joined is known only with the rows: the slot for them may be there.
        let unknown = if plan.min_count > 0 {
            Unknown::Other
        } else {
            plan.unknown
        };
        let counts = vec![u64::MAX; levels];
        return LevelEncoder::Category(CategoryEncoder::fit(
            plan.encode,
            &counts,
            plan.min_count,
            unknown,
        ));
    }
    LevelEncoder::Values(LevelValues {
        encode: plan.encode,
        classes: match plan.encode {
            Encode::Target => target.named().to_vec(),
            _ => Vec::new(),
        },
        values: Vec::new(),
        unknown: None,
        missing: None,
    })
}
