//! What is computed of several numbers.

use serde::{Deserialize, Serialize};

use super::error::EncodeError;
use super::number::NumberEncoder;
use super::spec::Operation;

/// What is computed of several numbers, and what happens to it then.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ArithmeticEncoder {
    pub(super) operation: Operation,
    pub(super) number: NumberEncoder,
}

impl ArithmeticEncoder {
    /// `value`: what the operation gives. `names`: what it was computed of, for messages.
    #[inline]
    pub(super) fn encode<'n, N: Iterator<Item = &'n str>>(
        &self,
        value: f64,
        names: impl FnOnce() -> N,
    ) -> Result<f32, EncodeError> {
        self.number.apply(value).map_err(|wrong| {
            let names: Vec<&str> = names().collect();
            wrong.of(self.operation.name(&names))
        })
    }
}

impl Operation {
    /// What the operation gives of numbers, each NaN when it is missing: NaN where one is, and where the result
    /// is no finite number, as after a division by 0.
    #[inline]
    pub(super) fn of<E>(self, values: impl IntoIterator<Item = Result<f64, E>>) -> Result<f64, E> {
        let mut result = None;
        for value in values {
            let value = value?;
            result = Some(match (result, self) {
                (None, _) => value,
                (Some(before), Self::Product) => before * value,
                (Some(before), Self::Ratio) => before / value,
                (Some(before), Self::Sum) => before + value,
                (Some(before), Self::Difference) => before - value,
                (Some(_), Self::Cross) => f64::NAN,
            });
        }
        Ok(result.filter(|result| result.is_finite()).unwrap_or(f64::NAN))
    }

    /// What the result of these columns is called.
    pub(super) fn name<S: AsRef<str>>(self, columns: &[S]) -> String {
        let sign = match self {
            Self::Product => "*",
            Self::Ratio => "/",
            Self::Sum => "+",
            Self::Difference => "-",
            Self::Cross => ":",
        };
        let columns: Vec<&str> = columns.iter().map(AsRef::as_ref).collect();
        columns.join(sign)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_number_is_missing() {
        let of = |operation: Operation, values: [f64; 2]| operation.of(values.map(Ok::<_, ()>)).unwrap();
        assert_eq!(of(Operation::Product, [3.0, -2.0]), -6.0);
        assert_eq!(of(Operation::Ratio, [3.0, -2.0]), -1.5);
        assert_eq!(of(Operation::Sum, [3.0, -2.0]), 1.0);
        assert_eq!(of(Operation::Difference, [3.0, -2.0]), 5.0);
        for values in [
            [1.0, 0.0],
            [0.0, 0.0],
            [f64::NAN, 1.0],
            [1.0, f64::NAN],
            [f64::MAX, 0.1],
        ] {
            assert!(of(Operation::Ratio, values).is_nan(), "{values:?}");
        }
    }
}
