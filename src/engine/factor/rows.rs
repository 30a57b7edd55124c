//! Factors: a dense matrix whose rows are whole lanes, and the sums over them.
//!
//! The numbers of a row stand in lanes of eight, the last one filled up with zeros, so that the inner loops have no
//! rests and become vector instructions: those that the machine has, which `pulp` finds out while it runs. Sums of rows
//! are taken in blocks that depend on the number of rows alone and are added in their order, and a product is rounded
//! before it is added: all is the same to the bit on any number of threads and with any vectors.

use std::slice::ChunksExactMut;

use pulp::{Arch, Simd, WithSimd};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use crate::base::{Seed, Stop};

const LANE: usize = 8;

/// Numbers that are reckoned with at the same time.
pub(super) type Lane = [f32; LANE];

/// Rows between two looks at whether to stop.
const BLOCK: usize = 32;
/// Sums of rows that are taken at the same time, at most; each has its own matrix.
const SUMS: usize = 32;
const LEAST_ROWS_OF_SUM: usize = 128;
/// Rows that are gone through once a column: so many are in the nearest cache still.
const NEAR: usize = 64;

/// A matrix `[rows x width]`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Rows {
    width: usize,
    /// Lanes of a row.
    stride: usize,
    lanes: Vec<Lane>,
}

impl Rows {
    pub(super) fn zeros(rows: usize, width: usize) -> Self {
        let stride = width.div_ceil(LANE).max(1);
        Self {
            width,
            stride,
            lanes: vec![[0.0; LANE]; rows * stride],
        }
    }

    /// Each number as `draw` draws it, row by row.
    pub(super) fn drawn(
        rows: usize,
        width: usize,
        seed: Seed,
        draw: impl Fn(&mut ChaCha8Rng) -> f32,
    ) -> Self {
        let mut drawn = Self::zeros(rows, width);
        let mut rng = seed.rng();
        for row in drawn.lanes.chunks_exact_mut(drawn.stride) {
            row.as_flattened_mut()[..width].fill_with(|| draw(&mut rng));
        }
        drawn
    }

    /// `values`: `[rows x width]`, of which there are whole rows.
    pub(super) fn of(values: &[f32], width: usize) -> Self {
        let mut rows = Self::zeros(values.len() / width.max(1), width);
        for (row, values) in rows
            .lanes
            .chunks_exact_mut(rows.stride)
            .zip(values.chunks_exact(width.max(1)))
        {
            row.as_flattened_mut()[..width].copy_from_slice(values);
        }
        rows
    }

    /// The numbers without what fills up lanes: `[rows x width]`.
    pub(super) fn values(&self) -> Vec<f32> {
        let rows = self.lanes.chunks_exact(self.stride);
        rows.flat_map(|row| &row.as_flattened()[..self.width])
            .copied()
            .collect()
    }

    pub(super) fn rows(&self) -> usize {
        self.lanes.len() / self.stride
    }

    pub(super) fn width(&self) -> usize {
        self.width
    }

    #[inline(always)]
    pub(super) fn row(&self, row: usize) -> &[Lane] {
        &self.lanes[row * self.stride..][..self.stride]
    }

    /// The number at `row` and `column`.
    #[inline(always)]
    pub(super) fn at(&self, row: usize, column: usize) -> f32 {
        self.row(row).as_flattened()[column]
    }

    /// A row of zeros, as wide as these.
    pub(super) fn zero_row(&self) -> Vec<Lane> {
        vec![[0.0; LANE]; self.stride]
    }

    pub(super) fn are_finite(&self) -> bool {
        self.lanes.as_flattened().iter().all(|value| value.is_finite())
    }

    /// The sum of all numbers.
    pub(super) fn sum(&self) -> f64 {
        self.lanes
            .as_flattened()
            .iter()
            .map(|value| f64::from(*value))
            .sum()
    }

    /// The sum of the numbers at which row and column are the same.
    pub(super) fn trace(&self) -> f64 {
        (0..self.width).map(|at| f64::from(self.at(at, at))).sum()
    }

    /// The sum of the products of the numbers that stand at the same place.
    pub(super) fn inner(&self, other: &Self) -> f64 {
        let pairs = self.lanes.as_flattened().iter().zip(other.lanes.as_flattened());
        pairs.map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
    }

    /// The same, and `more` where row and column are the same.
    #[must_use]
    pub(super) fn with_diagonal(&self, more: f32) -> Self {
        let mut sum = self.clone();
        for at in 0..self.width {
            sum.lanes[at * self.stride..][..self.stride].as_flattened_mut()[at] += more;
        }
        sum
    }

    /// The products of all columns with each other, `[width x width]`; none once `stop` is asked.
    pub(super) fn gram(&self, stop: &Stop) -> Option<Self> {
        let rows = self.rows().div_ceil(SUMS).max(LEAST_ROWS_OF_SUM);
        let blocks = self.lanes.par_chunks(rows * self.stride);
        let sums = blocks.map(|block| {
            (!stop.is_asked()).then(|| {
                let mut sum = Self::zeros(self.width, self.width);
                Arch::new().dispatch(UpperGram { block, sum: &mut sum });
                sum
            })
        });
        let sums: Vec<Self> = sums.collect::<Option<_>>()?;
        let mut gram = Self::zeros(self.width, self.width);
        for row in 0..self.width {
            for column in row..self.width {
                let sum: f64 = sums.iter().map(|sum| f64::from(sum.at(row, column))).sum();
                for (row, column) in [(row, column), (column, row)] {
                    gram.lanes[row * self.stride..][..self.stride].as_flattened_mut()[column] = sum as f32;
                }
            }
        }
        Some(gram)
    }

    /// The matrix times a vector, where it is symmetric: `into` becomes that.
    #[inline(always)]
    pub(super) fn times(&self, vector: &[Lane], into: &mut [Lane]) {
        into.fill([0.0; LANE]);
        let rows = self.lanes.chunks_exact(self.stride);
        add_all(into, vector.as_flattened().iter().copied().zip(rows));
    }

    /// Has `update` change block after block of rows, on all threads, given the first row of each; the sums of what it
    /// gives back. None once `stop` is asked.
    pub(super) fn update(&mut self, stop: &Stop, update: &impl Update) -> Option<[f64; 2]> {
        let stride = self.stride;
        let blocks = self.lanes.par_chunks_mut(BLOCK * stride).enumerate();
        let sums = blocks.map(|(block, rows)| {
            let block = Block {
                update,
                first: block * BLOCK,
                rows: rows.chunks_exact_mut(stride),
            };
            (!stop.is_asked()).then(|| Arch::new().dispatch(block))
        });
        let sums: Vec<[f64; 2]> = sums.collect::<Option<_>>()?;
        let mut total = [0.0; 2];
        for sum in sums {
            total.iter_mut().zip(sum).for_each(|(total, sum)| *total += sum);
        }
        Some(total)
    }
}

/// Adds to `sum` the upper half of the products of the columns over the rows of `block`, in whole lanes.
struct UpperGram<'a> {
    block: &'a [Lane],
    sum: &'a mut Rows,
}

impl WithSimd for UpperGram<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let stride = self.sum.stride;
        for block in self.block.chunks(NEAR * stride) {
            for (at, sum) in self.sum.lanes.chunks_exact_mut(stride).enumerate() {
                let from = at / LANE;
                let rows = block.chunks_exact(stride);
                let rows = rows.map(|row| (row.as_flattened()[at], &row[from..]));
                add_all(&mut sum[from..], rows);
            }
        }
    }
}

/// What changes rows, block by block.
pub(super) trait Update: Sync {
    /// Changes the rows from row `first` on; two numbers that are summed over all blocks. To be inlined, with all that
    /// it calls: only so is it compiled for the vectors that a machine has.
    fn block(&self, first: usize, rows: ChunksExactMut<'_, Lane>) -> [f64; 2];
}

struct Block<'a, U> {
    update: &'a U,
    first: usize,
    rows: ChunksExactMut<'a, Lane>,
}

impl<U: Update> WithSimd for Block<'_, U> {
    type Output = [f64; 2];

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> [f64; 2] {
        self.update.block(self.first, self.rows)
    }
}

/// `into + by · row`. Whole lanes are read before they are written: a loop over their numbers did not become vectors.
#[inline(always)]
pub(super) fn add(into: &mut [Lane], by: f32, row: &[Lane]) {
    for (into, lane) in into.iter_mut().zip(row) {
        *into = std::array::from_fn(|at| into[at] + by * lane[at]);
    }
}

/// `into + Σ by · row`, four rows at a time: what is added to is read and written once for them.
#[inline(always)]
pub(super) fn add_all<'a>(into: &mut [Lane], rows: impl Iterator<Item = (f32, &'a [Lane])>) {
    let mut rows = rows.fuse();
    while let Some((a, first)) = rows.next() {
        // Those that are missing at the end count 0 times.
        let mut next = || rows.next().unwrap_or((0.0, first));
        let ((b, second), (c, third), (d, fourth)) = (next(), next(), next());
        let four = first.iter().zip(second).zip(third).zip(fourth);
        for (into, (((first, second), third), fourth)) in into.iter_mut().zip(four) {
            *into = std::array::from_fn(|at| {
                into[at] + ((a * first[at] + b * second[at]) + (c * third[at] + d * fourth[at]))
            });
        }
    }
}

/// The sum of the products of two rows.
#[inline(always)]
pub(super) fn dot(a: &[Lane], b: &[Lane]) -> f32 {
    let mut sums = [0.0; LANE];
    for (a, b) in a.iter().zip(b) {
        sums = std::array::from_fn(|at| sums[at] + a[at] * b[at]);
    }
    let [a, b, c, d, e, f, g, h] = sums;
    ((a + e) + (b + f)) + ((c + g) + (d + h))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(rng: &mut ChaCha8Rng) -> f32 {
        crate::data::split::below(7, rng) as f32 - 3.0
    }

    #[test]
    fn what_fills_up_lanes_is_seen_nowhere() {
        for width in [1, 7, 8, 9, 50] {
            let rows = Rows::drawn(5, width, Seed::new(1), whole);
            assert_eq!((rows.rows(), rows.width()), (5, width));
            assert_eq!(rows.values().len(), 5 * width);
            assert_eq!(Rows::of(&rows.values(), width), rows);
        }
    }

    #[test]
    fn sums_over_rows_are_what_they_are_by_definition() {
        for (rows, width) in [(3, 1), (700, 9), (5_000, 16)] {
            let matrix = Rows::drawn(rows, width, Seed::new(2), whole);
            let gram = matrix.gram(&Stop::new()).unwrap();
            for row in 0..width {
                for column in 0..width {
                    let products = (0..rows).map(|at| matrix.at(at, row) * matrix.at(at, column));
                    // Whole numbers, so that every order gives the same.
                    assert_eq!(gram.at(row, column), products.sum::<f32>());
                }
            }
            assert_eq!(matrix.inner(&matrix), gram.trace());
            let (vector, mut product) = (matrix.row(1), matrix.zero_row());
            gram.times(vector, &mut product);
            for row in 0..width {
                assert_eq!(product.as_flattened()[row], dot(gram.row(row), vector));
            }
        }
    }

    /// Counts rows, and sums their indices.
    struct Count;

    impl Update for Count {
        fn block(&self, first: usize, rows: ChunksExactMut<'_, Lane>) -> [f64; 2] {
            let indices = (first..first + rows.len()).sum::<usize>();
            [rows.len() as f64, indices as f64]
        }
    }

    #[test]
    fn the_vectors_of_a_machine_change_no_bit() {
        let rows = Rows::drawn(300, 21, Seed::new(4), |rng| (whole(rng) / 7.0).exp());
        let sums = [false, true].map(|dispatched| {
            let mut sum = Rows::zeros(21, 21);
            let gram = UpperGram {
                block: &rows.lanes,
                sum: &mut sum,
            };
            if dispatched {
                Arch::new().dispatch(gram);
            } else {
                gram.with_simd(pulp::Scalar::new());
            }
            sum
        });
        assert_eq!(sums[0], sums[1]);
    }

    #[test]
    fn a_stop_ends_sums_and_updates() {
        let mut matrix = Rows::drawn(100, 3, Seed::new(3), whole);
        let stop = Stop::new();
        assert_eq!(matrix.update(&stop, &Count), Some([100.0, 4_950.0]));
        stop.ask();
        assert_eq!(matrix.update(&stop, &Count), None);
        assert_eq!(matrix.gram(&stop), None);
    }
}
