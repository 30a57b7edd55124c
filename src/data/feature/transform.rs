//! What becomes of a number before it is scaled.

use serde::{Deserialize, Serialize};

/// A fitted transform.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Transform {
    /// The natural logarithm of 1 + x, of values above −1.
    Log,
    /// The share of training values below, or the point of a normal distribution below which that share is.
    Quantile(QuantileTransform),
}

impl Transform {
    /// The transformed value; none where there is none: the logarithm of a value at or below −1.
    #[inline]
    pub(super) fn apply(&self, value: f64) -> Option<f64> {
        match self {
            Self::Log => log(value),
            Self::Quantile(quantile) => Some(quantile.apply(value)),
        }
    }

    pub(super) fn is_sound(&self) -> bool {
        match self {
            Self::Log => true,
            Self::Quantile(quantile) => {
                let values = &quantile.quantiles;
                !values.is_empty() && values.is_sorted() && values.iter().all(|value| value.is_finite())
            }
        }
    }
}

/// The natural logarithm of 1 + `value`; none at or below −1.
pub(super) fn log(value: f64) -> Option<f64> {
    (value > -1.0).then(|| value.ln_1p())
}

/// Quantiles of the training values at evenly spaced ranks, as scikit-learn's QuantileTransformer keeps them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct QuantileTransform {
    /// Ascending; the first at rank 0, the last at rank 1.
    pub(super) quantiles: Vec<f64>,
    /// Whether shares become points of a normal distribution.
    pub(super) normal: bool,
}

/// How near to 0 and 1 a share may come before it becomes a point of a normal distribution: scikit-learn's.
const BOUND: f64 = 1e-7 - f64::EPSILON;

impl QuantileTransform {
    fn apply(&self, value: f64) -> f64 {
        let share = self.share(value);
        if !self.normal {
            return share;
        }
        // scikit-learn compares with a margin there, too.
        let near = |bound: Option<&f64>| bound.is_some_and(|bound| (value - bound).abs() < 1e-7);
        let share = if near(self.quantiles.first()) {
            0.0
        } else if near(self.quantiles.last()) {
            1.0
        } else {
            share
        };
        normal_quantile(share.clamp(BOUND, 1.0 - BOUND))
    }

    /// The share of training values below `value`, linear between two quantiles; of a value that is several
    /// quantiles, the middle of their ranks.
    fn share(&self, value: f64) -> f64 {
        let quantiles = self.quantiles.as_slice();
        let last = quantiles.len() - 1;
        if last == 0 || value <= quantiles[0] {
            return 0.0;
        }
        if value >= quantiles[last] {
            return 1.0;
        }
        let below = quantiles.partition_point(|&quantile| quantile < value);
        let above = quantiles.partition_point(|&quantile| quantile <= value);
        let place = if above > below {
            // The first and the last of those that are equal to it.
            (below + above - 1) as f64 / 2.0
        } else {
            let (lower, upper) = (quantiles[below - 1], quantiles[below]);
            // Halved, so that the difference of the largest numbers does not overflow.
            (below - 1) as f64 + (value / 2.0 - lower / 2.0) / (upper / 2.0 - lower / 2.0)
        };
        (place / last as f64).clamp(0.0, 1.0)
    }
}

/// The point of a standard normal distribution below which the share `share` lies, for shares from 1e-10 to
/// 1 − 1e-10.
///
/// Source: algorithm AS 241, PPND16, Wichura 1988; relative error about 1e-16.
fn normal_quantile(share: f64) -> f64 {
    const MIDDLE: [[f64; 8]; 2] = [
        [
            3.387_132_872_796_366_5,
            133.141_667_891_784_38,
            1_971.590_950_306_551_3,
            13_731.693_765_509_46,
            45_921.953_931_549_87,
            67_265.770_927_008_7,
            33_430.575_583_588_13,
            2_509.080_928_730_122_7,
        ],
        [
            1.0,
            42.313_330_701_600_91,
            687.187_007_492_057_9,
            5_394.196_021_424_751,
            21_213.794_301_586_597,
            39_307.895_800_092_71,
            28_729.085_735_721_943,
            5_226.495_278_852_854,
        ],
    ];
    const TAIL: [[f64; 8]; 2] = [
        [
            1.423_437_110_749_683_5,
            4.630_337_846_156_546,
            5.769_497_221_460_691,
            3.647_848_324_763_204_5,
            1.270_458_252_452_368_4,
            0.241_780_725_177_450_6,
            0.022_723_844_989_269_184,
            7.745_450_142_783_414e-4,
        ],
        [
            1.0,
            2.053_191_626_637_759,
            1.676_384_830_183_803_8,
            0.689_767_334_985_1,
            0.148_103_976_427_480_08,
            0.015_198_666_563_616_457,
            5.475_938_084_995_345e-4,
            1.050_750_071_644_416_9e-9,
        ],
    ];
    let ratio = |[above, below]: &[[f64; 8]; 2], x: f64| {
        let sum = |terms: &[f64; 8]| terms.iter().rev().fold(0.0, |sum, term| sum * x + term);
        sum(above) / sum(below)
    };
    let from_middle = share - 0.5;
    if from_middle.abs() <= 0.425 {
        return from_middle * ratio(&MIDDLE, 0.180_625 - from_middle * from_middle);
    }
    let tail = (-share.min(1.0 - share).ln()).sqrt();
    ratio(&TAIL, tail - 1.6).copysign(from_middle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_points_of_a_normal_distribution_are_known() {
        // scipy.stats.norm.ppf
        for (share, expected) in [
            (0.5, 0.0),
            (0.6, 0.253_347_103_135_799_7),
            (0.05, -1.644_853_626_951_472_7),
            (0.999, 3.090_232_306_167_813),
            (1e-7, -5.199_337_582_192_817),
            (0.925, 1.439_531_470_938_456),
        ] {
            let found = normal_quantile(share);
            assert!(
                (found - expected).abs() < 1e-12,
                "{share}: {found}, not {expected}"
            );
        }
    }

    #[test]
    fn the_log_has_an_end_below() {
        let log = |value| Transform::Log.apply(value);
        assert_eq!(log(0.0), Some(0.0));
        assert_eq!(log(-0.5), Some((0.5_f64).ln()));
        assert_eq!([log(-1.0), log(-7.0)], [None, None]);
    }

    #[test]
    fn a_value_outside_of_the_training_values_has_their_ends_share() {
        let quantile = QuantileTransform {
            quantiles: vec![1.0, 2.0, 2.0, 4.0],
            normal: false,
        };
        let shares = [-9.0, 1.0, 1.5, 2.0, 3.0, 4.0, 99.0].map(|value| quantile.apply(value));
        let third = 1.0 / 3.0;
        for (found, expected) in shares
            .iter()
            .zip([0.0, 0.0, third / 2.0, 0.5, 2.5 * third, 1.0, 1.0])
        {
            assert!((found - expected).abs() < 1e-15, "{shares:?}");
        }
        let one = QuantileTransform {
            quantiles: vec![5.0],
            normal: false,
        };
        assert_eq!([4.0, 5.0, 6.0].map(|value| one.apply(value)), [0.0; 3]);
    }
}
