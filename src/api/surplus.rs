//! Query parameters where there are none: refused, because whoever sends one expects it to do something.

use std::collections::HashSet;
use std::sync::Arc;

use axum::extract::{MatchedPath, Request};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use utoipa::openapi::path::{Operation, ParameterIn};
use utoipa::openapi::{OpenApi as Document, RefOr};

use super::query::no_query;

/// The routes that take no query parameters, as the document describes them. The others themselves refuse what
/// they do not know.
#[derive(Debug, Clone)]
pub(super) struct Plain(Arc<HashSet<(Method, String)>>);

impl Plain {
    /// What `document` says.
    pub(super) fn of(document: &Document) -> Self {
        let mut plain = HashSet::new();
        for (path, item) in &document.paths.paths {
            let operations = [
                (Method::GET, &item.get),
                (Method::HEAD, &item.get),
                (Method::POST, &item.post),
                (Method::PUT, &item.put),
                (Method::PATCH, &item.patch),
                (Method::DELETE, &item.delete),
            ];
            let operations = operations
                .into_iter()
                .filter(|(_, operation)| operation.as_ref().is_some_and(takes_none));
            plain.extend(operations.map(|(method, _)| (method, path.clone())));
        }
        Self(Arc::new(plain))
    }

    fn has(&self, request: &Request) -> bool {
        let path = request.extensions().get::<MatchedPath>();
        path.is_some_and(|path| {
            self.0
                .contains(&(request.method().clone(), path.as_str().to_owned()))
        })
    }
}

fn takes_none(operation: &Operation) -> bool {
    let mut parameters = operation.parameters.iter().flatten();
    parameters.all(|parameter| match parameter {
        RefOr::T(parameter) => parameter.parameter_in != ParameterIn::Query,
        RefOr::Ref(_) => false,
    })
}

/// Refuses parameters on routes that take none.
pub(super) async fn refuse(plain: Plain, request: Request, next: Next) -> Response {
    if request.uri().query().is_some()
        && plain.has(&request)
        && let Err(refusal) = no_query(request.uri())
    {
        return refusal.into_response();
    }
    next.run(request).await
}
