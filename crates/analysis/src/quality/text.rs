//! The only place where findings become sentences.

/// Three sentences per finding.
pub(super) struct Text {
    pub id: &'static str,
    pub symptom: &'static str,
    pub cause: &'static str,
    pub ask: &'static str,
}

pub(super) fn of(id: &str) -> Option<&'static Text> {
    TEXTS.iter().find(|text| text.id == id)
}

pub(super) fn fill(template: &str, parameters: &[(&'static str, String)]) -> String {
    parameters.iter().fold(template.to_string(), |text, (key, value)| text.replace(&format!("{{{key}}}"), value))
}

const TEXTS: &[Text] = &[];
