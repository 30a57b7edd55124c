//! Which features may meet on the way from a tree's root to a leaf.

use std::collections::BTreeSet;

use crate::engine::matrix::Feature;
use crate::engine::param::ParamError;

/// The positions of the features that each group names. A group names features, or columns that several features
/// were made of: `plan` stands for `plan=gold` and `plan=basic` too.
///
/// # Errors
/// A name that stands for no feature.
pub(in crate::engine::boost) fn positions(
    groups: &[Vec<String>],
    features: &[Feature],
) -> Result<Vec<Vec<u32>>, ParamError> {
    groups
        .iter()
        .map(|group| {
            let mut positions = BTreeSet::new();
            for name in group {
                let stands_for = |feature: &Feature| {
                    let rest = feature.name.strip_prefix(name.as_str());
                    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('='))
                };
                let found = features
                    .iter()
                    .zip(0_u32..)
                    .filter(|(feature, _)| stands_for(feature));
                let before = positions.len();
                positions.extend(found.map(|(_, position)| position));
                let is_known = positions.len() > before || features.iter().any(stands_for);
                if !is_known {
                    let expected = format!("the name of a feature: {}", super::names(features));
                    return Err(ParamError::new("interaction_constraints", name, expected));
                }
            }
            Ok(positions.into_iter().collect())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_names_features_or_what_they_were_made_of() {
        let features = ["age", "plan=basic", "plan=gold", "planet"].map(Feature::numeric);
        let groups = |names: &[&[&str]]| -> Vec<Vec<String>> {
            let owned = |names: &&[&str]| names.iter().map(|name| (*name).to_owned()).collect();
            names.iter().map(owned).collect()
        };
        assert_eq!(
            positions(&groups(&[&["plan", "age", "plan=gold"], &["planet"]]), &features),
            Ok(vec![vec![0, 1, 2], vec![3]])
        );
        let error = positions(&groups(&[&["plane"]]), &features).unwrap_err();
        assert_eq!(
            (error.param, error.value.as_str()),
            ("interaction_constraints", "plane")
        );
        assert!(error.expected.contains("age, plan=basic"), "{}", error.expected);
    }
}
