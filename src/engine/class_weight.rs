//! How much the rows of each class count.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, Unexpected, Visitor};
use serde::{Serialize, Serializer};

use crate::engine::param::{Interval, ParamError};
use crate::engine::task::Task;

/// How much the rows of each class count. In TOML: `"balanced"`, or a table such as `{ yes = 5.0 }`.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum ClassWeight {
    /// All the same.
    #[default]
    None,
    /// Each class as much as every other, as scikit-learn's `balanced`: rows / (classes · rows of the class).
    Balanced,
    /// As it says; a class that is not named counts 1.
    Named(BTreeMap<String, f64>),
}

impl ClassWeight {
    /// Whether all classes count the same.
    pub fn is_none(&self) -> bool {
        *self == Self::None
    }

    /// How much a row of each class counts: `[classes]`; none when all count the same.
    ///
    /// `target`: `[rows]`, the class' index of the rows that are learnt from.
    pub fn of_classes(&self, task: &Task, target: &[f32]) -> Option<Vec<f32>> {
        let classes = task.classes();
        match self {
            Self::None => None,
            Self::Balanced => {
                let mut counts = vec![0_usize; classes.len()];
                for class in target {
                    if let Some(count) = counts.get_mut(*class as usize) {
                        *count += 1;
                    }
                }
                let share = |count: &usize| match count {
                    0 => 0.0,
                    count => (target.len() as f64 / (classes.len() * count) as f64) as f32,
                };
                Some(counts.iter().map(share).collect())
            }
            Self::Named(weights) => {
                let of = |class: &String| weights.get(class).copied().unwrap_or(1.0) as f32;
                Some(classes.iter().map(of).collect())
            }
        }
    }
}

impl ClassWeight {
    /// Checks the weights beside what is predicted.
    ///
    /// # Errors
    /// There are no classes, a class that is named is none, or a weight is no weight.
    pub(in crate::engine) fn validate(&self, task: &Task) -> Result<(), ParamError> {
        if !self.is_none() && task.is_number() {
            let expected = format!("none for a {} task", task.name());
            let given = if *self == Self::Balanced {
                "balanced"
            } else {
                "a table"
            };
            return Err(ParamError::new("class_weight", given, expected));
        }
        let Self::Named(weights) = self else {
            return Ok(());
        };
        for (class, weight) in weights {
            if !task.classes().contains(class) {
                let expected = format!("the name of a class: {}", task.classes().join(", "));
                return Err(ParamError::new("class_weight", class, expected));
            }
            if !Interval::Positive.holds(*weight) {
                return Err(ParamError::new("class_weight", weight, Interval::Positive));
            }
        }
        Ok(())
    }
}

/// How much each row counts, `[rows]`: by its own weight and by that of its class, `of_classes`.
pub(in crate::engine) fn weigh<'a>(
    of_classes: Option<&[f32]>,
    target: &[f32],
    weights: Option<&'a [f32]>,
) -> Option<Cow<'a, [f32]>> {
    let Some(of_classes) = of_classes else {
        return weights.map(Cow::Borrowed);
    };
    let of_row = |(row, class): (usize, &f32)| {
        weights.map_or(1.0, |weights| weights[row]) * of_classes[*class as usize]
    };
    Some(target.iter().enumerate().map(of_row).collect())
}

impl Serialize for ClassWeight {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::None => serializer.serialize_str("none"),
            Self::Balanced => serializer.serialize_str("balanced"),
            Self::Named(weights) => weights.serialize(serializer),
        }
    }
}

/// Written by hand, so that whatever else is there is told what may be.
impl<'de> Deserialize<'de> for ClassWeight {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct WordOrTable;

        impl<'de> Visitor<'de> for WordOrTable {
            type Value = ClassWeight;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("\"none\", \"balanced\" or a table such as { yes = 5.0 }")
            }

            fn visit_str<E: de::Error>(self, word: &str) -> Result<ClassWeight, E> {
                match word {
                    "none" => Ok(ClassWeight::None),
                    "balanced" => Ok(ClassWeight::Balanced),
                    other => Err(E::invalid_value(Unexpected::Str(other), &self)),
                }
            }

            fn visit_map<A: MapAccess<'de>>(self, mut table: A) -> Result<ClassWeight, A::Error> {
                let mut weights = BTreeMap::new();
                while let Some((class, weight)) = table.next_entry()? {
                    weights.insert(class, weight);
                }
                Ok(ClassWeight::Named(weights))
            }
        }

        deserializer.deserialize_any(WordOrTable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn three() -> Task {
        Task::Multiclass {
            classes: ["a", "b", "c"].map(str::to_owned).to_vec(),
        }
    }

    #[test]
    fn balanced_weights_are_those_of_scikit_learn() {
        // compute_class_weight("balanced", classes=[0, 1, 2], y=[0, 0, 0, 1, 1, 2])
        let weights = ClassWeight::Balanced.of_classes(&three(), &[0.0, 0.0, 0.0, 1.0, 1.0, 2.0]);
        assert_eq!(weights, Some(vec![2.0 / 3.0, 1.0, 2.0]));
        assert_eq!(ClassWeight::None.of_classes(&three(), &[0.0]), None);
    }

    #[test]
    fn a_class_that_is_not_named_counts_one() {
        #[derive(serde::Deserialize)]
        struct Text {
            class_weight: ClassWeight,
        }
        let read = |text: &str| toml::from_str::<Text>(text).map(|text| text.class_weight);
        let named = read("class_weight = { b = 2.5 }").unwrap();
        assert_eq!(named.of_classes(&three(), &[]), Some(vec![1.0, 2.5, 1.0]));
        assert_eq!(
            read("class_weight = \"balanced\"").unwrap(),
            ClassWeight::Balanced
        );
        let told = read("class_weight = \"even\"").unwrap_err().to_string();
        assert!(told.contains("\"balanced\" or a table"), "{told}");
    }
}
