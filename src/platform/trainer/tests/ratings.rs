//! A recipe that recommends goes the way of every other: run, gates, version, recommendations, card.

use super::*;
use crate::platform::predictor::Wanted;

/// Readers of two tastes, each with books of their own; a few books are read by all.
fn ratings() -> String {
    let mut rows = "who,what,stars,at\n".to_owned();
    for user in 0..120_u64 {
        let taste = user % 2;
        let mut drawn: u64 = user * 2_654_435_761 + 12_345;
        let mut draw = || {
            drawn = drawn
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            drawn >> 40
        };
        for step in 0..14 {
            let book = if step % 5 == 4 {
                40 + draw() % 3
            } else {
                taste * 20 + draw() % 20
            };
            let _ = writeln!(
                rows,
                "reader-{user},{book},{},{}",
                3 + (user + step) % 3,
                user * 100 + step
            );
        }
    }
    rows
}

fn recipe(algorithm: &str) -> String {
    format!(
        "name = \"plant\"\n[data]\ndataset = \"plant\"\ntarget = \"stars\"\n[recommend]\nuser = \"who\"\nitem = \"what\"\n\
         time = \"at\"\ntop_k = 5\n[gates]\nbeats = \"baseline\"\n{algorithm}"
    )
}

fn wanted(user: &str) -> Wanted {
    Wanted {
        user: Some(user.to_owned()),
        ..Wanted::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ratings_are_factorised_and_items_recommended() {
    for algorithm in [
        "[algorithm.nmf]\nn_components = 6",
        "[algorithm.als]\nfactors = 6\nalpha = 10",
    ] {
        let plant = Plant::new(2).await;
        plant.add(ratings()).await;
        let job = plant.train_recipe(&recipe(algorithm)).await;
        assert_eq!(job.state, State::Done, "{algorithm}: {:?}", job.error);
        let registry = &plant.trainer.registry;
        let version = registry.version(&name(), VersionRef::Latest).await.unwrap();
        assert_eq!(version.task.as_deref(), Some("recommendation"));
        assert!(version.headline().unwrap().beats_baseline(), "{algorithm}");
        let content = registry.content(&version).await.unwrap();
        let ranking = content.measured.as_ref().unwrap().ranking.as_ref().unwrap();
        assert_eq!((ranking.k, ranking.all_users, ranking.all_items), (5, 120, 43));
        for told in [
            "what most users have had",
            "the latest by `at`",
            "ids of all users",
        ] {
            assert!(content.card.contains(told), "{told}: {}", content.card);
        }
        let servable = plant.predictor.in_production(Some("plant")).unwrap();
        let told = servable.recommend(&wanted("reader-4")).unwrap();
        assert_eq!((told.by, told.items.len()), ("factors", 5));
        let had: Vec<String> = ratings()
            .lines()
            .filter_map(|row| Some(row.strip_prefix("reader-4,")?.split(',').next()?.to_owned()))
            .collect();
        assert!(
            told.items.iter().all(|item| !had.contains(item)),
            "{told:?} {had:?}"
        );
        assert!(
            told.items
                .iter()
                .all(|item| !(20..40).contains(&item.parse::<u32>().unwrap())),
            "its own taste: {told:?}"
        );
        let kept = servable
            .recommend(&Wanted {
                keep_seen: true,
                ..wanted("reader-4")
            })
            .unwrap();
        assert!(kept.items.iter().any(|item| had.contains(item)));
        let new = servable
            .recommend(&Wanted {
                items: Some(vec![("21".to_owned(), None), ("24".to_owned(), Some(5.0))]),
                top_k: Some(3),
                ..Wanted::default()
            })
            .unwrap();
        assert_eq!((new.by, new.items.len()), ("items", 3));
        assert!(
            new.items.iter().all(|item| item.parse::<u32>().unwrap() >= 20),
            "{new:?}"
        );
        let alike = servable
            .recommend(&Wanted {
                similar_to: Some("3".to_owned()),
                ..Wanted::default()
            })
            .unwrap();
        assert_eq!(alike.by, "similarity");
        assert!(
            !(20..40).contains(&alike.items[0].parse::<u32>().unwrap()),
            "{alike:?}"
        );
        let stranger = servable.recommend(&wanted("nobody")).unwrap();
        assert_eq!(stranger.by, "popularity");
        assert!(
            stranger.items[0].parse::<u32>().unwrap() >= 40,
            "read by all: {stranger:?}"
        );
        for (wanted, told) in [
            (
                Wanted {
                    similar_to: Some("99".to_owned()),
                    ..Wanted::default()
                },
                "item 99 is not known",
            ),
            (
                Wanted {
                    top_k: Some(0),
                    ..wanted("reader-4")
                },
                "at least 1",
            ),
            (
                Wanted {
                    similar_to: Some("1".to_owned()),
                    ..wanted("reader-4")
                },
                "send one of them",
            ),
        ] {
            let refused = servable.recommend(&wanted).unwrap_err().to_string();
            assert!(refused.contains(told), "{refused}");
        }
        assert!(
            servable
                .rows()
                .unwrap_err()
                .to_string()
                .contains("recommends items")
        );
        // The same recipe on the same ratings is held against the version in production.
        let again = recipe(algorithm).replace("\"baseline\"", "\"production\"");
        let job = plant.train_recipe(&again).await;
        let error = job.error.unwrap_or_default();
        assert!(
            error.contains("not surely better than v1.0.0") || error.contains("worse than v1.0.0"),
            "{error}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_gives_no_recommender_is_refused_with_the_remedy() {
    for (rows, algorithm, told) in [
        (
            "a,1,5,1\na,2,4,2\na,3,4,3\n",
            "[algorithm.nmf]",
            "at least 2 users",
        ),
        (
            "a,1,5,1\nb,1,4,2\na,1,4,3\nb,1,2,4\n",
            "[algorithm.nmf]",
            "2 items",
        ),
        (
            "a,1,5,1\na,2,-1,2\na,3,1,3\nb,1,3,3\nb,2,3,4\n",
            "[algorithm.nmf]",
            "user a gave item 2 the value -1",
        ),
        (
            "a,1,5,1\na,2,0,2\na,3,1,3\nb,1,3,3\nb,2,3,4\n",
            "[algorithm.als]",
            "user a gave item 2 the value 0",
        ),
        (
            "a,1,5,1\na,,4,2\nb,1,4,2\n",
            "[algorithm.als]",
            "row 2: what is missing",
        ),
        (
            "a,1,5,1\nb,2,4,2\nc,3,4,3\n",
            "[algorithm.als]",
            "no user has two rows",
        ),
    ] {
        let plant = Plant::new(1).await;
        plant.add(format!("who,what,stars,at\n{rows}")).await;
        let job = plant.train_recipe(&recipe(algorithm)).await;
        assert_eq!(job.state, State::Failed, "{told}");
        let error = job.error.unwrap();
        assert!(error.contains(told), "{told}: {error}");
    }
}
