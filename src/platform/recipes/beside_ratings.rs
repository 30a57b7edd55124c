//! A recipe that recommends: what goes with ratings and what does not, alone and beside the columns of its data.

use super::locate::{Step, keys};
use super::{Recipe, RecipeError, WrittenRecipe};
use crate::data::schema::{ColumnType, Schema};
use crate::engine::algorithm::Learns;
use crate::engine::factor::RecommendSpec;
use crate::engine::metric::rank;

impl Recipe {
    /// The first key that does not go with whether items are recommended, and what is wrong with it.
    pub(super) fn mistake_in_recommend(&self) -> Option<(Vec<&'static str>, String)> {
        let name = self.algorithm.name();
        let learns = self.algorithm.learns();
        let Some(spec) = &self.recommend else {
            return (learns == Learns::Ratings).then(|| {
                let message = "it learns from ratings; say in [recommend] who rates what, as in user = \"user\" and item = \
                               \"item\"";
                (vec!["algorithm", name], message.to_owned())
            });
        };
        if self.forecast.is_some() {
            let message = "a recipe forecasts or recommends, not both; leave one out".to_owned();
            return Some((vec!["recommend"], message));
        }
        if learns != Learns::Ratings {
            let message = "it does not learn from ratings; algorithm.nmf and algorithm.als do".to_owned();
            return Some((vec!["algorithm", name], message));
        }
        if let Err(wrong) = spec.validate() {
            return Some((vec!["recommend", wrong.param], wrong.to_string()));
        }
        let named = [&spec.user, &spec.item].into_iter().chain(&spec.time);
        if named.into_iter().any(|column| *column == self.data.target) {
            let message = "it is the value of a rating, and cannot say who, what or when, too".to_owned();
            return Some((vec!["data", "target"], message));
        }
        let message =
            "it goes with rows that are predicted one by one, and this recipe recommends items; leave it out";
        Some((self.goes_with_rows()?, message.to_owned()))
    }
}

impl WrittenRecipe {
    /// Checks a recipe that recommends beside the columns of its data, which messages call `source`.
    ///
    /// # Errors
    /// The first column that is not there or of another kind, or the first gate on a metric that rankings do not have.
    pub(super) fn check_ratings(
        &self,
        source: &str,
        schema: &Schema,
        spec: &RecommendSpec,
    ) -> Result<(), RecipeError> {
        let wrong = |path: &[Step<'_>], name: &str, column: &str, problem: &str| {
            Err(self.mistake(path, format!("{name}: \"{column}\" {problem}")))
        };
        let columns = [
            ("user", Some(&spec.user)),
            ("item", Some(&spec.item)),
            ("time", spec.time.as_ref()),
        ];
        for (key, column) in columns {
            let Some(column) = column else { continue };
            let (path, name) = (keys(&["recommend", key]), format!("recommend.{key}"));
            let Some(field) = schema.field(column) else {
                return wrong(&path, &name, column, &format!("is no column of {source}"));
            };
            let fits = match key {
                "time" => matches!(
                    field.kind,
                    ColumnType::Timestamp | ColumnType::Integer | ColumnType::Number
                ),
                _ => matches!(
                    field.kind,
                    ColumnType::Integer | ColumnType::Category | ColumnType::Text | ColumnType::Boolean
                ),
            };
            if !fits {
                let expected = if key == "time" {
                    "a time or a number"
                } else {
                    "a name or a whole number"
                };
                let problem = format!("is of type {}; expected {expected}", field.kind);
                return wrong(&path, &name, column, &problem);
            }
        }
        let target = &self.recipe().data.target;
        let path = keys(&["data", "target"]);
        match schema.field(target).map(|field| field.kind) {
            None => wrong(&path, "data.target", target, &format!("is no column of {source}")),
            Some(ColumnType::Number | ColumnType::Integer) => {
                self.check_gates_of("recommendation", &rank::NAMES)
            }
            Some(other) => {
                let problem = format!("is of type {other}; the value of a rating is a number");
                wrong(&path, "data.target", target, &problem)
            }
        }
    }
}
