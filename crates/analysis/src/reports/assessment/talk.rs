//! Conversations, transfers, protocols, and what was not understood.

use super::table::{self, Column};
use super::text::{self, words};
use super::who::Who;
use crate::conversations::{Conversation, Unknown};
use crate::reports::html::Html;
use crate::reports::{Matter, bytes, moment, number, period};
use model::{Host, Time};

/// Conversations in the table.
const MAX_CONVERSATIONS: usize = 1_500;
/// Operations named per conversation.
const MAX_OPERATIONS: usize = 6;
/// Transfers in the table.
const MAX_TRANSFERS: usize = 1_000;
/// Operations and anomalies in the table.
const MAX_WORDS: usize = 2_000;
/// Rows of unknown traffic.
const MAX_UNKNOWN: usize = 300;
/// Ports of unknown traffic.
const MAX_PORTS: usize = 50;

fn end(h: &mut Html, who: &Who<'_>, host: &Host) {
    let name = who.name(host);
    match who.sheet(host) {
        Some(sheet) => h.raw("<td>").el("a", &[("href", &sheet)], &name).raw("</td>"),
        None => h.el("td", &[], &name),
    };
}

fn weight(c: &Conversation) -> (usize, u64) {
    let operations: u64 = c.operations.iter().map(|o| o.count).sum();
    (usize::from(!c.operations.is_empty()), operations.max(c.frames.iter().sum()))
}

/// Who acts on whom.
pub fn conversations(all: &[Conversation], who: &Who<'_>, h: &mut Html) {
    h.p(text::CONVERSATIONS);
    let mut order: Vec<&Conversation> = all.iter().collect();
    order.sort_by_key(|c| (core::cmp::Reverse(weight(c)), c.actor, c.subject, c.protocol));
    use Column::{Number, Pick, Text};
    let columns = [
        Text("Who"),
        Text("on whom"),
        Pick("Protocol"),
        Text("does what"),
        Number("Refused"),
        Number("Frames"),
        Number("Bytes"),
        Text("First (UTC)"),
        Text("Last (UTC)"),
    ];
    table::open(h, "Conversations", &columns);
    for c in order.iter().take(MAX_CONVERSATIONS) {
        h.raw("<tr>");
        end(h, who, &c.actor);
        end(h, who, &c.subject);
        h.raw("<td>").text(c.protocol);
        if !c.ports.is_empty() {
            let ports: Vec<String> = c.ports.iter().take(4).map(ToString::to_string).collect();
            h.el("small", &[], &format!("port {}", ports.join(", ")));
        }
        h.raw("</td>");
        table::cell(h, &does(c));
        table::count(h, c.operations.iter().flat_map(|o| o.outcomes.refused.values()).sum());
        table::count(h, c.frames.iter().sum());
        let sum: u64 = c.bytes.iter().sum();
        h.el("td", &[("class", "num"), ("data-v", &sum.to_string())], &bytes(sum));
        table::cell(h, &moment(c.first.time));
        table::cell(h, &moment(c.last.time));
        h.raw("</tr>\n");
    }
    table::close(h, order.len().saturating_sub(MAX_CONVERSATIONS));
}

/// The operations that occur most, and their period.
fn does(c: &Conversation) -> String {
    let mut by_name: std::collections::BTreeMap<&str, (u64, Option<i64>)> = std::collections::BTreeMap::new();
    for o in &c.operations {
        let own = by_name.entry(o.operation).or_default();
        own.0 += o.count;
        own.1 = own.1.or(o.period);
    }
    let mut rows: Vec<(&str, (u64, Option<i64>))> = by_name.into_iter().collect();
    rows.sort_by_key(|(name, (n, _))| (core::cmp::Reverse(*n), *name));
    let shown = rows.iter().take(MAX_OPERATIONS).map(|(name, (n, rhythm))| {
        let every = rhythm.filter(|ns| *ns > 0).map_or(String::new(), |ns| format!(" every {}", period(ns)));
        format!("{} {}×{every}", words(name), number(*n))
    });
    let mut text = shown.collect::<Vec<_>>().join("; ");
    if rows.len() > MAX_OPERATIONS {
        text.push_str(&format!("; {} more", rows.len() - MAX_OPERATIONS));
    }
    if !c.roles_known && !rows.is_empty() {
        text.push_str(" (roles not told by the messages)");
    }
    text
}

/// What was moved.
pub fn transfers(matter: &Matter<'_>, who: &Who<'_>, h: &mut Html) {
    h.p(text::TRANSFERS);
    let all = &matter.judge.tally.transfers;
    if all.is_empty() {
        h.p("No transfer was seen.");
        return;
    }
    use Column::{Number, Pick, Text};
    let columns = [
        Text("Time (UTC)"),
        Text("Who"),
        Text("Device"),
        Pick("Direction"),
        Pick("Content"),
        Text("Name"),
        Number("Bytes"),
        Pick("Whole"),
        Text("SHA-256"),
    ];
    table::open(h, "Program transfers", &columns);
    for (at, t) in all.iter().take(MAX_TRANSFERS) {
        h.raw("<tr>");
        table::cell(h, &moment(at.time));
        end(h, who, &t.actor.host);
        end(h, who, &t.subject.host);
        table::cell(h, &format!("{} ({})", t.kind, t.protocol));
        table::cell(h, t.content);
        let way = if t.path.is_host() { String::new() } else { format!("{} / ", t.path) };
        table::cell(h, &format!("{way}{}", t.name));
        table::count(h, t.size);
        table::cell(h, if t.complete { "yes" } else { "in part" });
        h.raw("<td>").el("code", &[("class", "hash")], &t.sha256).raw("</td></tr>\n");
    }
    table::close(h, all.len().saturating_sub(MAX_TRANSFERS));
}

/// Operations and anomalies by protocol.
pub fn protocols(matter: &Matter<'_>, h: &mut Html) {
    h.p(text::PROTOCOLS);
    let tally = &matter.judge.tally;
    use Column::{Number, Pick, Text};
    table::open(h, "Operations", &[Pick("Protocol"), Text("Operation"), Number("Count")]);
    for ((protocol, operation), n) in tally.operations.iter().take(MAX_WORDS) {
        h.raw("<tr>");
        table::cell(h, protocol);
        table::cell(h, &words(operation));
        table::count(h, *n);
        h.raw("</tr>\n");
    }
    table::close(h, tally.operations.len().saturating_sub(MAX_WORDS));
    h.raw("<h3>Anomalies</h3>\n");
    if tally.anomalies.is_empty() {
        h.p("No message broke its standard.");
        return;
    }
    table::open(h, "Anomalies", &[Pick("Protocol"), Text("What is broken"), Number("Count")]);
    for ((protocol, kind), n) in tally.anomalies.iter().take(MAX_WORDS) {
        h.raw("<tr>");
        table::cell(h, protocol);
        table::cell(h, &words(kind));
        table::count(h, *n);
        h.raw("</tr>\n");
    }
    table::close(h, tally.anomalies.len().saturating_sub(MAX_WORDS));
}

/// What nothing understood: by port, then by pair.
pub fn unknown(matter: &Matter<'_>, who: &Who<'_>, h: &mut Html) {
    h.p(text::UNKNOWN);
    let quality = matter.judge.quality.snapshot();
    use Column::{Number, Pick, Text};
    let ports = &quality.not_understood_by_port;
    if ports.is_empty() {
        h.p("Everything was understood.");
    } else {
        let columns = [
            Pick("Transport"),
            Number("Port or type"),
            Number("Frames"),
            Number("of all there"),
            Number("Bytes"),
            Text("Usually"),
        ];
        table::open(h, "Not understood, by port", &columns);
        for p in ports.iter().take(MAX_PORTS) {
            h.raw("<tr>");
            table::cell(h, p.transport);
            let shown = if p.transport == "ether" { format!("0x{:04x}", p.number) } else { p.number.to_string() };
            h.el("td", &[("class", "num"), ("data-v", &p.number.to_string())], &shown);
            table::count(h, p.frames);
            table::count(h, p.all_frames);
            h.el("td", &[("class", "num"), ("data-v", &p.bytes.to_string())], &bytes(p.bytes));
            let port = u16::try_from(p.number).unwrap_or(0);
            table::cell(h, matter.knowledge.usual_port(p.transport, port).unwrap_or(""));
            h.raw("</tr>\n");
        }
        table::close(h, ports.len().saturating_sub(MAX_PORTS));
    }
    let mut rows: Vec<Unknown> = matter.judge.conversations.unknown();
    if rows.is_empty() {
        return;
    }
    rows.sort_by_key(|u| core::cmp::Reverse((u.bytes.iter().sum::<u64>(), u.frames.iter().sum::<u64>())));
    let columns = [
        Text("Client"),
        Text("Server"),
        Text("Port or type"),
        Number("Frames"),
        Number("Bytes"),
        Text("Sizes"),
        Text("Period"),
        Number("Entropy"),
        Text("First bytes"),
    ];
    table::open(h, "Not understood, by pair", &columns);
    for u in rows.iter().take(MAX_UNKNOWN) {
        h.raw("<tr>");
        end(h, who, &u.client);
        end(h, who, &u.server);
        let place = if u.port > 0 { u.port.to_string() } else { format!("0x{:04x}", u.kind) };
        table::cell(h, &format!("{} {place}", u.transport));
        table::count(h, u.frames.iter().sum());
        let sum: u64 = u.bytes.iter().sum();
        h.el("td", &[("class", "num"), ("data-v", &sum.to_string())], &bytes(sum));
        match &u.shape {
            Some(shape) => {
                let sizes: Vec<String> =
                    shape.sizes.iter().filter(|[_, most]| *most > 0).map(|[a, b]| format!("{a}–{b}")).collect();
                table::cell(h, &sizes.join(" / "));
                table::cell(h, &shape.period.filter(|p| *p >= Time::MILLISECOND).map_or(String::new(), period));
                h.el("td", &[("class", "num")], &format!("{:.2}", f64::from(shape.entropy) / 100.0));
                let hex = |b: &Vec<u8>| b.iter().map(|b| format!("{b:02x}")).collect::<String>();
                let first: Vec<String> = shape.leading.iter().filter(|b| !b.is_empty()).map(hex).collect();
                h.raw("<td>").el("code", &[], &first.join(" / ")).raw("</td>");
            }
            None => {
                h.raw("<td></td><td></td><td></td><td></td>");
            }
        }
        h.raw("</tr>\n");
    }
    table::close(h, rows.len().saturating_sub(MAX_UNKNOWN));
}
