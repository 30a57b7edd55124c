//! `usina recipes`: what is shipped.

use clap::Args;
use serde_json::Value;

use super::client::Client;
use super::error::Failure;
use super::output;
use crate::runtime::config::StoreConfig;

/// List the recipes that this executable carries, or show one to start your own from.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  usina recipes
  usina recipes customer-churn > my-recipe.toml")]
pub struct RecipesArgs {
    /// Show this recipe's TOML.
    name: Option<String>,

    #[command(flatten)]
    output: output::OutputArgs,
}

/// Lists or shows.
pub async fn run(store: StoreConfig, args: RecipesArgs) -> Result<(), Failure> {
    let client = Client::connect_without_data(&store).await?;
    let answer = client.get("/api/v1/recipes").await?.json()?;
    let recipes = output::list(&answer, "recipes");
    match &args.name {
        Some(name) => {
            let recipe = recipes.iter().find(|recipe| recipe["name"] == name.as_str());
            let recipe = recipe.ok_or_else(|| {
                Failure::input(anyhow::anyhow!(
                    "no recipe called {name} is shipped; `usina recipes` lists them"
                ))
            })?;
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
                let data = if recipe["generated"] == Value::Bool(true) {
                    "generated"
                } else {
                    "real"
                };
                vec![
                    output::text(&recipe["name"]),
                    data.to_owned(),
                    output::text(&recipe["title"]),
                ]
            }),
        ),
    }
    client.close().await
}
