//! What people note of models and versions: descriptions and tags.

use std::collections::BTreeMap;

use super::history::{DESCRIBE, append, entry};
use super::read::{ModelInfo, find_version, found, info};
use super::{Decision, Registry, RegistryError, VersionInfo, VersionRef};
use crate::base::Name;
use crate::store::tables::models;

/// So many tags a model or a version has at most.
const MAX_TAGS: usize = 100;
/// The longest key of a tag and the longest value, in characters, as MLflow has them.
const MAX_KEY: usize = 250;
const MAX_VALUE: usize = 5_000;
/// The longest description, in characters.
const MAX_DESCRIPTION: usize = 20_000;

/// What is to be noted anew; the rest stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Annotation {
    /// The description, Markdown; an empty one takes it away.
    pub description: Option<String>,
    /// Tags by key; none takes one away.
    pub tags: BTreeMap<String, Option<String>>,
}

impl Annotation {
    fn check(&self) -> Result<(), RegistryError> {
        let too_long = |what, limit| RegistryError::TooLong { what, limit };
        if self
            .description
            .as_ref()
            .is_some_and(|text| text.chars().count() > MAX_DESCRIPTION)
        {
            return Err(too_long("description", MAX_DESCRIPTION));
        }
        for (key, value) in &self.tags {
            if key.is_empty() || key.chars().any(char::is_control) {
                return Err(RegistryError::BadTag(key.chars().take(80).collect()));
            }
            if key.chars().count() > MAX_KEY {
                return Err(too_long("key of a tag", MAX_KEY));
            }
            if value
                .as_ref()
                .is_some_and(|value| value.chars().count() > MAX_VALUE)
            {
                return Err(too_long("value of a tag", MAX_VALUE));
            }
        }
        Ok(())
    }

    /// Notes it, and says what is another now.
    fn note(
        &self,
        description: &mut String,
        tags: &mut BTreeMap<String, String>,
    ) -> Result<Vec<String>, RegistryError> {
        let mut changed = Vec::new();
        if let Some(text) = self.description.as_ref().filter(|text| *text != description) {
            description.clone_from(text);
            changed.push("description".to_owned());
        }
        for (key, value) in &self.tags {
            if tags.get(key) == value.as_ref() {
                continue;
            }
            match value {
                Some(value) => drop(tags.insert(key.clone(), value.clone())),
                None => drop(tags.remove(key)),
            }
            changed.push(format!("tag.{key}"));
        }
        if tags.len() > MAX_TAGS {
            return Err(RegistryError::TooMany {
                what: "tags",
                limit: MAX_TAGS,
            });
        }
        Ok(changed)
    }
}

impl Registry {
    /// Notes something of a model.
    ///
    /// # Errors
    /// No such model, what cannot be noted, or the store's.
    pub async fn annotate_model(
        &self,
        name: &Name,
        annotation: Annotation,
        decision: Decision,
    ) -> Result<ModelInfo, RegistryError> {
        annotation.check()?;
        let (name, now) = (name.clone(), self.clock.now());
        self.store
            .write(move |tx| {
                let mut model = found(tx, &name)?;
                let changed = annotation.note(&mut model.description, &mut model.tags)?;
                if !changed.is_empty() {
                    if let Some(text) = &annotation.description {
                        model.described = !text.is_empty();
                    }
                    let mut noted = entry(&model, DESCRIBE, None, &decision, now);
                    noted.changed = changed;
                    append(tx, &mut model, noted)?;
                    model.updated_at = now;
                    models::put(tx, &model)?;
                }
                info(tx, model)
            })
            .await
    }

    /// Notes something of a version.
    ///
    /// # Errors
    /// No such model or version, what cannot be noted, or the store's.
    pub async fn annotate_version(
        &self,
        name: &Name,
        version: VersionRef,
        annotation: Annotation,
        decision: Decision,
    ) -> Result<VersionInfo, RegistryError> {
        annotation.check()?;
        let (name, now) = (name.clone(), self.clock.now());
        self.store
            .write(move |tx| {
                let mut model = found(tx, &name)?;
                let mut version = find_version(tx, &model, &version)?;
                let changed = annotation.note(&mut version.description, &mut version.tags)?;
                if !changed.is_empty() {
                    let mut noted = entry(&model, DESCRIBE, Some(version.number), &decision, now);
                    noted.changed = changed;
                    append(tx, &mut model, noted)?;
                    models::put(tx, &model)?;
                    version.updated_at = now;
                    models::put_version(tx, model.id, &version)?;
                }
                VersionInfo::from_row(&model, version)
            })
            .await
    }
}
