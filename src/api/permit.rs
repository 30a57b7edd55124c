//! A handler's permission, taken while its request is read: `Permit<ReadModels>`.

use std::marker::PhantomData;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::door::check_no_form;
use super::error::ApiError;
use super::guard::Admitted;
use super::table;
use crate::platform::access::{Action, Caller, Permission};

/// Proof that the caller may do what `P` names; there is no other way to get one.
#[derive(Debug)]
pub struct Permit<P> {
    caller: Caller,
    _permission: PhantomData<P>,
}

impl<P> Permit<P> {
    /// Who has it.
    pub fn caller(&self) -> Caller {
        self.caller
    }
}

impl<P: Permission, S: Sync> FromRequestParts<S> for Permit<P> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        match parts.extensions.get::<Admitted>() {
            Some(admitted) if admitted.caller.may(P::ACTION) => {
                check_no_form(&parts.method, &parts.headers, body_type(P::ACTION))?;
                Ok(Self {
                    caller: admitted.caller,
                    _permission: PhantomData,
                })
            }
            Some(_) => Err(ApiError::Forbidden { action: P::ACTION }),
            // A door that forgot to say who comes through it lets nobody in.
            None => Err(ApiError::Unauthenticated),
        }
    }
}

/// The content type of the bodies that routes for `action` take.
fn body_type(action: Action) -> &'static str {
    match action {
        Action::WriteData => table::TYPES,
        Action::ImportModels => "application/octet-stream",
        _ => "application/json",
    }
}
