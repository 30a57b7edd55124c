//! Which library is used where, so that one file changes when a library does; and who may print.

use super::rust::{Token, tokens, without_tests};

/// A library, or a part of the standard one, and the only places that may name it.
const ROOMS: [(&str, &[&str]); 16] = [
    ("axum", &["api", "runtime", "cli"]),
    ("utoipa", &["api"]),
    ("utoipa_axum", &["api"]),
    ("hessboost", &["engine/boost"]),
    ("burn", &["engine/device", "engine/net"]),
    ("pulp", &["engine/factor"]),
    ("safetensors", &["engine/factor", "engine/net"]),
    ("redb", &["store"]),
    ("chacha20poly1305", &["store"]),
    ("aead_stream", &["store"]),
    ("ed25519_dalek", &["store"]),
    ("reqwest", &["outside"]),
    ("csv_core", &["data/source", "cli/predict"]),
    ("flate2", &["data/source"]),
    ("arrow_array", &["data/source"]),
    ("arrow_schema", &["data/source"]),
];

/// What the engine, which is pure, may not name: it takes bytes, seeds and a `Stop`, and gives values.
const IMPURE: [&str; 6] = [
    "tokio",
    "std::fs",
    "std::net",
    "std::env",
    "std::time::Instant",
    "std::time::SystemTime",
];

/// Whether a file is the room or in it: `store` is `src/store.rs` and all of `src/store/`.
fn is_in(path: &str, room: &str) -> bool {
    let rest = path.trim_start_matches("src/").strip_prefix(room);
    rest.is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
}

/// The lines on which a path that starts with `name` (`std::fs`) stands.
fn mentions(tokens: &[Token], name: &str) -> Vec<usize> {
    let parts: Vec<&str> = name.split("::").flat_map(|part| ["::", part]).skip(1).collect();
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
    (0..tokens.len())
        .filter(|at| {
            parts
                .iter()
                .enumerate()
                .all(|(offset, part)| text(at + offset) == *part)
        })
        .filter(|at| {
            // A field or a method, or the inside of another path, is something else of the same name.
            let inside = at.checked_sub(1).is_some_and(|before| {
                let rooted = text(before) == "::" && (before == 0 || !is_name(text(before - 1)));
                text(before) == "." || (text(before) == "::" && !rooted)
            });
            let after = text(at + parts.len());
            !inside && (after == "::" || parts.len() > 1 || is_import(tokens, *at))
        })
        .map(|at| tokens[at].line)
        .collect()
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && !matches!(text, "use" | "in" | "as" | "return")
}

/// Whether the word at `at` is the whole of a `use x;`, `use x as y;` or `extern crate x;`.
fn is_import(tokens: &[Token], at: usize) -> bool {
    at.checked_sub(1)
        .is_some_and(|before| matches!(tokens[before].text.as_str(), "use" | "crate"))
}

/// Libraries outside of their rooms, and impurities in the engine.
pub(crate) fn faults(path: &str, source: &str) -> Vec<String> {
    let tokens = tokens(source);
    let strange = ROOMS
        .iter()
        .filter(|(_, rooms)| !rooms.iter().any(|room| is_in(path, room)))
        .flat_map(|(library, rooms)| {
            let places = rooms.join(", ");
            mentions(&tokens, library)
                .into_iter()
                .map(move |line| format!("{path}:{line}: {library} is used in {places} only"))
        });
    let pure = is_in(path, "engine");
    let impure = IMPURE.iter().filter(|_| pure).flat_map(|name| {
        let own = without_tests(&tokens);
        mentions(&own, name)
            .into_iter()
            .map(move |line| format!("{path}:{line}: the engine is pure: no {name}"))
    });
    strange.chain(impure).collect()
}

/// Printing outside of the command line: everything else logs, or returns what is to be shown.
pub(crate) fn printing(path: &str, source: &str) -> Vec<String> {
    const PRINTS: [&str; 5] = ["println", "eprintln", "print", "eprint", "dbg"];
    if is_in(path, "cli") || path == "src/main.rs" || path.ends_with("/tests.rs") {
        return Vec::new();
    }
    let own = without_tests(&tokens(source));
    own.windows(2)
        .filter(|pair| PRINTS.contains(&pair[0].text.as_str()) && pair[1].text == "!")
        .map(|pair| {
            format!(
                "{path}:{}: {}! belongs to cli; log it, or return it",
                pair[0].line, pair[0].text
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{faults, printing};

    #[test]
    fn a_library_outside_of_its_room_is_found() {
        let wrong = [
            ("src/platform/jobs.rs", "use redb::Database;"),
            ("src/platform/jobs.rs", "use axum;"),
            ("src/platform/jobs.rs", "use {hessboost::Booster};"),
            ("src/engine/linear.rs", "fn f() { hessboost::train() }"),
            ("src/engine/booster.rs", "use hessboost::Booster;"),
            ("src/api/error.rs", "use ::reqwest::Client;"),
            ("src/base/secret.rs", "use chacha20poly1305::KeyInit as _;"),
            ("src/api/v1.rs", "extern crate redb;"),
            ("src/engine/metric.rs", "use std::time::Instant;"),
            ("src/engine/metric.rs", "fn f() { std::fs::read(x); }"),
            ("src/engine.rs", "async fn f() { tokio::time::sleep(d).await }"),
        ];
        for (path, source) in wrong {
            assert_eq!(faults(path, source).len(), 1, "{path}: {source}");
        }
    }

    #[test]
    fn a_library_in_its_room_is_no_fault() {
        let right = [
            (
                "src/store/db.rs",
                "use redb::Database; use chacha20poly1305::Key;",
            ),
            ("src/store.rs", "use redb::Database;"),
            (
                "src/engine/boost/fit.rs",
                "use hessboost::Booster; use std::time::Duration;",
            ),
            ("src/engine/boost.rs", "use hessboost::Booster;"),
            (
                "src/engine/boost.rs",
                "#[cfg(test)] mod tests { use std::fs::read; }",
            ),
            ("src/api/router.rs", "use axum::Router;"),
            (
                "src/platform/jobs.rs",
                "// redb::Database\nlet redb = crate::store::redb::X; x.axum(); let axum = 1;",
            ),
        ];
        for (path, source) in right {
            assert_eq!(faults(path, source), Vec::<String>::new(), "{path}: {source}");
        }
    }

    #[test]
    fn printing_outside_of_the_command_line_is_found() {
        for source in [
            "fn f() { println!(\"x\"); }",
            "fn f() { std::eprint!(\"x\") }",
            "fn f() { dbg!(1); }",
        ] {
            assert_eq!(printing("src/platform/jobs.rs", source).len(), 1, "{source}");
            assert_eq!(printing("src/cli/up.rs", source).len(), 0, "{source}");
        }
        let quiet = "/// println!(\"x\")\nfn print() { let x = \"dbg!\"; } #[cfg(test)] mod tests { fn f() { dbg!(1); } }";
        assert_eq!(printing("src/platform/jobs.rs", quiet), Vec::<String>::new());
    }
}
