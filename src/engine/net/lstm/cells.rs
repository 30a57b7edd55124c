//! What happens inside of the cells of one step, forwards and backwards: loops over plain numbers, which the compiler
//! turns into vector instructions.
//!
//! Source: Hochreiter and Schmidhuber 1997, with forget gates as in Gers et al. 2000.

/// The gates of a row, each `[width]`.
struct Gates<'a> {
    input: &'a mut [f32],
    forget: &'a mut [f32],
    cell: &'a mut [f32],
    output: &'a mut [f32],
}

impl<'a> Gates<'a> {
    /// `row`: `[4 x width]`.
    fn of(row: &'a mut [f32], width: usize) -> Self {
        let (input, rest) = row.split_at_mut(width);
        let (forget, rest) = rest.split_at_mut(width);
        let (cell, output) = rest.split_at_mut(width);
        Self {
            input,
            forget,
            cell,
            output,
        }
    }
}

/// One step forwards, of all rows.
///
/// `gates`: `[rows x 4 width]`, sums that become what the gates let through. `before`: `[rows x width]`, the cells of
/// the step before; none in the first one, whose cells are empty. The rest are `[rows x width]`: `cells` and `hidden` are
/// of this step, and `bent` is tanh of the cells.
pub(super) fn forwards(
    width: usize,
    gates: &mut [f32],
    before: Option<&[f32]>,
    (cells, bent, hidden): (&mut [f32], &mut [f32], &mut [f32]),
) {
    let rows = gates.chunks_exact_mut(4 * width).enumerate();
    for (row, gates) in rows {
        let Gates {
            input,
            forget,
            cell,
            output,
        } = Gates::of(gates, width);
        input.iter_mut().for_each(|sum| *sum = sigmoid(*sum));
        forget.iter_mut().for_each(|sum| *sum = sigmoid(*sum));
        cell.iter_mut().for_each(|sum| *sum = tanh(*sum));
        output.iter_mut().for_each(|sum| *sum = sigmoid(*sum));
        let here = row * width..(row + 1) * width;
        let cells = &mut cells[here.clone()];
        for ((held, input), new) in cells.iter_mut().zip(&*input).zip(&*cell) {
            *held = input * new;
        }
        if let Some(before) = before {
            for ((held, forget), before) in cells.iter_mut().zip(&*forget).zip(&before[here.clone()]) {
                *held += forget * before;
            }
        }
        let bent = &mut bent[here.clone()];
        for (bent, held) in bent.iter_mut().zip(&*cells) {
            *bent = tanh(*held);
        }
        for ((hidden, output), bent) in hidden[here].iter_mut().zip(&*output).zip(&*bent) {
            *hidden = output * bent;
        }
    }
}

/// One step backwards, of all rows.
///
/// `gates`: `[rows x 4 width]`, what [`forwards`] made of them; they become the slopes of the sums. `slopes`: `[rows x
/// width]` of the hidden values; `cells`: `[rows x width]`, the slopes of the cells that come back from the step after,
/// and become those that go to the step before.
pub(super) fn backwards(
    width: usize,
    gates: &mut [f32],
    before: Option<&[f32]>,
    bent: &[f32],
    (slopes, cells): (&[f32], &mut [f32]),
) {
    let empty = vec![0.0; width];
    for (row, gates) in gates.chunks_exact_mut(4 * width).enumerate() {
        let here = row * width..(row + 1) * width;
        let before = before.map_or(&empty[..], |before| &before[here.clone()]);
        let (bent, slopes) = (&bent[here.clone()], &slopes[here.clone()]);
        let cells = &mut cells[here];
        let Gates {
            input,
            forget,
            cell,
            output,
        } = Gates::of(gates, width);
        for at in 0..width {
            let [i, f, g, o] = [input[at], forget[at], cell[at], output[at]];
            let bend = 1.0 - bent[at] * bent[at];
            let held = cells[at] + slopes[at] * o * bend;
            output[at] = slopes[at] * bent[at] * o * (1.0 - o);
            input[at] = held * g * i * (1.0 - i);
            cell[at] = held * i * (1.0 - g * g);
            forget[at] = held * before[at] * f * (1.0 - f);
            cells[at] = held * f;
        }
    }
}

fn sigmoid(x: f32) -> f32 {
    0.5 * tanh(0.5 * x) + 0.5
}

/// The hyperbolic tangent to 3e-7 of its value: a quotient of polynomials in place of an exponential, since it becomes
/// vector instructions, and is the same to the bit on every processor.
///
/// Source: the coefficients are Eigen's, of a minimax approximation on [-7.9, 7.9].
fn tanh(x: f32) -> f32 {
    // Further out a 32-bit float has no number between it and 1.
    let x = x.clamp(-7.905_311, 7.905_311);
    let square = x * x;
    let above = [
        -2.760_768_4e-16,
        2.000_188e-13,
        -8.604_672e-11,
        5.122_297e-8,
        1.485_722_4e-5,
        6.372_619_3e-4,
        4.893_524_6e-3,
    ];
    let below = [1.198_258_4e-6, 1.185_347e-4, 2.268_434_6e-3, 4.893_525e-3];
    let polynomial = |of: &[f32]| of.iter().fold(0.0, |sum, next| sum * square + next);
    x * polynomial(&above) / polynomial(&below)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quotient_is_the_hyperbolic_tangent() {
        for step in -20_000..=20_000 {
            let x = step as f32 / 1_000.0;
            let (ours, exact) = (f64::from(tanh(x)), f64::from(x).tanh());
            assert!(
                (ours - exact).abs() <= 4e-7 * exact.abs().max(1e-3),
                "{x}: {ours} {exact}"
            );
        }
        assert!((sigmoid(0.0) - 0.5).abs() < 1e-7);
        assert!(sigmoid(40.0) <= 1.0 && sigmoid(-40.0) >= 0.0);
        assert!(tanh(f32::NAN).is_nan(), "a training that went astray is noticed");
    }
}
