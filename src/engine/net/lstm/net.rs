//! The net itself: layers of LSTM cells, and a dense layer behind the last one's last step.

use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::tensor::{Device, Tensor, TensorData};
use serde::{Deserialize, Serialize};

use super::layer::{Form, LstmLayer};
use super::sequences::Sequences;
use crate::base::Seed;
use crate::engine::model::StoredModelError;
use crate::engine::net::learn::mask;
use crate::engine::net::mlp::{Ids, array, tensor};
use crate::engine::net::weights::{Array, Weights};

/// How a net is built.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Shape {
    /// Numbers of a period.
    pub(super) inputs: usize,
    /// Numbers that are known of the time after a window.
    pub(super) extras: usize,
    /// Widths of the LSTM layers.
    pub(super) hidden: Vec<usize>,
    /// Periods that come out.
    pub(super) outputs: usize,
}

const HEAD: [&str; 2] = ["head.weight", "head.bias"];

impl Shape {
    /// Each layer's inputs and width.
    fn layers(&self) -> impl Iterator<Item = (usize, usize)> {
        let inputs = std::iter::once(self.inputs).chain(self.hidden.iter().copied());
        inputs.zip(self.hidden.iter().copied())
    }

    /// What goes into the dense layer.
    fn head(&self) -> usize {
        self.hidden.last().map_or(0, |width| *width) + self.extras
    }

    pub(super) fn begin(&self, seed: Seed) -> Weights {
        let mut weights = Weights::default();
        for (index, (inputs, width)) in self.layers().enumerate() {
            LstmLayer::begin(index, inputs, width, seed, &mut weights);
        }
        let most = 1.0 / (self.head() as f32).sqrt();
        let shapes = [vec![self.head(), self.outputs], vec![self.outputs]];
        for (name, shape) in HEAD.into_iter().zip(shapes) {
            let array = Array::uniform(shape, most, seed.derive(name, 0));
            weights.0.insert(name.to_owned(), array);
        }
        weights
    }
}

/// Layers of LSTM cells and a dense layer.
#[derive(Module, Debug)]
pub(super) struct LstmNet {
    layers: Vec<LstmLayer>,
    head: Linear,
}

/// What is left out while a net learns.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dropout {
    pub(super) share: f64,
    pub(super) seed: Seed,
}

impl LstmNet {
    pub(super) fn new(shape: &Shape, weights: &Weights, device: &Device) -> Result<Self, StoredModelError> {
        let mut ids = Ids::default();
        let mut layers = Vec::with_capacity(shape.hidden.len());
        for (index, (inputs, width)) in shape.layers().enumerate() {
            layers.push(LstmLayer::new(index, inputs, width, weights, &mut ids, device)?);
        }
        let mut head = LinearConfig::new(shape.head(), shape.outputs).init(device);
        let [weight, bias] = HEAD;
        let weight = weights.get(weight, &[shape.head(), shape.outputs])?;
        head.weight = ids.param(tensor(weight, device));
        head.bias = Some(ids.param(tensor(weights.get(bias, &[shape.outputs])?, device)));
        Ok(Self { layers, head })
    }

    pub(super) fn weights(&self) -> Weights {
        let mut weights = Weights::default();
        for (index, layer) in self.layers.iter().enumerate() {
            layer.weights(index, &mut weights);
        }
        let [weight, bias] = HEAD.map(str::to_owned);
        weights.0.insert(weight, array(self.head.weight.val()));
        if let Some(of) = &self.head.bias {
            weights.0.insert(bias, array(of.val()));
        }
        weights
    }

    /// What comes after the windows at `batch`: `[batch x outputs]`.
    pub(super) fn forward(
        &self,
        form: Form,
        sequences: &Sequences,
        batch: &[usize],
        dropout: Option<Dropout>,
        device: &Device,
    ) -> Tensor<2> {
        let shape = [sequences.window, batch.len(), sequences.inputs];
        let values = sequences.time_major(batch);
        let mut values = Tensor::<3>::from_data(TensorData::new(values, shape), device);
        for (index, layer) in self.layers.iter().enumerate() {
            values = layer.forward(form, values);
            if let Some(Dropout { share, seed }) = dropout {
                values =
                    values.clone() * mask(values.dims(), share, seed.derive("layer", index as u64), device);
            }
        }
        let [steps, rows, width] = values.dims();
        let mut last = values.narrow(0, steps - 1, 1).reshape([rows, width]);
        if sequences.extras > 0 {
            let extra = TensorData::new(sequences.extra_of(batch), [rows, sequences.extras]);
            last = Tensor::cat(vec![last, Tensor::from_data(extra, device)], 1);
        }
        self.head.forward(last)
    }
}
