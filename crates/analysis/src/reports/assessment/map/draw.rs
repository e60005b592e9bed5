//! The map as SVG. Colours are the style sheet's; kinds of lines differ in dash and width too.

use super::layout::{BOX_HEIGHT, BOX_WIDTH, WIDTH, place};
use super::{BANDS, Edge, Flow, Map};
use crate::detections::Severity;
use crate::reports::assessment::text;
use crate::reports::html::Html;
use crate::reports::{number, plain};

/// Characters that fit in a box.
const LABEL: usize = 20;
const DETAIL: usize = 22;

/// Draws the map.
pub fn draw(map: &Map, h: &mut Html) {
    let layout = place(map);
    let view = format!("0 0 {WIDTH} {}", layout.height);
    h.raw("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Network map\">");
    let about = format!("Network map: {} boxes, {} lines, by Purdue level", map.nodes.len(), map.edges.len());
    h.open("svg", &[("class", "map"), ("viewBox", &view), ("role", "group"), ("aria-label", &about)]);
    for (band, top, height) in &layout.bands {
        let (y, high) = (top.to_string(), height.to_string());
        let wide = WIDTH.to_string();
        h.open("rect", &[("class", "band"), ("x", "0"), ("y", &y), ("width", &wide), ("height", &high), ("rx", "6")]);
        h.raw("</rect>");
        let name = match BANDS.get(*band).copied().unwrap_or_default() {
            "internet" => "outside",
            level => text::level(level),
        };
        for (i, line) in name.splitn(2, " · ").enumerate() {
            let y = (top + 24 + 15 * i as i32).to_string();
            h.el("text", &[("class", if i == 0 { "level" } else { "sub" }), ("x", "10"), ("y", &y)], line);
        }
    }
    for edge in map.edges.iter().rev() {
        line(map, edge, &layout.boxes, h);
    }
    for (i, (node, (x, y))) in map.nodes.iter().zip(&layout.boxes).enumerate() {
        let mark = match node.worst {
            Some(Severity::Critical) => "n critical",
            Some(Severity::Major) => "n major",
            _ => "n",
        };
        let (id, shift) = (i.to_string(), format!("translate({x} {y})"));
        let sheet = node.sheet.as_deref();
        match sheet {
            Some(sheet) => h.open("a", &[("class", mark), ("data-i", &id), ("transform", &shift), ("href", sheet)]),
            None => h.open("g", &[("class", mark), ("data-i", &id), ("transform", &shift), ("tabindex", "0")]),
        };
        let alerts = node.worst.map_or(String::new(), |s| format!("\nworst alert: {s}"));
        h.el("title", &[], &format!("{}\n{}{alerts}", plain(&node.label), plain(&node.detail)));
        let (wide, high) = (BOX_WIDTH.to_string(), BOX_HEIGHT.to_string());
        h.open("rect", &[("width", &wide), ("height", &high), ("rx", "4")]).raw("</rect>");
        h.el("text", &[("x", "8"), ("y", "16")], &cut(&node.label, LABEL));
        h.el("text", &[("class", "sub"), ("x", "8"), ("y", "30")], &cut(&node.detail, DETAIL));
        if matches!(node.worst, Some(Severity::Critical | Severity::Major)) {
            h.raw("<text class=\"mark\" x=\"128\" y=\"16\">!</text>");
        }
        h.close(if sheet.is_some() { "a" } else { "g" });
    }
    h.raw("</svg></div>\n");
}

fn line(map: &Map, edge: &Edge, boxes: &[(i32, i32)], h: &mut Html) {
    let (Some(a), Some(b)) = (boxes.get(edge.a), boxes.get(edge.b)) else { return };
    let (a, b) = if a.1 <= b.1 { (a, b) } else { (b, a) };
    let (xa, xb) = (a.0 + BOX_WIDTH / 2, b.0 + BOX_WIDTH / 2);
    let path = if a.1 == b.1 {
        // side by side: a bow above
        let (y, bow) = (a.1, a.1 - 14 - ((xa - xb).abs() / 40).min(12));
        format!("M{xa} {y}C{xa} {bow} {xb} {bow} {xb} {y}")
    } else {
        let (ya, yb) = (a.1 + BOX_HEIGHT, b.1);
        let half = (yb - ya) / 2;
        format!("M{xa} {ya}C{xa} {} {xb} {} {xb} {yb}", ya + half, yb - half)
    };
    let class = match edge.flow {
        Flow::Commands => "e commands",
        Flow::Reads => "e reads",
        Flow::Other => "e other",
    };
    let (ia, ib) = (edge.a.to_string(), edge.b.to_string());
    // one step of width per factor of thirty
    let width = format!("{}", 1.0 + f64::from(edge.weight.max(1).ilog2()) / 10.0);
    h.open("path", &[("class", class), ("d", &path), ("stroke-width", &width), ("data-a", &ia), ("data-b", &ib)]);
    let label = |i: usize| map.nodes.get(i).map_or("", |n| n.label.as_str());
    let says = format!(
        "{} – {}\n{}\n{} frames",
        label(edge.a),
        label(edge.b),
        edge.protocols.join(", "),
        number(edge.weight)
    );
    h.el("title", &[], &says).close("path");
}

/// Cut to about that many letters of average width; capitals are wider.
fn cut(text: &str, most: usize) -> String {
    let wide = |c: char| if c.is_uppercase() || matches!(c, 'm' | 'w' | '@' | '%') { 13 } else { 10 };
    let mut used = 0;
    let fits = |c: &char| {
        used += wide(*c);
        used <= most * 10
    };
    let kept: String = text.chars().take_while(fits).collect();
    if kept.len() == text.len() {
        return kept;
    }
    let n = kept.chars().count();
    kept.chars().take(n.saturating_sub(1)).chain(['…']).collect()
}
