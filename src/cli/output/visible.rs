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
    fn all_other_text_stays_as_it_is() {
        let text = r"ação \n 日本 'x' £ ± — ü";
        assert!(matches!(in_line(text), Cow::Borrowed(same) if same == text));
    }
}
