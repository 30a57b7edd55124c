//! Which layer may know which: the table in `ARCHITECTURE.md`.

use super::rust::{Token, paths, tokens};

/// A layer, and what it may import beside itself. `cli` wires everything together.
const LAYERS: [(&str, &[&str]); 9] = [
    ("base", &[]),
    ("data", &["base"]),
    ("engine", &["base", "data"]),
    ("store", &["base"]),
    ("outside", &["base"]),
    ("platform", &["base", "data", "engine", "store", "outside"]),
    ("api", &["base", "data", "platform"]),
    ("runtime", &["base"]),
    (
        "cli",
        &[
            "base", "data", "engine", "store", "outside", "platform", "api", "runtime",
        ],
    ),
];

/// The module path of a file: `src/store/tables.rs` is `store::tables`.
fn module_of(path: &str) -> Vec<String> {
    let path = path.trim_start_matches("src/").trim_end_matches(".rs");
    path.split('/').map(str::to_owned).collect()
}

/// Imports that a layer may not have, and what is in no layer.
pub(crate) fn faults(path: &str, source: &str) -> Vec<String> {
    let file = module_of(path);
    // They declare the layers, and start the last of them.
    if matches!(path, "src/lib.rs" | "src/main.rs") {
        return Vec::new();
    }
    let layer = file[0].as_str();
    let Some((_, may)) = LAYERS.iter().find(|(name, _)| *name == layer) else {
        return vec![format!("{path}: {layer} is no layer; ARCHITECTURE.md names them")];
    };
    imports(&file, &tokens(source))
        .into_iter()
        .filter(|(import, _)| import != layer && !may.contains(&import.as_str()))
        .map(
            |(import, line)| match LAYERS.iter().any(|(name, _)| *name == import) {
                true => format!("{path}:{line}: {layer} may not know {import}"),
                false => {
                    format!("{path}:{line}: crate::{import} is in no layer; name what is meant by its layer")
                }
            },
        )
        .collect()
}

/// The top modules that `file` names by `crate::` or by climbing with `super::`, each with its line.
fn imports(file: &[String], tokens: &[Token]) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    // Modules written inside of the file, each with the depth of braces around it.
    let mut inner: Vec<(String, usize)> = Vec::new();
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate() {
        let text = |offset: usize| tokens.get(at + offset).map_or("", |token| token.text.as_str());
        match token.text.as_str() {
            "mod" if text(2) == "{" => inner.push((text(1).to_owned(), depth)),
            "{" => depth += 1,
            "}" => {
                depth = depth.saturating_sub(1);
                inner.pop_if(|(_, around)| *around == depth);
            }
            "crate" | "super" | "self" if text(1) == "::" && (at == 0 || tokens[at - 1].text != "::") => {
                let here: Vec<_> = file
                    .iter()
                    .chain(inner.iter().map(|(name, _)| name))
                    .cloned()
                    .collect();
                let tops = paths(tokens, at).into_iter().filter_map(|path| top(&here, &path));
                found.extend(tops.map(|top| (top, token.line)));
            }
            _ => {}
        }
    }
    found
}

/// The top module that `path` names in the module `here`; none when it stays inside.
fn top(here: &[String], path: &[String]) -> Option<String> {
    let mut place = here.to_vec();
    for part in path {
        match part.as_str() {
            "crate" => place.clear(),
            "super" => {
                place.pop();
            }
            "self" => {}
            _ if place.is_empty() => return Some(part.clone()),
            _ => return None,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::faults;

    #[test]
    fn an_import_against_the_layers_is_found_however_it_is_written() {
        let engine = [
            "use crate::store::Store;",
            "use crate::{base::Name, store};",
            "use crate::{data::{Table, Schema}, store::{Store}};",
            "fn f() { crate::store::open() }",
            "pub use crate::store as s;",
            "use super::super::store::Store;",
            "use super::super::{data, store};",
            "mod inner { use super::super::super::store::Store; }",
            "mod done { fn f() {} } use super::super::store;",
            "#[cfg(test)] mod tests { use crate::store::Store; }",
            "macro_rules! m { () => { $crate::store::open() } }",
            "use crate::*;",
            "use crate::Shortcut;",
        ];
        for source in engine {
            let found = faults("src/engine/boost.rs", source);
            assert_eq!(found.len(), 1, "{source}: {found:?}");
            assert!(found[0].starts_with("src/engine/boost.rs:1: "), "{found:?}");
        }
    }

    #[test]
    fn each_layer_is_held_to_its_own_list() {
        let wrong = [
            ("src/base/id.rs", "use crate::data::X;"),
            ("src/data.rs", "use crate::engine::X;"),
            ("src/data.rs", "use super::store::X;"),
            ("src/store/row.rs", "use crate::data::X;"),
            ("src/outside/http.rs", "use crate::store::X;"),
            ("src/platform/jobs.rs", "use crate::api::X;"),
            ("src/api/v1/models.rs", "use crate::store::X;"),
            ("src/api/v1/models.rs", "use crate::engine::X;"),
            ("src/runtime/config.rs", "use crate::platform::X;"),
            ("src/helpers.rs", ""),
        ];
        for (path, source) in wrong {
            assert_eq!(faults(path, source).len(), 1, "{path}: {source}");
        }
    }

    #[test]
    fn what_a_layer_may_know_is_no_fault() {
        let right = [
            (
                "src/engine/boost/fit.rs",
                "use crate::base::Seed; use super::super::matrix::Matrix; pub(crate) fn f() {}",
            ),
            (
                "src/engine/boost.rs",
                "use super::metric::auc; mod tests { use super::*; use super::super::metric; }",
            ),
            (
                "src/engine.rs",
                "// crate::store is not known here\nconst X: &str = \"crate::store::Y\"; pub(super) fn f() {}",
            ),
            (
                "src/platform/jobs.rs",
                "use crate::{base::JobId, engine, store::Store}; use self::inner::X;",
            ),
            ("src/cli/up.rs", "use crate::{api, platform, runtime, store};"),
            ("src/lib.rs", "pub mod base; pub use crate::base::Name;"),
        ];
        for (path, source) in right {
            assert_eq!(faults(path, source), Vec::<String>::new(), "{path}: {source}");
        }
    }
}
