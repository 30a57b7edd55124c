//! `usina recipes`: what is shipped.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use clap::Args;

use super::client::Client;
use super::error::Failure;
use super::{hint, output};
use crate::platform::recipes::shipped;
use crate::runtime::config::StoreConfig;

/// List the recipes that this executable carries, show one, or take one out to start your own from.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  usina recipes
  usina recipes customer-churn
  usina recipes customer-churn --to my-model
  usina train my-model/recipe.toml

What the rows have to be stands in tables called [[expectations]], one a column: column = \"age\", type = \"integer\", \
not_null = true or { max_missing = 0.01 }, min = 0, max = 120, in_set = [1, 2], pattern = \"^[A-Z]{2}$\", unique = true, \
monotone = \"increasing\", mostly = 0.99, severity = \"warn\"; and of all rows: rows = { min = 1000 }. Rows that are \
something else are refused before anything is fitted; `usina data check` looks without training.

What a version must be to be registered stands in [gates], and to go into production in [gates.promotion]: any metric, as in \
roc_auc = \">= 0.8\", beats = \"baseline\" or \"production\", latency = \"<= 1 ms\", size = \"<= 20 MB\".")]
pub struct RecipesArgs {
    /// Show this recipe's TOML.
    name: Option<String>,

    /// Write the recipe into this folder, with its data and their notice; what is there is not replaced.
    #[arg(long, value_name = "FOLDER", requires = "name", conflicts_with = "json")]
    to: Option<PathBuf>,

    #[command(flatten)]
    output: output::OutputArgs,
}

/// Lists, shows or takes out.
pub async fn run(store: StoreConfig, args: RecipesArgs) -> Result<(), Failure> {
    if let (Some(name), Some(folder)) = (&args.name, &args.to) {
        return take_out(&store, name, folder);
    }
    let client = Client::connect_without_data(&store).await?;
    let answer = client.get("/api/v1/recipes").await?.json()?;
    let recipes = output::list(&answer, "recipes");
    match &args.name {
        Some(name) => {
            let recipe = recipes.iter().find(|recipe| recipe["name"] == name.as_str());
            let recipe = recipe.ok_or_else(|| not_shipped(name))?;
            if args.output.json {
                output::json(recipe);
            } else {
                output::raw(output::text(&recipe["recipe"]).as_bytes())?;
            }
        }
        None if args.output.json => output::json(&answer),
        None => output::table(
            &["name", "data", "title"],
            recipes.iter().map(|recipe| {
                vec![
                    output::text(&recipe["name"]),
                    output::origin(recipe),
                    output::text(&recipe["title"]),
                ]
            }),
        ),
    }
    client.close().await
}

fn not_shipped(name: &str) -> Failure {
    Failure::input(anyhow!(
        "no recipe called {name} is shipped; `usina recipes` lists them"
    ))
}

/// Writes the files of a shipped recipe into `folder`. They are in this executable: no server is asked.
fn take_out(store: &StoreConfig, name: &str, folder: &Path) -> Result<(), Failure> {
    let shipped = shipped::find(name)?.ok_or_else(|| not_shipped(name))?;
    std::fs::create_dir_all(folder)
        .with_context(|| format!("cannot make {}", folder.display()))
        .map_err(Failure::Input)?;
    let files: Vec<_> = shipped.files().collect();
    let path = |file: &str| folder.join(file);
    // Before the first is written: a half would look like a whole.
    if let Some((there, _)) = files.iter().find(|(file, _)| path(file).exists()) {
        return Err(Failure::input(anyhow!(
            "{} is there already; name another folder",
            path(there).display()
        )));
    }
    for (file, content) in files {
        let path = path(&file);
        std::fs::File::create_new(&path)
            .and_then(|mut open| open.write_all(&content))
            .with_context(|| format!("cannot write {}", path.display()))?;
        output::line(&path.display().to_string());
    }
    let recipe = path("recipe.toml").display().to_string();
    let train = hint::command(store, &["train", &recipe]);
    output::note(&format!("Change it as you like, then train it: {train}"));
    Ok(())
}
