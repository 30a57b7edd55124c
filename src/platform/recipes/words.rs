//! A reader's complaints, which speak of Rust's types, in the words of a recipe: numbers, lists, tables.

/// What [`plain`] is told of a value that can only be a word, where there is something else.
pub(super) const NO_WORD: &str = "wanted string or table";

/// As what a date comes to whoever reads a table.
pub(super) const DATE: &str = "$__toml_private_datetime";

/// `message` as a person who writes recipes would say it.
pub(super) fn plain(message: &str) -> String {
    let message = message.trim();
    let invalid = ["invalid type: ", "invalid value: "];
    if let Some(rest) = invalid.iter().find_map(|start| message.strip_prefix(start))
        && let Some((got, expected)) = rest.rsplit_once(", expected ")
    {
        return format!("expected {}, got {}", kind(expected), value(got));
    }
    let about = |start: &str| quoted(message.strip_prefix(start)?);
    if message.contains(DATE) {
        return "a date does not go here".to_owned();
    }
    if let Some((key, rest)) = about("unknown field ") {
        let known = rest.strip_prefix(", expected ").unwrap_or("none");
        let known = known.strip_prefix("one of ").unwrap_or(known);
        return format!("unknown key {key}; those that are known here: {}", bare(known));
    }
    if let Some((word, rest)) = about("unknown variant ") {
        let known = rest.strip_prefix(", expected ").unwrap_or("another word");
        return format!("expected {}, got \"{word}\"", bare(known));
    }
    if let Some((key, _)) = about("missing field ") {
        return format!("the key {key} is missing");
    }
    if let Some((key, _)) = about("duplicate field ") {
        return format!("{key} is given twice, under two of its names");
    }
    match message {
        "expected empty table" | "expected empty array" => "expected a word in quotes".to_owned(),
        _ if message.starts_with("expected table, found ") => "expected a word in quotes".to_owned(),
        "integer number overflowed" => "the whole number is too big".to_owned(),
        _ => message.to_owned(),
    }
}

/// What stands in the first backquotes of `text`, which begins with them, and what comes after.
fn quoted(text: &str) -> Option<(&str, &str)> {
    text.strip_prefix('`')?.split_once('`')
}

/// Words without their backquotes.
fn bare(words: &str) -> String {
    words.replace('`', "")
}

/// What was wanted.
fn kind(expected: &str) -> &str {
    match expected {
        "u64" | "usize" => "a whole number of at least 0",
        "u32" => "a whole number from 0 to 4294967295",
        "i64" => "a whole number",
        "f64" => "a number",
        "a boolean" => "true or false",
        "a string" => "text in quotes",
        "a character" => "one character in quotes",
        "a sequence" => "a list in brackets",
        "a map" => "a table",
        other => other,
    }
}

/// What is there.
fn value(got: &str) -> String {
    match got {
        "sequence" => return "a list".to_owned(),
        // A date, too, comes as one.
        "map" => return "a table or a date".to_owned(),
        _ => {}
    }
    if let Some(text) = got.strip_prefix("string ") {
        return format!("the text {text}");
    }
    let number = ["integer ", "floating point ", "boolean "];
    let number = number.iter().find_map(|start| quoted(got.strip_prefix(start)?));
    number.map_or_else(|| got.to_owned(), |(number, _)| number.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_serde_says_becomes_what_a_person_says() {
        for (serde, person) in [
            (
                "invalid type: string \"four\", expected usize",
                "expected a whole number of at least 0, got the text \"four\"",
            ),
            (
                "invalid value: integer `-1`, expected usize",
                "expected a whole number of at least 0, got -1",
            ),
            (
                "invalid type: floating point `4.5`, expected u64",
                "expected a whole number of at least 0, got 4.5",
            ),
            (
                "invalid type: boolean `true`, expected a string",
                "expected text in quotes, got true",
            ),
            (
                "invalid type: string \"a, expected b\", expected f64",
                "expected a number, got the text \"a, expected b\"",
            ),
            (
                "invalid type: sequence, expected a string",
                "expected text in quotes, got a list",
            ),
            (
                "invalid type: map, expected a sequence",
                "expected a list in brackets, got a table or a date",
            ),
            (
                "invalid type: integer `18446744073709551616` as i128, expected u64",
                "expected a whole number of at least 0, got 18446744073709551616",
            ),
            (
                "unknown field `x`, expected one of `a`, `b`",
                "unknown key x; those that are known here: a, b",
            ),
            (
                "unknown variant `x`, expected `a` or `b`",
                "expected a or b, got \"x\"",
            ),
            ("missing field `name`", "the key name is missing"),
            (
                "duplicate field `learning_rate`",
                "learning_rate is given twice, under two of its names",
            ),
            (
                "0 is out of range: expected a number above 0",
                "0 is out of range: expected a number above 0",
            ),
        ] {
            assert_eq!(plain(serde), person);
        }
    }
}
