//! A training that another process goes on with.

use super::{fit, small, table, tasks};
use crate::base::{Seed, Stop};
use crate::engine::device::Device;
use crate::engine::fit::{Checkpoints, FitData, FitError, How, Round};
use crate::engine::net::{MlpParams, Norm, Schedule};

/// Keeps everything in memory, and asks for a stop after so many epochs.
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
fn a_training_that_was_interrupted_makes_the_same_net() {
    let (table, watched) = (table(400, 11), table(200, 12));
    for (task, patience, epochs) in [(&tasks()[0], 0, 7), (&tasks()[2], 4, 60)] {
        let params = MlpParams {
            dropout: 0.2,
            norm: Norm::Batch,
            learning_rate_schedule: Schedule::Linear,
            patience,
            epochs,
            ..small()
        };
        let data = FitData {
            valid: Some((&watched.matrix, watched.target(task))),
            ..table.data(task)
        };
        let mut told = Vec::new();
        let mut progress = |round: Round| told.push(round);
        let whole = fit(&data, task, &params, 2, Seed::new(3), &Stop::new(), &mut progress).unwrap();
        let mut kept = Kept {
            last: None,
            left: 0,
            stop: Stop::new(),
        };
        let again = loop {
            let mut retold = Vec::new();
            let mut progress = |round: Round| retold.push(round);
            (kept.left, kept.stop) = (2, Stop::new());
            let stop = kept.stop.clone();
            let how = How {
                threads: 1,
                device: &Device::cpu(),
                seed: Seed::new(3),
                stop: &stop,
                progress: &mut progress,
                checkpoints: &mut kept,
            };
            match crate::engine::net::fit(&data, task, &params, how) {
                Ok(model) => {
                    assert_eq!(retold, told);
                    break model;
                }
                Err(error) => assert!(matches!(error, FitError::Stopped), "{error}"),
            }
        };
        assert_eq!(again.encode().unwrap(), whole.encode().unwrap());
        // What was damaged, or is of another net, is no beginning.
        for wrong in [kept.last.clone().unwrap()[1..].to_vec(), Vec::new(), vec![7; 100]] {
            let mut kept = Kept {
                last: Some(wrong),
                left: usize::MAX,
                stop: Stop::new(),
            };
            let how = How {
                threads: 1,
                device: &Device::cpu(),
                seed: Seed::new(3),
                stop: &Stop::new(),
                progress: &mut |_| {},
                checkpoints: &mut kept,
            };
            let anew = crate::engine::net::fit(&data, task, &params, how).unwrap();
            assert_eq!(anew.encode().unwrap(), whole.encode().unwrap());
        }
    }
}
