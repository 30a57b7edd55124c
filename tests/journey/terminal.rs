//! What somebody else wrote reaches no terminal as it is: it could hide, colour or replace what stands there.

use crate::support::{Folder, Recipe, customers};

/// Begins a line of its own, colours it red, and names the window.
const HOSTILE: &str = "a\nb\u{1b}[31mred\u{1b}]0;x\u{7}\u{9b}1m";

#[track_caller]
fn is_plain(text: &str) {
    let obeyed = |sign: char| sign.is_control() && sign != '\n';
    assert!(!text.contains(obeyed), "{text:?}");
}

#[test]
fn nothing_that_a_terminal_obeys_comes_from_what_users_wrote() {
    let folder = Folder::new();
    let table = customers(200).replace("gold", "\u{1b}[31mgold");
    folder.file("customers.csv", table.replacen("plan", "pl\u{1b}[1man", 1));
    let titled = "title = \"a\\u001b[31mtitle\"\ndescription = \"one\\n\\ttwo\\u001b[0m\"\n";
    let recipe = Recipe::quick("leavers", "customers.csv", "left").toml();
    folder.file("recipe.toml", format!("{titled}{recipe}"));
    folder.run(&["train", "recipe.toml"]).done();

    is_plain(
        &folder
            .run(&[
                "models", "promote", "leavers", "1", "--stage", "staging", "--reason", HOSTILE,
            ])
            .done(),
    );
    let history = folder.run(&["models", "history", "leavers"]).done();
    is_plain(&history);
    assert!(history.contains(r"a\nb\u{1b}[31mred"), "{history}");
    let shown = folder.run(&["data", "show", "leavers"]).done();
    is_plain(&shown);
    assert!(
        shown.contains(r"pl\u{1b}[1man") && shown.contains(r"\u{1b}[31mgold"),
        "{shown}"
    );
    is_plain(&folder.run(&["models", "show", "leavers"]).done());
    let card = folder.run(&["models", "card", "leavers"]).done();
    is_plain(&card.replace('\t', ""));
    assert!(card.contains("one\n\ttwo\\u{1b}[0m"), "{card}");

    for wrong in [
        &["data", "add", "x", "customers.csv", "--target", HOSTILE][..],
        &["models", "show", HOSTILE],
        &["train", HOSTILE],
        &[HOSTILE],
    ] {
        let told = folder.run(wrong).refused(2);
        is_plain(&told);
    }
    // A script is told the very text.
    let history = folder.json(&["models", "history", "leavers"]);
    assert_eq!(history["history"][0]["reason"], HOSTILE);
}

#[test]
fn a_reader_that_goes_is_no_failure_and_a_full_disk_is_told_once() {
    let folder = Folder::new();
    let generate = "usina data generate card-fraud --rows 100000";
    let ran = folder.paste(&format!("{{ {generate}; echo \"code $?\" >&2; }} | head -n 1"));
    assert!(
        ran.out.ends_with("fraud\n") && ran.out.lines().count() == 1,
        "{ran:?}"
    );
    assert_eq!(ran.err, "code 0\n");

    let ran = folder.paste(&format!("{generate} > /dev/full"));
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert_eq!(ran.err.matches("No space left").count(), 1, "{ran:?}");
}

#[test]
fn lists_say_the_same_in_the_same_words() {
    let folder = Folder::new();
    folder.file("customers.csv", customers(200));
    for model in ["leavers", "others"] {
        folder.file(
            "recipe.toml",
            Recipe::quick(model, "customers.csv", "left").toml(),
        );
        folder.run(&["train", "recipe.toml"]).done();
    }
    let words = |arguments: &[&str], row: &str| {
        let shown = folder.run(arguments).done();
        let line = shown.lines().find(|line| line.starts_with(row)).unwrap();
        line.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    assert!(words(&["data", "list"], "leavers").contains(&"real".to_owned()));
    let models = ["models", "list"];
    assert!(words(&models, "leavers").contains(&"real".to_owned()));
    assert_eq!(words(&models, "MODEL").last().unwrap(), "DEFAULT");
    assert_eq!(words(&models, "leavers").last().unwrap(), "yes");
    assert_ne!(words(&models, "others").last().unwrap(), "yes");
    let moved = folder.run(&["models", "promote", "others", "1", "--stage", "none"]);
    assert_eq!(moved.done(), "others v1.0.0 is in no stage\n");
}
