//! Tables that are complete without script and sortable with it.

use crate::reports::html::Html;
use crate::reports::number;

/// A column: its heading and what it is good for.
#[derive(Clone, Copy)]
pub enum Column {
    /// Text.
    Text(&'static str),
    /// Numbers: right-aligned, sorted by value.
    Number(&'static str),
    /// Few different words: the reader may pick one.
    Pick(&'static str),
}

/// Opens a table and its body.
pub fn open(h: &mut Html, caption: &str, columns: &[Column]) {
    h.raw("<div class=\"scroll\" tabindex=\"0\" role=\"region\"").attribute("aria-label", caption).raw(">");
    h.raw("<table class=\"live\">").el("caption", &[], caption).raw("<thead><tr>");
    for column in columns {
        match column {
            Column::Text(name) => h.el("th", &[("scope", "col")], name),
            Column::Number(name) => h.el("th", &[("scope", "col"), ("class", "num")], name),
            Column::Pick(name) => h.el("th", &[("scope", "col"), ("data-pick", "")], name),
        };
    }
    h.raw("</tr></thead><tbody>\n");
}

/// Closes the table; says how many rows it does not show.
pub fn close(h: &mut Html, left_out: usize) {
    h.raw("</tbody></table></div>\n");
    if left_out > 0 {
        h.p(&format!(
            "{} more rows stand in the JSON document and the CSV files (bourdon analyze --json, --csv).",
            number(left_out as u64)
        ));
    }
}

/// A cell of text.
pub fn cell(h: &mut Html, text: &str) {
    h.el("td", &[], text);
}

/// A cell with a number; shown with thousands set apart, sorted by value.
pub fn count(h: &mut Html, n: u64) {
    let value = n.to_string();
    h.open("td", &[("class", "num"), ("data-v", &value)]).text(&number(n)).close("td");
}
