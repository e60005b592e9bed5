//! Alerts in words. The only place where facts become sentences, so that all outputs say the same.

use super::Alert;
use crate::detections::World;
use model::Subject;

/// A named fact in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What it is.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// A device as a person knows it: `boiler-plc (10.0.0.9)`, or the address alone.
pub fn shown(subject: &Subject, world: &dyn World) -> String {
    match world.name(&subject.host) {
        Some(name) => format!("{name} ({subject})"),
        None => subject.to_string(),
    }
}

/// What happened, in one sentence.
pub fn sentence(alert: &Alert, world: &dyn World) -> String {
    let Some(detection) = alert.about() else { return String::new() };
    let mut text = fill(detection.page.says, |name| value(alert, name, world));
    // a sentence that has a number of its own needs no second one
    let counted = |name: &str| detection.page.says.contains(&format!("{{{name}}}"));
    if alert.count > 1 && !alert.numbers.keys().any(|n| counted(n)) && !counted("count") {
        text.push_str(&format!(" ({} times)", alert.count));
    }
    text
}

fn value(alert: &Alert, name: &str, world: &dyn World) -> Option<String> {
    match name {
        "actor" => Some(alert.actor.map_or("somebody".to_owned(), |s| shown(&s, world))),
        "subject" => Some(alert.subject.map_or("several devices".to_owned(), |s| shown(&s, world))),
        "count" => Some(alert.count.to_string()),
        _ => match (alert.facts.get(name), alert.numbers.get(name)) {
            (Some(words), _) => Some(words.short()),
            (None, Some(n)) => Some(n.to_string()),
            (None, None) => None,
        },
    }
}

/// Words in braces become values; a part in square brackets is left out where one of its values is missing.
fn fill(template: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let part = |text: &str| -> (String, bool) {
        let (mut out, mut rest, mut complete) = (String::new(), text, true);
        while let Some((before, tail)) = rest.split_once('{') {
            out.push_str(before);
            let (name, after) = tail.split_once('}').unwrap_or((tail, ""));
            match value(name) {
                Some(v) => out.push_str(&v),
                None => {
                    complete = false;
                    out.push_str("unstated");
                }
            }
            rest = after;
        }
        out.push_str(rest);
        (out, complete)
    };
    let (mut out, mut rest) = (String::new(), template);
    while let Some((before, tail)) = rest.split_once('[') {
        out.push_str(&part(before).0);
        let (optional, after) = tail.split_once(']').unwrap_or((tail, ""));
        let (text, complete) = part(optional);
        if complete {
            out.push_str(&text);
        }
        rest = after;
    }
    out.push_str(&part(rest).0);
    out
}

/// Why we think so: every fact, when, and the frames to look at.
pub fn because(alert: &Alert, world: &dyn World) -> Vec<Line> {
    let line = |name: &str, value: String| Line { name: name.replace('_', " "), value };
    let mut lines = Vec::new();
    lines.extend(alert.actor.map(|s| line("actor", shown(&s, world))));
    lines.extend(alert.subject.map(|s| line("subject", shown(&s, world))));
    lines.extend(alert.facts.iter().map(|(name, words)| line(name, words.to_string())));
    lines.extend(alert.numbers.iter().map(|(name, n)| line(name, n.to_string())));
    lines.push(line("events", alert.count.to_string()));
    lines.push(line("first", alert.first.time.to_string()));
    lines.push(line("last", alert.last.time.to_string()));
    let frames: Vec<String> = alert.because.iter().map(|s| s.frame.to_string()).collect();
    lines.push(line("frames", frames.join(", ")));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_values_are_left_out_or_said() {
        let value = |name: &str| (name == "a").then(|| "1".to_owned());
        assert_eq!(fill("{a} did[ to {b}][ with {a}] {b}", value), "1 did with 1 unstated");
    }
}
