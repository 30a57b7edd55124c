//! A training that another process goes on with.

use super::{all, fitted, ratings};
use crate::base::{Seed, Stop};
use crate::engine::factor::{FactorError, fit};
use crate::engine::fit::{Checkpoints, How, Round};

/// Keeps everything in memory, and asks for a stop after so many iterations.
struct Kept {
    last: Option<Vec<u8>>,
    left: usize,
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
        self.left -= 1;
        if self.left == 0 {
            self.stop.ask();
        }
    }
}

#[test]
fn a_training_that_was_interrupted_makes_the_same_factors() {
    let ratings = ratings(5);
    for params in all() {
        let mut told = Vec::new();
        let whole = fitted(&ratings, &params, 2, &mut told).unwrap();
        let mut kept = Kept {
            last: None,
            left: 0,
            stop: Stop::new(),
        };
        let again = |kept: &mut Kept, retold: &mut Vec<Round>| {
            let stop = kept.stop.clone();
            let how = How {
                threads: 1,
                seed: Seed::new(3),
                stop: &stop,
                device: &crate::engine::device::Device::cpu(),
                progress: &mut |round| retold.push(round),
                checkpoints: kept,
            };
            fit(&ratings, &params, how)
        };
        let mut interrupted = 0;
        let resumed = loop {
            (kept.left, kept.stop) = (7, Stop::new());
            let mut retold = Vec::new();
            match again(&mut kept, &mut retold) {
                Ok(factors) => {
                    assert_eq!(retold, told);
                    break factors;
                }
                Err(error) => assert!(matches!(error, FactorError::Stopped), "{error}"),
            }
            interrupted += 1;
        };
        assert!(interrupted > 1);
        assert_eq!(resumed, whole);
        // What was damaged, or is of other ratings, is no beginning.
        let of_others = {
            let mut others = Kept {
                last: None,
                left: usize::MAX,
                stop: Stop::new(),
            };
            let few = crate::engine::factor::Interactions::new(2, 2, &[(0, 0, 1.0), (1, 1, 2.0)]).unwrap();
            let how = How {
                threads: 1,
                seed: Seed::new(3),
                stop: &Stop::new(),
                device: &crate::engine::device::Device::cpu(),
                progress: &mut |_| {},
                checkpoints: &mut others,
            };
            fit(&few, &params, how).unwrap();
            others.last.unwrap()
        };
        let cut = kept.last.clone().unwrap()[1..].to_vec();
        for wrong in [cut, of_others, Vec::new(), vec![7; 100]] {
            let mut kept = Kept {
                last: Some(wrong),
                left: usize::MAX,
                stop: Stop::new(),
            };
            assert_eq!(again(&mut kept, &mut Vec::new()).unwrap(), whole);
        }
    }
}
