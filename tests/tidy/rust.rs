//! As much of Rust's grammar as the rules need: words without comments and text, paths, test code.

/// A word or sign of a source file; string, character and number literals are one each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) text: String,
    pub(crate) line: usize,
}

/// What stands for a string or character literal, whatever is in it.
const LITERAL: &str = "\"\"";

/// The tokens of `source`; `::` is one, every other sign its own. Comments are gone.
pub(crate) fn tokens(source: &str) -> Vec<Token> {
    let chars: Vec<char> = source.chars().collect();
    let mut out = Vec::new();
    let mut at = 0;
    let mut line = 1;
    while at < chars.len() {
        let (end, text) = next(&chars, at);
        let whole = &chars[at..end];
        if let Some(text) = text {
            out.push(Token { text, line });
        }
        line += whole.iter().filter(|c| **c == '\n').count();
        at = end;
    }
    out
}

/// Where the piece that starts at `at` ends, and its token if it is one.
fn next(chars: &[char], at: usize) -> (usize, Option<String>) {
    let ahead = |offset: usize| chars.get(at + offset).copied().unwrap_or('\0');
    let literal = |end| (end, Some(LITERAL.to_owned()));
    match (ahead(0), ahead(1)) {
        (c, _) if c.is_whitespace() => (at + 1, None),
        ('/', '/') => (find(chars, at, |c| c == '\n'), None),
        ('/', '*') => (block_comment_end(chars, at), None),
        ('"', _) => literal(quoted_end(chars, at, '"')),
        ('\'', '\\') => literal(quoted_end(chars, at, '\'')),
        ('\'', _) if ahead(2) == '\'' => literal(at + 3),
        ('\'', _) => (find(chars, at + 1, |c| !is_word(c)), None),
        (':', ':') => (at + 2, Some("::".to_owned())),
        (c, _) if is_word(c) => word(chars, at),
        (c, _) => (at + 1, Some(c.to_string())),
    }
}

fn word(chars: &[char], at: usize) -> (usize, Option<String>) {
    let end = find(chars, at, |c| !is_word(c));
    let text: String = chars[at..end].iter().collect();
    let hashes = chars[end..].iter().take_while(|c| **c == '#').count();
    let opens = chars.get(end + hashes) == Some(&'"');
    match text.as_str() {
        "r" | "br" | "cr" if opens => (raw_end(chars, end + hashes, hashes), Some(LITERAL.to_owned())),
        "b" | "c" if opens && hashes == 0 => (quoted_end(chars, end, '"'), Some(LITERAL.to_owned())),
        "b" if chars.get(end) == Some(&'\'') => (quoted_end(chars, end, '\''), Some(LITERAL.to_owned())),
        // A raw name, such as `r#type`.
        "r" if hashes == 1 => word(chars, end + 1),
        _ => (end, Some(text)),
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The first place at or after `at` where `wanted` holds, or the end.
fn find(chars: &[char], at: usize, wanted: impl Fn(char) -> bool) -> usize {
    chars[at..]
        .iter()
        .position(|c| wanted(*c))
        .map_or(chars.len(), |offset| at + offset)
}

fn quoted_end(chars: &[char], open: usize, quote: char) -> usize {
    let mut at = open + 1;
    while at < chars.len() && chars[at] != quote {
        at += if chars[at] == '\\' { 2 } else { 1 };
    }
    (at + 1).min(chars.len())
}

fn raw_end(chars: &[char], open: usize, hashes: usize) -> usize {
    let closes = |at: &usize| {
        chars[*at] == '"'
            && chars[*at + 1..]
                .iter()
                .take(hashes)
                .filter(|c| **c == '#')
                .count()
                == hashes
    };
    (open + 1..chars.len())
        .find(closes)
        .map_or(chars.len(), |at| at + 1 + hashes)
}

/// Block comments nest.
fn block_comment_end(chars: &[char], open: usize) -> usize {
    let mut depth = 0;
    let mut at = open;
    while at + 1 < chars.len() {
        match (chars[at], chars[at + 1]) {
            ('/', '*') => depth += 1,
            ('*', '/') => depth -= 1,
            _ => {
                at += 1;
                continue;
            }
        }
        at += 2;
        if depth == 0 {
            return at;
        }
    }
    chars.len()
}

/// The tokens without the items that only tests see.
pub(crate) fn without_tests(tokens: &[Token]) -> Vec<Token> {
    const MARK: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];
    let mut out = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        if tokens[at..]
            .iter()
            .map(|token| token.text.as_str())
            .take(MARK.len())
            .eq(MARK)
        {
            at = item_end(tokens, at + MARK.len());
        } else {
            out.push(tokens[at].clone());
            at += 1;
        }
    }
    out
}

/// One past the item at `at`: past its `;`, or past the brace that closes its body.
fn item_end(tokens: &[Token], at: usize) -> usize {
    let mut depth = 0;
    for (index, token) in tokens.iter().enumerate().skip(at) {
        match token.text.as_str() {
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" => depth -= 1,
            _ => {}
        }
        if depth == 0 && matches!(token.text.as_str(), ";" | "}") {
            return index + 1;
        }
    }
    tokens.len()
}

/// The paths that the tree at `at` spells out, as in `a::{b, c::d}`: `a::b`, `a::c::d`. A star is a part too.
pub(crate) fn paths(tokens: &[Token], at: usize) -> Vec<Vec<String>> {
    tree(tokens, at).0
}

fn tree(tokens: &[Token], mut at: usize) -> (Vec<Vec<String>>, usize) {
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
    let mut stem = Vec::new();
    loop {
        match text(at) {
            "{" => {
                let (mut all, end) = group(tokens, at + 1);
                all.iter_mut().for_each(|path| {
                    path.splice(0..0, stem.iter().cloned());
                });
                return (all, end);
            }
            part => stem.push(part.to_owned()),
        }
        if text(at + 1) != "::" {
            return (vec![stem], at + 1);
        }
        at += 2;
    }
}

fn group(tokens: &[Token], mut at: usize) -> (Vec<Vec<String>>, usize) {
    let mut all = Vec::new();
    while at < tokens.len() {
        match tokens[at].text.as_str() {
            "}" => return (all, at + 1),
            "," => at += 1,
            // The new name of what was imported.
            "as" => at += 2,
            _ => {
                let (paths, end) = tree(tokens, at);
                all.extend(paths);
                at = end;
            }
        }
    }
    (all, at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(source: &str) -> String {
        tokens(source)
            .iter()
            .map(|token| token.text.as_str())
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn comments_and_text_are_no_words() {
        assert_eq!(words("a // b\n/* c /* d */ e */ f"), "a f");
        assert_eq!(
            words(r#"x("crate::store \" y", 'q', '\'', b'"', 'label)"#),
            r#"x ( "" , "" , "" , "" , )"#
        );
        assert_eq!(
            words("r#\"a \" b\"# r#type c\"d\" br##\"\"#\"## z"),
            "\"\" type \"\" \"\" z"
        );
        assert_eq!(words("fn f<'a>(x: &'a str) -> 'b"), "fn f < > ( x : & str ) - >");
    }

    #[test]
    fn lines_are_counted_through_text_and_comments() {
        let all = tokens("a \"\n\n\" b /*\n*/ c");
        assert_eq!(
            all.iter().map(|token| token.line).collect::<Vec<_>>(),
            [1, 1, 3, 4]
        );
    }

    #[test]
    fn test_code_is_left_out() {
        let source =
            "a; #[cfg(test)] mod tests { fn x() { [1]; } } b; #[cfg(test)] use c; #[cfg(not(test))] d;";
        let kept: Vec<_> = without_tests(&tokens(source))
            .into_iter()
            .map(|token| token.text)
            .collect();
        assert_eq!(kept.join(" "), "a ; b ; # [ cfg ( not ( test ) ) ] d ;");
    }

    #[test]
    fn a_use_tree_is_all_its_paths() {
        let all = paths(&tokens("crate::{a::B, c::{self, d as e}, f::*};"), 0);
        let all: Vec<_> = all.iter().map(|path| path.join("::")).collect();
        assert_eq!(
            all,
            ["crate::a::B", "crate::c::self", "crate::c::d", "crate::f::*"]
        );
    }
}
