//! The terminal summary: how good the capture is, what looks wrong, who is there, what was spoken.

use crate::analyze::Answers;
use crate::feed::Source;
use analysis::Judge;
use analysis::alerts::{MAX_RANKED, rank, sentence};
use analysis::detections::Kind;
use analysis::inventory::{Asset, Attribute};
use analysis::reports::plain;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Columns a line has where its words allow; what fits a terminal and a printed page.
const WIDTH: usize = 100;
/// Columns in front of what a finding says.
const FINDING: usize = 12;
/// Devices listed one by one; the rest stands in the JSON document.
const MAX_DEVICES: usize = 40;

/// The whole summary.
pub fn text(answers: &Answers<'_>) -> String {
    let Answers { judge, assets, sources, .. } = *answers;
    let mut out = String::new();
    if let Some(site) = answers.site {
        let _ = writeln!(out, "SITE      {} file(s), {} packets so far", site.files, site.frames);
        for name in &site.known {
            let _ = writeln!(out, "          {} was read before and adds nothing", plain(name));
        }
        out.push('\n');
    }
    quality(judge, sources, &mut out);
    findings(judge, &mut out);
    devices(assets, &mut out);
    protocols(judge, &mut out);
    // names from the wire must not move the terminal's cursor
    let mut out: String = out.split_inclusive('\n').map(|line| shown_line(&line.replace(KEEP, " "))).collect();
    out.push_str("\nEverything: bourdon analyze … --json or --csv FOLDER   To hand over: --report FILE.html\nEvery transaction: bourdon facts …   Packets behind an alert: bourdon cut … --alert ID -o FILE.pcapng\n");
    out
}

/// Headings bold and grave severities in colour, on a terminal whose user has not set `NO_COLOR`.
pub fn painted(text: String, terminal: bool) -> String {
    let set = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty());
    if !terminal || set("NO_COLOR").is_some() || set("TERM").is_some_and(|t| t == "dumb") {
        return text;
    }
    let paint = |line: &str| {
        let heading = line.find(' ').filter(|n| *n > 0 && line.starts_with(|c: char| c.is_ascii_uppercase()));
        let marked = [("  critical", "1;31"), ("  major", "33"), ("        !", "1;33")];
        match (heading, marked.iter().find(|(start, _)| line.starts_with(start))) {
            (Some(n), _) if line.as_bytes()[..n].iter().all(u8::is_ascii_uppercase) => {
                format!("\x1b[1m{}\x1b[0m{}", &line[..n], &line[n..])
            }
            (_, Some((start, colour))) => format!("\x1b[{colour}m{start}\x1b[0m{}", &line[start.len()..]),
            _ => line.to_string(),
        }
    };
    text.split_inclusive('\n').map(paint).collect()
}

fn shown_line(line: &str) -> String {
    match line.strip_suffix('\n') {
        Some(text) => format!("{}\n", plain(text)),
        None => plain(line).into_owned(),
    }
}

fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 * 100.0 / whole as f64 }
}

fn quality(judge: &Judge, sources: &[Source], out: &mut String) {
    let q = judge.quality.snapshot();
    let frames: u64 = sources.iter().map(|s| s.frames).sum();
    let _ = writeln!(out, "CAPTURE   {} file(s), {frames} packets", sources.len());
    for same in sources.iter().filter_map(|s| s.same_as.as_ref().map(|o| (&s.name, o))) {
        let _ = writeln!(out, "          {} holds the same bytes as {} and was read once", same.0, same.1);
    }
    if let Some((first, last)) = judge.tally.span {
        let seconds = last.time.since(first.time) / 1_000_000_000;
        let _ = writeln!(out, "          {} to {} ({seconds} s)", first.time, last.time);
    }
    let _ = writeln!(
        out,
        "          not understood {:.1} % of packets, lost {:.2} % of TCP bytes, one-sided {} of {} TCP pairs",
        share(q.not_understood_frames, q.frames),
        share(q.lost_bytes, q.tcp_bytes + q.lost_bytes),
        q.one_sided_pairs,
        q.tcp_pairs,
    );
    for finding in judge.quality.findings().iter().filter(|f| f.serious).take(5) {
        let _ = writeln!(out, "        ! {}", finding.symptom());
    }
}

/// `1 alert`, `2 alerts`.
fn counted(n: u64, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}

/// Breaks a text at blanks so that no line is longer than [`WIDTH`] where a blank allows; later lines are indented.
fn wrapped(first: &str, text: &str, indent: usize, out: &mut String) {
    let mut line = first.to_string();
    for word in text.split(' ') {
        let blank = usize::from(!line.ends_with(' '));
        if line.chars().count() + blank + word.chars().count() > WIDTH && line.trim().len() > first.trim().len() {
            out.push_str(line.trim_end());
            out.push('\n');
            line = " ".repeat(indent);
        }
        if !line.ends_with(' ') {
            line.push(' ');
        }
        line.push_str(word);
    }
    out.push_str(line.trim_end());
    out.push('\n');
}

/// A blank at which no line is broken; shown as a blank.
const KEEP: char = '\u{a0}';

fn findings(judge: &Judge, out: &mut String) {
    let list = judge.alerts.list();
    let (ranked, kinds) = rank(list.iter().copied(), MAX_RANKED);
    let _ = writeln!(
        out,
        "\nFINDINGS  {} of {}, worst first",
        counted(list.len() as u64, "alert"),
        counted(kinds as u64, "kind")
    );
    for line in &ranked {
        let page = &line.detection.page;
        // an observation may be somebody's ordinary work: only the plant knows
        let kind = if page.kind == Kind::Observation { "observed, " } else { "" };
        let count = match line.alerts {
            1 => format!("{kind}{}", counted(line.count, "event")),
            n => format!("{kind}{}, {}", counted(n, "alert"), counted(line.count, "event")),
        };
        let devices = counted(line.devices.len() as u64, "device");
        let first = format!("  {:8}  ", line.severity.to_string());
        wrapped(&first, &format!("{} — {count}, {devices}", page.title), FINDING, out);
        let frame = line.example.because.first().map_or(line.example.first.frame, |s| s.frame);
        let says = sentence(line.example, &judge.world);
        wrapped(&" ".repeat(FINDING), &format!("{says} [frame{KEEP}{frame}]"), FINDING, out);
    }
    if ranked.is_empty() {
        out.push_str("  none of the always-on detections fired\n");
    }
    if kinds > ranked.len() {
        let more = counted((kinds - ranked.len()) as u64, "kind");
        let _ = writeln!(out, "  … and {more} more, less grave (--json and --report tell all)");
    }
}

fn devices(assets: &[Asset], out: &mut String) {
    let shown = |a: Option<&Attribute>| a.map_or(String::new(), |a| a.value.clone());
    let mut types: BTreeMap<String, usize> = BTreeMap::new();
    for asset in assets.iter().filter(|a| !a.external) {
        let kind = asset.device_type.as_ref().map_or("unknown", |j| j.value.as_str());
        *types.entry(kind.to_string()).or_default() += 1;
    }
    let counts: Vec<String> = types.iter().map(|(kind, n)| format!("{n}{KEEP}{kind}")).collect();
    out.push('\n');
    wrapped("DEVICES   ", &format!("{} ({})", assets.len(), counts.join(", ")), "DEVICES   ".len(), out);
    let mut order: Vec<&Asset> = assets.iter().collect();
    order.sort_by_key(|a| {
        let known = [&a.model, &a.firmware, &a.order_number, &a.serial].iter().filter(|x| x.is_some()).count();
        (core::cmp::Reverse(known), a.name.clone(), a.id)
    });
    for asset in order.iter().take(MAX_DEVICES) {
        let kind = asset.device_type.as_ref().map_or("unknown", |j| j.value.as_str());
        let level = asset.level.as_ref().map_or("?", |j| j.value.as_str());
        let (vendor, model, firmware) = (asset.vendor.as_ref(), asset.model.as_ref(), asset.firmware.as_ref());
        let words = [shown(vendor), shown(model), shown(asset.order_number_beside_model()), shown(firmware)];
        let words: Vec<String> = words.into_iter().filter(|w| !w.is_empty()).collect();
        let modules = match asset.modules.len() {
            0 => String::new(),
            n => format!(", {n} module(s)"),
        };
        let address = address(asset);
        let _ = writeln!(out, "  {:22} {address:15} L{level:2} {kind:20} {}{modules}", asset.name, words.join(" · "));
    }
    if assets.len() > MAX_DEVICES {
        let _ = writeln!(out, "  … and {} more (--json lists all)", assets.len() - MAX_DEVICES);
    }
}

/// Where a device is found, unless its name says it: two devices may have one name.
fn address(asset: &Asset) -> String {
    let known = asset.addresses.iter().chain(&asset.macs).map(|u| u.address.to_string()).next();
    known.filter(|address| !asset.name.starts_with(address.as_str())).unwrap_or_default()
}

fn protocols(judge: &Judge, out: &mut String) {
    let mut rows: Vec<(&str, u64)> = judge.tally.transactions.iter().map(|(p, n)| (*p, *n)).collect();
    rows.sort_by_key(|(name, n)| (core::cmp::Reverse(*n), *name));
    let words: Vec<String> = rows.iter().map(|(name, n)| format!("{name}{KEEP}{n}")).collect();
    let text = if words.is_empty() { "none recognised".into() } else { words.join(", ") };
    out.push('\n');
    wrapped("PROTOCOLS ", &text, "PROTOCOLS ".len(), out);
}
