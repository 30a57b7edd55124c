//! How rows are split as a recipe says, and what they are weighed with.

use super::*;

/// Machines with several rows each, later ones failing more.
fn machines(rows: usize) -> String {
    let mut csv = "machine,hour,heat,weight,fails\n".to_owned();
    for row in 0..rows {
        let heat = row * 7 % 101;
        let fails = if heat > 60 { "yes" } else { "no" };
        let _ = writeln!(csv, "m{},{row},{heat},{},{fails}", row % 23, row % 3 + 1);
    }
    csv
}

impl Plant {
    /// Trains on machines, with these lines below `[validation]` and these below `[data]`.
    async fn train_machines(&self, validation: &str, data: &str) -> Job {
        self.train_recipe(&Self::recipe(validation, data)).await
    }

    fn recipe(validation: &str, data: &str) -> String {
        format!(
            "name = \"plant\"\n[data]\ndataset = \"plant\"\ntarget = \"fails\"\n{data}\n[validation]\nfolds = 3\n\
             {validation}\n[algorithm.boost]\nn_estimators = 10\nearly_stopping_rounds = 3\n"
        )
    }

    /// What the latest version takes in, and its card.
    async fn inputs(&self) -> (Vec<String>, String) {
        let registry = &self.trainer.registry;
        let version = registry.version(&name(), VersionRef::Latest).await.unwrap();
        let content = registry.content(&version).await.unwrap();
        let inputs = content.fitted.rows().unwrap().features.inputs().iter();
        (inputs.map(|input| input.name.clone()).collect(), content.card)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_rows_are_split_by_and_weighed_with_is_no_feature() {
    let plant = Plant::new(1).await;
    plant.add(machines(460)).await;
    for (validation, data, inputs) in [
        ("group = \"machine\"", "", vec!["hour", "heat", "weight"]),
        ("group = \"machine\"", "weight = \"weight\"", vec!["hour", "heat"]),
        ("time = \"hour\"", "", vec!["machine", "hour", "heat", "weight"]),
    ] {
        let job = plant.train_machines(validation, data).await;
        assert_eq!(job.state, State::Done, "{validation}: {:?}", job.error);
        let (taken, card) = plant.inputs().await;
        assert_eq!(taken, inputs, "{validation} {data}");
        for named in [validation, data]
            .iter()
            .filter_map(|line| line.split('"').nth(1))
        {
            assert!(card.contains(&format!("`{named}`")), "{named} in {card}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn weights_change_what_is_learnt() {
    let plant = Plant::new(1).await;
    plant.add(machines(460)).await;
    let mut weights = Vec::new();
    for data in ["", "weight = \"weight\""] {
        let drop = "[features]\ndrop = [\"weight\"]\n";
        let drop = if data.is_empty() { drop } else { "" };
        let recipe = format!(
            "name = \"plant\"\n{drop}[data]\ndataset = \"plant\"\ntarget = \"fails\"\n{data}\n[validation]\nfolds = 0\n"
        );
        let job = plant.train_recipe(&recipe).await;
        assert_eq!(job.state, State::Done, "{:?}", job.error);
        let registry = &plant.trainer.registry;
        let version = registry.version(&name(), VersionRef::Latest).await.unwrap();
        weights.push(registry.as_xgboost(&version).await.unwrap());
    }
    assert!(weights[0] != weights[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_column_that_rows_cannot_be_split_by_is_told_where_the_recipe_names_it() {
    let plant = Plant::new(1).await;
    let mut csv = machines(100);
    csv.push_str(",,5,-1,no\n");
    plant.add(csv).await;
    for (validation, data, place, words) in [
        (
            "group = \"machine\"",
            "",
            "8:1",
            "\"machine\" is missing in row 101",
        ),
        ("time = \"hour\"", "", "8:1", "\"hour\" is missing in row 101"),
        ("", "weight = \"weight\"", "5:1", "\"weight\" is -1 in row 101"),
    ] {
        let validation = if validation.is_empty() {
            "seed = 1"
        } else {
            validation
        };
        let job = plant.train_machines(validation, data).await;
        let told = job.error.unwrap_or_default();
        assert!(job.bad_input, "{validation} {data}: {told}");
        assert!(
            told.starts_with(&format!("recipe.toml:{place}: ")) && told.contains(words),
            "{validation} {data}: {told}"
        );
    }
    for (validation, data, place, words) in [
        ("group = \"motor\"", "", "8:1", "no column called \"motor\""),
        ("group = \"fails\"", "", "8:1", "is the target"),
        ("time = \"machine\"", "", "8:1", "of type category"),
        ("", "weight = \"machine\"", "5:1", "of type category"),
    ] {
        let validation = if validation.is_empty() {
            "seed = 1"
        } else {
            validation
        };
        let recipe = Plant::recipe(validation, data);
        let asked = plant.jobs.train("recipe.toml", &recipe, None, "a tester").await;
        let told = asked.unwrap_err().to_string();
        assert!(
            told.starts_with(&format!("recipe.toml:{place}: ")) && told.contains(words),
            "{validation} {data}: {told}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fold_of_time_without_a_class_is_refused_before_a_run_begins() {
    let plant = Plant::new(1).await;
    // Nothing fails in the first third of the time.
    let mut csv = "hour,heat,fails\n".to_owned();
    for row in 0..300 {
        let fails = if row > 120 && row % 4 == 0 { "yes" } else { "no" };
        let _ = writeln!(csv, "{row},{},{fails}", row * 7 % 101);
    }
    plant.add(csv).await;
    let job = plant.train_machines("time = \"hour\"", "").await;
    let told = job.error.unwrap_or_default();
    assert!(
        told.contains("no row that fold 1 of 3 learns from has \"yes\"")
            && told.contains("in the order of \"hour\""),
        "{told}"
    );
    assert_eq!(job.run_id, None);
}
