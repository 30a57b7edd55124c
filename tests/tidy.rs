//! The house rules that the compiler does not know: layers, rooms, file sizes, guarded routes, vendored files.
//!
//! A rule is a function from a path and its text to the faults it finds. Each is tried on small wrong
//! samples beside its definition, and here on the whole tree.

#![expect(
    clippy::unwrap_used,
    reason = "a file that cannot be read fails the test, as it should"
)]

mod files;
mod layers;
mod rooms;
mod routes;
mod rust;
mod vendor;

use std::path::{Path, PathBuf};

/// The top of the checkout.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Paths under `folder` (relative to the top, `/` between parts), sorted; a folder that is not there holds none.
fn walk(folder: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::from(folder)];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(root().join(&folder)) else {
            continue;
        };
        for entry in entries {
            let entry = entry.unwrap();
            let path = folder.join(entry.file_name());
            if entry.file_type().unwrap().is_dir() {
                folders.push(path);
            } else {
                found.push(path.to_str().unwrap().replace('\\', "/"));
            }
        }
    }
    found.sort();
    found
}

/// Every fault that `rule` finds in the files under `folders` whose names end with one of `endings`.
fn faults(folders: &[&str], endings: &[&str], rule: impl Fn(&str, &str) -> Vec<String>) -> Vec<String> {
    let paths: Vec<_> = folders
        .iter()
        .flat_map(|folder| walk(folder))
        .filter(|path| endings.iter().any(|ending| path.ends_with(ending)))
        .collect();
    assert!(
        !paths.is_empty(),
        "no {endings:?} under {folders:?}: the rule would hold of nothing"
    );
    let check = |path: &String| rule(path, &std::fs::read_to_string(root().join(path)).unwrap());
    paths.iter().flat_map(check).collect()
}

fn assert_none(faults: &[String]) {
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn a_layer_imports_only_what_it_may() {
    assert_none(&faults(&["src"], &[".rs"], layers::faults));
}

#[test]
fn a_library_is_used_in_its_own_room_only() {
    assert_none(&faults(&["src"], &[".rs"], rooms::faults));
}

#[test]
fn only_the_command_line_prints() {
    assert_none(&faults(&["src"], &[".rs"], rooms::printing));
}

#[test]
fn every_route_names_the_permission_that_it_needs() {
    assert_none(&faults(&["src"], &[".rs"], routes::faults));
}

#[test]
fn a_file_holds_one_idea() {
    assert_none(&faults(
        &["src", "assets"],
        &[".rs", ".js", ".css", ".html"],
        files::too_long,
    ));
}

#[test]
fn a_module_stands_beside_its_folder() {
    assert_none(&faults(
        &["src", "tests", "benches"],
        &[".rs"],
        files::module_in_folder,
    ));
}

#[test]
fn nothing_is_left_for_later() {
    let folders = [
        ".cargo", ".ci", ".config", ".github", "assets", "benches", "cross", "k8s", "src", "systemd", "tests",
    ];
    assert_none(&faults(&folders, &[""], files::left_for_later));
}

#[test]
fn vendored_files_are_what_they_are_said_to_be() {
    let list = std::fs::read_to_string(root().join("assets/vendor/VENDOR.toml")).unwrap();
    let present = walk("assets/vendor")
        .into_iter()
        .map(|path| path.trim_start_matches("assets/vendor/").to_owned())
        .filter(|name| name != "VENDOR.toml")
        .map(|name| {
            let bytes = std::fs::read(root().join("assets/vendor").join(&name)).unwrap();
            (name, bytes)
        })
        .collect();
    assert_none(&vendor::faults(&list, &present));
}
