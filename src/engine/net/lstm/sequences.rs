//! What an LSTM learns from and answers: windows of one long table of periods.

/// Windows of a table of periods, with what is known ahead and what comes after. Windows share their periods: nothing is
/// kept twice.
#[derive(Debug, Clone, Default)]
pub struct Sequences {
    /// `[periods x inputs]`, finite numbers of about 1.
    pub values: Vec<f32>,
    /// Numbers of a period.
    pub inputs: usize,
    /// Periods of a window.
    pub window: usize,
    /// Of each window the period that it ends with.
    pub ends: Vec<usize>,
    /// What is known of the time after each window: `[windows x extra]`.
    pub extra: Vec<f32>,
    /// Numbers that are known of the time after a window.
    pub extras: usize,
    /// What comes after each window: `[windows x outputs]`; empty where that is asked.
    pub target: Vec<f32>,
}

impl Sequences {
    /// How many windows there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The windows at `batch`, time-major: `[window x batch x inputs]`.
    pub(super) fn time_major(&self, batch: &[usize]) -> Vec<f32> {
        let mut values = Vec::with_capacity(self.window * batch.len() * self.inputs);
        for step in 0..self.window {
            for window in batch {
                let period = self.ends[*window] + 1 + step - self.window;
                values.extend_from_slice(&self.values[period * self.inputs..(period + 1) * self.inputs]);
            }
        }
        values
    }

    /// What is known of the time after the windows at `batch`: `[batch x extras]`.
    pub(super) fn extra_of(&self, batch: &[usize]) -> Vec<f32> {
        rows(&self.extra, self.extras, batch)
    }

    /// What comes after the windows at `batch`: `[batch x outputs]`.
    pub(super) fn target_of(&self, batch: &[usize], outputs: usize) -> Vec<f32> {
        rows(&self.target, outputs, batch)
    }
}

fn rows(of: &[f32], width: usize, rows: &[usize]) -> Vec<f32> {
    let mut taken = Vec::with_capacity(width * rows.len());
    for row in rows {
        taken.extend_from_slice(&of[row * width..(row + 1) * width]);
    }
    taken
}
