//! One layer of LSTM cells.

use burn::module::{Module, Param};
use burn::tensor::activation::{sigmoid, tanh};
use burn::tensor::{Device, Tensor};

use super::op::fused;
use crate::base::Seed;
use crate::engine::device::DeviceKind;
use crate::engine::model::StoredModelError;
use crate::engine::net::mlp::{Ids, array, tensor};
use crate::engine::net::weights::{Array, Weights};

/// How a layer computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine::net) enum Form {
    /// As one operation, which the CPU knows.
    Fused,
    /// Put together from tensor operations, which every device knows.
    Composed,
}

impl Form {
    /// The form that is known to `device` and quickest there.
    pub(in crate::engine::net) fn on(device: &crate::engine::device::Device) -> Self {
        if device.info().kind == DeviceKind::Cpu {
            Self::Fused
        } else {
            Self::Composed
        }
    }
}

/// A layer of LSTM cells.
#[derive(Module, Debug)]
pub(in crate::engine::net) struct LstmLayer {
    /// `[inputs x 4 width]`.
    pub(super) input_weight: Param<Tensor<2>>,
    /// `[width x 4 width]`.
    pub(super) hidden_weight: Param<Tensor<2>>,
    /// `[4 width]`.
    pub(super) bias: Param<Tensor<1>>,
}

/// The names of a layer's weights: PyTorch's, of the layer at `index`. They are written as `[inputs x 4 width]`, which is
/// PyTorch's transposed.
fn names(index: usize) -> [String; 3] {
    ["weight_ih", "weight_hh", "bias"].map(|name| format!("lstm.{name}_l{index}"))
}

impl LstmLayer {
    /// Weights to begin with: as PyTorch's, from −1/√width to 1/√width.
    pub(in crate::engine::net) fn begin(
        index: usize,
        inputs: usize,
        width: usize,
        seed: Seed,
        weights: &mut Weights,
    ) {
        let most = 1.0 / (width as f32).sqrt();
        let shapes = [vec![inputs, 4 * width], vec![width, 4 * width], vec![4 * width]];
        for (name, shape) in names(index).into_iter().zip(shapes) {
            let seed = seed.derive(&name, 0);
            weights.0.insert(name, Array::uniform(shape, most, seed));
        }
    }

    pub(in crate::engine::net) fn new(
        index: usize,
        inputs: usize,
        width: usize,
        weights: &Weights,
        ids: &mut Ids,
        device: &Device,
    ) -> Result<Self, StoredModelError> {
        let [input_weight, hidden_weight, bias] = names(index);
        let input_weight = weights.get(&input_weight, &[inputs, 4 * width])?;
        let hidden_weight = weights.get(&hidden_weight, &[width, 4 * width])?;
        let bias = weights.get(&bias, &[4 * width])?;
        Ok(Self {
            input_weight: ids.param(tensor(input_weight, device)),
            hidden_weight: ids.param(tensor(hidden_weight, device)),
            bias: ids.param(tensor(bias, device)),
        })
    }

    /// Adds the weights that it now has.
    pub(in crate::engine::net) fn weights(&self, index: usize, weights: &mut Weights) {
        let [input_weight, hidden_weight, bias] = names(index);
        weights.0.insert(input_weight, array(self.input_weight.val()));
        weights.0.insert(hidden_weight, array(self.hidden_weight.val()));
        weights.0.insert(bias, array(self.bias.val()));
    }

    /// The hidden values of every step, `[steps x rows x width]`, of `input`, `[steps x rows x inputs]`. Hidden values and
    /// cells begin at 0.
    pub(in crate::engine::net) fn forward(&self, form: Form, input: Tensor<3>) -> Tensor<3> {
        let weights = (self.input_weight.val(), self.hidden_weight.val(), self.bias.val());
        match form {
            Form::Fused => fused(input, weights.0, weights.1, weights.2),
            Form::Composed => composed(&input, weights.0, weights.1, weights.2),
        }
    }
}

/// As [`fused`], from tensor operations: one product a step, of the input and the hidden values side by side.
fn composed(
    input: &Tensor<3>,
    input_weight: Tensor<2>,
    hidden_weight: Tensor<2>,
    bias: Tensor<1>,
) -> Tensor<3> {
    let [steps, rows, inputs] = input.dims();
    let width = hidden_weight.dims()[0];
    let weight = Tensor::cat(vec![input_weight, hidden_weight], 0);
    let bias = bias.reshape([1, 4 * width]);
    let device = input.device();
    let mut hidden = Tensor::<2>::zeros([rows, width], &device);
    let mut cells = Tensor::<2>::zeros([rows, width], &device);
    let mut all = Vec::with_capacity(steps);
    for step in 0..steps {
        let now = input.clone().narrow(0, step, 1).reshape([rows, inputs]);
        let sums = Tensor::cat(vec![now, hidden], 1).matmul(weight.clone()) + bias.clone();
        let gate = |at: usize| sums.clone().narrow(1, at * width, width);
        cells = sigmoid(gate(1)) * cells + sigmoid(gate(0)) * tanh(gate(2));
        hidden = sigmoid(gate(3)) * tanh(cells.clone());
        all.push(hidden.clone().reshape([1, rows, width]));
    }
    Tensor::cat(all, 0)
}
