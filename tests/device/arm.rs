//! The ARM executable, under qemu.

use std::ffi::OsStr;

use super::{answers, assert_alike, named, with_net};
use crate::support::{Folder, Recipe};

#[test]
fn the_arm_executable_learns_and_answers_what_the_other_does() {
    let Some(arm) = named("USINA_ARM", "ARM executable") else {
        return;
    };
    let here = with_net(Folder::new());
    let there = with_net(Folder::new().run_by(&[OsStr::new("qemu-aarch64-static"), arm.as_os_str()]));
    let trees = Recipe::quick("trees", "customers.csv", "left").toml();
    let [one, other] = [&here, &there].map(|folder| {
        folder.file(
            "trees.toml",
            format!("{trees}\n[registry]\npromote = \"always\"\n"),
        );
        let net = folder.json(&["train", "net.toml"]);
        let trees = folder.json(&["train", "trees.toml"]);
        (net, trees, answers(folder, "net"), answers(folder, "trees"))
    });
    assert_alike(&one.0, &other.0);
    for (one, other) in one.2.iter().zip(&other.2) {
        assert!((one - other).abs() < super::APART, "{one} and {other}");
    }
    // Trees compare and add in one order everywhere.
    assert_alike(&one.1, &other.1);
    for (one, other) in one.3.iter().zip(&other.3) {
        assert!((one - other).abs() < 1e-6, "{one} and {other}");
    }
}
