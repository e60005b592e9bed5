//! Number registries: IEEE hardware addresses, ASHRAE vendor ids, IANA enterprise numbers.

use super::{csv, one_line, read};
use std::collections::BTreeMap;
use std::path::Path;

/// Names that stand for "nobody we may name": an unnamed owner, or the registrar whose block is divided further.
const NO_OWNER: &[&str] = &["Private", "IEEE Registration Authority", ""];

/// `vendor<TAB>prefix prefix …` from the registry's CSV files. A prefix with two owners is left out.
pub fn oui(folder: &Path) -> Result<String, String> {
    let mut owners: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in ["oui.csv", "oui28.csv", "oui36.csv", "iab.csv"] {
        for row in csv::records(&read(&folder.join("data").join(file))?).into_iter().skip(1) {
            let [_, prefix, owner, ..] = row.as_slice() else { continue };
            let prefix = prefix.trim().to_ascii_lowercase();
            let plausible = matches!(prefix.len(), 6 | 7 | 9) && prefix.bytes().all(|b| b.is_ascii_hexdigit());
            if plausible {
                let names = owners.entry(prefix).or_default();
                let owner = one_line(owner);
                if !names.contains(&owner) {
                    names.push(owner);
                }
            }
        }
    }
    let mut vendors: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (prefix, names) in owners {
        if let [owner] = names.as_slice()
            && !NO_OWNER.contains(&owner.as_str())
        {
            vendors.entry(owner.clone()).or_default().push(prefix);
        }
    }
    let mut out = String::from("# vendor\tprefixes\n");
    for (vendor, prefixes) in vendors {
        out.push_str(&format!("{vendor}\t{}\n", prefixes.join(" ")));
    }
    Ok(out)
}

/// `number<TAB>name` from the array of pairs in the crate's source.
pub fn bacnet(source: &str) -> String {
    let rows = source.lines().filter_map(|line| {
        let pair = line.trim().strip_prefix('(')?.strip_suffix("),")?;
        let (number, name) = pair.split_once(',')?;
        let name = name.trim().strip_prefix('"')?.strip_suffix('"')?.replace("\\\"", "\"");
        Some((number.trim().parse().ok()?, one_line(&name)))
    });
    numbers(rows)
}

/// `number<TAB>name` from the registry's own text: a number at the line start, the organisation indented on the
/// next line; contact and mail lines after it are not taken.
pub fn enterprise(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let rows = lines.windows(2).filter_map(|pair| {
        let [number, name] = pair else { return None };
        let number: u32 = number.trim_end().parse().ok()?;
        let name = name.strip_prefix("  ")?;
        if name.starts_with(' ') {
            return None;
        }
        Some((number, one_line(name)))
    });
    numbers(rows)
}

fn numbers(rows: impl Iterator<Item = (u32, String)>) -> String {
    let mut table = BTreeMap::new();
    for (number, name) in rows {
        let plain = name.trim_matches(['-', ' ', '_', '.', '?']).to_ascii_lowercase();
        let nobody = ["", "none", "reserved", "unassigned", "unknown", "returned", "withdrawn", "deleted", "removed"]
            .contains(&plain.as_str());
        if !nobody && !plain.starts_with("unassigned") && !plain.starts_with("reserved") {
            table.entry(number).or_insert(name);
        }
    }
    let mut out = String::from("# number\tname\n");
    for (number, name) in table {
        out.push_str(&format!("{number}\t{name}\n"));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{bacnet, enterprise};

    #[test]
    fn pairs_of_the_source() {
        assert_eq!(
            bacnet("  (2, \"The Trane Company\"),\n (3, \"Reserved for ASHRAE\"),"),
            "# number\tname\n2\tThe Trane Company\n"
        );
    }

    #[test]
    fn organisation_only() {
        let text = "4329\n  Siemens AG\n    A Person\n      mail&example.org\n4330\n  ---none---\n    ---none---\n";
        assert_eq!(enterprise(text), "# number\tname\n4329\tSiemens AG\n");
    }
}
