//! Aliases, tags, descriptions, and what the history tells of them.

use std::time::Duration;

use super::*;
use crate::store::tables::{model_history, models};

#[tokio::test]
async fn an_alias_moves_from_version_to_version_and_finds_it() {
    let registry = three_versions().await;
    let name = model();
    let set = |number| registry.set_alias(&name, version(number), alias("champion"), decision());
    assert_eq!(set(1).await.unwrap().aliases, ["champion"]);
    assert_eq!(set(3).await.unwrap().number, 3);
    // Where it points already: nothing happens.
    set(3).await.unwrap();
    let found = registry.version(&model(), "@champion".parse().unwrap()).await;
    assert_eq!(found.unwrap().number, 3);
    assert!(
        registry
            .version(&model(), version(1))
            .await
            .unwrap()
            .aliases
            .is_empty()
    );
    let history = registry.history(&model(), PageOf::first(2)).await.unwrap().items;
    let told = |change: &Change| (change.action.clone(), change.alias_before, change.alias_after);
    assert_eq!(told(&history[0]), ("alias".to_owned(), Some(1), Some(3)));
    assert_eq!(told(&history[1]), ("alias".to_owned(), None, Some(1)));

    registry
        .unset_alias(&model(), alias("champion"), decision())
        .await
        .unwrap();
    for missing in ["@champion", "@other"] {
        let error = registry
            .version(&model(), missing.parse().unwrap())
            .await
            .unwrap_err();
        assert!(error.to_string().contains(&missing[1..]), "{error}");
    }
    let again = registry
        .unset_alias(&model(), alias("champion"), decision())
        .await;
    assert!(matches!(again, Err(RegistryError::UnknownVersion { .. })));
}

#[tokio::test]
async fn a_model_has_so_many_aliases_and_no_more() {
    let registry = three_versions().await;
    for number in 0..100 {
        let alias = alias(&format!("a{number}"));
        registry
            .set_alias(&model(), version(1), alias, decision())
            .await
            .unwrap();
    }
    let refused = registry
        .set_alias(&model(), version(1), alias("b"), decision())
        .await;
    assert!(matches!(refused, Err(RegistryError::TooMany { limit: 100, .. })));
    registry
        .set_alias(&model(), version(2), alias("a7"), decision())
        .await
        .unwrap();
}

fn annotation(description: Option<&str>, tags: &[(&str, Option<&str>)]) -> Annotation {
    let tags = tags.iter();
    Annotation {
        description: description.map(str::to_owned),
        tags: tags
            .map(|(key, value)| ((*key).to_owned(), value.map(str::to_owned)))
            .collect(),
    }
}

#[tokio::test]
async fn descriptions_and_tags_are_noted_and_cleared() {
    let registry = three_versions().await;
    let noted = annotation(
        Some("Who **leaves**."),
        &[("team", Some("growth")), ("state", Some("new"))],
    );
    let shown = registry
        .annotate_model(&model(), noted.clone(), decision())
        .await
        .unwrap();
    assert_eq!(
        (shown.description.as_str(), shown.tags.len()),
        ("Who **leaves**.", 2)
    );
    // The same again: nothing happens.
    registry
        .annotate_model(&model(), noted, decision())
        .await
        .unwrap();
    // A training brings a description of its own; the one that somebody wrote stays.
    register(&registry, "i", "d", "r", Promote::First).await;
    assert_eq!(
        registry.model(&model()).await.unwrap().description,
        "Who **leaves**."
    );

    let cleared = annotation(Some(""), &[("state", None), ("never", None)]);
    let shown = registry
        .annotate_model(&model(), cleared, decision())
        .await
        .unwrap();
    assert_eq!(
        (shown.description.as_str(), shown.tags["team"].as_str()),
        ("", "growth")
    );
    let of_version = annotation(None, &[("data", Some("november"))]);
    let shown = registry
        .annotate_version(&model(), version(2), of_version, decision())
        .await;
    assert_eq!(shown.unwrap().tags["data"], "november");

    let history = registry.history(&model(), PageOf::first(4)).await.unwrap().items;
    let told: Vec<_> = history
        .iter()
        .map(|change| (change.version, change.changed.join(" ")))
        .collect();
    assert_eq!(
        told,
        [
            (Some(2), "tag.data".to_owned()),
            (None, "description tag.state".to_owned()),
            (Some(4), String::new()),
            (None, "description tag.state tag.team".to_owned()),
        ]
    );
}

#[tokio::test]
async fn what_is_too_long_or_too_much_is_not_noted() {
    let registry = three_versions().await;
    let long = "x".repeat(20_001);
    let many: Vec<String> = (0..101).map(|key| key.to_string()).collect();
    let many: Vec<_> = many.iter().map(|key| (key.as_str(), Some("1"))).collect();
    for bad in [
        annotation(Some(&long), &[]),
        annotation(None, &[("", Some("1"))]),
        annotation(None, &[("a\nb", Some("1"))]),
        annotation(None, &[(&long[..251], Some("1"))]),
        annotation(None, &[("a", Some(&long[..5_001]))]),
        annotation(None, &many),
    ] {
        assert!(registry.annotate_model(&model(), bad, decision()).await.is_err());
    }
    assert_eq!(
        registry
            .history(&model(), PageOf::first(9))
            .await
            .unwrap()
            .items
            .len(),
        4
    );
    assert!(registry.model(&model()).await.unwrap().tags.is_empty());
}

#[tokio::test]
async fn the_history_says_what_was_so_at_any_time() {
    let registry = three_versions().await;
    let moment = || {
        let now = registry.clock.now();
        tick(&registry.clock);
        now
    };
    let mut times = vec![moment()];
    registry
        .promote(&model(), version(2), Stage::Production, decision())
        .await
        .unwrap();
    registry
        .set_alias(&model(), version(1), alias("old"), decision())
        .await
        .unwrap();
    times.push(moment());
    registry
        .set_alias(&model(), version(3), alias("old"), decision())
        .await
        .unwrap();
    registry.rollback(&model(), decision()).await.unwrap();
    times.push(moment());
    registry
        .unset_alias(&model(), alias("old"), decision())
        .await
        .unwrap();
    registry
        .promote(&model(), version(1), Stage::Archived, decision())
        .await
        .unwrap();
    registry.delete_model(&model(), decision()).await.unwrap();
    times.push(moment());
    let mut told = Vec::new();
    for at in times {
        let then = registry.as_of(&model(), at).await.unwrap();
        let number = |version: &(u64, Option<String>)| version.0;
        let old = then.aliases.get("old").map(number);
        told.push((then.production.as_ref().map(number), old, then.deleted));
    }
    assert_eq!(
        told,
        [
            (Some(1), None, false),
            (Some(2), Some(1), false),
            (Some(1), Some(3), false),
            (None, None, true),
        ]
    );
    let before = registry.as_of(&model(), Time::from_millis(0)).await.unwrap();
    assert_eq!((before.entries, before.production), (0, None));
}

#[tokio::test]
async fn what_was_so_is_told_by_the_order_of_entries_also_when_a_clock_was_set_back() {
    let registry = three_versions().await;
    let first = registry.clock.now();
    let written = registry.store.write(move |tx| {
        let model = models::find(tx, "churn")?.unwrap();
        let (last, row) = model_history::page(tx, model.id, None, 1)?.pop().unwrap();
        for (further, (later, alias)) in (1..).zip([(10, "a"), (20, "b"), (15, "c"), (30, "d")]) {
            let mut row = row.clone();
            row.at = first + Duration::from_secs(later);
            (row.action, row.alias, row.alias_after) = ("alias".to_owned(), Some(alias.to_owned()), Some(1));
            model_history::add(tx, model.id, last + further, &row)?;
        }
        Ok::<_, StoreError>(last + 1)
    });
    let before = written.await.unwrap();
    let then = registry
        .as_of(&model(), first + Duration::from_secs(16))
        .await
        .unwrap();
    let aliases: Vec<&str> = then.aliases.keys().map(String::as_str).collect();
    assert_eq!((then.entries, aliases), (before + 3, vec!["a", "b", "c"]));
}
