//! The doors into the API, and what each checks before a request gets any further.
//!
//! While no account exists, whoever reaches the loopback port may do everything. A web page in the
//! user's browser reaches it too, so the port lets in only what such a page cannot send.

use std::net::SocketAddr;

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, Method, header};

use super::error::ApiError;
use super::table;
use crate::platform::access::Caller;

/// How requests come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// A TCP port on the loopback interface.
    Loopback(SocketAddr),
    /// The socket in the data folder, which only its owner can open; or this very process.
    Owner,
}

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

impl Door {
    /// Checks a request as its door asks, and says who is calling.
    pub(super) fn check(self, request: &Request) -> Result<Caller, ApiError> {
        match self {
            Self::Owner => Ok(Caller::Owner),
            Self::Loopback(address) => check_loopback(address, request).map(|()| Caller::Local),
        }
    }
}

fn check_loopback(address: SocketAddr, request: &Request) -> Result<(), ApiError> {
    let headers = request.headers();
    check_not_forwarded(headers)?;
    // HTTP/1.1 demands a Host; a name that is not ours is a page that rebound its DNS name to loopback.
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or_default();
    if !is_own_host(host, address) {
        return Err(ApiError::ForeignHost {
            host: host.to_owned(),
            port: address.port(),
        });
    }
    if let Some(origin) = headers.get(header::ORIGIN) {
        let origin = origin.to_str().unwrap_or_default();
        if !origin
            .strip_prefix("http://")
            .is_some_and(|host| is_own_host(host, address))
        {
            return Err(ApiError::ForeignOrigin {
                origin: origin.to_owned(),
            });
        }
    }
    if let Some(site) = headers.get(SEC_FETCH_SITE).and_then(|site| site.to_str().ok())
        && !matches!(site, "same-origin" | "none")
        // A link from elsewhere may open the page; it shows nothing until its own script asks.
        && !(request.uri().path() == "/" && request.method() == Method::GET)
    {
        return Err(ApiError::ForeignOrigin {
            origin: format!("a page of another site ({site})"),
        });
    }
    Ok(())
}

/// That a page of another site could not have sent what would change something: a browser sends these types
/// to another origin only after asking it first, which usina never grants.
///
/// Checked with the permission, behind the routes: at the door, a method that a path does not have would be
/// told that its content type is wrong. `expected` is the type that the route takes, for the message; that it
/// is this one is checked where the body is read.
pub(super) fn check_no_form(
    method: &Method,
    headers: &HeaderMap,
    expected: &'static str,
) -> Result<(), ApiError> {
    if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(());
    }
    let given = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default();
    let essence = given.split(';').next().unwrap_or_default().trim();
    let is_known = [
        "application/json",
        "application/x-ndjson",
        "application/octet-stream",
    ]
    .iter()
    .any(|kind| essence.eq_ignore_ascii_case(kind));
    if is_known || table::format(essence).is_some() {
        Ok(())
    } else {
        Err(ApiError::ContentType {
            expected,
            got: given.chars().take(100).collect(),
        })
    }
}

/// A proxy in front would make strangers look local; it has to be configured before it is believed.
fn check_not_forwarded(headers: &HeaderMap) -> Result<(), ApiError> {
    const FORWARDED: [&str; 6] = [
        "via",
        "forwarded",
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-proto",
        "x-real-ip",
    ];
    // Once over the few headers that are there is a fraction of the price of six searches.
    let sent = |name: &HeaderName| {
        FORWARDED
            .into_iter()
            .find(|forwarded| *forwarded == name.as_str())
    };
    match headers.keys().find_map(sent) {
        Some(header) => Err(ApiError::Forwarded { header }),
        None => Ok(()),
    }
}

/// Whether `host` (with or without a port) names this listener.
fn is_own_host(host: &str, address: SocketAddr) -> bool {
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => (name, port.parse::<u16>().ok()),
        _ => (host, Some(80)),
    };
    let is_own_name = name.eq_ignore_ascii_case("localhost") || name == "127.0.0.1" || name == "[::1]";
    (is_own_name || name == address.ip().to_string()) && port == Some(address.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_names_with_the_right_port_are_own() {
        let address: SocketAddr = "127.0.0.1:8080".parse().unwrap();
        for own in ["localhost:8080", "LocalHost:8080", "127.0.0.1:8080", "[::1]:8080"] {
            assert!(is_own_host(own, address), "{own}");
        }
        for foreign in [
            "",
            "localhost",
            "localhost:80",
            "evil.example:8080",
            "127.0.0.1.evil.example:8080",
            "[::2]:8080",
        ] {
            assert!(!is_own_host(foreign, address), "{foreign}");
        }
    }
}
