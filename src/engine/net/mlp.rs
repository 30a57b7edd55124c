//! The net itself, as Burn has it.

use burn::module::{Module, Param, ParamId, RunningState};
use burn::nn::{BatchNorm, BatchNormConfig, LayerNorm, LayerNormConfig, Linear, LinearConfig};
use burn::tensor::activation::{gelu, relu, tanh};
use burn::tensor::{Device, Tensor, TensorData};

use super::input::Input;
use super::params::{Activation, Norm};
use super::weights::{Array, Weights};
use crate::base::Seed;
use crate::engine::model::StoredModelError;

/// How a net is built.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Shape {
    /// Numbers that go in.
    pub(super) numbers: usize,
    /// Of each category: places, and numbers of a place.
    pub(super) embeddings: Vec<(usize, usize)>,
    /// Widths of the hidden layers.
    pub(super) hidden: Vec<usize>,
    /// Numbers that come out.
    pub(super) outputs: usize,
    pub(super) activation: Activation,
    pub(super) norm: Norm,
}

impl Shape {
    /// The widths from the first layer's input to the output.
    fn widths(&self) -> Vec<usize> {
        let embedded: usize = self.embeddings.iter().map(|(_, numbers)| numbers).sum();
        let first = self.numbers + embedded;
        [&[first], &self.hidden[..], &[self.outputs]].concat()
    }

    /// How wide the hidden layers are that may be dropped out.
    pub(super) fn hidden(&self) -> &[usize] {
        &self.hidden
    }

    /// Weights to begin with: as PyTorch's layers begin, from −1/√n to 1/√n of n inputs.
    pub(super) fn begin(&self, seed: Seed) -> Weights {
        let mut weights = Weights::default();
        let mut add = |name: String, array| weights.0.insert(name, array);
        for (index, &(places, numbers)) in self.embeddings.iter().enumerate() {
            let seed = seed.derive("embedding", index as u64);
            add(
                embedding(index),
                Array::uniform(vec![places, numbers], 0.05, seed),
            );
        }
        for (index, pair) in self.widths().windows(2).enumerate() {
            let most = 1.0 / (pair[0].max(1) as f32).sqrt();
            let [weight, bias] = linear(index);
            let of = |what| seed.derive(what, index as u64);
            add(weight, Array::uniform(pair.to_vec(), most, of("weight")));
            add(bias, Array::uniform(vec![pair[1]], most, of("bias")));
            if self.norm != Norm::None && index < self.hidden.len() {
                for (name, value) in norm(index, self.norm).into_iter().zip([1.0, 0.0, 0.0, 1.0]) {
                    add(name, Array::filled(vec![pair[1]], value));
                }
            }
        }
        weights
    }
}

fn embedding(index: usize) -> String {
    format!("embeddings.{index}")
}

fn linear(index: usize) -> [String; 2] {
    ["weight", "bias"].map(|what| format!("layers.{index}.{what}"))
}

/// Weight and bias, and of a batch the moving mean and variance.
fn norm(index: usize, norm: Norm) -> Vec<String> {
    let names: &[&str] = match norm {
        Norm::None => &[],
        Norm::Layer => &["weight", "bias"],
        Norm::Batch => &["weight", "bias", "running_mean", "running_var"],
    };
    let name = |what: &&str| format!("norms.{index}.{what}");
    names.iter().map(name).collect()
}

/// A multi-layer perceptron.
#[derive(Module, Debug)]
pub(super) struct Mlp {
    embeddings: Vec<Param<Tensor<2>>>,
    layers: Vec<Linear>,
    batch_norms: Vec<BatchNorm>,
    layer_norms: Vec<LayerNorm>,
}

impl Mlp {
    /// The net of these weights.
    pub(super) fn new(shape: &Shape, weights: &Weights, device: &Device) -> Result<Self, StoredModelError> {
        let mut net = Self {
            embeddings: Vec::new(),
            layers: Vec::new(),
            batch_norms: Vec::new(),
            layer_norms: Vec::new(),
        };
        let mut ids = Ids::default();
        for (index, &(places, numbers)) in shape.embeddings.iter().enumerate() {
            let array = weights.get(&embedding(index), &[places, numbers])?;
            net.embeddings.push(ids.param(tensor(array, device)));
        }
        for (index, pair) in shape.widths().windows(2).enumerate() {
            let [weight, bias] = linear(index);
            let mut layer = LinearConfig::new(pair[0], pair[1]).init(device);
            layer.weight = ids.param(tensor(weights.get(&weight, pair)?, device));
            layer.bias = Some(ids.param(tensor(weights.get(&bias, &pair[1..])?, device)));
            net.layers.push(layer);
            if index == shape.hidden.len() {
                break;
            }
            let names = norm(index, shape.norm);
            let arrays = names.iter().map(|name| weights.get(name, &pair[1..]));
            let arrays: Vec<&Array> = arrays.collect::<Result<_, _>>()?;
            match (shape.norm, &arrays[..]) {
                (Norm::Layer, [weight, bias]) => {
                    let mut norm = LayerNormConfig::new(pair[1]).init(device);
                    norm.gamma = ids.param(tensor(weight, device));
                    norm.beta = Some(ids.param(tensor(bias, device)));
                    net.layer_norms.push(norm);
                }
                (Norm::Batch, [weight, bias, mean, variance]) => {
                    if variance.values.iter().any(|value| *value < 0.0) {
                        return Err(StoredModelError::Weights("a variance is below 0".to_owned()));
                    }
                    let mut norm = BatchNormConfig::new(pair[1]).init(device);
                    norm.gamma = ids.param(tensor(weight, device));
                    norm.beta = ids.param(tensor(bias, device));
                    norm.running_mean = RunningState::new(tensor(mean, device));
                    norm.running_var = RunningState::new(tensor(variance, device));
                    net.batch_norms.push(norm);
                }
                _ => {}
            }
        }
        Ok(net)
    }

    /// The weights that it now has.
    pub(super) fn weights(&self) -> Weights {
        let mut weights = Weights::default();
        let mut add = |name: String, array| weights.0.insert(name, array);
        for (index, of) in self.embeddings.iter().enumerate() {
            add(embedding(index), array(of.val()));
        }
        for (index, layer) in self.layers.iter().enumerate() {
            let [weight, bias] = linear(index);
            add(weight, array(layer.weight.val()));
            if let Some(of) = &layer.bias {
                add(bias, array(of.val()));
            }
        }
        for (index, of) in self.layer_norms.iter().enumerate() {
            let arrays = [Some(&of.gamma), of.beta.as_ref()];
            for (name, param) in norm(index, Norm::Layer).into_iter().zip(arrays) {
                if let Some(param) = param {
                    add(name, array(param.val()));
                }
            }
        }
        for (index, of) in self.batch_norms.iter().enumerate() {
            let arrays = [
                of.gamma.val(),
                of.beta.val(),
                of.running_mean.value_sync(),
                of.running_var.value_sync(),
            ];
            for (name, tensor) in norm(index, Norm::Batch).into_iter().zip(arrays) {
                add(name, array(tensor));
            }
        }
        weights
    }

    /// The scores of some rows: `[rows x outputs]`. `masks`: of each hidden layer what its values are multiplied with;
    /// none when it predicts.
    pub(super) fn forward(&self, activation: Activation, input: Input, masks: Vec<Tensor<2>>) -> Tensor<2> {
        let embedded = self.embeddings.iter().zip(input.codes);
        let embedded = embedded.map(|(embedding, codes)| embedding.val().select(0, codes));
        let mut parts: Vec<Tensor<2>> = embedded.collect();
        if input.numbers.dims()[1] > 0 {
            parts.insert(0, input.numbers);
        }
        let mut values = if parts.len() == 1 {
            parts.remove(0)
        } else {
            Tensor::cat(parts, 1)
        };
        let mut masks = masks.into_iter();
        let last = self.layers.len() - 1;
        for (index, layer) in self.layers.iter().enumerate() {
            values = layer.forward(values);
            if index == last {
                break;
            }
            if let Some(norm) = self.batch_norms.get(index) {
                values = norm.forward(values);
            }
            if let Some(norm) = self.layer_norms.get(index) {
                values = norm.forward(values);
            }
            values = match activation {
                Activation::Relu => relu(values),
                Activation::Gelu => gelu(values),
                Activation::Tanh => tanh(values),
            };
            if let Some(mask) = masks.next() {
                values = values * mask;
            }
        }
        values
    }
}

/// Ids of weights, one after the other: a net that is built again has the same, by which an optimizer knows its moments.
#[derive(Debug, Default)]
pub(super) struct Ids(u64);

impl Ids {
    pub(super) fn param<const D: usize>(&mut self, tensor: Tensor<D>) -> Param<Tensor<D>> {
        self.0 += 1;
        let learns = tensor.device().is_autodiff();
        Param::initialized(ParamId::from(self.0), tensor.set_require_grad(learns))
    }
}

pub(super) fn tensor<const D: usize>(array: &Array, device: &Device) -> Tensor<D> {
    Tensor::from_data(TensorData::new(array.values.clone(), array.shape.clone()), device)
}

pub(super) fn array<const D: usize>(tensor: Tensor<D>) -> Array {
    let shape = tensor.dims().to_vec();
    // A tensor of 32-bit floats: nothing else is ever made here.
    let values = tensor.into_data().try_into_vec().unwrap_or_default();
    Array { shape, values }
}
