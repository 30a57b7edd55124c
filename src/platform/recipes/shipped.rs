//! The recipes that the executable carries, with their data.

use std::borrow::Cow;

use rust_embed::RustEmbed;

use super::{Recipe, RecipeError};

#[derive(RustEmbed)]
#[folder = "models/"]
#[include = "*/recipe.toml"]
#[include = "*/*.csv"]
#[include = "*/NOTICE.md"]
struct Models;

/// A recipe that the executable carries.
#[derive(Debug, Clone)]
pub struct Shipped {
    /// Its folder under `models/`, which is also the model's name.
    pub folder: String,
    /// The TOML text.
    pub text: String,
    /// What the text says.
    pub recipe: Recipe,
}

impl Shipped {
    /// What messages call the recipe's file.
    pub fn file(&self) -> String {
        format!("models/{}/recipe.toml", self.folder)
    }

    /// All its files by name: the recipe, the data, and the notice that goes with them.
    pub fn files(&self) -> impl Iterator<Item = (String, Cow<'static, [u8]>)> {
        let folder = format!("{}/", self.folder);
        Models::iter().filter_map(move |path| {
            let name = path.strip_prefix(&folder)?.to_owned();
            Some((name, Models::get(&path)?.data))
        })
    }

    /// The data file that the recipe names, if it names one.
    pub fn data(&self) -> Option<Cow<'static, [u8]>> {
        let file = self.recipe.data.file.as_ref()?;
        Models::get(&format!("{}/{file}", self.folder)).map(|file| file.data)
    }
}

/// All shipped recipes, by name.
///
/// # Errors
/// A recipe that cannot be read; a test holds that there is none.
pub fn all() -> Result<Vec<Shipped>, RecipeError> {
    Models::iter()
        .filter_map(|path| path.strip_suffix("/recipe.toml").map(str::to_owned))
        .filter_map(|folder| read(&folder).transpose())
        .collect()
}

/// The shipped recipe called `name`.
///
/// # Errors
/// The recipe cannot be read; a test holds that there is none.
pub fn find(name: &str) -> Result<Option<Shipped>, RecipeError> {
    if name.contains('/') { Ok(None) } else { read(name) }
}

fn read(folder: &str) -> Result<Option<Shipped>, RecipeError> {
    let Some(file) = Models::get(&format!("{folder}/recipe.toml")) else {
        return Ok(None);
    };
    let text = String::from_utf8_lossy(&file.data).into_owned();
    let recipe = Recipe::parse(&format!("models/{folder}/recipe.toml"), &text)?;
    Ok(Some(Shipped {
        folder: folder.to_owned(),
        text,
        recipe,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_recipe_reads_and_has_its_data() {
        let shipped = all().unwrap();
        let names: Vec<_> = shipped
            .iter()
            .map(|shipped| shipped.recipe.name.as_str())
            .collect();
        assert_eq!(
            names,
            [
                "credit-risk",
                "customer-churn",
                "demand-forecast",
                "fraud-detection",
                "predictive-maintenance",
                "recommendation",
                "weather-forecast"
            ]
        );
        for shipped in shipped {
            assert_eq!(shipped.folder, shipped.recipe.name.as_str());
            assert_eq!(
                shipped.recipe.data.file.is_some(),
                shipped.data().is_some(),
                "{}",
                shipped.folder
            );
            // A table goes nowhere without its notice.
            let names: Vec<_> = shipped.files().map(|(name, _)| name).collect();
            let has = |name: &str| names.iter().any(|other| other == name);
            assert!(has("recipe.toml"), "{names:?}");
            assert_eq!(has("NOTICE.md"), shipped.data().is_some(), "{names:?}");
            let data = shipped.recipe.data.file.as_deref();
            assert!(data.is_none_or(has), "{names:?}");
        }
    }
}
