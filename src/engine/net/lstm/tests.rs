//! The two forms of a layer are one.

use burn::module::Param;
use burn::tensor::{Device, Tensor, TensorData};

use super::layer::{Form, LstmLayer};
use crate::base::Seed;
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
