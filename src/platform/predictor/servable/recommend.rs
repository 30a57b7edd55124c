//! A version that recommends items.

use super::{Kind, Servable};
use crate::engine::factor::{RecommendSpec, Recommended};

use super::super::PredictError;

/// What is asked of a recommender. Exactly one of `user`, `items` and `similar_to`, or none for what is popular.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Wanted {
    /// A user that it knows; one that it does not know is recommended what is popular.
    pub user: Option<String>,
    /// What somebody has had whom it does not know, with the values of the ratings.
    pub items: Option<Vec<(String, Option<f32>)>>,
    /// An item, to find others like it.
    pub similar_to: Option<String>,
    /// How many items.
    pub top_k: Option<usize>,
    /// Whether what the user has had is recommended, too.
    pub keep_seen: bool,
}

/// What was recommended.
#[derive(Debug, Clone, PartialEq)]
pub struct Recommendation {
    /// Items, best first.
    pub items: Vec<String>,
    /// How good each is, by what was asked.
    pub scores: Vec<f32>,
    /// What it is by: factors, items, similarity or popularity.
    pub by: &'static str,
}

impl Servable {
    /// Recommends items.
    ///
    /// # Errors
    /// The version recommends nothing, or what is asked makes no sense to it.
    pub fn recommend(&self, wanted: &Wanted) -> Result<Recommendation, PredictError> {
        let answer = self.answer_wanted(wanted);
        match &answer {
            Ok(_) => self.measured.add_answered(1),
            Err(_) => self.measured.add_refused(),
        }
        answer
    }

    fn answer_wanted(&self, wanted: &Wanted) -> Result<Recommendation, PredictError> {
        let Kind::Items(fitted) = &self.kind else {
            return Err(PredictError::NoItems(self.model.clone()));
        };
        let (model, k) = (&fitted.model, wanted.top_k.unwrap_or(fitted.top_k));
        if k > RecommendSpec::MOST {
            let problem = format!("expected 1 to {} items, got {k}", RecommendSpec::MOST);
            return Err(PredictError::Wanted {
                part: "top_k",
                problem,
            });
        }
        let told = match (&wanted.user, &wanted.items, &wanted.similar_to) {
            (Some(user), None, None) if model.users().index(user).is_some() => {
                (model.recommend(user, k, !wanted.keep_seen), "factors")
            }
            (None, Some(items), None) if !items.is_empty() => {
                let usual =
                    |(item, value): &(String, Option<f32>)| (item.clone(), value.unwrap_or(fitted.usual));
                let items: Vec<(String, f32)> = items.iter().map(usual).collect();
                let items: Vec<(&str, f32)> = items.iter().map(|(item, value)| (&**item, *value)).collect();
                (model.recommend_for(&items, k, !wanted.keep_seen), "items")
            }
            (None, None, Some(item)) => (model.similar_items(item, k), "similarity"),
            (_, None, None) | (None, Some(_), None) => (model.popular(k), "popularity"),
            _ => {
                let problem = "user, items and similar_to are three ways to ask; send one of them".to_owned();
                return Err(PredictError::Wanted {
                    part: "user",
                    problem,
                });
            }
        };
        let (told, by) = told;
        let told: Vec<Recommended<'_>> = told?;
        Ok(Recommendation {
            items: told.iter().map(|told| told.item.to_owned()).collect(),
            scores: told.iter().map(|told| told.score).collect(),
            by,
        })
    }
}
