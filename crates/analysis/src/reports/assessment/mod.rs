//! The assessment: one HTML file to hand over. See the folder's `README.md`.

mod devices;
mod findings;
mod front;
mod map;
mod table;
mod talk;
#[cfg(test)]
mod tests;
mod text;
mod who;

use super::Matter;
use super::csp;
use super::html::Html;
use who::Who;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("table.js");

/// Sections in order: anchor and heading.
const SECTIONS: &[(&str, &str)] = &[
    ("scope", "Scope"),
    ("trust", "How far to trust it"),
    ("findings", "Findings"),
    ("map", "Network map"),
    ("devices", "Devices"),
    ("conversations", "Conversations"),
    ("transfers", "Program transfers"),
    ("protocols", "Protocols"),
    ("unknown", "Not understood"),
    ("alerts", "All alerts"),
    ("sheets", "Device sheets"),
    ("method", "Method and limits"),
];

/// The whole document.
pub fn render(matter: &Matter<'_>) -> String {
    let who = Who::new(matter);
    let conversations = matter.judge.conversations.snapshot();
    let mut h = Html::new();
    h.raw("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    h.open("meta", &[("http-equiv", "Content-Security-Policy"), ("content", &csp::policy(STYLE, SCRIPT))]);
    h.raw("\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    h.raw("<meta name=\"referrer\" content=\"no-referrer\">\n<meta name=\"color-scheme\" content=\"light dark\">\n");
    h.open("meta", &[("name", "generator"), ("content", matter.program)]);
    let place = if matter.site.trim().is_empty() { "Network assessment" } else { matter.site };
    h.raw("\n").el("title", &[], &format!("{place} – Bourdon assessment"));
    h.raw("\n<style>").raw(STYLE).raw("</style>\n</head>\n<body>\n");
    h.raw("<a class=\"skip\" href=\"#findings\">To the findings</a>\n");
    front::header(matter, place, &mut h);
    h.raw("<nav aria-label=\"Sections\"><ol>");
    for (anchor, heading) in SECTIONS {
        h.raw("<li>").el("a", &[("href", &format!("#{anchor}"))], heading).raw("</li>");
    }
    h.raw("</ol></nav>\n<main>\n");
    for (anchor, heading) in SECTIONS {
        h.open("section", &[("id", anchor), ("aria-labelledby", &format!("h-{anchor}"))]);
        h.el("h2", &[("id", &format!("h-{anchor}"))], heading).raw("\n");
        match *anchor {
            "scope" => front::scope(matter, &mut h),
            "trust" => front::trust(matter, &mut h),
            "findings" => findings::findings(matter, &who, &mut h),
            "map" => network(matter, &who, &conversations, &mut h),
            "devices" => devices::inventory(matter, &mut h),
            "conversations" => talk::conversations(&conversations, &who, &mut h),
            "transfers" => talk::transfers(matter, &who, &mut h),
            "protocols" => talk::protocols(matter, &mut h),
            "unknown" => talk::unknown(matter, &who, &mut h),
            "alerts" => findings::alerts(matter, &mut h),
            "sheets" => devices::sheets(matter, &mut h),
            _ => {
                h.page(text::METHOD);
            }
        }
        h.raw("</section>\n");
    }
    h.raw("</main>\n<footer>").el("p", &[], &format!("Made offline by {}.", matter.program)).raw("</footer>\n");
    h.raw("<script>").raw(SCRIPT).raw("</script>\n</body>\n</html>\n");
    h.done()
}

fn network(matter: &Matter<'_>, who: &Who<'_>, conversations: &[crate::conversations::Conversation], h: &mut Html) {
    let map = map::gather(matter, who, conversations);
    h.p(text::MAP);
    if map.nodes.is_empty() {
        h.p("No device was seen.");
        return;
    }
    if !map.folded.is_empty() {
        h.p(&format!(
            "{} devices are too many to draw one by one: they are folded {}.",
            super::number(matter.assets.len() as u64),
            map.folded
        ));
    }
    h.raw("<ul class=\"legend\"><li class=\"commands\">control protocols: writes, commands, programs</li><li class=\"reads\">control protocols: reads</li>");
    h.raw("<li class=\"other\">other traffic</li><li class=\"mark\">major or critical alert</li></ul>\n");
    map::draw(&map, h);
    if map.edges_left_out > 0 {
        h.p(&format!(
            "{} lighter lines are not drawn; all conversations stand in the JSON document and in conversations.csv.",
            super::number(map.edges_left_out as u64)
        ));
    }
}
