//! Text that somebody else wrote, made fit for a terminal: names, reasons and cells of tables may hold what a
//! terminal obeys instead of showing it.

use std::borrow::Cow;

/// `text` in one line, with every control character as it is written in code: `\n`, `\u{1b}`.
pub fn in_line(text: &str) -> Cow<'_, str> {
    escaped(text, is_obeyed)
}

/// As [`in_line`], but line feeds and tabs stay.
pub fn in_lines(text: &str) -> Cow<'_, str> {
    escaped(text, |sign| is_obeyed(sign) && !matches!(sign, '\n' | '\t'))
}

/// JSON text with what a terminal obeys as JSON escapes it: the same values, and fit to be looked at. JSON's own
/// line feeds stay; inside its strings there are none.
pub fn in_json(text: &str) -> Cow<'_, str> {
    let is_escaped = |sign: char| is_obeyed(sign) && sign != '\n';
    if !text.contains(is_escaped) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for sign in text.chars() {
        if is_escaped(sign) {
            shown.push_str(&format!("\\u{:04x}", u32::from(sign)));
        } else {
            shown.push(sign);
        }
    }
    Cow::Owned(shown)
}

/// Whether a terminal does something else with `sign` than to show it, such as to write backwards.
pub fn is_obeyed(sign: char) -> bool {
    sign.is_control() || matches!(sign, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn escaped(text: &str, is_escaped: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&is_escaped) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for sign in text.chars() {
        if is_escaped(sign) {
            shown.extend(sign.escape_default());
        } else {
            shown.push(sign);
        }
    }
    Cow::Owned(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_shown() {
        assert_eq!(in_line("a\nb\x1b[31mred"), r"a\nb\u{1b}[31mred");
        assert_eq!(in_line("\u{9b}31m\u{7f}\r\t"), r"\u{9b}31m\u{7f}\r\t");
        assert_eq!(in_line("x\u{202e}y"), r"x\u{202e}y");
        assert_eq!(in_lines("# a\n\tb\r\x1b]0;x\x07"), "# a\n\tb\\r\\u{1b}]0;x\\u{7}");
    }

    #[test]
    fn json_says_the_same_and_shows_what_a_terminal_would_obey() {
        let value = serde_json::json!({"a": "yes\u{9b}31m\u{202e}\u{7f}\n", "b": 1});
        let text = serde_json::to_string_pretty(&value).unwrap();
        let shown = in_json(&text);
        assert!(shown.contains(r"yes\u009b31m\u202e\u007f\n"), "{shown}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).unwrap(), value);
    }

    #[test]
    fn all_other_text_stays_as_it_is() {
        let text = r"ação \n 日本 'x' £ ± — ü";
        assert!(matches!(in_line(text), Cow::Borrowed(same) if same == text));
    }
}
