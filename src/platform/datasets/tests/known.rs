//! What is known of a version: its profile, what it violates, what differs from another.

use std::borrow::Cow;

use super::*;
use crate::data::profile::Summary;
use crate::platform::recipes::WrittenRecipe;

const RECIPE: &str = "name = \"m\"\n[data]\nfile = \"t.csv\"\ntarget = \"y\"\n[validation]\nfolds = 0\n\
    [[expectations]]\ncolumn = \"x\"\nmin = 0\nmax = 20\n";

fn table(first: &str) -> String {
    (1..=20).fold(format!("x,y\n{first},a\n"), |csv, row| {
        csv + &format!("{row},{}\n", if row % 2 == 0 { "a" } else { "b" })
    })
}

fn name() -> Name {
    "d".parse().unwrap()
}

async fn latest(datasets: &Datasets) -> DatasetVersion {
    datasets.version(&name(), None).await.unwrap()
}

#[tokio::test]
async fn a_profile_that_was_kept_is_the_one_that_would_be_computed() {
    let datasets = datasets();
    add(&datasets, "d", &table("0")).await;
    let version = latest(&datasets).await;
    assert!(version.profile.is_some());
    let kept = datasets.profile(&version).await.unwrap();
    let older = DatasetVersion {
        profile: None,
        ..version
    };
    assert_eq!(datasets.profile(&older).await.unwrap(), kept);
    let Some(Summary::Numbers(numbers)) = &kept.columns[0].summary else {
        panic!()
    };
    assert_eq!((kept.rows, numbers.min, numbers.max), (21, 0.0, 20.0));
}

#[tokio::test]
async fn the_same_content_again_keeps_its_profile() {
    let datasets = datasets();
    add(&datasets, "d", &table("0")).await;
    let before = latest(&datasets).await;
    assert!(!add(&datasets, "d", &table("0")).await.is_new);
    let after = latest(&datasets).await;
    assert_eq!(after.profile, before.profile);
    assert_eq!(datasets.profile(&after).await.unwrap().rows, 21);
}

#[tokio::test]
async fn a_version_is_found_by_its_first_digits() {
    let datasets = datasets();
    for first in 0..40 {
        add(&datasets, "d", &table(&first.to_string())).await;
    }
    let id = latest(&datasets).await.id.to_string();
    let find = |digits: &str| {
        let (datasets, wanted) = (datasets.clone(), digits.parse().unwrap());
        async move { datasets.wanted(&name(), &wanted).await }
    };
    assert_eq!(find("latest").await.unwrap().id.to_string(), id);
    assert_eq!(find(&id).await.unwrap().id.to_string(), id);
    assert_eq!(find(&id[..12]).await.unwrap().id.to_string(), id);
    // Forty ids share sixteen first digits.
    let mut ambiguous = 0;
    for digit in "0123456789abcdef".chars() {
        if let Err(DatasetError::Version(VersionError::Ambiguous { .. })) = find(&digit.to_string()).await {
            ambiguous += 1;
        }
    }
    assert!(ambiguous > 0);
    let other = if id.starts_with("0000000000") { "1" } else { "0" }.repeat(64);
    assert!(matches!(
        find(&other).await,
        Err(DatasetError::Version(VersionError::Unknown { .. }))
    ));
}

#[tokio::test]
async fn stored_rows_are_checked_and_a_mistake_is_named() {
    let datasets = datasets();
    add(&datasets, "d", &table("-3")).await;
    let version = latest(&datasets).await;
    let recipe = WrittenRecipe::parse("r.toml", RECIPE).unwrap();
    let expectations = recipe.recipe().expectations.clone();
    let report = datasets.check(&version, expectations.clone()).await.unwrap();
    assert_eq!(
        (report.rows, report.violations.len(), report.is_success()),
        (21, 1, false)
    );
    let wrong = vec![Expectation {
        column: Some("z".to_owned()),
        ..expectations[0].clone()
    }];
    let error = datasets.check(&version, wrong).await.unwrap_err().to_string();
    assert!(
        error.starts_with("expectations[0].column: there is no column called \"z\""),
        "{error}"
    );
}

#[tokio::test]
async fn rows_that_violate_their_recipe_are_refused_with_their_lines_and_leave_nothing() {
    let datasets = datasets();
    let add = |csv: String| {
        let new = NewDataset {
            name: name(),
            source: Source::file("t.csv"),
            generated: false,
            purpose: Purpose::Train(Box::new(WrittenRecipe::parse("r.toml", RECIPE).unwrap())),
        };
        let datasets = datasets.clone();
        tokio::task::spawn_blocking(move || {
            datasets.add_stream(&new, &ReadOptions::default(), csv.as_bytes(), &Stop::new())
        })
    };
    let refused = add(table("-3") + "99,b\n").await.unwrap().unwrap_err();
    assert_eq!(
        refused.to_string(),
        "t.csv violates 2 expectations: column \"x\" should be at least 0, but 1 of 22 cells is not (4.5%): -3 (row 1, \
         line 2); column \"x\" should be at most 20, but 1 of 22 cells is not (4.5%): 99 (row 22, line 23)"
    );
    assert!(matches!(
        datasets.find(&name()).await,
        Err(DatasetError::Unknown(_))
    ));
    add(table("3")).await.unwrap().unwrap();
}

#[test]
fn a_file_is_checked_without_being_stored() {
    let recipe = WrittenRecipe::parse("r.toml", RECIPE).unwrap();
    let csv = table("-3");
    let check = |file: &str, text: &str| {
        let expectations = &recipe.recipe().expectations;
        let input: Cow<'static, [u8]> = Cow::Owned(text.as_bytes().to_vec());
        check_file(file, expectations, &ReadOptions::default(), Arc::new(input))
    };
    let report = check("t.csv", &csv).unwrap();
    let lines: Vec<_> = report.violations[0]
        .examples
        .iter()
        .map(|example| example.line)
        .collect();
    assert_eq!(lines, [Some(2)]);
    assert!(check("t.csv", &table("3")).unwrap().is_success());
    assert!(matches!(check("t.csv", "x,y\n1\n"), Err(DatasetError::Source(_))));
    // Whatever its format.
    let lines: String = (0..30)
        .map(|row| format!("{{\"x\": {}, \"y\": \"a\"}}\n", if row == 4 { -1 } else { 5 }))
        .collect();
    let report = check("t.jsonl", &lines).unwrap();
    let example = &report.violations[0].examples[0];
    assert_eq!((example.row, example.line), (5, Some(5)));
}

#[tokio::test]
async fn the_version_before_the_latest_is_what_a_diff_begins_with() {
    let datasets = datasets();
    let of = |from: Option<&str>, with: Option<&str>| DiffOf {
        name: name(),
        from: from.map(|from| from.parse().unwrap()),
        with: with.map(|with| with.parse().unwrap()),
        to: None,
    };
    add(&datasets, "d", &table("0")).await;
    let only = datasets.diff(of(None, None)).await;
    assert!(matches!(
        only,
        Err(DatasetError::Version(VersionError::OnlyOne(_)))
    ));
    let first = latest(&datasets).await.id;
    add(&datasets, "d", &(table("0") + "500,c\n")).await;
    let second = latest(&datasets).await.id;
    let diffed = datasets.diff(of(None, None)).await.unwrap();
    assert_eq!((diffed.from.id, diffed.to.id), (first, second));
    assert_eq!(diffed.diff.rows, (21, 22));
    let y = diffed
        .diff
        .columns
        .iter()
        .find(|column| column.name == "y")
        .unwrap();
    assert_eq!(y.levels_added, ["c"]);
    // An older one that came in again is the latest, and what it is compared with is the newer.
    add(&datasets, "d", &table("0")).await;
    let diffed = datasets.diff(of(None, None)).await.unwrap();
    assert_eq!((diffed.from.id, diffed.to.id), (second, first));
    add(&datasets, "e", "z\n1\n").await;
    let diffed = datasets.diff(of(None, Some("e"))).await.unwrap();
    assert_eq!((diffed.from.id, diffed.diff.added), (first, vec!["z".to_owned()]));
}
