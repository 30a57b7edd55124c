//! Whole lists: the API gives them a page at a time.

use serde_json::{Map, Value};

use super::client::Client;
use super::error::Failure;
use super::output;

/// All entries of the list `key` at `path`, whatever their number, in an object as a page has them.
///
/// # Errors
/// The server's, or the connection's.
pub async fn whole(client: &Client, path: &str, key: &str) -> Result<Value, Failure> {
    let mut entries = Vec::new();
    let mut next = format!("{path}?limit=1000");
    loop {
        let page = client.get(&next).await?.json()?;
        entries.extend_from_slice(output::list(&page, key));
        match page["next_page_token"].as_str() {
            Some(token) => {
                next = format!("{path}?limit=1000&page_token={}", super::client::segment(token));
            }
            None => return Ok(Value::Object(Map::from_iter([(key.to_owned(), entries.into())]))),
        }
    }
}
