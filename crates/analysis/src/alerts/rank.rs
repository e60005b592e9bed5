//! The summary's few lines: one per kind of alert, worst first.

use super::Alert;
use crate::detections::{Detection, Kind, Severity};
use model::{Stamp, Subject};
use std::collections::{BTreeMap, BTreeSet};

/// Lines a summary has at most: what a person reads before the second coffee.
pub const MAX_RANKED: usize = 10;

/// All alerts of one detection.
#[derive(Clone)]
pub struct Ranked<'a> {
    /// The detection.
    pub detection: &'static Detection,
    /// The worst of its alerts.
    pub severity: Severity,
    /// How many alerts.
    pub alerts: u64,
    /// How many events they stand for.
    pub count: u64,
    /// The devices concerned; where none is, those that acted.
    pub devices: BTreeSet<Subject>,
    /// First and last event.
    pub span: (Stamp, Stamp),
    /// The worst alert; of equals, the one of most events.
    pub example: &'a Alert,
}

/// One line per detection: worst severity first, problems before observations, then by devices and events. At most
/// `limit`; the second number tells how many lines there would be.
pub fn rank<'a>(alerts: impl IntoIterator<Item = &'a Alert>, limit: usize) -> (Vec<Ranked<'a>>, usize) {
    let mut kinds: BTreeMap<&'static str, Ranked<'a>> = BTreeMap::new();
    for alert in alerts {
        let Some(detection) = alert.about() else { continue };
        let line = kinds.entry(alert.detection).or_insert_with(|| Ranked {
            detection,
            severity: alert.severity,
            alerts: 0,
            count: 0,
            devices: BTreeSet::new(),
            span: (alert.first, alert.last),
            example: alert,
        });
        line.alerts += 1;
        line.count = line.count.saturating_add(alert.count);
        line.devices.extend(alert.subject.or(alert.actor));
        line.span = (line.span.0.min(alert.first), line.span.1.max(alert.last));
        line.severity = line.severity.max(alert.severity);
        if (alert.severity, alert.count) > (line.example.severity, line.example.count) {
            line.example = alert;
        }
    }
    let mut lines: Vec<Ranked<'a>> = kinds.into_values().collect();
    lines.sort_by_key(|l| {
        let problem = l.detection.page.kind == Kind::Problem;
        core::cmp::Reverse((l.severity, problem, l.devices.len(), l.count))
    });
    let all = lines.len();
    lines.truncate(limit);
    (lines, all)
}
