//! Rebuilds the knowledge sets that come from a published registry. Each takes what its package holds and
//! writes the compact table; `SOURCE.md` of the set says where the package is found.

mod attack;
mod csv;
mod registries;

use std::fs;
use std::path::{Path, PathBuf};

const USAGE: &str = "usage: xtask knowledge oui <folder of oui-data>
       xtask knowledge bacnet-vendors <vendor.rs of bacnet-rs>
       xtask knowledge enterprise-numbers <enterprise-numbers file>
       xtask knowledge attack-ics <ics-attack STIX bundle>";

/// Runs `knowledge <set> <source>`. Errors are sentences for the person at the terminal.
pub fn run(arguments: &[String]) -> Result<(), String> {
    let [set, source] = arguments else { return Err(USAGE.into()) };
    let source = Path::new(source);
    match set.as_str() {
        "oui" => write("oui/oui.tsv", &registries::oui(source)?),
        "bacnet-vendors" => write("bacnet-vendors/vendors.tsv", &registries::bacnet(&read(source)?)),
        "enterprise-numbers" => write("enterprise-numbers/numbers.tsv", &registries::enterprise(&read(source)?)),
        "attack-ics" => write("attack-ics/techniques.tsv", &attack::techniques(&read(source)?)?),
        _ => Err(USAGE.into()),
    }
}

/// A file's text; bytes that are no UTF-8 are replaced, registries hold a few.
fn read(path: &Path) -> Result<String, String> {
    let bytes = fs::read(path).map_err(|e| format!("{}: {e}", path.display()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn write(name: &str, text: &str) -> Result<(), String> {
    if text.lines().count() < 2 {
        return Err(format!("{name}: nothing was found in the source; the old table is kept"));
    }
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "..", "..", "knowledge", name].iter().collect();
    fs::write(&path, text).map_err(|e| format!("{}: {e}", path.display()))?;
    println!("{name}: {} rows", text.lines().count() - 1);
    Ok(())
}

/// A name on one line: no tabs, no control characters, single blanks.
fn one_line(text: &str) -> String {
    let clean: String = text.chars().map(|c| if c.is_control() || c == '\u{a0}' { ' ' } else { c }).collect();
    clean.split_whitespace().collect::<Vec<_>>().join(" ")
}
