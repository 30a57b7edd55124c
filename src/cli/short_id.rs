//! Ids by their first digits, as long as these tell one from all others.

use anyhow::anyhow;
use serde_json::Value;

use super::client::Client;
use super::error::Failure;
use super::output;

/// How many hex digits the id of a job or a run has.
const DIGITS: usize = 32;

/// How many ids a message shows.
const SHOWN: usize = 5;

/// The id of the one job that begins with `given`.
///
/// # Errors
/// None does, or several do; or the server's.
pub async fn job(client: &Client, given: &str) -> Result<String, Failure> {
    if !is_short(given) {
        return Ok(given.to_owned());
    }
    let jobs = client.all("/api/v1/jobs", "jobs").await?;
    only_one("job", given, &jobs, |job| {
        [&job["id"], &job["model"], &job["state"]]
    })
}

/// The id of the one run, of any experiment, that begins with `given`.
///
/// # Errors
/// None does, or several do; or the server's.
pub async fn run(client: &Client, given: &str) -> Result<String, Failure> {
    if !is_short(given) {
        return Ok(given.to_owned());
    }
    let runs = client.all("/api/v1/runs", "runs").await?;
    only_one("run", given, &runs, |run| {
        [&run["run_id"], &run["name"], &run["status"]]
    })
}

/// Whether it can only be the beginning of an id. Of anything else the API says what it is.
fn is_short(given: &str) -> bool {
    let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    (1..DIGITS).contains(&given.len()) && given.bytes().all(is_digit)
}

/// The id of the one of `known` that begins with `given`; `facts` are its id and what tells it apart.
fn only_one(
    what: &str,
    given: &str,
    known: &[Value],
    facts: impl Fn(&Value) -> [&Value; 3],
) -> Result<String, Failure> {
    let fitting: Vec<[String; 3]> = known
        .iter()
        .map(|one| facts(one).map(output::text))
        .filter(|[id, ..]| id.starts_with(given))
        .collect();
    match fitting.as_slice() {
        [[id, ..]] => Ok(id.clone()),
        [] => Err(Failure::input(anyhow!(
            "no {what}'s id begins with {given}; `usina {what}s list` lists them"
        ))),
        several => {
            let mut named: Vec<_> = several
                .iter()
                .take(SHOWN)
                .map(|[id, name, state]| format!("{id} ({name}, {state})"))
                .collect();
            if several.len() > SHOWN {
                named.push(format!("and {} more", several.len() - SHOWN));
            }
            Err(Failure::input(anyhow!(
                "the ids of {} {what}s begin with {given}: {}; give more digits",
                several.len(),
                named.join(", ")
            )))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn find(given: &str) -> Result<String, String> {
        let known = [
            json!({"id": "5f0c", "model": "a", "state": "done"}),
            json!({"id": "5f1c", "model": "b", "state": "failed"}),
            json!({"id": "60aa", "model": "c", "state": "done"}),
        ];
        let found = only_one("job", given, &known, |job| {
            [&job["id"], &job["model"], &job["state"]]
        });
        found.map_err(|failure| format!("{failure:?}"))
    }

    #[test]
    fn a_beginning_that_fits_one_id_is_enough() {
        assert_eq!(find("6").unwrap(), "60aa");
        assert_eq!(find("5f1").unwrap(), "5f1c");
        let several = find("5").unwrap_err();
        assert!(
            several.contains("5f0c (a, done), 5f1c (b, failed); give more digits"),
            "{several}"
        );
        assert!(find("7").unwrap_err().contains("no job's id begins with 7"));
    }

    #[test]
    fn only_a_beginning_is_looked_for() {
        assert!(is_short("5f"));
        for other in ["", "5F", "x", "0123456789abcdef0123456789abcdef"] {
            assert!(!is_short(other), "{other}");
        }
    }
}
