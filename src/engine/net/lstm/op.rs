//! A layer's whole pass over a sequence as one operation of Burn's CPU backend, forwards and back through time.
//!
//! Put together from tensor operations the same layer is many small ones, each with its own entry in the graph of
//! slopes: on a laptop's two cores it trains at a quarter of PyTorch's speed, and as one operation at all of it
//! (`benches/lstm.rs`).

use std::sync::Arc;

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::ops::FloatTensorOps;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, Flex, backend_extension};
use burn::tensor::{Tensor, TensorData};

use super::cells::{backwards, forwards};

/// The hidden values of every step, `[steps x rows x width]`, on the CPU alone.
///
/// `input`: `[steps x rows x inputs]`; `input_weight`: `[inputs x 4 width]`; `hidden_weight`: `[width x 4 width]`;
/// `bias`: `[4 width]`.
pub(super) fn fused(
    input: Tensor<3>,
    input_weight: Tensor<2>,
    hidden_weight: Tensor<2>,
    bias: Tensor<1>,
) -> Tensor<3> {
    Tensor::from_dispatch(<Dispatch as LstmBackend>::lstm(
        input.into_dispatch(),
        input_weight.into_dispatch(),
        hidden_weight.into_dispatch(),
        bias.into_dispatch(),
    ))
}

/// What backends know an LSTM layer as one operation.
#[backend_extension(Flex, Autodiff)]
pub trait LstmBackend: Backend {
    /// See [`fused`].
    fn lstm(
        input: FloatTensor<Self>,
        input_weight: FloatTensor<Self>,
        hidden_weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
    ) -> FloatTensor<Self>;
}

impl LstmBackend for Flex {
    fn lstm(
        input: FloatTensor<Self>,
        input_weight: FloatTensor<Self>,
        hidden_weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        let passed = Pass::forwards(&input, input_weight, hidden_weight, &bias);
        let Extent {
            steps, rows, width, ..
        } = passed.extent;
        tensor(passed.hidden, vec![steps, rows, width])
    }
}

impl<C: CheckpointStrategy> LstmBackend for Autodiff<Flex, C> {
    fn lstm(
        input: FloatTensor<Self>,
        input_weight: FloatTensor<Self>,
        hidden_weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        let nodes = [
            input.node(),
            input_weight.node(),
            hidden_weight.node(),
            bias.node(),
        ];
        let prepared = ThroughTime.prepare::<C>(nodes).compute_bound().stateful();
        let (input, bias) = (input.into_primitive(), bias.into_primitive());
        let weights = [input_weight.into_primitive(), hidden_weight.into_primitive()];
        match prepared {
            OpsKind::Tracked(prepared) => {
                let [of_input, of_hidden] = weights.clone();
                let passed = Pass::forwards(&input, of_input, of_hidden, &bias);
                let Extent {
                    steps, rows, width, ..
                } = passed.extent;
                let hidden = tensor(passed.hidden.clone(), vec![steps, rows, width]);
                let kept = Kept {
                    input,
                    weights,
                    passed: Arc::new(passed),
                };
                prepared.finish(kept, hidden)
            }
            OpsKind::UnTracked(prepared) => {
                let [of_input, of_hidden] = weights;
                prepared.finish(Flex::lstm(input, of_input, of_hidden, bias))
            }
        }
    }
}

type FlexTensor = FloatTensor<Flex>;

/// How large everything is.
#[derive(Debug, Clone, Copy)]
struct Extent {
    steps: usize,
    rows: usize,
    inputs: usize,
    width: usize,
}

/// What a pass leaves behind, of all steps one after the other.
#[derive(Debug)]
struct Pass {
    extent: Extent,
    /// What the gates let through: `[steps x rows x 4 width]`.
    gates: Vec<f32>,
    /// `[steps x rows x width]` each; `bent` is tanh of the cells.
    cells: Vec<f32>,
    bent: Vec<f32>,
    hidden: Vec<f32>,
}

impl Pass {
    fn forwards(
        input: &FlexTensor,
        input_weight: FlexTensor,
        hidden_weight: FlexTensor,
        bias: &FlexTensor,
    ) -> Self {
        let [steps, rows, inputs] = [0, 1, 2].map(|axis| input.layout().shape()[axis]);
        let width = hidden_weight.layout().shape()[0];
        let extent = Extent {
            steps,
            rows,
            inputs,
            width,
        };
        let flat = input.to_contiguous().reshape([steps * rows, inputs].into());
        let mut gates = values(&Flex::float_matmul(flat, input_weight));
        let bias = values(bias);
        for row in gates.chunks_exact_mut(4 * width) {
            row.iter_mut().zip(&bias).for_each(|(sum, bias)| *sum += bias);
        }
        let size = rows * width;
        let [mut cells, mut bent, mut hidden] = [(); 3].map(|()| vec![0.0; steps * size]);
        for step in 0..steps {
            let gates = &mut gates[step * 4 * size..(step + 1) * 4 * size];
            let (before, cells) = split(&mut cells, step, size);
            let (hidden_before, hidden) = split(&mut hidden, step, size);
            if let Some(hidden) = hidden_before {
                let hidden = tensor(hidden.to_vec(), vec![rows, width]);
                add(gates, &Flex::float_matmul(hidden, hidden_weight.clone()));
            }
            let bent = &mut bent[step * size..(step + 1) * size];
            forwards(width, gates, before, (cells, bent, hidden));
        }
        Self {
            extent,
            gates,
            cells,
            bent,
            hidden,
        }
    }
}

/// What is kept for the way back.
#[derive(Debug, Clone)]
struct Kept {
    input: FlexTensor,
    weights: [FlexTensor; 2],
    passed: Arc<Pass>,
}

/// Back-propagation through time.
///
/// Source: Werbos 1990.
#[derive(Debug)]
struct ThroughTime;

impl Backward<Flex, 4> for ThroughTime {
    type State = Kept;

    fn backward(self, ops: Ops<Kept, 4>, grads: &mut Gradients, _: &mut Checkpointer) {
        let slopes = values(&grads.consume::<Flex>(&ops.node).to_contiguous());
        let Kept {
            input,
            weights: [input_weight, hidden_weight],
            passed,
        } = ops.state;
        let Extent {
            steps,
            rows,
            inputs,
            width,
        } = passed.extent;
        let size = rows * width;
        let back = hidden_weight.transpose(0, 1);
        let mut gates = passed.gates.clone();
        let mut cells = vec![0.0; size];
        let mut later: Option<Vec<f32>> = None;
        for step in (0..steps).rev() {
            let here = step * size..(step + 1) * size;
            let mut slopes = slopes[here.clone()].to_vec();
            if let Some(later) = later.take() {
                slopes
                    .iter_mut()
                    .zip(later)
                    .for_each(|(slope, later)| *slope += later);
            }
            let before = step
                .checked_sub(1)
                .map(|step| &passed.cells[step * size..(step + 1) * size]);
            let gates = &mut gates[step * 4 * size..(step + 1) * 4 * size];
            backwards(width, gates, before, &passed.bent[here], (&slopes, &mut cells));
            if step > 0 {
                let gates = tensor(gates.to_vec(), vec![rows, 4 * width]);
                later = Some(values(&Flex::float_matmul(gates, back.clone())));
            }
        }
        let [of_input, of_input_weight, of_hidden_weight, of_bias] = ops.parents;
        if let Some(node) = of_bias {
            let mut bias = vec![0.0; 4 * width];
            for row in gates.chunks_exact(4 * width) {
                bias.iter_mut().zip(row).for_each(|(sum, slope)| *sum += slope);
            }
            grads.register::<Flex>(node.id, tensor(bias, vec![4 * width]));
        }
        if let Some(node) = of_hidden_weight {
            // The first step has no hidden values before it.
            let count = (steps - 1) * rows;
            let hidden = tensor(passed.hidden[..count * width].to_vec(), vec![count, width]);
            let after = tensor(gates[4 * size..].to_vec(), vec![count, 4 * width]);
            let slopes = if count > 0 {
                Flex::float_matmul(hidden.transpose(0, 1), after)
            } else {
                tensor(vec![0.0; 4 * width * width], vec![width, 4 * width])
            };
            grads.register::<Flex>(node.id, slopes);
        }
        let gates = tensor(gates, vec![steps * rows, 4 * width]);
        if let Some(node) = of_input_weight {
            let flat = input.to_contiguous().reshape([steps * rows, inputs].into());
            let slopes = Flex::float_matmul(flat.transpose(0, 1), gates.clone());
            grads.register::<Flex>(node.id, slopes);
        }
        if let Some(node) = of_input {
            let slopes = Flex::float_matmul(gates, input_weight.transpose(0, 1));
            grads.register::<Flex>(node.id, slopes.reshape([steps, rows, inputs].into()));
        }
    }
}

/// What is of the step before, if there is one, and what is of this one.
fn split(all: &mut [f32], step: usize, size: usize) -> (Option<&[f32]>, &mut [f32]) {
    let (before, rest) = all.split_at_mut(step * size);
    let before = step.checked_sub(1).map(|step| &before[step * size..]);
    (before, &mut rest[..size])
}

fn add(sums: &mut [f32], more: &FlexTensor) {
    sums.iter_mut()
        .zip(more.storage::<f32>())
        .for_each(|(sum, more)| *sum += more);
}

fn tensor(values: Vec<f32>, shape: Vec<usize>) -> FlexTensor {
    FlexTensor::from_data(TensorData::new(values, shape))
}

/// The numbers of a tensor that lies as its shape says.
fn values(tensor: &FlexTensor) -> Vec<f32> {
    tensor.to_contiguous().storage().to_vec()
}
