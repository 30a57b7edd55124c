//! Values as JSON has them.

use serde_json::Value;

use crate::platform::predictor::Cell;

/// What was sent for a field, as it was read; null where it is missing.
pub(super) fn of_cell(cell: &Cell<'_>) -> Value {
    match cell {
        Cell::Missing => Value::Null,
        Cell::Number(number) => Value::from(*number),
        Cell::Integer(integer) => Value::from(*integer),
        Cell::Boolean(boolean) => Value::from(*boolean),
        Cell::Text(text) => Value::from(text.as_ref()),
        time @ Cell::Timestamp(_) => Value::from(time.to_string()),
    }
}

/// A number that a model eats, as few digits as tell it from all others; null where it is missing.
pub(super) fn of_encoded(number: f32) -> Value {
    let shortest = number.to_string().parse::<f64>().ok();
    shortest
        .filter(|number| number.is_finite())
        .map_or(Value::Null, Value::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoded_number_is_written_as_short_as_it_is_told() {
        assert_eq!(of_encoded(0.1).to_string(), "0.1");
        assert_eq!(of_encoded(-3.0).to_string(), "-3.0");
        assert_eq!(of_encoded(f32::NAN), Value::Null);
    }
}
