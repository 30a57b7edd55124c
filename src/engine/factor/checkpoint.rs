//! How far a factorisation is, as bytes: with it another process goes on as if nothing had happened.

use std::collections::HashMap;

use safetensors::tensor::SafeTensors;
use serde::{Deserialize, Serialize};

use super::fit::State;
use super::rows::Rows;
use super::tensors::{damaged, rows, to_bytes as tensors, view};
use crate::engine::model::StoredModelError;

/// What was kept of a [`State`].
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Kept {
    pub(super) users: Rows,
    pub(super) items: Rows,
    pub(super) objectives: Vec<f64>,
    pub(super) violations: Option<(f64, f64)>,
}

/// What stands in the head of the safetensors.
#[derive(Debug, Serialize, Deserialize)]
struct Head {
    objectives: Vec<f64>,
    violations: Option<(f64, f64)>,
}

const HEAD: &str = "training";
const USERS: &str = "users";
const ITEMS: &str = "items";

pub(super) fn to_bytes(at: &State) -> Result<Vec<u8>, StoredModelError> {
    let head = Head {
        objectives: at.objectives.clone(),
        violations: at.violations,
    };
    let head = HashMap::from([(HEAD.to_owned(), serde_json::to_string(&head)?)]);
    tensors(&[(USERS, view(&at.users)), (ITEMS, view(&at.items))], Some(head))
}

pub(super) fn from_bytes(bytes: &[u8]) -> Result<Kept, StoredModelError> {
    let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(damaged)?;
    let head = metadata.metadata().as_ref().and_then(|head| head.get(HEAD));
    let head = head.ok_or_else(|| StoredModelError::Weights("there is no training in them".to_owned()))?;
    let head: Head = serde_json::from_str(head)?;
    let tensors = SafeTensors::deserialize(bytes).map_err(damaged)?;
    Ok(Kept {
        users: rows(&tensors, USERS)?,
        items: rows(&tensors, ITEMS)?,
        objectives: head.objectives,
        violations: head.violations,
    })
}
