//! What a command shows: tables for people, JSON for scripts.
//!
//! What people see has no control characters, whoever wrote it ([`visible`]). JSON has its own escapes, and what
//! is taken out to a file stays as it is.

mod table;
pub mod visible;

use std::io::Write;

use clap::Args;
use serde_json::Value;

/// How a command shows what it found.
#[derive(Debug, Clone, Copy, Args)]
pub struct OutputArgs {
    /// Show JSON, as the API answers it; also what goes wrong.
    #[arg(long)]
    pub json: bool,
}

/// Shows a line.
pub fn line(text: &str) {
    shown(&format!("{}\n", visible::in_line(text)));
}

/// Shows a text of several lines.
pub fn lines(text: &str) {
    shown(&visible::in_lines(text));
}

fn shown(text: &str) {
    if let Err(error) = raw(text.as_bytes()) {
        // What cannot be shown, as on a full disk, must not look as if it had been.
        note(&format!("usina: the output cannot be written: {error}"));
        std::process::exit(1);
    }
}

/// Shows bytes as they are. A reader that has gone, as in `usina models list | head -1`, has what it wanted.
///
/// # Errors
/// They cannot be written.
pub fn raw(bytes: &[u8]) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

/// Whether `error` is that nobody reads on: whoever went had what it wanted.
pub fn is_reader_gone(error: &anyhow::Error) -> bool {
    let mut causes = error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<std::io::Error>());
    causes.any(|cause| cause.kind() == std::io::ErrorKind::BrokenPipe)
}

/// Tells the user something beside the result: on standard error, so that it is not taken for it.
#[expect(clippy::print_stderr, reason = "the command line talks to its user")]
pub fn note(text: &str) {
    eprintln!("{}", visible::in_line(text));
}

/// Shows JSON, indented for people to read too.
pub fn json(value: &Value) {
    let text = serde_json::to_string_pretty(value).unwrap_or_else(|_| value.to_string());
    shown(&format!("{}\n", visible::in_json(&text)));
}

/// Shows rows under a heading, as wide as the terminal is.
pub fn table(heading: &[&str], rows: impl IntoIterator<Item = Vec<String>>) {
    let rows: Vec<_> = rows.into_iter().collect();
    for row in table::laid_out(heading, &rows, table::width()) {
        line(&row);
    }
}

/// Shows names and values.
pub fn facts(facts: &[(&str, String)]) {
    let width = facts.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    for (name, value) in facts {
        line(format!("{name:<width$}  {value}").trim_end());
    }
}

/// Where the rows of `thing` are from, in a word: whether usina generated them.
pub fn origin(thing: &Value) -> String {
    let is_generated = thing["generated"] == Value::Bool(true);
    if is_generated { "generated" } else { "real" }.to_owned()
}

/// The first few of `entries`, and how many more there are.
pub fn first(entries: &[Value]) -> String {
    const SHOWN: usize = 8;
    let mut shown: Vec<_> = entries.iter().take(SHOWN).map(text).collect();
    if entries.len() > SHOWN {
        shown.push(format!("… and {} more", entries.len() - SHOWN));
    }
    shown.join(", ")
}

/// A JSON value as people write it: text without quotes, nothing for null.
pub fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A time without its milliseconds: 2026-01-31 12:00:00.
pub fn time(value: &Value) -> String {
    text(value)
        .get(..19)
        .map_or_else(String::new, |text| text.replace('T', " "))
}

/// A metric with four digits.
pub fn number(value: &Value) -> String {
    value
        .as_f64()
        .map_or_else(String::new, |number| format!("{number:.4}"))
}

/// The list called `name` in an answer.
pub fn list<'a>(answer: &'a Value, name: &str) -> &'a [Value] {
    answer[name].as_array().map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn of_many_entries_the_first_are_shown() {
        let levels: Vec<_> = (0..30).map(|level| json!(format!("l{level}"))).collect();
        assert_eq!(first(&levels[..8]), "l0, l1, l2, l3, l4, l5, l6, l7");
        assert_eq!(first(&levels), "l0, l1, l2, l3, l4, l5, l6, l7, … and 22 more");
        assert_eq!(first(&[]), "");
    }
}
