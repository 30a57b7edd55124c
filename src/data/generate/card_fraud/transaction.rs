//! One transaction: how it is drawn, and how likely it is a fraud.

use std::f64::consts::TAU;

use rand_chacha::ChaCha8Rng;

use super::draw::{Draw, logistic};
use super::{COLUMNS, LAYOUT, Row};

/// Where the log-odds of fraud start. Together with [`STEEPNESS`] it was solved for on a million rows,
/// so that one in a hundred is a fraud; a test holds it.
const INTERCEPT: f64 = -8.94;
/// How sharply the log-odds follow the signs of fraud: 1.9 leaves boosted trees at a ROC AUC of about 0.97.
const STEEPNESS: f64 = 1.9;

/// A card transaction and what is known at its time; the fields are named as the columns.
pub(super) struct Transaction {
    amount: f64,
    hour: f64,
    weekday: f64,
    seconds_since_last: f64,
    km_from_home: f64,
    km_from_last: f64,
    merchant_risk: f64,
    merchant_age_days: f64,
    card_age_days: f64,
    customer_age: f64,
    device_age_days: f64,
    transactions_last_hour: f64,
    transactions_last_day: f64,
    transactions_last_week: f64,
    amount_last_day: f64,
    mean_amount_30_days: f64,
    amount_to_balance: f64,
    declined_last_day: f64,
    merchants_last_day: f64,
    countries_last_week: f64,
    online: bool,
    abroad: bool,
    chip_read: bool,
    pin_attempts: f64,
    /// What a bank would give after a principal component analysis, its meaning hidden.
    v: [f64; 5],
    fraud: bool,
}

impl Transaction {
    /// Draws the next transaction, then throws the dice for fraud.
    pub(super) fn draw(rng: &mut ChaCha8Rng) -> Self {
        let draw = &mut Draw(rng);
        let activity = draw.around(1.0, 0.5);
        let mean_amount_30_days = draw.around(36.0, 0.6);
        let amount = draw.around(0.78 * mean_amount_30_days, 0.85).max(0.01);
        let by_day = draw.chance(0.88);
        let hour = if by_day {
            (14.0 + 4.2 * draw.normal()).rem_euclid(24.0)
        } else {
            24.0 * draw.uniform()
        };
        let online = draw.chance(0.38);
        let abroad = draw.chance(0.07);
        let km_from_home = if abroad {
            draw.around(900.0, 0.7)
        } else {
            draw.around(6.7, 1.3)
        };
        let from_home = draw.chance(0.12);
        let km_from_last = if from_home {
            km_from_home
        } else {
            draw.around(2.2, 1.2)
        };
        let seconds_since_last = draw.around(22_000.0 * activity.powf(-0.6), 1.5).clamp(1.0, 5e6);
        let hourly = if seconds_since_last < 3600.0 { 0.55 } else { 0.09 };
        let transactions_last_hour = draw.events(hourly * activity);
        let transactions_last_day = transactions_last_hour + draw.events(2.2 * activity);
        let wrong_pin = draw.chance(0.035);
        let mut transaction = Self {
            amount,
            // Kept below 24 after rounding.
            hour: hour.min(23.99),
            weekday: (7.0 * draw.uniform()).floor(),
            seconds_since_last,
            km_from_home,
            km_from_last,
            merchant_risk: logistic(if online { -1.1 } else { -2.1 } + 0.8 * draw.normal()),
            merchant_age_days: draw.around(735.0, 1.1).clamp(1.0, 12_000.0),
            card_age_days: draw.around(545.0, 0.9).clamp(1.0, 6_000.0),
            customer_age: (44.0 + 16.0 * draw.normal()).clamp(18.0, 95.0),
            device_age_days: draw.around(120.0, 1.3).clamp(0.0, 4_000.0),
            transactions_last_hour,
            transactions_last_day,
            transactions_last_week: transactions_last_day + draw.events(13.0 * activity),
            amount_last_day: transactions_last_day * draw.around(0.9 * mean_amount_30_days, 0.3),
            mean_amount_30_days,
            amount_to_balance: (amount / draw.around(1_340.0, 0.9)).min(5.0),
            declined_last_day: draw.events(0.06 + 0.1 * transactions_last_hour),
            merchants_last_day: 1.0
                + draw
                    .events(0.75 * transactions_last_day)
                    .min(transactions_last_day),
            countries_last_week: 1.0
                + f64::from(u8::from(abroad))
                + draw.events(if abroad { 0.24 } else { 0.08 }),
            online,
            abroad,
            chip_read: !online && draw.chance(0.86),
            pin_attempts: if online {
                0.0
            } else {
                1.0 + f64::from(u8::from(wrong_pin))
            },
            v: std::array::from_fn(|_| draw.normal()),
            fraud: false,
        };
        transaction.v[1] = 0.6 * transaction.v[0] + 0.8 * transaction.v[1];
        transaction.fraud = draw.chance(logistic(INTERCEPT + STEEPNESS * transaction.suspicion()));
        transaction
    }

    /// How much speaks for fraud: a sum of ways in which cards are abused, each of which needs several
    /// signs at once. No unit; about 0 to 12.
    fn suspicion(&self) -> f64 {
        self.card_testing()
            + self.stolen_card()
            + self.taken_account()
            + self.rogue_merchant()
            + self.hidden_components()
            + self.odds_and_ends()
    }

    fn amount_to_mean(&self) -> f64 {
        self.amount / self.mean_amount_30_days
    }

    /// Many small payments in a row, to learn whether a stolen number works.
    fn card_testing(&self) -> f64 {
        let many = logistic(2.0 * (self.transactions_last_hour - 1.6));
        let small = logistic(6.0 * (0.55 - self.amount_to_mean()));
        4.6 * many * small * if self.online { 1.0 } else { 0.25 }
    }

    /// A large payment far from home, at night, with the magnetic stripe.
    fn stolen_card(&self) -> f64 {
        let large = logistic(1.8 * (self.amount_to_mean().ln() - 0.55));
        let far = logistic(1.6 * (self.km_from_home.ln() - 3.8));
        let night = logistic(8.8 * ((TAU * (self.hour - 3.0) / 24.0).cos() - 0.55));
        5.6 * large * far * (0.35 + 0.65 * night) * if self.chip_read { 0.15 } else { 1.0 }
    }

    /// A new device that empties an account.
    fn taken_account(&self) -> f64 {
        let new = logistic(1.5 * (3.6 - self.device_age_days.ln_1p()));
        let emptying = logistic(1.5 * (self.amount_to_balance.ln() + 2.7));
        4.8 * new * emptying * if self.online { 1.0 } else { 0.45 }
    }

    /// A young merchant of a risky kind.
    fn rogue_merchant(&self) -> f64 {
        let risky = logistic(14.0 * (self.merchant_risk - 0.33));
        let young = logistic(1.6 * (5.9 - self.merchant_age_days.ln()));
        4.0 * risky * young * if self.online { 1.0 } else { 0.6 }
    }

    /// Signs without a name: two components of equal sign, and two others on a ring.
    fn hidden_components(&self) -> f64 {
        let [v1, _, v3, v4, v5] = self.v;
        let ring = (-(v4 * v4 + v5 * v5 - 2.5).powi(2) / 1.2).exp();
        1.7 * (1.6 * v1 * v3).tanh() + 1.4 * (ring - 0.3)
    }

    fn odds_and_ends(&self) -> f64 {
        let when = |condition: bool, weight: f64| if condition { weight } else { 0.0 };
        let hurried = logistic(2.0 * (self.transactions_last_day - 6.0));
        when(self.abroad && self.declined_last_day >= 1.0, 2.2)
            + when(!self.chip_read && self.pin_attempts >= 2.0, 1.2)
            + when(self.countries_last_week > 2.0, 0.5)
            + 0.8 * hurried * logistic(1.2 * (self.km_from_last.ln() - 3.0))
            + 0.35 * self.amount_to_mean().ln().abs()
            - 0.006 * (self.customer_age - 44.0)
            - 0.075 * self.card_age_days.ln()
    }

    /// The columns, in the order of the layout.
    pub(super) fn row(&self) -> Row {
        let flag = |flag: bool| f64::from(u8::from(flag));
        let [v1, v2, v3, v4, v5] = self.v;
        let values: [f64; COLUMNS] = [
            self.amount,
            self.hour,
            self.weekday,
            self.seconds_since_last,
            self.km_from_home,
            self.km_from_last,
            self.merchant_risk,
            self.merchant_age_days,
            self.card_age_days,
            self.customer_age,
            self.device_age_days,
            self.transactions_last_hour,
            self.transactions_last_day,
            self.transactions_last_week,
            self.amount_last_day,
            self.mean_amount_30_days,
            self.amount_to_mean(),
            self.amount_to_balance,
            self.declined_last_day,
            self.merchants_last_day,
            self.countries_last_week,
            flag(self.online),
            flag(self.abroad),
            flag(self.chip_read),
            self.pin_attempts,
            v1,
            v2,
            v3,
            v4,
            v5,
            flag(self.fraud),
        ];
        std::array::from_fn(|index| (values[index] * 10_f64.powi(LAYOUT[index].1 as i32)).round() as i64)
    }
}
