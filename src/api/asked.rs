//! What stays of a request until it is answered, and the last touch on every answer.

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::Response;

use super::failure::{Cause, Failure, Form};
use super::request_id::RequestId;

const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What was asked, and by which name.
pub(super) struct Asked {
    id: RequestId,
    method: Method,
    uri: Uri,
    /// How it is told of a failure.
    form: Form,
}

impl Asked {
    /// The request called `id`.
    pub(super) fn new(id: RequestId, request: &Request) -> Self {
        Self {
            id,
            method: request.method().clone(),
            uri: request.uri().clone(),
            form: Form::asked(request.headers()),
        }
    }

    /// The answer as it goes out: with the request's id, and closed to pages of other sites. What the server
    /// could not do is logged here, and nowhere else.
    pub(super) fn answered(self, mut response: Response) -> Response {
        let status = response.status();
        if is_of_the_server(status) {
            self.log(status, response.extensions_mut().remove::<Cause>().as_ref());
        }
        if let Some(failure) = response.extensions_mut().remove::<Failure>() {
            // The codes are few and fixed, so the series are.
            metrics::counter!("usina_requests_failed_total", "code" => failure.code).increment(1);
            *response.body_mut() = failure.into_body(self.id, status, self.form);
            let kind = self.form.content_type();
            response.headers_mut().insert(header::CONTENT_TYPE, kind);
        }
        let headers = response.headers_mut();
        if let Ok(id) = HeaderValue::from_str(self.id.as_str()) {
            headers.insert(REQUEST_ID, id);
        }
        // No page of another site may take an answer in, as a script, a picture or otherwise.
        headers.insert(
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        );
        headers.insert(RESOURCE_POLICY, HeaderValue::from_static("same-origin"));
        response
    }

    fn log(&self, status: StatusCode, cause: Option<&Cause>) {
        let (request_id, method, status) = (self.id.as_str(), self.method.as_str(), status.as_u16());
        // Not the query: it holds what users typed.
        let path: String = self.uri.path().chars().take(200).collect();
        let error = cause.map(Cause::as_str);
        if status == StatusCode::INTERNAL_SERVER_ERROR {
            tracing::error!(request_id, method, path, error, "a request failed");
        } else {
            tracing::warn!(
                request_id,
                method,
                path,
                status,
                error,
                "a request was turned away"
            );
        }
    }
}

/// Whether the server is why the request was not answered as it was asked: it failed, or has no room.
pub(super) fn is_of_the_server(status: StatusCode) -> bool {
    status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS
}
