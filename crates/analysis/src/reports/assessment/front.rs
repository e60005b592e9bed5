//! The first page: what this is about, what was read, and how far it can be trusted.

use super::table::{self, Column};
use super::text;
use crate::detections::Severity;
use crate::reports::html::Html;
use crate::reports::{Matter, bytes, moment, number, stretch};

/// Title, place, time, and the numbers of page one.
pub fn header(matter: &Matter<'_>, place: &str, h: &mut Html) {
    let judge = matter.judge;
    let q = judge.quality.snapshot();
    h.raw("<header>").el("h1", &[], place).raw("\n").p(text::INTRO);
    if let Some((first, last)) = judge.tally.span {
        let span = stretch(last.time.since(first.time));
        h.p(&format!("{} to {} UTC ({span})", moment(first.time), moment(last.time)));
    }
    h.raw("<dl class=\"tiles\">");
    let devices = matter.assets.iter().filter(|a| !a.external).count() as u64;
    tile(h, "devices", &number(devices), "");
    let list = judge.alerts.list();
    for severity in [Severity::Critical, Severity::Major, Severity::Minor, Severity::Warning] {
        let n = list.iter().filter(|a| a.severity == severity).count() as u64;
        tile(h, &format!("{severity} alerts"), &number(n), if n > 0 { severity.word() } else { "" });
    }
    tile(h, "of packets not understood", &format!("{} %", share(q.not_understood_frames, q.frames)), "");
    tile(h, "of TCP bytes lost", &format!("{} %", share(q.lost_bytes, q.tcp_bytes.saturating_add(q.lost_bytes))), "");
    tile(h, "TCP pairs seen one-sided", &format!("{} of {}", number(q.one_sided_pairs), number(q.tcp_pairs)), "");
    h.raw("</dl></header>\n");
}

fn tile(h: &mut Html, name: &str, value: &str, class: &str) {
    h.open("div", &[("class", class)]).el("dt", &[], name).el("dd", &[], value).close("div");
}

/// Per cent with two decimals, rounded down so that "0.00" means almost nothing.
fn share(part: u64, whole: u64) -> String {
    let hundredths = u128::from(part) * 10_000 / u128::from(whole.max(1));
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// What was read.
pub fn scope(matter: &Matter<'_>, h: &mut Html) {
    let frames: u64 = matter.files.iter().map(|f| f.frames).sum();
    let problems = matter.files.iter().filter(|f| !f.problems.is_empty()).count();
    let state = match problems {
        0 => "Every file was read to its end.".to_string(),
        1 => "One file could not be read to its end; what could be read is in this report.".to_string(),
        n => format!("{n} files could not be read to their end; what could be read is in this report."),
    };
    h.p(&format!("{} file(s), {} packets. {state}", matter.files.len(), number(frames)));
    if problems > 0 {
        h.raw("<div class=\"notice\"><h3>Could not be read</h3><ul>");
        for problem in matter.files.iter().flat_map(|f| &f.problems) {
            h.el("li", &[], problem);
        }
        h.raw("</ul></div>\n");
    }
    use Column::{Number, Text};
    let columns =
        [Text("File"), Number("Size"), Number("Packets"), Text("First (UTC)"), Text("Last (UTC)"), Text("SHA-256")];
    table::open(h, "Files", &columns);
    for file in matter.files {
        h.raw("<tr><td>").text(&file.name);
        match (&file.same_as, file.known, file.problems.is_empty()) {
            (Some(other), _, _) => {
                h.el("small", &[], &format!("the same bytes as {other}, read once"));
            }
            (None, true, _) => {
                h.el("small", &[], "known from an earlier run; adds nothing");
            }
            (None, false, false) => {
                h.el("small", &[], "not read to its end");
            }
            (None, false, true) => {}
        }
        h.raw("</td>");
        let size = file.size.to_string();
        h.el("td", &[("class", "num"), ("data-v", &size)], &bytes(file.size));
        table::count(h, file.frames);
        for time in [file.times.map(|t| t.0), file.times.map(|t| t.1)] {
            table::cell(h, &time.map_or(String::new(), moment));
        }
        h.raw("<td>").el("code", &[("class", "hash")], file.sha256.as_deref().unwrap_or("")).raw("</td></tr>\n");
    }
    table::close(h, 0);
}

/// Mirror quality and blind spots.
pub fn trust(matter: &Matter<'_>, h: &mut Html) {
    h.p(text::TRUST);
    if !matter.files.is_empty() && matter.files.iter().all(|f| f.known) {
        h.p(text::NOTHING_NEW);
        return;
    }
    let findings = matter.judge.quality.findings();
    if findings.is_empty() {
        h.p(text::NO_BLIND_SPOTS);
    }
    for finding in &findings {
        h.open("article", &[("class", if finding.serious { "blind serious" } else { "blind" })]);
        h.open("h3", &[]);
        if finding.serious {
            h.raw("<span class=\"badge major\">serious</span> ");
        }
        h.text(&finding.symptom()).close("h3");
        h.raw("<p><b>Likely cause.</b> ").text(&finding.cause()).raw("</p>");
        h.raw("<p><b>For the network team.</b> ").text(&finding.ask()).raw("</p></article>\n");
    }
    let mut limits: Vec<(String, u64)> = Vec::new();
    let judge = matter.judge;
    for (place, reached) in [("inventory", judge.inventory.limits()), ("conversations", judge.conversations.limits())] {
        limits.extend(reached.iter().map(|(what, n)| (format!("{place}: {}", text::words(what)), *n)));
    }
    limits.extend(judge.forgotten().into_iter().map(|(what, n)| (format!("detection {}", text::words(what)), n)));
    if judge.alerts.refused() > 0 {
        limits.push(("alerts".to_string(), judge.alerts.refused()));
    }
    if judge.tally.transfers_left_out > 0 {
        limits.push(("transfers".to_string(), judge.tally.transfers_left_out));
    }
    if !limits.is_empty() {
        h.raw("<h3>Bounds that were reached</h3>");
        h.p("Memory is bounded. Where a bound was reached, something was left out:");
        h.raw("<ul>");
        for (what, n) in limits {
            h.el("li", &[], &format!("{what}: {} left out", number(n)));
        }
        h.raw("</ul>\n");
    }
}
