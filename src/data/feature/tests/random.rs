//! Random tables, and recipes for their features in which every encoder comes.

use proptest::prelude::*;

use super::super::spec::{
    Constant, Distribution, EncodeTime, NumericDefaults, QuantileSpec, TimestampDefaults,
};
use super::*;
use crate::data::testing::tables;

/// A table, what becomes of it, and what is predicted.
#[derive(Debug, Clone)]
pub(super) struct Case {
    pub(super) table: Table,
    pub(super) spec: FeatureSpec,
    /// Training rows, ascending.
    pub(super) train: Vec<usize>,
    pub(super) kind: TargetKind,
    /// Of all rows.
    pub(super) targets: Vec<f32>,
}

impl Case {
    pub(super) fn targets_of(&self, rows: &[usize]) -> Vec<f32> {
        rows.iter().map(|&row| self.targets[row]).collect()
    }
}

pub(super) fn cases() -> impl Strategy<Value = Case> {
    let rows = || prop::collection::vec(any::<u8>(), 40);
    let table = tables().prop_filter("rows", |table| table.rows() > 0);
    (
        table,
        prop::collection::vec(any::<u8>(), 60),
        rows(),
        rows(),
        0..3_usize,
    )
        .prop_map(|(table, choices, train, targets, kind)| {
            let table = tame(&table);
            let mut train: Vec<usize> = (0..table.rows()).filter(|&row| train[row] < 180).collect();
            if train.is_empty() {
                train.push(0);
            }
            let classes = ["x", "y", "z"].map(str::to_owned).to_vec();
            let kind = [
                TargetKind::Number,
                TargetKind::Binary,
                TargetKind::Classes(classes),
            ][kind]
                .clone();
            let target = |&choice: &u8| match kind {
                TargetKind::Number => f32::from(choice) / 7.0 - 9.0,
                TargetKind::Binary => f32::from(choice % 2),
                TargetKind::Classes(_) => f32::from(choice % 3),
            };
            Case {
                spec: spec(table.schema(), &choices),
                targets: targets[..table.rows()].iter().map(target).collect(),
                train,
                table,
                kind,
            }
        })
}

/// The same table with points in time that the calendar has, and with numbers that can be multiplied.
fn tame(table: &Table) -> Table {
    let columns = table.columns().iter().map(|column| match column {
        Column::Timestamp(moments) => {
            let near = |moment: i64| moment % 100_000_000_000_000_000;
            Column::Timestamp(moments.iter().map(|moment| moment.map(near)).collect())
        }
        Column::Number(values) => {
            let small = |value: &f64| if value.abs() < 1e9 { *value } else { value % 1000.0 };
            Column::Number(values.iter().map(small).collect())
        }
        other => other.clone(),
    });
    Table::new(table.schema().clone(), columns.collect()).unwrap()
}

/// A recipe whose every setting is one of `choices`.
fn spec(schema: &Schema, choices: &[u8]) -> FeatureSpec {
    let mut choices = choices.iter().cycle();
    let mut pick = |of: usize| usize::from(*choices.next().unwrap()) % of;
    let mut spec = FeatureSpec {
        numeric: NumericDefaults {
            scale: [Scale::None, Scale::MinMax][pick(2)],
            ..NumericDefaults::default()
        },
        timestamp: TimestampDefaults {
            encode: [None, Some(EncodeTime::Parts)][pick(2)],
            cyclic: pick(2) == 0,
            ..TimestampDefaults::default()
        },
        ..FeatureSpec::default()
    };
    let (mut numbers, mut levels) = (Vec::new(), Vec::new());
    for field in schema.fields() {
        match field.kind {
            ColumnType::Number | ColumnType::Integer => numbers.push(field.name.clone()),
            ColumnType::Boolean => {
                numbers.push(field.name.clone());
                levels.push(field.name.clone());
            }
            ColumnType::Category => levels.push(field.name.clone()),
            ColumnType::Text | ColumnType::Timestamp => {}
        }
        match pick(8) {
            0 => spec.drop.push(field.name.clone()),
            1 => {}
            _ => spec.rules.extend(rule(field, &mut pick)),
        }
    }
    if numbers.len() > 1 {
        for _ in 0..pick(3) {
            let operations = [
                Operation::Product,
                Operation::Ratio,
                Operation::Sum,
                Operation::Difference,
            ];
            let interaction = Interaction {
                scale: [None, Some(Scale::Standard), Some(Scale::Robust)][pick(3)],
                impute: [None, Some(Impute::Median)][pick(2)].clone(),
                ..interaction(&numbers, operations[pick(4)], &mut pick)
            };
            spec.interactions.push(interaction);
        }
    }
    if levels.len() > 1 {
        let encodes = [Encode::Native, Encode::OneHot, Encode::Target, Encode::Frequency];
        let cross = Interaction {
            encode: Some(encodes[pick(4)]),
            unknown: [None, Some(Unknown::Error)][pick(2)],
            impute: [None, Some(Impute::MostFrequent)][pick(2)].clone(),
            ..interaction(&levels, Operation::Cross, &mut pick)
        };
        spec.interactions.push(cross);
    }
    spec
}

fn interaction(
    columns: &[String],
    operation: Operation,
    pick: &mut impl FnMut(usize) -> usize,
) -> Interaction {
    let first = pick(columns.len());
    let columns = [first, (first + 1) % columns.len()].map(|column| columns[column].clone());
    Interaction {
        columns: columns.to_vec(),
        operation,
        impute: None,
        transform: None,
        scale: None,
        encode: None,
        min_count: None,
        unknown: None,
        smooth: None,
    }
}

fn rule(field: &Field, pick: &mut impl FnMut(usize) -> usize) -> Option<FeatureRule> {
    let rule = FeatureRule {
        columns: vec![field.name.clone()],
        indicator: Some(pick(2) == 0),
        ..FeatureRule::default()
    };
    let impute = [Impute::None, Impute::MostFrequent, Impute::Median, Impute::Mean];
    Some(match field.kind {
        ColumnType::Text => return None,
        ColumnType::Number | ColumnType::Integer => {
            let distribution = [Distribution::Uniform, Distribution::Normal][pick(2)];
            let quantile = QuantileSpec {
                n_quantiles: (pick(9) as u32 + 2).try_into().unwrap(),
                output_distribution: distribution,
            };
            let quantile = TransformSpec::Quantile(quantile);
            let transforms = [
                None,
                None,
                None,
                Some(quantile),
                Some(quantile),
                Some(TransformSpec::Log),
            ];
            let transform = transforms[pick(6)];
            let scales = [
                None,
                Some(Scale::Standard),
                Some(Scale::MinMax),
                Some(Scale::Robust),
            ];
            FeatureRule {
                impute: Some(match pick(5) {
                    4 => Impute::Constant(Constant::Number(3.25)),
                    other => impute[other].clone(),
                }),
                transform,
                scale: scales[pick(4)].filter(|_| !matches!(transform, Some(TransformSpec::Quantile(_)))),
                ..rule
            }
        }
        ColumnType::Boolean => FeatureRule {
            impute: Some(match pick(3) {
                2 => Impute::Constant(Constant::Boolean(true)),
                other => impute[other].clone(),
            }),
            ..rule
        },
        ColumnType::Timestamp => FeatureRule {
            impute: Some(match pick(5) {
                4 => Impute::Constant(Constant::Text("2020-02-29".into())),
                other => impute[other].clone(),
            }),
            parts: [
                None,
                Some(vec![TimePart::Epoch, TimePart::Minute, TimePart::Quarter]),
                Some(vec![TimePart::DayOfYear, TimePart::IsWeekend]),
            ][pick(3)]
            .clone(),
            cyclic: [None, Some(true)][pick(2)],
            ..rule
        },
        ColumnType::Category => {
            let encodes = [
                Encode::Native,
                Encode::OneHot,
                Encode::Ordinal,
                Encode::Target,
                Encode::Frequency,
            ];
            let encode = encodes[pick(5)];
            let levels = field.levels.clone().unwrap_or_default();
            let mut order: Vec<String> = levels.iter().rev().cloned().collect();
            order.insert(pick(order.len() + 1), "one more".into());
            let has_slots = matches!(encode, Encode::Native | Encode::OneHot);
            FeatureRule {
                impute: Some(match pick(3) {
                    2 => Impute::Constant(Constant::Text(levels[0].clone())),
                    other => impute[other].clone(),
                }),
                encode: Some(encode),
                min_count: has_slots.then(|| pick(4) as u32),
                unknown: [None, Some(Unknown::Error), Some(Unknown::Other)][pick(3)],
                levels: (encode == Encode::Ordinal && pick(2) == 0).then_some(order),
                smooth: [None, Some(Smooth::Rows(1.5))][pick(2)].filter(|_| encode == Encode::Target),
                ..rule
            }
        }
    })
}
