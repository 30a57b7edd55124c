//! The two forms of a layer are one, and nets of them learn.

use burn::module::Param;
use burn::tensor::{Device, Tensor, TensorData};

use super::layer::{Form, LstmLayer};
use super::{LstmModel, LstmParams, Sequences, fit};
use crate::base::{Seed, Stop};
use crate::engine::fit::{Checkpoints, FitError, How, NoCheckpoints};
use crate::engine::net::mlp::Ids;
use crate::engine::net::weights::{Array, Weights};

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_into_vec().unwrap()
}

fn random<const D: usize>(shape: [usize; D], seed: u64, device: &Device) -> Tensor<D> {
    let array = Array::uniform(shape.to_vec(), 2.0, Seed::new(seed));
    Tensor::from_data(TensorData::new(array.values, shape), device)
}

/// Hidden values, and the slopes of the input and of the three weights.
fn passed(form: Form, [steps, rows, inputs, width]: [usize; 4]) -> Vec<Vec<f32>> {
    let device = Device::flex().autodiff();
    let mut weights = Weights::default();
    LstmLayer::begin(0, inputs, width, Seed::new(7), &mut weights);
    let layer = LstmLayer::new(0, inputs, width, &weights, &mut Ids::default(), &device).unwrap();
    let input = random([steps, rows, inputs], 1, &device).require_grad();
    let hidden = layer.forward(form, input.clone());
    let loss = (hidden.clone() * random([steps, rows, width], 2, &device)).sum();
    let slopes = loss.backward();
    let of = |param: &Param<Tensor<2>>| values(param.val().grad(&slopes).unwrap());
    vec![
        values(hidden),
        values(input.grad(&slopes).unwrap()),
        of(&layer.input_weight),
        of(&layer.hidden_weight),
        values(layer.bias.val().grad(&slopes).unwrap()),
    ]
}

#[test]
fn a_layer_as_one_operation_is_the_layer_put_together() {
    for extent in [[1, 1, 1, 1], [1, 5, 3, 4], [7, 3, 2, 5], [24, 32, 4, 50]] {
        let [fused, composed] = [Form::Fused, Form::Composed].map(|form| passed(form, extent));
        for (what, (fused, composed)) in fused.iter().zip(&composed).enumerate() {
            assert_eq!(fused.len(), composed.len());
            // Sums of up to 24 x 32 slopes in another order.
            let largest = composed
                .iter()
                .fold(1.0, |most: f32, value| most.max(value.abs()));
            for (a, b) in fused.iter().zip(composed) {
                assert!((a - b).abs() <= 2e-5 * largest, "{extent:?} {what}: {a} {b}");
            }
        }
    }
}

#[test]
fn without_slopes_the_values_are_the_same_to_the_bit() {
    let of = |device: &Device| {
        let mut weights = Weights::default();
        LstmLayer::begin(0, 3, 4, Seed::new(7), &mut weights);
        let layer = LstmLayer::new(0, 3, 4, &weights, &mut Ids::default(), device).unwrap();
        values(layer.forward(Form::Fused, random([5, 2, 3], 1, device)))
    };
    assert_eq!(of(&Device::flex()), of(&Device::flex().autodiff()));
}

/// Windows of a wave; what comes after each of them, two periods.
fn waves(periods: usize) -> Sequences {
    let values: Vec<f32> = (0..periods).map(|at| (at as f32 * 0.7).sin()).collect();
    let ends: Vec<usize> = (9..periods - 2).collect();
    let target = ends
        .iter()
        .flat_map(|end| [values[end + 1], values[end + 2]])
        .collect();
    Sequences {
        inputs: 1,
        window: 10,
        ends,
        target,
        values,
        ..Sequences::default()
    }
}

fn small() -> LstmParams {
    LstmParams {
        hidden_layer_sizes: vec![12, 8],
        epochs: 30,
        learning_rate: 0.01,
        patience: 0,
        ..LstmParams::default()
    }
}

fn trained(params: &LstmParams, threads: usize, seed: u64) -> LstmModel {
    let how = How {
        threads,
        seed: Seed::new(seed),
        stop: &Stop::new(),
        device: &crate::engine::device::Device::cpu(),
        progress: &mut |_| {},
        checkpoints: &mut NoCheckpoints,
    };
    fit(&waves(200), None, 2, 1.0, params, how).unwrap()
}

#[test]
fn a_wave_is_told_ahead_and_the_model_reads_back() {
    let model = trained(&small(), 2, 1);
    let unseen = waves(300);
    let told = model.predict(&unseen).unwrap();
    let worst = told
        .iter()
        .zip(&unseen.target)
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, f32::max);
    assert!(worst < 0.1, "{worst}");
    let (config, weights) = model.encode().unwrap();
    let read = LstmModel::decode(&config, &weights).unwrap();
    assert_eq!(read.predict(&unseen).unwrap(), told);
    assert_eq!(read.rounds(), 30);
    let huge = String::from_utf8(config.clone()).unwrap().replace("12", "1200");
    assert!(LstmModel::decode(huge.as_bytes(), &weights).is_err());
    assert!(LstmModel::decode(&config[1..], &weights).is_err());
    assert!(LstmModel::decode(&config, &weights[1..]).is_err());
}

#[test]
fn the_same_net_comes_of_any_number_of_threads_and_of_no_other_seed() {
    let params = LstmParams {
        epochs: 3,
        dropout: 0.2,
        ..small()
    };
    let of = |threads, seed| trained(&params, threads, seed).encode().unwrap();
    assert_eq!(of(1, 1), of(3, 1));
    assert_ne!(of(1, 1), of(1, 2));
}

/// Keeps everything in memory, and asks for a stop after each epoch.
struct Kept {
    last: Option<Vec<u8>>,
    stop: Stop,
}

impl Checkpoints for Kept {
    fn last(&mut self) -> Option<Vec<u8>> {
        self.last.clone()
    }

    fn is_due(&mut self) -> bool {
        true
    }

    fn keep(&mut self, state: Vec<u8>) {
        self.last = Some(state);
        self.stop.ask();
    }
}

#[test]
fn a_training_that_was_interrupted_makes_the_same_net() {
    let params = LstmParams {
        epochs: 4,
        dropout: 0.1,
        ..small()
    };
    let whole = trained(&params, 2, 5).encode().unwrap();
    let mut kept = Kept {
        last: None,
        stop: Stop::new(),
    };
    let again = loop {
        kept.stop = Stop::new();
        let stop = kept.stop.clone();
        let how = How {
            threads: 1,
            seed: Seed::new(5),
            stop: &stop,
            device: &crate::engine::device::Device::cpu(),
            progress: &mut |_| {},
            checkpoints: &mut kept,
        };
        match fit(&waves(200), None, 2, 1.0, &params, how) {
            Ok(model) => break model,
            Err(error) => assert!(matches!(error, FitError::Stopped), "{error}"),
        }
    };
    assert_eq!(again.encode().unwrap(), whole);
}
