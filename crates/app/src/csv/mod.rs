//! `bourdon analyze --csv`: the JSON document as tables (docs/csv.md). The values are taken out of the document, so
//! both say the same under the same names.
//!
//! RFC 4180: commas, quotes doubled, lines end with CR LF, one heading line. A text that a spreadsheet would take for a
//! formula gets an apostrophe in front.

mod tables;

use crate::output::Target;
use anyhow::{Context, Result};
use serde_json::Value;
use std::fmt::Write as _;
use std::path::Path;
use tables::{ATTRIBUTES, FIRST_LAST, TABLES, Table};

/// The folder, with every file open: what cannot be written is known before the reading.
pub struct Tables {
    folder: String,
    files: Vec<(&'static str, Target)>,
}

impl Tables {
    /// Makes the folder where it is missing and opens every table.
    pub fn create(folder: &Path) -> Result<Tables> {
        std::fs::create_dir_all(folder).with_context(|| format!("{}: cannot be made", folder.display()))?;
        let names = ["assets", "evidence"].into_iter().chain(TABLES.iter().map(|t| t.name));
        let open = |name| Ok((name, Target::create(&folder.join(format!("{name}.csv")))?));
        Ok(Tables { folder: folder.display().to_string(), files: names.map(open).collect::<Result<_>>()? })
    }

    /// How the folder is shown.
    pub fn shown(&self) -> String {
        self.folder.clone()
    }

    /// Writes every table.
    pub fn write(self, document: &Value) -> Result<()> {
        for (name, target) in self.files {
            let text = match name {
                "assets" => assets(document),
                "evidence" => evidence(document),
                _ => TABLES.iter().find(|t| t.name == name).map_or(String::new(), |t| table(t, document)),
            };
            target.write(text.as_bytes())?;
        }
        Ok(())
    }
}

fn table(table: &Table, document: &Value) -> String {
    let mut out = line(table.columns.iter().map(|(heading, _)| (*heading).to_string()));
    let Some((last, before)) = table.rows.split_last() else { return out };
    let mut around = vec![document];
    for name in before {
        around = around.into_iter().filter_map(|v| v.get(name)).flat_map(many).collect();
    }
    for outer in around {
        for row in outer.get(last).map(many).unwrap_or_default() {
            out.push_str(&line(table.columns.iter().map(|(_, path)| match path.strip_prefix('^') {
                Some(path) => shown(outer, path),
                None => shown(row, path),
            })));
        }
    }
    out
}

fn many(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(list) => list.iter().collect(),
        other => vec![other],
    }
}

/// Devices, one line each, with the values of their attributes.
fn assets(document: &Value) -> String {
    let places = [
        ("id", "id"),
        ("name", "name"),
        ("addresses", "addresses"),
        ("macs", "macs"),
        ("vlans", "vlans"),
        ("external", "external"),
        ("device_type", "device_type.value"),
        ("level", "level.value"),
    ];
    let after = [("parent", "parent"), ("protocols", "protocols"), ("remarks", "remarks")];
    let columns: Vec<(&str, String)> = places
        .iter()
        .map(|(heading, path)| (*heading, (*path).to_string()))
        .chain(ATTRIBUTES.iter().map(|a| (*a, format!("attributes.{a}.value"))))
        .chain(after.iter().chain(&FIRST_LAST).map(|(heading, path)| (*heading, (*path).to_string())))
        .collect();
    let mut out = line(columns.iter().map(|(heading, _)| (*heading).to_string()));
    for asset in document.get("assets").map(many).unwrap_or_default() {
        out.push_str(&line(columns.iter().map(|(_, path)| shown(asset, path))));
    }
    out
}

/// What each value of each device rests on.
fn evidence(document: &Value) -> String {
    let headings = ["asset", "asset_name", "attribute", "value", "strength", "protocol", "said", "count"];
    let mut out = line(headings.iter().chain(&FIRST_LAST.map(|c| c.0)).map(|h| (*h).to_string()));
    for asset in document.get("assets").map(many).unwrap_or_default() {
        let Some(Value::Object(attributes)) = asset.get("attributes") else { continue };
        for (name, attribute) in attributes {
            for because in attribute.get("because").map(many).unwrap_or_default() {
                let about = [shown(asset, "id"), shown(asset, "name"), name.clone()];
                let value = [shown(attribute, "value"), shown(attribute, "strength")];
                let said = ["protocol", "said", "count"].into_iter().chain(FIRST_LAST.map(|c| c.1));
                out.push_str(&line(about.into_iter().chain(value).chain(said.map(|p| shown(because, p)))));
            }
        }
    }
    out
}

/// The value at a path of names and numbers; `*` takes every entry of a list. Lists are joined with `; `.
fn shown(value: &Value, path: &str) -> String {
    let mut at = vec![value];
    for step in path.split('.') {
        at = match step {
            "*" => at.into_iter().flat_map(many).collect(),
            _ => at
                .into_iter()
                .filter_map(|v| match step.parse::<usize>() {
                    Ok(n) => v.get(n),
                    Err(_) => v.get(step),
                })
                .collect(),
        };
    }
    at.into_iter().map(plain).collect::<Vec<_>>().join("; ")
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(list) => list.iter().map(plain).collect::<Vec<_>>().join("; "),
        other => other.to_string(),
    }
}

fn line(cells: impl Iterator<Item = String>) -> String {
    let mut out = String::new();
    for (i, cell) in cells.enumerate() {
        if i > 0 {
            out.push(',');
        }
        let cell = harmless(&cell);
        if cell.contains([',', '"', '\r', '\n']) {
            let _ = write!(out, "\"{}\"", cell.replace('"', "\"\""));
        } else {
            out.push_str(&cell);
        }
    }
    out.push_str("\r\n");
    out
}

/// Spreadsheets run text that begins like a formula; plain numbers stay numbers.
fn harmless(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && cell.parse::<f64>().is_err();
    // line breaks of the project's own pages; from the wire they come replaced
    let cell = cell.replace('\n', " ");
    let text = analysis::reports::plain(&cell);
    if formula { format!("'{text}") } else { text.into_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn quoted_as_in_rfc_4180() {
        let cells = ["a", "b,c", "d\"e", ""].map(str::to_string);
        assert_eq!(line(cells.into_iter()), "a,\"b,c\",\"d\"\"e\",\r\n");
    }

    #[test]
    fn nothing_becomes_a_formula() {
        for nasty in ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1"] {
            assert!(harmless(nasty).starts_with('\''), "{nasty}");
        }
        assert_eq!(harmless("-5"), "-5");
        assert_eq!(harmless("10.0.0.9"), "10.0.0.9");
        assert_eq!(harmless("00:11:22"), "00:11:22");
    }

    #[test]
    fn every_table_and_column_is_documented() {
        let page = include_str!("../../../../docs/csv.md");
        for table in TABLES {
            let section = page.split("\n## ").find(|s| s.starts_with(&format!("{}.csv\n", table.name)));
            let section = section.unwrap_or_else(|| panic!("docs/csv.md: no section {}.csv", table.name));
            for (heading, _) in table.columns {
                assert!(section.contains(&format!("`{heading}`")), "docs/csv.md: {}.csv: {heading}", table.name);
            }
        }
        for heading in ATTRIBUTES {
            assert!(page.contains(&format!("`{heading}`")), "docs/csv.md: assets.csv: {heading}");
        }
    }

    #[test]
    fn rows_and_paths() {
        let document = json!({ "assets": [
            { "id": "1", "name": "plc", "modules": [{ "rack": 0, "slot": 2, "attributes": { "model": { "value": "CPU" } } }] },
            { "id": "2", "name": "hmi", "modules": [] },
        ]});
        let modules = TABLES.iter().find(|t| t.name == "modules").unwrap();
        let text = table(modules, &document);
        assert_eq!(text.lines().count(), 2);
        assert!(text.lines().nth(1).unwrap().starts_with("1,plc,0,2,,,CPU,"));
        assert_eq!(shown(&json!({ "a": [{ "b": 1 }, { "b": 2 }] }), "a.*.b"), "1; 2");
    }
}
