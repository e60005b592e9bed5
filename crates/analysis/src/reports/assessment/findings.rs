//! Findings and alerts.

use super::table::{self, Column};
use super::text::{self, words};
use super::who::Who;
use crate::alerts::{Alert, MAX_RANKED, because, rank, sentence};
use crate::detections::Severity;
use crate::reports::html::Html;
use crate::reports::{Matter, moment, number};

/// Devices named under a finding.
const MAX_DEVICES: usize = 12;
/// Alerts in the table.
const MAX_ALERTS: usize = 2_000;

fn badge(h: &mut Html, severity: Severity) {
    h.el("span", &[("class", &format!("badge {severity}"))], severity.word());
}

/// The ranked findings.
pub fn findings(matter: &Matter<'_>, who: &Who<'_>, h: &mut Html) {
    let list = matter.judge.alerts.list();
    let (ranked, kinds) = rank(list.iter().copied(), MAX_RANKED);
    if ranked.is_empty() {
        h.p(text::NO_FINDINGS);
        return;
    }
    h.p(text::FINDINGS);
    for (i, line) in ranked.iter().enumerate() {
        let page = &line.detection.page;
        h.open("article", &[("class", &format!("finding {}", line.severity))]);
        h.open("h3", &[]).text(&format!("{}. ", i + 1));
        badge(h, line.severity);
        h.raw(" ").text(page.title).close("h3");
        h.el("p", &[("class", "says")], &sentence(line.example, &matter.judge.world));
        h.p(&format!(
            "{} · {} alert(s), {} event(s), {} device(s) · {} to {} UTC",
            page.kind,
            number(line.alerts),
            number(line.count),
            number(line.devices.len() as u64),
            moment(line.span.0.time),
            moment(line.span.1.time)
        ));
        let techniques: Vec<String> = page
            .attack
            .iter()
            .map(|id| match matter.knowledge.technique(id) {
                Some(t) => format!("{id} {}", t.name),
                None => (*id).to_string(),
            })
            .collect();
        if !techniques.is_empty() {
            h.p(&format!("ATT&CK for ICS: {}", techniques.join(", ")));
        }
        h.raw("<p>Devices: ");
        for (n, device) in line.devices.iter().take(MAX_DEVICES).enumerate() {
            if n > 0 {
                h.raw(", ");
            }
            let name = who.name(&device.host);
            let name = if device.path.is_host() { name } else { format!("{name} / {}", device.path) };
            match who.sheet(&device.host) {
                Some(sheet) => h.el("a", &[("href", &sheet)], &name),
                None => h.text(&name),
            };
        }
        if line.devices.len() > MAX_DEVICES {
            h.text(&format!(" and {} more", line.devices.len() - MAX_DEVICES));
        }
        h.raw("</p>\n<div class=\"advice\">");
        for (heading, class) in
            [("What it means", ""), ("What to check first", "check"), ("What not to touch", "dont")]
        {
            h.open("div", &[("class", class)]).el("h4", &[], heading).page(page.section(heading)).close("div");
        }
        h.raw("</div>\n");
        evidence(matter, line.example, line.alerts, h);
        h.raw("</article>\n");
    }
    if kinds > ranked.len() {
        h.p(&format!("{} more kinds stand in the table of all alerts.", kinds - ranked.len()));
    }
}

fn evidence(matter: &Matter<'_>, alert: &Alert, of: u64, h: &mut Html) {
    let caption = if of > 1 { "Evidence of the worst of these alerts" } else { "Evidence" };
    h.raw("<table class=\"facts\">").el("caption", &[], caption).raw("<tbody>");
    h.raw("<tr>").el("th", &[("scope", "row")], "alert").raw("<td>");
    h.el("code", &[], &format!("{:016x}", alert.id)).raw("</td></tr>");
    for line in because(alert, &matter.judge.world) {
        h.raw("<tr>").el("th", &[("scope", "row")], &line.name).el("td", &[], &line.value).raw("</tr>");
    }
    h.raw("</tbody></table>\n");
}

/// Every alert.
pub fn alerts(matter: &Matter<'_>, h: &mut Html) {
    let list = matter.judge.alerts.list();
    if list.is_empty() {
        h.p(text::NO_FINDINGS);
        return;
    }
    h.p(text::ALERTS);
    let mut order: Vec<&Alert> = list.clone();
    order.sort_by_key(|a| (core::cmp::Reverse(a.severity), a.first, a.id));
    use Column::{Number, Pick, Text};
    let columns = [
        Pick("Severity"),
        Pick("Kind"),
        Text("What happened"),
        Number("Events"),
        Text("First (UTC)"),
        Text("Last (UTC)"),
        Text("Frames"),
        Text("Id"),
    ];
    table::open(h, "All alerts", &columns);
    for alert in order.iter().take(MAX_ALERTS) {
        let rank = (alert.severity as u8).to_string();
        h.open("tr", &[]).open("td", &[("data-v", &rank)]);
        badge(h, alert.severity);
        h.raw("</td>");
        table::cell(h, alert.about().map_or(words(alert.detection).as_str(), |d| d.page.title));
        table::cell(h, &sentence(alert, &matter.judge.world));
        table::count(h, alert.count);
        table::cell(h, &moment(alert.first.time));
        table::cell(h, &moment(alert.last.time));
        let frames: Vec<String> = alert.because.iter().take(4).map(|s| s.frame.to_string()).collect();
        let more = if alert.because.len() > 4 { ", …" } else { "" };
        table::cell(h, &format!("{}{more}", frames.join(", ")));
        h.raw("<td>").el("code", &[], &format!("{:016x}", alert.id)).raw("</td></tr>\n");
    }
    table::close(h, order.len().saturating_sub(MAX_ALERTS));
}
