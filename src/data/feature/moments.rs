//! Mean and variance in one pass.

/// How many values there are, their mean, and the sum of their squared distances from it.
///
/// Values are taken in one by one as Welford (1962) has it, which loses no digits where the mean is large and
/// the spread is small; two are joined by the formula of Chan, Golub and LeVeque (1979).
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Moments {
    pub(super) count: u64,
    pub(super) mean: f64,
    pub(super) squares: f64,
}

impl Moments {
    /// `count` times the same value.
    pub(super) fn of(value: f64, count: u64) -> Self {
        Self {
            count,
            mean: if count == 0 { 0.0 } else { value },
            squares: 0.0,
        }
    }

    pub(super) fn see(&mut self, value: f64) {
        self.count += 1;
        let before = value - self.mean;
        self.mean += before / self.count as f64;
        self.squares += before * (value - self.mean);
    }

    #[must_use]
    pub(super) fn with(self, other: Self) -> Self {
        if self.count == 0 {
            return other;
        }
        if other.count == 0 {
            return self;
        }
        let (own, others) = (self.count as f64, other.count as f64);
        let apart = other.mean - self.mean;
        let share = others / (own + others);
        Self {
            count: self.count + other.count,
            mean: self.mean + apart * share,
            squares: self.squares + other.squares + apart * apart * own * share,
        }
    }

    /// The population's variance, divided by the count; 0 without values.
    pub(super) fn variance(self) -> f64 {
        if self.count == 0 {
            0.0
        } else {
            self.squares / self.count as f64
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[f64]) -> Moments {
        let mut moments = Moments::default();
        values.iter().for_each(|&value| moments.see(value));
        moments
    }

    #[test]
    fn parts_that_are_joined_are_the_whole() {
        let values = [3.0, -1.5, 8.25, 8.25, 0.125];
        let whole = of(&values);
        // numpy.mean and numpy.var of the values
        assert!((whole.mean - 3.625).abs() < 1e-15 && (whole.variance() - 16.3375).abs() < 1e-13);
        for cut in 0..=values.len() {
            let joined = of(&values[..cut]).with(of(&values[cut..]));
            assert_eq!(joined.count, 5);
            assert!((joined.mean - whole.mean).abs() < 1e-15);
            assert!((joined.squares - whole.squares).abs() < 1e-12);
        }
        assert_eq!(of(&[2.5; 3]), Moments::of(2.5, 3));
    }

    #[test]
    fn a_large_mean_costs_no_digits_of_the_spread() {
        let moments = of(&[1e9 + 4.0, 1e9 + 7.0, 1e9 + 13.0, 1e9 + 16.0]);
        assert_eq!(moments.variance(), 22.5);
    }
}
