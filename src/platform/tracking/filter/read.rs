//! Reading a filter, word by word.

use super::{BadFilter, Operator, RunKey, Value};

/// Reads a filter's text.
pub(super) struct Reader<'a> {
    text: &'a str,
    /// The byte that is read next.
    at: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let mut reader = Self { text, at: 0 };
        reader.pass_spaces();
        reader
    }

    /// Whether nothing is left.
    pub(super) fn is_at_end(&self) -> bool {
        self.rest().is_empty()
    }

    /// That something is wrong where the reading stands.
    pub(super) fn wrong(&self, message: impl Into<String>) -> BadFilter {
        self.wrong_at(self.at, message)
    }

    fn wrong_at(&self, at: usize, message: impl Into<String>) -> BadFilter {
        BadFilter {
            place: self.text[..at].chars().count() + 1,
            message: message.into(),
        }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn pass_spaces(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    fn take(&mut self, bytes: usize) -> &'a str {
        let taken = &self.rest()[..bytes];
        self.at += bytes;
        taken
    }

    /// The letters, digits and signs of names that are next; maybe none.
    fn word(&mut self, signs: &str) -> &'a str {
        let is_of_it = |sign: char| sign.is_alphanumeric() || signs.contains(sign);
        let end = self.rest().find(|sign| !is_of_it(sign));
        self.take(end.unwrap_or(self.rest().len()))
    }

    /// The text in quotes that is next, if a quote is; a quote in it is written twice.
    fn quoted(&mut self, quotes: &str) -> Result<Option<String>, BadFilter> {
        let Some(quote) = self.rest().chars().next().filter(|sign| quotes.contains(*sign)) else {
            return Ok(None);
        };
        let start = self.at;
        self.take(1);
        let mut text = String::new();
        loop {
            let Some(end) = self.rest().find(quote) else {
                return Err(self.wrong_at(start, format!("the quote {quote} is not closed")));
            };
            text.push_str(self.take(end));
            self.take(1);
            if !self.rest().starts_with(quote) {
                return Ok(Some(text));
            }
            text.push_str(self.take(1));
        }
    }

    /// A key: `status`, `metrics.roc_auc`, ``params.`max depth` ``.
    pub(super) fn key(&mut self) -> Result<RunKey, BadFilter> {
        let start = self.at;
        let mut key = self.word("_./-").to_owned();
        if key.ends_with('.')
            && let Some(name) = self.quoted("`\"")?
        {
            key.push_str(&name);
        }
        self.pass_spaces();
        RunKey::parse(&key).ok_or_else(|| {
            self.wrong_at(
                start,
                "expected metrics.NAME, params.NAME, tags.NAME, status, model, name, created_at or ended_at",
            )
        })
    }

    /// An operator that goes with `key`.
    pub(super) fn operator(&mut self, key: &RunKey) -> Result<Operator, BadFilter> {
        const WRITTEN: [(&str, Operator); 7] = [
            ("!=", Operator::Unequal),
            ("<=", Operator::AtMost),
            (">=", Operator::AtLeast),
            ("==", Operator::Equal),
            ("=", Operator::Equal),
            ("<", Operator::Less),
            (">", Operator::Greater),
        ];
        let found = WRITTEN
            .into_iter()
            .find(|(written, _)| self.rest().starts_with(written));
        let Some((written, operator)) = found else {
            return Err(self.wrong("expected =, !=, <, <=, > or >="));
        };
        if *key == RunKey::Status && !matches!(operator, Operator::Equal | Operator::Unequal) {
            return Err(self.wrong("status is compared with = or !="));
        }
        self.take(written.len());
        self.pass_spaces();
        Ok(operator)
    }

    /// A value that goes with `key`: a word, a number, or a text in quotes.
    pub(super) fn value(&mut self, key: &RunKey) -> Result<Value, BadFilter> {
        let start = self.at;
        let text = match self.quoted("'\"")? {
            Some(text) => text,
            None => self.word("_./-+:").to_owned(),
        };
        if self.at == start {
            return Err(self.wrong("expected a value: a number, a word, or a text in quotes"));
        }
        self.pass_spaces();
        let value = match key {
            RunKey::CreatedAt | RunKey::EndedAt => {
                let time: jiff::Timestamp = text
                    .parse()
                    .map_err(|_| self.wrong_at(start, "expected a time such as 2026-01-31T12:00:00Z"))?;
                time.as_millisecond().to_string()
            }
            _ => text,
        };
        let number: Option<f64> = value.parse().ok();
        if matches!(key, RunKey::Metric(_)) && number.is_none() {
            return Err(self.wrong_at(start, "expected a number"));
        }
        Ok(Value { text: value, number })
    }

    /// What joins two conditions.
    pub(super) fn and(&mut self) -> Result<(), BadFilter> {
        let start = self.at;
        let word = self.word("_");
        if !word.eq_ignore_ascii_case("and") {
            return Err(self.wrong_at(start, "expected and"));
        }
        self.pass_spaces();
        Ok(())
    }
}

/// The key that `text` is, and nothing else.
pub(in crate::platform::tracking) fn whole_key(text: &str) -> Option<(RunKey, &str)> {
    let mut reader = Reader::new(text);
    let key = reader.key().ok()?;
    Some((key, reader.rest()))
}
