//! The first page in a real browser, on a real server.
//!
//! The steps are in `tests/browser/first_page.mjs`; `tests/run` installs the browser and what drives it.

use std::process::Command;

use crate::support::Folder;

/// Whether there is a browser. None: the test says so and ends, but in CI it fails.
#[expect(clippy::print_stderr, reason = "what is left out is told")]
fn has_browser() -> bool {
    let has_browser = std::env::var_os("USINA_PLAYWRIGHT").is_some();
    if !has_browser {
        let is_ci = std::env::var_os("CI").is_some_and(|ci| ci == "true");
        assert!(!is_ci, "USINA_PLAYWRIGHT names no folder with playwright-core");
        eprintln!("left out: USINA_PLAYWRIGHT names no folder with playwright-core");
    }
    has_browser
}

#[test]
fn the_first_page_shows_predicts_and_tells_without_an_error_in_its_console() {
    if !has_browser() {
        return;
    }
    let folder = Folder::new();
    folder.run(&["train", "customer-churn"]).done();
    folder.run(&["train", "fraud-detection"]).done();
    let server = folder.serve();
    let steps = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/browser/first_page.mjs");
    let output = Command::new("node")
        .arg(steps)
        .arg(format!("http://{}", server.address))
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{}\n{told}",
        String::from_utf8_lossy(&output.stdout)
    );
    server.stop().done();
}
