//! What the numbers that come out are called, and what they mean.

use super::category::CategoryEncoder;
use super::encoder::{Encoder, LevelEncoder, Step};
use super::field::{InputField, OutputFeature, OutputKind};
use super::level_values::LevelValues;
use super::spec::{Encode, Operation};

/// Adds what `step` makes of its inputs to `outputs`: as many as it is wide.
pub(super) fn of(inputs: &[InputField], step: &Step, outputs: &mut Vec<OutputFeature>) {
    let name = inputs[step.of[0]].name.as_str();
    let joined = |operation: Operation| {
        let names: Vec<&str> = step.of.iter().map(|&input| inputs[input].name.as_str()).collect();
        operation.name(&names)
    };
    match &step.encoder {
        Encoder::Number(_) => outputs.push(numeric(name.to_owned())),
        Encoder::Missing(_) => outputs.push(numeric(format!("missingindicator_{name}"))),
        Encoder::Arithmetic(encoder) => outputs.push(numeric(joined(encoder.operation))),
        Encoder::Time(encoder) => {
            outputs.extend(encoder.names().map(|part| numeric(format!("{name}{part}"))));
        }
        Encoder::Category(encoder) => {
            slots(
                name,
                encoder,
                inputs[step.of[0]].levels.as_deref().unwrap_or_default(),
                outputs,
            );
        }
        Encoder::Values(encoder) => values(name, encoder, outputs),
        Encoder::Cross(LevelEncoder::Values(encoder)) => values(&joined(Operation::Cross), encoder, outputs),
        Encoder::Cross(LevelEncoder::Category(encoder)) => {
            slots(
                &joined(Operation::Cross),
                encoder,
                &combinations(inputs, &step.of),
                outputs,
            );
        }
    }
}

fn numeric(name: String) -> OutputFeature {
    OutputFeature {
        name,
        kind: OutputKind::Numeric,
    }
}

fn slots(name: &str, encoder: &CategoryEncoder, levels: &[String], outputs: &mut Vec<OutputFeature>) {
    let names = encoder.slot_names(levels);
    if encoder.encode == Encode::OneHot {
        outputs.extend(names.iter().map(|level| numeric(format!("{name}={level}"))));
    } else {
        outputs.push(OutputFeature {
            name: name.to_owned(),
            kind: OutputKind::Categorical { levels: names },
        });
    }
}

fn values(name: &str, encoder: &LevelValues, outputs: &mut Vec<OutputFeature>) {
    if encoder.classes.is_empty() {
        outputs.push(numeric(name.to_owned()));
    } else {
        outputs.extend(
            encoder
                .classes
                .iter()
                .map(|class| numeric(format!("{name}_{class}"))),
        );
    }
}

/// What the combinations of the inputs' levels are called, in the order of
/// [`combined`](super::encoder::combined).
fn combinations(inputs: &[InputField], of: &[usize]) -> Vec<String> {
    let booleans = ["false".to_owned(), "true".to_owned()];
    let mut names: Vec<String> = Vec::new();
    for (place, &input) in of.iter().enumerate() {
        let levels = inputs[input].levels.as_deref().unwrap_or(&booleans);
        names = if place == 0 {
            levels.to_vec()
        } else {
            let with = |name: &String| {
                let name = name.clone();
                levels.iter().map(move |level| format!("{name}:{level}"))
            };
            names.iter().flat_map(with).collect()
        };
    }
    names
}
