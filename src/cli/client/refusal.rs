//! What the server refuses, as a failure of the command.

use anyhow::anyhow;
use hyper::StatusCode;
use serde_json::Value;

use super::super::error::{Failure, Told};

/// Conflicts that are none with what was asked: what is stored is broken, or the same is being done already.
const OF_THE_SERVER: [&str; 5] = [
    "cannot_load",
    "cannot_serve",
    "no_bundle",
    "idempotency_under_way",
    "idempotency_no_answer",
];

/// What an answer with `status` and the body `bytes` refuses.
pub(super) fn refusal(status: StatusCode, bytes: &[u8]) -> Failure {
    let json = serde_json::from_slice::<Value>(bytes).unwrap_or_default();
    let code = json["error"]["code"].as_str();
    let is_of_the_server = code.is_none_or(|code| OF_THE_SERVER.contains(&code));
    let error = match json["error"]["message"].as_str().map(str::to_owned) {
        Some(message) => {
            let message = match remedy(&json["error"]) {
                Some(remedy) => format!("{message}; {remedy}"),
                None => message,
            };
            Told { message, json }.into()
        }
        None => anyhow!("the server answered {status} and gives no reason"),
    };
    // What is refused is what was sent; all else is the server's state or fault.
    match status {
        StatusCode::CONFLICT if !is_of_the_server => Failure::Input(error),
        StatusCode::PRECONDITION_FAILED
        | StatusCode::BAD_REQUEST
        | StatusCode::UNPROCESSABLE_ENTITY
        | StatusCode::NOT_FOUND
        | StatusCode::PAYLOAD_TOO_LARGE
        | StatusCode::UNSUPPORTED_MEDIA_TYPE => Failure::Input(error),
        StatusCode::TOO_MANY_REQUESTS => Failure::Unavailable(error),
        status if status.is_server_error() => Failure::Unavailable(error),
        _ => Failure::Failed(error),
    }
}

/// What somebody who works on a command line can do about an error of the API.
fn remedy(error: &Value) -> Option<String> {
    let lists = |command: &str| Some(format!("`usina {command}` lists those that are there"));
    match error["code"].as_str()? {
        "unknown_model" => lists("models list"),
        "unknown_version" => {
            // The name of a model needs no quotes.
            let model = error["detail"]["model"].as_str()?;
            if error["detail"]["version"] == "production" {
                let promote = format!("usina models promote {model} latest");
                Some(format!("`{promote}` puts the newest one there"))
            } else {
                lists(&format!("models show {model}"))
            }
        }
        "untrusted_key" => {
            let key = error["detail"]["key"].as_str()?;
            let add = format!("`usina trust add {key}` has it trusted");
            Some(format!(
                "{add}, and so does --trust-new, once you know whose it is"
            ))
        }
        "unknown_dataset" => lists("data list"),
        "unknown_job" => lists("jobs list"),
        "unknown_run" => lists("runs list"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn is_input(status: u16, code: &str) -> bool {
        let body = json!({"error": {"code": code, "message": "m", "detail": {}}}).to_string();
        let failure = refusal(StatusCode::from_u16(status).unwrap(), body.as_bytes());
        matches!(failure, Failure::Input(_))
    }

    #[test]
    fn what_was_asked_wrongly_is_told_apart_from_what_the_server_cannot_do() {
        for (status, code) in [
            (400, "bad_body"),
            (404, "unknown_model"),
            (409, "in_production"),
            (409, "not_deleted"),
            (409, "purged"),
            (409, "nothing_to_roll_back_to"),
            (409, "job_ended"),
            (409, "own_key"),
            (412, "changed_meanwhile"),
            (422, "bad_recipe"),
        ] {
            assert!(is_input(status, code), "{code}");
        }
        for (status, code) in [
            (409, "cannot_serve"),
            (409, "cannot_load"),
            (409, "no_bundle"),
            (409, "idempotency_under_way"),
            (429, "queue_full"),
            (500, "internal"),
            (503, "too_busy"),
        ] {
            assert!(!is_input(status, code), "{code}");
        }
        let bare = refusal(StatusCode::CONFLICT, b"");
        assert!(matches!(bare, Failure::Failed(_)), "nobody says why: {bare:?}");
    }
}
