//! What is forecast, and from what: as a recipe says it, and with everything found that it leaves open.

use serde::{Deserialize, Serialize};

use crate::data::series::{Aggregate, Frequency, Gaps, Rule};
use crate::engine::param::{self, ParamError, check_counts};

/// What is subtracted from values before a model sees them, and added again behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Difference {
    /// Nothing.
    None,
    /// The last value that is known.
    First,
    /// The last value that is known of the same time of the season.
    #[default]
    Season,
}

/// The table `[forecast]` of a recipe.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub struct ForecastSpec {
    /// The column that says when a row was.
    pub time: String,
    /// How many periods are forecast.
    pub horizon: usize,
    /// How far apart periods are, such as "1h" or "1mo"; found in the rows unless it is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frequency: Option<Frequency>,
    /// The periods after which the series is alike; what is usual at its frequency unless it is given; 1 for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub season: Option<usize>,
    /// How many periods a forecast is made from. Unset: whole seasons of at least 24 together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<usize>,
    /// What is subtracted before a model sees it. `season`.
    #[serde(default)]
    pub difference: Difference,
    /// Whether the model is told the time of day, the weekday and the time of year. True.
    #[serde(default = "yes")]
    pub calendar: bool,
    /// Columns that are observed with what is forecast, and are not known ahead of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exogenous: Vec<String>,
    /// Columns that are known ahead, such as prices or holidays: whoever asks sends them for the time to come.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub known: Vec<String>,
    /// What becomes of periods without a value. `interpolate`.
    #[serde(default)]
    pub gaps: Gaps,
    /// How many of them may follow each other. Unset: two seasons, and 10 at least.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub longest_gap: Option<usize>,
    /// What several rows of one period become; an error unless it is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aggregate: Option<Aggregate>,
    /// The share of values that the intervals are to hold, in (0, 1). 0.9.
    #[serde(default = "interval", deserialize_with = "param::share")]
    pub interval: f64,
}

const fn yes() -> bool {
    true
}

const fn interval() -> f64 {
    0.9
}

/// More is no forecast that anybody could wait for.
const MOST_STEPS: usize = 10_000;
const MOST_COLUMNS: usize = 1_000;

impl ForecastSpec {
    /// Checks what it says, alone.
    ///
    /// # Errors
    /// Names the first that is out of range.
    pub fn validate(&self) -> Result<(), ParamError> {
        check_counts(&[
            ("horizon", self.horizon, 1, MOST_STEPS),
            ("season", self.season.unwrap_or(1), 1, MOST_STEPS),
            ("window", self.window.unwrap_or(1), 1, MOST_STEPS),
            ("longest_gap", self.longest_gap.unwrap_or(1), 0, 1_000_000),
            ("exogenous", self.exogenous.len(), 0, MOST_COLUMNS),
            ("known", self.known.len(), 0, MOST_COLUMNS),
        ])?;
        if !(self.interval > 0.0 && self.interval < 1.0) {
            let expected = "a share above 0 and below 1, such as 0.9";
            return Err(ParamError::new("interval", self.interval, expected));
        }
        let mut seen = std::collections::HashSet::new();
        let columns = [&self.time].into_iter().chain(&self.exogenous).chain(&self.known);
        for column in columns {
            if !seen.insert(column) {
                let expected = "each column once, as the time, exogenous or known";
                return Err(ParamError::new("exogenous", column, expected));
            }
        }
        Ok(())
    }

    /// How rows are put on a grid.
    pub fn rule(&self, frequency: Option<Frequency>) -> Rule {
        let season = self
            .season
            .or(frequency.map(Frequency::usual_season))
            .unwrap_or(1);
        Rule {
            frequency: self.frequency,
            aggregate: self.aggregate,
            gaps: self.gaps,
            longest_gap: self.longest_gap.unwrap_or((2 * season).max(10)),
            exogenous: self.exogenous.len(),
        }
    }
}

/// What is forecast and from what, with everything found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The column that is forecast.
    pub target: String,
    /// The column that says when.
    pub time: String,
    /// How far apart periods are.
    pub frequency: Frequency,
    /// How many periods are forecast.
    pub horizon: usize,
    /// The periods after which the series is alike; 1 for none.
    pub season: usize,
    /// How many periods a forecast is made from.
    pub window: usize,
    /// What is subtracted.
    pub difference: Difference,
    /// Whether the model is told the calendar.
    pub calendar: bool,
    /// Columns that are not known ahead.
    pub exogenous: Vec<String>,
    /// Columns that are.
    pub known: Vec<String>,
    /// What becomes of periods without a value.
    pub gaps: Gaps,
    /// How many of them may follow each other.
    pub longest_gap: usize,
    /// What several rows of one period become.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aggregate: Option<Aggregate>,
}

impl Plan {
    /// What `spec` says of the column `target`, whose periods are `frequency` apart.
    pub fn new(spec: &ForecastSpec, target: &str, frequency: Frequency) -> Self {
        let season = spec.season.unwrap_or_else(|| frequency.usual_season());
        Self {
            target: target.to_owned(),
            time: spec.time.clone(),
            frequency,
            horizon: spec.horizon,
            season,
            window: spec.window.unwrap_or_else(|| season * 24_usize.div_ceil(season)),
            difference: spec.difference,
            calendar: spec.calendar,
            exogenous: spec.exogenous.clone(),
            known: spec.known.clone(),
            gaps: spec.gaps,
            longest_gap: spec.rule(Some(frequency)).longest_gap,
            aggregate: spec.aggregate,
        }
    }

    /// How rows are put on the grid of its periods: as they were in the training.
    pub fn rule(&self) -> Rule {
        Rule {
            frequency: Some(self.frequency),
            aggregate: self.aggregate,
            gaps: self.gaps,
            longest_gap: self.longest_gap,
            exogenous: self.exogenous.len(),
        }
    }

    /// The columns of the series that it is of: what is forecast, what is observed beside it, what is known ahead.
    pub fn columns(&self) -> Vec<String> {
        let target = std::iter::once(&self.target);
        target
            .chain(&self.exogenous)
            .chain(&self.known)
            .cloned()
            .collect()
    }

    /// Where the columns that are not known ahead stand in the series.
    pub(super) fn exogenous_at(&self) -> std::ops::Range<usize> {
        1..1 + self.exogenous.len()
    }

    /// Where the columns that are known ahead stand in the series.
    pub(super) fn known_at(&self) -> std::ops::Range<usize> {
        let first = 1 + self.exogenous.len();
        first..first + self.known.len()
    }

    /// From how many periods before values are subtracted; none where nothing is.
    pub(super) fn lag(&self) -> Option<usize> {
        match self.difference {
            Difference::None => None,
            Difference::First => Some(1),
            Difference::Season => Some(self.season),
        }
    }

    /// How many periods a forecast needs to know, up to its origin.
    pub fn needs(&self) -> usize {
        self.window + self.lag().unwrap_or(0)
    }

    /// How many periods a bundle keeps of a series, so that it can go on without being sent any: those that a forecast
    /// needs, and those of three seasons, which rows with lags look at.
    pub fn keeps(&self) -> usize {
        self.needs() + 3 * self.season + self.horizon
    }

    /// Whether its numbers are such that a forecast can be made.
    pub(super) fn is_sound(&self) -> bool {
        let counts = [self.horizon, self.season, self.window];
        counts.iter().all(|count| (1..=2 * MOST_STEPS).contains(count))
            && self.exogenous.len() + self.known.len() <= 2 * MOST_COLUMNS
    }
}
