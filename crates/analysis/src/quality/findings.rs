//! What is wrong with the mirror: symptom, cause, and the sentence for the network team.

use super::text;

/// One thing that is wrong or worth knowing. Carries facts; `text` makes the sentences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What it is, `snake_case`, stable.
    pub id: &'static str,
    /// True where answers of this report may be missing or wrong because of it.
    pub serious: bool,
    /// Named parameters.
    pub parameters: Vec<(&'static str, String)>,
}

impl Finding {
    pub(super) fn new(id: &'static str, serious: bool) -> Finding {
        Finding { id, serious, parameters: Vec::new() }
    }

    pub(super) fn with(mut self, key: &'static str, value: impl ToString) -> Finding {
        self.parameters.push((key, value.to_string()));
        self
    }

    /// What is seen.
    pub fn symptom(&self) -> String {
        text::fill(text::of(self.id).map_or(self.id, |t| t.symptom), &self.parameters)
    }

    /// What most likely causes it.
    pub fn cause(&self) -> String {
        text::fill(text::of(self.id).map_or("", |t| t.cause), &self.parameters)
    }

    /// What to tell the network team.
    pub fn ask(&self) -> String {
        text::fill(text::of(self.id).map_or("", |t| t.ask), &self.parameters)
    }
}
