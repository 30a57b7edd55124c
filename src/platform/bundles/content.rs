//! What a bundle holds, as the platform's own types, and how each part is written.

use std::collections::BTreeMap;

use super::{
    Bundle, BundleError, CURVES, Curves, Fitted, Manifest, Measured, ModelSchema, QUALITY, from_json, to_json,
};
use crate::base::ContentId;
use crate::data::profile::Profile;

/// A bundle's content as the platform's own types.
#[derive(Debug, Clone)]
pub struct Content {
    /// What the version is and where it comes from.
    pub manifest: Manifest,
    /// What it takes in and what it answers.
    pub schema: ModelSchema,
    /// What it answers with.
    pub fitted: Fitted,
    /// What the training rows looked like, column by column; drift is measured against it.
    pub profile: Profile,
    /// The model card, Markdown.
    pub card: String,
    /// The recipe, every default spelled out; JSON.
    pub recipe: String,
    /// How good it was when it was made, where that is known.
    pub measured: Option<Measured>,
    /// The curves behind it, where they are known.
    pub curves: Option<Curves>,
}

impl Content {
    /// Writes every part.
    ///
    /// # Errors
    /// A part cannot be written.
    pub fn to_bundle(&self) -> Result<Bundle, BundleError> {
        let mut parts = BTreeMap::from([
            ("card.md".to_owned(), self.card.clone().into_bytes()),
            ("profile.json".to_owned(), to_json("profile", &self.profile)?),
            ("recipe.json".to_owned(), self.recipe.clone().into_bytes()),
            ("schema.json".to_owned(), self.schema.to_part()?),
        ]);
        if let Some(measured) = &self.measured {
            parts.insert(QUALITY.to_owned(), to_json("quality", measured)?);
        }
        if let Some(curves) = &self.curves {
            parts.insert(CURVES.to_owned(), to_json("curves", curves)?);
        }
        parts.extend(self.fitted.parts()?);
        Ok(Bundle {
            manifest: self.manifest.clone(),
            parts,
        })
    }

    /// Names what the version takes in: fields, types, and levels, but not what was learnt of their values.
    ///
    /// # Errors
    /// It cannot be written down.
    pub fn input_schema(&self) -> Result<ContentId, BundleError> {
        let inputs = self.fitted.inputs();
        let fields: Vec<_> = inputs
            .iter()
            .map(|input| (&input.name, input.kind, input.nullable, &input.levels))
            .collect();
        Ok(ContentId::of(&to_json("schema", &fields)?))
    }

    /// Reads every part.
    ///
    /// # Errors
    /// A part is missing or cannot be read.
    pub fn from_bundle(bundle: &Bundle) -> Result<Self, BundleError> {
        let manifest = bundle.manifest.clone();
        let known = |name: &str| bundle.parts.get(name);
        Ok(Self {
            measured: known(QUALITY)
                .map(|part| from_json("quality", part))
                .transpose()?,
            curves: known(CURVES).map(|part| from_json("curves", part)).transpose()?,
            schema: ModelSchema::from_part(bundle.part("schema.json")?)?,
            fitted: Fitted::from_bundle(bundle)?,
            profile: from_json("profile", bundle.part("profile.json")?)?,
            card: String::from_utf8_lossy(bundle.part("card.md")?).into_owned(),
            recipe: String::from_utf8_lossy(bundle.part("recipe.json")?).into_owned(),
            manifest,
        })
    }
}
