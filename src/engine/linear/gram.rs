//! The rows as columns of a linear model, and what a Newton step needs of them.

use rayon::prelude::*;

use crate::base::Stop;
use crate::engine::columns::Columns;
use crate::engine::matrix::Matrix;

/// Rows of one sum. Sums of blocks are added in their order, so that they are the same on any number of threads.
const BLOCK: usize = 4_096;
const LEAST_BLOCK: usize = 64;
/// Products of one sum: some hundredths of a second.
const PRODUCTS: usize = 1 << 26;
/// The most memory of sums that are found at the same time, in bytes.
const SUMS: usize = 256 << 20;

/// The rows of a matrix in the columns of a linear model; the last column is 1 in every row, for the intercept.
pub(super) struct Rows<'a> {
    matrix: &'a Matrix,
    columns: &'a [Columns],
    width: usize,
}

/// A symmetric matrix `[width x width]` of which the upper half is filled, and a vector `[width]`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Gram {
    pub(super) matrix: Vec<f64>,
    pub(super) vector: Vec<f64>,
}

impl<'a> Rows<'a> {
    pub(super) fn new(matrix: &'a Matrix, columns: &'a [Columns]) -> Self {
        Self {
            matrix,
            columns,
            width: width(columns) + 1,
        }
    }

    /// The columns, that of the intercept included.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    fn count(&self) -> usize {
        self.matrix.rows()
    }

    /// The columns of a row that are not 0, in their order.
    fn row(&self, row: usize, cells: &mut Vec<(usize, f64)>) {
        cells.clear();
        let mut first = 0;
        let width = self.matrix.cols();
        let values = &self.matrix.values()[row * width..(row + 1) * width];
        for (columns, value) in self.columns.iter().zip(values) {
            cells.extend(columns.of(*value).map(|(at, value)| (first + at, value)));
            first += columns.width();
        }
        cells.push((first, 1.0));
    }

    /// `Σ curvature · x xᵀ` and `Σ slope · x` over the rows; none once `stop` is asked. `curvatures`, `slopes`: `[rows]`.
    pub(super) fn gram(&self, curvatures: &[f64], slopes: &[f64], stop: &Stop) -> Option<Gram> {
        // Fewer rows where each takes longer, so that a stop is seen soon. It depends on nothing but the columns.
        let cells = self.columns.len() + 1;
        let block_rows = (PRODUCTS / (cells * cells)).clamp(LEAST_BLOCK, BLOCK);
        let (rows, width) = (self.count(), self.width);
        let of_block = |block: usize| {
            let mut sum = Gram::zero(width);
            let mut cells = Vec::with_capacity(self.columns.len() + 1);
            for row in block * block_rows..((block + 1) * block_rows).min(rows) {
                self.row(row, &mut cells);
                for (at, &(i, value)) in cells.iter().enumerate() {
                    sum.vector[i] += slopes[row] * value;
                    let weighted = curvatures[row] * value;
                    let sums = &mut sum.matrix[i * width..(i + 1) * width];
                    for &(j, other) in &cells[at..] {
                        sums[j] += weighted * other;
                    }
                }
            }
            sum
        };
        let mut total = Gram::zero(width);
        let blocks: Vec<usize> = (0..rows.div_ceil(block_rows)).collect();
        // A few blocks at a time: each has a sum of its own.
        let fitting = SUMS / (width * width * size_of::<f64>());
        let at_once = (rayon::current_num_threads() * 2).min(fitting).max(1);
        for blocks in blocks.chunks(at_once) {
            if stop.is_asked() {
                return None;
            }
            let sums: Vec<Gram> = blocks.par_iter().map(|&block| of_block(block)).collect();
            sums.iter().for_each(|sum| total.add(sum));
        }
        Some(total)
    }

    /// `X · coefficients`: `[rows]`.
    pub(super) fn times(&self, coefficients: &[f64]) -> Vec<f64> {
        let mut products = vec![0.0; self.count()];
        products
            .par_chunks_mut(BLOCK)
            .enumerate()
            .for_each(|(block, products)| {
                let mut cells = Vec::with_capacity(self.columns.len() + 1);
                for (row, product) in products.iter_mut().enumerate() {
                    self.row(block * BLOCK + row, &mut cells);
                    *product = cells.iter().map(|(at, value)| coefficients[*at] * value).sum();
                }
            });
        products
    }
}

impl Gram {
    fn zero(width: usize) -> Self {
        Self {
            matrix: vec![0.0; width * width],
            vector: vec![0.0; width],
        }
    }

    fn add(&mut self, other: &Self) {
        for (mine, theirs) in [
            (&mut self.matrix, &other.matrix),
            (&mut self.vector, &other.vector),
        ] {
            mine.iter_mut()
                .zip(theirs)
                .for_each(|(mine, theirs)| *mine += theirs);
        }
    }
}

/// The columns of all features.
pub(super) fn width(columns: &[Columns]) -> usize {
    columns.iter().map(Columns::width).sum()
}
